package business

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// InvoiceLine is what an invoice bills to one cost center (0: none) for one member.
type InvoiceLine struct {
	CostCenterID      int64
	MemberID          int64
	Rentals, Bookings int64
	Price             roster.Price
}

var (
	chargesUnbilled = store.Q("charge.unbilled", `SELECT business_unit_id, currency, cost_center_id, member_id, day, kind, count(*), min(time),
			CAST(sum(gross) AS bigint), CAST(sum(tax) AS bigint)
		FROM charges WHERE tenant = $1 AND account_id = $2 AND invoice_id = 0 AND time >= $3 AND time < $4
		GROUP BY business_unit_id, currency, cost_center_id, member_id, day, kind`)
	chargesInvoice = store.Q("charge.invoice", `UPDATE charges SET invoice_id = $3
		WHERE tenant = $1 AND account_id = $2 AND invoice_id = 0 AND time >= $4 AND time < $5 AND business_unit_id = $6 AND currency = $7`)
	chargesRelease = store.Q("charge.release", `UPDATE charges SET invoice_id = 0
		WHERE tenant = $1 AND account_id = $2 AND time >= $3 AND time < $4 AND invoice_id = $5`)
	invoiceNumber = store.Q("invoice.by_number", `SELECT id FROM invoices WHERE tenant = $1 AND number = $2`)
	unitNumbered  = store.Q("unit.numbered", `UPDATE business_units SET invoices = $3 WHERE tenant = $1 AND id = $2`)
	invoiceInsert = store.Q("invoice.insert", `INSERT INTO invoices (tenant, id, number, account_id, branch_id, business_unit_id, currency,
		period_from, period_to, net, tax, gross, items, state, invoice_state, created_at, due_at, paid_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`)
	invoiceLineInsert = store.Q("invoice_line.insert", `INSERT INTO invoice_lines (tenant, invoice_id, cost_center_id, member_id, rentals, bookings, net, tax, gross)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`).Many()
)

// stretch is the time that an invoice takes charges of, [since, until), and the
// period that it names, [from, to); from 0 begins with the first charge.
type stretch struct{ since, until, from, to int64 }

// draft is an invoice that is yet to be written: all that one business unit bills in
// one currency.
type draft struct {
	unit     int64
	currency string
	items    int64
	first    int64 // when its first charge became due
	lines    map[[2]int64]*tally
	days     map[int64]*tally
}

func (d *draft) price() (sum roster.Price) {
	for _, t := range d.days {
		sum = sum.Plus(t.price())
	}
	return sum
}

// bill makes invoices of what is unbilled within a stretch of time, one a business
// unit and currency. What comes to less than nothing stays unbilled, and lowers the
// next invoice.
func (p *payer) bill(tx *store.Tx, s stretch) (all []*Invoice, err error) {
	drafts, err := p.unbilled(tx, s)
	if err != nil || len(drafts) == 0 {
		return nil, err
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return nil, err
	}
	term, err := identity.PaymentTermDays.In(tx, tree, p.branch)
	if err != nil {
		return nil, err
	}
	for _, d := range drafts {
		price := d.price()
		if price.Gross < 0 {
			continue
		}
		i := &Invoice{
			AccountID: p.id, BranchID: p.branch, BusinessUnitID: d.unit, Currency: d.currency, Items: d.items, Price: price,
			PeriodFrom: cmp.Or(s.from, d.first), PeriodTo: s.to, State: InvoiceOpen, Settlement: SettlementOpen,
			CreatedAt: tx.Now, DueAt: tx.Now + term*secondsPerDay*int64(time.Second/time.Microsecond), Revision: tx.Revision,
		}
		if err := p.write(tx, i, d, s); err != nil {
			return nil, err
		}
		all = append(all, i)
	}
	return all, nil
}

// unbilled drafts the invoices, by unit and currency.
func (p *payer) unbilled(tx *store.Tx, s stretch) (drafts []*draft, err error) {
	err = tx.Each(chargesUnbilled, func(row store.Scanner) error {
		var unit, costCenter, member, day, count, first int64
		var currency, kind string
		var sum roster.Price
		if err := row.Scan(&unit, &currency, &costCenter, &member, &day, &kind, &count, &first, &sum.Gross, &sum.Tax); err != nil {
			return err
		}
		at := slices.IndexFunc(drafts, func(d *draft) bool { return d.unit == unit && d.currency == currency })
		if at < 0 {
			at = len(drafts)
			drafts = append(drafts, &draft{unit: unit, currency: currency, first: first, lines: map[[2]int64]*tally{}, days: map[int64]*tally{}})
		}
		drafts[at].take(costCenter, member, day, count, first, tallyOf(kind, count, sum))
		return nil
	}, p.id, s.since, s.until)
	slices.SortFunc(drafts, func(a, b *draft) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.currency, b.currency))
	})
	return drafts, err
}

func (d *draft) take(costCenter, member, day, count, first int64, t tally) {
	line := [2]int64{costCenter, member}
	if d.lines[line] == nil {
		d.lines[line] = &tally{}
	}
	if d.days[day] == nil {
		d.days[day] = &tally{}
	}
	d.lines[line].add(t, 1)
	d.days[day].add(t, 1)
	d.items += count
	d.first = min(d.first, first)
}

// write numbers and writes an invoice with its lines, and gives it its charges.
func (p *payer) write(tx *store.Tx, i *Invoice, d *draft, s stretch) (err error) {
	if i.ID, err = tx.NextID(store.Invoices); err != nil {
		return err
	}
	if i.Number, err = nextNumber(tx, i.BusinessUnitID); err != nil {
		return err
	}
	switch {
	case i.Price.Gross == 0: // there is nothing to pay
		i.State, i.Settlement, i.PaidAt = InvoicePaid, Settled, tx.Now
	case p.paymentState == SourceAdded:
		i.Settlement = SettlementPending
	}
	_, err = tx.Exec(invoiceInsert, i.ID, i.Number, i.AccountID, i.BranchID, i.BusinessUnitID, i.Currency, i.PeriodFrom, i.PeriodTo,
		int64(i.Price.Net), int64(i.Price.Tax), int64(i.Price.Gross), i.Items, i.State, i.Settlement, i.CreatedAt, i.DueAt, i.PaidAt, i.Revision)
	if err != nil {
		return err
	}
	if err := tx.ExecMany(invoiceLineInsert, d.lineRows(i.ID)); err != nil {
		return err
	}
	if _, err := tx.Exec(chargesInvoice, p.id, i.ID, s.since, s.until, d.unit, d.currency); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "invoice.create", SubjectType: invoiceSubject, SubjectID: i.ID, ObjectID: i.AccountID, After: invoiceFields(i)})
	if p.business {
		if err := i.moveSums(tx, d.days, 0, i.ID); err != nil {
			return err
		}
	}
	switch {
	case i.Settlement == SettlementPending:
		return i.collect(tx)
	case i.State == InvoiceOpen && p.paymentState != Invoicing:
		return i.collectWhenDue(tx)
	}
	return nil
}

func (d *draft) lineRows(invoice int64) [][]any {
	lines := make([][2]int64, 0, len(d.lines))
	for line := range d.lines {
		lines = append(lines, line)
	}
	slices.SortFunc(lines, func(a, b [2]int64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	rows := make([][]any, len(lines))
	for n, line := range lines {
		t := d.lines[line]
		price := t.price()
		rows[n] = []any{invoice, line[0], line[1], t.rentals, t.bookings, int64(price.Net), int64(price.Tax), int64(price.Gross)}
	}
	return rows
}

// nextNumber draws the number of an invoice: the date in the business unit's zone,
// its prefix, and how many it has numbered. A number that another unit of the same
// prefix has is left out.
func nextNumber(tx *store.Tx, unit int64) (number string, err error) {
	u, err := LiveUnit(tx, unit)
	if err != nil {
		return "", err
	}
	date := time.UnixMicro(tx.Now).In(u.Location()).Format(time.DateOnly)
	for taken := true; taken; {
		u.Invoices++
		number = fmt.Sprintf("%s-%s-%d", date, u.InvoicePrefix, u.Invoices)
		if taken, err = tx.Exists(invoiceNumber, number); err != nil {
			return "", err
		}
	}
	_, err = tx.Exec(unitNumbered, unit, u.Invoices)
	return number, err
}

// moveSums moves what an invoice's charges come to on each day from one invoice's
// sums to another's; 0 is what is unbilled.
func (i *Invoice) moveSums(tx *store.Tx, days map[int64]*tally, from, to int64) error {
	sums := ledgerSums{}
	for day, t := range days {
		at := place{i.AccountID, day, i.BusinessUnitID, i.Currency}
		sums.addTimes(at, byInvoice, from, *t, -1)
		sums.addTimes(at, byInvoice, to, *t, 1)
	}
	return sums.save(tx)
}
