package business

import "github.com/rosterhq/roster/internal/store"

var (
	linesOf = store.Q("invoice_line.of_invoice", `SELECT cost_center_id, member_id, rentals, bookings, net, tax, gross FROM invoice_lines
		WHERE tenant = $1 AND invoice_id = $2 ORDER BY cost_center_id, member_id`)
	invoicesAbout = store.Q("invoice.about", `SELECT i.id, coalesce(a.id, 0),
			coalesce((SELECT min(l.cost_center_id) FROM invoice_lines l WHERE l.tenant = i.tenant AND l.invoice_id = i.id), 0),
			coalesce((SELECT max(l.cost_center_id) FROM invoice_lines l WHERE l.tenant = i.tenant AND l.invoice_id = i.id), 0),
			coalesce((SELECT p.id FROM payment_attempts p WHERE p.tenant = i.tenant AND p.noun = 'invoice' AND p.subject_id = i.id AND p.state = 'DONE' ORDER BY p.attempt DESC LIMIT 1), 0)
		FROM invoices i LEFT JOIN business_accounts a ON a.tenant = i.tenant AND a.id = i.account_id
		WHERE i.tenant = $1 AND i.id IN ($2)`).In()
)

func scanLine(s store.Scanner) (l InvoiceLine, err error) {
	err = s.Scan(&l.CostCenterID, &l.MemberID, &l.Rentals, &l.Bookings, &l.Price.Net, &l.Price.Tax, &l.Price.Gross)
	return l, err
}

// complete fills in what invoices say beside their own rows.
func complete(tx *store.Tx, all ...*Invoice) error {
	byID := make(map[int64]*Invoice, len(all))
	ids := make([]int64, len(all))
	for n, i := range all {
		ids[n], byID[i.ID] = i.ID, i
	}
	return tx.EachIn(invoicesAbout, ids, func(s store.Scanner) error {
		var id, group, least, most, payment int64
		if err := s.Scan(&id, &group, &least, &most, &payment); err != nil {
			return err
		}
		i := byID[id]
		i.GroupID, i.PaymentID = group, payment
		if least == most {
			i.CostCenterID = least
		}
		return nil
	})
}

// wholeInvoice completes an invoice, and reads its lines.
func wholeInvoice(tx *store.Tx, i *Invoice) ([]InvoiceLine, error) {
	if err := complete(tx, i); err != nil {
		return nil, err
	}
	return store.All(tx, linesOf, scanLine, i.ID)
}
