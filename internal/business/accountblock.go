package business

import (
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

var invoicesDue = store.Q("invoice.first_due", `SELECT account_id, branch_id, CAST(min(due_at) AS bigint) FROM invoices
	WHERE tenant = $1 AND state IN ('OPEN', 'FAILED') AND account_id IN ($2) GROUP BY account_id, branch_id`).In()

var invoiceUnpaid = store.Q("invoice.any_unpaid", `SELECT 1 FROM invoices
	WHERE tenant = $1 AND account_id = $2 AND state IN ('OPEN', 'FAILED') LIMIT 1`)

// UnpaidFrom tells from when on (µs UTC) an invoice of an account, or of a customer,
// blocks them, as things are: HasUnpaid is true behind that instant. 0 is never.
func UnpaidFrom(tx *store.Tx, account int64) (int64, error) {
	from, err := blockedFrom(tx, []int64{account})
	return from[account], err
}

// blockedFrom tells from when on accounts are blocked by an unpaid invoice, as things
// are: HasUnpaid is true behind that instant. Those that none blocks are left out.
func blockedFrom(tx *store.Tx, accounts []int64) (map[int64]int64, error) {
	type due struct{ account, branch, at int64 }
	var all []due
	err := tx.EachIn(invoicesDue, accounts, func(s store.Scanner) error {
		var d due
		err := s.Scan(&d.account, &d.branch, &d.at)
		all = append(all, d)
		return err
	})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return nil, err
	}
	from := map[int64]int64{}
	for _, d := range all {
		blocks, err := identity.UnpaidInvoiceBlocks.In(tx, tree, d.branch)
		if err != nil {
			return nil, err
		}
		if first, known := from[d.account]; blocks && (!known || d.at < first) {
			from[d.account] = d.at
		}
	}
	return from, nil
}
