package mobility

import (
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

func init() { identity.OnErase(erase) } //nolint:gochecknoinits // whoever links this area has its rows erased

var (
	rentalsErase = store.Q("rental.erase", `UPDATE rentals SET business_reason = '', start_address = '', end_address = '', driving_log = ''
		WHERE tenant = $1 AND person_id = $2`)
	bookingsErase = store.Q("booking.erase", `UPDATE bookings SET business_reason = '', decline_reason = '' WHERE tenant = $1 AND person_id = $2`)
	declinesErase = store.Q("booking.erase_declines", `UPDATE bookings SET decline_reason = '' WHERE tenant = $1 AND decided_by = $2 AND decided_by <> 0`)
	declinedBy    = store.Q("booking.declined_by", `SELECT id FROM bookings WHERE tenant = $1 AND decided_by = $2 AND decided_by <> 0`)
)

// erase takes a customer who is deleted out of rides: why and from where to where, and
// what they wrote. That there was a ride, when, of which vehicle, how far and what for
// money stays, by the customer's id.
func erase(tx *store.Tx, e *identity.Erasure) error {
	declined, err := store.All(tx, declinedBy, func(s store.Scanner) (id int64, err error) { return id, s.Scan(&id) }, e.ID)
	if err != nil {
		return err
	}
	for _, q := range []*store.Query{rentalsErase, bookingsErase, declinesErase} {
		if _, err := tx.Exec(q, e.ID); err != nil {
			return err
		}
	}
	if err := e.Subjects("booking", declined...); err != nil {
		return err
	}
	if err := e.Objects("rental", e.ID); err != nil {
		return err
	}
	return e.Objects("booking", e.ID)
}
