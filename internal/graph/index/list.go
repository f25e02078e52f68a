package index

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
)

// kindList is the groups of one kind.
type kindList struct {
	order []*Group // by byCreated, once loaded
	// named is order by folded name and UUID; nil until someone asks.
	named atomic.Pointer[[]*Group]
}

func byCreated(a, b *Group) int {
	return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
}

func (s *state) kindList(kind string) *kindList {
	k := s.kinds[kind]
	if k == nil {
		k = new(kindList)
		s.kinds[kind] = k
	}
	return k
}

// relist takes a header out of the lists, puts one in, or replaces one; nil is none.
func (s *state) relist(old, g *Group) {
	if old != nil {
		k := s.kinds[old.Kind]
		k.named.Store(nil)
		i, _ := slices.BinarySearchFunc(k.order, old, byCreated)
		if g != nil && g.Kind == old.Kind && byCreated(old, g) == 0 {
			k.order[i] = g
			return
		}
		k.order = slices.Delete(k.order, i, i+1)
	}
	if g == nil {
		return
	}
	k := s.kindList(g.Kind)
	k.named.Store(nil)
	i := len(k.order)
	if i > 0 && byCreated(k.order[i-1], g) > 0 {
		i, _ = slices.BinarySearchFunc(k.order, g, byCreated)
	}
	k.order = slices.Insert(k.order, i, g)
}

// Filter chooses groups; the zero one takes all.
type Filter struct {
	// Kinds and Types name what is taken; none of them takes all.
	Kinds, Types []string
	// Search, folded by Fold, must be part of the folded name.
	Search string
}

func (f *Filter) takes(g *Group) bool {
	return (len(f.Types) == 0 || slices.Contains(f.Types, g.Type)) && strings.Contains(g.folded, f.Search)
}

// Cursor is a place in the order of Groups; the zero one is before all.
type Cursor struct{ Created, ID int64 }

// Groups returns the first groups after the cursor that the filter takes, at most
// limit, by created and id. The cursor's own group need not exist any more.
func (v *View) Groups(f Filter, after Cursor, limit int) []*Group {
	var rest [][]*Group
	from := &Group{Created: after.Created, ID: after.ID + 1}
	for kind, k := range v.s.kinds {
		if len(f.Kinds) == 0 || slices.Contains(f.Kinds, kind) {
			i, _ := slices.BinarySearchFunc(k.order, from, byCreated)
			rest = append(rest, k.order[i:])
		}
	}
	var page []*Group
	for len(page) < limit {
		g := nextOf(rest)
		if g == nil {
			break
		}
		if f.takes(g) {
			page = append(page, g)
		}
	}
	return page
}

// nextOf takes the first group off the lists, or returns nil.
func nextOf(rest [][]*Group) *Group {
	first := -1
	for i, r := range rest {
		if len(r) > 0 && (first < 0 || byCreated(r[0], rest[first][0]) < 0) {
			first = i
		}
	}
	if first < 0 {
		return nil
	}
	g := rest[first][0]
	rest[first] = rest[first][1:]
	return g
}

// GroupsByName returns the groups of a kind by folded name and UUID. The slice is
// shared and stays as it is after the view.
func (v *View) GroupsByName(kind string) []*Group {
	k := v.s.kinds[kind]
	if k == nil {
		return nil
	}
	if named := k.named.Load(); named != nil {
		return *named
	}
	named := slices.Clone(k.order)
	slices.SortFunc(named, func(a, b *Group) int {
		return cmp.Or(strings.Compare(a.folded, b.folded), bytes.Compare(a.UUID[:], b.UUID[:]))
	})
	k.named.Store(&named)
	return named
}

// AllGroups yields every group, in no order.
func (v *View) AllGroups() iter.Seq[*Group] {
	return func(yield func(*Group) bool) {
		for i := range v.s.groups {
			if g := v.s.groups[i].head; g != nil && !yield(g) {
				return
			}
		}
	}
}

// Containing is a group that a person is in.
type Containing struct {
	Group  *Group
	Direct bool
}

// GroupsOf returns every group that the person is in, directly or not, by name and id.
func (v *View) GroupsOf(person int64) []Containing {
	p, ok := v.s.person(person)
	if !ok {
		return nil
	}
	sc := v.s.borrow()
	defer v.s.pool.Put(sc)
	for _, g := range v.s.people[p].groups {
		if g&idle == 0 {
			sc.visitUp(g, none)
		}
	}
	direct := len(sc.up)
	v.s.climb(sc, 0)
	all := make([]Containing, len(sc.up))
	for i, g := range sc.up {
		all[i] = Containing{v.s.groups[g].head, i < direct}
	}
	slices.SortFunc(all, func(a, b Containing) int { return byGroupName(a.Group, b.Group) })
	return all
}

func byGroupName(a, b *Group) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}
