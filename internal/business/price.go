package business

import (
	"github.com/shopspring/decimal"

	"github.com/rosterhq/roster/internal/roster"
)

// wholeTax is 100 % in the hundredths of a percent in which rates are told.
const wholeTax = 10_000

// TaxOf splits a gross amount, at a tax rate in hundredths of a percent: the tax that
// it contains is gross − gross/(1 + rate), rounded half up to the ten-thousandth, and
// net is the rest. An amount below zero, a rebate's, is split as the same above.
func TaxOf(gross roster.Amount, rate int64) roster.Price {
	contained := decimal.NewFromInt(int64(gross)).Mul(decimal.NewFromInt(rate)).
		DivRound(decimal.NewFromInt(wholeTax+rate), 0)
	tax := roster.Amount(contained.IntPart())
	return roster.Price{Net: gross - tax, Tax: tax, Gross: gross}
}
