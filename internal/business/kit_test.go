package business_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/jobs/post/posttest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// tester is what a house needs of a test, or of a check of a property.
type tester interface {
	Helper()
	Context() context.Context
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// house is a tenant with one branch, and everything that business needs.
type house struct {
	*business.Business

	t      tester
	db     *store.DB
	graph  *graph.Graph
	cli    roster.Actor
	home   int64 // the branch
	passed *atomic.Int64
	box    *posttest.Box
	jobs   *jobs.Runner
}

const day = 24 * time.Hour

func newHouse(t testing.TB, database string) *house {
	t.Helper()
	h := openHouse(t, database)
	h.furnish(storetest.Tenant(t, h.db, "acme"))
	return h
}

// openHouse opens the database, without a tenant yet.
func openHouse(t testing.TB, database string) *house {
	t.Helper()
	h := &house{t: t, passed: &atomic.Int64{}, box: &posttest.Box{}}
	h.db = storetest.Open(t, database, store.Options{Clock: func() time.Time { return time.Now().Add(time.Duration(h.passed.Load())) }})
	h.graph = graph.New(h.db)
	h.Business = business.New(h.db)
	h.jobs = jobs.New(h.db, jobs.Options{})
	h.RegisterJobs(h.jobs, h.box)
	return h
}

// furnish makes what a new tenant needs, and lets h act there.
func (h *house) furnish(cli roster.Actor) {
	h.t.Helper()
	h.cli = cli
	h.write(func(tx *store.Tx) error {
		unit := business.Unit{Name: "Unit", Code: "U", Currency: "EUR", Tax: 2000, CurrencyScale: 2, Timezone: "Europe/Vienna"}
		if _, err := business.PutUnit(tx, &unit); err != nil {
			return err
		}
		b := identity.Branch{Name: "Home", Code: "HOME", BusinessUnitID: unit.ID}
		_, err := identity.PutBranch(tx, &b)
		h.home = b.ID
		return err
	})
}

// pass moves the clock on.
func (h *house) pass(d time.Duration) { h.passed.Add(int64(d)) }

func (h *house) try(fn func(*store.Tx) error) error { return h.db.Write(h.t.Context(), h.cli, fn) }

func (h *house) write(fn func(*store.Tx) error) {
	h.t.Helper()
	h.must(h.try(fn))
}

func (h *house) read(fn func(*store.Tx) error) {
	h.t.Helper()
	h.must(h.db.Read(h.t.Context(), h.cli.Tenant.ID, fn))
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) setting(name string, value any) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		_, err = identity.PutBranchSetting(tx, name, h.home, text)
		return err
	})
}

func email(name string) string { return strings.ToLower(name) + "@example.org" }

// unverified makes a customer whose address is not verified, and verified one whose
// address is.
func (h *house) unverified(name string) roster.Actor { return h.customer(name, false) }
func (h *house) verified(name string) roster.Actor   { return h.customer(name, true) }

func (h *house) customer(name string, verified bool) roster.Actor {
	h.t.Helper()
	c := identity.Customer{Email: email(name), EmailVerified: verified, FirstName: name, LastName: "Rider", HomeBranchID: h.home}
	h.write(func(tx *store.Tx) error { return identity.InsertCustomer(tx, &c) })
	return h.as(c.ID)
}

func (h *house) as(person int64) roster.Actor {
	a := h.cli
	a.API, a.Role, a.PersonID = roster.UserAPI, "USER", person
	return a
}

func (h *house) edit(a roster.Actor, edit func(*identity.Customer)) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		_, err := identity.UpdateCustomer(tx, a.PersonID, nil, func(c *identity.Customer) error { edit(c); return nil })
		return err
	})
}

func (h *house) verify(a roster.Actor) {
	h.t.Helper()
	h.edit(a, func(c *identity.Customer) { c.EmailVerified = true })
}

// account makes an account that owner owns.
func (h *house) account(owner roster.Actor, name string) *business.AccountView {
	h.t.Helper()
	v, err := h.CreateAccount(h.t.Context(), owner, 0, business.AccountPatch{Name: &name})
	h.must(err)
	return v
}

// update changes an account by its owner.
func (h *house) update(owner roster.Actor, id int64, p business.AccountPatch) *business.AccountView {
	h.t.Helper()
	v, err := h.UpdateAccount(h.t.Context(), owner, id, nil, p)
	h.must(err)
	return v
}

// settle changes the rules of an account by its owner.
func (h *house) settle(owner roster.Actor, id int64, s business.SettingsPatch) {
	h.t.Helper()
	h.update(owner, id, business.AccountPatch{Settings: s})
}

// member puts a customer into an account.
func (h *house) member(a roster.Actor, account int64, role string) *business.Member {
	h.t.Helper()
	var m *business.Member
	h.write(func(tx *store.Tx) error {
		acc, err := business.LiveAccount(tx, account)
		if err != nil {
			return err
		}
		m, err = business.InsertMember(tx, acc, business.NewMember{UserID: a.PersonID, Role: role, CreatedBy: business.ByOperator})
		return err
	})
	return m
}

// live reads a member.
func (h *house) live(account int64, a roster.Actor) (m *business.Member) {
	h.t.Helper()
	h.read(func(tx *store.Tx) (err error) {
		m, err = business.LiveMember(tx, account, a.PersonID)
		return err
	})
	return m
}

// company is an account with people of each role.
type company struct {
	*house

	id                   int64
	code                 string
	owner, admin, simple roster.Actor
}

func (h *house) company(name string) company {
	h.t.Helper()
	c := company{house: h, owner: h.verified(name + "Owner"), admin: h.verified(name + "Admin"), simple: h.verified(name + "Member")}
	v := h.account(c.owner, name)
	c.id, c.code = v.ID, v.Code
	h.member(c.admin, c.id, business.Admin)
	h.member(c.simple, c.id, business.Simple)
	return c
}

// center makes a cost center of an account.
func (h *house) center(manager roster.Actor, account int64, code string) *business.CostCenter {
	h.t.Helper()
	c, err := h.CreateCostCenter(h.t.Context(), manager, account, business.CostCenterPatch{Code: &code, Name: &code})
	h.must(err)
	return c
}

func p[T any](v T) *T { return &v }

// codeOf is the code of an error, its kind where it has none, and "" for none.
func codeOf(err error) string {
	if err == nil {
		return ""
	}
	e := roster.AsError(err)
	if e.Code != "" {
		return e.Code
	}
	switch e.Kind {
	case roster.Invalid:
		return "invalid " + e.Field
	case roster.Precondition:
		return "precondition"
	default:
		return err.Error()
	}
}

func (h *house) wants(what string, err error, code string) {
	h.t.Helper()
	if got := codeOf(err); got != code {
		h.t.Errorf("%s: %q, want %q (%v)", what, got, code, err)
	}
}

// stale takes no version.
func stale(int64) error { return roster.Errorf(roster.Precondition, "", "another version") }

// invite invites somebody by address and returns the request's id.
func (c company) invite(by roster.Actor, to, role string) int64 {
	c.t.Helper()
	done, err := c.Invite(c.t.Context(), by, c.id, []business.Invitee{{Email: to, Role: role}})
	c.must(err)
	c.must(done[0].Err)
	return done[0].Request.ID
}

// request is a request as it is now.
func (h *house) request(id int64) (r business.Request) {
	h.t.Helper()
	h.read(func(tx *store.Tx) error {
		var person int64
		err := tx.Row(requestRaw, id).Scan(&r.State, &person, &r.Type)
		r.UserID = person
		return err
	})
	return r
}

var requestRaw = store.Q("test.request", `SELECT state, person_id, type FROM group_requests WHERE tenant = $1 AND id = $2`)

// twin is another node on the same database.
func (h *house) twin(t testing.TB, database string) *house {
	t.Helper()
	other := *h
	other.db = storetest.Open(t, database, store.Options{Clock: func() time.Time { return time.Now().Add(time.Duration(h.passed.Load())) }})
	other.graph = graph.New(other.db)
	other.Business = business.New(other.db)
	return &other
}
