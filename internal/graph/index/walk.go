package index

import "slices"

// scratch is what a walk marks and queues. A mark is the number of the walk, so
// nothing needs clearing between walks.
type scratch struct {
	walk  uint32
	cells []cell
	up    []uint32 // slots reached from below, in order
	down  []uint32 // slots reached from above, in order

	reach minHeap[uint32] // groups yet to be gathered, by second
	items []item
	spare []item
	// at says where a person's slot stands in items, plus one; all zero between uses.
	at []uint32
}

// cell is what a walk knows of a group: whether it was reached from below and from
// above, and from which group. Members keeps its date in downFrom instead.
type cell struct{ up, upFrom, down, downFrom uint32 }

// none stands for a slot where there is no group.
const none = slotMask

// begin starts a walk over n groups.
func (sc *scratch) begin(n int) {
	sc.fit(n)
	sc.up, sc.down = sc.up[:0], sc.down[:0]
	sc.walk++
	if sc.walk == 0 {
		clear(sc.cells)
		sc.walk = 1
	}
}

// fit makes room for n groups and keeps the marks.
func (sc *scratch) fit(n int) {
	if len(sc.cells) < n {
		sc.cells = append(make([]cell, 0, n+n/8), sc.cells...)
		sc.cells = sc.cells[:cap(sc.cells)]
	}
}

// visitUp marks a group as reached from below and queues it, once.
func (sc *scratch) visitUp(group, from uint32) bool {
	c := &sc.cells[group]
	if c.up == sc.walk {
		return false
	}
	c.up, c.upFrom = sc.walk, from
	sc.up = append(sc.up, group)
	return true
}

// visitDown marks a group as reached from above and queues it, once.
func (sc *scratch) visitDown(group, from uint32) bool {
	c := &sc.cells[group]
	if c.down == sc.walk {
		return false
	}
	c.down, c.downFrom = sc.walk, from
	sc.down = append(sc.down, group)
	return true
}

// borrow returns a scratch ready for a walk; give it back by s.pool.Put.
func (s *state) borrow() *scratch {
	sc, ok := s.pool.Get().(*scratch)
	if !ok {
		sc = new(scratch)
	}
	sc.begin(len(s.groups))
	return sc
}

// climb queues every group above those queued from index i on.
func (s *state) climb(sc *scratch, i int) {
	for ; i < len(sc.up); i++ {
		for _, parent := range s.groups[sc.up[i]].parents {
			if parent&idle == 0 {
				sc.visitUp(parent, sc.up[i])
			}
		}
	}
}

// descend queues every group below those queued from index i on.
func (s *state) descend(sc *scratch, i int) {
	for ; i < len(sc.down); i++ {
		for _, l := range s.groups[sc.down[i]].groups {
			if l.active() {
				sc.visitDown(l.slot(), sc.down[i])
			}
		}
	}
}

// meet looks for a shortest way from person to group that is not direct: whole
// levels from the cheaper side, until both sides reach the same group, which it
// returns. That group's cells lead both ways.
func (s *state) meet(sc *scratch, group, person uint32) (uint32, bool) {
	sc.visitDown(group, none)
	for _, g := range s.people[person].groups {
		if g&idle == 0 {
			sc.visitUp(g, none)
		}
	}
	upCost, downCost := 0, len(s.groups[group].groups)
	for _, g := range sc.up {
		upCost += len(s.groups[g].parents)
	}
	for i, j := 0, 0; i < len(sc.up) && j < len(sc.down); {
		var at uint32
		if upCost <= downCost {
			end := len(sc.up)
			at, upCost = s.levelUp(sc, i, end)
			i = end
		} else {
			end := len(sc.down)
			at, downCost = s.levelDown(sc, j, end)
			j = end
		}
		if at != none {
			return at, true
		}
	}
	return none, false
}

// levelUp climbs one level from the groups queued in [i, end). It returns the
// group where it met the walk from above, or none, and what the next level costs.
func (s *state) levelUp(sc *scratch, i, end int) (met uint32, cost int) {
	for ; i < end; i++ {
		for _, parent := range s.groups[sc.up[i]].parents {
			if parent&idle != 0 || !sc.visitUp(parent, sc.up[i]) {
				continue
			}
			if sc.cells[parent].down == sc.walk {
				return parent, 0
			}
			cost += len(s.groups[parent].parents)
		}
	}
	return none, cost
}

// levelDown is levelUp the other way.
func (s *state) levelDown(sc *scratch, j, end int) (met uint32, cost int) {
	for ; j < end; j++ {
		for _, l := range s.groups[sc.down[j]].groups {
			if !l.active() || !sc.visitDown(l.slot(), sc.down[j]) {
				continue
			}
			if sc.cells[l.slot()].up == sc.walk {
				return l.slot(), 0
			}
			cost += len(s.groups[l.slot()].groups)
		}
	}
	return none, cost
}

// inDirectly tells whether an edge from group to person counts now.
func (s *state) inDirectly(group, person uint32) bool {
	return slices.Contains(s.people[person].groups, group)
}

// IsMember tells whether the person is in the group, directly or not. It
// allocates nothing.
func (v *View) IsMember(group, person int64) bool {
	g, p, ok := v.pair(group, person)
	if !ok {
		return false
	}
	if v.s.inDirectly(g, p) {
		return true
	}
	if v.s.groups[g].nested == 0 {
		return false
	}
	sc := v.s.borrow()
	_, ok = v.s.meet(sc, g, p)
	v.s.pool.Put(sc)
	return ok
}

// Check tells whether the person is in the group, and by which path: the ids from
// the group to the person, both included. A direct membership has a path of two;
// any other is a shortest one.
func (v *View) Check(group, person int64) (path []int64, ok bool) {
	g, p, ok := v.pair(group, person)
	if !ok {
		return nil, false
	}
	if v.s.inDirectly(g, p) {
		return []int64{group, person}, true
	}
	if v.s.groups[g].nested == 0 {
		return nil, false
	}
	sc := v.s.borrow()
	defer v.s.pool.Put(sc)
	at, ok := v.s.meet(sc, g, p)
	if !ok {
		return nil, false
	}
	return append(v.s.pathAt(sc, at), person), true
}

// pathAt returns the ids from where the walk down began, through at, to where the
// walk up began.
func (s *state) pathAt(sc *scratch, at uint32) []int64 {
	n := 0
	for g := at; g != none; g = sc.cells[g].downFrom {
		n++
	}
	path := make([]int64, n, n+8)
	for g := at; g != none; g = sc.cells[g].downFrom {
		n--
		path[n] = s.groups[g].head.ID
	}
	for g := sc.cells[at].upFrom; g != none; g = sc.cells[g].upFrom {
		path = append(path, s.groups[g].head.ID)
	}
	return path
}

// pair finds the slots of a group and a person.
func (v *View) pair(group, person int64) (g, p uint32, ok bool) {
	g, isGroup := v.s.group(group)
	p, isPerson := v.s.person(person)
	return g, p, isGroup && isPerson
}
