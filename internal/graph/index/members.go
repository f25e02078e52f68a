package index

import "slices"

// Membership narrows a list of members.
type Membership uint8

// What Members lists.
const (
	AnyMembership Membership = iota
	DirectOnly
	IndirectOnly
)

// MemberQuery says what Members returns.
type MemberQuery struct {
	Only Membership
	// Via asks for Member.Via, which costs a walk per child group.
	Via bool
}

// Member is a person in a group.
type Member struct {
	Person *Person
	Direct bool
	// Added, in microseconds UTC to the second, is the date of the direct edge.
	// Without one it is when the person became a member: a path is as old as its
	// latest edge, and the oldest path counts.
	Added int64
	// Terms are those of the direct edge; nil where it has none.
	Terms *Terms
	// Via is the child groups that lead to the person, by name and id.
	Via []int64
}

// An item of a list of members has the second of its date as value, and this flag
// with its slot where no direct edge counts.
const indirect uint32 = 1 << 31

// Members returns the people in a group, each once, by name and id.
func (v *View) Members(group int64, q MemberQuery) []Member {
	g, ok := v.s.group(group)
	if !ok {
		return nil
	}
	sc := v.s.borrow()
	defer v.s.pool.Put(sc)
	v.s.collect(sc, g, q.Only)
	v.s.sortByName(sc, PersonKind, sc.items)
	members := make([]Member, len(sc.items))
	for i, it := range sc.items {
		members[i] = Member{Person: v.s.people[it.slot&slotMask].head, Direct: it.slot&indirect == 0, Added: micros(it.value)}
	}
	v.s.addTerms(sc, g, members)
	if q.Via {
		v.s.addVia(sc, g, members)
	}
	return members
}

// collect finds the people of a group into sc.items.
func (s *state) collect(sc *scratch, group uint32, only Membership) {
	if len(sc.at) < len(s.people) {
		sc.at = make([]uint32, len(s.people)+len(s.people)/8)
	}
	sc.items = sc.items[:0]
	s.gather(sc, group, 0, 0)
	if only != DirectOnly {
		s.gatherBelow(sc, group)
	}
	for _, it := range sc.items {
		sc.at[it.slot&slotMask] = 0
	}
	if only == IndirectOnly {
		sc.items = slices.DeleteFunc(sc.items, func(it item) bool { return it.slot&indirect == 0 })
	}
}

// gather adds the people with an edge from group, which counts since then; those
// there already get the earlier date, unless they are direct.
func (s *state) gather(sc *scratch, group, since, flag uint32) {
	for _, l := range s.groups[group].people {
		if !l.active() {
			continue
		}
		slot, added := l.slot(), max(l.added, since)
		if at := sc.at[slot]; at == 0 {
			sc.items = append(sc.items, item{s.words[slot][0], slot | flag, added})
			sc.at[slot] = slotOf(len(sc.items))
		} else if it := &sc.items[at-1]; it.slot&indirect != 0 {
			it.value = min(it.value, added)
		}
	}
}

// gatherBelow gathers from every group below, taking the group with the oldest
// path first, which makes that path final (Dijkstra's argument, with the latest
// edge in place of the sum). cell.downFrom holds the date.
func (s *state) gatherBelow(sc *scratch, group uint32) {
	sc.reach = sc.reach[:0]
	sc.reach.push(0, group)
	sc.cells[group].down, sc.cells[group].downFrom = sc.walk, 0
	for len(sc.reach) > 0 {
		next := sc.reach.pop()
		since, below := uint32(next.key), next.value //nolint:gosec // seconds went in
		if since > sc.cells[below].downFrom {
			continue
		}
		if below != group {
			s.gather(sc, below, since, indirect)
		}
		for _, l := range s.groups[below].groups {
			if !l.active() {
				continue
			}
			c, then := &sc.cells[l.slot()], max(since, l.added)
			if c.down != sc.walk || then < c.downFrom {
				c.down, c.downFrom = sc.walk, then
				sc.reach.push(int64(then), l.slot())
			}
		}
	}
}

// addTerms fills the terms of direct members, which stand at the items' places.
func (s *state) addTerms(sc *scratch, group uint32, members []Member) {
	s.mark(sc)
	for _, l := range s.groups[group].people {
		if at := sc.at[l.slot()]; at != 0 && l.active() {
			members[at-1].Terms = s.termsOf(group, newRef(PersonKind, l.slot()), l)
		}
	}
	s.unmark(sc)
}

// addVia walks down from each child group and adds it to whom it finds.
func (s *state) addVia(sc *scratch, group uint32, members []Member) {
	s.mark(sc)
	for _, child := range s.linksTo(group, GroupKind, false) {
		sc.begin(len(s.groups))
		sc.visitDown(s.ids.get(child.Member).slot(), none)
		s.descend(sc, 0)
		for _, g := range sc.down {
			for _, l := range s.groups[g].people {
				at := sc.at[l.slot()]
				if at == 0 || !l.active() {
					continue
				}
				via := &members[at-1].Via
				if n := len(*via); n == 0 || (*via)[n-1] != child.Member {
					*via = append(*via, child.Member)
				}
			}
		}
	}
	s.unmark(sc)
}

// mark notes where each item stands; unmark clears that.
func (s *state) mark(sc *scratch) {
	for i, it := range sc.items {
		sc.at[it.slot&slotMask] = uint32(i + 1)
	}
}

func (s *state) unmark(sc *scratch) {
	for _, it := range sc.items {
		sc.at[it.slot&slotMask] = 0
	}
}
