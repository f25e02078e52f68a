package business

import (
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// ManagerOf reads an account that the caller of the user API manages, and what they
// are in it, for areas that have something to show to managers. NotFound with
// CodeNoAccount for who is not in it; Forbidden with CodeNoPermission for another
// member, CodeBlocked for a blocked one, or CodeDisabled.
func ManagerOf(tx *store.Tx, a roster.Actor, account int64) (*Account, *Member, error) {
	return managerOf(tx, a, account)
}

// BlockedFrom tells from when on an unpaid invoice blocks an account, µs UTC, as
// things are: HasUnpaid is true behind that instant. 0 for never.
func BlockedFrom(tx *store.Tx, account int64) (int64, error) {
	from, err := blockedFrom(tx, []int64{account})
	return from[account], err
}
