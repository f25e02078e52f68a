package directoryapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/api/directoryapi"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
)

// house is a directory over a database of its own.
type house struct {
	t       testing.TB
	db      *store.DB
	handler http.Handler
	now     time.Time
	token   map[string]string
}

func newHouse(t testing.TB, database string) *house {
	h := &house{t: t, token: map[string]string{}, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	h.db = storetest.Open(t, database, store.Options{})
	g, i := graph.New(h.db), identity.New(h.db)
	limits := wire.Limits{}
	h.handler = wire.NewServer(wire.Options{Auth: i, Revision: h.db.Published, Limits: limits}, directoryapi.New(g, i))
	for _, tenant := range []string{"acme", "rival"} {
		actor := storetest.Tenant(t, h.db, tenant)
		for _, role := range identity.Roles[roster.DirectoryAPI] {
			_, text, err := i.CreateToken(t.Context(), actor, identity.Token{API: roster.DirectoryAPI, Role: role, Name: role, ExpiresAt: time.Now().Add(time.Hour)}, identity.NewSecret())
			if err != nil {
				t.Fatal(err)
			}
			h.token[tenant+" "+role] = text
		}
	}
	return h
}

type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// do makes a request as the administrator of acme.
func (h *house) do(method, path, body string) answer {
	return h.as("acme Administrator", method, path, body)
}

func (h *house) as(who, method, path, body string, headers ...string) answer {
	h.t.Helper()
	r := httptest.NewRequest(method, "/directory/api/v1"+path, strings.NewReader(body))
	if body == "" {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+h.token[who])
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	text, _ := io.ReadAll(w.Body)
	a := answer{status: w.Code, header: w.Header(), text: string(text)}
	_ = json.Unmarshal(text, &a.body)
	return a
}

// want makes a request and fails unless it answers with that status.
func (h *house) want(status int, method, path, body string) answer {
	h.t.Helper()
	a := h.do(method, path, body)
	if a.status != status {
		h.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, a.status, a.text, status)
	}
	return a
}

func (h *house) group(name string) string {
	h.t.Helper()
	return h.want(201, "POST", "/groups", `{"name":"`+name+`"}`).body["id"].(string)
}

func (h *house) account(name string) string {
	h.t.Helper()
	return h.want(201, "POST", "/accounts", `{"name":"`+name+`","email":"`+name+`@example.org"}`).body["id"].(string)
}
