// Package admin is the administration of a node: the verbs of the command line,
// over HTTP on a socket that only the node's own user can reach. Commands speak
// to the server that runs, by that socket, or else to a Server of their own in
// the same process, by a pipe: the code is the same.
//
// The server opens no path that it was sent. Files are the command's, and what is
// in them goes through the socket.
package admin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Server answers administration requests.
type Server struct {
	DB       *store.DB
	Graph    *graph.Graph // nil, like Business and Mobility, for verbs of rows alone
	Identity *identity.Identity
	Business *business.Business
	Mobility *mobility.Mobility
	// Folder is where a backup lies while it is sent; "" for the system's.
	Folder  string
	Version string
}

// verb is one request: who asks, in which tenant (none for those of the whole
// node), and what.
type verb func(a roster.Actor, w http.ResponseWriter, r *http.Request) error

// Handler returns the verbs, one line each.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /version", s.node(s.version))
	mux.HandleFunc("GET /backup", s.node(s.backup))
	mux.HandleFunc("GET /tenants", s.node(s.listTenants))
	mux.HandleFunc("POST /tenants", s.node(s.createTenant))
	mux.HandleFunc("POST /tenants/{tenant}/apply", s.tenant(s.apply))
	mux.HandleFunc("POST /tenants/{tenant}/import", s.tenant(s.importRows))
	mux.HandleFunc("POST /tenants/{tenant}/trips", s.tenant(s.importTrips))
	mux.HandleFunc("POST /tenants/{tenant}/billing/close", s.tenant(s.closeBilling))
	mux.HandleFunc("GET /tenants/{tenant}/export", s.tenant(s.exportRows))
	mux.HandleFunc("GET /tenants/{tenant}/check", s.tenant(s.check))
	mux.HandleFunc("GET /tenants/{tenant}/verify", s.tenant(s.verify))
	mux.HandleFunc("GET /tenants/{tenant}/tokens", s.tenant(s.listTokens))
	mux.HandleFunc("POST /tenants/{tenant}/tokens", s.tenant(s.createToken))
	mux.HandleFunc("DELETE /tenants/{tenant}/tokens/{id}", s.tenant(s.revokeToken))
	mux.HandleFunc("POST /tenants/{tenant}/signing-key", s.tenant(s.rotateSigningKey))
	return mux
}

// NewHTTP makes the http.Server of the verbs, for any listener of this package.
func (s *Server) NewHTTP() *http.Server {
	return &http.Server{Handler: s.Handler(), ConnContext: withPeer, ReadHeaderTimeout: 10 * time.Second}
}

type peerKey struct{}

// withPeer notes who is at the other end of a connection.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	if p, ok := c.(interface{ peer() int }); ok {
		return context.WithValue(ctx, peerKey{}, p.peer())
	}
	return ctx
}

// node runs a verb of the whole node.
func (s *Server) node(v verb) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		uid, known := r.Context().Value(peerKey{}).(int)
		if !known {
			fail(w, roster.Errorf(roster.Forbidden, "", "it is not known who asks"))
			return
		}
		a := roster.Actor{ID: "cli:" + strconv.Itoa(uid), API: roster.CLI, RequestID: r.Header.Get("X-Request-Id")}
		if err := v(a, w, r); err != nil {
			// Who is still sending reads the answer only then.
			_, _ = io.Copy(io.Discard, r.Body)
			fail(w, err)
		}
	}
}

// tenant runs a verb of the tenant that the path names.
func (s *Server) tenant(v verb) http.HandlerFunc {
	return s.node(func(a roster.Actor, w http.ResponseWriter, r *http.Request) (err error) {
		if a.Tenant, err = s.DB.Tenant(r.Context(), r.PathValue("tenant")); err != nil {
			return err
		}
		return v(a, w, r)
	})
}

// failure is how an error goes through the socket: whole, cause included, since
// whoever asks may read everything anyway.
type failure struct {
	Kind    roster.Kind `json:"kind"`
	Code    string      `json:"code,omitempty"`
	Field   string      `json:"field,omitempty"`
	Message string      `json:"message"`
	Cause   string      `json:"cause,omitempty"`
}

func fail(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(failureOf(err))
}

func failureOf(err error) failure {
	e := roster.AsError(err)
	f := failure{Kind: e.Kind, Code: e.Code, Field: e.Field, Message: e.Msg}
	if e.Err != nil {
		f.Cause = e.Err.Error()
	}
	return f
}

func (f failure) err() error {
	e := &roster.Error{Kind: f.Kind, Code: f.Code, Field: f.Field, Msg: f.Message}
	if f.Cause != "" {
		e.Err = errors.New(f.Cause)
	}
	return e
}

func reply(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(v)
}

func receive(r *http.Request, v any) error {
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		return &roster.Error{Kind: roster.Invalid, Msg: "the request is not JSON", Err: err}
	}
	return nil
}
