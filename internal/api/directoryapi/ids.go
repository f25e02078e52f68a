package directoryapi

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// An id is a prefix and the subject's number, such as grp-17 and acc-4.
const (
	groupPrefix   = "grp-"
	accountPrefix = "acc-"
)

func groupID(id int64) string   { return groupPrefix + strconv.FormatInt(id, 10) }
func accountID(id int64) string { return accountPrefix + strconv.FormatInt(id, 10) }

func groupIDs(ids []int64) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = groupID(id)
	}
	return all
}

// parseID reads an id of one prefix in the one form that it is written in.
func parseID(prefix, s string) (int64, bool) {
	digits, ok := strings.CutPrefix(s, prefix)
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil
}

func parseGroup(s string) (int64, error) {
	if id, ok := parseID(groupPrefix, s); ok {
		return id, nil
	}
	return 0, noGroup(s)
}

func parseAccount(s string) (int64, error) {
	if id, ok := parseID(accountPrefix, s); ok {
		return id, nil
	}
	return 0, noAccount(s)
}

func noGroup(id string) error {
	return roster.Errorf(roster.NotFound, "", "there is no group %q", id)
}

func noAccount(id string) error {
	return roster.Errorf(roster.NotFound, "", "there is no account %q", id)
}

// AsOf is embedded where a question may be about the past.
type AsOf struct {
	AsOf string `query:"asOf" doc:"An instant in the past, RFC 3339: answer as it was then." example:"2026-01-31T12:00:00Z"`
}

// micros is the instant in µs UTC; 0 when none was asked for.
func (a AsOf) micros() (int64, error) { return instant(wire.InQuery, "asOf", a.AsOf) }

// rfc3339 is stricter than the time package, which takes commas and single digits.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)

// instant reads a time, strictly in the form of RFC 3339: µs UTC, 0 for none.
func instant(in, field, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if year := t.UTC().Year(); err != nil || year < 1970 || year > 9999 || !rfc3339.MatchString(text) {
		return 0, wire.InvalidFields(wire.Field{
			In: in, Name: field, Rule: wire.RuleFormat, Limit: "date-time", Message: "must be an RFC 3339 time between 1970 and 9999",
		})
	}
	return max(t.UnixMicro(), 1), nil
}

// clock spells a time to the second, as the API's samples do.
func clock(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05Z")
}

// exact spells a time with its fraction of a second, where there is one.
func exact(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05.999999Z")
}
