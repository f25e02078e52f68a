package wire

import (
	"encoding/base64"
	"encoding/binary"
)

// Cursor is the place in a list where the next page goes on: the sort key of the
// last row that was given.
type Cursor struct {
	// Kind names the list, such as "groups"; a cursor of one list is none of another.
	Kind string
	// Created is the row's time in microseconds UTC, ID its number.
	Created int64
	ID      int64
}

// cursorVersion is the first byte, so that an older layout is told from a newer.
const cursorVersion = 1

var cursorText = base64.RawURLEncoding.Strict()

// String returns the cursor as callers see it, opaque.
func (c Cursor) String() string {
	b := make([]byte, 0, 1+len(c.Kind)+16)
	b = append(append(b, cursorVersion), c.Kind...)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Created))
	b = binary.BigEndian.AppendUint64(b, uint64(c.ID))
	return cursorText.EncodeToString(b)
}

// ParseCursor reads a cursor of a kind from the query parameter of that name.
// Whatever String did not make for that kind is an Invalid error about the field.
func ParseCursor(kind, name, text string) (Cursor, error) {
	b, err := cursorText.DecodeString(text)
	head := 1 + len(kind)
	if err != nil || len(b) != head+16 || b[0] != cursorVersion || string(b[1:head]) != kind {
		return Cursor{}, InvalidFields(Field{
			In: InQuery, Name: name, Rule: RuleFormat, Limit: "cursor", Message: "is no cursor of this list",
		})
	}
	return Cursor{
		Kind:    kind,
		Created: int64(binary.BigEndian.Uint64(b[head:])),
		ID:      int64(binary.BigEndian.Uint64(b[head+8:])),
	}, nil
}
