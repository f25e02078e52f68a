package view

import (
	"cmp"
	"slices"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// List is a list of an answer: there, even if it is empty.
func List[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// Properties are those of an answer: there, even if there are none.
func Properties(all map[string]string) map[string]string {
	if all == nil {
		return map[string]string{}
	}
	return all
}

// Each renders rows.
func Each[T, R any](all []T, render func(T) R) []R {
	rows := make([]R, len(all))
	for i, v := range all {
		rows[i] = render(v)
	}
	return rows
}

// PageOf answers a list of what a verb returned.
func PageOf[T, R any](page roster.Page, all []T, total int, render func(T) R) *mobilitywire.List[R] {
	return mobilitywire.NewList(page, Each(all, render), total)
}

// PartByID is the part of a short list that a page asks for, sorted by id as it says.
func PartByID[T any](page roster.Page, all []T, id func(T) int64) []T {
	slices.SortFunc(all, func(a, b T) int { return page.Sort[0].Order(cmp.Compare(id(a), id(b))) })
	from := min(page.Offset, len(all))
	return all[from:min(from+page.Limit, len(all))]
}

// Merged is a field of a merge patch: nil where it is absent, the zero value where it
// is null.
func Merged[T any](in wire.Opt[T]) *T {
	if !in.Set {
		return nil
	}
	return &in.Value
}

// Instant is a time of a merge patch in µs UTC.
func Instant(in wire.Opt[mobilitywire.Time]) *int64 {
	if !in.Set {
		return nil
	}
	at := int64(in.Value)
	return &at
}

// Patched are the properties of a merge patch: nil for one that is null.
func Patched(in map[string]wire.Opt[string]) map[string]*string {
	out := make(map[string]*string, len(in))
	for key, value := range in {
		out[key] = value.Ptr()
	}
	return out
}

// RefuseNull refuses null for the first of the fields that came as that.
func RefuseNull(fields ...Sent) error {
	name := FirstSet(fields...)
	if name == "" {
		return nil
	}
	return wire.InvalidFields(wire.Field{In: wire.InBody, Name: name, Rule: wire.RuleType, Message: "must not be null"})
}

// Sent is a field that is refused, and whether it came.
type Sent struct {
	name string
	came bool
}

// Came says whether a field came.
func Came(name string, came bool) Sent { return Sent{name, came} }

// FirstSet is the first of the fields that came; "" for none.
func FirstSet(fields ...Sent) string {
	for _, f := range fields {
		if f.came {
			return f.name
		}
	}
	return ""
}

// Number is a query parameter that may be absent: 0.
func Number(p wire.Param[int64]) int64 { return p.Or(0) }
