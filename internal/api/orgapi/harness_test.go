package orgapi_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/api/orgapi"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const base = "/organization/api/v2"

type object = map[string]any

// clock stands still until a test moves it. Writes are a microsecond apart.
type clock struct{ micros atomic.Int64 }

func (c *clock) now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

func (c *clock) forward(d time.Duration) { c.micros.Add(d.Microseconds()) }

func (c *clock) set(text string) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	c.micros.Store(t.UnixMicro())
}

// text spells the clock's time, moved by d, as the API takes it.
func (c *clock) text(d time.Duration) string { return c.now().Add(d).Format(time.RFC3339Nano) }

// house is the organization acme, beside rival. The house itself is a client:
// a service of acme with the role COMPANY_OWNER.
type house struct {
	*wiretest.Client

	t         testing.TB
	clock     *clock
	db        *store.DB
	graph     *graph.Graph
	identity  *identity.Identity
	server    *wire.Server
	actor     roster.Actor // of acme, for verbs below the API
	manager   *wiretest.Client
	clerk     *wiretest.Client // BOOKKEEPER
	employee  *wiretest.Client
	rival     *wiretest.Client // rival's COMPANY_OWNER
	stranger  *wiretest.Client // without a token
	ownerText string           // the owner's token
	made      *atomic.Int64
}

func newHouse(t testing.TB, database string) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{}, made: &atomic.Int64{}}
	h.clock.set("2026-01-15T10:30:00Z")
	h.db = storetest.Open(t, database, store.Options{Clock: h.clock.now})
	h.graph, h.identity = graph.New(h.db), identity.New(h.db)
	h.server = wire.NewServer(wire.Options{
		Auth: h.identity, Revision: h.db.Published, Keys: wire.NewKeys(h.db), Limits: wire.Limits{PerToken: -1, PerAddress: -1},
		Logger:      slog.New(slog.DiscardHandler),
		KnownTenant: func(name string) bool { return name == "acme" || name == "rival" },
	}, orgapi.New(h.graph, h.identity, spend.New(h.db)))
	h.actor = storetest.Tenant(t, h.db, "acme")
	rival := storetest.Tenant(t, h.db, "rival")
	h.stranger = wiretest.New(t, h.server, base)
	h.ownerText = h.token(h.actor, identity.CompanyOwner, 0)
	h.Client = h.stranger.As(h.ownerText)
	h.manager = h.stranger.As(h.token(h.actor, identity.Manager, 0))
	h.clerk = h.stranger.As(h.token(h.actor, identity.Bookkeeper, 0))
	h.employee = h.stranger.As(h.token(h.actor, identity.Employee, 0))
	h.rival = h.stranger.As(h.token(rival, identity.CompanyOwner, 0))
	return h
}

// token makes a token of the actor's tenant; person is 0 for a service.
func (h *house) token(a roster.Actor, role string, person int64) string {
	h.t.Helper()
	_, text, err := h.identity.CreateToken(h.t.Context(), a, identity.Token{
		API: roster.OrganizationAPI, Role: role, PersonID: person, Name: role, ExpiresAt: h.clock.now().AddDate(5, 0, 0),
	}, identity.NewSecret())
	if err != nil {
		h.t.Fatal(err)
	}
	return text
}

// each runs fn in a house of its own on each engine.
func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, database string) { fn(t, newHouse(t, database)) })
}

// group makes a group and returns its UUID.
func (h *house) group(name string) string {
	h.t.Helper()
	return h.Post("/groups", object{"name": name}).Want(201).Text("uuid")
}

// user makes a user with a role and returns their UUID.
func (h *house) user(name, role string) string {
	h.t.Helper()
	email := fmt.Sprintf("user%d@example.org", h.made.Add(1))
	return h.Post("/users", object{"fullName": name, "email": email, "role": role}).Want(201).Text("uuid")
}

// member puts users into a group.
func (h *house) member(group string, users ...string) {
	h.t.Helper()
	for _, u := range users {
		h.Put("/groups/"+group+"/users/"+u, nil).Want(204)
	}
}

// make makes a policy, a budget or a rule, has the groups carry it, and returns its UUID.
func (h *house) make(kind string, body object, groups ...string) string {
	h.t.Helper()
	id := h.Post("/"+kind, body).Want(201).Text("uuid")
	for _, g := range groups {
		h.Put("/groups/"+g+"/"+kind+"/"+id, nil).Want(204)
	}
	return id
}

func mxn(amount int64) object { return object{"amount": amount, "currency": "MXN"} }

// listOf, objectOf and textOf read what an answer holds; anything else is empty.
func listOf(v any) []any    { list, _ := v.([]any); return list }
func objectOf(v any) object { o, _ := v.(object); return o }
func textOf(v any) string   { text, _ := v.(string); return text }

// names are the values of a field in an answer's list, in order.
func names(r *wiretest.Response, field string) []string {
	all := []string{}
	for _, v := range listOf(r.At("")) {
		all = append(all, textOf(objectOf(v)[field]))
	}
	return all
}

// unknown is a UUID that nothing has.
func unknown() string { return uuid.Must(uuid.NewV7()).String() }

// raw makes a call that wiretest's client cannot: at another host or base.
func (h *house) raw(method, host, path, token, media, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(h.t.Context(), method, path, strings.NewReader(body))
	r.Host = host
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, r)
	return w
}

func parse(id string) uuid.UUID { return uuid.MustParse(id) }

// directoryGroup makes a group of the directory and returns its UUID.
func directoryGroup(t *testing.T, h *house, name string) string {
	t.Helper()
	g := graph.Group{Kind: graph.Directory, Name: name}
	if err := h.graph.Create(t.Context(), h.actor, &g); err != nil {
		t.Fatal(err)
	}
	return uuid.UUID(g.UUID).String()
}

// nest puts a group of any kind into a group of the directory.
func nest(t *testing.T, h *house, parent, child string) {
	t.Helper()
	var above, below int64
	h.graph.View(h.actor.Tenant.ID, func(v *index.View) {
		above, below = v.GroupByUUID(parse(parent)).ID, v.GroupByUUID(parse(child)).ID
	})
	if _, err := h.graph.Add(t.Context(), h.actor, graph.Directory, above, graph.Membership{MemberID: below}); err != nil {
		t.Fatal(err)
	}
}

// token2 makes a token of another API.
func (h *house) token2(t *testing.T, api roster.API, role string) string {
	t.Helper()
	_, text, err := h.identity.CreateToken(t.Context(), h.actor, identity.Token{
		API: api, Role: role, Name: role, ExpiresAt: h.clock.now().AddDate(1, 0, 0),
	}, identity.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	return text
}
