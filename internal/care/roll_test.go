package care

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
)

// However customers come onto the roll and change, a search of it finds those whose
// texts hold what is searched, by id up or down; and whoever looked before sees what
// was there then.
func TestRollAgreesWithItsRows(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	text := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte("abc "[random.IntN(4)])
		}
		return b.String()
	}
	r, rows := &roll{}, map[int64]string{}
	last := int64(0)
	agree := func(p picture, rows map[int64]string, want string, desc bool) {
		t.Helper()
		w := newWanted(want)
		var expected []int64
		for id, text := range rows {
			if w.in(text) {
				expected = append(expected, id)
			}
		}
		slices.Sort(expected)
		if desc {
			slices.Reverse(expected)
		}
		s := &search{f: &CustomerFilter{}, want: w, scope: map[int64]bool{1: true}}
		ids, total := s.page(p, roster.Page{Sort: []roster.Sort{{Property: "id", Desc: desc}}})
		if !slices.Equal(ids, expected) || total != len(expected) {
			t.Fatalf("%q finds %d customers, and says %d; there are %d", want, len(ids), total, len(expected))
		}
	}
	for range racetest.Scale(60) {
		before, then := r.look(), make(map[int64]string, len(rows))
		for id, text := range rows {
			then[id] = text
		}
		e := r.edit()
		for range random.IntN(200) {
			id := last + 1 + random.Int64N(3) // behind the others, or among them
			if random.IntN(3) == 0 {
				id = 1 + random.Int64N(last+1)
			}
			last = max(last, id)
			c := identity.Listed{ID: id, HomeBranchID: 1, FirstName: text(6), LastName: text(4), Phone: fmt.Sprint("+43", id*7919%100_000)}
			e.put(c)
			rows[id] = searchText(&c)
		}
		e.end()
		for _, want := range []string{"", "a", text(3), text(5), text(2) + " " + text(4), fmt.Sprint(random.IntN(1000)), "+43 " + fmt.Sprint(random.IntN(100))} {
			desc := random.IntN(2) == 0
			agree(r.look(), rows, want, desc)
			agree(before, then, want, desc)
		}
	}
	if len(r.page) < 2 {
		t.Errorf("%d sheets", len(r.page))
	}
}
