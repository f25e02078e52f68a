package business

import (
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Release takes out of business what is to be deleted of a customer: the membership in
// an account, requests that wait, and payment sources; charges and invoices stay. What
// is yet to be billed is billed first, since later nobody is there to bill.
// Conflict with CodeOwnerStays, CodeOpen while something is under way on the account
// or an invoice of theirs is not paid.
func (b *Business) Release(tx *store.Tx, c *identity.Customer) error {
	if _, err := payerOfCustomer(c).billUsage(tx); err != nil {
		return err
	}
	unpaid, err := tx.Exists(invoiceUnpaid, c.ID)
	if err != nil {
		return err
	}
	if unpaid {
		return roster.Errorf(roster.Conflict, CodeOpen, "an invoice of the customer is not paid")
	}
	_, m, err := AccountOf(tx, c.ID)
	if err != nil {
		return err
	}
	if m != nil {
		if err := b.end(tx, m, ""); err != nil {
			return err
		}
	}
	if err := cancelRequestsOf(tx, c, 0); err != nil {
		return err
	}
	return releaseSources(tx, c)
}

func releaseSources(tx *store.Tx, c *identity.Customer) error {
	all, err := SourcesOf(tx, c.ID)
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := s.set(tx, SourceDeleted, false); err != nil {
			return err
		}
		if s.Gateway == ManualGateway {
			continue
		}
		if err := jobs.Enqueue(tx, sourceRemoval.Job(sourceArgs{s.ID})); err != nil {
			return err
		}
	}
	return nil
}

// Debt is what an account has not paid, in one currency.
type Debt struct {
	Currency string
	Count    int
	Gross    roster.Amount
}

var debtsOf = store.Q("invoice.debts_of", `SELECT currency, count(*), CAST(sum(gross) AS bigint) FROM invoices
	WHERE tenant = $1 AND account_id = $2 AND state IN ('OPEN', 'FAILED') GROUP BY currency ORDER BY currency`)

// DebtsOf reads what an account has not paid, by currency.
func DebtsOf(tx *store.Tx, account int64) ([]Debt, error) {
	return store.All(tx, debtsOf, func(s store.Scanner) (d Debt, err error) {
		return d, s.Scan(&d.Currency, &d.Count, &d.Gross)
	}, account)
}
