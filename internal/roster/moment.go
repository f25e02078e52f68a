package roster

import (
	"math"
	"time"
)

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

// Period is a stretch of time as a caller gave it, either end perhaps left open.
type Period struct{ From, To Moment }

// Open returns [from, to) in µs UTC; an end that is left open is as far away as can
// be. Invalid unless from is before to.
func (p Period) Open(zone *time.Location) (from, to int64, err error) {
	from, to = math.MinInt64, math.MaxInt64
	if p.From.Given {
		from = p.From.In(zone)
	}
	if p.To.Given {
		to = p.To.In(zone)
	}
	return from, to, before(from, to)
}

// Past returns [from, to) in µs UTC, and whether there is such a period at all: from
// alone runs to now. Invalid for to alone, and unless from is before to.
func (p Period) Past(zone *time.Location, now int64) (from, to int64, given bool, err error) {
	switch {
	case !p.From.Given && !p.To.Given:
		return 0, 0, false, nil
	case !p.From.Given:
		return 0, 0, true, FieldError("from", "is required with to")
	case !p.To.Given:
		p.To = MomentAt(now)
	}
	from, to = p.From.In(zone), p.To.In(zone)
	return from, to, true, before(from, to)
}

func before(from, to int64) error {
	if from >= to {
		return FieldError("from", "must be before to")
	}
	return nil
}
