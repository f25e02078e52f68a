package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/pgtest"
)

// program is the built roster, made without the race detector.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "roster-e2e-")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "roster")
	build := exec.Command("go", "build", "-o", program, "github.com/rosterhq/roster/cmd/roster")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		os.Exit(1)
	}
	code := pgtest.Main(m)
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// place is where a server keeps its data: a folder, and perhaps a PostgreSQL.
type place struct {
	data     string
	database string    // "" is SQLite in the folder
	log      io.Writer // gets all that servers log; nil for none
}

func (p place) flags() []string {
	flags := []string{"--data", p.data}
	if p.database != "" {
		flags = append(flags, "--database", p.database)
	}
	return flags
}

// roster runs a command to its end and returns what it printed.
func (p place) roster(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, append(args, p.flags()...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("roster %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return strings.TrimSpace(out.String())
}

// server is a running roster.
type server struct {
	cmd  *exec.Cmd
	base string
	log  *tail
	once sync.Once
}

// tail keeps the end of a log for the failure that needs it.
type tail struct {
	mu  sync.Mutex
	end []byte
}

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = append(l.end, p...)
	if over := len(l.end) - 8192; over > 0 {
		l.end = l.end[over:]
	}
	return len(p), nil
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.end)
}

// serve starts a server and returns when it says that it serves.
func (p place) serve(t testing.TB, more ...string) *server {
	t.Helper()
	args := append([]string{"serve", "--listen", "127.0.0.1:0", "--log-level", "WARN", "--token-rate=-1"}, p.flags()...)
	s := &server{cmd: exec.Command(program, append(args, more...)...), log: &tail{}}
	s.cmd.Stderr = s.log
	if p.log != nil {
		s.cmd.Stderr = io.MultiWriter(s.log, p.log)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, base, ok := strings.Cut(lines.Text(), " serves "); ok {
			s.base = strings.TrimSpace(base)
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return s
		}
	}
	t.Fatalf("the server ended before it served:\n%s", s.log)
	return nil
}

// kill ends the server as a power cut would.
func (s *server) kill() {
	s.once.Do(func() {
		_ = s.cmd.Process.Signal(syscall.SIGKILL)
		_ = s.cmd.Wait()
	})
}

var client = &http.Client{
	Timeout:   30 * time.Second,
	Transport: &http.Transport{MaxIdleConnsPerHost: 64},
}

// call makes a request of the directory; an error is a connection that broke.
func (s *server) call(token, method, path, body string) (status int, answer map[string]any, err error) {
	status, text, err := s.send(token, method, "/directory/api/v1"+path, body, "")
	_ = json.Unmarshal(text, &answer)
	return status, answer, err
}

// send makes a request of any API, under an Idempotency-Key if there is one.
func (s *server) send(token, method, path, body, key string) (status int, text []byte, err error) {
	r, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err = io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

// must makes a request that answers with that status.
func (s *server) must(t testing.TB, status int, token, method, path, body string) map[string]any {
	t.Helper()
	got, answer, err := s.call(token, method, path, body)
	if err != nil || got != status {
		t.Fatalf("%s %s: %d %v %v, want %d\n%s", method, path, got, answer, err, status, s.log)
	}
	return answer
}
