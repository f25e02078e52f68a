package business

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/roster"
)

func TestTaxOf(t *testing.T) {
	for _, c := range []struct {
		gross roster.Amount
		rate  int64
		tax   roster.Amount
	}{
		{1_200_000, 2000, 200_000}, // 120 at 20 % holds 20
		{0, 2000, 0},
		{1, 2000, 0},
		{3, 2000, 1},                 // 0.5 of a ten-thousandth goes up
		{-3, 2000, -1},               // and below zero as above
		{9, 2000, 2},                 // 1.5
		{10_000, 0, 0},               // untaxed
		{10_000, 1, 1},               // 0.01 %
		{2, 10_000, 1},               // 100 %
		{1, 10_000, 1},               // half
		{9_990, 1900, 1595},          // 0.999 at 19 %: 0.15950420…
		{14_400_000, 810, 1_079_001}, // 1440 at 8.1 %: 107.90009…
	} {
		got := TaxOf(c.gross, c.rate)
		if got != (roster.Price{Net: c.gross - c.tax, Tax: c.tax, Gross: c.gross}) {
			t.Errorf("%d at %d holds %d; want %d", c.gross, c.rate, got.Tax, c.tax)
		}
	}
}

// The tax is the one ten-thousandth that lies nearest to the exact one, the greater
// of two, whatever the amount.
func TestTaxOfIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gross := rapid.Int64Range(0, maxAmount).Draw(t, "gross")
		rate := rapid.Int64Range(0, wholeTax).Draw(t, "rate")
		// floor(x + 1/2) with x = gross·rate/(wholeTax + rate)
		n := new(big.Int).Mul(big.NewInt(gross), big.NewInt(2*rate))
		n.Add(n, big.NewInt(wholeTax+rate))
		n.Div(n, big.NewInt(2*(wholeTax+rate)))
		got, mirrored := TaxOf(roster.Amount(gross), rate), TaxOf(roster.Amount(-gross), rate)
		if int64(got.Tax) != n.Int64() || got.Net+got.Tax != roster.Amount(gross) {
			t.Fatalf("%d at %d: %+v, want a tax of %s", gross, rate, got, n)
		}
		if mirrored != (roster.Price{Net: -got.Net, Tax: -got.Tax, Gross: -got.Gross}) {
			t.Fatalf("%d at %d: %+v is no mirror of %+v", gross, rate, mirrored, got)
		}
	})
}
