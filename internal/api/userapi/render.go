package userapi

import (
	"cmp"
	"math"
	"slices"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// list is a list of an answer: there, even if it is empty.
func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// properties are those of an answer: there, even if there are none.
func properties(all map[string]string) map[string]string {
	if all == nil {
		return map[string]string{}
	}
	return all
}

// each renders rows.
func each[T, R any](all []T, render func(T) R) []R {
	rows := make([]R, len(all))
	for i, v := range all {
		rows[i] = render(v)
	}
	return rows
}

// pageOf answers a list of what a verb returned.
func pageOf[T, R any](page roster.Page, all []T, total int, render func(T) R) *mobilitywire.List[R] {
	return mobilitywire.NewList(page, each(all, render), total)
}

// partByID is the part of a short list that a page asks for, sorted by id as it says.
func partByID[T any](page roster.Page, all []T, id func(T) int64) []T {
	slices.SortFunc(all, func(a, b T) int { return page.Sort[0].Order(cmp.Compare(id(a), id(b))) })
	from := min(page.Offset, len(all))
	return all[from:min(from+page.Limit, len(all))]
}

// merged is a field of a merge patch: nil where it is absent, the zero value where it
// is null.
func merged[T any](in wire.Opt[T]) *T {
	if !in.Set {
		return nil
	}
	return &in.Value
}

// instant is a time of a merge patch in µs UTC.
func instant(in wire.Opt[mobilitywire.Time]) *int64 {
	if !in.Set {
		return nil
	}
	at := int64(in.Value)
	return &at
}

// patched are the properties of a merge patch: nil for one that is null.
func patched(in map[string]wire.Opt[string]) map[string]*string {
	out := make(map[string]*string, len(in))
	for key, value := range in {
		out[key] = value.Ptr()
	}
	return out
}

// refuseNull refuses null for the first of the fields that came as that.
func refuseNull(fields ...sent) error {
	name := firstSet(fields...)
	if name == "" {
		return nil
	}
	return wire.InvalidFields(wire.Field{In: wire.InBody, Name: name, Rule: wire.RuleType, Message: "must not be null"})
}

// sent is a field that is refused, and whether it came.
type sent struct {
	name string
	came bool
}

// firstSet is the first of the fields that came; "" for none.
func firstSet(fields ...sent) string {
	for _, f := range fields {
		if f.came {
			return f.name
		}
	}
	return ""
}

// renamed gives the field that an error names the name that it has in this call.
func renamed(err error, from, to string) error {
	if e := roster.AsError(err); err != nil && e.Field == from {
		copied := *e
		copied.Field = to
		return &copied
	}
	return err
}

// kilometers are meters as answers show them.
func kilometers(meters int64) float64 { return float64(meters) / 1000 }

// metersOf reads kilometers, to the meter.
func metersOf(kilometers float64) int64 { return int64(math.Round(kilometers * 1000)) }
