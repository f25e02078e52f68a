package index

import (
	"slices"
	"sync"
	"sync/atomic"
)

type groupNode struct {
	head                       *Group
	people, groups, properties []link
	parents                    []uint32
	// direct and nested are how many people and child groups count now.
	direct, nested int32
	// count is the number of effective people, or unknown. Only that of a group
	// with child groups is looked at.
	count atomic.Int64
}

const unknown = -1

const (
	// many is how many people one commit moves one by one. Beyond it, the counts
	// above are forgotten: each climb costs some ten microseconds, and readers wait.
	many = 128
	// team is the most people, and groups, that an edge between groups moves so.
	team = 32
)

// upkeep is what a writer needs to keep the counts right.
type upkeep struct {
	climber  scratch
	forgot   scratch
	moved    []uint32
	adjusted int
}

// settle ends a commit.
func (s *state) settle() {
	s.adjusted = 0
	s.forgot.begin(len(s.groups))
}

// adjust moves the counts of the groups that gain or lose the person by an edge at
// or below group: those at or above it that the person is in by no other way.
func (s *state) adjust(group, person uint32, change int64) {
	s.adjusted++
	if s.adjusted > many {
		s.forget(group)
		return
	}
	sc := &s.climber
	sc.begin(len(s.groups))
	for _, g := range s.people[person].groups {
		if g&idle == 0 {
			sc.visitUp(g, none)
		}
	}
	s.climb(sc, 0)
	elsewhere := len(sc.up)
	sc.visitUp(group, none)
	s.climb(sc, elsewhere)
	for _, g := range sc.up[elsewhere:] {
		if n := &s.groups[g].count; n.Load() != unknown {
			n.Add(change)
		}
	}
}

// adjustAll moves the counts at and above group by the people of a child group, if
// those are few, and else forgets them. It forgets them, too, where this commit
// forgot the child's, so that all above what it forgot stays forgotten.
func (s *state) adjustAll(group, child uint32, change int64) {
	s.forgot.fit(len(s.groups))
	if s.forgot.cells[child].up == s.forgot.walk || !s.fewBelow(child) {
		s.forget(group)
		return
	}
	for _, person := range s.moved {
		s.adjust(group, person, change)
	}
}

// fewBelow finds the people of a group into s.moved. It gives up beyond a team.
func (s *state) fewBelow(group uint32) bool {
	sc := &s.climber
	sc.begin(len(s.groups))
	sc.visitDown(group, none)
	s.moved = s.moved[:0]
	for i := 0; i < len(sc.down); i++ { //nolint:intrange // the queue grows
		n := &s.groups[sc.down[i]]
		if int(n.direct) > team || int(n.nested) > team || i > team || len(s.moved) > team {
			return false
		}
		for _, l := range n.people {
			if l.active() && !slices.Contains(s.moved, l.slot()) {
				s.moved = append(s.moved, l.slot())
			}
		}
		for _, l := range n.groups {
			if l.active() {
				sc.visitDown(l.slot(), none)
			}
		}
	}
	return len(s.moved) <= team
}

// forget drops the counts at and above group. What a commit forgot stays unknown
// until it ends, and so does all above it; the marks stay, too, and each group is
// visited once.
func (s *state) forget(group uint32) {
	sc := &s.forgot
	sc.fit(len(s.groups))
	sc.up = sc.up[:0]
	sc.visitUp(group, none)
	s.climb(sc, 0)
	for _, g := range sc.up {
		s.groups[g].count.Store(unknown)
	}
}

// tally is what readers count with, one at a time: who comes second finds the
// number that the first one left.
type tally struct {
	tallying sync.Mutex
	walker   scratch
	seen     []uint64
}

// effective returns the number of people in a group.
func (s *state) effective(group uint32) int {
	n := &s.groups[group]
	if n.nested == 0 {
		return int(n.direct)
	}
	if c := n.count.Load(); c != unknown {
		return int(c)
	}
	s.tallying.Lock()
	defer s.tallying.Unlock()
	if c := n.count.Load(); c != unknown {
		return int(c)
	}
	c := s.tallyUp(group)
	n.count.Store(int64(c))
	return c
}

// tallyUp walks down and counts each person once.
func (s *state) tallyUp(group uint32) int {
	sc := &s.walker
	sc.begin(len(s.groups))
	sc.visitDown(group, none)
	s.descend(sc, 0)
	if words := (len(s.people) + 63) / 64; len(s.seen) < words {
		s.seen = make([]uint64, words+words/8)
	} else {
		clear(s.seen)
	}
	n := 0
	for _, g := range sc.down {
		for _, l := range s.groups[g].people {
			word, bit := &s.seen[l.slot()/64], uint64(1)<<(l.to%64)
			if l.active() && *word&bit == 0 {
				*word |= bit
				n++
			}
		}
	}
	return n
}

// Count returns how many people are in the group, directly or not; 0 for an
// unknown one.
func (v *View) Count(group int64) int {
	g, ok := v.s.group(group)
	if !ok {
		return 0
	}
	return v.s.effective(g)
}

// DirectCount returns how many people have a direct edge that counts now.
func (v *View) DirectCount(group int64) int {
	g, ok := v.s.group(group)
	if !ok {
		return 0
	}
	return int(v.s.groups[g].direct)
}

// ChildCount returns how many groups are nested directly in the group now.
func (v *View) ChildCount(group int64) int {
	g, ok := v.s.group(group)
	if !ok {
		return 0
	}
	return int(v.s.groups[g].nested)
}
