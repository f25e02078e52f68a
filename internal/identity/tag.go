package identity

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
)

// Bounds of tags.
const (
	maxTags      = 50
	maxTagLength = 64
)

// CleanTags brings a list of tags in form: each trimmed, and once however it is
// written, in the order of the first. Invalid with Field tags.
func CleanTags(tags []string) ([]string, error) {
	clean := make([]string, 0, len(tags))
	for i, tag := range tags {
		tag = strings.TrimSpace(tag)
		if tag == "" || utf8.RuneCountInString(tag) > maxTagLength || strings.ContainsFunc(tag, unicode.IsControl) {
			return nil, roster.FieldError(fmt.Sprintf("tags[%d]", i), "must be one line of 1 to %d characters", maxTagLength)
		}
		if !slices.ContainsFunc(clean, func(there string) bool { return graph.Key(there) == graph.Key(tag) }) {
			clean = append(clean, tag)
		}
	}
	if len(clean) > maxTags {
		return nil, roster.FieldError("tags", "must have at most %d entries", maxTags)
	}
	return clean, nil
}
