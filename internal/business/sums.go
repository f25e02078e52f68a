package business

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// dimension is what charges are summed up by.
type dimension string

const (
	byCostCenter dimension = "COST_CENTER"
	byMember     dimension = "MEMBER"
	byInvoice    dimension = "INVOICE" // 0: unbilled
)

// place is where charges are summed up.
type place struct {
	account  int64
	day      int64
	unit     int64
	currency string
}

// pair is the part of a price that is added up: net is the rest.
type pair struct{ gross, tax roster.Amount }

func (p pair) price() roster.Price {
	return roster.Price{Net: p.gross - p.tax, Tax: p.tax, Gross: p.gross}
}

// tally is what charges come to.
type tally struct {
	rentals, bookings       int64
	rental, booking, rebate pair
}

// tallyOf is the tally of a number of charges of one kind and the sum of their prices.
func tallyOf(kind string, count int64, sum roster.Price) tally {
	p := pair{sum.Gross, sum.Tax}
	switch kind {
	case RentalCharge:
		return tally{rentals: count, rental: p}
	case BookingCharge:
		return tally{bookings: count, booking: p}
	default:
		return tally{rebate: p}
	}
}

func (t *tally) add(o tally, sign int64) {
	times := roster.Amount(sign)
	t.rentals += sign * o.rentals
	t.bookings += sign * o.bookings
	for _, p := range []struct {
		to   *pair
		from pair
	}{{&t.rental, o.rental}, {&t.booking, o.booking}, {&t.rebate, o.rebate}} {
		p.to.gross += times * p.from.gross
		p.to.tax += times * p.from.tax
	}
}

// price is what it all comes to, rebates taken off.
func (t *tally) price() roster.Price {
	return t.rental.price().Plus(t.booking.price()).Plus(t.rebate.price())
}

// sumKey is one row of the sums.
type sumKey struct {
	place
	by dimension
	id int64
}

// ledgerSums are changes of the sums that are yet to be saved.
type ledgerSums map[sumKey]*tally

func (l ledgerSums) add(at place, by dimension, id int64, t tally) { l.addTimes(at, by, id, t, 1) }

func (l ledgerSums) addTimes(at place, by dimension, id int64, t tally, sign int64) {
	key := sumKey{at, by, id}
	if l[key] == nil {
		l[key] = &tally{}
	}
	l[key].add(t, sign)
}

var sumsAdd = store.Q("charge_sums.add", `INSERT INTO charge_sums (tenant, account_id, dimension, day, business_unit_id, currency, id,
		rentals, bookings, rental_gross, rental_tax, booking_gross, booking_tax, rebate_gross, rebate_tax)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (tenant, account_id, dimension, day, business_unit_id, currency, id) DO UPDATE SET
			rentals = charge_sums.rentals + excluded.rentals, bookings = charge_sums.bookings + excluded.bookings,
			rental_gross = charge_sums.rental_gross + excluded.rental_gross, rental_tax = charge_sums.rental_tax + excluded.rental_tax,
			booking_gross = charge_sums.booking_gross + excluded.booking_gross, booking_tax = charge_sums.booking_tax + excluded.booking_tax,
			rebate_gross = charge_sums.rebate_gross + excluded.rebate_gross, rebate_tax = charge_sums.rebate_tax + excluded.rebate_tax`).Many()

// save adds the changes to the sums, in the order of their key.
func (l ledgerSums) save(tx *store.Tx) error {
	keys := slices.SortedFunc(maps.Keys(l), func(a, b sumKey) int {
		return cmp.Or(cmp.Compare(a.account, b.account), strings.Compare(string(a.by), string(b.by)), cmp.Compare(a.day, b.day),
			cmp.Compare(a.unit, b.unit), strings.Compare(a.currency, b.currency), cmp.Compare(a.id, b.id))
	})
	rows := make([][]any, len(keys))
	for i, k := range keys {
		t := l[k]
		rows[i] = []any{
			k.account, string(k.by), k.day, k.unit, k.currency, k.id, t.rentals, t.bookings, int64(t.rental.gross), int64(t.rental.tax),
			int64(t.booking.gross), int64(t.booking.tax), int64(t.rebate.gross), int64(t.rebate.tax),
		}
	}
	return tx.ExecMany(sumsAdd, rows)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
