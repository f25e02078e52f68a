package opsapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/api/opsapi"
	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/setup"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const base = "/v1/acme/ops-api"

type object = map[string]any

// clock stands still until a test moves it. Writes are a microsecond apart.
type clock struct{ micros atomic.Int64 }

func (c *clock) now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

func (c *clock) forward(d time.Duration) { c.micros.Add(d.Microseconds()) }

// house is the operator acme, beside the operator rival: its branches VIE and GRZ lie
// below AT. Of acme's customers olga owns the group Acme of VIE, adam administrates it,
// mia and max are members; rex owns the group Rex of GRZ; the others are in none.
type house struct {
	t        testing.TB
	clock    *clock
	db       *store.DB
	identity *identity.Identity
	business *business.Business
	care     *care.Care
	mobility *mobility.Mobility
	jobs     *jobs.Runner
	server   *wire.Server
	cli      roster.Actor // of acme
	rivalCLI roster.Actor

	nobody *wiretest.Client  // without a token
	tokens map[string]string // by name: see names

	group, rexGroup int64
	sideGroup       int64 // see side
	booked          int64 // see booking

	checks *checks // of the provider

	rating func(care.RatingQuery) (care.RatingAnswer, error) // of the provider
}

// names are the tokens of a house: admin (ADMIN at AT), support (CUSTOMER_SUPPORT at
// VIE), accounting (ACCOUNTING at AT), branch-b (CUSTOMER_SUPPORT at GRZ), admin-b
// (ADMIN at GRZ), none (an operator without a role), client (an API client, ADMIN at
// AT), other (rival's ADMIN), rider (a customer's, of the user API).
var names = []string{"admin", "support", "accounting", "branch-b", "admin-b", "none", "client", "other", "rider"}

func newHouse(t testing.TB, database string) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{}, tokens: map[string]string{}}
	h.clock.micros.Store(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC).UnixMicro())
	h.db = storetest.Open(t, database, store.Options{Clock: h.clock.now})
	graph.New(h.db)
	key, err := seal.New(make([]byte, seal.Size))
	if err != nil {
		t.Fatal(err)
	}
	h.identity = identity.New(h.db, identity.WithKey(key))
	h.business = business.New(h.db)
	folder := ""
	if !store.IsPostgres(database) {
		folder = t.TempDir()
	}
	h.care = care.New(h.db, care.WithFiles(key, blob.New(h.db, key, folder)))
	h.care.AddRater("CRIF", h)
	h.checks = &checks{results: map[string]care.VerificationResult{}}
	h.care.AddVerifier("VERIFF", h.checks)
	h.jobs = jobs.New(h.db, jobs.Options{})
	h.care.RegisterJobs(h.jobs)
	h.mobility = mobility.New(h.db, h.identity, h.business, h.care)
	h.server = wire.NewServer(wire.Options{
		Auth: h, Revision: h.db.Published, Keys: wire.NewKeys(h.db), Limits: wire.Limits{PerToken: -1, PerAddress: -1},
		Logger:      slog.New(slog.DiscardHandler),
		KnownTenant: func(name string) bool { return name == "acme" || name == "rival" },
	}, opsapi.New(h.identity, h.business, h.care, h.mobility))
	h.cli, h.rivalCLI = storetest.Tenant(t, h.db, "acme"), storetest.Tenant(t, h.db, "rival")
	h.apply(h.cli, city)
	h.apply(h.rivalCLI, town)
	h.nobody = wiretest.New(t, noNulls{t, h.server}, base, "$.body.details.**", "$.body.errors[*].details.**", "$.body.customProperties.**", "$.body[*].customProperties.**")
	for _, name := range names[:6] {
		h.tokens[name] = h.operatorToken(h.cli, name)
	}
	h.tokens["other"] = h.operatorToken(h.rivalCLI, "admin")
	h.tokens["rider"] = h.tokenFor(h.cli, identity.Token{API: roster.UserAPI, Role: identity.RoleUser, PersonID: h.person("olga")})
	h.tokens["client"] = "client"
	h.signsIn("mia", identity.EmailPassword, identity.EmailCode)
	h.group = h.newGroup("VIE", "olga", "Acme", "adam", "mia", "max")
	h.rexGroup = h.newGroup("GRZ", "rex", "Rex")
	return h
}

// Authenticate implements wire.Authenticator: "client" is the API client desk, who would
// have signed in elsewhere.
func (h *house) Authenticate(ctx context.Context, token string) (roster.Actor, error) {
	if token == "client" {
		return roster.Actor{Tenant: h.cli.Tenant, ID: "client:rst_acme_desk", API: roster.OperationsAPI, Role: identity.RoleAPIClient}, nil
	}
	return h.identity.Authenticate(ctx, token)
}

// noNulls serves as the server does, and fails the test where an answer holds null:
// what is not there is left out.
type noNulls struct {
	t      testing.TB
	server *wire.Server
}

func (n noNulls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	n.server.ServeHTTP(answer, r)
	if strings.HasPrefix(answer.Header().Get("Content-Type"), "application/json") && !strings.HasSuffix(r.URL.Path, "/openapi.json") {
		var v any
		if err := json.Unmarshal(answer.Body.Bytes(), &v); err != nil || holdsNull(v) {
			n.t.Errorf("%s %s: null, or no JSON: %s", r.Method, r.URL, answer.Body)
		}
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func holdsNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return slices.ContainsFunc(v, holdsNull)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), holdsNull)
	}
	return false
}

// each runs fn in a house of its own on each engine.
func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, database string) { fn(t, newHouse(t, database)) })
}

// as is a client with the token of a name.
func (h *house) as(name string) *wiretest.Client { return h.nobody.As(h.tokens[name]) }

// apply has a tenant be what a file says.
func (h *house) apply(a roster.Actor, text string) {
	h.t.Helper()
	d, err := setup.Parse(strings.NewReader(text))
	if err != nil {
		h.t.Fatal(err)
	}
	apply := setup.New(d)
	err = h.db.Write(h.t.Context(), a, func(tx *store.Tx) error {
		_, err := apply.Apply(tx)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// write changes what no call of this API does.
func (h *house) write(fn func(tx *store.Tx) error) {
	h.t.Helper()
	if err := h.db.Write(h.t.Context(), h.cli, fn); err != nil {
		h.t.Fatal(err)
	}
}

// read reads what no call of this API shows.
func (h *house) read(a roster.Actor, fn func(tx *store.Tx) error) {
	h.t.Helper()
	if err := h.db.Read(h.t.Context(), a.Tenant.ID, fn); err != nil {
		h.t.Fatal(err)
	}
}

// person is a customer's id.
func (h *house) person(name string) (id int64) {
	h.t.Helper()
	h.read(h.cli, func(tx *store.Tx) error {
		c, err := identity.CustomerByEmail(tx, name+"@example.org")
		if err == nil {
			id = c.ID
		}
		return err
	})
	return id
}

func (h *house) operatorToken(a roster.Actor, name string) string {
	h.t.Helper()
	var id int64
	h.read(a, func(tx *store.Tx) error {
		p, err := graph.PersonByEmail(tx, name+"@example.org")
		if err == nil {
			id = p.ID
		}
		return err
	})
	return h.tokenFor(a, identity.Token{API: roster.OperationsAPI, Role: identity.RoleOperator, PersonID: id})
}

func (h *house) tokenFor(a roster.Actor, t identity.Token) string {
	h.t.Helper()
	t.Name, t.ExpiresAt = "test", h.clock.now().AddDate(5, 0, 0)
	_, text, err := h.identity.CreateToken(h.t.Context(), a, t, identity.NewSecret())
	if err != nil {
		h.t.Fatal(err)
	}
	return text
}

// newGroup makes a group of a branch that gets invoices, with its owner and members;
// the first of them is an administrator.
func (h *house) newGroup(branch, owner, name string, members ...string) (id int64) {
	h.t.Helper()
	people := []int64{h.person(owner)}
	for _, m := range members {
		people = append(people, h.person(m))
	}
	h.write(func(tx *store.Tx) error {
		tree, err := identity.Branches(tx)
		if err != nil {
			return err
		}
		a, err := business.NewAccount(tx, tree.ByCode(branch).ID)
		if err != nil {
			return err
		}
		a.Name, a.PaymentState = name, business.Invoicing
		if err := business.InsertAccount(tx, a); err != nil {
			return err
		}
		id = a.ID
		for i, person := range people {
			role := []string{business.Owner, business.Admin, business.Simple}[min(i, 2)]
			if _, err := business.InsertMember(tx, a, business.NewMember{UserID: person, Role: role, CreatedBy: business.ByOperator}); err != nil {
				return err
			}
		}
		return nil
	})
	return id
}

// signsIn gives a customer ways to sign in.
func (h *house) signsIn(name string, methods ...string) {
	h.t.Helper()
	person := h.person(name)
	h.write(func(tx *store.Tx) error {
		for _, method := range methods {
			if _, err := identity.AddSignInMethod(tx, person, method); err != nil {
				return err
			}
		}
		return nil
	})
}

// branch is a branch's id.
func (h *house) branch(code string) (id int64) {
	h.t.Helper()
	h.read(h.cli, func(tx *store.Tx) error {
		tree, err := identity.Branches(tx)
		if err == nil {
			id = tree.ByCode(code).ID
		}
		return err
	})
	return id
}

// unit is a business unit's id.
func (h *house) unit(code string) (id int64) {
	h.t.Helper()
	h.read(h.cli, func(tx *store.Tx) error {
		u, err := business.UnitByCode(tx, code)
		if err == nil {
			id = u.ID
		}
		return err
	})
	return id
}

// role gives an operator of acme a role of these permissions at a branch.
func (h *house) role(operator, branch string, permissions ...string) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		p, err := graph.PersonByEmail(tx, operator+"@example.org")
		if err != nil {
			return err
		}
		tree, err := identity.Branches(tx)
		if err != nil {
			return err
		}
		r := identity.Role{Name: strings.ToUpper(strings.ReplaceAll(operator, "-", "_")) + "_AT_" + branch, Permissions: permissions}
		if _, err := identity.PutRole(tx, r); err != nil {
			return err
		}
		_, err = identity.AssignRole(tx, identity.Assignee{PersonID: p.ID}, r.Name, tree.ByCode(branch).ID)
		tx.Housekeeping()
		return err
	})
}

// costCenter makes a cost center of the group Acme and returns its id.
func (h *house) costCenter(code string) int64 {
	h.t.Helper()
	c := &business.CostCenter{Code: code, Name: "Center " + code, Active: true}
	h.write(func(tx *store.Tx) error {
		a, err := business.LiveAccount(tx, h.group)
		if err != nil {
			return err
		}
		return business.InsertCostCenter(tx, a, c)
	})
	return c.ID
}

// golden starts a conversation; codes that are drawn stand by numbers in it.
func (h *house) golden(c *wiretest.Client, name string) *wiretest.Client {
	h.t.Helper()
	g := c.Golden(name)
	g.Hide(`"version": (\d+)`, "version")
	g.Hide(`"(?:code|memberCode|groupCode)": ?"([A-HJ-NP-Z2-9]{8})"`, "code")
	return g
}

// on is a path below a group.
func on(group int64, path string, args ...any) string {
	return fmt.Sprintf("/groups/%d", group) + fmt.Sprintf(path, args...)
}

// number is the integer at a path of an answer.
func number(r *wiretest.Response, path string) int64 {
	n, _ := r.At(path).(float64)
	return int64(n)
}

// source gives an account something to pay with.
func (h *house) source(account int64) {
	h.t.Helper()
	if _, err := h.business.AddPaymentSource(h.t.Context(), h.cli, account, business.NewSource{Type: business.CreditCard, Label: "Card"}); err != nil {
		h.t.Fatal(err)
	}
}
