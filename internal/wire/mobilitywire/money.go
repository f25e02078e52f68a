package mobilitywire

import (
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// Money is an amount in JSON: a number with four decimals, read digit by digit. Null is
// none, so that an amount which may be left out is a wire.Opt[Money].
type Money roster.Amount

// MarshalJSON implements json.Marshaler.
func (m Money) MarshalJSON() ([]byte, error) { return roster.Amount(m).Append(nil), nil }

// UnmarshalJSON implements json.Unmarshaler.
func (m *Money) UnmarshalJSON(data []byte) error {
	if data[0] != '-' && (data[0] < '0' || data[0] > '9') {
		return wire.Misfit(wire.RuleType, "number")
	}
	amount, ok := parseMoney(string(data))
	if !ok {
		return wire.Misfit(wire.RuleFormat, "amount: a number of at most four decimals")
	}
	*m = Money(amount)
	return nil
}

// Schema implements huma.SchemaProvider.
func (Money) Schema(huma.Registry) *huma.Schema {
	return wire.SelfChecked(&huma.Schema{
		Type: huma.TypeNumber, Examples: []any{Money(125000)}, Description: "At most four decimals.",
	})
}

// maxShift bounds an exponent: beyond it a number is out of range, or has no digit
// among the decimals.
const maxShift = 40

// parseMoney reads a JSON number, with or without an exponent.
func parseMoney(s string) (roster.Amount, bool) {
	if at := strings.IndexAny(s, "eE"); at >= 0 {
		exponent, err := strconv.Atoi(s[at+1:])
		if err != nil || exponent < -maxShift || exponent > maxShift {
			return 0, false
		}
		s = shift(s[:at], exponent)
	}
	amount, err := roster.ParseAmount(s)
	return amount, err == nil
}

// shift moves the point of a decimal number to the right.
func shift(s string, by int) string {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole == "" || strings.HasSuffix(digits, ".") {
		return "" // no number as it is
	}
	point := len(whole) + by
	all := whole + fraction
	if point < 1 {
		all = strings.Repeat("0", 1-point) + all
		point = 1
	}
	if point > len(all) {
		all += strings.Repeat("0", point-len(all))
	}
	s = all[:point]
	if point < len(all) {
		s += "." + all[point:]
	}
	if negative {
		s = "-" + s
	}
	return s
}

// Price is what something costs: netPrice and containedTax make grossPrice.
type Price struct {
	NetPrice     Money `json:"netPrice"`
	ContainedTax Money `json:"containedTax"`
	GrossPrice   Money `json:"grossPrice"`
}

// NewPrice renders a price.
func NewPrice(p roster.Price) Price {
	return Price{NetPrice: Money(p.Net), ContainedTax: Money(p.Tax), GrossPrice: Money(p.Gross)}
}
