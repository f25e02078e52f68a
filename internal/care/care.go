// Package care is what an operator asks of customers and gives to them: terms and
// who accepted them, identity cards, and vouchers.
package care

import (
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Sequences of ids.
const (
	termsIDs       store.Sequence = "terms"
	voucherableIDs store.Sequence = "voucherable"
	voucherIDs     store.Sequence = "voucher"
	cardIDs        store.Sequence = "identity_card"
)

// Care knows the terms, cards and vouchers of db's tenants.
type Care struct {
	db    *store.DB
	rolls *rolls // of customers
	cards *store.Memo[struct{}, []cardRow]
}

// New makes the care of db's tenants and lets it follow db.
func New(db *store.DB) *Care {
	c := &Care{db, &rolls{tenants: map[roster.TenantID]*roll{}}, store.NewMemo[struct{}, []cardRow](db, touchesCards)}
	db.AddFollower(c.rolls)
	return c
}
