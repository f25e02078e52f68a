package roster_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/roster"
)

func TestAmount(t *testing.T) {
	for text, want := range map[string]roster.Amount{
		"0": 0, "1": 10_000, "0.19": 1_900, "-0.0001": -1, "12.50": 125_000, "3.00000000": 30_000,
		"922337203685477.5807": math.MaxInt64,
	} {
		if got, err := roster.ParseAmount(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", ".", "1.", ".5", "1e3", "1.00001", "+1", "1,5", " 1", "--1", "0x1", "922337203685477.5808", "1.2.3"} {
		if got, err := roster.ParseAmount(text); err == nil {
			t.Errorf("%q is %d; want an error", text, got)
		}
	}
	if got := roster.Amount(math.MinInt64).String(); got != "-922337203685477.5808" {
		t.Errorf("the least amount is spelled %s", got)
	}
}

func TestAmountRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := roster.Amount(rapid.Int64Min(math.MinInt64+1).Draw(t, "amount"))
		if back, err := roster.ParseAmount(a.String()); err != nil || back != a {
			t.Fatalf("%d comes back from %s as %d, %v", a, a, back, err)
		}
	})
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"1.5", "-0.0001", "1.00000", "9999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := roster.ParseAmount(s)
		if err != nil {
			return
		}
		if back, err := roster.ParseAmount(a.String()); err != nil || back != a {
			t.Fatalf("%q is %s, which comes back as %s, %v", s, a, back, err)
		}
	})
}
