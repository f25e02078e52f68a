package index

import (
	"math/rand/v2"
	"testing"
)

// TestCountsOfCrowds edits graphs with groups above and below the size of a team,
// whose edges move counts in different ways, often several in one commit.
func TestCountsOfCrowds(t *testing.T) {
	const groups, people = 12, 3 * team
	isPerson := func(id int64) bool { return id > groups }
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 0))
		x, edges := New(), map[[2]int64]Edge{}
		var deltas []Delta
		for id := int64(1); id <= groups+people; id++ {
			if isPerson(id) {
				deltas = append(deltas, PutPerson(Person{ID: id}))
			} else {
				deltas = append(deltas, PutGroup(Group{ID: id, UUID: [16]byte{byte(id)}}))
			}
		}
		for revision := range int64(60) {
			for range r.IntN(12) {
				e := Edge{Group: r.Int64N(groups) + 1, Member: r.Int64N(groups) + 1}
				if r.IntN(3) == 0 {
					e.Member = r.Int64N(people) + groups + 1
				} else if e.Group > e.Member && r.IntN(8) > 0 {
					e.Group, e.Member = e.Member, e.Group
				}
				key := [2]int64{e.Group, e.Member}
				if _, ok := edges[key]; ok || !isPerson(e.Member) && r.IntN(2) == 0 {
					delete(edges, key)
					deltas = append(deltas, DropEdge(e.Group, e.Member))
				} else {
					edges[key] = e
					deltas = append(deltas, PutEdge(e))
				}
			}
			if revision%20 == 0 {
				crowd := r.Int64N(groups) + 1
				for p := int64(groups + 1); p <= groups+2*team; p++ {
					e := Edge{Group: crowd, Member: p}
					edges[[2]int64{crowd, p}] = e
					deltas = append(deltas, PutEdge(e))
				}
			}
			x.Apply(1, revision, [32]byte{}, deltas)
			deltas = deltas[:0]
			wantCounts(t, x, edges, groups, isPerson)
		}
	}
}

func wantCounts(t *testing.T, x *Index, edges map[[2]int64]Edge, groups int64, isPerson func(int64) bool) {
	t.Helper()
	list := make([]Edge, 0, len(edges))
	for _, e := range edges {
		list = append(list, e)
	}
	in := Effective(list, isPerson, 1)
	x.View(1, func(v *View) {
		for g := int64(1); g <= groups; g++ {
			if got := v.Count(g); got != len(in[g]) {
				t.Fatalf("at revision %d, Count(%d) = %d, want %d", v.Revision(), g, got, len(in[g]))
			}
		}
	})
}

// A commit may forget a group, and then hang it, small again, under one whose
// count is known: what it forgets of the small one later concerns that one, too.
func TestForgottenGroupIsNested(t *testing.T) {
	x := New()
	deltas := []Delta{
		PutGroup(Group{ID: 1, UUID: [16]byte{1}}), PutGroup(Group{ID: 2, UUID: [16]byte{2}}),
		PutGroup(Group{ID: 3, UUID: [16]byte{3}}), PutGroup(Group{ID: 4, UUID: [16]byte{4}}),
		PutEdge(Edge{Group: 1, Member: 4}),
	}
	for p := int64(10); p < 11+team; p++ {
		deltas = append(deltas, PutPerson(Person{ID: p}), PutEdge(Edge{Group: 3, Member: p}))
	}
	x.Apply(1, 1, [32]byte{}, deltas)
	x.View(1, func(v *View) { v.Count(1) })
	x.Apply(1, 2, [32]byte{}, []Delta{
		PutEdge(Edge{Group: 2, Member: 3}), DropEdge(2, 3),
		PutEdge(Edge{Group: 1, Member: 2}), PutEdge(Edge{Group: 2, Member: 3}),
	})
	x.View(1, func(v *View) {
		if got := v.Count(1); got != team+1 {
			t.Errorf("count %d, want %d", got, team+1)
		}
	})
}
