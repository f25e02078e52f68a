package roster_test

import (
	"math"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

func TestMoment(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		moment roster.Moment
		want   string
	}{
		{roster.MomentAt(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro()), "2026-03-01T12:00:00Z"},
		{roster.Moment{Date: "2026-03-01", Given: true}, "2026-02-28T23:00:00Z"},
		{roster.Moment{Date: "2026-07-01", Given: true}, "2026-06-30T22:00:00Z"},
		{roster.Moment{}, "1970-01-01T00:00:00Z"},
		{roster.Moment{Date: "2026-02-30", Given: true}, "1970-01-01T00:00:00Z"},
	} {
		if got := time.UnixMicro(c.moment.In(berlin)).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%+v is %s, want %s", c.moment, got, c.want)
		}
	}
}

func TestMomentWithoutMidnight(t *testing.T) {
	beirut, err := time.LoadLocation("Asia/Beirut")
	if err != nil {
		t.Fatal(err)
	}
	day := roster.Moment{Date: "2024-03-31", Given: true}
	if got := time.UnixMicro(day.In(beirut)).In(beirut).Format(time.DateTime); got != "2024-03-31 01:00:00" {
		t.Errorf("the day begins at %s", got)
	}
}

func TestPeriods(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := func(date string) roster.Moment { return roster.Moment{Date: date, Given: true} }
	micros := func(text string) int64 {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at.UnixMicro()
	}
	now := micros("2026-03-15T12:00:00Z")
	for _, c := range []struct {
		name       string
		p          roster.Period
		open, past [2]int64
		bad        bool // neither is a period
		badPast    bool
	}{
		{name: "none", open: [2]int64{math.MinInt64, math.MaxInt64}},
		{
			name: "days", p: roster.Period{From: day("2026-02-01"), To: day("2026-04-01")},
			open: [2]int64{micros("2026-01-31T23:00:00Z"), micros("2026-03-31T22:00:00Z")},
			past: [2]int64{micros("2026-01-31T23:00:00Z"), micros("2026-03-31T22:00:00Z")},
		},
		{
			name: "from", p: roster.Period{From: day("2026-02-01")},
			open: [2]int64{micros("2026-01-31T23:00:00Z"), math.MaxInt64}, past: [2]int64{micros("2026-01-31T23:00:00Z"), now},
		},
		{
			name: "to", p: roster.Period{To: day("2026-02-01")},
			open: [2]int64{math.MinInt64, micros("2026-01-31T23:00:00Z")}, badPast: true,
		},
		{name: "empty", p: roster.Period{From: day("2026-02-01"), To: day("2026-02-01")}, bad: true, badPast: true},
		{name: "backwards", p: roster.Period{From: roster.MomentAt(now), To: roster.MomentAt(now - 1)}, bad: true, badPast: true},
		{
			name: "ahead", p: roster.Period{From: roster.MomentAt(now + 1)},
			open: [2]int64{now + 1, math.MaxInt64}, badPast: true,
		},
	} {
		from, to, err := c.p.Open(berlin)
		if roster.IsKind(err, roster.Invalid) != c.bad || err == nil && [2]int64{from, to} != c.open {
			t.Errorf("%s is open from %d to %d, %v", c.name, from, to, err)
		}
		from, to, given, err := c.p.Past(berlin, now)
		if roster.IsKind(err, roster.Invalid) != c.badPast || given == (c.p == roster.Period{}) || err == nil && [2]int64{from, to} != c.past {
			t.Errorf("%s is past from %d to %d, %t, %v", c.name, from, to, given, err)
		}
	}
}
