package wire

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// soundText reports whether a database takes the text: valid UTF-8 without NUL.
func soundText(s string) bool {
	return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s)
}

// soundQuery refuses a query with a value that no database takes.
func soundQuery(u *url.URL) error {
	if strings.IndexByte(u.RawQuery, '%') < 0 && utf8.ValidString(u.RawQuery) {
		return nil
	}
	for name, values := range u.Query() {
		for _, v := range values {
			if !soundText(v) || !soundText(name) {
				f := Field{In: InQuery, Name: strings.ToValidUTF8(name, "�"), Rule: RuleText}
				f.Message = phrase(f)
				return InvalidFields(f)
			}
		}
	}
	return nil
}

// saneID reports whether a request id of the caller's may stand in headers and logs.
func saneID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

// badKey says what is wrong with an Idempotency-Key, or nothing.
func badKey(key string, limit int) error {
	bad := len(key) > limit
	for i := range len(key) {
		bad = bad || key[i] < ' ' || key[i] > '~'
	}
	if !bad {
		return nil
	}
	return InvalidFields(Field{
		In: InHeader, Name: "Idempotency-Key", Rule: RuleFormat, Limit: "key",
		Message: "must be 1 to " + strconv.Itoa(limit) + " printable ASCII characters",
	})
}
