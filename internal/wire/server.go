package wire

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

// Options are what a Server needs from the rest of the program.
type Options struct {
	// Auth turns tokens into actors.
	Auth Authenticator
	// Revision tells a tenant's current revision, for the header Roster-Revision;
	// nil sends none.
	Revision func(roster.TenantID) int64
	// KnownTenant tells whether a tenant has that name, so that a host's second
	// label counts as one, and a path that names another is nothing; nil: hosts
	// name no tenants, and paths must not.
	KnownTenant func(name string) bool
	// Impersonate returns a client's actor, changed to act for the person with that
	// UUID; Forbidden or NotFound where it may not. Nil: nobody may.
	Impersonate func(ctx context.Context, client roster.Actor, userUUID string) (roster.Actor, error)
	// DefaultTenant is the tenant of public calls that name none; "" is none.
	DefaultTenant string
	// Limits are the rates that callers may reach.
	Limits Limits
	// Timeout bounds a call's work: 30 s by default, four times that for bulk calls.
	Timeout time.Duration
	// Keys runs calls that bring Idempotency-Key or Roster-Plan; nil ignores both.
	Keys *Keys
	// Logger gets a line for each call: errors of ours at Error, calls that may
	// change something at Info, others at Debug. It holds no token, no path and no
	// address. Nil is slog.Default.
	Logger *slog.Logger
	// Meter counts the calls; nil counts nothing.
	Meter Meter
	// Clock tells the time of errors and limits; nil is time.Now.
	Clock roster.Clock
	// Extra answers what lies under no API, such as / and /healthz; nil is 404.
	Extra http.Handler
}

// Server serves several APIs as one http.Handler: each below its bases, and bare
// on hosts whose first label is the API's.
type Server struct {
	auth          Authenticator
	revision      func(roster.TenantID) int64
	knownTenant   func(string) bool
	impersonate   func(context.Context, roster.Actor, string) (roster.Actor, error)
	defaultTenant string
	timeout       time.Duration
	log           *slog.Logger
	clock         roster.Clock
	keys          *Keys
	tokens        *limiter[tokenKey]
	addresses     *limiter[netip.Addr]
	proxies       proxies
	meter         Meter
	extra         http.Handler

	root   *http.ServeMux
	hosts  map[string]*http.ServeMux
	firsts map[*http.ServeMux]*http.ServeMux // what is asked before each: the calls that are First
	bases  []mount
	routes []Route
}

// Route is one way to reach one call.
type Route struct {
	API       roster.API
	Operation string
	Method    string
	// Host is the first label of the hosts that the route is for; "" is any host.
	Host string
	// Path is the whole path, with parameters as {name}.
	Path      string
	Access    Access
	Extension bool
}

// NewServer mounts the APIs. It panics when two calls want the same address, and
// when paths name tenants that it cannot know.
func NewServer(o Options, apis ...*API) *Server {
	s := &Server{
		auth: o.Auth, revision: o.Revision, knownTenant: o.KnownTenant, impersonate: o.Impersonate, defaultTenant: o.DefaultTenant,
		timeout: o.Timeout, log: o.Logger, clock: o.Clock, keys: o.Keys,
		tokens:    newLimiter[tokenKey](o.Limits.PerToken, defaultPerToken),
		addresses: newLimiter[netip.Addr](o.Limits.PerAddress, defaultPerAddress),
		proxies:   o.Limits.TrustedProxies,
		meter:     o.Meter,
		extra:     o.Extra,
		root:      http.NewServeMux(), hosts: map[string]*http.ServeMux{}, firsts: map[*http.ServeMux]*http.ServeMux{},
	}
	if s.timeout == 0 {
		s.timeout = 30 * time.Second
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.meter == nil {
		s.meter = noMeter{}
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if o.Extra != nil {
		s.root.Handle("/", o.Extra)
	}
	for _, api := range apis {
		if s.knownTenant == nil && slices.ContainsFunc(api.spec.Bases, namesTenant) {
			panic("wire: paths of the " + string(api.name) + " API name tenants, and Options.KnownTenant is nil")
		}
		s.mount(api)
	}
	return s
}

// Routes lists every call by every base, in the order of registration.
func (s *Server) Routes() []Route { return s.routes }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := s.root
	label, _, _ := strings.Cut(r.Host, ".")
	if own := s.hosts[label]; own != nil {
		mux = own
	}
	if untidy(r.URL.Path) {
		if nothing := s.owner(label, r.URL.Path); nothing != nil {
			nothing.ServeHTTP(w, r)
			return
		}
	}
	s.serve(mux, w, r)
}

// serve answers by a mux, or by the one that is asked before it.
func (s *Server) serve(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	if first := s.firsts[mux]; first != nil {
		if _, pattern := first.Handler(r); pattern != "" {
			mux = first
		}
	}
	mux.ServeHTTP(w, r)
}

// serveRoot answers what lies on any host.
func (s *Server) serveRoot(w http.ResponseWriter, r *http.Request) { s.serve(s.root, w, r) }

// untidy reports whether the mux would redirect the path to a cleaner one. Below
// an API such a path is nothing, in the API's own words.
func untidy(path string) bool {
	return strings.Contains(path, "//") || strings.Contains(path, "/./") || strings.Contains(path, "/../") ||
		strings.HasSuffix(path, "/.") || strings.HasSuffix(path, "/..")
}
