// Package providertest is what the providers of tests have in common: a server that
// ends with the test and fails when it is told to, and what every verifier does then.
package providertest

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Server serves TLS.
type Server struct {
	*httptest.Server
	// Ended is closed when the test ends, before the server does.
	Ended chan struct{}

	mu    sync.Mutex
	fails int
}

// Start starts the server, which ends with the test.
func (s *Server) Start(t testing.TB, handler http.Handler) {
	s.Ended = make(chan struct{})
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		status := s.fails
		s.fails = 0
		s.mu.Unlock()
		switch {
		case status < 0:
			s.Stall(r)
		case status > 0:
			w.WriteHeader(status)
		default:
			handler.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(func() { close(s.Ended); s.Close() })
}

// Stall waits until the caller gives up, or the test ends.
func (s *Server) Stall(r *http.Request) {
	select {
	case <-s.Ended:
	case <-r.Context().Done():
	}
}

// Fail has the next answer be of a status; below 0 it never comes.
func (s *Server) Fail(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = status
}

// Roots are the authorities that the server's certificate is checked against.
func (s *Server) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}
