package roster

import (
	"math"
	"strconv"
	"strings"
)

// Amount is an amount of money in ten-thousandths of its currency's unit, so that
// sums are exact and databases add it up as integers.
type Amount int64

// amountScale is how many ten-thousandths make a unit, amountDigits how many
// decimals that is.
const (
	amountScale  = 10_000
	amountDigits = 4
)

// Append appends the amount as a decimal number with four decimals, such as
// 12.5000 or -0.0100.
func (a Amount) Append(b []byte) []byte {
	u := uint64(a)
	if a < 0 {
		b = append(b, '-')
		u = -u
	}
	b = strconv.AppendUint(b, u/amountScale, 10)
	b = append(b, '.')
	fraction := strconv.AppendUint(nil, u%amountScale+amountScale, 10)
	return append(b, fraction[1:]...)
}

// String spells the amount as Append does.
func (a Amount) String() string { return string(a.Append(nil)) }

// ParseAmount reads a decimal number of at most four decimals, such as 12.5 or
// -3. It is Invalid with an exponent, more decimals, or beyond the range.
func ParseAmount(s string) (Amount, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	if trimmed := strings.TrimRight(fraction, "0"); len(trimmed) <= amountDigits {
		fraction = trimmed + strings.Repeat("0", amountDigits-len(trimmed))
	}
	if whole == "" || len(fraction) != amountDigits || strings.HasSuffix(digits, ".") || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, errAmount(s)
	}
	n, err := strconv.ParseUint(whole+fraction, 10, 64)
	if err != nil || n > math.MaxInt64 {
		return 0, errAmount(s)
	}
	if negative {
		return -Amount(n), nil
	}
	return Amount(n), nil
}

func errAmount(s string) error {
	return Errorf(Invalid, "", "%q is no amount: a decimal number with at most four decimals", s)
}

// Price is what something costs. Net + Tax = Gross.
type Price struct{ Net, Tax, Gross Amount }

// Plus adds a price of the same currency.
func (p Price) Plus(q Price) Price {
	return Price{p.Net + q.Net, p.Tax + q.Tax, p.Gross + q.Gross}
}

// Minus takes a price of the same currency away.
func (p Price) Minus(q Price) Price {
	return Price{p.Net - q.Net, p.Tax - q.Tax, p.Gross - q.Gross}
}
