package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rosterhq/roster/internal/app"
	"github.com/rosterhq/roster/internal/pgtest"
)

// TestMain lets the scripts run this very program as roster.
func TestMain(m *testing.M) {
	testscript.Main(mainOfTests{m}, map[string]func(){"roster": func() {
		os.Exit(app.Run(context.Background(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
	}})
}

type mainOfTests struct{ m *testing.M }

func (t mainOfTests) Run() int { return pgtest.Main(t.m) }

// place says by flags where a test's data is.
func place(t *testing.T, database string) []string {
	t.Helper()
	if strings.HasPrefix(database, "postgres") {
		return []string{"--database", database, "--data", t.TempDir()}
	}
	return []string{"--data", filepath.Dir(database)}
}

// command runs one command and returns what it printed.
func command(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errors bytes.Buffer
	if got := app.Run(t.Context(), args, nil, &out, &errors); got != want {
		t.Fatalf("roster %s: exit status %d, want %d\n%s%s", strings.Join(args, " "), got, want, &out, &errors)
	}
	return out.String(), errors.String()
}

// running is a server in this process.
type running struct {
	address string
	out     []string // the lines that it printed until it was ready
	stop    func()
}

var serves = regexp.MustCompile(`^Roster \S+ serves (http\S+)$`)

// serve starts a server on a port of the system's choice, and stops it with the test.
func serve(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	from, to := io.Pipe()
	var log bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		status := app.Run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), nil, to, &log)
		_ = to.Close()
		ended <- status
	}()
	r := &running{}
	lines := bufio.NewScanner(from)
	if !lines.Scan() {
		t.Fatalf("the server ends with status %d: %s", <-ended, &log)
	}
	match := serves.FindStringSubmatch(lines.Text())
	if match == nil {
		t.Fatalf("the server prints %q", lines.Text())
	}
	r.address = match[1]
	rest := make(chan []string, 1)
	go func() {
		var all []string
		for lines.Scan() {
			all = append(all, lines.Text())
		}
		rest <- all
	}()
	stopped := false
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if status := <-ended; status != app.Done {
			t.Errorf("the server ends with status %d: %s", status, &log)
		}
		r.out = <-rest
	}
	t.Cleanup(r.stop)
	return r
}

// get asks for a path and reads the JSON answer into out; nil reads nothing.
func (r *running) get(t *testing.T, token, path string, out any) int {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		q.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if out != nil {
		if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
			t.Fatalf("GET %s: %v", path, err)
		}
	}
	return answer.StatusCode
}

// freeAddress finds a port that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "http://" + l.Addr().String()
}
