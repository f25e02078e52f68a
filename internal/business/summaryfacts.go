package business

import (
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// byUnit is a dimension of summaries that is not stored: the sums know the unit of
// each of their rows.
const byUnit dimension = "BUSINESS_UNIT"

// factKey is a part of what was charged.
type factKey struct {
	by       dimension
	currency string
	id       int64
}

// facts are what was charged in a period, along each dimension.
type facts map[factKey]*tally

func (f facts) add(by dimension, currency string, id int64, t tally, sign int64) {
	key := factKey{by, currency, id}
	if f[key] == nil {
		f[key] = &tally{}
	}
	f[key].add(t, sign)
}

// Of the charges themselves, what tells most apart comes first in GROUP BY: that
// halves the sorting.
var (
	sumsOfDays = store.Q("charge_sums.of_days", `SELECT business_unit_id, currency, id, CAST(sum(rentals) AS bigint), CAST(sum(bookings) AS bigint),
			CAST(sum(rental_gross) AS bigint), CAST(sum(rental_tax) AS bigint), CAST(sum(booking_gross) AS bigint), CAST(sum(booking_tax) AS bigint),
			CAST(sum(rebate_gross) AS bigint), CAST(sum(rebate_tax) AS bigint)
		FROM charge_sums WHERE tenant = $1 AND account_id = $2 AND dimension = $3 AND day >= $4 AND day < $5
		GROUP BY business_unit_id, currency, id`)
	chargesIn = store.Q("charge.in_period", `SELECT business_unit_id, currency, cost_center_id, member_id, invoice_id, kind, count(*),
			CAST(sum(gross) AS bigint), CAST(sum(tax) AS bigint)
		FROM charges WHERE tenant = $1 AND account_id = $2 AND time >= $3 AND time < $4
		GROUP BY member_id, cost_center_id, invoice_id, business_unit_id, kind, currency`)
	chargesInOfCostCenter = store.Q("charge.in_period_of_cost_center", `SELECT business_unit_id, currency, cost_center_id, member_id, invoice_id, kind, count(*),
			CAST(sum(gross) AS bigint), CAST(sum(tax) AS bigint)
		FROM charges WHERE tenant = $1 AND cost_center_id = $2 AND cost_center_id <> 0 AND time >= $3 AND time < $4
		GROUP BY member_id, cost_center_id, invoice_id, business_unit_id, kind, currency`)
)

// chargedIn sums up what an account was charged within [from, to): of one cost center
// alone from the charges themselves, else from the sums of days and, where the period
// begins or ends within a day, the charges of that part of it.
func chargedIn(tx *store.Tx, account, costCenter, from, to int64) (facts, error) {
	f := facts{}
	if costCenter != 0 {
		return f, f.addCharges(tx, chargesInOfCostCenter, costCenter, nil, segment{from, to, 1})
	}
	units, err := Units(tx)
	if err != nil {
		return nil, err
	}
	zones := map[string]map[int64]bool{} // a day is one of the unit's zone
	for _, u := range units {
		if zones[u.Timezone] == nil {
			zones[u.Timezone] = map[int64]bool{}
		}
		zones[u.Timezone][u.ID] = true
	}
	for _, name := range sortedKeys(zones) {
		zone := (&Unit{Timezone: name}).Location()
		first, behind, edges := cover(from, to, zone)
		if err := f.addDays(tx, account, zones[name], first, behind); err != nil {
			return nil, err
		}
		for _, edge := range edges {
			if err := f.addCharges(tx, chargesIn, account, zones[name], edge); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

// segment is a stretch of time, [from, to), that counts once (1) or is taken away
// again (-1).
type segment struct{ from, to, sign int64 }

// cover makes [from, to) of whole days, [first, behind), and of what is over or under
// them at either end: at most half a day each, since it goes by the nearest midnight.
func cover(from, to int64, zone *time.Location) (first, behind int64, edges []segment) {
	first, start := nearestDay(from, zone)
	behind, end := nearestDay(to, zone)
	if first == behind {
		return first, behind, []segment{{from, to, 1}}
	}
	for _, s := range []segment{{from, start, 1}, {start, from, -1}, {end, to, 1}, {to, end, -1}} {
		if s.from < s.to {
			edges = append(edges, s)
		}
	}
	return first, behind, edges
}

// nearestDay is the day whose beginning lies nearest to an instant, and that beginning.
func nearestDay(at int64, zone *time.Location) (day, start int64) {
	day = dayOf(at, zone)
	start, next := dayStart(day, zone), dayStart(day+1, zone)
	if next-at < at-start {
		return day + 1, next
	}
	return day, start
}

func (f facts) addDays(tx *store.Tx, account int64, units map[int64]bool, first, behind int64) error {
	if first == behind {
		return nil
	}
	for _, by := range []dimension{byCostCenter, byMember, byInvoice} {
		err := tx.Each(sumsOfDays, func(s store.Scanner) error {
			var unit, id int64
			var currency string
			var t tally
			err := s.Scan(&unit, &currency, &id, &t.rentals, &t.bookings, &t.rental.gross, &t.rental.tax,
				&t.booking.gross, &t.booking.tax, &t.rebate.gross, &t.rebate.tax)
			if err != nil || !units[unit] {
				return err
			}
			f.add(by, currency, id, t, 1)
			if by == byInvoice {
				f.add(byUnit, currency, unit, t, 1)
			}
			return nil
		}, account, string(by), first, behind)
		if err != nil {
			return err
		}
	}
	return nil
}

// addCharges adds the charges of an account or a cost center that lie in a segment,
// of some units where any are named.
func (f facts) addCharges(tx *store.Tx, q *store.Query, of int64, units map[int64]bool, at segment) error {
	return tx.Each(q, func(s store.Scanner) error {
		var unit, costCenter, member, invoice, count int64
		var currency, kind string
		var sum roster.Price
		err := s.Scan(&unit, &currency, &costCenter, &member, &invoice, &kind, &count, &sum.Gross, &sum.Tax)
		if err != nil || units != nil && !units[unit] {
			return err
		}
		t := tallyOf(kind, count, sum)
		f.add(byCostCenter, currency, costCenter, t, at.sign)
		f.add(byMember, currency, member, t, at.sign)
		f.add(byInvoice, currency, invoice, t, at.sign)
		f.add(byUnit, currency, unit, t, at.sign)
		return nil
	}, of, at.from, at.to)
}
