package index

import (
	"cmp"
	"slices"
	"strings"
)

// nameWord returns eight bytes of a name from depth on as a number that sorts as
// they do; bytes beyond its end are zero.
func nameWord(name string, depth int) uint64 {
	var word uint64
	for i := range 8 {
		word <<= 8
		if depth+i < len(name) {
			word |= uint64(name[depth+i])
		}
	}
	return word
}

// few is how many items of one prefix are compared by their whole names.
const few = 16

// sortByName sorts items, whose words are those at depth 0, by name and id. Names
// lie all over memory, so they are not compared: numbers are, and only those who
// share one have their next eight bytes fetched, once each.
func (s *state) sortByName(items []item) { s.sortFrom(items, 0) }

func (s *state) sortFrom(items []item, depth int) {
	slices.SortFunc(items, func(a, b item) int { return cmp.Compare(a.word, b.word) })
	for i := 0; i < len(items); {
		j := i + 1
		for j < len(items) && items[j].word == items[i].word {
			j++
		}
		if j-i > 1 {
			s.sortEqual(items[i:j], depth+8)
		}
		i = j
	}
}

// sortEqual sorts items whose names agree before depth, as far as they go.
func (s *state) sortEqual(items []item, depth int) {
	longer := false
	if len(items) > few {
		for i := range items {
			name := s.people[items[i].slot()].head.Name
			items[i].word = nameWord(name, depth)
			longer = longer || len(name) > depth
		}
	}
	if longer {
		s.sortFrom(items, depth)
		return
	}
	slices.SortFunc(items, func(a, b item) int {
		x, y := s.people[a.slot()].head, s.people[b.slot()].head
		return cmp.Or(strings.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
}
