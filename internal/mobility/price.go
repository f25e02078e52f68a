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

// maxOdometer bounds what an odometer shows, in meters.
const maxOdometer = 10_000_000_000

// maxPrice is the most that one thing costs: a hundred million of a currency's units,
// which is what the ledger takes. A rental that somebody forgot for years must end.
const maxPrice = 100_000_000 * 10_000

// price says what a drive costs: unlocking, each minute that has begun, and each
// kilometer, of which meters are a fraction; that product is rounded half up to the
// four decimals of an amount.
func (r Rates) price(start, end, meters int64) Parts {
	most := decimal.New(maxPrice, 0)
	times := func(rate roster.Amount, n int64, exponent int32) roster.Amount {
		product := decimal.New(int64(rate), 0).Mul(decimal.New(n, exponent)).Round(0)
		return roster.Amount(decimal.Min(product, most).IntPart())
	}
	return Parts{Unlock: r.Unlock, Time: times(r.PerMinute, Minutes(start, end), 0), Kilometer: times(r.PerKilometer, meters, -3)}
}

// limit keeps the whole price within maxPrice.
func (p *Parts) limit() {
	left := roster.Amount(maxPrice)
	for _, part := range []*roster.Amount{&p.Unlock, &p.Time, &p.Kilometer, &p.Booking} {
		*part = min(*part, left)
		left -= *part
	}
}
