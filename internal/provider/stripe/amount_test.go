package stripe

import (
	"testing"

	"github.com/rosterhq/roster/internal/roster"
)

func TestMinor(t *testing.T) {
	for _, c := range []struct {
		amount, currency string
		want             int64
		exact            bool
	}{
		{"12.34", "EUR", 1234, true},
		{"12.345", "EUR", 1235, false},
		{"12.3449", "EUR", 1234, false},
		{"0.005", "EUR", 1, false},
		{"0.0049", "EUR", 0, false},
		{"-12.345", "EUR", -1234, false},
		{"500", "JPY", 500, true},
		{"500.5", "JPY", 501, false},
		{"500.4999", "JPY", 500, false},
		{"5", "MGA", 5, true}, // ISO 4217 has decimals, Stripe none
		{"5.124", "KWD", 5120, false},
		{"5.125", "KWD", 5130, false},
		{"5.12", "KWD", 5120, true},
		{"5", "ISK", 500, true}, // ISO 4217 has none, Stripe takes two, both nought
		{"5.5", "ISK", 600, false},
		{"5", "UGX", 500, true},
		{"10", "HUF", 1000, true},
		{"10.25", "TWD", 1025, true},
	} {
		amount, err := roster.ParseAmount(c.amount)
		if err != nil {
			t.Fatal(err)
		}
		if got, exact, err := minor(amount, c.currency); got != c.want || exact != c.exact || err != nil {
			t.Errorf("%s %s: %d, %v, %v; want %d, %v", c.amount, c.currency, got, exact, err, c.want, c.exact)
		}
	}
	if _, _, err := minor(1, "XXY"); kind(err) != roster.Invalid {
		t.Error(err)
	}
}
