package apitest

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/setup"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
)

// House is all that knows the things of mobility's tenants, on one database: the
// operator acme, beside the operator rival. It is the morning of March 2, 2026.
type House struct {
	T        testing.TB
	Clock    *Clock
	DB       *store.DB
	Graph    *graph.Graph
	Identity *identity.Identity
	Business *business.Business
	Care     *care.Care
	Mobility *mobility.Mobility
	Jobs     *jobs.Runner
	CLI      roster.Actor // of acme
	RivalCLI roster.Actor
}

// NewHouse makes a house for the length of the test. Providers are added before Settle.
func NewHouse(t testing.TB, database string) *House {
	t.Helper()
	h := &House{T: t, Clock: &Clock{}}
	h.Clock.Set("2026-03-02T10:00:00Z")
	h.DB = storetest.Open(t, database, store.Options{Clock: h.Clock.Now})
	key, err := seal.New(seal.Random())
	if err != nil {
		t.Fatal(err)
	}
	folder := ""
	if !store.IsPostgres(database) {
		folder = t.TempDir()
	}
	h.Graph, h.Identity, h.Business = graph.New(h.DB), identity.New(h.DB, identity.WithKey(key)), business.New(h.DB)
	h.Care = care.New(h.DB, care.WithFiles(key, blob.New(h.DB, key, folder)))
	h.Mobility = mobility.New(h.DB, h.Identity, h.Business, h.Care)
	h.Jobs = jobs.New(h.DB, jobs.Options{})
	return h
}

// Settle makes the tenants, which are then as files of roster apply say.
func (h *House) Settle(acme, rival string) {
	h.T.Helper()
	h.Care.RegisterJobs(h.Jobs)
	h.CLI, h.RivalCLI = storetest.Tenant(h.T, h.DB, "acme"), storetest.Tenant(h.T, h.DB, "rival")
	h.Apply(h.CLI, acme)
	h.Apply(h.RivalCLI, rival)
}

// Serve serves an API without limits on rates.
func (h *House) Serve(auth wire.Authenticator, api *wire.API) *wire.Server {
	return wire.NewServer(wire.Options{
		Auth: auth, Impersonate: h.Identity.Impersonate, Revision: h.DB.Published, Keys: wire.NewKeys(h.DB),
		Limits: wire.Limits{PerToken: -1, PerAddress: -1}, Logger: slog.New(slog.DiscardHandler),
		KnownTenant: func(name string) bool { return name == "acme" || name == "rival" },
	}, api)
}

// Apply has a tenant be what a file of roster apply says.
func (h *House) Apply(a roster.Actor, text string) {
	h.T.Helper()
	d, err := setup.Parse(strings.NewReader(text))
	if err != nil {
		h.T.Fatal(err)
	}
	apply := setup.New(d)
	err = h.DB.Write(h.T.Context(), a, func(tx *store.Tx) error {
		_, err := apply.Apply(tx)
		return err
	})
	if err != nil {
		h.T.Fatal(err)
	}
}

// Write changes what no call of an API does, in acme.
func (h *House) Write(fn func(tx *store.Tx) error) {
	h.T.Helper()
	if err := h.DB.Write(h.T.Context(), h.CLI, fn); err != nil {
		h.T.Fatal(err)
	}
}

// Read reads what no call of an API shows.
func (h *House) Read(a roster.Actor, fn func(tx *store.Tx) error) {
	h.T.Helper()
	if err := h.DB.Read(h.T.Context(), a.Tenant.ID, fn); err != nil {
		h.T.Fatal(err)
	}
}

// Person is the id of a customer of acme by the name before @example.org.
func (h *House) Person(name string) int64 { return h.PersonOf(h.CLI, name) }

// PersonOf is the same of a tenant.
func (h *House) PersonOf(a roster.Actor, name string) (id int64) {
	h.T.Helper()
	h.Read(a, func(tx *store.Tx) error {
		c, err := identity.CustomerByEmail(tx, name+"@example.org")
		if err == nil {
			id = c.ID
		}
		return err
	})
	return id
}

// Branch is the id of a branch of acme.
func (h *House) Branch(code string) (id int64) {
	h.T.Helper()
	h.Read(h.CLI, func(tx *store.Tx) error {
		tree, err := identity.Branches(tx)
		if err == nil {
			id = tree.ByCode(code).ID
		}
		return err
	})
	return id
}

// TokenFor makes a token.
func (h *House) TokenFor(a roster.Actor, t identity.Token) string {
	h.T.Helper()
	t.Name, t.ExpiresAt = "test", h.Clock.Now().AddDate(5, 0, 0)
	_, text, err := h.Identity.CreateToken(h.T.Context(), a, t, identity.NewSecret())
	if err != nil {
		h.T.Fatal(err)
	}
	return text
}

// NewGroup makes a group of a branch that gets invoices, with its owner and members;
// the first of them is an administrator.
func (h *House) NewGroup(branch, owner, name string, members ...string) (a *business.Account) {
	h.T.Helper()
	people := []int64{h.Person(owner)}
	for _, m := range members {
		people = append(people, h.Person(m))
	}
	h.Write(func(tx *store.Tx) error {
		tree, err := identity.Branches(tx)
		if err != nil {
			return err
		}
		if a, err = business.NewAccount(tx, tree.ByCode(branch).ID); err != nil {
			return err
		}
		a.Name, a.PaymentState = name, business.Invoicing
		if err := business.InsertAccount(tx, a); err != nil {
			return err
		}
		for i, person := range people {
			role := []string{business.Owner, business.Admin, business.Simple}[min(i, 2)]
			if _, err := business.InsertMember(tx, a, business.NewMember{UserID: person, Role: role, CreatedBy: business.ByOperator}); err != nil {
				return err
			}
		}
		return nil
	})
	return a
}
