package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/app"
	"github.com/rosterhq/roster/internal/demo"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func readDemo(t *testing.T, folder string) (demo.Facts, []byte) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	var facts demo.Facts
	if err := json.Unmarshal(text, &facts); err != nil {
		t.Fatal(err)
	}
	return facts, text
}

// demoFolder is the folder that place gives to --data.
func demoFolder(where []string) string { return where[len(where)-1] }

func TestSecondStartOfTheDemoWritesTheSameFile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		where := append([]string{"--demo"}, place(t, database)...)
		first := serve(t, where...)
		_, before := readDemo(t, demoFolder(where))
		_, port, _ := strings.Cut(strings.TrimPrefix(first.address, "http://"), ":")
		first.stop()
		second := serve(t, append(where, "--listen", "127.0.0.1:"+port)...)
		facts, after := readDemo(t, demoFolder(where))
		if !bytes.Equal(before, after) {
			t.Errorf("the second start wrote\n%s\nand the first\n%s", after, before)
		}
		var head struct{ Revision int64 }
		for _, name := range []string{"directory-admin", "directory-reader", "other-directory-admin"} {
			if status := second.get(t, facts.Tokens[name], "/directory/api/v1/groups", &head); status != 200 {
				t.Errorf("the token %s answers %d", name, status)
			}
		}
		info, err := os.Stat(filepath.Join(demoFolder(where), "demo.json"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("demo.json has mode %v, %v", info.Mode(), err)
		}
	})
}

func TestDemoPrintsCommandsThatWork(t *testing.T) {
	data := t.TempDir()
	s := serve(t, "--demo", "--data", data)
	s.stop() // its output is whole then
	_, port, _ := strings.Cut(strings.TrimPrefix(s.address, "http://"), ":")
	again := serve(t, "--demo", "--data", data, "--listen", "127.0.0.1:"+port)
	commands := 0
	for i, line := range s.out {
		if !strings.HasPrefix(line, "curl ") {
			continue
		}
		commands++
		script := line
		for j := i + 1; strings.HasSuffix(script, `\`); j++ {
			script += "\n" + s.out[j]
		}
		out, err := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(script, "curl -s", "curl -sf", 1)).Output()
		if err != nil || !json.Valid(out) {
			t.Errorf("%s\n%v\n%s", script, err, out)
		}
	}
	walk := s.out[slices.IndexFunc(s.out, func(line string) bool { return strings.HasPrefix(line, "# A courier's business rental") }):]
	for range 2 {
		out, err := exec.CommandContext(t.Context(), "bash", "-euc", strings.Join(walk, "\n")).CombinedOutput()
		for _, want := range []string{`"code":"STEELS24"`, `"fulfilled":true`, `"state":"ENDED"`, `"total":{`} {
			if err != nil || !strings.Contains(string(out), want) {
				t.Fatalf("the walk does not show %s: %v\n%s", want, err, out)
			}
		}
	}
	facts, _ := readDemo(t, data)
	if commands == 0 || commands != len(facts.APIs) {
		t.Errorf("%d commands for %d APIs", commands, len(facts.APIs))
	}
	again.stop()
}

func TestLandingPageTellsIDsAndNoTokens(t *testing.T) {
	data := t.TempDir()
	s := serve(t, "--demo", "--data", data)
	facts, _ := readDemo(t, data)
	for _, path := range []string{"/", "/roster.css", "/icon.svg", "/healthz", "/readyz"} {
		q, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.address+path, nil)
		answer, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != 200 || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %s, %v", path, answer.Status, answer.Header)
		}
		if path != "/" {
			continue
		}
		if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'self'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("the page's policy is %q", policy)
		}
		if !strings.Contains(body.String(), fmt.Sprint(facts.IDs["directory_group"])) {
			t.Error("the page lacks the demo's ids")
		}
		if strings.Contains(body.String(), "rst_") {
			t.Error("the page tells a token")
		}
		for name, base := range facts.APIs {
			if !strings.Contains(body.String(), `href="`+strings.TrimPrefix(base, s.address)+`/docs"`) {
				t.Errorf("the page does not link to the API %s", name)
			}
		}
	}
}

func TestServeRefuses(t *testing.T) {
	own := t.TempDir()
	command(t, app.Done, "tenant", "create", "acme", "--data", own)
	for _, test := range []struct {
		name   string
		status int
		says   string
		args   []string
	}{
		{"a demo that others reach", app.Usage, "--demo-public", []string{"--demo", "--listen", "0.0.0.0:0"}},
		{"a demo beside a tenant", app.Failed, "has a tenant of its own", []string{"--demo", "--data", own}},
		{"a certificate without a key", app.Usage, "belong together", []string{"--tls-cert", "x"}},
		{"an administration that others reach", app.Usage, "loopback", []string{"--admin-listen", "0.0.0.0:0"}},
		{"two places", app.Usage, "outside of --data", []string{"--database", "/a/b.db", "--data", "/c"}},
		{"an unknown flag", app.Usage, "unknown flag", []string{"--lisen", ":1"}},
		{"an address that is none", app.Failed, "listen", []string{"--data", t.TempDir(), "--listen", "nowhere"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, stderr := command(t, test.status, append([]string{"serve"}, test.args...)...)
			if !strings.Contains(stderr, test.says) {
				t.Errorf("it says %q", stderr)
			}
		})
	}
}

func TestOneServerHoldsADataFolder(t *testing.T) {
	data := t.TempDir()
	serve(t, "--data", data)
	_, stderr := command(t, app.Failed, "serve", "--data", data, "--listen", "127.0.0.1:0")
	if !strings.Contains(stderr, "another roster works on this data folder") {
		t.Errorf("the second server says %q", stderr)
	}
	command(t, app.Done, "tenant", "create", "acme", "--data", data) // by the socket
	backup := filepath.Join(t.TempDir(), "copy.db")
	command(t, app.Done, "backup", backup, "--data", data)
	_, stderr = command(t, app.Failed, "restore", backup, "--replace", "--data", data)
	if !strings.Contains(stderr, "stop it first") {
		t.Errorf("restore says %q", stderr)
	}
}

func TestSocketOfALongPathLiesElsewhere(t *testing.T) {
	data := filepath.Join(t.TempDir(), strings.Repeat("long", 20), strings.Repeat("path", 20))
	s := serve(t, "--data", data)
	named, err := os.ReadFile(filepath.Join(data, "admin.path"))
	if err != nil {
		t.Fatal(err)
	}
	socket := strings.TrimSpace(string(named))
	for path, mode := range map[string]os.FileMode{socket: 0o600, filepath.Dir(socket): 0o700, data: 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode().Perm(), err, mode)
		}
	}
	command(t, app.Done, "tenant", "create", "acme", "--data", data)
	s.stop()
	if _, err := os.Stat(filepath.Dir(socket)); !os.IsNotExist(err) {
		t.Errorf("%s is there after the end: %v", socket, err)
	}
}

func TestAdministrationAddress(t *testing.T) {
	// The port is free a moment before, and this test's alone to take.
	side := strings.TrimPrefix(freeAddress(t), "http://")
	s := serve(t, "--data", t.TempDir(), "--admin-listen", side)
	s.get(t, "", "/directory/api/v1/groups", nil)
	admin := running{address: "http://" + side}
	var ready map[string]string
	if status := admin.get(t, "", "/readyz", &ready); status != 200 || ready["status"] != "ready" {
		t.Errorf("readyz: %d %v", status, ready)
	}
	q, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, admin.address+"/metrics", nil)
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var body bytes.Buffer
	_, _ = body.ReadFrom(answer.Body)
	if want := `roster_http_requests_total{api="directory",operation="list-groups",status="401"} 1`; !strings.Contains(body.String(), want) {
		t.Errorf("the metrics lack %s", want)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if status := s.get(t, "", path, nil); status != 404 {
			t.Errorf("%s answers %d to everybody", path, status)
		}
	}
}
