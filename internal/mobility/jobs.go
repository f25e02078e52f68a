package mobility

import (
	"context"
	"time"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

const (
	// expireEvery is how often what has run out is written down. Answers count it as
	// over at once; the ledger hears of a booking then.
	expireEvery = time.Minute
	// expireAtOnce is how much of it one write does, so that others get their turn.
	expireAtOnce = 100
)

var (
	rentalsExpired = store.Q("rental.expired", `SELECT `+rentalColumns+` FROM rentals r
		WHERE r.tenant = $1 AND r.expires_at <= $2 AND r.state = 'RESERVATION' ORDER BY r.expires_at LIMIT $3`)
	bookingsExpired = store.Q("booking.expired", `SELECT `+bookingColumns+` FROM bookings b
		WHERE b.tenant = $1 AND b.grace_until <= $2 AND b.state IN ('BOOKED', 'APPROVED') ORDER BY b.grace_until LIMIT $3`)
)

// RegisterJobs has r end reservations and bookings that have run out, and tell by
// mail who is to approve a booking, and what they decided.
func (m *Mobility) RegisterJobs(r *jobs.Runner, t jobs.Transport) {
	r.Every("rental.expire", expireEvery, func(ctx context.Context, _ roster.Tenant) error {
		return sweep(ctx, m.db, rentalsExpired, scanRental, (*Rental).expire)
	})
	r.Every("booking.expire", expireEvery, func(ctx context.Context, _ roster.Tenant) error {
		return sweep(ctx, m.db, bookingsExpired, scanBooking, (*Booking).expire)
	})
	m.registerMails(r, t)
}

// sweep ends what has run out, some in each write, and the job with the last.
func sweep[T any](ctx context.Context, db *store.DB, q *store.Query, scan func(store.Scanner) (*T, error), expire func(*T, *store.Tx) error) error {
	for more := true; more; {
		err := db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
			tx.Housekeeping()
			out, err := store.All(tx, q, scan, tx.Now, expireAtOnce)
			if err != nil {
				return err
			}
			for _, it := range out {
				if err := expire(it, tx); err != nil {
					return err
				}
			}
			if more = len(out) == expireAtOnce; more {
				return nil
			}
			return jobs.Done(ctx, tx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
