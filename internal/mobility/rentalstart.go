package mobility

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// expire ends a reservation whose time is over.
func (r *Rental) expire(tx *store.Tx) error {
	r.State = Reservation
	return r.step(tx, Expired, clock, "rental.expire", func() error {
		r.EndTime = r.ExpiresAt
		return nil
	})
}

// start has a reservation be driven. What is asked of the renter is asked again, of
// what was captured.
func (m *Mobility) start(tx *store.Tx, r *Rental, at *Position) (seen named, err error) {
	if err := RentalLife.Check(r.State, Active, renter); err != nil {
		return seen, err
	}
	known, err := m.memory.named(within(tx), r)
	if err != nil {
		return seen, err
	}
	v, account := known.vehicles[r.VehicleID], known.groups[r.GroupID]
	if r.GroupID != 0 && account == nil {
		return seen, errNoAccount()
	}
	if v.State != Available {
		return seen, errVehicleTaken()
	}
	rules, err := m.memory.rules(within(tx))
	if err != nil {
		return seen, err
	}
	checked, err := m.check(within(tx), rules, &Question{
		Person: r.PersonID, BranchID: r.BranchID, CategoryID: r.CategoryID, Vehicle: v, Account: account,
		CostCenterID: r.CostCenterID, BusinessReason: r.BusinessReason, Start: Active, Position: at,
	})
	if err != nil {
		return seen, err
	}
	if err := checked.Refusal(); err != nil {
		return seen, err
	}
	return checked.seen(), r.step(tx, Active, renter, "rental.start", func() error {
		r.DriveStartTime, r.StartOdometer = tx.Now, v.Odometer
		return nil
	})
}

// ownRental reads a rental of a person's own. NotFound.
func ownRental(tx *store.Tx, person, id int64) (*Rental, error) {
	r, err := one(tx, scanRental, rentalByID, id)
	if err != nil {
		return nil, err
	}
	if r == nil || r.PersonID != person {
		return nil, errNone("rental")
	}
	return r.settle(tx.Now), nil
}

// ownBooking reads a booking of a person's own. NotFound.
func ownBooking(tx *store.Tx, person, id int64) (*Booking, error) {
	b, err := one(tx, scanBooking, bookingByID, id)
	if err != nil {
		return nil, err
	}
	if b == nil || b.PersonID != person {
		return nil, errNone("booking")
	}
	return b.settle(tx.Now), nil
}

func errNone(noun string) error {
	return roster.Errorf(roster.NotFound, business.CodeNoResource, "there is no such %s", noun)
}
