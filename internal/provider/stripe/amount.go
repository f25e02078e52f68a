package stripe

import (
	"strings"

	"github.com/rosterhq/roster/internal/roster"
)

// decimals are those of the currencies in which Stripe counts otherwise than ISO 4217
// has it (https://docs.stripe.com/currencies): it takes these in hundredths, although
// some have none.
var decimals = map[string]int64{"ISK": 2, "UGX": 2}

// whole are currencies of which Stripe takes whole units only, in Stripe's decimals;
// those of three decimals it takes in tens of the smallest unit.
var whole = map[string]bool{"ISK": true, "UGX": true}

// none are currencies that have no decimals at Stripe.
var none = strings.Fields("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF")

func init() { //nolint:gochecknoinits // a table of two parts
	for _, code := range none {
		decimals[code] = 0
	}
}

// minor is an amount in the smallest unit that Stripe counts a currency in. What is no
// whole number of what Stripe takes is rounded half up, and exact tells. Invalid for a
// currency that is none.
func minor(a roster.Amount, currency string) (n int64, exact bool, err error) {
	scale, ok := decimals[currency]
	if !ok {
		if scale, ok = roster.CurrencyScale(currency); !ok {
			return 0, false, roster.FieldError("currency", "%s is no currency", currency)
		}
	}
	unit := int64(10_000) // ten-thousandths in the smallest unit
	for range scale {
		unit /= 10
	}
	step := unit // what Stripe takes multiples of
	switch {
	case whole[currency]:
		step = 10_000
	case scale == 3:
		step *= 10
	}
	half := int64(a) + step/2
	steps := half / step
	if half < 0 && half%step != 0 {
		steps--
	}
	return steps * (step / unit), int64(a)%step == 0, nil
}
