package business

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
)

// order compares two rows by one property.
type order[T any] func(a, b T) int

// pageOf sorts rows and returns the part of them that is asked for, and how many
// there are. A limit of 0 is none. Invalid with Field sort for a property that the
// list is not ordered by.
func pageOf[T any](rows []T, p roster.Page, by map[string]order[T]) (page []T, total int, err error) {
	for _, s := range p.Sort {
		if by[s.Property] == nil {
			return nil, 0, roster.FieldError("sort", "there is no order by %q", s.Property)
		}
	}
	slices.SortStableFunc(rows, func(a, b T) int {
		for _, s := range p.Sort {
			if c := by[s.Property](a, b); c != 0 {
				if s.Desc {
					return -c
				}
				return c
			}
		}
		return 0
	})
	total = len(rows)
	rows = rows[min(max(p.Offset, 0), total):]
	if p.Limit > 0 {
		rows = rows[:min(p.Limit, len(rows))]
	}
	return rows, total, nil
}

// ordering orders rows by what of returns.
func ordering[T any, V cmp.Ordered](of func(T) V) order[T] {
	return func(a, b T) int { return cmp.Compare(of(a), of(b)) }
}

// containsFolded reports whether one of the texts contains a part, which is folded.
func containsFolded(part string, texts ...string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), part) })
}
