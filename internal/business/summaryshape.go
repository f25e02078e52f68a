package business

import (
	"cmp"
	"slices"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var (
	invoiceStates = store.Q("invoice.states", `SELECT id, state FROM invoices
		WHERE tenant = $1 AND account_id = $2 AND id >= $3 AND id <= $4`)
	invoicesOpen = store.Q("invoice.open", `SELECT `+invoiceColumns+` FROM invoices
		WHERE tenant = $1 AND account_id = $2 AND state IN ('OPEN', 'FAILED') ORDER BY due_at, id LIMIT 1000`)
	invoicesOpenOfCostCenter = store.Q("invoice.open_of_cost_center", `SELECT `+invoiceColumns+` FROM invoices
		WHERE tenant = $1 AND account_id = $2 AND state IN ('OPEN', 'FAILED') AND EXISTS (SELECT 1 FROM invoice_lines l
			WHERE l.tenant = $1 AND l.invoice_id = invoices.id AND l.cost_center_id = $3) ORDER BY due_at, id LIMIT 1000`)
	memberNames = store.Q("member.names", `SELECT p.person_id, p.member_code, coalesce(c.first_name, ''), coalesce(c.last_name, '')
		FROM member_properties p LEFT JOIN customers c ON c.tenant = p.tenant AND c.id = p.person_id
		WHERE p.tenant = $1 AND p.person_id IN ($3) AND p.group_id + 0 = $2`).In()
)

// parts are the parts of one currency along a dimension, by id; those of nothing are
// left out.
func (f facts) parts(by dimension, currency string) (parts []Sum) {
	for key, t := range f {
		if key.by == by && key.currency == currency && *t != (tally{}) {
			parts = append(parts, Sum{key.id, t.rentals, t.bookings, t.price()})
		}
	}
	slices.SortFunc(parts, func(a, b Sum) int { return cmp.Compare(a.ID, b.ID) })
	return parts
}

// fill makes the summary of the facts.
func (s *Summary) fill(tx *store.Tx, f facts, costCenter int64) error {
	for key, t := range f {
		if key.by == byUnit && key.currency == s.Currency {
			s.Rentals.Count += t.rentals
			s.Rentals.Price = s.Rentals.Price.Plus(t.rental.price())
			s.Bookings.Count += t.bookings
			s.Bookings.Price = s.Bookings.Price.Plus(t.booking.price())
			s.Rebates = s.Rebates.Minus(t.rebate.price())
		}
	}
	s.Total = s.Rentals.Price.Plus(s.Bookings.Price).Minus(s.Rebates)
	s.addCurrencies(f)
	for _, part := range []struct {
		by  dimension
		add func(*store.Tx, []Sum) error
	}{{byCostCenter, s.addCostCenters}, {byMember, s.addMembers}, {byUnit, s.addUnits}, {byInvoice, s.addInvoices}} {
		if err := part.add(tx, f.parts(part.by, s.Currency)); err != nil {
			return err
		}
	}
	return s.addOpen(tx, costCenter)
}

func (s *Summary) addCurrencies(f facts) {
	others := map[string]roster.Price{}
	for key, t := range f {
		if key.by == byUnit && key.currency != s.Currency && *t != (tally{}) {
			others[key.currency] = others[key.currency].Plus(t.price())
		}
	}
	for _, currency := range sortedKeys(others) {
		s.OtherCurrencies = append(s.OtherCurrencies, CurrencySum{currency, others[currency]})
	}
}

func idsOf(parts []Sum) []int64 {
	ids := make([]int64, len(parts))
	for i, p := range parts {
		ids[i] = p.ID
	}
	return ids
}

func (s *Summary) addCostCenters(tx *store.Tx, parts []Sum) error {
	found, err := CostCentersByID(tx, idsOf(parts))
	if err != nil {
		return err
	}
	for _, p := range parts {
		sum := CostCenterSum{Sum: p, Name: Unassigned}
		if c := found[p.ID]; c != nil {
			sum.Code, sum.Name = c.Code, c.Name
		}
		s.ByCostCenter = append(s.ByCostCenter, sum)
	}
	if len(parts) > 0 && parts[0].ID == 0 { // what has none comes last
		s.ByCostCenter = append(s.ByCostCenter[1:], s.ByCostCenter[0])
	}
	return nil
}

func (s *Summary) addMembers(tx *store.Tx, parts []Sum) error {
	s.ByMember = make([]MemberSum, len(parts))
	at := map[int64]*MemberSum{}
	for i, p := range parts {
		s.ByMember[i].Sum = p
		at[p.ID] = &s.ByMember[i]
	}
	return tx.EachIn(memberNames, idsOf(parts), func(row store.Scanner) error {
		var id int64
		var m MemberSum
		err := row.Scan(&id, &m.MemberCode, &m.FirstName, &m.LastName)
		m.Sum = at[id].Sum
		*at[id] = m
		return err
	}, s.AccountID)
}

func (s *Summary) addUnits(tx *store.Tx, parts []Sum) error {
	units, err := unitsByID(tx, idsOf(parts))
	if err != nil {
		return err
	}
	for _, p := range parts {
		s.ByBusinessUnit = append(s.ByBusinessUnit, UnitSum{p, units[p.ID].Code, units[p.ID].Name})
	}
	return nil
}

// addInvoices tells what was invoiced, and what of that was paid.
func (s *Summary) addInvoices(tx *store.Tx, parts []Sum) error {
	if len(parts) > 0 && parts[0].ID == 0 {
		s.Unbilled = parts[0].Price
		parts = parts[1:]
	}
	if len(parts) == 0 {
		return nil
	}
	unpaid := map[int64]bool{}
	err := tx.Each(invoiceStates, func(row store.Scanner) error {
		var id int64
		var state string
		err := row.Scan(&id, &state)
		unpaid[id] = state == InvoiceOpen || state == InvoiceFailed
		return err
	}, s.AccountID, parts[0].ID, parts[len(parts)-1].ID)
	if err != nil {
		return err
	}
	for _, p := range parts {
		s.Invoiced.add(p)
		if unpaid[p.ID] {
			s.Unpaid.add(p)
		} else {
			s.Paid = s.Paid.Plus(p.Price)
		}
	}
	return nil
}

func (c *Counted) add(p Sum) {
	c.Count++
	c.Price = c.Price.Plus(p.Price)
}

func (s *Summary) addOpen(tx *store.Tx, costCenter int64) (err error) {
	if costCenter != 0 {
		s.OpenInvoices, err = store.All(tx, invoicesOpenOfCostCenter, scanInvoice, s.AccountID, costCenter)
	} else {
		s.OpenInvoices, err = store.All(tx, invoicesOpen, scanInvoice, s.AccountID)
	}
	return err
}
