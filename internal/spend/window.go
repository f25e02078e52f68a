package spend

import "time"

// Periods of budgets and limits.
const (
	Weekly    = "WEEKLY"
	Monthly   = "MONTHLY"
	Quarterly = "QUARTERLY"
	Yearly    = "YEARLY"
	OneTime   = "ONE_TIME" // budgets only: one window without an end
)

// months is how many months a period has.
var months = map[string]int{Monthly: 1, Quarterly: 3, Yearly: 12}

// Window is a stretch of time from From to before To; a zero To is no end.
type Window struct{ From, To time.Time }

// Contains reports whether an instant lies in the window.
func (w Window) Contains(t time.Time) bool {
	return !t.Before(w.From) && (w.To.IsZero() || t.Before(w.To))
}

// WindowAt returns the window of a period that an instant lies in. The first one
// begins at start, a midnight of UTC; they follow one another without gaps, and a
// month without start's day begins on its last day. Before start it is the first.
func WindowAt(period string, start, at time.Time) Window {
	switch period {
	case OneTime:
		return Window{From: start}
	case Weekly:
		const week = 7 * 24 * 3600
		n := int(max(at.Unix()-start.Unix(), 0) / week)
		return Window{start.AddDate(0, 0, 7*n), start.AddDate(0, 0, 7*n+7)}
	}
	step := months[period]
	n := max(12*(at.Year()-start.Year())+int(at.Month())-int(start.Month()), 0) / step
	if n > 0 && at.Before(monthsAfter(start, n*step)) {
		n--
	}
	return Window{monthsAfter(start, n*step), monthsAfter(start, (n+1)*step)}
}

// monthsAfter returns the same day n months later, or that month's last day.
func monthsAfter(start time.Time, n int) time.Time {
	first := time.Date(start.Year(), start.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(start.Day(), last)-1)
}

// A limit's periods are those of the calendar: weeks begin on Monday.
var (
	calendar = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	mondays  = time.Date(1970, 1, 5, 0, 0, 0, 0, time.UTC)
)

// calendarWindow returns the week, month, quarter or year that an instant lies in.
func calendarWindow(period string, at time.Time) Window {
	if period == Weekly {
		return WindowAt(period, mondays, at)
	}
	return WindowAt(period, calendar, at)
}
