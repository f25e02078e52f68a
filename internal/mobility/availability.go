package mobility

import (
	"cmp"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/store"
)

var (
	vehiclesFreeIn = store.Q("vehicle.free_in", `SELECT v.id FROM vehicles v
		WHERE v.tenant = $1 AND v.branch_id = $3 AND v.category_id = $4 AND v.state = 'AVAILABLE' AND `+noRental+` ORDER BY v.id`)
	vehiclesCount = store.Q("vehicle.count", `SELECT count(*) FROM vehicles v
		WHERE v.tenant = $1 AND v.branch_id = $2 AND v.category_id = $3 AND v.state = 'AVAILABLE'`)
	bookingsDue = store.Q("booking.count_due", `SELECT count(*) FROM bookings b
		WHERE b.tenant = $1 AND b.branch_id = $2 AND b.category_id = $3 AND b.start_time <= $4
		AND b.state IN ('BOOKED', 'APPROVED', 'DELIVERED') AND b.state <> 'DELIVERED' AND b.grace_until > $4`)
	bookingWindows = store.Q("booking.windows", `SELECT b.start_time, b.end_time FROM bookings b
		WHERE b.tenant = $1 AND b.branch_id = $3 AND b.category_id = $4 AND b.start_time >= $5 AND b.start_time < $7 AND b.end_time > $6
		AND `+openBooking)
)

// vehiclesIn lists the vehicles of a category in a branch that nobody has, by id.
func vehiclesIn(tx *store.Tx, branch, category int64) ([]int64, error) {
	return store.All(tx, vehiclesFreeIn, scanID, tx.Now, branch, category)
}

func scanID(s store.Scanner) (id int64, err error) { return id, s.Scan(&id) }

// keptForBookings reports whether a vehicle that nobody has is needed for bookings
// whose time has come, and which others can still be started.
func keptForBookings(tx *store.Tx, v *Vehicle) (bool, error) {
	var due int
	if err := tx.Row(bookingsDue, v.BranchID, v.CategoryID, tx.Now).Scan(&due); err != nil || due == 0 {
		return false, err
	}
	free, err := vehiclesIn(tx, v.BranchID, v.CategoryID)
	return len(free) <= due, err
}

// window is when a booking has a vehicle, [from, to) in µs UTC.
type window struct{ from, to int64 }

// maxWindow is how long a window may be, and how far ahead it may begin.
const maxWindow = 400 * 24 * time.Hour

// bookable reports whether a vehicle of a category in a branch is left in a window.
// Vehicles are alike, so as many bookings fit as never overlap more than there are
// vehicles.
func bookable(tx *store.Tx, branch, category int64, w window) (bool, error) {
	var vehicles int
	if err := tx.Row(vehiclesCount, branch, category).Scan(&vehicles); err != nil || vehicles == 0 {
		return false, err
	}
	booked, err := store.All(tx, bookingWindows, func(s store.Scanner) (b window, err error) {
		return b, s.Scan(&b.from, &b.to)
	}, tx.Now, branch, category, w.from-maxWindow.Microseconds(), w.from, w.to)
	return most(booked, w) < vehicles, err
}

// most is how many windows overlap at most at one instant of w.
func most(booked []window, w window) (peak int) {
	type event struct {
		at    int64
		count int
	}
	var events []event
	for _, b := range booked {
		if from, to := max(b.from, w.from), min(b.to, w.to); from < to {
			events = append(events, event{from, 1}, event{to, -1})
		}
	}
	slices.SortFunc(events, func(a, b event) int { return cmp.Or(cmp.Compare(a.at, b.at), a.count-b.count) })
	now := 0
	for _, e := range events {
		now += e.count
		peak = max(peak, now)
	}
	return peak
}
