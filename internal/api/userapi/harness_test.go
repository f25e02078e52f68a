package userapi_test

import (
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

	"github.com/rosterhq/roster/internal/api/userapi"
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

const base = "/v1/acme/front"

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

// house is the operator acme, beside the operator rival. Of acme's riders olga owns
// the group Acme, adam administrates it, mia and max are members; rex owns the group
// Rex; ida and uma are in none.
type house struct {
	t        testing.TB
	clock    *clock
	db       *store.DB
	graph    *graph.Graph
	identity *identity.Identity
	business *business.Business
	care     *care.Care
	jobs     *jobs.Runner
	checks   *checks // of the provider
	server   *wire.Server
	cli      roster.Actor // of acme
	rivalCLI roster.Actor

	nobody *wiretest.Client // without a token
	olga, adam, mia, max, ida, rex, uma,
	rival *wiretest.Client // rival's own olga

	tokens map[string]string // by name

	group, rexGroup int64 // ids
	code, rexCode   string
}

func newHouse(t testing.TB, database string) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{}, tokens: map[string]string{}}
	h.clock.set("2026-03-02T10:00:00Z")
	h.db = storetest.Open(t, database, store.Options{Clock: h.clock.now})
	key, err := seal.New(seal.Random())
	if err != nil {
		t.Fatal(err)
	}
	h.graph, h.identity = graph.New(h.db), identity.New(h.db, identity.WithKey(key))
	h.business = business.New(h.db)
	folder := ""
	if !store.IsPostgres(database) {
		folder = t.TempDir()
	}
	h.care = care.New(h.db, care.WithFiles(key, blob.New(h.db, key, folder)))
	h.checks = &checks{results: map[string]care.VerificationResult{}}
	h.care.AddVerifier("VERIFF", h.checks)
	h.jobs = jobs.New(h.db, jobs.Options{})
	h.care.RegisterJobs(h.jobs)
	h.server = wire.NewServer(wire.Options{
		Auth: h.identity, Revision: h.db.Published, Keys: wire.NewKeys(h.db), Limits: wire.Limits{PerToken: -1, PerAddress: -1},
		Logger: slog.New(slog.DiscardHandler), Impersonate: h.identity.Impersonate,
		KnownTenant: func(name string) bool { return name == "acme" || name == "rival" },
	}, userapi.New(h.graph, h.identity, h.business, h.care, mobility.New(h.db, h.identity, h.business, h.care)))
	h.cli, h.rivalCLI = storetest.Tenant(t, h.db, "acme"), storetest.Tenant(t, h.db, "rival")
	h.apply(h.cli, city)
	h.apply(h.rivalCLI, town)
	h.nobody = wiretest.New(t, noNulls{t, h.server}, base, "$.body.details.**", "$.body.customProperties.**", "$.body[*].customProperties.**", "$.body.next.**")
	for _, c := range []struct {
		name string
		to   **wiretest.Client
	}{{"olga", &h.olga}, {"adam", &h.adam}, {"mia", &h.mia}, {"max", &h.max}, {"ida", &h.ida}, {"rex", &h.rex}, {"uma", &h.uma}} {
		h.tokens[c.name] = h.token(h.cli, h.person(c.name))
		*c.to = h.nobody.As(h.tokens[c.name])
	}
	h.rival = h.nobody.As(h.token(h.rivalCLI, h.personOf(h.rivalCLI, "olga")))
	h.group, h.code = h.newGroup("olga", "Acme", "adam", "mia", "max")
	h.rexGroup, h.rexCode = h.newGroup("rex", "Rex")
	return h
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

// person is a rider's id.
func (h *house) person(name string) int64 { return h.personOf(h.cli, name) }

func (h *house) personOf(a roster.Actor, name string) (id int64) {
	h.t.Helper()
	err := h.db.Read(h.t.Context(), a.Tenant.ID, func(tx *store.Tx) error {
		c, err := identity.CustomerByEmail(tx, name+"@example.org")
		if err == nil {
			id = c.ID
		}
		return err
	})
	if err != nil {
		h.t.Fatal(name, err)
	}
	return id
}

// token makes a token of a rider.
func (h *house) token(a roster.Actor, person int64) string {
	h.t.Helper()
	return h.tokenFor(a, identity.Token{API: roster.UserAPI, Role: identity.RoleUser, PersonID: person})
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

// newGroup makes a group of VIE that gets invoices, with its owner and members; the
// first of them is an administrator.
func (h *house) newGroup(owner, name string, members ...string) (id int64, code string) {
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
		a, err := business.NewAccount(tx, tree.ByCode("VIE").ID)
		if err != nil {
			return err
		}
		a.Name, a.PaymentState = name, business.Invoicing
		if err := business.InsertAccount(tx, a); err != nil {
			return err
		}
		id, code = a.ID, a.Code
		for i, person := range people {
			role := []string{business.Owner, business.Admin, business.Simple}[min(i, 2)]
			if _, err := business.InsertMember(tx, a, business.NewMember{UserID: person, Role: role, CreatedBy: business.ByOperator}); err != nil {
				return err
			}
		}
		return nil
	})
	return id, code
}

// golden starts a conversation; codes that are drawn stand by numbers in it.
func (h *house) golden(c *wiretest.Client, name string) *wiretest.Client {
	h.t.Helper()
	g := c.Golden(name)
	g.Hide(`"version": (\d+)`, "version")
	for _, pattern := range []string{
		`"(?:code|memberCode|groupCode|userGroupCode)": ?"([A-HJ-NP-Z2-9]{8})"`, `/groups/([A-HJ-NP-Z2-9]{8}|[a-hj-np-z2-9]{8})/`, `/groups-management/\d+/([A-HJ-NP-Z2-9]{8})\b`, `userGroupCode=([A-HJ-NP-Z2-9]{8})`,
	} {
		g.Hide(pattern, "code")
	}
	return g
}

// as continues a conversation as somebody else.
func (h *house) as(g *wiretest.Client, name string) *wiretest.Client {
	g.Note("As " + name + ":")
	return g.As(h.tokens[name])
}

// managed is a path below the group Acme under management.
func (h *house) managed(path string, args ...any) string {
	return fmt.Sprintf("/groups-management/%d", h.group) + fmt.Sprintf(path, args...)
}

// branch is a branch's id.
func (h *house) branch(code string) (id int64) {
	h.t.Helper()
	err := h.db.Read(h.t.Context(), h.cli.Tenant.ID, func(tx *store.Tx) error {
		tree, err := identity.Branches(tx)
		if err == nil {
			id = tree.ByCode(code).ID
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// set gives a setting a value in the whole tenant.
func (h *house) set(key string, value any) {
	h.t.Helper()
	h.apply(h.cli, fmt.Sprintf("settings:\n- {key: %s, value: %v}\n", key, value))
}

// number is the integer at a path of an answer.
func number(r *wiretest.Response, path string) int64 {
	n, _ := r.At(path).(float64)
	return int64(n)
}

// costCenter makes a cost center of the group Acme and returns its id.
func (h *house) costCenter(code string) int64 {
	h.t.Helper()
	return number(h.olga.Post("/cost-centers", object{"code": code, "name": "Center " + code}).Want(201), "id")
}

// voucher gives an account a voucher of 5.00 and returns its id.
func (h *house) voucher(account int64) (id int64) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		v, err := care.VoucherableByCode(tx, "SORRY-5")
		if err != nil {
			return err
		}
		of := care.IssueOf{Voucherable: v, GroupID: account}
		if _, err := business.LiveAccount(tx, account); err != nil {
			of.CustomerID, of.GroupID = account, 0
		}
		all, err := care.Issue(tx, of)
		if err == nil {
			id = all[0].ID
		}
		return err
	})
	return id
}
