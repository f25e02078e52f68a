package business

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// oddZones put their clocks forward or back at or over midnight, or by half an hour,
// or left a day out.
var oddZones = []string{
	"UTC", vienna, "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut",
	"America/Santiago", "America/Asuncion", "Africa/Cairo", "America/St_Johns", "Pacific/Apia", "Pacific/Kiritimati",
}

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// Days lie one behind the other, each instant in one, and begin no later than the
// clocks say.
func TestDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(oddZones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		instant := time.UnixMicro(rapid.Int64Range(at("1985-01-01T00:00:00Z"), at("2045-01-01T00:00:00Z")).Draw(t, "at"))
		if _, next := instant.In(zone).ZoneBounds(); rapid.Bool().Draw(t, "near a change") && !next.IsZero() {
			instant = next.Add(time.Duration(rapid.Int64Range(-int64(2*time.Hour), int64(2*time.Hour)).Draw(t, "away")))
		}
		us := instant.UnixMicro()
		day := dayOf(us, zone)
		if start, next := dayStart(day, zone), dayStart(day+1, zone); us < start || us >= next {
			t.Fatalf("%s is not in its day, %s to %s", instant.In(zone), time.UnixMicro(start).In(zone), time.UnixMicro(next).In(zone))
		}
		// The day's number is that of its date, but for an hour that comes twice.
		if shown := localDay(instant.In(zone)); shown != day {
			start := time.UnixMicro(dayStart(max(day, shown), zone)).In(zone)
			_, before := start.Add(-1).Zone()
			_, after := start.Add(time.Hour).Zone()
			if before == after && zone.String() != "Pacific/Apia" {
				t.Fatalf("%s is in day %d, not %d", instant.In(zone), day, shown)
			}
		}
	})
}

func TestDayStart(t *testing.T) {
	for _, c := range []struct{ zone, date, want string }{
		{vienna, "2026-03-29", "2026-03-28T23:00:00Z"},
		{vienna, "2026-03-30", "2026-03-29T22:00:00Z"},
		{vienna, "2026-10-25", "2026-10-24T22:00:00Z"},
		{vienna, "2026-10-26", "2026-10-25T23:00:00Z"},
		{"Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z"},    // midnight is skipped: it begins at one
		{"America/Havana", "2022-11-06", "2022-11-06T04:00:00Z"}, // midnight comes twice: it begins at the first
		{"America/Havana", "2022-03-13", "2022-03-13T05:00:00Z"}, // skipped
	} {
		day, err := time.Parse(time.DateOnly, c.date)
		if err != nil {
			t.Fatal(err)
		}
		if got := dayStart(dayNumber(day.Date()), zoneOf(t, c.zone)); got != at(c.want) {
			t.Errorf("%s in %s begins at %s", c.date, c.zone, time.UnixMicro(got).UTC())
		}
	}
}

func TestCycles(t *testing.T) {
	for _, c := range []struct{ cycle, zone, at, from, to string }{
		{Daily, vienna, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"}, // 23 hours
		{Daily, vienna, "2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"}, // 25
		{Daily, vienna, "2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z"},
		{Weekly, vienna, "2026-11-25T12:00:00Z", "2026-11-22T23:00:00Z", "2026-11-29T23:00:00Z"},
		{Weekly, "UTC", "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"}, // a Monday
		{Weekly, "UTC", "1969-12-30T00:00:00Z", "1969-12-29T00:00:00Z", "1970-01-05T00:00:00Z"},
		{Biweekly, "UTC", "1970-01-05T00:00:00Z", "1970-01-05T00:00:00Z", "1970-01-19T00:00:00Z"},
		{Biweekly, "UTC", "2026-11-25T00:00:00Z", "2026-11-23T00:00:00Z", "2026-12-07T00:00:00Z"},
		{Monthly, vienna, "2026-03-31T21:59:59Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"},
		{Monthly, vienna, "2026-10-31T23:00:00Z", "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"},
		{Monthly, "UTC", "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{Monthly, "UTC", "2028-02-29T10:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
		{Quarterly, vienna, "2026-11-25T12:00:00Z", "2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z"},
		{PerUsage, "UTC", "2026-11-25T12:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
	} {
		from, to := firstCycle(c.cycle, at(c.at), zoneOf(t, c.zone))
		if from != at(c.from) || to != at(c.to) {
			t.Errorf("%s in %s at %s is %s to %s", c.cycle, c.zone, c.at, time.UnixMicro(from).UTC(), time.UnixMicro(to).UTC())
		}
	}
}

// Each cycle follows the one before, and is the one that its instants lie in.
func TestCyclesFollow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(oddZones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		cycle := rapid.SampledFrom(BillingCycles).Draw(t, "cycle")
		now := rapid.Int64Range(at("1990-01-01T00:00:00Z"), at("2045-01-01T00:00:00Z")).Draw(t, "at")
		from, to := firstCycle(cycle, now, zone)
		if now < from || now >= to {
			t.Fatalf("%d is not in [%d, %d)", now, from, to)
		}
		next := nextCycle(cycle, to, zone)
		if first, end := firstCycle(cycle, to, zone); first != to || end != next {
			t.Fatalf("behind %d comes [%d, %d), and not one to %d", to, first, end, next)
		}
	})
}

// An account that moves to a unit elsewhere has no cycle of an hour in between.
func TestCycleAcrossZones(t *testing.T) {
	_, end := firstCycle(Monthly, at("2026-11-25T12:00:00Z"), zoneOf(t, vienna))
	if to := nextCycle(Monthly, end, time.UTC); to != at("2027-01-01T00:00:00Z") {
		t.Error(time.UnixMicro(to).UTC())
	}
}
