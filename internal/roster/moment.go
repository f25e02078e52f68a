package roster

import "time"

// Moment is an instant as a caller gave it: a time, or a date, whose midnight is
// meant in a zone that only an area knows. The zero value is none.
type Moment struct {
	// At is µs UTC; for a date it is 0.
	At int64
	// Date is YYYY-MM-DD; "" where a time was given.
	Date string
	// Given is whether there is one at all.
	Given bool
}

// MomentAt is the moment of an instant in µs UTC.
func MomentAt(at int64) Moment { return Moment{At: at, Given: true} }

// In returns the instant in µs UTC: of a date, the first instant of its day in the
// zone. Where there is none, or no such date, it is 0.
func (m Moment) In(zone *time.Location) int64 {
	if m.Date == "" {
		return m.At
	}
	day, err := time.ParseInLocation(time.DateOnly, m.Date, zone)
	if err != nil {
		return 0
	}
	if day.Format(time.DateOnly) < m.Date { // the clocks skip midnight
		_, day = day.ZoneBounds()
	}
	return day.UnixMicro()
}
