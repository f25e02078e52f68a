package wire

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rosterhq/roster/internal/roster"
)

// mount is one base of an API, with what answers below it where no call does.
type mount struct {
	host, base string
	nothing    http.Handler
}

// route is one call by one base.
type route struct {
	*endpoint
	srv      *Server
	base     string
	ofTenant bool // the base names a tenant
	onHost   bool
	timeout  time.Duration
	count    func(status int, took time.Duration)
}

// mount gives an API its places: below each base on any host, and bare on its own;
// calls that are AtRoot beside the bases, too.
func (s *Server) mount(api *API) {
	all := map[*endpoint]func(int, time.Duration){}
	for _, ep := range api.endpoints {
		all[ep] = s.meter.Of(api.name, ep.op.ID)
	}
	none := s.meter.Of(api.name, "none")
	handle := func(mux *http.ServeMux, host, base string, ep *endpoint) {
		rt := &route{
			endpoint: ep, srv: s, base: base, ofTenant: namesTenant(base), onHost: host != "",
			timeout: s.timeout, count: all[ep],
		}
		if ep.op.Bulk {
			rt.timeout *= 4
		}
		if ep.op.First {
			mux = s.first(mux)
		}
		mux.Handle(ep.op.Method+" "+base+ep.op.Path, rt)
		s.routes = append(s.routes, Route{
			API: api.name, Operation: ep.op.ID, Method: ep.op.Method, Host: host,
			Path: base + ep.op.Path, Access: ep.op.Access, Extension: ep.op.Extension,
		})
	}
	place := func(mux *http.ServeMux, host, base string) {
		for _, ep := range api.endpoints {
			handle(mux, host, base, ep)
		}
		nothing := s.nothing(api, mux, base, host != "", none)
		s.mountDocs(api, mux, base, nothing)
		s.bases = append(s.bases, mount{host, base, nothing})
		if base == "" {
			mux.Handle("/", s.elsewhere(nothing))
			return
		}
		mux.Handle(base, nothing)
		mux.Handle(base+"/", nothing)
	}
	beside := func(mux *http.ServeMux, host, root string) {
		for _, ep := range api.endpoints {
			if ep.op.AtRoot {
				handle(mux, host, root, ep)
				mux.Handle(root+ep.op.Path, s.nothing(api, mux, root, host != "", none))
			}
		}
	}
	for _, base := range api.spec.Bases {
		place(s.root, "", base)
	}
	beside(s.root, "", api.spec.Root)
	if api.spec.Label == "" {
		return
	}
	own := http.NewServeMux()
	if !slices.Contains(api.spec.HostBases, "") {
		own.Handle("/", http.HandlerFunc(s.serveRoot))
	}
	s.hosts[api.spec.Label] = own
	for _, base := range api.spec.HostBases {
		place(own, api.spec.Label, base)
	}
	beside(own, api.spec.Label, "")
}

// first is the mux that is asked before another.
func (s *Server) first(mux *http.ServeMux) *http.ServeMux {
	if s.firsts[mux] == nil {
		s.firsts[mux] = http.NewServeMux()
	}
	return s.firsts[mux]
}

// nothing makes the handler of an API's addresses that no call has: 405 where
// another method would do, else 404. It counts against the caller's address.
func (s *Server) nothing(api *API, mux *http.ServeMux, base string, onHost bool, count func(int, time.Duration)) http.Handler {
	ep := &endpoint{api: api, op: Op{ID: "none", Access: Public, Secret: true}, limit: bulkLimit}
	ep.operation = &huma.Operation{OperationID: "none"}
	ep.serve = func(ctx huma.Context) {
		r, _ := humago.Unwrap(ctx)
		rq := requestOf(ctx.Context())
		if allow := s.allowed(mux, r, base); len(allow) > 0 {
			rq.fail(&roster.Error{Kind: roster.Method, Msg: "this address does not take " + r.Method, Details: allow})
			return
		}
		rq.fail(notFound())
	}
	return &route{
		endpoint: ep, srv: s, base: base, ofTenant: namesTenant(base), onHost: onHost, timeout: s.timeout, count: count,
	}
}

// allowed lists the methods that an address takes.
func (s *Server) allowed(mux *http.ServeMux, r *http.Request, base string) []string {
	var methods []string
	if untidy(r.URL.Path) {
		return nil
	}
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	} {
		takes := func(mux *http.ServeMux) bool {
			probe := *r.URL
			_, pattern := mux.Handler(&http.Request{Method: method, URL: &probe, Host: r.Host})
			return strings.HasPrefix(pattern, http.MethodGet+" "+base) && (method == http.MethodGet || method == http.MethodHead) ||
				strings.HasPrefix(pattern, method+" "+base)
		}
		if first := s.firsts[mux]; takes(mux) || first != nil && takes(first) {
			methods = append(methods, method)
		}
	}
	return methods
}
