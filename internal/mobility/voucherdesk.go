package mobility

import (
	"context"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// ApplyVouchers gives an account vouchers, by an operator: one for each benefit of a
// voucherable, all or none. Errors are those of care's Gift; NotFound for a rental or
// a booking that is not the account's own.
func (m *Mobility) ApplyVouchers(ctx context.Context, a roster.Actor, g care.Gift) (made []*care.Voucher, err error) {
	err = m.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if err := g.Receiver(tx, p); err != nil {
			return err
		}
		if err := aboutOwn(tx, &g); err != nil {
			return err
		}
		made, err = g.Give(tx, p)
		return err
	})
	return made, err
}

// aboutOwn refuses a gift about somebody else's rental or booking.
func aboutOwn(tx *store.Tx, g *care.Gift) error {
	own := func(person, group int64) bool {
		if g.GroupID != 0 {
			return group == g.GroupID
		}
		return person == g.CustomerID
	}
	if g.RentalID != 0 {
		r, err := one(tx, scanRental, rentalByID, g.RentalID)
		if err != nil {
			return err
		}
		if r == nil || !own(r.PersonID, r.GroupID) {
			return errNotOwn("rental", "rentalId")
		}
	}
	if g.BookingID != 0 {
		b, err := one(tx, scanBooking, bookingByID, g.BookingID)
		if err != nil {
			return err
		}
		if b == nil || !own(b.PersonID, b.GroupID) {
			return errNotOwn("booking", "bookingId")
		}
	}
	return nil
}

func errNotOwn(noun, field string) error {
	e := *roster.AsError(errNone(noun))
	e.Field = field
	return &e
}
