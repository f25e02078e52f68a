package index

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// graphOf makes an index at time 100: people 1 to 9, groups 11 to 19, and edges
// as pairs "group member".
func graphOf(edges ...[2]int64) *Index {
	x := New()
	var deltas []Delta
	for i := int64(1); i <= 9; i++ {
		deltas = append(deltas, PutPerson(Person{ID: i, Name: fmt.Sprint("p", i)}),
			PutGroup(Group{ID: 10 + i, UUID: [16]byte{byte(i)}, Name: fmt.Sprint("g", i), Kind: "directory", Created: i}))
	}
	for _, e := range edges {
		deltas = append(deltas, PutEdge(Edge{Group: e[0], Member: e[1], Added: 5e6}))
	}
	x.Apply(100, 1, [32]byte{1}, deltas)
	return x
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		name  string
		edges [][2]int64
		path  []int64 // from group 11 to person 1
		count int     // of group 11
	}{
		{"nothing", nil, nil, 0},
		{"direct", [][2]int64{{11, 1}}, []int64{11, 1}, 1},
		{"nested", [][2]int64{{11, 12}, {12, 13}, {13, 1}}, []int64{11, 12, 13, 1}, 1},
		{"direct before nested", [][2]int64{{11, 12}, {12, 1}, {11, 1}}, []int64{11, 1}, 1},
		{"a shortest of two", [][2]int64{{11, 12}, {12, 13}, {13, 1}, {11, 14}, {14, 1}}, []int64{11, 14, 1}, 1},
		{"diamond", [][2]int64{{11, 12}, {11, 13}, {12, 14}, {13, 14}, {14, 1}, {12, 2}}, nil, 2},
		{"self", [][2]int64{{11, 11}, {11, 2}}, nil, 1},
		{"cycle of two with the person", [][2]int64{{11, 12}, {12, 11}, {12, 1}}, []int64{11, 12, 1}, 1},
		{"cycle beside", [][2]int64{{11, 12}, {12, 13}, {13, 12}, {14, 1}}, nil, 0},
		{"the wrong way", [][2]int64{{12, 11}, {12, 1}}, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			graphOf(c.edges...).View(100, func(v *View) {
				path, ok := v.Check(11, 1)
				if c.name == "diamond" {
					if !ok || len(path) != 4 {
						t.Errorf("path %v", path)
					}
				} else if !slices.Equal(path, c.path) || ok != (c.path != nil) {
					t.Errorf("path %v, want %v", path, c.path)
				}
				if got := v.Count(11); got != c.count {
					t.Errorf("count %d, want %d", got, c.count)
				}
			})
		})
	}
}

func TestUnknownIDs(t *testing.T) {
	graphOf([2]int64{11, 1}).View(100, func(v *View) {
		for _, id := range []int64{math.MinInt64, -1, 0, 20, pageSize, math.MaxInt64} {
			if v.SubjectKind(id) != NoKind || v.Group(id) != nil || v.Person(id) != nil || v.Property(id) != nil {
				t.Errorf("%d is there", id)
			}
			_, inGroup := v.Check(id, 1)
			_, person := v.Check(11, id)
			_, edge := v.EdgeOf(id, 1)
			_, member := v.EdgeOf(11, id)
			if inGroup || person || edge || member || v.IsMember(id, id) {
				t.Errorf("%d is a member or has one", id)
			}
			if v.Count(id)+v.DirectCount(id)+v.ChildCount(id) != 0 || v.Members(id, MemberQuery{}) != nil ||
				v.DirectMembers(id, true) != nil || v.Children(id) != nil || v.Parents(id) != nil ||
				v.GroupsOf(id) != nil || v.PropertiesOf(id) != nil || v.GroupsWith(id, "") != nil {
				t.Errorf("%d has something", id)
			}
		}
		if _, ok := v.Check(1, 11); ok {
			t.Error("a person holds a group")
		}
		if v.GroupByUUID([16]byte{99}) != nil || v.GroupsByName("business") != nil {
			t.Error("unknown UUID or kind")
		}
	})
}

func TestInstants(t *testing.T) {
	x := graphOf([2]int64{11, 12})
	x.Apply(100, 2, [32]byte{}, []Delta{PutEdge(Edge{Group: 12, Member: 1, StartsAt: 110, ExpiresAt: 120})})
	at := func(now int64) (in bool) {
		x.View(now, func(v *View) {
			in = v.IsMember(11, 1)
			if e, ok := v.EdgeOf(12, 1); !ok || e.StartsAt != 110 || e.ExpiresAt != 120 {
				t.Errorf("at %d the edge reads %+v", now, e)
			}
			if n := v.Count(11); (n == 1) != in {
				t.Errorf("at %d the count is %d", now, n)
			}
			if links := v.DirectMembers(12, true); len(links) != 1 || links[0].Active != in {
				t.Errorf("at %d the links are %+v", now, links)
			}
		})
		return in
	}
	for _, c := range []struct {
		now int64
		in  bool
	}{{109, false}, {110, true}, {119, true}, {120, false}, {119, false}, {1000, false}} {
		if got := at(c.now); got != c.in {
			t.Errorf("at %d: %v", c.now, got)
		}
	}
}

func TestDatesToTheSecond(t *testing.T) {
	x := graphOf()
	for _, c := range []struct{ added, want int64 }{
		{1_700_000_000_999_999, 1_700_000_000_000_000}, {0, 0}, {-5, 0}, {math.MaxInt64, math.MaxUint32 * 1e6},
	} {
		x.Apply(100, 2, [32]byte{}, []Delta{PutEdge(Edge{Group: 11, Member: 1, Added: c.added})})
		x.View(100, func(v *View) {
			if e, _ := v.EdgeOf(11, 1); e.Added != c.want {
				t.Errorf("added %d reads %d, want %d", c.added, e.Added, c.want)
			}
		})
	}
}

// An edge whose expiry moves again and again leaves events behind, but not for ever.
func TestAgendaStaysSmall(t *testing.T) {
	x := graphOf()
	for i := range int64(20_000) {
		x.Apply(100, i, [32]byte{}, []Delta{PutEdge(Edge{Group: 11, Member: 1, ExpiresAt: 1_000_000 - i})})
	}
	if n := len(x.s.agenda.minHeap); n > 2000 {
		t.Errorf("%d events for one edge", n)
	}
	last := int64(1_000_000 - 19_999)
	for now, want := range map[int64]bool{last - 1: true, last: false} {
		fresh := New()
		if err := fresh.Load(100, 1, [32]byte{}, func(yield func(Delta)) error {
			yield(PutGroup(Group{ID: 11}))
			yield(PutPerson(Person{ID: 1}))
			yield(PutEdge(Edge{Group: 11, Member: 1, ExpiresAt: last}))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		fresh.View(now, func(v *View) {
			if v.IsMember(11, 1) != want {
				t.Errorf("at %d: %v", now, !want)
			}
		})
	}
	x.View(last, func(v *View) {
		if v.IsMember(11, 1) {
			t.Error("still a member after the last expiry")
		}
	})
}

func TestLoad(t *testing.T) {
	x := graphOf([2]int64{11, 1})
	failure := errors.New("no rows for you")
	err := x.Load(200, 9, [32]byte{9}, func(yield func(Delta)) error {
		yield(PutPerson(Person{ID: 77}))
		return failure
	})
	if revision, _ := x.Revision(); !errors.Is(err, failure) || revision != 1 {
		t.Errorf("after a failed load: %v, revision %d", err, revision)
	}
	x.View(200, func(v *View) {
		if !v.IsMember(11, 1) || v.Person(77) != nil {
			t.Error("a failed load changed something")
		}
	})
	if err := x.Load(200, 9, [32]byte{9}, func(yield func(Delta)) error {
		yield(PutPerson(Person{ID: 77}))
		yield(Drop(77))
		yield(PutEdge(Edge{Group: 5, Member: 77}))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	x.View(200, func(v *View) {
		if v.Group(11) != nil || v.Person(77) == nil || v.Revision() != 9 {
			t.Error("a load did not replace all, or did not ignore what it must")
		}
	})
}

// A load takes a while; what came due meanwhile is due in its result.
func TestLoadCatchesUp(t *testing.T) {
	x := graphOf()
	if err := x.Load(100, 2, [32]byte{}, func(yield func(Delta)) error {
		for id := int64(11); id <= 13; id++ {
			yield(PutGroup(Group{ID: id}))
		}
		yield(PutPerson(Person{ID: 1}))
		yield(PutEdge(Edge{Group: 11, Member: 12}))
		yield(PutEdge(Edge{Group: 12, Member: 13, ExpiresAt: 150}))
		yield(PutEdge(Edge{Group: 13, Member: 1}))
		x.Apply(200, 2, [32]byte{}, nil)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := func(n int) {
		x.View(100, func(v *View) {
			if v.IsMember(11, 1) != (n == 1) || v.Count(11) != n {
				t.Errorf("member %v, count %d, want %d", v.IsMember(11, 1), v.Count(11), n)
			}
		})
	}
	want(0)
	x.Apply(200, 3, [32]byte{}, []Delta{PutEdge(Edge{Group: 12, Member: 13})})
	want(1)
}

func TestReadersSeeWholeCommits(t *testing.T) {
	x := graphOf([2]int64{11, 12}, [2]int64{11, 13})
	var readers sync.WaitGroup
	var views atomic.Int64
	for range 4 {
		readers.Go(func() {
			for now := range int64(1000) {
				x.View(now%300, func(v *View) { wantBothOrNeither(t, v) })
				views.Add(1)
			}
		})
	}
	for i := int64(0); views.Load() < 4000; i++ {
		both := []Delta{PutEdge(Edge{Group: 12, Member: 1, ExpiresAt: 100 + i%7*50}), PutEdge(Edge{Group: 13, Member: 2, ExpiresAt: 100 + i%7*50})}
		if i%2 == 0 {
			both = []Delta{DropEdge(13, 2), DropEdge(12, 1)}
		}
		if i%5 == 0 {
			both = append(both, DropEdge(11, 12), PutEdge(Edge{Group: 11, Member: 12}))
		}
		x.Apply(i%300, i, [32]byte{}, both)
	}
	readers.Wait()
}

// wantBothOrNeither wants person 1 in group 12 exactly when person 2 is in 13.
func wantBothOrNeither(t *testing.T, v *View) {
	one, two := v.IsMember(11, 1), v.IsMember(11, 2)
	n, all := v.Count(11), v.Members(11, MemberQuery{Via: true})
	if one != two || n != len(all) || (n == 2) != one || n == 1 || len(v.GroupsOf(1)) != n {
		t.Errorf("person 1 %v, person 2 %v, count %d, list %d", one, two, n, len(all))
	}
	if len(v.GroupsByName("directory")) != 9 {
		t.Error("not all groups by name")
	}
}

func TestGroupsFilter(t *testing.T) {
	x := New()
	var deltas []Delta
	for i := range int64(40) {
		g := Group{ID: i + 1, UUID: [16]byte{byte(i)}, Created: i / 3, Kind: "directory", Type: "security", Name: fmt.Sprint("Group ", i)}
		switch i % 4 {
		case 1:
			g.Kind, g.Type = "business", ""
		case 2:
			g.Type, g.Name = "distribution", fmt.Sprint("100%_\\ LIST ", i)
		}
		deltas = append(deltas, PutGroup(g))
	}
	x.Apply(1, 1, [32]byte{}, deltas)
	for _, c := range []struct {
		name string
		f    Filter
		take func(g *Group) bool
	}{
		{"all", Filter{}, func(*Group) bool { return true }},
		{"kind", Filter{Kinds: []string{"directory"}}, func(g *Group) bool { return g.Kind == "directory" }},
		{"kinds", Filter{Kinds: []string{"business", "directory", "none"}}, func(*Group) bool { return true }},
		{"no kind", Filter{Kinds: []string{"none"}}, func(*Group) bool { return false }},
		{"type", Filter{Types: []string{"distribution"}}, func(g *Group) bool { return g.Type == "distribution" }},
		{"search", Filter{Search: Fold("%_\\ List")}, func(g *Group) bool { return g.Type == "distribution" }},
		{"search and kind", Filter{Kinds: []string{"business"}, Search: "group 1"}, func(g *Group) bool {
			return g.Kind == "business" && strings.HasPrefix(g.Name, "Group 1")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x.View(1, func(v *View) {
				var want, got []int64
				for _, g := range v.Groups(Filter{}, Cursor{}, 100) {
					if c.take(g) {
						want = append(want, g.ID)
					}
				}
				for after := (Cursor{}); ; {
					page := v.Groups(c.f, after, 3)
					for _, g := range page {
						got = append(got, g.ID)
						after = Cursor{g.Created, g.ID}
					}
					if len(page) < 3 {
						break
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%v, want %v", got, want)
				}
			})
		})
	}
}

// A cursor stays good when its group goes, and what comes in between shifts nothing.
func TestCursorSurvivesChanges(t *testing.T) {
	x := graphOf()
	x.Apply(100, 2, [32]byte{}, []Delta{Drop(15), PutGroup(Group{ID: 30, UUID: [16]byte{30}, Kind: "directory", Created: 2})})
	x.View(100, func(v *View) {
		page := v.Groups(Filter{}, Cursor{Created: 5, ID: 15}, 2)
		if len(page) != 2 || page[0].ID != 16 || page[1].ID != 17 {
			t.Errorf("page %v", page)
		}
	})
}

func TestMembersAreSortedByName(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x := New()
	deltas := []Delta{PutGroup(Group{ID: 1})}
	want := make([]string, 3000)
	for i := range want {
		parts := []string{"", "a", "aaaaaaa", "aaaaaaaa", "aaaaaaab", "\x00", "é", "aaaaaaaaaaaaaaaa", "z"}
		want[i] = parts[r.IntN(len(parts))] + parts[r.IntN(len(parts))] + parts[r.IntN(len(parts))]
		id := int64(len(want) - i + 1)
		deltas = append(deltas, PutPerson(Person{ID: id, Name: want[i]}), PutEdge(Edge{Group: 1, Member: id}))
	}
	x.Apply(1, 1, [32]byte{}, deltas)
	slices.Sort(want)
	x.View(1, func(v *View) {
		last := int64(0)
		for i, m := range v.Members(1, MemberQuery{}) {
			if m.Person.Name != want[i] {
				t.Fatalf("at %d: %q, want %q", i, m.Person.Name, want[i])
			}
			if i > 0 && want[i] == want[i-1] && m.Person.ID < last {
				t.Fatalf("at %d: id %d after %d", i, m.Person.ID, last)
			}
			last = m.Person.ID
		}
	})
}
