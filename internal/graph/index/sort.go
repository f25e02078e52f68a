package index

import (
	"cmp"
	"slices"
	"strings"
)

// item is a subject in a list that is to be sorted by name.
type item struct {
	word  uint64 // eight bytes of the name
	slot  uint32 // with any flag above slotMask
	value uint32 // of no matter to sorting
}

func (it item) ref(kind Kind) ref { return newRef(kind, it.slot&slotMask) }

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

// word returns eight bytes of the name of the subject at r, from depth on.
func (s *state) word(r ref, depth int) uint64 {
	if i := depth / 8; r.kind() == PersonKind && i < 2 {
		return s.words[r.slot()][i]
	}
	return nameWord(s.name(r), depth)
}

// sorter sorts items of one kind by name and id. Names lie all over memory, so they
// are not compared: numbers are, and only those who share one have their next eight
// bytes fetched, once each. The first sixteen of a person stand in state.words.
type sorter struct {
	*state

	kind  Kind
	spare []item
}

const (
	// few is how many names that begin alike are compared as they are.
	few = 16
	// enough is how many items are sorted faster by their bytes than by comparing.
	enough = 256
)

// sortByName sorts items whose words are the beginnings of the names.
func (s *state) sortByName(sc *scratch, kind Kind, items []item) {
	if len(sc.spare) < len(items) {
		sc.spare = make([]item, len(items)+len(items)/8)
	}
	o := sorter{s, kind, sc.spare}
	o.sort(items, 0)
}

func (o *sorter) sort(items []item, depth int) {
	if len(items) < enough {
		slices.SortFunc(items, func(a, b item) int { return cmp.Compare(a.word, b.word) })
	} else {
		sortByWord(items, o.spare[:len(items)])
	}
	for i := 0; i < len(items); {
		j := i + 1
		for j < len(items) && items[j].word == items[i].word {
			j++
		}
		if j-i > 1 {
			o.sortEqual(items[i:j], depth+8)
		}
		i = j
	}
}

// sortEqual sorts items whose names agree before depth, as far as they go. Where
// nothing but zeros follows, whole names tell what is left.
func (o *sorter) sortEqual(items []item, depth int) {
	longer := uint64(0)
	if len(items) > few {
		for i := range items {
			items[i].word = o.word(items[i].ref(o.kind), depth)
			longer |= items[i].word
		}
	}
	if longer != 0 {
		o.sort(items, depth)
		return
	}
	slices.SortFunc(items, func(a, b item) int {
		x, y := a.ref(o.kind), b.ref(o.kind)
		return cmp.Or(strings.Compare(o.name(x), o.name(y)), cmp.Compare(o.id(x), o.id(y)))
	})
}

// digit returns byte b of a word, the last one being 0.
func digit(word uint64, b int) byte {
	return byte(word >> (8 * b)) //nolint:gosec // the rest is meant to go
}

// sortByWord sorts by one byte of the word after the other, the last one first. It
// passes over bytes that are the same in all. Spare is as long as items.
func sortByWord(items, spare []item) {
	var counts [8][256]uint32
	for i := range items {
		for b := range counts {
			counts[b][digit(items[i].word, b)]++
		}
	}
	from, to := items, spare
	for b := range counts {
		places := &counts[b]
		if int(places[digit(items[0].word, b)]) == len(items) {
			continue
		}
		place := uint32(0)
		for v, n := range places {
			places[v] = place
			place += n
		}
		for _, it := range from {
			p := &places[digit(it.word, b)]
			to[*p] = it
			*p++
		}
		from, to = to, from
	}
	if &from[0] != &items[0] {
		copy(items, from)
	}
}
