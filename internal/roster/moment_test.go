package roster_test

import (
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
