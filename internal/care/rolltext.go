package care

import (
	"strconv"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
)

// mark says which runs of three bytes a text has: of each, one bit of 128. What is
// searched can only be there where all its bits are, so that most texts are never
// looked at.
type mark [2]uint64

const (
	runLength = 3
	markBits  = 128
)

func markOf(text string) (m mark) {
	for i := 0; i+runLength <= len(text); i++ {
		run := uint32(text[i])<<16 | uint32(text[i+1])<<8 | uint32(text[i+2])
		bit := run * 2654435761 >> 25 % markBits
		m[bit/64] |= 1 << (bit % 64)
	}
	return m
}

func (m *mark) holds(other *mark) bool {
	return m[0]&other[0] == other[0] && m[1]&other[1] == other[1]
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
	mark   mark
	number string
	digits mark
}

func newWanted(text string) *wanted {
	w := &wanted{words: strings.Fields(folded(text))}
	for _, word := range w.words {
		m := markOf(word)
		w.mark[0], w.mark[1] = w.mark[0]|m[0], w.mark[1]|m[1]
	}
	if strings.Trim(text, "+0123456789 ()-/.") == "" && len(w.words) > 0 {
		w.number = strings.NewReplacer(" ", "", "(", "", ")", "", "-", "", "/", "", ".", "").Replace(strings.TrimSpace(text))
		w.digits = markOf(w.number)
	}
	return w
}

// maybe reports whether a text with that mark may hold it: the row is looked at then
// alone.
func (w *wanted) maybe(m *mark) bool { return m.holds(&w.mark) || w.number != "" && m.holds(&w.digits) }

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
