package business

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/jobs/post/posttest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// ledger is a business in a database of its own, at a clock that tests move: a branch
// with a unit in Vienna, and an account with three members and two cost centers.
type ledger struct {
	*Business
	t        testing.TB
	database string
	clock    *atomic.Int64 // µs UTC
	cli      roster.Actor
	branch   int64
	unit     *Unit
	account  *Account
	members  []int64 // owner, admin, simple
	centers  []int64
	sources  int64 // how many things were charged

	lastCenter int64
}

// vienna is where days of 23 and of 25 hours are known.
const vienna = "Europe/Vienna"

var centerInsert = store.Q("test.cost_center", `INSERT INTO cost_centers (tenant, id, group_id, code, code_key, name, description, external_reference,
	active, valid_from, valid_until, created_at, updated_at, revision) VALUES ($1, $2, $3, $4, $4, $5, '', '', true, 0, 0, 0, 0, 0)`)

// at parses a time as RFC 3339, into µs UTC.
func at(text string) int64 {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UnixMicro()
}

func openLedger(t testing.TB, database string, clock *atomic.Int64) *Business {
	db := storetest.Open(t, database, store.Options{Clock: func() time.Time { return time.UnixMicro(clock.Load()) }})
	graph.New(db)
	return New(db)
}

// newLedger makes it at a time.
func newLedger(t testing.TB, database, now string) *ledger {
	t.Helper()
	l := &ledger{t: t, database: database, clock: &atomic.Int64{}}
	l.clock.Store(at(now))
	l.Business = openLedger(t, database, l.clock)
	l.cli = storetest.Tenant(t, l.db, "acme")
	l.write(func(tx *store.Tx) (err error) {
		l.unit = &Unit{Name: "Austria", Code: "at", Currency: "EUR", CurrencyScale: OwnScale, Tax: 2000, Timezone: vienna}
		if err := InsertUnit(tx, l.unit); err != nil {
			return err
		}
		b := &identity.Branch{Name: "Vienna", Code: "vie", BusinessUnitID: l.unit.ID}
		if _, err := identity.PutBranch(tx, b); err != nil {
			return err
		}
		l.branch = b.ID
		l.account, err = l.newAccount(tx, "Acme", Monthly)
		return err
	})
	for i, role := range []string{Owner, Admin, Simple} {
		l.members = append(l.members, l.addMember(l.account, role, fmt.Sprintf("Nina %d", i), "Novak"))
	}
	l.write(l.addCenters)
	return l
}

func (l *ledger) newAccount(tx *store.Tx, name, cycle string) (*Account, error) {
	a, err := NewAccount(tx, l.branch)
	if err != nil {
		return nil, err
	}
	a.Name, a.BillingCycle = name, cycle
	return a, InsertAccount(tx, a)
}

// addCenters gives the account two cost centers.
func (l *ledger) addCenters(tx *store.Tx) error {
	tx.Housekeeping()
	for i := range 2 {
		l.lastCenter++
		l.centers = append(l.centers, l.lastCenter)
		if _, err := tx.Exec(centerInsert, l.lastCenter, l.account.ID, fmt.Sprintf("c%d", i), fmt.Sprintf("Center %d", i)); err != nil {
			return err
		}
	}
	return nil
}

// customer makes a customer of the branch and returns the id.
func (l *ledger) customer(first, last string) (id int64) {
	l.write(func(tx *store.Tx) error {
		c := &identity.Customer{FirstName: first, LastName: last, HomeBranchID: l.branch}
		err := identity.InsertCustomer(tx, c)
		id = c.ID
		return err
	})
	return id
}

func (l *ledger) addMember(a *Account, role, first, last string) int64 {
	id := l.customer(first, last)
	l.write(func(tx *store.Tx) error {
		_, err := InsertMember(tx, a, NewMember{UserID: id, Role: role, CreatedBy: ByOperator})
		return err
	})
	return id
}

// user is a customer as the user API's actor.
func (l *ledger) user(id int64) roster.Actor {
	return roster.Actor{Tenant: l.cli.Tenant, ID: "test", API: roster.UserAPI, Role: "USER", PersonID: id}
}

func (l *ledger) tryWrite(fn func(*store.Tx) error) error {
	return l.db.Write(context.Background(), l.cli, fn)
}

func (l *ledger) write(fn func(*store.Tx) error) {
	l.t.Helper()
	if err := l.tryWrite(fn); err != nil {
		l.t.Fatal(err)
	}
}

func (l *ledger) read(fn func(*store.Tx) error) {
	l.t.Helper()
	if err := l.db.Read(context.Background(), l.cli.Tenant.ID, fn); err != nil {
		l.t.Fatal(err)
	}
}

// charge makes a charge of the account, for the simple member, of a gross amount as
// text; change says what is different.
func (l *ledger) charge(kind, gross, when string, change func(*Charge)) *Charge {
	amount, err := roster.ParseAmount(gross)
	if err != nil {
		l.t.Fatal(err)
	}
	l.sources++
	c := &Charge{
		AccountID: l.account.ID, Kind: kind, SourceID: l.sources, MemberID: l.members[2], BusinessUnitID: l.unit.ID, BranchID: l.branch,
		Currency: "EUR", Time: at(when), Price: TaxOf(amount, l.unit.Tax),
	}
	if change != nil {
		change(c)
	}
	return c
}

func (l *ledger) post(charges ...*Charge) {
	l.t.Helper()
	l.write(func(tx *store.Tx) error { return PostCharges(tx, charges) })
}

// run moves the clock and runs what is due then.
func (l *ledger) run(now string) {
	l.t.Helper()
	l.clock.Store(max(l.clock.Load(), at(now)))
	if err := l.runner(l.Business).Drain(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
}

func (l *ledger) runner(b *Business) *jobs.Runner {
	r := jobs.New(b.db, jobs.Options{})
	b.RegisterJobs(r, &posttest.Box{})
	return r
}

// invoices are the account's, by id.
func (l *ledger) invoices(account int64) (all []*Invoice) {
	l.t.Helper()
	l.read(func(tx *store.Tx) (err error) {
		all, err = store.All(tx, invoicesOf, scanInvoice, account)
		return err
	})
	return all
}

// summary is the account's as its owner sees it; texts are dates or times, "" none.
func (l *ledger) summary(from, to string, costCenter int64) *Summary {
	l.t.Helper()
	s, err := l.BillingSummary(context.Background(), l.user(l.members[0]), SummaryQuery{
		AccountID: l.account.ID, From: moment(from), To: moment(to), CostCenterID: costCenter,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

func moment(text string) roster.Moment {
	switch len(text) {
	case 0:
		return roster.Moment{}
	case len(time.DateOnly):
		return roster.Moment{Date: text, Given: true}
	default:
		return roster.MomentAt(at(text))
	}
}

// refused fails unless err has a kind and a code.
func refused(t testing.TB, err error, kind roster.Kind, code string) {
	t.Helper()
	if e := roster.AsError(err); err == nil || e.Kind != kind || e.Code != code {
		t.Errorf("%v is no %d with code %q", err, kind, code)
	}
}
