package business

import (
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

// Billing cycles. Cycles begin at midnight in the business unit's time zone, weeks on
// a Monday, months and quarters with the calendar's.
const (
	// PerUsage has an invoice at once for whatever was charged; its open period, for
	// a summary, is the month.
	PerUsage  = "PER_USAGE"
	Daily     = "DAILY"
	Weekly    = "WEEKLY"
	Biweekly  = "BIWEEKLY" // each second Monday, counted from 1970-01-05
	Monthly   = "MONTHLY"
	Quarterly = "QUARTERLY"
)

// BillingCycles are all cycles, the shortest first.
var BillingCycles = []string{PerUsage, Daily, Weekly, Biweekly, Monthly, Quarterly}

// Periods of a member's spending limit.
const (
	LimitDay   = "DAY"
	LimitWeek  = "WEEK"
	LimitMonth = "MONTH"
)

// firstMonday is 1970-01-05, from which weeks are counted.
const firstMonday = 4

// firstCycle returns the cycle that an instant lies in, as [from, to) in µs UTC.
func firstCycle(cycle string, at int64, zone *time.Location) (from, to int64) {
	day := dayOf(at, zone)
	first, next := cycleDays(cycle, day)
	return dayStart(first, zone), dayStart(next, zone)
}

// cycleDays returns the first day of the cycle that a day lies in, and that of the
// next cycle.
func cycleDays(cycle string, day int64) (first, next int64) {
	weeks := func(n int64) (int64, int64) {
		past := (day - firstMonday) % (7 * n)
		if past < 0 {
			past += 7 * n
		}
		return day - past, day - past + 7*n
	}
	year, month, _ := dateOf(day)
	switch cycle {
	case Daily:
		return day, day + 1
	case Weekly:
		return weeks(1)
	case Biweekly:
		return weeks(2)
	case Quarterly:
		month -= (month - 1) % 3
		return dayNumber(year, month, 1), dayNumber(year, month+3, 1)
	default:
		return dayNumber(year, month, 1), dayNumber(year, month+1, 1)
	}
}

// nextCycle returns the end of the cycle that begins at an instant, the end of the
// one before. A cycle may lie askew where the account has another business unit, in
// another zone, than when it began: then it ends half a day later at least.
func nextCycle(cycle string, from int64, zone *time.Location) (to int64) {
	_, to = firstCycle(cycle, from+(12*time.Hour).Microseconds(), zone)
	return to
}

// changedCycle returns the end of the open cycle of an account that has changed to
// another kind of cycle at an instant. What was charged in the old one since it began
// goes to the first invoice of the new one.
func changedCycle(cycle string, at int64, zone *time.Location) (to int64) {
	_, to = firstCycle(cycle, at, zone)
	return to
}

// checkCycle judges a billing cycle.
func checkCycle(cycle string) error {
	if slices.Contains(BillingCycles, cycle) {
		return nil
	}
	return roster.FieldError("billingCycle", "must be one of %v", BillingCycles)
}
