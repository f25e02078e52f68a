package roster_test

import (
	"testing"

	"github.com/rosterhq/roster/internal/roster"
)

func TestCurrencyScale(t *testing.T) {
	for code, want := range map[string]int64{"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4, "ZWG": 2, "AED": 2} {
		if got, ok := roster.CurrencyScale(code); !ok || got != want {
			t.Errorf("%s has %d decimals, %v", code, got, ok)
		}
	}
	for _, code := range []string{"", "eur", "XXX", "EUR:2", "JPY:0", "XAU"} {
		if _, ok := roster.CurrencyScale(code); ok {
			t.Errorf("%q is a currency", code)
		}
	}
}
