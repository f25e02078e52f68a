package mobility

import (
	"context"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// AbortBooking has an operator, or an API client, take back a booking that they can't
// deliver, free of charge; the renter is told, with the reason. NotFound, Forbidden
// with identity.CodeNoPermission, Conflict with CodeBookingState, Invalid with Field
// reason.
func (m *Mobility) AbortBooking(ctx context.Context, a roster.Actor, id int64, reason string) (view *BookingView, err error) {
	err = m.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		b, err := one(tx, scanBooking, bookingByID, id)
		if err != nil {
			return err
		}
		if b == nil {
			return errNone("booking")
		}
		if err := p.NeedOn("USER_WRITE", "USER_READ", errNone("booking"), b.BranchID); err != nil {
			return err
		}
		err = b.settle(tx.Now).step(tx, Aborted, operator, "booking.abort", func() (err error) {
			b.DeclineReason, err = checkReason(reason)
			return err
		})
		if err != nil {
			return err
		}
		if err := tellDecision(tx, b); err != nil {
			return err
		}
		view, err = viewBooking(tx, b)
		return err
	})
	return view, err
}
