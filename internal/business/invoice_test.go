package business

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestClosing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		swiss := &Unit{Name: "Switzerland", Code: "ch", Currency: "CHF", Tax: 810, Timezone: "Europe/Zurich", InvoicePrefix: "CH"}
		l.write(func(tx *store.Tx) error { return InsertUnit(tx, swiss) })
		l.run("2026-11-10T12:00:01Z") // nothing to bill
		center := func(c *Charge) { c.CostCenterID = l.centers[0] }
		l.post(
			l.charge(RentalCharge, "99", "2026-11-10T11:59:59Z", nil), // before the account was made
			l.charge(RentalCharge, "10", "2026-11-20T10:00:00Z", center),
			l.charge(RentalCharge, "20", "2026-11-30T22:59:59Z", center),
			l.charge(BookingCharge, "5", "2026-11-20T10:00:00Z", func(c *Charge) { c.MemberID = l.members[0] }),
			l.charge(RebateCharge, "-2", "2026-11-20T10:00:00Z", center),
			l.charge(RentalCharge, "7", "2026-11-20T10:00:00Z", func(c *Charge) { c.Currency = "CHF" }),
			l.charge(RentalCharge, "8", "2026-11-20T10:00:00Z", func(c *Charge) { c.Currency, c.BusinessUnitID = "CHF", swiss.ID }),
			l.charge(RentalCharge, "40", "2026-11-30T23:00:00Z", nil), // in December
		)
		l.run("2026-11-30T22:59:59Z")
		if all := l.invoices(l.account.ID); len(all) != 0 {
			t.Fatalf("%+v before the cycle is over", all)
		}
		l.run("2026-11-30T23:06:00Z")
		all := l.invoices(l.account.ID)
		if len(all) != 3 {
			t.Fatalf("%d invoices", len(all))
		}
		i := all[slices.IndexFunc(all, func(i *Invoice) bool { return i.Currency == "EUR" })]
		if i.Price.Gross != 33_0000 || i.Items != 4 || i.PeriodFrom != at("2026-10-31T23:00:00Z") || i.PeriodTo != at("2026-11-30T23:00:00Z") ||
			i.State != InvoiceOpen || i.Settlement != SettlementOpen || i.DueAt != i.CreatedAt+14*24*3600e6 || i.BranchID != l.branch || i.BusinessUnitID != l.unit.ID {
			t.Errorf("%+v", i)
		}
		var numbers []string
		for _, i := range all {
			numbers = append(numbers, i.Number)
		}
		slices.Sort(numbers)
		if !slices.Equal(numbers, []string{"2026-12-01-CH-1", "2026-12-01-INV-1", "2026-12-01-INV-2"}) {
			t.Errorf("numbers are %q", numbers)
		}
		_, lines, err := l.InvoiceWithLines(t.Context(), l.user(l.members[0]), l.account.ID, i.ID)
		want := []InvoiceLine{
			{0, l.members[0], 0, 1, TaxOf(5_0000, 2000)},
			{l.centers[0], l.members[2], 2, 0, TaxOf(10_0000, 2000).Plus(TaxOf(20_0000, 2000)).Plus(TaxOf(-2_0000, 2000))},
		}
		if err != nil || !slices.Equal(lines, want) {
			t.Errorf("lines are %+v, %v", lines, err)
		}
		checkSums(t, l)
		checkSummary(t, readModel(l), l.summary("2026-11-01", "2026-12-01", 0), 0)
		l.run("2026-12-02T12:00:00Z")
		if again := l.invoices(l.account.ID); len(again) != 3 {
			t.Errorf("%d invoices after another look", len(again))
		}
		s := l.summary("", "", 0)
		if s.From != at("2026-11-30T23:00:00Z") || s.NextBillingDate != "2027-01-01" || len(s.OpenInvoices) != 3 || s.Unbilled.Gross != 40_0000 {
			t.Errorf("%+v", s)
		}
	})
}

// Cycles that nobody closed in time are closed one by one, each with its own invoice.
func TestLateClosing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-03-10T12:00:00Z")
		l.post(
			l.charge(RentalCharge, "1", "2026-03-15T10:00:00Z", nil), l.charge(RentalCharge, "2", "2026-03-31T21:59:59Z", nil),
			l.charge(RentalCharge, "4", "2026-03-31T22:00:00Z", nil), l.charge(RentalCharge, "8", "2026-06-15T10:00:00Z", nil),
		)
		l.run("2026-07-02T12:00:00Z")
		var gross []roster.Amount
		for _, i := range l.invoices(l.account.ID) {
			gross = append(gross, i.Price.Gross)
		}
		if !slices.Equal(gross, []roster.Amount{3_0000, 4_0000, 8_0000}) {
			t.Errorf("%v", gross)
		}
		var a *Account
		l.read(func(tx *store.Tx) (err error) {
			a, err = LiveAccount(tx, l.account.ID)
			return err
		})
		if a.CycleFrom != at("2026-06-30T22:00:00Z") || a.CycleTo != at("2026-07-31T22:00:00Z") || a.Revision != l.account.Revision {
			t.Errorf("%+v", a)
		}
	})
}

// Two nodes close the same cycle at once, again and again: one invoice a cycle.
func TestTwoClosings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-03-01T12:00:00Z")
		nodes := []*Business{l.Business, l.Business}
		if store.IsPostgres(database) {
			nodes[1] = openLedger(t, database, l.clock)
		}
		for range 5 {
			charges := make([]*Charge, 20)
			for i := range charges {
				charges[i] = l.charge(RentalCharge, "1", "2026-03-01T12:00:01Z", func(c *Charge) { c.Time = l.clock.Load() + 1e6 })
			}
			l.post(charges...)
			l.clock.Add(31 * 24 * 3600e6)
			var wait sync.WaitGroup
			for n := range 6 {
				wait.Go(func() {
					err := nodes[n%2].db.Write(context.Background(), l.cli, func(tx *store.Tx) error {
						_, err := closeCycle(tx, l.account.ID)
						return err
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			wait.Wait()
		}
		all := l.invoices(l.account.ID)
		for _, i := range all {
			if i.Items != 20 || i.Price.Gross != 20_0000 {
				t.Errorf("%+v", i)
			}
		}
		if len(all) != 5 {
			t.Errorf("%d invoices", len(all))
		}
		checkSums(t, l)
	})
}

// A closing that breaks off leaves nothing, and the next one all.
func TestBrokenClosing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-03-01T12:00:00Z")
		l.post(l.charge(RentalCharge, "1", "2026-03-05T12:00:00Z", nil))
		l.clock.Store(at("2026-04-02T12:00:00Z"))
		killed := errors.New("killed")
		err := l.tryWrite(func(tx *store.Tx) error {
			if closed, err := closeCycle(tx, l.account.ID); !closed || err != nil {
				t.Errorf("%v, %v", closed, err)
			}
			return killed
		})
		if !errors.Is(err, killed) || len(l.invoices(l.account.ID)) != 0 {
			t.Errorf("%v, and %d invoices", err, len(l.invoices(l.account.ID)))
		}
		checkSums(t, l)
		l.run("2026-04-02T12:00:00Z")
		if all := l.invoices(l.account.ID); len(all) != 1 || all[0].Number != "2026-04-02-INV-1" {
			t.Errorf("%+v", all)
		}
	})
}

func TestCloseUntil(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		l.post(
			l.charge(RentalCharge, "1", "2026-08-31T21:59:59Z", nil), l.charge(RentalCharge, "2", "2026-08-31T22:00:00Z", nil),
			l.charge(RentalCharge, "4", "2026-11-09T10:00:00Z", nil),
		)
		l.run("2026-12-02T12:00:00Z")
		if all := l.invoices(l.account.ID); len(all) != 0 {
			t.Fatalf("history is billed: %+v", all)
		}
		all, err := l.CloseUntil(t.Context(), l.cli, l.account.ID, moment("2026-09-01"))
		if err != nil || len(all) != 1 || all[0].Price.Gross != 1_0000 || all[0].PeriodFrom != at("2026-08-31T21:59:59Z") || all[0].PeriodTo != at("2026-08-31T22:00:00Z") {
			t.Errorf("%+v, %v", all, err)
		}
		for range 2 {
			if all, err = l.CloseUntil(t.Context(), l.cli, l.account.ID, moment("2026-12-02T00:00:00Z")); err != nil {
				t.Error(err)
			}
		}
		if len(all) != 0 || len(l.invoices(l.account.ID)) != 2 {
			t.Errorf("closed once more: %+v", all)
		}
		_, err = l.CloseUntil(t.Context(), l.cli, l.account.ID, moment("2026-12-03"))
		refused(t, err, roster.Invalid, "")
		_, err = l.CloseUntil(t.Context(), l.cli, 999, moment("2026-12-01"))
		refused(t, err, roster.NotFound, CodeNoAccount)
		_, err = l.CloseUntil(t.Context(), l.user(l.members[0]), l.account.ID, moment("2026-12-01"))
		refused(t, err, roster.Forbidden, CodeNoPermission)
	})
}

// What comes to nothing is paid; what comes to less lowers the next invoice.
func TestNothingToPay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		l.post(l.charge(RentalCharge, "5", "2026-11-11T12:00:00Z", nil), l.charge(RebateCharge, "-5", "2026-11-11T12:00:00Z", nil))
		l.run("2026-12-02T12:00:00Z")
		if all := l.invoices(l.account.ID); len(all) != 1 || all[0].State != InvoicePaid || all[0].Settlement != Settled || all[0].PaidAt == 0 {
			t.Fatalf("%+v", all)
		}
		l.post(l.charge(RebateCharge, "-5", "2026-12-11T12:00:00Z", nil))
		l.run("2027-01-02T12:00:00Z")
		if all := l.invoices(l.account.ID); len(all) != 1 {
			t.Fatalf("%+v", all)
		}
		l.post(l.charge(RentalCharge, "7", "2027-01-11T12:00:00Z", nil))
		l.run("2027-02-02T12:00:00Z")
		if all := l.invoices(l.account.ID); len(all) != 2 || all[1].Price.Gross != 2_0000 || all[1].Items != 2 {
			t.Errorf("%+v", all)
		}
		checkSums(t, l)
	})
}

// Per usage, what is posted together is one invoice, at once.
func TestPerUsage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		l.write(func(tx *store.Tx) (err error) {
			l.account, err = EditAccount(tx, l.account.ID, nil, func(a *Account) error { a.BillingCycle = PerUsage; return nil })
			return err
		})
		if s := l.summary("", "", 0); s.NextBillingDate != "" {
			t.Errorf("the next date is %q", s.NextBillingDate)
		}
		l.write(func(tx *store.Tx) error {
			if err := PostCharges(tx, []*Charge{l.charge(RentalCharge, "5", "2026-11-10T12:00:00Z", func(c *Charge) { c.Time = tx.Now })}); err != nil {
				return err
			}
			return PostCharges(tx, []*Charge{l.charge(RebateCharge, "-1", "2026-11-10T12:00:00Z", func(c *Charge) { c.Time = tx.Now })})
		})
		l.run("2026-11-10T12:00:01Z")
		l.post(l.charge(RentalCharge, "6", "2026-11-10T12:00:01Z", nil), l.charge(RentalCharge, "9", "2026-11-09T12:00:01Z", nil))
		l.run("2026-11-10T12:00:02Z")
		all := l.invoices(l.account.ID)
		if len(all) != 2 || all[0].Price.Gross != 4_0000 || all[1].Price.Gross != 6_0000 {
			t.Errorf("%+v", all)
		}
		l.run("2026-12-10T12:00:02Z")
		if again := l.invoices(l.account.ID); len(again) != 2 {
			t.Errorf("history is billed: %+v", again)
		}
	})
}

func TestInvoiceSteps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		l.post(l.charge(RentalCharge, "5", "2026-11-11T12:00:00Z", nil))
		l.run("2026-12-02T12:00:00Z")
		first := l.invoices(l.account.ID)[0]
		_, err := l.MarkPaid(t.Context(), l.user(l.members[0]), first.ID, nil)
		refused(t, err, roster.Forbidden, CodeNoPermission)
		_, err = l.MarkPaid(t.Context(), l.cli, 999, nil)
		refused(t, err, roster.NotFound, CodeNoInvoice)
		_, err = l.RefundInvoice(t.Context(), l.cli, first.ID, nil)
		refused(t, err, roster.Conflict, CodeInvoiceState)
		stale := roster.Errorf(roster.Precondition, "", "stale")
		_, err = l.CancelInvoice(t.Context(), l.cli, first.ID, func(int64) error { return stale })
		refused(t, err, roster.Precondition, "")

		// Cancelled, its charge is on the next invoice.
		if first, err = l.CancelInvoice(t.Context(), l.cli, first.ID, nil); err != nil || first.State != InvoiceCancelled || first.Settlement != SettlementVoid {
			t.Errorf("%+v, %v", first, err)
		}
		checkSums(t, l)
		if s := l.summary("2026-11-01", "2026-12-01", 0); s.Unbilled.Gross != 5_0000 || s.Invoiced.Count != 0 || len(s.OpenInvoices) != 0 {
			t.Errorf("%+v", s)
		}
		l.run("2027-01-02T12:00:00Z")
		all := l.invoices(l.account.ID)
		if len(all) != 2 || all[1].Price.Gross != 5_0000 {
			t.Fatalf("%+v", all)
		}
		paid, err := l.MarkPaid(t.Context(), l.cli, all[1].ID, nil)
		if err != nil || paid.State != InvoicePaid || paid.PaidAt == 0 || paid.Settlement != Settled {
			t.Errorf("%+v, %v", paid, err)
		}
		if s := l.summary("2026-11-01", "2026-12-01", 0); s.Paid.Gross != 5_0000 || s.Invoiced.Count != 1 || s.Unpaid.Count != 0 {
			t.Errorf("%+v", s)
		}
		_, err = l.CancelInvoice(t.Context(), l.cli, paid.ID, nil)
		refused(t, err, roster.Conflict, CodeInvoiceState)
		if paid, err = l.RefundInvoice(t.Context(), l.cli, paid.ID, nil); err != nil || paid.State != InvoiceRefunded {
			t.Errorf("%+v, %v", paid, err)
		}
		for _, person := range l.members[:2] {
			got, total, err := l.Invoices(t.Context(), l.user(person), l.account.ID, roster.Page{Limit: 1, Sort: []roster.Sort{{Property: "id", Desc: true}}})
			if err != nil || total != 2 || len(got) != 1 || got[0].ID != paid.ID {
				t.Errorf("%+v, %d, %v", got, total, err)
			}
		}
		_, _, err = l.Invoices(t.Context(), l.user(l.members[2]), l.account.ID, roster.Page{})
		refused(t, err, roster.Forbidden, CodeNoPermission)
		_, _, err = l.InvoiceWithLines(t.Context(), l.user(l.members[2]), l.account.ID, paid.ID)
		refused(t, err, roster.Forbidden, CodeNoPermission)
		_, _, err = l.InvoiceWithLines(t.Context(), l.user(l.members[2]), l.members[2], paid.ID)
		refused(t, err, roster.NotFound, CodeNoInvoice)
		if _, total, err := l.Invoices(t.Context(), l.user(l.members[2]), l.members[2], roster.Page{}); err != nil || total != 0 {
			t.Errorf("%d of their own, %v", total, err)
		}
	})
}

func TestHasUnpaid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		l.post(l.charge(RentalCharge, "5", "2026-11-11T12:00:00Z", nil))
		l.run("2026-12-02T12:00:00Z")
		i := l.invoices(l.account.ID)[0]
		blocked := func(now int64) (yes bool) {
			l.read(func(tx *store.Tx) (err error) {
				yes, err = HasUnpaid(tx, l.account.ID, now)
				return err
			})
			return yes
		}
		if blocked(i.DueAt) || !blocked(i.DueAt+1) {
			t.Errorf("blocked when due: %v, behind: %v", blocked(i.DueAt), blocked(i.DueAt+1))
		}
		set := func(value string) {
			l.write(func(tx *store.Tx) error {
				_, err := identity.PutBranchSetting(tx, identity.UnpaidInvoiceBlocks.Name, l.branch, []byte(value))
				return err
			})
		}
		set("false")
		if blocked(i.DueAt + 1) {
			t.Error("blocked though the setting says no")
		}
		set("true")
		if _, err := l.MarkPaid(t.Context(), l.cli, i.ID, nil); err != nil || blocked(i.DueAt+1) {
			t.Errorf("blocked though it is paid, %v", err)
		}
	})
}

// Units that share a prefix never share a number.
func TestInvoiceNumbers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		other := &Unit{Name: "Other", Code: "other", Currency: "EUR", Timezone: "Pacific/Kiritimati"}
		l.write(func(tx *store.Tx) error { return InsertUnit(tx, other) })
		for range 2 {
			l.post(
				l.charge(RentalCharge, "1", "2026-11-10T11:00:00Z", nil),
				l.charge(RentalCharge, "1", "2026-11-10T11:00:00Z", func(c *Charge) { c.BusinessUnitID = other.ID }),
			)
			if _, err := l.CloseUntil(t.Context(), l.cli, l.account.ID, moment("2026-11-10T12:00:00Z")); err != nil {
				t.Fatal(err)
			}
		}
		l.clock.Store(at("2026-11-11T12:00:00Z"))
		l.post(l.charge(RentalCharge, "1", "2026-11-10T11:00:00Z", nil))
		if _, err := l.CloseUntil(t.Context(), l.cli, l.account.ID, moment("2026-11-11T12:00:00Z")); err != nil {
			t.Fatal(err)
		}
		var numbers []string
		for _, i := range l.invoices(l.account.ID) {
			numbers = append(numbers, i.Number)
		}
		// The other unit's day is one ahead: its first numbers are free.
		if want := []string{"2026-11-10-INV-1", "2026-11-11-INV-1", "2026-11-10-INV-2", "2026-11-11-INV-2", "2026-11-11-INV-3"}; !slices.Equal(numbers, want) {
			t.Errorf("%q", numbers)
		}
	})
}
