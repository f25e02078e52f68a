package business

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Charges of three currencies, four units in three zones, members who left; cycles
// that close, invoices that are paid, refused, cancelled; periods that begin and end
// anywhere, over both changes of the clocks: the summary is what a model says that
// looks at each charge, and its parts add up.
func TestSummaryModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newModelTest(t, database)
		first, last := at("2026-02-10T12:00:00Z"), at("2026-12-10T12:00:00Z")
		round := 0
		rapid.Check(t, func(t *rapid.T) {
			round++
			l.clock.Store(max(l.clock.Load(), first))
			cycle := rapid.SampledFrom([]string{Biweekly, Monthly, Quarterly}).Draw(t, "cycle")
			l.write(func(tx *store.Tx) (err error) {
				if l.account, err = l.newAccount(tx, fmt.Sprint("Model ", round), cycle); err != nil {
					return err
				}
				// It was made when the story begins, whatever the clock says.
				from, to := firstCycle(cycle, first, l.unit.Location())
				if _, err = tx.Exec(accountMadeAt, l.account.ID, first, from, to); err != nil {
					return err
				}
				l.centers = nil
				return l.addCenters(tx)
			})
			for range rapid.IntRange(1, 6).Draw(t, "steps") {
				l.post(drawCharges(t, l, first, last)...)
				closeSome(t, l, first, last)
				settleSome(t, l)
			}
			m := readModel(l)
			checkSums(t, l)
			for range 3 {
				center := rapid.SampledFrom([]int64{0, l.centers[0]}).Draw(t, "cost center")
				checkSummary(t, m, drawSummary(t, l, m, center, first, last), center)
			}
		})
		if round == 0 {
			t.Error("nothing was checked")
		}
	})
}

// drawSummary is the summary of some period, which often begins or ends near what was
// charged: that is where it can go wrong.
func drawSummary(t *rapid.T, l *ledger, m model, center, first, last int64) (s *Summary) {
	bound := func(name string) int64 {
		if rapid.Bool().Draw(t, name+" anywhere") {
			return rapid.Int64Range(first, last).Draw(t, name)
		}
		return rapid.SampledFrom(m.charges).Draw(t, name+" near").Time + rapid.Int64Range(-15*3600e6, 15*3600e6).Draw(t, "away")
	}
	from, to := bound("from"), bound("to")
	from, to = min(from, to), max(from, to)+1
	if rapid.Bool().Draw(t, "whole days") {
		zone := l.unit.Location()
		from, to = dayStart(dayOf(from, zone), zone), dayStart(dayOf(to, zone)+1, zone)
	}
	l.read(func(tx *store.Tx) (err error) {
		s, err = summarize(tx, l.account, SummaryQuery{From: roster.MomentAt(from), To: roster.MomentAt(to), CostCenterID: center})
		return err
	})
	return s
}

var accountMadeAt = store.Q("test.account_made_at", `UPDATE business_accounts SET created_at = $3, cycle_from = $4, cycle_to = $5 WHERE tenant = $1 AND id = $2`)

func drawCharges(t *rapid.T, l *ledger, first, last int64) []*Charge {
	charges := make([]*Charge, rapid.IntRange(1, 12).Draw(t, "charges"))
	for i := range charges {
		l.sources++
		c := &Charge{
			AccountID: l.account.ID, SourceID: l.sources, BranchID: l.branch,
			Kind:           rapid.SampledFrom([]string{RentalCharge, RentalCharge, BookingCharge, RebateCharge}).Draw(t, "kind"),
			MemberID:       rapid.SampledFrom(l.members).Draw(t, "member"),
			CostCenterID:   rapid.SampledFrom(append([]int64{0}, l.centers...)).Draw(t, "cost center"),
			BusinessUnitID: rapid.Int64Range(l.unit.ID, l.unit.ID+3).Draw(t, "unit"),
			Currency:       rapid.SampledFrom([]string{"EUR", "EUR", "CHF", "JPY"}).Draw(t, "currency"),
			Time:           rapid.Int64Range(first-30*24*3600e6, last).Draw(t, "time"),
		}
		if rapid.Bool().Draw(t, "at a midnight") {
			zone := zoneOfUnit(rapid.SampledFrom([]string{vienna, "America/New_York", "Asia/Kathmandu"}).Draw(t, "of"))
			c.Time = dayStart(dayOf(c.Time, zone), zone) - rapid.Int64Range(0, 1).Draw(t, "before")
		}
		gross := roster.Amount(rapid.Int64Range(0, 1_000_000).Draw(t, "gross"))
		if c.Kind == RebateCharge {
			gross = -1 - gross/4
		}
		c.Price = TaxOf(gross, rapid.SampledFrom([]int64{0, 810, 1900, 2000, 3333}).Draw(t, "tax"))
		charges[i] = c
	}
	return charges
}

// closeSome closes the cycles that are over at some time, or bills the history.
func closeSome(t *rapid.T, l *ledger, first, last int64) {
	if rapid.Bool().Draw(t, "nothing") {
		return
	}
	now := rapid.Int64Range(first, last).Draw(t, "now")
	l.clock.Store(max(l.clock.Load(), now))
	if rapid.Bool().Draw(t, "until") {
		if _, err := l.CloseUntil(context.Background(), l.cli, l.account.ID, roster.MomentAt(now)); err != nil {
			t.Fatal(err)
		}
		return
	}
	for closed := true; closed; {
		l.write(func(tx *store.Tx) (err error) {
			closed, err = closeCycle(tx, l.account.ID)
			return err
		})
	}
}

func settleSome(t *rapid.T, l *ledger) {
	var open []*Invoice
	for _, i := range l.invoices(l.account.ID) {
		if i.Unpaid() {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		return
	}
	i := rapid.SampledFrom(open).Draw(t, "invoice")
	to := rapid.SampledFrom([]string{InvoicePaid, InvoiceCancelled, InvoiceFailed}).Draw(t, "to")
	if i.State == to {
		return
	}
	l.write(func(tx *store.Tx) error {
		by := byFinance
		if to == InvoiceFailed {
			by = byGateway
		}
		return i.move(tx, to, by)
	})
}

func zoneOfUnit(name string) *time.Location { return (&Unit{Timezone: name}).Location() }

// The whole of a period is its parts', wherever it is cut.
func TestCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := zoneOfUnit(rapid.SampledFrom(oddZones).Draw(t, "zone"))
		from := rapid.Int64Range(at("2020-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).Draw(t, "from")
		to := from + 1 + rapid.Int64Range(0, 5*24*3600e6).Draw(t, "length")
		first, behind, edges := cover(from, to, zone)
		if behind < first {
			t.Fatalf("days [%d, %d)", first, behind)
		}
		// How often an instant counts.
		count := func(at int64) (n int64) {
			if first < behind && at >= dayStart(first, zone) && at < dayStart(behind, zone) {
				n++
			}
			for _, e := range edges {
				if at >= e.from && at < e.to {
					n += e.sign
				}
			}
			return n
		}
		instants := []int64{from - 1, from, to - 1, to, rapid.Int64Range(from-2*24*3600e6, to+2*24*3600e6).Draw(t, "at")}
		for _, e := range edges {
			instants = append(instants, e.from-1, e.from, e.to-1, e.to)
			if e.to-e.from > 14*3600e6 && first < behind {
				t.Fatalf("an edge is of %d hours", (e.to-e.from)/3600e6)
			}
		}
		for _, at := range instants {
			want := int64(0)
			if at >= from && at < to {
				want = 1
			}
			if got := count(at); got != want {
				t.Fatalf("%d counts %d times in [%d, %d)", at, got, from, to)
			}
		}
	})
}

// A month is one of the clocks in Vienna: of 31 days less an hour in March, and more
// one in October.
func TestSummaryOverClockChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-02-10T12:00:00Z")
		for _, c := range []struct{ from, to, month, next string }{
			{"2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z", "2026-03-01", "2026-04-01"},
			{"2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z", "2026-10-01", "2026-11-01"},
		} {
			l.post(
				l.charge(RentalCharge, "1", c.from, func(c *Charge) { c.Time-- }), l.charge(RentalCharge, "2", c.from, nil),
				l.charge(RentalCharge, "4", c.to, func(c *Charge) { c.Time-- }), l.charge(RentalCharge, "8", c.to, nil),
			)
			s := l.summary(c.month, c.next, 0)
			if s.From != at(c.from) || s.To != at(c.to) || s.Rentals.Count != 2 || s.Total.Gross != 6_0000 {
				t.Errorf("%s: %+v", c.month, s)
			}
			checkSummary(t, readModel(l), s, 0)
			// And an hour off either end.
			s = l.summary(c.from[:11]+"23:30:00Z", c.to[:11]+"21:30:00Z", 0)
			checkSummary(t, readModel(l), s, 0)
		}
	})
}

func TestSummary(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		third := func(member int64, center int64) func(*Charge) {
			return func(c *Charge) { c.MemberID, c.CostCenterID = member, center }
		}
		l.post( // a third of a unit at 20 %: the taxes round
			l.charge(RentalCharge, "3.3333", "2026-11-05T10:00:00Z", third(l.members[0], l.centers[0])),
			l.charge(RentalCharge, "3.3333", "2026-11-05T10:00:00Z", third(l.members[1], l.centers[1])),
			l.charge(RentalCharge, "3.3334", "2026-11-06T10:00:00Z", third(l.members[2], 0)),
			l.charge(BookingCharge, "1.0001", "2026-11-06T10:00:00Z", third(l.members[2], 0)),
			l.charge(RebateCharge, "-0.3333", "2026-11-06T10:00:00Z", third(l.members[2], 0)),
			l.charge(RentalCharge, "7", "2026-11-06T10:00:00Z", func(c *Charge) { c.Currency = "CHF" }),
			l.charge(RentalCharge, "9", "2026-10-06T10:00:00Z", nil),
		)
		l.write(func(tx *store.Tx) error { // leaves, and stays in the summary
			m, err := LiveMember(tx, l.account.ID, l.members[2])
			if err != nil {
				return err
			}
			return l.end(tx, m, "")
		})
		s := l.summary("", "", 0)
		checkSummary(t, readModel(l), s, 0)
		if s.From != at("2026-10-31T23:00:00Z") || s.To != at("2026-11-30T23:00:00Z") || s.NextBillingDate != "2026-12-01" {
			t.Errorf("the cycle is %d to %d, and next %s", s.From, s.To, s.NextBillingDate)
		}
		if s.Total.Gross != 10_6668 || s.Rebates.Gross != 3333 || s.Currency != "EUR" || s.BillingCycle != Monthly || s.PaymentState != NoPayment {
			t.Errorf("%+v", s)
		}
		if len(s.ByMember) != 3 || s.ByMember[2].FirstName != "Nina 2" || s.ByMember[2].LastName != "Novak" || s.ByMember[2].MemberCode == "" {
			t.Errorf("%+v", s.ByMember)
		}
		if len(s.ByCostCenter) != 3 || s.ByCostCenter[0].Name != "Center 0" || s.ByCostCenter[0].Code != "c0" || s.ByCostCenter[2].Name != Unassigned || s.ByCostCenter[2].Rentals != 1 {
			t.Errorf("%+v", s.ByCostCenter)
		}
		if len(s.ByBusinessUnit) != 1 || s.ByBusinessUnit[0].Code != "at" {
			t.Errorf("%+v", s.ByBusinessUnit)
		}
		if !slices.Equal(s.OtherCurrencies, []CurrencySum{{"CHF", TaxOf(7_0000, 2000)}}) {
			t.Errorf("%+v", s.OtherCurrencies)
		}
		reduced := l.summary("", "", l.centers[0])
		checkSummary(t, readModel(l), reduced, l.centers[0])
		if len(reduced.ByCostCenter) != 1 || reduced.Total.Gross != 3_3333 {
			t.Errorf("%+v", reduced)
		}
	})
}

func TestSummaryRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		stranger := l.customer("Rita", "Rival")
		ask := func(person int64, q SummaryQuery) error {
			q.AccountID = l.account.ID
			_, err := l.BillingSummary(context.Background(), l.user(person), q)
			return err
		}
		for field, q := range map[string]SummaryQuery{
			"from":         {To: moment("2026-11-01")},
			"to":           {From: moment("2025-01-01"), To: moment("2026-02-06")},
			"costCenterId": {CostCenterID: 999},
		} {
			if e := roster.AsError(ask(l.members[0], q)); e.Kind != roster.Invalid || e.Field != field {
				t.Errorf("%s: %+v", field, e)
			}
		}
		for _, q := range []SummaryQuery{
			{From: moment("2026-11-01"), To: moment("2026-11-01")}, {From: moment("2026-11-02"), To: moment("2026-11-01")},
			{From: moment("2026-11-10T12:00:01Z")},
		} {
			refused(t, ask(l.members[0], q), roster.Invalid, "")
		}
		// 400 days are fine, though the clocks were put back in between.
		if err := ask(l.members[0], SummaryQuery{From: moment("2025-09-26"), To: moment("2026-10-31")}); err != nil {
			t.Error(err)
		}
		refused(t, ask(stranger, SummaryQuery{}), roster.NotFound, CodeNoAccount)
		refused(t, ask(l.members[2], SummaryQuery{}), roster.Forbidden, CodeNoPermission)
		for _, manager := range l.members[:2] {
			if err := ask(manager, SummaryQuery{}); err != nil {
				t.Error(err)
			}
		}
		edit := func(change func(*Member)) {
			l.write(func(tx *store.Tx) error {
				m, err := LiveMember(tx, l.account.ID, l.members[2])
				if err != nil {
					return err
				}
				_, err = EditMember(tx, l.account, m, nil, func(m *Member) error { change(m); return nil })
				return err
			})
		}
		edit(func(m *Member) { m.BillingRole = BillingContact })
		if err := ask(l.members[2], SummaryQuery{}); err != nil {
			t.Error(err)
		}
		edit(func(m *Member) { m.State = MemberInactive })
		refused(t, ask(l.members[2], SummaryQuery{}), roster.Forbidden, CodeNoPermission)
		if _, err := l.BillingSummary(context.Background(), l.cli, SummaryQuery{AccountID: l.account.ID}); err != nil {
			t.Error(err)
		}
	})
}
