package spend

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var periods = []string{Weekly, Monthly, Quarterly, Yearly}

func date(t *rapid.T, label string, from, to int) time.Time {
	day := time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC)
	days := int(time.Date(to, 1, 1, 0, 0, 0, 0, time.UTC).Sub(day) / (24 * time.Hour))
	return day.AddDate(0, 0, rapid.IntRange(0, days).Draw(t, label))
}

// naiveBegin finds where the n-th window begins, day by day.
func naiveBegin(period string, start time.Time, n int) time.Time {
	if period == Weekly {
		for range 7 * n {
			start = start.AddDate(0, 0, 1)
		}
		return start
	}
	year, month := start.Year(), int(start.Month())
	for range months[period] * n {
		if month++; month > 12 {
			year, month = year+1, 1
		}
	}
	day := start.Day()
	for time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Month() != time.Month(month) {
		day--
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// naiveWindow steps from the start until the instant is reached.
func naiveWindow(period string, start, at time.Time) Window {
	n := 0
	for !naiveBegin(period, start, n+1).After(at) {
		n++
	}
	return Window{naiveBegin(period, start, n), naiveBegin(period, start, n+1)}
}

func TestWindowAtIsTheNaiveOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		period := rapid.SampledFrom(periods).Draw(t, "period")
		start := date(t, "start", 2020, 2025)
		at := start.Add(time.Duration(rapid.Int64Range(-int64(60*day), int64(900*day)).Draw(t, "after")))
		if rapid.Bool().Draw(t, "at an edge") {
			at = naiveBegin(period, start, rapid.IntRange(0, 12).Draw(t, "edge"))
		}
		got, want := WindowAt(period, start, at), naiveWindow(period, start, at)
		if got != want {
			t.Fatalf("%s from %v: %v lies in %v, want %v", period, start, at, got, want)
		}
		if !at.Before(start) && !got.Contains(at) {
			t.Fatalf("%v does not contain %v", got, at)
		}
	})
}

func TestWindowsFollowOneAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		period := rapid.SampledFrom(periods).Draw(t, "period")
		start := date(t, "start", 1970, 2100)
		w := WindowAt(period, start, date(t, "at", 1970, 9000))
		if next := WindowAt(period, start, w.To); next.From != w.To || !w.From.Before(w.To) {
			t.Fatalf("%v, then %v", w, next)
		}
	})
}

func TestOneTimeHasNoEnd(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	w := WindowAt(OneTime, start, start.AddDate(500, 0, 0))
	if w.From != start || !w.To.IsZero() || !w.Contains(start.AddDate(5000, 0, 0)) || w.Contains(start.Add(-1)) {
		t.Errorf("the window is %v", w)
	}
}

func TestCalendarWindows(t *testing.T) {
	at := time.Date(2026, 5, 14, 23, 59, 59, 0, time.UTC) // a Thursday
	for period, want := range map[string][2]string{
		Weekly: {"2026-05-11", "2026-05-18"}, Monthly: {"2026-05-01", "2026-06-01"},
		Quarterly: {"2026-04-01", "2026-07-01"}, Yearly: {"2026-01-01", "2027-01-01"},
	} {
		w := calendarWindow(period, at)
		if got := [2]string{w.From.Format(time.DateOnly), w.To.Format(time.DateOnly)}; got != want {
			t.Errorf("%s: %v, want %v", period, got, want)
		}
	}
}
