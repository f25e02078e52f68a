package care

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
)

// Of each run of three bytes that a text has, its mark has one bit of 512. What is
// searched can only be there where all its bits are, so that most texts are never
// looked at.
const (
	runLength = 3
	markBits  = 512
	wordBits  = 64
)

// bitsOf are the bits of the runs of a text, sorted, each once.
func bitsOf(text string) []uint16 {
	all := make([]uint16, 0, len(text))
	for i := 0; i+runLength <= len(text); i++ {
		all = append(all, bitAt(text, i))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// bitAt is the bit of the run at a place of a text.
func bitAt(text string, i int) uint16 {
	run := uint32(text[i])<<16 | uint32(text[i+1])<<8 | uint32(text[i+2])
	return uint16(run * 2654435761 >> 23) //nolint:gosec // 9 bits are left
}

// marks are those of the rows of a sheet, lying on their sides: of each bit, which rows
// have it. So a search reads of its own bits alone, and of 64 rows at once.
type marks [markBits]rowSet

// rowSet is a set of rows of a sheet.
type rowSet [sheetRows / wordBits]uint64

func (m *marks) put(row int, text string) {
	for i := 0; i+runLength <= len(text); i++ {
		m[bitAt(text, i)][row/wordBits] |= 1 << (row % wordBits)
	}
}

// drop takes away the mark of a text that put set.
func (m *marks) drop(row int, text string) {
	for i := 0; i+runLength <= len(text); i++ {
		m[bitAt(text, i)][row/wordBits] &^= 1 << (row % wordBits)
	}
}

// holding are those of the first rows that have all of some bits.
func (m *marks) holding(all []uint16, rows int) (set rowSet) {
	for i := range set {
		switch left := rows - i*wordBits; {
		case left >= wordBits:
			set[i] = ^uint64(0)
		case left > 0:
			set[i] = 1<<left - 1
		}
	}
	for _, bit := range all {
		some := uint64(0)
		for i, word := range &m[bit] {
			set[i] &= word
			some |= set[i]
		}
		if some == 0 {
			break
		}
	}
	return set
}

// each calls fn with the rows of the set, from the last one on if back.
func (s *rowSet) each(back bool, fn func(row int)) {
	for i := range s {
		if back {
			i = len(s) - 1 - i
		}
		for word := s[i]; word != 0; {
			at := bits.TrailingZeros64(word)
			if back {
				at = wordBits - 1 - bits.LeadingZeros64(word)
			}
			word &^= 1 << at
			fn(i*wordBits + at)
		}
	}
}

// between parts the fields of a text; no word that is searched has it.
const between = "\n"

// searchText is what of a customer is searched: names, number, address and id.
func searchText(c *identity.Listed) string {
	return strings.Join([]string{folded(c.FirstName + " " + c.LastName), c.Phone, folded(c.Email), strconv.FormatInt(c.ID, 10)}, between)
}

// folded is a text as it is compared.
func folded(text string) string {
	return strings.ReplaceAll(graph.Key(strings.ToValidUTF8(text, "\uFFFD")), between, " ")
}

// wanted is what a text must hold to be found: each of the words, or, where they may be
// a telephone number that is written with spaces and the like, that number.
type wanted struct {
	words  []string
	bits   []uint16 // of the words
	number string   // "" for none
	digits []uint16 // of the number
}

func newWanted(text string) *wanted {
	w := &wanted{words: strings.Fields(folded(text))}
	for _, word := range w.words {
		w.bits = append(w.bits, bitsOf(word)...)
	}
	slices.Sort(w.bits)
	w.bits = slices.Compact(w.bits)
	if strings.Trim(text, "+0123456789 ()-/.") == "" && len(w.words) > 0 {
		w.number = strings.NewReplacer(" ", "", "(", "", ")", "", "-", "", "/", "", ".", "").Replace(strings.TrimSpace(text))
		w.digits = bitsOf(w.number)
	}
	if len(w.words) == 1 && w.words[0] == w.number {
		w.number, w.digits = "", nil // to look for it twice finds no more
	}
	return w
}

// among are the rows of a sheet that may hold it: those alone are looked at.
func (w *wanted) among(s *sheet) rowSet {
	set := s.marks.holding(w.bits, len(s.rows))
	if w.number != "" {
		other := s.marks.holding(w.digits, len(s.rows))
		for i := range set {
			set[i] |= other[i]
		}
	}
	return set
}

func (w *wanted) in(text string) bool {
	return w.hasWords(text) || w.number != "" && strings.Contains(text, w.number)
}

func (w *wanted) hasWords(text string) bool {
	for _, word := range w.words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
