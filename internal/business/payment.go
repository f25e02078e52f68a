package business

import "github.com/rosterhq/roster/internal/store"

var paymentActive = store.Q("payment_source.active", `SELECT id FROM payment_sources
	WHERE tenant = $1 AND account_id = $2 AND state = 'ACTIVE' LIMIT 1`)

// HasPaymentSource reports whether an account, a customer's or a business account's,
// has an active payment source.
func HasPaymentSource(tx *store.Tx, account int64) (bool, error) {
	return tx.Exists(paymentActive, account)
}
