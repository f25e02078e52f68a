package orgapi

import (
	"time"

	"github.com/rosterhq/roster/internal/wire"
)

// seconds is how the API spells times: RFC 3339 in UTC, to the second.
const seconds = "2006-01-02T15:04:05Z"

// clock spells a time (µs UTC) to the second.
func clock(micros int64) string { return time.UnixMicro(micros).UTC().Format(seconds) }

// exact spells a time (µs UTC) with its fraction, where there is one; nil for none.
func exact(micros int64) *string {
	if micros == 0 {
		return nil
	}
	s := time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05.999999Z")
	return &s
}

// AsOf is embedded where a question may be about the past.
type AsOf struct {
	AsOf string `query:"asOf" doc:"Extension. An instant in the past, RFC 3339: answer as it was then." example:"2026-01-31T12:00:00Z"`
}

// micros is the instant in µs UTC; 0 when none was asked for.
func (a *AsOf) micros() (int64, error) { return instant(wire.InQuery, "asOf", a.AsOf) }

func instant(in, field, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Year() < 1970 {
		return 0, wire.InvalidFields(wire.Field{
			In: in, Name: field, Rule: wire.RuleFormat, Limit: "date-time", Message: "must be an RFC 3339 time from 1970 on",
		})
	}
	return max(t.UnixMicro(), 1), nil
}
