package business

import "time"

// A day is told by its number, days since 1970-01-01, in a time zone. Days are
// stretches of time that follow one another without a gap, whatever the clocks do:
// one of 23 hours in spring, one of 25 in autumn.

const secondsPerDay = 24 * 60 * 60

// dayNumber is the number of a date of the calendar; months and days beyond their
// ranges are those of the neighbours.
func dayNumber(year int, month time.Month, day int) int64 {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay
}

// dateOf is the calendar's date of a day.
func dateOf(day int64) (year int, month time.Month, d int) {
	return time.Unix(day*secondsPerDay, 0).UTC().Date()
}

// dayStart is the instant at which a day begins, µs UTC: the first midnight that its
// date has, or where the clocks skip midnight, the moment after.
func dayStart(day int64, zone *time.Location) int64 {
	year, month, d := dateOf(day)
	t := time.Date(year, month, d, 0, 0, 0, 0, zone)
	from, to := t.ZoneBounds()
	if localDay(t) < day { // skipped, and taken for an hour of the day before
		return to.UnixMicro()
	}
	if from.IsZero() {
		return t.UnixMicro()
	}
	// The clocks may have shown this midnight before they were put back.
	_, now := t.Zone()
	_, before := from.Add(-1).Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); first.Before(from) && localDay(first) == day {
		return first.UnixMicro()
	}
	return t.UnixMicro()
}

// dayOf is the day that an instant (µs UTC) lies in.
func dayOf(at int64, zone *time.Location) int64 {
	day := localDay(time.UnixMicro(at).In(zone))
	switch {
	case dayStart(day, zone) > at: // the clocks were put back over midnight
		return day - 1
	case dayStart(day+1, zone) <= at:
		return day + 1
	}
	return day
}

// localDay is the number of the date that the clocks show.
func localDay(t time.Time) int64 { return dayNumber(t.Date()) }
