package propertyapi_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/api/propertyapi"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/lodging"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

const base = "/property/api/v1"

// house is the property API on a database of its own, with a tenant acme: olga and
// otto are property users with a default group each, admin is the server's key.
type house struct {
	*testing.T

	db       *store.DB
	identity *identity.Identity
	lodging  *lodging.Lodging
	server   http.Handler
	client   *wiretest.Client
	actor    roster.Actor

	olga, otto, admin *wiretest.Client
}

func newHouse(t *testing.T, database string) *house {
	h := open(t, database)
	h.actor = storetest.Tenant(t, h.db, "acme")
	h.olga, h.otto = h.user("olga"), h.user("otto")
	h.admin = h.client.As(h.token(lodging.AdminToken, 0))
	return h
}

func open(t *testing.T, database string) *house {
	t.Helper()
	h := &house{T: t, db: storetest.Open(t, database, store.Options{})}
	g := graph.New(h.db)
	h.identity = identity.New(h.db)
	h.lodging = lodging.New(h.db, g, h.identity)
	h.server = wire.NewServer(wire.Options{
		Auth: h.identity, Revision: h.db.Published, DefaultTenant: "acme", Keys: wire.NewKeys(h.db),
		KnownTenant: func(name string) bool { return name == "acme" || name == "rival" },
		Limits:      wire.Limits{PerToken: -1, PerAddress: -1}, Logger: slog.New(slog.DiscardHandler),
	}, propertyapi.New(h.lodging))
	h.client = wiretest.New(t, h.server, base, "$.body.data.attributes.overrides.**", "$.body.data[*].attributes.overrides.**")
	return h
}

// user makes a property user and returns a client that acts as them.
func (h *house) user(name string) *wiretest.Client {
	h.Helper()
	p, err := h.lodging.CreateUser(h.Context(), h.actor, name+"@example.org", name, "")
	if err != nil {
		h.Fatal(err)
	}
	return h.client.As(h.token(lodging.UserToken, p.ID))
}

func (h *house) token(role string, person int64) string {
	h.Helper()
	_, text, err := h.identity.CreateToken(h.Context(), h.actor, identity.Token{
		API: roster.PropertyAPI, Role: role, PersonID: person, ExpiresAt: time.Now().Add(time.Hour),
	}, identity.NewSecret())
	if err != nil {
		h.Fatal(err)
	}
	return text
}

// group makes a group and returns its id.
func group(c *wiretest.Client, title string) string {
	return c.Post("/groups", fmt.Sprintf(`{"group":{"title":%q}}`, title)).Want(201).Text("data.id")
}

// property makes a property in a group and returns its id.
func property(c *wiretest.Client, title, group string) string {
	return c.Post("/properties", fmt.Sprintf(`{"property":{"title":%q,"currency":"EUR","group_id":%q}}`, title, group)).Want(201).Text("data.id")
}

// defaultGroup returns the id of the one group that a new user has.
func defaultGroup(c *wiretest.Client) string {
	return c.Get("/groups?filter[title]=User%20Group").Want(200).Text("data.0.id")
}

// invite brings an address into a group and returns the group user's id.
func invite(c *wiretest.Client, group, email, role string) string {
	return c.Post("/group_users", fmt.Sprintf(`{"invite":{"group_id":%q,"user_email":%q,"role":%q}}`, group, email, role)).
		Want(201).Text("data.id")
}

// titles lists the titles of a list.
func titles(r *wiretest.Response) (all []string) {
	for i := range r.Want(200).Len("data") {
		all = append(all, r.Text(fmt.Sprintf("data.%d.attributes.title", i)))
	}
	return all
}

func setEmail(email string) func(*graph.Person) error {
	return func(p *graph.Person) error {
		p.Email = email
		return nil
	}
}
