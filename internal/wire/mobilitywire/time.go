package mobilitywire

import (
	"regexp"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// Time is an instant in µs UTC; 0 is none, and omitzero leaves it out. In JSON it
// is RFC 3339 in UTC, with a fraction only where there is one; it is read with any
// offset.
type Time int64

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, len(time.RFC3339Nano)+2), '"')
	b = time.UnixMicro(int64(t)).UTC().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"'), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	at, ok := parseTime(strings.Trim(string(data), `"`))
	if !ok {
		return wire.Misfit(wire.RuleFormat, "date-time")
	}
	*t = Time(at)
	return nil
}

// rfc3339 is stricter than Go, which takes an hour of one digit and a comma, too.
var rfc3339 = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$`)

// parseTime reads RFC 3339 into µs UTC. An offset must not lead out of the years
// that can be written.
func parseTime(s string) (int64, bool) {
	if !rfc3339.MatchString(s) {
		return 0, false
	}
	at, err := time.Parse(time.RFC3339, s)
	year := at.UTC().Year()
	return at.UnixMicro(), err == nil && year >= 0 && year <= 9999
}

// Schema implements huma.SchemaProvider.
func (Time) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

// Date is a day, YYYY-MM-DD; "" is none.
type Date string

// ParseDate reads a date.
func ParseDate(s string) (Date, bool) {
	_, err := time.Parse(time.DateOnly, s)
	return Date(s), err == nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Date) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	date, ok := ParseDate(strings.Trim(string(data), `"`))
	if !ok {
		return wire.Misfit(wire.RuleFormat, "date")
	}
	*d = date
	return nil
}

// Schema implements huma.SchemaProvider.
func (Date) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Examples: []any{"1990-01-31"}}
}

// Moment is a query parameter that is a time or a date.
type Moment struct{ roster.Moment }

// UnmarshalText implements encoding.TextUnmarshaler. In a query + means a space, so
// that one before an offset stands for the + that the caller did not escape.
func (m *Moment) UnmarshalText(text []byte) error {
	s := string(text)
	if date, ok := ParseDate(s); ok {
		m.Moment = roster.Moment{Date: string(date), Given: true}
		return nil
	}
	if at := len(s) - len(" 00:00"); at > 0 && s[at] == ' ' {
		s = s[:at] + "+" + s[at+1:]
	}
	at, ok := parseTime(s)
	if !ok {
		return wire.Misfit(wire.RuleFormat, "date-time or date")
	}
	m.Moment = roster.MomentAt(at)
	return nil
}

// Schema implements huma.SchemaProvider.
func (Moment) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Examples: []any{"2026-02-01T00:00:00Z", "2026-02-01"},
		Description: "RFC 3339, or a date, which is its midnight in the time zone of the business unit.",
	}
}

// Period is embedded in the input of calls that take one.
type Period struct {
	From Moment `query:"from" doc:"Where the period begins: RFC 3339, or a date, which is its midnight in the business unit's time zone."`
	To   Moment `query:"to" doc:"Where it ends, itself left out."`
}

// Value returns the period as areas take it.
func (p Period) Value() roster.Period { return roster.Period{From: p.From.Moment, To: p.To.Moment} }
