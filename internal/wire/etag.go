package wire

import (
	"strconv"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
)

// ETag spells a row's version as an entity tag. An output has it in a field
//
//	ETag string `header:"ETag"`
func ETag(version int64) string {
	return `"` + strconv.FormatInt(version, 10) + `"`
}

// IfMatch is embedded in the input of a call that honours If-Match.
type IfMatch struct {
	IfMatch string `header:"If-Match" doc:"Entity tags that the caller has seen; another version is 412."`
}

// Check returns a Precondition error unless the header is absent, is *, or names
// the version. Comparison is strong: a weak tag never matches. The area calls it
// on the row that it holds in its transaction:
//
//	verb(ctx, a, id, change, in.Check)
func (m IfMatch) Check(version int64) error {
	if m.IfMatch == "" {
		return nil
	}
	want := ETag(version)
	for tag := range strings.SplitSeq(m.IfMatch, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == want {
			return nil
		}
	}
	return roster.Errorf(roster.Precondition, "", "it has changed: its version is now %s", want)
}
