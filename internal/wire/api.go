package wire

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/roster"
)

// Spec describes one documented API.
type Spec struct {
	Name roster.API
	// Title, Description and Version head the API's documents.
	Title, Description, Version string
	// Bases are the paths below which the API lies on every host, such as
	// "/directory/api/v1"; the first is the one that documents show. One may name
	// the tenant: "/v1/{tenant}/front".
	Bases []string
	// Label is the first label of hosts that serve the API alone, such as
	// "directory" for directory.example.com, and HostBases its paths there, such
	// as "/api/v1", or "" for bare paths.
	Label     string
	HostBases []string
	// Root is the path beside the bases, such as "/organization", below which the
	// calls that are AtRoot lie on every host; on the API's own hosts they lie bare.
	Root string
	// Dialect is how the API speaks of errors.
	Dialect Dialect
	// AnyMediaType has JSON bodies, and RawBody without a contentType, taken whatever
	// their Content-Type says.
	AnyMediaType bool
	// Tokens are the APIs whose tokens the API takes; none is its own alone.
	Tokens []roster.API
	// ImpersonateHeaders are headers, the first one documented, by which a caller
	// may name the person to act for, by Options.Impersonate.
	ImpersonateHeaders []string
	// TraceHeader is a header that brings every answer's request id, besides
	// X-Request-Id, such as "X-Trace-Id"; "" is none.
	TraceHeader string
	// KeyLimit is the length that an Idempotency-Key may have; 0 is 255.
	KeyLimit int
	// KeyHeader is a header that may hold the token instead of Authorization,
	// such as "User-Api-Key"; "" is none.
	KeyHeader string
	// Permits tells whether the caller holds a permission anywhere at all, for calls
	// whose Access names some: it is asked before the input is looked at. Its error is
	// the answer. Nil: no call names any.
	Permits func(ctx context.Context, a roster.Actor, permission string) error
	// RenderChange shows one change to the caller, for plans; false hides it.
	RenderChange func(a roster.Actor, c Changed) (any, bool)
}

// Changed is a change with what its revision knows of it.
type Changed struct {
	Revision int64
	Time     time.Time
	roster.Change
}

// API is one documented API: the operations that Register gave it. Server
// mounts it.
type API struct {
	name        roster.API
	spec        Spec
	dialect     Dialect
	keyHeader   string
	traceHeader string
	impersonate []string // canonical
	huma        huma.API
	endpoints   []*endpoint
}

// NewAPI makes an API without operations. It panics if the dialect does not
// render every kind of error.
func NewAPI(spec Spec) *API {
	spec.Dialect.check(spec.Name)
	if spec.KeyLimit == 0 {
		spec.KeyLimit = 255
	}
	if len(spec.Tokens) == 0 {
		spec.Tokens = []roster.API{spec.Name}
	}
	api := &API{
		name: spec.Name, spec: spec, dialect: spec.Dialect,
		keyHeader: http.CanonicalHeaderKey(spec.KeyHeader), traceHeader: http.CanonicalHeaderKey(spec.TraceHeader),
	}
	for _, name := range spec.ImpersonateHeaders {
		api.impersonate = append(api.impersonate, http.CanonicalHeaderKey(name))
	}
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: spec.Title, Description: spec.Description, Version: spec.Version},
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: securitySchemes(spec),
			},
		},
		Formats:       map[string]huma.Format{"application/json": format},
		DefaultFormat: "application/json",
	}
	config.AllowAdditionalPropertiesByDefault = true
	api.huma = huma.NewAPI(config, collector{api})
	return api
}

// collector is huma's router of an API: it keeps the handlers until a Server
// mounts them.
type collector struct{ api *API }

// Handle implements huma.Adapter.
func (c collector) Handle(op *huma.Operation, handler func(huma.Context)) {
	ep := op.Metadata[endpointKey].(*endpoint)
	ep.operation, ep.serve = op, handler
	if op.RequestBody != nil {
		for media := range op.RequestBody.Content {
			ep.media = append(ep.media, media)
		}
	}
	c.api.endpoints = append(c.api.endpoints, ep)
}

// ServeHTTP implements huma.Adapter; requests come through a Server.
func (c collector) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNotFound)
}

// Access is who may make a call. The zero value is anybody with a token of the
// API.
type Access struct {
	// Public needs no token; the handler gets a zero Actor.
	Public bool
	// Person is for persons alone: a client must name the one that it acts for.
	Person bool
	// Roles, where there are any, are those of which the caller must hold one.
	Roles []string
	// Permissions are what the caller must hold, all of them, as Spec.Permits judges.
	Permissions []string
}

// Public is the access of calls that need no token, such as sign-in.
var Public = Access{Public: true}

// Person is the access of persons, and of clients that act for one.
var Person = Access{Person: true}

// Only is the access of callers that hold one of the roles.
func Only(roles ...string) Access { return Access{Roles: roles} }

// Needs is the access of callers that hold all of the permissions.
func Needs(permissions ...string) Access { return Access{Permissions: permissions} }

// String says who may make the call, for tables of routes.
func (a Access) String() string {
	who := strings.Join(a.Roles, ", ")
	if len(a.Permissions) > 0 {
		who = strings.Join(a.Permissions, " and ")
	}
	switch {
	case a.Public:
		return "public"
	case a.Person && who == "":
		return "a person"
	case a.Person:
		return "a person: " + who
	case who == "":
		return "any token"
	}
	return who
}

func (a Access) allows(role string) bool {
	return len(a.Roles) == 0 || slices.Contains(a.Roles, role)
}

// Op is one call of an API.
type Op struct {
	// ID is the operation's name in OpenAPI, metrics and logs, such as "list-groups".
	ID string
	// Method and Path, the path below the API's base, such as "/groups/{id}".
	Method, Path string
	// Summary is one line, Description may be paragraphs, Tag the chapter.
	Summary, Description, Tag string
	// Status is that of success; 0 is 200, or 204 where the output has no Body.
	Status int
	// Access is checked before the input is looked at.
	Access Access
	// First has the call win over the others of its method, where its literal parts
	// and another's parameters both match: "/customers/reset/{email}" beside
	// "/customers/{id}/logout".
	First bool
	// AtRoot has the call lie below the API's Root, too, such as a token endpoint
	// that all versions of an API share. It stays documented below the bases.
	AtRoot bool
	// Extension marks a call that the API's documents do not name.
	Extension bool
	// Deprecated marks a call in whose place another is to be made: all its answers
	// say so by the header Deprecation.
	Deprecated bool
	// Successor is the path of that other call, with parameters of this one's Path
	// alone, which the answers link to; "" names none.
	Successor string
	// Bulk allows a body of 8 MiB instead of 1 MiB, and more time.
	Bulk bool
	// Secret marks an answer that must not be stored: Idempotency-Key and
	// Roster-Plan are ignored. Public calls are secret too.
	Secret bool
	// Reads marks a call that changes nothing though its method may, such as a
	// check of many pairs by POST: it ignores both headers too.
	Reads bool
	// Fails lists the kinds of error that the area's rules add to those which
	// follow from the call's form (401, 403, 404 for an id in the path, 400, 429, …).
	Fails []roster.Kind
	// Errors lists statuses that follow neither from the form nor from Fails.
	Errors []int
	// Also lists other statuses of success, whose answer has the same form; the
	// output's field Status tells which it is.
	Also []int
	// Media are the content types of an answer of success that is no JSON: the
	// output's Body is its bytes, and its field Content-Type says which it is.
	Media []string
}

// mutates reports whether a call can change anything.
func (op *Op) mutates() bool {
	return op.Method != http.MethodGet && op.Method != http.MethodHead && !op.Reads
}

// takesKey reports whether a call honours Idempotency-Key and Roster-Plan.
func (op *Op) takesKey() bool {
	return op.mutates() && !op.Secret && !op.Access.Public
}

// Handler is a call's own code: translate, call the area's verb, translate. Its
// errors are roster.Errors; any other becomes an internal one.
type Handler[I, O any] = func(ctx context.Context, a roster.Actor, in *I) (*O, error)
