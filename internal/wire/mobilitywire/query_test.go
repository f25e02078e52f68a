package mobilitywire_test

import (
	"slices"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

func TestFlags(t *testing.T) {
	f, c := newFake(t)
	for query, want := range map[string][2]bool{ // simple, and one that is on by default
		"":                                 {false, true},
		"simple":                           {true, true},
		"simple=":                          {true, true},
		"simple=true":                      {true, true},
		"simple=false":                     {false, true},
		"simple&includeBelow":              {true, true},
		"includeBelow=":                    {false, true},
		"includeBelow=true":                {false, true},
		"includeBelow=false":               {false, false},
		"page=0&simple&includeBelow=false": {true, false},
		"Simple":                           {false, true},
	} {
		c.Get("/things?" + query).Want(200)
		if got := [2]bool{f.asked.in.Simple.On(), f.asked.in.Below.Or(true)}; got != want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	for _, query := range []string{"simple=1", "simple=yes", "simple=TRUE", "simple=null", "simple=%20"} {
		refused(t, c.Get("/things?"+query).Want(400).Into, "simple", "ENUM", "must be one of true, false")
	}
}

// refused checks the one field that an error is about.
func refused[R any](t *testing.T, into func(any) R, field, code, message string) {
	t.Helper()
	var got mobilitywire.Error
	into(&got)
	want := mobilitywire.FieldError{Field: field, Code: code, Message: message}
	if got.ErrorCode != "G901" || len(got.FieldErrors) != 1 || got.FieldErrors[0] != want {
		t.Errorf("refused with %+v, want %+v", got, want)
	}
}

func TestRepeatedValues(t *testing.T) {
	f, c := newFake(t)
	for query, want := range map[string][]string{
		"": nil, "state=ENDED": {"ENDED"}, "state=ENDED&page=0&state=ACTIVE": {"ENDED", "ACTIVE"},
	} {
		c.Get("/things?" + query).Want(200)
		if !slices.Equal(f.asked.in.States, want) {
			t.Errorf("%s: %q, want %q", query, f.asked.in.States, want)
		}
	}
	c.Get("/things?id=5&id=7").Want(200)
	if !slices.Equal(f.asked.in.IDs, []int64{5, 7}) {
		t.Errorf("ids %v", f.asked.in.IDs)
	}
	const states = "must be one of ENDED, ACTIVE"
	refused(t, c.Get("/things?state=ENDED&state=GONE").Want(400).Into, "state[1]", "ENUM", states)
	refused(t, c.Get("/things?state=ended").Want(400).Into, "state[0]", "ENUM", states)
	refused(t, c.Get("/things?state=ENDED,ACTIVE").Want(400).Into, "state[0]", "ENUM", states)
	refused(t, c.Get("/things?id=x").Want(400).Into, "id", "TYPE", "must be an integer")
	refused(t, c.Get("/things?branchId=0").Want(400).Into, "branchId", "MINIMUM", "must be at least 1")
	refused(t, c.Get("/things?branchId=5x").Want(400).Into, "branchId", "TYPE", "must be an integer")
}

func TestBadPaging(t *testing.T) {
	_, c := newFake(t)
	const allowed = "must be one of id, name, createdAt, alone or with ,asc or ,desc"
	for query, want := range map[string][3]string{
		"page=-1":                  {"page", "MINIMUM", "must be at least 0"},
		"size=0":                   {"size", "MINIMUM", "must be at least 1"},
		"size=-5":                  {"size", "MINIMUM", "must be at least 1"},
		"page=x":                   {"page", "TYPE", "must be an integer"},
		"size=1.5":                 {"size", "TYPE", "must be an integer"},
		"page=9223372036854775808": {"page", "TYPE", "must be an integer"},
		"sort=price":               {"sort", "ENUM", allowed},
		"sort=name,up":             {"sort", "ENUM", allowed},
		"sort=name,asc,desc":       {"sort", "ENUM", allowed},
		"sort=Name":                {"sort", "ENUM", allowed},
		"sort=name&sort=price":     {"sort", "ENUM", allowed},
		"sort=,desc":               {"sort", "ENUM", allowed},
	} {
		refused(t, c.Get("/things?"+query).Want(400).Into, want[0], want[1], want[2])
	}
}

func TestIDsInThePath(t *testing.T) {
	_, c := newFake(t)
	c.Patch("/things/5", `{}`).Want(200)
	c.Patch("/things/9223372036854775807", `{}`).Want(200)
	for _, id := range []string{"0", "-1", "x", "5x", "1.5", "9223372036854775808", "1e3", "%00", "0x5"} {
		if got := c.Patch("/things/"+id, `{"name":7}`).Want(404).Text("errorCode"); got != "G904" {
			t.Errorf("%s: %s", id, got)
		}
	}
}

func TestMoments(t *testing.T) {
	f, c := newFake(t)
	at := time.Date(2026, 2, 1, 10, 0, 0, 0, time.UTC).UnixMicro()
	for query, want := range map[string]roster.Moment{
		"":                                  {},
		"from=":                             {},
		"from=2026-02-01":                   {Date: "2026-02-01", Given: true},
		"from=2026-02-01T10:00:00Z":         roster.MomentAt(at),
		"from=2026-02-01T12:00:00%2B02:00":  roster.MomentAt(at),
		"from=2026-02-01T12:00:00+02:00":    roster.MomentAt(at),
		"from=2026-02-01T08:00:00-02:00":    roster.MomentAt(at),
		"from=2026-02-01T10:00:00.0000019Z": roster.MomentAt(at + 1),
	} {
		c.Get("/things?" + query).Want(200)
		if got := f.asked.in.Value().From; got != want {
			t.Errorf("%s: %+v, want %+v", query, got, want)
		}
	}
	for _, text := range []string{
		"2026-02-30", "2026-2-1", "2026-02-01T10:00:00", "2026-02-01%2010:00:00Z", "now", "1769940000", "2026-02-01T10:00:00,5Z",
		"2026-02-01T1:00:00Z", "2026-02-01T10:00:00++02:00", "+02:00",
	} {
		refused(t, c.Get("/things?to="+text).Want(400).Into, "to", "INVALID_FORMAT", "is no valid date-time or date")
	}
}
