package wire

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
)

var benchBody = `{"groups":[` + strings.Repeat(`{"id":"grp-1","name":"Engineering"},`, 20) + `{}]}`

// sink is a ResponseWriter that costs little, so that what is measured is ours.
type sink struct {
	h      http.Header
	status int
	size   int
}

func (s *sink) Header() http.Header { return s.h }
func (s *sink) WriteHeader(c int)   { s.status = c }
func (s *sink) Write(p []byte) (int, error) {
	s.size += len(p)
	return len(p), nil
}

func benchmark(b *testing.B, h http.Handler, method, path, body string, size int) {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Authorization", "Bearer admin")
	w := &sink{h: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		w.status, w.size = http.StatusOK, 0
		if body != "" {
			r.Body = io.NopCloser(strings.NewReader(body))
			r.ContentLength = int64(len(body))
		}
		h.ServeHTTP(w, r)
		if w.status != http.StatusOK || w.size < size {
			b.Fatalf("status %d, %d bytes: an error was measured", w.status, w.size)
		}
	}
}

func BenchmarkGetBare(b *testing.B) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /directory/api/v1/groups/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, benchBody)
	})
	benchmark(b, mux, "GET", "/directory/api/v1/groups/grp-7", "", len(benchBody))
}

func BenchmarkGet(b *testing.B) {
	benchmark(b, benchServer(), "GET", "/directory/api/v1/groups/grp-7", "", len(benchBody))
}

func BenchmarkPatch(b *testing.B) {
	benchmark(b, newTestServer(Options{Limits: unlimited}), "PATCH", dGroup, `{"name":"abc","role":"user","count":7}`, 1)
}

func benchServer() *Server {
	api := NewAPI(Spec{
		Name: roster.DirectoryAPI, Bases: []string{"/directory/api/v1"},
		Dialect: Dialect{Body: directoryError{}, Render: renderDirectory},
	})
	Register(api, Op{ID: "get-group", Method: "GET", Path: "/groups/{id}"},
		func(context.Context, roster.Actor, *struct {
			ID   string `path:"id"`
			AsOf string `query:"asOf"`
		}) (*struct {
			ETag string `header:"ETag"`
			Body fastBody
		}, error) {
			out := &struct {
				ETag string `header:"ETag"`
				Body fastBody
			}{ETag: ETag(7), Body: fastBody{benchBody}}
			return out, nil
		})
	// A limit that is never reached, so that counting is part of what is measured.
	return NewServer(Options{Auth: actors, Limits: Limits{PerToken: 1e9}, Revision: func(roster.TenantID) int64 { return 7 }}, api)
}
