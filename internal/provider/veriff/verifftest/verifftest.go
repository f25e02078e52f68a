// Package verifftest is Veriff for tests: a server that speaks version 1 of its public
// API, checks signatures as it does, and signs events.
package verifftest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/provider/providertest"
)

// What a tenant has of Veriff.
const (
	Key    = "8e4f7cd8-0000-4000-8000-000000000001"
	Secret = "shared-secret"
)

// Photo is every photograph.
const Photo = "\x89PNG\r\n\x1a\n a photograph"

// Server is a Veriff of a test. It serves TLS.
type Server struct {
	providertest.Server

	mu       sync.Mutex
	sessions []map[string]any
	decision map[string]string // the object verification, by session
	attempt  map[string]string // the status of the last attempt, by session
}

// New starts a server, which ends with the test.
func New(t testing.TB) *Server {
	s := &Server{decision: map[string]string{}, attempt: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/sessions", s.newSession)
	mux.HandleFunc("GET /v1/sessions/{id}/decision", func(w http.ResponseWriter, r *http.Request) {
		s.about(w, r, func(id string) string {
			return fmt.Sprintf(`{"status":"success","verification":%s,"technicalData":{"ip":"192.0.2.1"}}`, s.decision[id])
		})
	})
	mux.HandleFunc("GET /v1/sessions/{id}/attempts", func(w http.ResponseWriter, r *http.Request) {
		s.about(w, r, func(id string) string {
			return fmt.Sprintf(`{"status":"success","verifications":[{"id":"attempt-2","status":"%s","createdTime":"2026-03-02T10:01:00.000Z"},
				{"id":"attempt-1","status":"resubmission_requested","createdTime":"2026-03-02T10:00:00.000Z"}]}`, s.attempt[id])
		})
	})
	mux.HandleFunc("GET /v1/sessions/{id}/media", func(w http.ResponseWriter, r *http.Request) {
		s.about(w, r, func(string) string {
			return fmt.Sprintf(`{"status":"success","images":[{"id":"m1","context":"document-front"},{"id":"m2","context":"document-front"},{"id":"m3","context":"face"},
				{"id":"m4","context":"document-back"},{"id":"m5","context":"document-front-pre"}],"videos":[{"id":"%s","context":"user-document"},
				{"id":"v1","context":"user-document"}]}`, providertest.TooLong)
		})
	})
	mux.HandleFunc("GET /v1/media/{id}", func(w http.ResponseWriter, r *http.Request) {
		if !signedOver(r, r.PathValue("id")) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if providertest.Film(w, r) {
			return
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write([]byte(Photo))
	})
	s.Start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-AUTH-CLIENT") != Key {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	return s
}

// Sign signs a text by a secret.
func Sign(secret, text string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

func signedOver(r *http.Request, text string) bool {
	return r.Header.Get("X-HMAC-SIGNATURE") == Sign(Secret, text)
}

func (s *Server) newSession(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var in struct{ Verification map[string]any }
	if !signedOver(r, string(body)) || json.Unmarshal(body, &in) != nil || in.Verification == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions = append(s.sessions, in.Verification)
	id := fmt.Sprintf("session-%d", len(s.sessions))
	s.decision[id], s.attempt[id] = "null", "created"
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"status":"success","verification":{"id":"%s","url":"https://alchemy.veriff.com/v/%s","host":"https://alchemy.veriff.com","status":"created","sessionToken":"t.%s"}}`, id, id, id)
}

func (s *Server) about(w http.ResponseWriter, r *http.Request, answer func(id string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.PathValue("id")
	switch {
	case !signedOver(r, path.Base(path.Dir(r.URL.Path))):
		w.WriteHeader(http.StatusUnauthorized)
	case s.decision[id] == "":
		w.WriteHeader(http.StatusNotFound)
	default:
		_, _ = io.WriteString(w, answer(id))
	}
}

// Decide has a session be decided by a code; reason is JSON.
func (s *Server) Decide(session string, code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.decision[session] = Decision(session, code, reason)
}

// Attempt has the last attempt of a session be of a status.
func (s *Server) Attempt(session, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempt[session] = status
}

// Decision is the object that tells of a decision.
func Decision(session string, code int, reason string) string {
	return fmt.Sprintf(`{"id":"%s","attemptId":"attempt-2","vendorData":"k1","code":%d,"status":"x","reason":null,"reasonCode":%s,"decisionTime":"2026-03-02T10:05:00.000000Z",
		"person":{"firstName":"OLGA"},"document":{"number":"B7654321","type":"DRIVERS_LICENSE","country":"AT","validUntil":"2031-05-01"},
		"driversLicenseCategory":{"B":true,"AM":true,"C":false,"D":null}}`, session, code, reason)
}

// Sessions are those that were made.
func (s *Server) Sessions() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

// Event is what is told of a session's progress (7001, 7002), and its signature.
func Event(session string, code int) (body, signature string) {
	body = fmt.Sprintf(`{"id":"%s","attemptId":"attempt-2","feature":"selfid","code":%d,"action":"%s","vendorData":"k1"}`, session, code, map[int]string{7001: "started", 7002: "submitted"}[code])
	return body, Sign(Secret, body)
}

// Decided is what is told of a decision, and its signature.
func Decided(session string, code int, reason string) (body, signature string) {
	body = strings.ReplaceAll(fmt.Sprintf(`{"status":"success","verification":%s,"technicalData":{"ip":null}}`, Decision(session, code, reason)), "\n\t\t", "")
	return body, Sign(Secret, body)
}
