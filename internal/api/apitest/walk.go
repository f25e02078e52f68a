// Package apitest walks over the calls of an API that change something, and looks what
// the log has of each: for tests.
//
//	walk := apitest.NewWalk(t, db, server, tenant, "/v1/acme/front")
//	changes := walk.Make("POST", "/groups-management", token, `{"name":"Side"}`)
//	walk.Complete() // no call was left out
package apitest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/wire"
)

// Walk makes calls of one API by one of its bases, and remembers which.
type Walk struct {
	t      testing.TB
	db     *store.DB
	server *wire.Server
	tenant roster.Tenant
	base   string
	made   map[string]bool // patterns of routes
	last   *httptest.ResponseRecorder
}

// NewWalk begins a walk over the API at a base, such as "/v1/acme/front".
func NewWalk(t testing.TB, db *store.DB, server *wire.Server, tenant roster.Tenant, base string) *Walk {
	return &Walk{t: t, db: db, server: server, tenant: tenant, base: base, made: map[string]bool{}}
}

// Make makes a call, which must succeed, and returns what the log has of it. Path lies
// below the base; body is JSON, or "".
func (w *Walk) Make(method, path, token, body string) []store.LoggedChange {
	w.t.Helper()
	before := w.db.Published(w.tenant.ID)
	w.send(w.t.Context(), method, path, token, body)
	var logged []store.LoggedChange
	err := w.db.Read(w.t.Context(), w.tenant.ID, func(tx *store.Tx) (err error) {
		const most = 1000
		logged, err = tx.Feed(store.FeedCursor{Revision: before + 1, Seq: -1}, most)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return logged
}

// Plan makes a call inside a write of the actor's that is taken back, and returns what
// it would log.
func (w *Walk) Plan(actor roster.Actor, method, path, token, body string) []roster.Change {
	w.t.Helper()
	planned, err := w.db.Plan(w.t.Context(), actor, func(tx *store.Tx) error {
		w.send(store.WithTx(w.t.Context(), tx), method, path, token, body)
		return nil
	})
	if err != nil {
		w.t.Errorf("%s %s: %v", method, path, err)
	}
	return planned.Changes
}

// Answer is the body of the last answer.
func (w *Walk) Answer() string { return w.last.Body.String() }

func (w *Walk) send(ctx context.Context, method, path, token, body string) {
	w.t.Helper()
	r := httptest.NewRequestWithContext(ctx, method, w.base+path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w.last = httptest.NewRecorder()
	w.server.ServeHTTP(w.last, r)
	if w.last.Code >= http.StatusMultipleChoices {
		w.t.Errorf("%s %s: %d %s", method, path, w.last.Code, w.last.Body)
		return
	}
	w.made[r.Pattern] = true
}

// Complete fails the test for each call of the API that may change something and was
// not made.
func (w *Walk) Complete() {
	w.t.Helper()
	base := strings.Replace(w.base, "/"+w.tenant.Name+"/", "/{tenant}/", 1)
	for _, r := range w.server.Routes() {
		route := r.Method + " " + r.Path
		if r.Method != http.MethodGet && r.Host == "" && strings.HasPrefix(r.Path, base+"/") && !w.made[route] {
			w.t.Errorf("%s was not made", route)
		}
	}
	if len(w.made) == 0 {
		w.t.Error("no call was made")
	}
}
