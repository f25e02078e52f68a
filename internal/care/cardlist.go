package care

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CardFilter says which cards a list is about.
type CardFilter struct {
	BranchID int64 // 0 for all where the actor may
	Below    bool  // and the branches below it
	Text     string
	States   []string // those alone; none: all
	PersonID int64    // whose they are; 0 for anybody's
}

// cardRow is what a list of cards is searched and ordered by.
type cardRow struct {
	id, branch, person int64
	number, state      string
	text               string // number and chip, folded
}

var (
	cardRows = store.Q("identity_card.list", `SELECT id, branch_id, coalesce(person_id, 0), card_number, rfid_uid, state FROM identity_cards WHERE tenant = $1`).
			Whole("lists are searched in memory, which reads all when one has changed")
	cardsIn = store.Q("identity_card.in", `SELECT `+cardColumns+` FROM identity_cards WHERE tenant = $1 AND id IN ($2)`).In()
)

func scanCardRow(s store.Scanner) (r cardRow, err error) {
	var chip string
	err = s.Scan(&r.id, &r.branch, &r.person, &r.number, &chip, &r.state)
	r.text = folded(r.number) + between + folded(chip)
	return r, err
}

// touchesCards tells whether a change may make lists of cards other than they were.
func touchesCards(c store.ChangedSubject) ([]struct{}, bool) { return nil, c.Type == "identity_card" }

// ListCards lists the cards of a branch, or of those below it too, or of all branches
// where the actor holds IDENTITY_CARD_READ, and counts them; orders id and cardNumber.
// Each word of the text occurs in number, chip, or the holder's names or id. NotFound
// with identity.CodeNoBranch, Forbidden.
func (c *Care) ListCards(ctx context.Context, a roster.Actor, f CardFilter, page roster.Page) (views []*CardView, total int, err error) {
	all, err := c.cards.Get(ctx, a.Tenant.ID, struct{}{}, func(tx *store.Tx) ([]cardRow, error) {
		return store.All(tx, cardRows, scanCardRow)
	})
	if err != nil {
		return nil, 0, err
	}
	err = c.readAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		branches, err := f.branches(p)
		if err != nil {
			return err
		}
		rows := f.of(all, branches, c.rolls.of(a.Tenant.ID).look())
		slices.SortFunc(rows, func(a, b *cardRow) int { return orderOfCards(page.Sort, a, b) })
		total = len(rows)
		rows = rows[min(page.Offset, total):min(page.Offset+page.Limit, total)]
		found, err := cardsOfRows(tx, rows)
		if err != nil {
			return err
		}
		views, err = viewCards(tx, found)
		return err
	})
	return views, total, err
}

func orderOfCards(by []roster.Sort, a, b *cardRow) int {
	for _, s := range by {
		n := cmp.Compare(a.id, b.id)
		if s.Property == "cardNumber" {
			n = cmp.Compare(a.number, b.number)
		}
		if n != 0 {
			return s.Order(n)
		}
	}
	return 0
}

// branches are those that the list is about.
func (f *CardFilter) branches(p *identity.Powers) (map[int64]bool, error) {
	ids := p.Branches(readCards)
	switch {
	case f.BranchID == 0:
		if err := p.Need(readCards); err != nil {
			return nil, err
		}
	default:
		if err := p.NeedAt(readCards, f.BranchID); err != nil {
			return nil, err
		}
		ids = []int64{f.BranchID}
		if f.Below {
			ids = p.Tree().Below(f.BranchID)
		}
	}
	branches := make(map[int64]bool, len(ids))
	for _, id := range ids {
		branches[id] = true
	}
	return branches, nil
}

// of are the rows that a filter takes.
func (f *CardFilter) of(all []cardRow, branches map[int64]bool, people picture) []*cardRow {
	words := strings.Fields(folded(f.Text))
	var rows []*cardRow
	for i := range all {
		r := &all[i]
		if branches[r.branch] && (len(f.States) == 0 || slices.Contains(f.States, r.state)) && (f.PersonID == 0 || r.person == f.PersonID) && r.has(words, people) {
			rows = append(rows, r)
		}
	}
	return rows
}

// has reports whether each word occurs in what of the card is searched.
func (r *cardRow) has(words []string, people picture) bool {
	if len(words) == 0 {
		return true
	}
	holder := ""
	if r.person != 0 {
		holder = people.namesOf(r.person)
	}
	for _, word := range words {
		if !strings.Contains(r.text, word) && !strings.Contains(holder, word) {
			return false
		}
	}
	return true
}

// namesOf is what of a customer's text are names and id.
func (p *picture) namesOf(id int64) string {
	at, found := slices.BinarySearchFunc(p.sheets, id, func(s *sheet, id int64) int { return cmp.Compare(s.rows[0].ID, id) })
	if !found {
		at--
	}
	if at < 0 {
		return ""
	}
	i, found := p.sheets[at].find(id)
	if !found {
		return ""
	}
	names, _, _ := strings.Cut(p.sheets[at].rows[i].text, between)
	return names + between + strconv.FormatInt(id, 10)
}

// cardsOfRows reads the cards of rows, in their order.
func cardsOfRows(tx *store.Tx, rows []*cardRow) ([]*Card, error) {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	found := map[int64]*Card{}
	err := tx.EachIn(cardsIn, ids, func(s store.Scanner) error {
		c, err := scanCard(s)
		found[c.ID] = c
		return err
	})
	cards := make([]*Card, 0, len(ids))
	for _, id := range ids {
		if c := found[id]; c != nil {
			cards = append(cards, c)
		}
	}
	return cards, err
}
