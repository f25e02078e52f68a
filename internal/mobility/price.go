package mobility

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/rosterhq/roster/internal/roster"
)

// Parts are what a price is made of, gross. Vouchers reduce one of them, or all.
type Parts struct{ Unlock, Time, Kilometer, Booking roster.Amount }

// Gross is the whole price.
func (p Parts) Gross() roster.Amount { return p.Unlock + p.Time + p.Kilometer + p.Booking }

// Minutes is how many minutes a drive costs, from start to end in µs UTC: each that
// has begun, and one at least.
func Minutes(start, end int64) int64 {
	minute := time.Minute.Microseconds()
	return max(1, (end-start+minute-1)/minute)
}

// maxOdometer bounds what an odometer shows, in meters, so that no price overflows.
const maxOdometer = 10_000_000_000

// price says what a drive costs: unlocking, each minute that has begun, and each
// kilometer, of which meters are a fraction; that product is rounded half up to the
// four decimals of an amount.
func (r Rates) price(start, end, meters int64) Parts {
	return Parts{
		Unlock:    r.Unlock,
		Time:      r.PerMinute * roster.Amount(Minutes(start, end)),
		Kilometer: roster.Amount(decimal.New(int64(r.PerKilometer), 0).Mul(decimal.New(meters, -3)).Round(0).IntPart()),
	}
}
