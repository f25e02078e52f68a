package business

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// storedCharge is a charge as it lies in the ledger.
type storedCharge struct {
	Charge
	Day, InvoiceID int64
}

var (
	storedCharges = store.Q("test.charges", `SELECT kind, member_id, cost_center_id, business_unit_id, currency, time, day, net, tax, gross, invoice_id
		FROM charges WHERE tenant = $1 AND account_id = $2 ORDER BY id`)
	storedSums = store.Q("test.charge_sums", `SELECT dimension, day, business_unit_id, currency, id, rentals, bookings, rental_gross, rental_tax,
		booking_gross, booking_tax, rebate_gross, rebate_tax FROM charge_sums WHERE tenant = $1 AND account_id = $2`)
)

func readCharges(tx *store.Tx, account int64) ([]storedCharge, error) {
	return store.All(tx, storedCharges, func(s store.Scanner) (c storedCharge, err error) {
		c.AccountID = account
		err = s.Scan(&c.Kind, &c.MemberID, &c.CostCenterID, &c.BusinessUnitID, &c.Currency, &c.Time, &c.Day,
			&c.Price.Net, &c.Price.Tax, &c.Price.Gross, &c.InvoiceID)
		return c, err
	}, account)
}

// readSums reads the sums of an account that are of something.
func readSums(tx *store.Tx, account int64) (map[sumKey]tally, error) {
	sums := map[sumKey]tally{}
	err := tx.Each(storedSums, func(s store.Scanner) error {
		k := sumKey{place: place{account: account}}
		var t tally
		err := s.Scan(&k.by, &k.day, &k.unit, &k.currency, &k.id, &t.rentals, &t.bookings, &t.rental.gross, &t.rental.tax,
			&t.booking.gross, &t.booking.tax, &t.rebate.gross, &t.rebate.tax)
		if t != (tally{}) {
			sums[k] = t
		}
		return err
	}, account)
	return sums, err
}

// checkSums compares the sums of the account with what the charges come to.
func checkSums(t fataler, l *ledger) {
	t.Helper()
	l.read(func(tx *store.Tx) error {
		charges, err := readCharges(tx, l.account.ID)
		if err != nil {
			return err
		}
		want := map[sumKey]tally{}
		for _, c := range charges {
			for by, id := range map[dimension]int64{byCostCenter: c.CostCenterID, byMember: c.MemberID, byInvoice: c.InvoiceID} {
				k := sumKey{place{l.account.ID, c.Day, c.BusinessUnitID, c.Currency}, by, id}
				sum := want[k]
				sum.add(tallyOf(c.Kind, 1, c.Price), 1)
				want[k] = sum
			}
		}
		maps.DeleteFunc(want, func(_ sumKey, sum tally) bool { return sum == tally{} })
		got, err := readSums(tx, l.account.ID)
		if !maps.Equal(got, want) {
			t.Errorf("the sums are\n%v\nand the charges come to\n%v", got, want)
		}
		return err
	})
}

// fataler is what *testing.T and *rapid.T have in common.
type fataler interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// model sums up charges one by one, as the contract words it.
type model struct {
	charges  []storedCharge
	invoices map[int64]*Invoice
	currency string
}

func readModel(l *ledger) model {
	m := model{invoices: map[int64]*Invoice{}, currency: l.unit.Currency}
	l.read(func(tx *store.Tx) (err error) {
		m.charges, err = readCharges(tx, l.account.ID)
		return err
	})
	for _, i := range l.invoices(l.account.ID) {
		m.invoices[i.ID] = i
	}
	return m
}

// summary is what a summary must say; names are left out.
func (m model) summary(from, to, costCenter int64) *Summary {
	s := &Summary{From: from, To: to, Currency: m.currency}
	centers, members, units := map[int64]*Sum{}, map[int64]*Sum{}, map[int64]*Sum{}
	others := map[string]*CurrencySum{}
	invoiced := map[int64]bool{}
	for _, c := range m.charges {
		if c.Time < from || c.Time >= to || costCenter != 0 && c.CostCenterID != costCenter {
			continue
		}
		if c.Currency != m.currency {
			if others[c.Currency] == nil {
				others[c.Currency] = &CurrencySum{Currency: c.Currency}
			}
			others[c.Currency].Price = others[c.Currency].Price.Plus(c.Price)
			continue
		}
		s.Total = s.Total.Plus(c.Price)
		switch c.Kind {
		case RentalCharge:
			s.Rentals.Count++
			s.Rentals.Price = s.Rentals.Price.Plus(c.Price)
		case BookingCharge:
			s.Bookings.Count++
			s.Bookings.Price = s.Bookings.Price.Plus(c.Price)
		default:
			s.Rebates = s.Rebates.Minus(c.Price)
		}
		for _, part := range []struct {
			in map[int64]*Sum
			id int64
		}{{centers, c.CostCenterID}, {members, c.MemberID}, {units, c.BusinessUnitID}} {
			if part.in[part.id] == nil {
				part.in[part.id] = &Sum{ID: part.id}
			}
			part.in[part.id].count(c)
		}
		m.countInvoice(s, c, invoiced)
	}
	for _, sum := range ordered(centers, true) {
		s.ByCostCenter = append(s.ByCostCenter, CostCenterSum{Sum: sum})
	}
	for _, sum := range ordered(members, false) {
		s.ByMember = append(s.ByMember, MemberSum{Sum: sum})
	}
	for _, sum := range ordered(units, false) {
		s.ByBusinessUnit = append(s.ByBusinessUnit, UnitSum{Sum: sum})
	}
	for _, currency := range sortedKeys(others) {
		s.OtherCurrencies = append(s.OtherCurrencies, *others[currency])
	}
	return s
}

func (s *Sum) count(c storedCharge) {
	s.Price = s.Price.Plus(c.Price)
	switch c.Kind {
	case RentalCharge:
		s.Rentals++
	case BookingCharge:
		s.Bookings++
	}
}

func (m model) countInvoice(s *Summary, c storedCharge, seen map[int64]bool) {
	i := m.invoices[c.InvoiceID]
	if i == nil {
		s.Unbilled = s.Unbilled.Plus(c.Price)
		return
	}
	first := int64(1)
	if seen[i.ID] {
		first = 0
	}
	seen[i.ID] = true
	s.Invoiced.Count += first
	s.Invoiced.Price = s.Invoiced.Price.Plus(c.Price)
	if i.Unpaid() {
		s.Unpaid.Count += first
		s.Unpaid.Price = s.Unpaid.Price.Plus(c.Price)
		return
	}
	s.Paid = s.Paid.Plus(c.Price)
}

// ordered are sums by id, those of nothing at all left out.
func ordered(sums map[int64]*Sum, zeroLast bool) (all []Sum) {
	for _, id := range slices.SortedFunc(maps.Keys(sums), func(a, b int64) int {
		if zeroLast && (a == 0) != (b == 0) {
			return map[bool]int{true: 1, false: -1}[a == 0]
		}
		return cmp.Compare(a, b)
	}) {
		all = append(all, *sums[id])
	}
	return all
}

// plain is a summary without what the model does not know.
func (s *Summary) plain() *Summary {
	p := *s
	p.AccountID, p.BillingCycle, p.PaymentState, p.OpenInvoices, p.NextBillingDate, p.GeneratedAt = 0, "", "", nil, "", 0
	p.ByCostCenter, p.ByMember, p.ByBusinessUnit = slices.Clone(s.ByCostCenter), slices.Clone(s.ByMember), slices.Clone(s.ByBusinessUnit)
	for i := range p.ByCostCenter {
		p.ByCostCenter[i].Code, p.ByCostCenter[i].Name = "", ""
	}
	for i := range p.ByMember {
		p.ByMember[i] = MemberSum{Sum: p.ByMember[i].Sum}
	}
	for i := range p.ByBusinessUnit {
		p.ByBusinessUnit[i] = UnitSum{Sum: p.ByBusinessUnit[i].Sum}
	}
	if len(p.ByMember) == 0 {
		p.ByMember = nil
	}
	return &p
}

// checkSummary compares a summary with the model's, and with itself.
func checkSummary(t fataler, m model, s *Summary, costCenter int64) {
	t.Helper()
	if diff := gocmp.Diff(m.summary(s.From, s.To, costCenter), s.plain()); diff != "" {
		t.Fatalf("the summary differs from what was charged (-model +summary):\n%s", diff)
	}
	var centers, members, units roster.Price
	for _, c := range s.ByCostCenter {
		centers = centers.Plus(c.Price)
	}
	for _, m := range s.ByMember {
		members = members.Plus(m.Price)
	}
	for _, u := range s.ByBusinessUnit {
		units = units.Plus(u.Price)
	}
	for name, sum := range map[string]roster.Price{
		"cost centers": centers, "members": members, "business units": units,
		"rentals, bookings and rebates": s.Rentals.Price.Plus(s.Bookings.Price).Minus(s.Rebates),
		"unbilled and invoiced":         s.Unbilled.Plus(s.Invoiced.Price),
		"unbilled, paid and unpaid":     s.Unbilled.Plus(s.Paid).Plus(s.Unpaid.Price),
	} {
		if sum != s.Total || sum.Net+sum.Tax != sum.Gross {
			t.Errorf("%s come to %v, and the total is %v", name, sum, s.Total)
		}
	}
}

func newModelTest(t *testing.T, database string) *ledger {
	l := newLedger(t, database, "2026-02-10T12:00:00Z")
	for _, u := range []*Unit{
		{Name: "Switzerland", Code: "ch", Currency: "CHF", Tax: 810, Timezone: "Europe/Zurich"},
		{Name: "New York", Code: "ny", Currency: "USD", Tax: 888, Timezone: "America/New_York"},
		{Name: "Nepal", Code: "np", Currency: "EUR", Tax: 1300, Timezone: "Asia/Kathmandu"},
	} {
		l.write(func(tx *store.Tx) error { return InsertUnit(tx, u) })
	}
	return l
}
