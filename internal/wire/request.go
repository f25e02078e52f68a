package wire

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

// request is one call on its way through wire. It is the context that handlers
// get, so that what wire knows of a call costs one allocation. Its deadline's
// timer is made when somebody first waits on it: calls answered from memory
// never do.
type request struct {
	context.Context // the connection's
	http            *http.Request
	rt              *route
	w               http.ResponseWriter
	out             response
	id              string
	start           time.Time
	tenant          string // the one that the path names
	actor           roster.Actor
	// impersonates is whether the actor is a client that acts for a person.
	impersonates bool
	// revision is the one to send where the current one is later.
	revision int64
	// within is whether the call runs in a write that is under way.
	within bool

	once  sync.Once
	timer atomic.Pointer[timer]
	never timer // of a request that ended before anybody waited

	// values are those of headers that differ from answer to answer.
	values [3]string
}

// Where values has them.
const (
	idValue = iota
	revisionValue
	lengthValue
)

// set sets a header to one value without an allocation.
func (rq *request) set(h http.Header, name string, at int, value string) {
	rq.values[at] = value
	h[name] = rq.values[at : at+1 : at+1]
}

// timer is the context that ends at a request's deadline.
type timer struct {
	context.Context
	cancel context.CancelFunc
}

type requestKey struct{}

func requestOf(ctx context.Context) *request { return ctx.Value(requestKey{}).(*request) }

func (rq *request) deadline() time.Time { return rq.start.Add(rq.rt.timeout) }

// Deadline implements context.Context.
func (rq *request) Deadline() (time.Time, bool) {
	if t, ok := rq.Context.Deadline(); ok && t.Before(rq.deadline()) {
		return t, true
	}
	return rq.deadline(), true
}

// clock returns the timer, and starts it the first time.
func (rq *request) clock() *timer {
	rq.once.Do(func() {
		ctx, cancel := context.WithDeadline(rq.Context, rq.deadline())
		rq.timer.Store(&timer{ctx, cancel})
	})
	return rq.timer.Load()
}

// Done implements context.Context.
func (rq *request) Done() <-chan struct{} { return rq.clock().Done() }

// Err implements context.Context.
func (rq *request) Err() error { return rq.clock().Err() }

// Value implements context.Context. Once there is a timer it answers, so that
// contexts made from this one hang on it and need no goroutine of their own.
func (rq *request) Value(key any) any {
	if key == (requestKey{}) {
		return rq
	}
	if t := rq.timer.Load(); t != nil {
		return t.Value(key)
	}
	return rq.Context.Value(key)
}

// release ends the timer, if there is one.
func (rq *request) release() {
	rq.once.Do(func() {
		rq.never = timer{rq.Context, func() {}}
		rq.timer.Store(&rq.never)
	})
	rq.timer.Load().cancel()
}

func (rq *request) currentRevision() (int64, bool) {
	// Inside a write the revision is not out yet, and the writer's own goroutine
	// must not ask for it.
	if rq.actor.Tenant.ID == 0 || rq.rt.srv.revision == nil || rq.within {
		return 0, false
	}
	rev := rq.rt.srv.revision(rq.actor.Tenant.ID)
	if rq.revision != 0 {
		rev = min(rev, rq.revision) // a write without a change made no revision
	}
	return rev, true
}

// newID makes an id for a request that came without one.
func newID() string {
	const length = 13 // digits of 64 bits in base 36
	b := make([]byte, 0, 2*length)
	b = strconv.AppendUint(b, rand.Uint64(), 36)
	return string(strconv.AppendUint(b, rand.Uint64(), 36))
}

// RequestID returns the id of the request that a handler's context belongs to.
// An actor brings it along; a public call has none.
func RequestID(ctx context.Context) string { return requestOf(ctx).id }

// Location returns the address of a path of the API, such as "/groups/grp-7",
// under the base that the request came by: for Location headers and links.
func Location(ctx context.Context, path string) string {
	rq := requestOf(ctx)
	return under(rq.rt.base, rq.tenant) + path
}

// Query returns all query parameters, for those whose names are not fixed.
func Query(ctx context.Context) url.Values { return requestOf(ctx).http.URL.Query() }

// TenantName returns the name of the tenant that a public call is about: the one
// in the path (/v1/<tenant>/auth) or in the host (property.<tenant>.example.com),
// else the header Roster-Tenant, else the server's default. Without any it is an
// Invalid error.
func TenantName(ctx context.Context) (string, error) {
	rq := requestOf(ctx)
	if name := rq.addressTenant(); name != "" {
		return name, nil
	}
	if name := rq.http.Header.Get("Roster-Tenant"); name != "" {
		return name, nil
	}
	if name := rq.rt.srv.defaultTenant; name != "" {
		return name, nil
	}
	return "", InvalidFields(Field{In: InHeader, Name: "Roster-Tenant", Rule: RuleRequired, Message: "is required"})
}

// HostTenant returns the tenant that the address names, in its path or its host,
// or "": what a public call brings for another tenant is refused there.
func HostTenant(ctx context.Context) string { return requestOf(ctx).addressTenant() }

func (rq *request) addressTenant() string {
	if rq.tenant != "" {
		return rq.tenant
	}
	return rq.hostTenant()
}

// tenantIn returns the tenant that a request's path names. The mux has found it
// already, unless the path is one that it would redirect.
func (rt *route) tenantIn(r *http.Request) string {
	if name := r.PathValue("tenant"); name != "" {
		return name
	}
	name, _ := below(rt.base, r.URL.Path)
	return name
}

// hostTenant returns the tenant that the host names after the API's label; a
// second label that is no tenant's name is part of the domain.
func (rq *request) hostTenant() string {
	if !rq.rt.onHost || rq.rt.srv.knownTenant == nil {
		return ""
	}
	_, rest, _ := strings.Cut(rq.http.Host, ".")
	name, _, more := strings.Cut(rest, ".")
	if name, _, _ = strings.Cut(name, ":"); more && rq.rt.srv.knownTenant(name) {
		return name
	}
	return ""
}
