package mobility

import "github.com/rosterhq/roster/internal/store"

// What is still under way: rentals that are open, and bookings that are to come, or
// whose rental is open. What has run out by itself is not, whatever its row says.
const (
	openRental  = `r.state IN ('RESERVATION', 'ACTIVE') AND (r.state = 'ACTIVE' OR r.expires_at > $2)`
	openBooking = `b.state IN ('BOOKED', 'APPROVED', 'DELIVERED') AND (b.state = 'DELIVERED' OR b.grace_until > $2)`
)

var (
	rentalOpenOfMember = store.Q("rental.open_of_member", `SELECT 1 FROM rentals r
		WHERE r.tenant = $1 AND r.group_id = $3 AND r.person_id = $4 AND `+openRental+` LIMIT 1`)
	bookingOpenOfMember = store.Q("booking.open_of_member", `SELECT 1 FROM bookings b
		WHERE b.tenant = $1 AND b.group_id = $3 AND b.person_id = $4 AND `+openBooking+` LIMIT 1`)
	rentalOpenOfGroup = store.Q("rental.open_of_group", `SELECT 1 FROM rentals r
		WHERE r.tenant = $1 AND r.group_id = $3 AND `+openRental+` LIMIT 1`)
	bookingOpenOfGroup = store.Q("booking.open_of_group", `SELECT 1 FROM bookings b
		WHERE b.tenant = $1 AND b.group_id = $3 AND `+openBooking+` LIMIT 1`)
	rentalOfCostCenter = store.Q("rental.of_cost_center", `SELECT 1 FROM rentals r
		WHERE r.tenant = $1 AND r.cost_center_id = $2 AND r.cost_center_id <> 0 LIMIT 1`)
	bookingOfCostCenter = store.Q("booking.of_cost_center", `SELECT 1 FROM bookings b
		WHERE b.tenant = $1 AND b.cost_center_id = $2 AND b.cost_center_id <> 0 LIMIT 1`)
)

func openOfMember(tx *store.Tx, account, person int64) (bool, error) {
	return either(tx, rentalOpenOfMember, bookingOpenOfMember, tx.Now, account, person)
}

func openOfGroup(tx *store.Tx, account int64) (bool, error) {
	return either(tx, rentalOpenOfGroup, bookingOpenOfGroup, tx.Now, account)
}

func costCenterUsed(tx *store.Tx, costCenter int64) (bool, error) {
	return either(tx, rentalOfCostCenter, bookingOfCostCenter, costCenter)
}

func either(tx *store.Tx, a, b *store.Query, args ...any) (bool, error) {
	if found, err := tx.Exists(a, args...); err != nil || found {
		return found, err
	}
	return tx.Exists(b, args...)
}
