package mobility

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
)

func TestMinutes(t *testing.T) {
	for _, c := range []struct{ start, end, want int64 }{
		{noon, noon, 1}, {noon, noon + 1, 1}, {noon, noon + minute, 1}, {noon, noon + minute + 1, 2}, {noon, noon + 14*minute, 14},
		{noon + 1, noon + day, 1440},
	} {
		if got := Minutes(c.start, c.end); got != c.want {
			t.Errorf("%d µs are %d minutes, want %d", c.end-c.start, got, c.want)
		}
	}
}

// The example that docs/billing.md works through: a van for 37 minutes and 12 seconds
// and 12.345 km, booked for 1.50 before, at 20 % tax.
func TestWorkedExample(t *testing.T) {
	parts := vanRates.price(noon, noon+37*minute+12_000_000, 12_345)
	parts.Booking = 15_000
	want := Parts{
		Unlock:    25_000,  // 2.50
		Time:      114_000, // 38 minutes at 0.30 are 11.40
		Kilometer: 48_146,  // 12.345 km at 0.39 are 4.81455, and 4.8146 rounded half up
		Booking:   15_000,  // 1.50
	}
	if parts != want {
		t.Errorf("the parts are %+v, want %+v", parts, want)
	}
	price := business.TaxOf(parts.Gross(), vanRates.Tax)
	if want := (roster.Price{Net: 168_455, Tax: 33_691, Gross: 202_146}); price != want { // 20.2146 contain 3.3691
		t.Errorf("the price is %v, want %v", price, want)
	}
}

// Prices are what fractions say, rounded half up, and never more than the ledger takes.
func TestPriceIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := func(name string) roster.Amount { return roster.Amount(rapid.Int64Range(0, maxRate).Draw(t, name)) }
		r := Rates{Unlock: amount("unlock"), PerMinute: amount("minute"), PerKilometer: amount("kilometer")}
		micros := rapid.OneOf(rapid.Int64Range(0, day), rapid.Int64Range(0, 100*365*day)).Draw(t, "time")
		meters := rapid.OneOf(rapid.Int64Range(0, 100_000), rapid.Int64Range(0, maxOdometer)).Draw(t, "meters")
		got := r.price(noon, noon+micros, meters)
		rounded := func(x *big.Rat) roster.Amount {
			x.Add(x, big.NewRat(1, 2))
			whole := new(big.Int).Div(x.Num(), x.Denom())
			if whole.Cmp(big.NewInt(maxPrice)) > 0 {
				return maxPrice
			}
			return roster.Amount(whole.Int64())
		}
		minutes := new(big.Int).Div(new(big.Int).Add(big.NewInt(micros), big.NewInt(minute-1)), big.NewInt(minute))
		if minutes.Sign() == 0 {
			minutes.SetInt64(1)
		}
		want := Parts{
			Unlock:    r.Unlock,
			Time:      rounded(new(big.Rat).Mul(new(big.Rat).SetInt(minutes), big.NewRat(int64(r.PerMinute), 1))),
			Kilometer: rounded(new(big.Rat).Mul(big.NewRat(meters, 1000), big.NewRat(int64(r.PerKilometer), 1))),
		}
		if got != want {
			t.Fatalf("%+v for %d µs and %d m costs %+v, want %+v", r, micros, meters, got, want)
		}
		got.limit()
		if got.Gross() > maxPrice || want.Gross() <= maxPrice && got != want {
			t.Fatalf("limited, %+v is %+v", want, got)
		}
	})
}
