//go:build unix

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/graph/graphgen"
)

// The client reads answers of any length, and calls whatever is no success an error.
func TestClient(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer t":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, "no")
		case r.URL.Path == directoryBase+"/long":
			w.Header().Set("Content-Length", "200000")
			_, _ = io.WriteString(w, long)
		case r.Method == http.MethodDelete:
			w.WriteHeader(http.StatusNoContent)
		default:
			_, _ = io.Copy(w, r.Body)
		}
	}))
	defer server.Close()
	target, err := newTarget(server.Listener.Addr().String(), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer target.close()
	call := caller{token: "t"}
	for _, c := range []struct {
		request []byte
		status  int
		body    string
	}{
		{call.get("/long"), 200, long},
		{call.request("POST", "/echo", `{"a":1}`), 200, `{"a":1}`},
		{call.request("DELETE", "/x", ""), 204, ""},
		{caller{token: "other"}.get("/long"), 401, "no"},
		{call.get("/long"), 200, long},
	} {
		a, err := target.conns[0].do(c.request)
		if err != nil || a.status != c.status || string(a.body) != c.body {
			t.Errorf("%.40q: %d, %d bytes, %v", c.request, a.status, len(a.body), err)
		}
	}
	if rate, err := target.run(cycle([][]byte{call.get("/long")}), time.Millisecond); err != nil || rate <= 0 {
		t.Errorf("%v a second, %v", rate, err)
	}
	if _, err := target.run(cycle([][]byte{caller{token: "other"}.get("/long")}), time.Millisecond); err == nil {
		t.Error("a refusal counts as an answer")
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		figure figure
		want   string
	}{
		{ratio("", "", 0.7, 0.7, ""), "met"},
		{ratio("", "", 0.63, 0.7, ""), "missed by 10 %"},
		{below("", "", 49, "ms", 50, ""), "met"},
		{below("", "", 75, "ms", 50, ""), "missed by 50 %"},
		{below("", "", 75, "ms", 0, ""), "for comparison"},
	} {
		if got := c.figure.verdict(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.figure, got, c.want)
		}
	}
}

// What the people of a chain are in is as deep as the checks of it say.
func TestSeed(t *testing.T) {
	b := &bench{ctx: t.Context(), folder: t.TempDir()}
	p := graphgen.Params{People: 1000, Groups: 50, Edges: 1200, Depth: 5, Seed: 1}
	s, err := b.seed(b.folder+"/roster.db", p)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.chains) != chains || len(s.chains[0].groups) != chainDepth || len(s.chains[0].people) != chainPeople {
		t.Errorf("%d chains of %d groups with %d people", len(s.chains), len(s.chains[0].groups), len(s.chains[0].people))
	}
	if !strings.HasPrefix(s.token, "rst_"+tenantName+"_") {
		t.Errorf("token %q", s.token)
	}
}
