package wiretest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the conversations in testdata anew")

// script is a conversation on its way into a file, or against it.
type script struct {
	mu    sync.Mutex
	text  bytes.Buffer
	names []hidden
	seen  map[string]string
	count map[string]int
}

// hidden is a value that differs from run to run, and the name that stands for it.
type hidden struct {
	pattern *regexp.Regexp
	name    string
}

// usual are the values that every API hides.
var usual = []hidden{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`), "uuid"},
	{regexp.MustCompile(`\brst_[a-z0-9-]+_[A-Za-z0-9_-]{43}`), "token"},
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`), "jwt"},
	{regexp.MustCompile(`\bgrp-[0-9]+\b`), "grp"},
	{regexp.MustCompile(`\bacc-[0-9]+\b`), "acc"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`), "time"},
}

var (
	revision = regexp.MustCompile(`"revision": \d+`)
	trace    = regexp.MustCompile(`"traceId": "[^"]+"`)
)

// Golden returns a client whose conversation is compared, when the test ends, with
// testdata/<name>.txt; the flag -update writes that file. Ids, tokens and times
// appear as <uuid 1>, <uuid 2>, … by their first appearance, so the same
// conversation may run on several databases.
func (c *Client) Golden(name string) *Client {
	c.t.Helper()
	other := *c
	other.script = &script{names: usual, seen: map[string]string{}, count: map[string]int{}}
	t := c.t
	c.t.Cleanup(func() {
		if !t.Failed() {
			other.script.compare(t, filepath.Join("testdata", name+".txt"))
		}
	})
	return &other
}

// Note puts a sentence into the conversation.
func (c *Client) Note(text string) {
	c.script.mu.Lock()
	defer c.script.mu.Unlock()
	fmt.Fprintf(&c.script.text, "# %s\n\n", text)
}

// Hide has a value of the conversation stand as <name 1>, <name 2>, … from now on: what
// the pattern finds, or what its group does where it has one.
func (c *Client) Hide(pattern, name string) {
	c.script.mu.Lock()
	defer c.script.mu.Unlock()
	c.script.names = append(slices.Clip(c.script.names), hidden{regexp.MustCompile(pattern), name})
}

// shownHeaders are the headers of answers that are part of the contract.
var shownHeaders = []string{
	"Location", "Etag", "Allow", "Retry-After", "Www-Authenticate",
	"X-Pagination-TotalPages", "X-Pagination-TotalElements", "X-Pagination-Number", "X-Pagination-NumberOfElements",
	"X-Pagination-Size", "X-Pagination-First", "X-Pagination-Last",
}

func (s *script) record(method, path string, header http.Header, body string, r *Response) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", method, path)
	for _, name := range []string{"If-Match", "Idempotency-Key", "Roster-Plan", "Roster-Tenant", "GoUrban-Impersonate", "Content-Type"} {
		if v := header.Get(name); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	if body != "" {
		b.WriteString(short(body) + "\n")
	}
	fmt.Fprintf(&b, "--> %d\n", r.Status)
	for _, name := range shownHeaders {
		if v := r.Header.Get(name); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	b.WriteString(pretty(r.Body) + "\n")
	s.text.WriteString(s.hide(b.String()))
}

var (
	version = regexp.MustCompile(`(?m)^(Etag|If-Match): "\d+"`)
	seconds = regexp.MustCompile(`(?m)^Retry-After: \d+`)
)

// hide puts names in the place of what differs from run to run.
func (s *script) hide(text string) string {
	text = version.ReplaceAllString(text, `$1: "<version>"`)
	text = seconds.ReplaceAllString(text, `Retry-After: <seconds>`)
	text = revision.ReplaceAllString(text, `"revision": "<revision>"`)
	text = trace.ReplaceAllString(text, `"traceId": "<trace>"`)
	for _, h := range s.names {
		text = h.pattern.ReplaceAllStringFunc(text, func(found string) string {
			if h.name == "time" {
				return "<time>"
			}
			at := h.pattern.FindStringSubmatchIndex(found)
			from, to := at[len(at)-2], at[len(at)-1]
			value := found[from:to]
			if s.seen[value] == "" {
				s.count[h.name]++
				s.seen[value] = fmt.Sprintf("<%s %d>", h.name, s.count[h.name])
			}
			return found[:from] + s.seen[value] + found[to:]
		})
	}
	return text
}

// short cuts a body that is there for its length alone.
func short(body string) string {
	const most = 1000
	if runes := []rune(body); len(runes) > most {
		return fmt.Sprintf("%s… (%d characters)", string(runes[:80]), len(runes))
	}
	return body
}

func pretty(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, body, "", "  ") != nil {
		return string(body)
	}
	return b.String() + "\n"
}

func (s *script) compare(t testing.TB, file string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, s.text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(s.text.String(), "\n")); diff != "" {
		t.Errorf("%s (-want +got; go test -update writes it anew):\n%s", file, diff)
	}
}
