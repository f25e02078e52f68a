// Package onfidotest is Onfido for tests: a server that speaks version 3.6 of its API,
// and signs events as it does.
package onfidotest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/provider/providertest"
)

// What a tenant has of Onfido.
const (
	Token        = "api_sandbox.token"
	WebhookToken = "webhook-token"
	Workflow     = "3d0f8f6c-0000-4000-8000-000000000001"
)

// Photo is every photograph.
const Photo = "\xff\xd8\xff\xe0 a photograph"

// Server is an Onfido of a test. It serves TLS.
type Server struct {
	providertest.Server

	mu         sync.Mutex
	applicants []map[string]any
	status     map[string]string // of runs, by id
	report     string            // on the document of every applicant, in JSON
}

// New starts a server, which ends with the test.
func New(t testing.TB) *Server {
	s := &Server{status: map[string]string{}, report: License}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v3.6/applicants", s.newApplicant)
	mux.HandleFunc("POST /v3.6/workflow_runs", s.newRun)
	mux.HandleFunc("GET /v3.6/workflow_runs/{id}", s.getRun)
	mux.HandleFunc("GET /v3.6/checks", func(w http.ResponseWriter, r *http.Request) {
		say(w, `{"checks":[{"id":"check-%s","status":"complete","result":"clear"}]}`, r.FormValue("applicant_id"))
	})
	mux.HandleFunc("GET /v3.6/reports", func(w http.ResponseWriter, _ *http.Request) {
		say(w, `{"reports":[{"id":"r1","name":"facial_similarity_photo","created_at":"2026-03-02T10:00:09Z","properties":{"score":0.7}},%s]}`, s.report)
	})
	mux.HandleFunc("GET /v3.6/documents", func(w http.ResponseWriter, _ *http.Request) {
		say(w, `{"documents":[{"id":"d1","side":"front","type":"driving_licence"},{"id":"d2","side":"back"}]}`)
	})
	mux.HandleFunc("GET /v3.6/live_photos", func(w http.ResponseWriter, _ *http.Request) { say(w, `{"live_photos":[{"id":"p1"}]}`) })
	mux.HandleFunc("GET /v3.6/live_videos", func(w http.ResponseWriter, _ *http.Request) {
		say(w, `{"live_videos":[{"id":"%s","file_type":"video/mp4"},{"id":"v1","file_type":"video/mp4"}]}`, providertest.TooLong)
	})
	mux.HandleFunc("GET /v3.6/{kind}/{id}/download", func(w http.ResponseWriter, r *http.Request) {
		if providertest.Film(w, r) {
			return
		}
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write([]byte(Photo))
	})
	s.Start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Token token="+Token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	return s
}

// License is the report on a driving license.
const License = `{"id":"r2","name":"document_with_driving_licence_information","created_at":"2026-03-02T10:00:00Z","status":"complete","result":"clear","sub_result":"clear",
	"properties":{"document_type":"driving_licence","issuing_country":"AUT","date_of_expiry":"2031-05-01",
	"document_numbers":[{"type":"personal_number","value":"77"},{"type":"document_number","value":"AT123456"}],
	"driving_licence_information":[{"category":"AM","expiry_date":"2031-05-01"},{"category":"B","codes":"70"}]}}`

// BaseURL is what the server is configured by.
func (s *Server) BaseURL() string { return s.URL + "/v3.6" }

func say(w http.ResponseWriter, format string, a ...any) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, format, a...)
}

func (s *Server) newApplicant(w http.ResponseWriter, r *http.Request) {
	var in map[string]any
	if json.NewDecoder(r.Body).Decode(&in) != nil || in["first_name"] == "" || in["last_name"] == "" {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.applicants = append(s.applicants, in)
	w.WriteHeader(http.StatusCreated)
	say(w, `{"id":"applicant-%d","first_name":"x"}`, len(s.applicants))
}

func (s *Server) newRun(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Workflow  string `json:"workflow_id"`
		Applicant string `json:"applicant_id"`
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil || in.Workflow != Workflow || in.Applicant == "" {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := "run-" + strings.TrimPrefix(in.Applicant, "applicant-")
	s.status[id] = "awaiting_input"
	w.WriteHeader(http.StatusCreated)
	say(w, `{"id":"%s","applicant_id":"%s","status":"awaiting_input","sdk_token":"sdk.%s","link":{"url":"https://eu.onfido.app/l/%s","expires_at":null}}`, id, in.Applicant, id, id)
}

func (s *Server) getRun(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.PathValue("id")
	if s.status[id] == "" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	say(w, `{"id":"%s","applicant_id":"applicant-%s","status":"%s","reasons":["because"],"updated_at":"2026-03-02T10:00:10Z","error":null}`,
		id, strings.TrimPrefix(id, "run-"), s.status[id])
}

// Set has a run be of a status.
func (s *Server) Set(run, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status[run] = status
}

// Report has every document's report be another, in JSON.
func (s *Server) Report(text string) { s.report = text }

// Applicants are those that were made.
func (s *Server) Applicants() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.applicants
}

// Event is what is told of a run, and its signature.
func Event(run, action, status string) (body, signature string) {
	body = fmt.Sprintf(`{"payload":{"resource_type":"workflow_run","action":"%s","object":{"id":"%s","status":"%s","completed_at_iso8601":"2026-03-02T10:00:10Z","href":"https://api.eu.onfido.com/v3.6/workflow_runs/%s"}}}`,
		action, run, status, run)
	m := hmac.New(sha256.New, []byte(WebhookToken))
	m.Write([]byte(body))
	return body, hex.EncodeToString(m.Sum(nil))
}
