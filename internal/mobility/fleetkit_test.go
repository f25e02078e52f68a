package mobility

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/jobs/post/posttest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// fleet is mobility in a database of its own, at a clock that tests move: the branch
// AT with VIE and GRZ below it, billed in EUR at 20 % but for GRZ, in CHF at 8.1 %;
// bikes with a tariff in both, vans in EUR alone.
type fleet struct {
	*Mobility
	t            testing.TB
	clock        *atomic.Int64 // µs UTC
	cli          roster.Actor
	box          *posttest.Box
	at, vie, grz int64
	euros        *business.Unit
	francs       *business.Unit
	bikes, vans  int64
	made         int // how many things have a name so far
}

// noon is when fleets begin.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC).UnixMicro()

const (
	minute = int64(60_000_000)
	hour   = 60 * minute
	day    = 24 * hour
)

// The tariffs of the fleet.
var (
	bikeRates  = Rates{Tax: 2000, Unlock: 10_000, PerMinute: 1_900}
	francRates = Rates{Tax: 810, Unlock: 12_345, PerMinute: 2_501, PerKilometer: 3_333}
	vanRates   = Rates{Tax: 2000, Unlock: 25_000, PerMinute: 3_000, PerKilometer: 3_900}
)

func newFleet(t testing.TB, database string) *fleet {
	t.Helper()
	f := &fleet{t: t, clock: &atomic.Int64{}, box: &posttest.Box{}}
	f.clock.Store(noon)
	db := storetest.Open(t, database, store.Options{Clock: func() time.Time { return time.UnixMicro(f.clock.Load()) }})
	i := identity.New(db)
	graph.New(db)
	b := business.New(db)
	f.Mobility = New(db, i, b, care.New(db))
	return f.found(t, "acme")
}

// found makes the fleet of another tenant of the same database, for a test of its own.
func (f *fleet) found(t testing.TB, tenant string) *fleet {
	other := &fleet{Mobility: f.Mobility, t: t, clock: f.clock, box: f.box}
	other.cli = roster.Actor{ID: "test", API: roster.CLI, RequestID: "test"}
	made, err := f.db.CreateTenant(context.Background(), other.cli, tenant)
	if err != nil {
		t.Fatal(err)
	}
	other.cli.Tenant = made
	other.write(other.build)
	return other
}

func (f *fleet) build(tx *store.Tx) error {
	f.euros = &business.Unit{Name: "Euro", Code: "EUR", Currency: "EUR", CurrencyScale: business.OwnScale, Tax: 2000, Timezone: "Europe/Vienna"}
	f.francs = &business.Unit{Name: "Franc", Code: "CHF", Currency: "CHF", CurrencyScale: business.OwnScale, Tax: 810, Timezone: "Europe/Zurich"}
	for _, u := range []*business.Unit{f.euros, f.francs} {
		if _, err := business.PutUnit(tx, u); err != nil {
			return err
		}
	}
	for _, b := range []struct {
		code         string
		parent, made *int64
		unit         int64
	}{{"AT", new(int64), &f.at, f.euros.ID}, {"VIE", &f.at, &f.vie, 0}, {"GRZ", &f.at, &f.grz, f.francs.ID}} {
		branch := identity.Branch{Name: b.code, Code: b.code, ParentID: *b.parent, BusinessUnitID: b.unit}
		if _, err := identity.PutBranch(tx, &branch); err != nil {
			return err
		}
		*b.made = branch.ID
	}
	for i, code := range []string{"bike", "van"} {
		c := Category{Code: code, Name: code}
		if _, err := PutCategory(tx, &c); err != nil {
			return err
		}
		*[]*int64{&f.bikes, &f.vans}[i] = c.ID
	}
	for _, t := range []Tariff{
		{CategoryID: f.bikes, BusinessUnitID: f.euros.ID, Currency: "EUR", Rates: bikeRates, Booking: 15_000},
		{CategoryID: f.bikes, BusinessUnitID: f.francs.ID, Currency: "CHF", Rates: francRates},
		{CategoryID: f.vans, BusinessUnitID: f.euros.ID, Currency: "EUR", Rates: vanRates},
	} {
		if _, err := PutTariff(tx, &t); err != nil {
			return err
		}
	}
	return nil
}

func (f *fleet) tryWrite(fn func(*store.Tx) error) error {
	return f.db.Write(context.Background(), f.cli, fn)
}

func (f *fleet) write(fn func(*store.Tx) error) {
	f.t.Helper()
	if err := f.tryWrite(fn); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fleet) read(fn func(*store.Tx) error) {
	f.t.Helper()
	if err := f.db.Read(context.Background(), f.cli.Tenant.ID, fn); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fleet) name(noun string) string {
	f.made++
	return fmt.Sprintf("%s-%d", noun, f.made)
}

// rider makes a customer of Vienna and returns them as the user API's actor.
func (f *fleet) rider() roster.Actor {
	f.t.Helper()
	name := f.name("rider")
	c := identity.Customer{Email: name + "@example.org", EmailVerified: true, FirstName: name, LastName: "Rider", HomeBranchID: f.vie}
	f.write(func(tx *store.Tx) error { return identity.InsertCustomer(tx, &c) })
	return f.user(c.ID)
}

func (f *fleet) user(id int64) roster.Actor {
	return roster.Actor{Tenant: f.cli.Tenant, ID: fmt.Sprintf("test:%d", id), API: roster.UserAPI, Role: "USER", PersonID: id}
}

// account makes a business account of a branch that is invoiced, with an owner, as
// edit says.
func (f *fleet) account(branch int64, owner roster.Actor, edit func(*business.Account)) *business.Account {
	f.t.Helper()
	var a *business.Account
	f.write(func(tx *store.Tx) (err error) {
		if a, err = business.NewAccount(tx, branch); err != nil {
			return err
		}
		a.Name, a.PaymentState = f.name("account"), "INVOICING"
		if edit != nil {
			edit(a)
		}
		return business.InsertAccount(tx, a)
	})
	f.join(a, owner, business.Owner)
	return a
}

func (f *fleet) join(a *business.Account, who roster.Actor, role string) {
	f.t.Helper()
	f.write(func(tx *store.Tx) error {
		_, err := business.InsertMember(tx, a, business.NewMember{UserID: who.PersonID, Role: role, CreatedBy: business.ByOperator})
		return err
	})
}

// editAccount changes an account, and member what somebody is in it.
func (f *fleet) editAccount(a *business.Account, edit func(*business.Account)) {
	f.t.Helper()
	f.write(func(tx *store.Tx) error {
		after, err := business.EditAccount(tx, a.ID, nil, func(a *business.Account) error { edit(a); return nil })
		if err == nil {
			*a = *after
		}
		return err
	})
}

func (f *fleet) member(a *business.Account, who roster.Actor, edit func(*business.Member)) {
	f.t.Helper()
	f.write(func(tx *store.Tx) error {
		m, err := business.LiveMember(tx, a.ID, who.PersonID)
		if err != nil {
			return err
		}
		_, err = business.EditMember(tx, a, m, nil, func(m *business.Member) error { edit(m); return nil })
		return err
	})
}

func (f *fleet) costCenter(a *business.Account) int64 {
	f.t.Helper()
	c := business.CostCenter{Code: f.name("center"), Name: "Center", Active: true}
	f.write(func(tx *store.Tx) error { return business.InsertCostCenter(tx, a, &c) })
	return c.ID
}

func (f *fleet) vehicle(branch, category int64) *Vehicle {
	f.t.Helper()
	v := &Vehicle{Code: f.name("vehicle"), BranchID: branch, CategoryID: category}
	f.write(func(tx *store.Tx) error {
		_, err := PutVehicle(tx, v)
		return err
	})
	return v
}

func (f *fleet) setting(name, value string) {
	f.t.Helper()
	f.write(func(tx *store.Tx) error {
		_, err := identity.PutBranchSetting(tx, name, 0, []byte(value))
		return err
	})
}

// pass lets time pass.
func (f *fleet) pass(micros int64) { f.clock.Add(micros) }

// run runs the jobs that are due.
func (f *fleet) run() {
	f.t.Helper()
	r := jobs.New(f.db, jobs.Options{})
	f.RegisterJobs(r, f.box)
	f.business.RegisterJobs(r, f.box)
	if err := r.Drain(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// rent creates a rental that is driven at once.
func (f *fleet) rent(who roster.Actor, v *Vehicle, p Payer) *RentalView {
	f.t.Helper()
	r, err := f.CreateRental(f.t.Context(), who, NewRental{VehicleID: v.ID, Start: Active, Payer: p})
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

func (f *fleet) end(who roster.Actor, r *RentalView, e End) *RentalView {
	f.t.Helper()
	ended, err := f.EndRental(f.t.Context(), who, r.ID, e)
	if err != nil {
		f.t.Fatal(err)
	}
	return ended
}

// on is a payer: a business account.
func on(a *business.Account) Payer { return Payer{GroupCode: a.Code} }

// posted is a row of the ledger.
type posted struct {
	Account                int64
	Kind                   string
	Source, Member, Center int64
	Unit                   int64
	Currency               string
	Time                   int64
	Price                  roster.Price
}

var chargesAll = store.Q("test.charges", `SELECT account_id, kind, source_id, member_id, cost_center_id, business_unit_id, currency, time, net, tax, gross
	FROM charges WHERE tenant = $1 AND source_id <> 0 ORDER BY kind, source_id, part`)

// charges are the whole ledger, by kind and source.
func (f *fleet) charges() (all []posted) {
	f.t.Helper()
	f.read(func(tx *store.Tx) (err error) {
		all, err = store.All(tx, chargesAll, func(s store.Scanner) (p posted, err error) {
			return p, s.Scan(&p.Account, &p.Kind, &p.Source, &p.Member, &p.Center, &p.Unit, &p.Currency, &p.Time, &p.Price.Net, &p.Price.Tax, &p.Price.Gross)
		})
		return err
	})
	return all
}

// refused fails unless err has a kind and a code.
func (f *fleet) refused(what string, err error, kind roster.Kind, code string) {
	f.t.Helper()
	if e := roster.AsError(err); err == nil || e.Kind != kind || e.Code != code {
		f.t.Errorf("%s: %v, want kind %d with code %q", what, err, kind, code)
	}
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}
