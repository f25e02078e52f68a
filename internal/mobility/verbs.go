package mobility

import (
	"context"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CreateRental makes a rental of the actor, a reservation or one that is driven at
// once; of a booking if one is named, which it delivers.
//
// NotFound with CodeNoVehicle, business.CodeNoAccount, CodeNoCode (a group that the
// actor was never in, too), CodeUnknownPaymentSource, or CodeNoResource (booking);
// Invalid with CodeVehicleTaken, CodeNoCategory, business.CodeTypeAndAccount,
// CodePersonalSource, or as the check of requirements says, with details Unfulfilled;
// Conflict with CodeBookingState; Forbidden with business.CodeDisabled.
func (m *Mobility) CreateRental(ctx context.Context, a roster.Actor, n NewRental) (*RentalView, error) {
	return m.writeRental(ctx, a, func(tx *store.Tx) (*Rental, named, error) { return m.create(tx, a.PersonID, n) })
}

// StartRental has a reservation of the actor's be driven. NotFound, Conflict with
// CodeRentalState, Invalid with CodeVehicleTaken or as the check of requirements says.
func (m *Mobility) StartRental(ctx context.Context, a roster.Actor, id int64, at *Position) (*RentalView, error) {
	return m.onRental(ctx, a, id, func(tx *store.Tx, r *Rental) (named, error) { return m.start(tx, r, at) })
}

// EndRental ends a rental of the actor's that is driven, says what it costs, and
// charges it. NotFound, Conflict with CodeRentalState, Invalid, or so with
// CodeNoDrivingLog.
func (m *Mobility) EndRental(ctx context.Context, a roster.Actor, id int64, e End) (*RentalView, error) {
	return m.onRental(ctx, a, id, func(tx *store.Tx, r *Rental) (named, error) { return m.end(tx, r, e) })
}

// CancelRental ends a reservation of the actor's that is not wanted any longer.
// NotFound, Conflict with CodeRentalState.
func (m *Mobility) CancelRental(ctx context.Context, a roster.Actor, id int64) (*RentalView, error) {
	return m.onRental(ctx, a, id, func(tx *store.Tx, r *Rental) (named, error) {
		return named{}, r.step(tx, Cancelled, renter, "rental.cancel", func() error {
			r.EndTime = tx.Now
			return nil
		})
	})
}

// Rental reads a rental of the actor's own. NotFound.
func (m *Mobility) Rental(ctx context.Context, a roster.Actor, id int64) (view *RentalView, err error) {
	err = m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		r, err := ownRental(tx, a.PersonID, id)
		if err != nil {
			return err
		}
		view, err = viewRental(tx, r, named{})
		return err
	})
	return view, err
}

func (m *Mobility) onRental(ctx context.Context, a roster.Actor, id int64, do func(*store.Tx, *Rental) (named, error)) (*RentalView, error) {
	return m.writeRental(ctx, a, func(tx *store.Tx) (*Rental, named, error) {
		r, err := ownRental(tx, a.PersonID, id)
		if err != nil {
			return nil, named{}, err
		}
		seen, err := do(tx, r)
		return r, seen, err
	})
}

// writeRental changes a rental and shows it; do returns it, and what it has seen of
// what the rental names.
func (m *Mobility) writeRental(ctx context.Context, a roster.Actor, do func(*store.Tx) (*Rental, named, error)) (view *RentalView, err error) {
	if err := asPerson(a); err != nil {
		return nil, err
	}
	err = m.db.Write(ctx, a, func(tx *store.Tx) error {
		r, seen, err := do(tx)
		if err != nil {
			return err
		}
		view, err = viewRental(tx, r, seen)
		return err
	})
	return view, err
}

// asPerson refuses an actor who is nobody.
func asPerson(a roster.Actor) error {
	if a.PersonID == 0 {
		return roster.Errorf(roster.Forbidden, business.CodeNoPermission, "only people rent")
	}
	return nil
}

// CreateBooking keeps a vehicle of a category for a window of time. Errors are those
// of CreateRental, but for vehicles: Invalid with CodeWindow or CodeNotBookable;
// NotFound for an unknown branch.
func (m *Mobility) CreateBooking(ctx context.Context, a roster.Actor, n NewBooking) (*BookingView, error) {
	return m.writeBooking(ctx, a, func(tx *store.Tx) (*Booking, error) { return m.book(tx, a.PersonID, n) })
}

// CancelBooking gives up a booking of the actor's; late, that costs its price.
// NotFound, Conflict with CodeBookingState.
func (m *Mobility) CancelBooking(ctx context.Context, a roster.Actor, id int64) (*BookingView, error) {
	return m.writeBooking(ctx, a, func(tx *store.Tx) (*Booking, error) {
		b, err := ownBooking(tx, a.PersonID, id)
		if err != nil {
			return nil, err
		}
		return b, b.cancel(tx)
	})
}

// Booking reads a booking of the actor's own, or one that they may decide on, or of
// a group that they manage. NotFound.
func (m *Mobility) Booking(ctx context.Context, a roster.Actor, id int64) (view *BookingView, err error) {
	err = m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		b, _, err := visibleBooking(tx, a.PersonID, id)
		if err != nil {
			return err
		}
		view, err = viewBooking(tx, b)
		return err
	})
	return view, err
}

func (m *Mobility) writeBooking(ctx context.Context, a roster.Actor, do func(*store.Tx) (*Booking, error)) (view *BookingView, err error) {
	if err := asPerson(a); err != nil {
		return nil, err
	}
	err = m.db.Write(ctx, a, func(tx *store.Tx) error {
		b, err := do(tx)
		if err != nil {
			return err
		}
		view, err = viewBooking(tx, b)
		return err
	})
	return view, err
}
