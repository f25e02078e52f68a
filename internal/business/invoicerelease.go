package business

import (
	"math"

	"github.com/rosterhq/roster/internal/store"
)

var sumsOfInvoice = store.Q("charge_sums.of_invoice", `SELECT day, rentals, bookings, rental_gross, rental_tax, booking_gross, booking_tax, rebate_gross, rebate_tax
	FROM charge_sums WHERE tenant = $1 AND account_id = $2 AND dimension = 'INVOICE' AND business_unit_id = $3 AND currency = $4 AND id = $5`)

// release makes the charges of a cancelled invoice unbilled again. There is no index
// of the charges by invoice, as nothing else asks for them: those of a business
// account lie in the days of its sums, those of a customer behind the first.
func (i *Invoice) release(tx *store.Tx) error {
	accounts, err := AccountsByID(tx, []int64{i.AccountID})
	if err != nil {
		return err
	}
	from, to := i.PeriodFrom, int64(math.MaxInt64)
	if accounts[i.AccountID] != nil {
		if from, to, err = i.releaseSums(tx); err != nil {
			return err
		}
	}
	_, err = tx.Exec(chargesRelease, i.AccountID, from, to, i.ID)
	return err
}

// releaseSums moves the invoice's sums to what is unbilled, and returns the time that
// its charges lie in.
func (i *Invoice) releaseSums(tx *store.Tx) (from, to int64, err error) {
	u, err := LiveUnit(tx, i.BusinessUnitID)
	if err != nil {
		return 0, 0, err
	}
	days := map[int64]*tally{}
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	err = tx.Each(sumsOfInvoice, func(s store.Scanner) error {
		var day int64
		var t tally
		err := s.Scan(&day, &t.rentals, &t.bookings, &t.rental.gross, &t.rental.tax, &t.booking.gross, &t.booking.tax, &t.rebate.gross, &t.rebate.tax)
		days[day] = &t
		first, last = min(first, day), max(last, day)
		return err
	}, i.AccountID, i.BusinessUnitID, i.Currency, i.ID)
	if err != nil || len(days) == 0 {
		return 0, 0, err
	}
	return dayStart(first, u.Location()), dayStart(last+1, u.Location()), i.moveSums(tx, days, i.ID, 0)
}
