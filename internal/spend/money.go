package spend

import (
	"math"

	"github.com/rosterhq/roster/internal/roster"
)

// Money is a number of minor units (cents) of an ISO 4217 currency, 0 or more.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

func (m Money) check(field string) error {
	if m.Amount < 0 {
		return roster.FieldError(field+".amount", "must be at least 0")
	}
	if _, ok := roster.CurrencyScale(m.Currency); !ok {
		return roster.FieldError(field+".currency", "must be a currency of ISO 4217, such as MXN")
	}
	return nil
}

// checkMoney checks an amount that may be absent.
func checkMoney(field string, m *Money) error {
	if m == nil {
		return nil
	}
	return m.check(field)
}

// plus adds amounts of 0 or more; what does not fit is the largest number there
// is, which is over every limit.
func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// Sums come out of the database as the sums of the high and the low halves of the
// amounts, since one sum of all may not fit into 64 bits.
const (
	half    = 1 << 32
	sumHalf = `coalesce(cast(sum(amount / 4294967296) AS bigint), 0), coalesce(cast(sum(amount % 4294967296) AS bigint), 0)`
)

// whole puts the two halves of a sum together.
func whole(high, low int64) int64 {
	high += low / half
	if high > math.MaxInt64/half {
		return math.MaxInt64
	}
	return plus(high*half, low%half)
}
