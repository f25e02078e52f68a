package business

import (
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestPostCharges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		good := func(change func(*Charge)) *Charge {
			return l.charge(RentalCharge, "12.5", "2026-11-10T11:00:00Z", change)
		}
		for name, bad := range map[string]*Charge{
			"kind":     good(func(c *Charge) { c.Kind = "TIP" }),
			"charge":   good(func(c *Charge) { c.MemberID = 0 }),
			"currency": good(func(c *Charge) { c.Currency = "XXX" }),
			"price":    good(func(c *Charge) { c.Price.Net++ }),
		} {
			err := l.tryWrite(func(tx *store.Tx) error { return PostCharges(tx, []*Charge{good(nil), bad}) })
			if e := roster.AsError(err); e.Kind != roster.Invalid || e.Field != name {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, gross := range []roster.Amount{-1, maxAmount + 1} {
			c := good(func(c *Charge) { c.Price = TaxOf(gross, 2000) })
			refused(t, l.tryWrite(func(tx *store.Tx) error { return PostCharges(tx, []*Charge{c}) }), roster.Invalid, "")
		}
		signup := good(func(c *Charge) { c.Kind = SignupCharge })
		refused(t, l.tryWrite(func(tx *store.Tx) error { return PostCharges(tx, []*Charge{signup}) }), roster.Invalid, "")
		nowhere := good(func(c *Charge) { c.BusinessUnitID = 99 })
		refused(t, l.tryWrite(func(tx *store.Tx) error { return PostCharges(tx, []*Charge{nowhere}) }), roster.NotFound, CodeNoUnit)

		first := good(nil)
		l.post(first)
		if first.ID == 0 {
			t.Error("it has no id")
		}
		again := *first
		refused(t, l.tryWrite(func(tx *store.Tx) error { return PostCharges(tx, []*Charge{good(nil), &again}) }), roster.Conflict, CodeCharged)
		twice := good(nil)
		same := *twice
		refused(t, l.tryWrite(func(tx *store.Tx) error { return PostCharges(tx, []*Charge{twice, &same}) }), roster.Conflict, CodeCharged)
		// A booking, and each voucher's rebate, of the same number are other things.
		rebate := func(part int64) *Charge {
			return l.charge(RebateCharge, "-1", "2026-11-10T11:00:00Z", func(c *Charge) { c.SourceID, c.Part = first.SourceID, part })
		}
		l.post(l.charge(BookingCharge, "3", "2026-11-10T11:00:00Z", func(c *Charge) { c.SourceID = first.SourceID }), rebate(1), rebate(2))
		s := l.summary("2026-11-01", "2026-12-01", 0)
		if s.Total.Gross != 13_5000 || s.Rentals.Count != 1 || s.Bookings.Count != 1 || s.Rebates.Gross != 2_0000 {
			t.Errorf("%+v", s)
		}
		checkSums(t, l)
	})
}

// A bulk is in the ledger whole, sums included.
func TestPostManyCharges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		many := make([]*Charge, 1000)
		for i := range many {
			many[i] = l.charge(RentalCharge, "0.1", "2026-10-01T00:00:00Z", func(c *Charge) {
				c.Time += int64(i) * 3600e6
				c.MemberID, c.CostCenterID = l.members[i%3], l.centers[i%2]
			})
		}
		l.post(many...)
		checkSums(t, l)
		s := l.summary("2026-10-01", "2026-12-01", 0)
		if s.Rentals.Count != 1000 || s.Total.Gross != 100_0000 || len(s.ByMember) != 3 || len(s.ByCostCenter) != 2 {
			t.Errorf("%+v", s)
		}
		seen := map[int64]bool{}
		for _, c := range many {
			seen[c.ID] = true
		}
		if len(seen) != len(many) {
			t.Errorf("%d ids", len(seen))
		}
	})
}

func TestSpentBy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		member := l.members[2]
		l.post(
			l.charge(RentalCharge, "10", "2026-11-01T00:00:00Z", nil),
			l.charge(RentalCharge, "20", "2026-11-02T00:00:00Z", nil),
			l.charge(RebateCharge, "-3", "2026-11-02T00:00:00Z", nil),
			l.charge(RentalCharge, "40", "2026-11-03T00:00:00Z", nil),
			l.charge(RentalCharge, "80", "2026-11-02T00:00:00Z", func(c *Charge) { c.MemberID = l.members[0] }),
			l.charge(RentalCharge, "160", "2026-11-02T00:00:00Z", func(c *Charge) { c.Currency = "CHF" }),
		)
		for _, c := range []struct {
			currency, from, to string
			want               roster.Amount
		}{
			{"EUR", "2026-11-01T00:00:00Z", "2026-11-03T00:00:00Z", 27_0000},
			{"EUR", "2026-11-01T00:00:01Z", "2026-11-04T00:00:00Z", 57_0000},
			{"CHF", "2026-11-01T00:00:00Z", "2026-12-03T00:00:00Z", 160_0000},
			{"JPY", "2026-11-01T00:00:00Z", "2026-12-03T00:00:00Z", 0},
		} {
			l.read(func(tx *store.Tx) error {
				got, err := SpentBy(tx, l.account.ID, member, c.currency, at(c.from), at(c.to))
				if got != c.want {
					t.Errorf("%+v: %s", c, got)
				}
				return err
			})
		}
	})
}

// A customer's own charges are in the ledger, and in nobody's sums.
func TestPersonalCharges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		person := l.members[2]
		l.post(l.charge(RentalCharge, "10", "2026-11-10T11:00:00Z", func(c *Charge) { c.AccountID = person }))
		l.read(func(tx *store.Tx) error {
			sums, err := readSums(tx, person)
			if len(sums) != 0 {
				t.Errorf("%v", sums)
			}
			return err
		})
		l.run("2026-11-10T12:00:01Z")
		all := l.invoices(person)
		if len(all) != 1 || all[0].Price.Gross != 10_0000 || all[0].State != InvoiceOpen {
			t.Fatalf("%+v", all)
		}
		if _, err := l.CancelInvoice(t.Context(), l.cli, all[0].ID, nil); err != nil {
			t.Error(err)
		}
		l.post(l.charge(RentalCharge, "1", "2026-11-10T12:00:00Z", func(c *Charge) { c.AccountID = person }))
		l.run("2026-11-10T12:00:02Z")
		if all = l.invoices(person); len(all) != 2 || all[1].Price.Gross != 11_0000 {
			t.Errorf("%+v", all)
		}
	})
}
