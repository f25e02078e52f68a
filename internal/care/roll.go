package care

import (
	"encoding/binary"
	"slices"
	"sync"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// roll is what lists of a tenant's customers are searched by, in memory: the same on
// both engines, exact, and as quick for any text. It is at the database's revision.
// A search goes through a picture of it, which nobody changes.
type roll struct {
	mu   sync.Mutex
	page []*sheet // by id; each is replaced, never changed
	sets branchSets
}

// sheetRows is how many customers a sheet has at most: what one change copies.
const sheetRows = 512

// sheet holds customers by id. Marks stand apart, since a search reads those of all.
type sheet struct {
	marks *marks
	rows  []listed
}

// sheetOf holds rows that are by id.
func sheetOf(rows []listed) *sheet {
	s := &sheet{&marks{}, rows}
	for i := range rows {
		s.marks.put(i, rows[i].text)
	}
	return s
}

// listed is one customer on the roll.
type listed struct {
	identity.Listed

	text     string // what is searched, folded
	accepted int32  // the set of branches for which terms were accepted
}

// branchSets are sets of branches, each once: most customers have the same few.
type branchSets struct {
	all   [][]int64
	known map[string]int32
}

func (s *branchSets) number(branches []int64) int32 {
	key := setKey(branches)
	if n, ok := s.known[key]; ok {
		return n
	}
	if s.known == nil {
		s.known = map[string]int32{}
	}
	n := int32(len(s.all)) //nolint:gosec // there are not as many sets
	s.all = append(s.all, branches)
	s.known[key] = n
	return n
}

// picture is the roll as it was at one instant.
type picture struct {
	sheets []*sheet
	sets   [][]int64
}

func (r *roll) look() picture {
	r.mu.Lock()
	defer r.mu.Unlock()
	return picture{r.page, r.sets.all}
}

// edit begins a change of the roll, which end shows to searches; r.mu is held between.
func (r *roll) edit() *edit {
	r.mu.Lock()
	return &edit{r, slices.Clone(r.page), map[*sheet]bool{}}
}

type edit struct {
	r    *roll
	page []*sheet
	own  map[*sheet]bool // that nobody else has seen
}

func (e *edit) end() {
	e.r.page = e.page
	e.r.mu.Unlock()
}

// place is that of the sheet on which an id is, or is to be.
func (e *edit) place(id int64) int {
	at, found := slices.BinarySearchFunc(e.page, id, func(s *sheet, id int64) int { return int(min(1, max(-1, s.rows[0].ID-id))) })
	if !found && at > 0 {
		at--
	}
	return at
}

// writable has the sheet at a place be the edit's own.
func (e *edit) writable(at int) *sheet {
	s := e.page[at]
	if !e.own[s] {
		m := *s.marks
		s = &sheet{&m, slices.Clone(s.rows)}
		e.page[at], e.own[s] = s, true
	}
	return s
}

func (s *sheet) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(s.rows, id, func(l listed, id int64) int { return int(min(1, max(-1, l.ID-id))) })
}

// put has the roll say what a customer's row says.
func (e *edit) put(c identity.Listed) {
	row := listed{Listed: c, text: searchText(&c), accepted: e.r.sets.number(nil)}
	if len(e.page) == 0 {
		e.add(0, []listed{row})
		return
	}
	at := e.place(c.ID)
	i, found := e.page[at].find(c.ID)
	rows := len(e.page[at].rows)
	switch {
	case found:
		s := e.writable(at)
		row.accepted = s.rows[i].accepted
		s.marks.drop(i, s.rows[i].text)
		s.rows[i] = row
		s.marks.put(i, row.text)
	case i == rows && rows == sheetRows:
		e.add(at+1, []listed{row}) // new customers come last, and leave full sheets behind them
	case i == rows:
		s := e.writable(at)
		s.rows = append(s.rows, row)
		s.marks.put(i, row.text)
	default:
		all := slices.Insert(slices.Clone(e.page[at].rows), i, row)
		if len(all) > sheetRows {
			half := len(all) / 2
			e.add(at+1, slices.Clone(all[half:]))
			all = all[:half:half]
		}
		e.page[at] = sheetOf(all)
		e.own[e.page[at]] = true
	}
}

// add puts a sheet of rows at a place.
func (e *edit) add(at int, rows []listed) {
	s := sheetOf(rows)
	e.page, e.own[s] = slices.Insert(e.page, at, s), true
}

// accept has the roll say that a customer accepted terms for a branch.
func (e *edit) accept(person, branch int64) {
	if len(e.page) == 0 {
		return
	}
	at := e.place(person)
	i, found := e.page[at].find(person)
	if !found {
		return
	}
	branches := e.r.sets.all[e.page[at].rows[i].accepted]
	if slices.Contains(branches, branch) {
		return
	}
	more := append(slices.Clone(branches), branch)
	slices.Sort(more)
	e.writable(at).rows[i].accepted = e.r.sets.number(more)
}

// rolls keep the rolls of all tenants at the database's revision.
type rolls struct {
	mu      sync.Mutex
	tenants map[roster.TenantID]*roll
}

func (r *rolls) of(tenant roster.TenantID) *roll {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tenants[tenant] == nil {
		r.tenants[tenant] = &roll{}
	}
	return r.tenants[tenant]
}

// acceptancePut is the effect of an acceptance of terms.
type acceptancePut struct{ person, branch int64 }

// Publish implements store.Follower.
func (r *rolls) Publish(c store.Commit) {
	concerns := func(effect any) bool {
		switch effect.(type) {
		case identity.CustomerPut, acceptancePut:
			return true
		}
		return false
	}
	if !slices.ContainsFunc(c.Effects, concerns) {
		return
	}
	e := r.of(c.Tenant).edit()
	defer e.end()
	for _, effect := range c.Effects {
		switch effect := effect.(type) {
		case identity.CustomerPut:
			e.put(effect.Listed)
		case acceptancePut:
			e.accept(effect.person, effect.branch)
		}
	}
}

// Follow implements store.Follower.
func (r *rolls) Follow(tx *store.Tx, _ store.Head, changed []store.ChangedSubject) error {
	var ids []int64
	for _, c := range changed {
		switch c.Type {
		case "customer", "terms_acceptance", "person":
			ids = append(ids, c.SubjectID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	e := r.of(tx.Tenant()).edit()
	defer e.end()
	if err := identity.EachListedOf(tx, ids, e.put); err != nil {
		return err
	}
	return tx.EachIn(acceptedOf, ids, e.scanAcceptance)
}

// Load implements store.Follower.
func (r *rolls) Load(tx *store.Tx, _ store.Head) error {
	fresh := &roll{}
	e := fresh.edit()
	if err := identity.EachListed(tx, e.put); err != nil {
		return err
	}
	if err := tx.Each(acceptedAll, e.scanAcceptance); err != nil {
		return err
	}
	e.end()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tenants[tx.Tenant()] = fresh
	return nil
}

func (e *edit) scanAcceptance(s store.Scanner) error {
	var person, branch int64
	err := s.Scan(&person, &branch)
	if err == nil {
		e.accept(person, branch)
	}
	return err
}

var (
	acceptedAll = store.Q("terms_acceptance.all", `SELECT person_id, branch_id FROM terms_acceptances WHERE tenant = $1 ORDER BY person_id, branch_id`).
			Whole("the search of customers is built from all acceptances at start")
	acceptedOf = store.Q("terms_acceptance.branches_of", `SELECT person_id, branch_id FROM terms_acceptances WHERE tenant = $1 AND person_id IN ($2)`).In()
)

func setKey(branches []int64) string {
	key := make([]byte, 0, 8*len(branches))
	for _, id := range branches {
		key = binary.BigEndian.AppendUint64(key, uint64(id)) //nolint:gosec // a key alone
	}
	return string(key)
}
