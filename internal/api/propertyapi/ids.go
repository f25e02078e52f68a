package propertyapi

import (
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// parseID reads the UUID of a path. A malformed one is nobody's.
func parseID(text string) (uuid.UUID, error) {
	id, ok := readID(text)
	if !ok {
		return uuid.Nil, roster.Errorf(roster.NotFound, "", "there is nothing with this id")
	}
	return id, nil
}

// readID reads a UUID in its usual form, 36 characters.
func readID(text string) (uuid.UUID, bool) {
	id, err := uuid.Parse(text)
	return id, err == nil && len(text) == 36 && id != uuid.Nil
}

// bodyID reads an optional UUID of a body; absent, null and "" are uuid.Nil.
func bodyID(field string, sent wire.Opt[string]) (uuid.UUID, error) {
	text := sent.Or("")
	if text == "" {
		return uuid.Nil, nil
	}
	id, ok := readID(text)
	if !ok {
		return uuid.Nil, wire.InvalidFields(wire.Field{In: wire.InBody, Name: field, Rule: wire.RuleFormat, Message: "is invalid"})
	}
	return id, nil
}

// AsOf is embedded where a question may be about the past.
type AsOf struct {
	AsOf string `query:"asOf" doc:"Extension. An instant in the past, RFC 3339: the answer is that of then." example:"2026-01-31T12:00:00Z"`
}

// micros is the instant in µs UTC; 0 where none was asked for.
func (a AsOf) micros() (int64, error) {
	if a.AsOf == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339Nano, a.AsOf)
	if err != nil || t.Year() < 1970 {
		return 0, badQuery("asOf", "must be an RFC 3339 time from 1970 on")
	}
	return max(t.UnixMicro(), 1), nil
}

func badQuery(name, message string) error {
	return wire.InvalidFields(wire.Field{In: wire.InQuery, Name: name, Rule: wire.RuleOther, Message: message})
}
