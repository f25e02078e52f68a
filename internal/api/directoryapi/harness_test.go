package directoryapi_test

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/api/directoryapi"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// A round of a property takes many calls, so a few are the standard.
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		_ = f.Value.Set(strconv.Itoa(racetest.Scale(10)))
	}
	os.Exit(pgtest.Main(m))
}

const base = "/directory/api/v1"

// clock stands still until a test moves it. Writes are a microsecond apart.
type clock struct{ micros atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.micros.Store(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixMicro())
	return c
}

func (c *clock) now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

func (c *clock) forward(d time.Duration) { c.micros.Add(d.Microseconds()) }

// text spells the clock's time, moved by d, as the API takes it.
func (c *clock) text(d time.Duration) string {
	return c.now().Add(d).Format("2006-01-02T15:04:05.999999Z")
}

// noLimits lets tests call as fast as they like.
var noLimits = wire.Limits{PerToken: -1, PerAddress: -1}

// node is one server on a database.
type node struct {
	db       *store.DB
	graph    *graph.Graph
	identity *identity.Identity
	server   *wire.Server
}

func newNode(t testing.TB, database string, now roster.Clock, limits wire.Limits) *node {
	t.Helper()
	n := &node{db: storetest.Open(t, database, store.Options{Clock: now})}
	n.graph, n.identity = graph.New(n.db), identity.New(n.db)
	n.server = wire.NewServer(wire.Options{
		Auth: n.identity, Revision: n.db.Published, Keys: wire.NewKeys(n.db), Limits: limits,
		Logger: slog.New(slog.DiscardHandler),
	}, directoryapi.New(n.graph, n.identity))
	return n
}

// token makes a token of the actor's tenant.
func (n *node) token(t testing.TB, a roster.Actor, api roster.API, role string, expires time.Time) (identity.Token, string) {
	t.Helper()
	token, text, err := n.identity.CreateToken(t.Context(), a, identity.Token{API: api, Role: role, Name: role, ExpiresAt: expires}, identity.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	return token, text
}

// house is a directory of the tenant acme, beside that of the tenant rival. The
// house itself is a client: acme's administrator.
type house struct {
	*wiretest.Client
	t        testing.TB
	node     *node
	clock    *clock
	actor    roster.Actor // of acme, for verbs below the API
	admin    string       // the administrator's token
	reads    string       // a reader's token
	reader   *wiretest.Client
	rival    *wiretest.Client // rival's administrator
	stranger *wiretest.Client // without a token
}

func newHouse(t testing.TB, database string) *house {
	t.Helper()
	c := newClock()
	return furnish(t, newNode(t, database, c.now, noLimits), c, "acme", "rival")
}

// furnish makes two tenants on a node.
func furnish(t testing.TB, n *node, c *clock, acme, rival string) *house {
	t.Helper()
	h := &house{t: t, node: n, clock: c, actor: storetest.Tenant(t, n.db, acme)}
	other := storetest.Tenant(t, n.db, rival)
	year := c.now().AddDate(1, 0, 0)
	_, h.admin = n.token(t, h.actor, roster.DirectoryAPI, directoryapi.Administrator, year)
	_, h.reads = n.token(t, h.actor, roster.DirectoryAPI, directoryapi.Reader, year)
	_, writes := n.token(t, other, roster.DirectoryAPI, directoryapi.Administrator, year)
	h.stranger = wiretest.New(t, n.server, base)
	h.Client, h.reader, h.rival = h.stranger.As(h.admin), h.stranger.As(h.reads), h.stranger.As(writes)
	return h
}

// each runs fn in a house of its own on each engine.
func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, database string) { fn(t, newHouse(t, database)) })
}

type object = map[string]any

// group makes a group and returns its id; account does so for an account.
func (h *house) group(name string) string {
	h.t.Helper()
	return h.Post("/groups", object{"name": name}).Want(201).Text("id")
}

func (h *house) account(name string) string {
	h.t.Helper()
	return h.Post("/accounts", object{"name": name, "email": name + "@example.org"}).Want(201).Text("id")
}

// ref names a member as bodies do.
func ref(id string) object {
	if id[:4] == "acc-" {
		return object{"account_id": id}
	}
	return object{"group_id": id}
}

// add puts members into a group.
func (h *house) add(group string, members ...string) {
	h.t.Helper()
	for _, m := range members {
		h.Post("/groups/"+group+"/members", ref(m)).Want(201)
	}
}

// row is a member as a list shows one.
type row struct {
	ID             string   `json:"id"`
	MembershipType string   `json:"membership_type"`
	AddedDate      string   `json:"added_date"`
	Status         string   `json:"status"`
	Via            []string `json:"via"`
}

// members lists a group's members; query is "" or begins with ?.
func (h *house) members(group, query string) []row {
	h.t.Helper()
	var list struct {
		Members []row `json:"members"`
		Count   int   `json:"count"`
	}
	h.Get("/groups/" + group + "/members" + query).Want(200).Into(&list)
	if list.Count != len(list.Members) {
		h.t.Errorf("count %d of %d members", list.Count, len(list.Members))
	}
	return list.Members
}

// types maps each member's id to its type of membership.
func (h *house) types(group, query string) map[string]string {
	h.t.Helper()
	types := map[string]string{}
	for _, m := range h.members(group, query) {
		types[m.ID] = m.MembershipType
	}
	return types
}

// count is a group's member_count.
func (h *house) count(group, query string) int {
	h.t.Helper()
	return int(h.Get("/groups/" + group + query).Want(200).At("member_count").(float64))
}

// check asks whether an account is in a group.
func (h *house) check(group, account, asOf string) bool {
	h.t.Helper()
	query := "?account_id=" + account
	if asOf != "" {
		query += "&asOf=" + asOf
	}
	return h.Get("/groups/" + group + "/check" + query).Want(200).At("member").(bool)
}

// ids are the ids in a list at a path, in order.
func ids(r *wiretest.Response, path string) (all []string) {
	list, _ := r.At(path).([]any)
	for _, v := range list {
		all = append(all, v.(object)["id"].(string))
	}
	return all
}

// write changes what lies below the API, as acme.
func (h *house) write(fn func(*store.Tx) error) {
	h.t.Helper()
	if err := h.node.db.Write(h.t.Context(), h.actor, fn); err != nil {
		h.t.Fatal(err)
	}
}

// people makes n accounts in one write and returns their ids.
func (h *house) people(n int) []string {
	h.t.Helper()
	made, ids := make([]*graph.Person, n), make([]string, n)
	h.write(func(tx *store.Tx) error {
		for i := range made {
			name := fmt.Sprintf("p%05d", i)
			made[i] = &graph.Person{Name: name, Email: name + "@example.org", Profiles: graph.AccountProfile}
		}
		return graph.CreatePeople(tx, made)
	})
	for i, p := range made {
		ids[i] = fmt.Sprint("acc-", p.ID)
	}
	return ids
}
