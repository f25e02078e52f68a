package spend

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// The halves of amounts, summed apart, come together as the sum, or as the largest
// number where it does not fit.
func TestWholeIsTheSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, math.MaxInt64), rapid.Int64Range(math.MaxInt64-9, math.MaxInt64), rapid.Int64Range(0, 9)), 0, 20).Draw(t, "amounts")
		var high, low, saturated int64
		sum := new(big.Int)
		for _, a := range amounts {
			high, low, saturated = high+a/half, low+a%half, plus(saturated, a)
			sum.Add(sum, big.NewInt(a))
		}
		want := int64(math.MaxInt64)
		if sum.IsInt64() {
			want = sum.Int64()
		}
		if got := whole(high, low); got != want || saturated != want {
			t.Fatalf("%d and %d, want %d", got, saturated, want)
		}
	})
}

func TestMoneyIsChecked(t *testing.T) {
	for _, bad := range []Money{{-1, "MXN"}, {1, ""}, {1, "mxn"}, {1, "XXX"}, {1, "MX"}} {
		if bad.check("amount") == nil {
			t.Errorf("%v passes", bad)
		}
	}
	for _, good := range []Money{{0, "MXN"}, {math.MaxInt64, "EUR"}} {
		if err := good.check("amount"); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
}
