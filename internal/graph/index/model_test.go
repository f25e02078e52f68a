package index

import (
	"bytes"
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// model is what an index should hold, kept in plain maps.
type model struct {
	clock  int64
	groups map[int64]Group
	people map[int64]Person
	props  map[int64]Property
	edges  map[[2]int64]Edge
}

func newModel() *model {
	return &model{
		clock:  1_000_000_000,
		groups: map[int64]Group{}, people: map[int64]Person{}, props: map[int64]Property{},
		edges: map[[2]int64]Edge{},
	}
}

func (m *model) has(id int64) bool {
	_, g := m.groups[id]
	_, p := m.people[id]
	_, q := m.props[id]
	return g || p || q
}

func (m *model) isPerson(id int64) bool { _, ok := m.people[id]; return ok }

func (m *model) drop(id int64) {
	delete(m.groups, id)
	delete(m.people, id)
	delete(m.props, id)
	maps.DeleteFunc(m.edges, func(k [2]int64, _ Edge) bool { return k[0] == id || k[1] == id })
}

// apply does what the delta says, in the plainest way.
func (m *model) apply(d Delta) {
	switch d.op {
	case putGroup:
		if _, ok := m.groups[d.group.ID]; !ok {
			m.drop(d.group.ID)
		}
		m.groups[d.group.ID] = *d.group
	case putPerson:
		if !m.isPerson(d.person.ID) {
			m.drop(d.person.ID)
		}
		m.people[d.person.ID] = *d.person
	case putProperty:
		if _, ok := m.props[d.property.ID]; !ok {
			m.drop(d.property.ID)
		}
		m.props[d.property.ID] = *d.property
	case putEdge:
		if _, ok := m.groups[d.edge.Group]; ok && m.has(d.edge.Member) {
			m.edges[[2]int64{d.edge.Group, d.edge.Member}] = d.edge
		}
	case dropSubject:
		m.drop(d.edge.Member)
	case dropEdge:
		delete(m.edges, [2]int64{d.edge.Group, d.edge.Member})
	}
}

// feed yields the model as Load wants it.
func (m *model) feed(yield func(Delta)) error {
	for _, g := range m.groups {
		yield(PutGroup(g))
	}
	for _, p := range m.people {
		yield(PutPerson(p))
	}
	for _, p := range m.props {
		yield(PutProperty(p))
	}
	for _, e := range m.edges {
		yield(PutEdge(e))
	}
	return nil
}

// Ids up to 8 are mostly groups, up to 24 people, up to 28 properties.
func drawDelta(t *rapid.T, now int64) Delta {
	name := rapid.SampledFrom([]string{"", "Ann", "ann", "A long name with Å", "A long name with Ä and more", "A long name", "A long \x00", "Zoë"})
	groupID := rapid.Int64Range(1, 8)
	memberID := rapid.Int64Range(1, 28)
	switch rapid.IntRange(0, 19).Draw(t, "op") {
	case 0, 1:
		id := groupID.Draw(t, "group")
		return PutGroup(Group{
			ID: id, UUID: [16]byte{byte(id), rapid.Byte().Draw(t, "uuid") % 3}, Name: name.Draw(t, "name"),
			Kind:    rapid.SampledFrom([]string{"directory", "organization"}).Draw(t, "kind"),
			Type:    rapid.SampledFrom([]string{"security", "distribution"}).Draw(t, "type"),
			Created: rapid.Int64Range(1, 4).Draw(t, "created"),
		})
	case 2:
		id := rapid.Int64Range(1, 30).Draw(t, "person")
		return PutPerson(Person{ID: id, Name: name.Draw(t, "name")})
	case 3, 4:
		return PutPerson(Person{ID: rapid.Int64Range(9, 24).Draw(t, "person"), Name: name.Draw(t, "name")})
	case 5:
		return PutProperty(Property{ID: rapid.Int64Range(25, 28).Draw(t, "property"), Title: name.Draw(t, "title")})
	case 6:
		return Drop(rapid.Int64Range(0, 30).Draw(t, "id"))
	case 7, 8:
		return DropEdge(groupID.Draw(t, "group"), memberID.Draw(t, "member"))
	case 9, 10, 11:
		return PutEdge(drawEdge(t, now, groupID.Draw(t, "group"), groupID.Draw(t, "child")))
	default:
		return PutEdge(drawEdge(t, now, groupID.Draw(t, "group"), memberID.Draw(t, "member")))
	}
}

func drawEdge(t *rapid.T, now, group, member int64) Edge {
	e := Edge{Group: group, Member: member, Added: rapid.Int64Range(1, 8).Draw(t, "added") * 1e6}
	if rapid.IntRange(0, 2).Draw(t, "terms") > 0 {
		return e
	}
	instant := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(now-3, now+8))
	e.StartsAt, e.ExpiresAt = instant.Draw(t, "starts"), instant.Draw(t, "expires")
	e.Role = rapid.SampledFrom([]string{"", "owner"}).Draw(t, "role")
	e.State = rapid.SampledFrom([]string{"", "", "ACTIVE", Inactive}).Draw(t, "state")
	return e
}

// drawMany makes more changes than a commit counts one by one: of people's edges
// only, or of all edges and some groups.
func drawMany(t *rapid.T) []Delta {
	peopleOnly := rapid.Bool().Draw(t, "people only")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	deltas := make([]Delta, 8*many)
	for i := range deltas {
		group, member := r.Int64N(8)+1, r.Int64N(16)+9
		if !peopleOnly {
			member = r.Int64N(28) + 1
		}
		switch n := r.IntN(60); {
		case n == 0 && !peopleOnly:
			deltas[i] = Drop(group)
		case n == 1 && !peopleOnly:
			deltas[i] = PutGroup(Group{ID: group, UUID: [16]byte{byte(group)}, Kind: "directory", Created: 1})
		case n%3 == 0:
			deltas[i] = PutEdge(Edge{Group: group, Member: member, Added: (r.Int64N(8) + 1) * 1e6})
		default:
			deltas[i] = DropEdge(group, member)
		}
	}
	return deltas
}

func TestIndexAgainstOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, m, revision := New(), newModel(), int64(0)
		apply := func(t *rapid.T, deltas []Delta) {
			now := m.clock + rapid.Int64Range(-2, 3).Draw(t, "step")
			m.clock = max(m.clock, now)
			revision++
			x.Apply(now, revision, [32]byte{byte(revision)}, deltas)
			for _, d := range deltas {
				m.apply(d)
			}
		}
		var start []Delta
		for id := int64(1); id <= 28; id++ {
			switch {
			case id <= 8:
				start = append(start, PutGroup(Group{ID: id, UUID: [16]byte{byte(id)}, Kind: "directory", Created: id % 4}))
			case id <= 24:
				start = append(start, PutPerson(Person{ID: id, Name: "someone"}))
			default:
				start = append(start, PutProperty(Property{ID: id, Title: "somewhere"}))
			}
		}
		apply(t, start)
		t.Repeat(map[string]func(*rapid.T){
			"commit": func(t *rapid.T) {
				n := rapid.IntRange(1, 4).Draw(t, "deltas")
				deltas := make([]Delta, n)
				for i := range deltas {
					deltas[i] = drawDelta(t, m.clock)
				}
				apply(t, deltas)
			},
			"large commit": func(t *rapid.T) {
				apply(t, drawMany(t))
			},
			"wait": func(t *rapid.T) { m.clock += rapid.Int64Range(1, 4).Draw(t, "wait") },
			"load": func(t *rapid.T) {
				x = New()
				if err := x.Load(m.clock, revision, [32]byte{byte(revision)}, m.feed); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) {
				if got, head := x.Revision(); got != revision || head[0] != byte(revision) {
					t.Fatalf("revision %d, want %d", got, revision)
				}
				x.View(m.clock, func(v *View) { m.compare(t, v) })
			},
		})
	})
}

// compare asks the view everything and tells what differs.
func (m *model) compare(t *rapid.T, v *View) {
	dates := m.byDate()
	eff := Effective(slices.Collect(maps.Values(m.edges)), m.isPerson, m.clock)
	m.compareSubjects(t, v)
	for g := range m.groups {
		if got := v.Count(g); got != len(eff[g]) {
			t.Fatalf("Count(%d) = %d, want %d", g, got, len(eff[g]))
		}
		m.compareMembers(t, v, g, &dates)
		m.compareDirect(t, v, g)
	}
	for p := range m.people {
		m.compareChecks(t, v, p, eff)
	}
}

func (m *model) compareSubjects(t *rapid.T, v *View) {
	for id := int64(-1); id <= 31; id++ {
		g, isGroup := m.groups[id]
		p, isPerson := m.people[id]
		q, isProperty := m.props[id]
		want := map[bool]Kind{isGroup: GroupKind, isPerson: PersonKind, isProperty: PropertyKind}[true]
		if got := v.SubjectKind(id); got != want {
			t.Fatalf("SubjectKind(%d) = %d, want %d", id, got, want)
		}
		hg, hp, hq := v.Group(id), v.Person(id), v.Property(id)
		if (hg != nil) != isGroup || (hp != nil) != isPerson || (hq != nil) != isProperty ||
			isGroup && (*hg != g || v.GroupByUUID(g.UUID) != hg) || isPerson && *hp != p || isProperty && *hq != q {
			t.Fatalf("headers of %d: %v %v %v", id, hg, hp, hq)
		}
	}
	for id := range byte(9) {
		for second := range byte(3) {
			uuid := [16]byte{id, second}
			if got := v.GroupByUUID(uuid); (got != nil) != (m.groups[int64(id)].ID != 0 && m.groups[int64(id)].UUID == uuid) {
				t.Fatalf("GroupByUUID(%d, %d) = %v", id, second, got)
			}
		}
	}
	n := 0
	for range v.AllGroups() {
		n++
	}
	if n != len(m.groups) {
		t.Fatalf("AllGroups yields %d, want %d", n, len(m.groups))
	}
	for id := range int64(30) {
		m.compareBack(t, v, id, "", v.Parents(id))
		m.compareBack(t, v, id, "organization", v.GroupsWith(id, "organization"))
	}
	m.compareLists(t, v)
}

func (m *model) compareLists(t *rapid.T, v *View) {
	want := slices.Collect(maps.Values(m.groups))
	slices.SortFunc(want, func(a, b Group) int { return byCreated(&a, &b) })
	var after Cursor
	for _, w := range want {
		page := v.Groups(Filter{}, after, 1)
		if len(page) != 1 || *page[0] != w {
			t.Fatalf("Groups after %v: %v, want %v", after, page, w)
		}
		after = Cursor{w.Created, w.ID}
	}
	if page := v.Groups(Filter{}, after, 1); len(page) != 0 {
		t.Fatalf("Groups after the last: %v", page)
	}
	for _, kind := range []string{"directory", "organization"} {
		of := slices.DeleteFunc(slices.Clone(want), func(g Group) bool { return g.Kind != kind })
		slices.SortFunc(of, func(a, b Group) int {
			return cmp.Or(strings.Compare(a.folded, b.folded), bytes.Compare(a.UUID[:], b.UUID[:]))
		})
		if got := v.GroupsByName(kind); !slices.EqualFunc(got, of, func(a *Group, b Group) bool { return *a == b }) {
			t.Fatalf("GroupsByName(%s) = %v, want %v", kind, got, of)
		}
	}
}

// closure is who is in which group.
type closure map[int64]map[int64]struct{}

// byDate says who is in which group by the edges added in the first n seconds.
func (m *model) byDate() (dates [9]closure) {
	for n := range dates {
		var old []Edge
		for _, e := range m.edges {
			if e.Added <= int64(n)*1e6 {
				old = append(old, e)
			}
		}
		dates[n] = Effective(old, m.isPerson, m.clock)
	}
	return dates
}

// added tells when a person became a member: with the edges added up to then, and
// no earlier, the person is one.
func (m *model) added(dates *[9]closure, g, p int64) int64 {
	if e, ok := m.edges[[2]int64{g, p}]; ok && e.Active(m.clock) {
		return e.Added
	}
	for n, by := range dates {
		if _, ok := by[g][p]; ok {
			return int64(n) * 1e6
		}
	}
	return -1
}

func (m *model) compareMembers(t *rapid.T, v *View, g int64, dates *[9]closure) {
	eff, children := dates[8], v.Children(g)
	var want []Member
	for p := range eff[g] {
		e, direct := m.edges[[2]int64{g, p}]
		w := Member{Person: v.Person(p), Direct: direct && e.Active(m.clock), Added: m.added(dates, g, p)}
		if terms := (Terms{e.StartsAt, e.ExpiresAt, e.Role, e.State}); w.Direct && terms != (Terms{}) {
			w.Terms = &terms
		}
		for _, child := range children {
			if _, ok := eff[child.Member][p]; ok {
				w.Via = append(w.Via, child.Member)
			}
		}
		want = append(want, w)
	}
	slices.SortFunc(want, func(a, b Member) int {
		return cmp.Or(strings.Compare(a.Person.Name, b.Person.Name), cmp.Compare(a.Person.ID, b.Person.ID))
	})
	same := func(a, b Member) bool {
		return a.Person == b.Person && a.Direct == b.Direct && a.Added == b.Added && slices.Equal(a.Via, b.Via) &&
			(a.Terms == nil) == (b.Terms == nil) && (a.Terms == nil || *a.Terms == *b.Terms)
	}
	for only, drop := range map[Membership]func(Member) bool{
		AnyMembership: func(Member) bool { return false },
		DirectOnly:    func(w Member) bool { return !w.Direct },
		IndirectOnly:  func(w Member) bool { return w.Direct },
	} {
		wanted := slices.DeleteFunc(slices.Clone(want), drop)
		if got := v.Members(g, MemberQuery{Only: only, Via: true}); !slices.EqualFunc(got, wanted, same) {
			t.Fatalf("Members(%d, %d) = %+v, want %+v", g, only, got, wanted)
		}
	}
}

// compareDirect asks for the edges of a group.
func (m *model) compareDirect(t *rapid.T, v *View, g int64) {
	people, groups, all := 0, 0, map[int64]Edge{}
	for k, e := range m.edges {
		if k[0] != g {
			continue
		}
		all[k[1]] = e
		if e.Active(m.clock) && m.isPerson(k[1]) {
			people++
		} else if _, ok := m.groups[k[1]]; ok && e.Active(m.clock) {
			groups++
		}
		if got, ok := v.EdgeOf(g, k[1]); !ok || got != e {
			t.Fatalf("EdgeOf%v = %+v, want %+v", k, got, e)
		}
	}
	if got := v.DirectCount(g); got != people {
		t.Fatalf("DirectCount(%d) = %d, want %d", g, got, people)
	}
	if got := v.ChildCount(g); got != groups || len(v.Children(g)) != groups {
		t.Fatalf("ChildCount(%d) = %d, want %d", g, got, groups)
	}
	links := v.DirectMembers(g, true)
	if len(links) != len(all) {
		t.Fatalf("DirectMembers(%d) has %d, want %d", g, len(links), len(all))
	}
	for _, l := range links {
		if l.Edge != all[l.Member] || l.Active != l.Edge.Active(m.clock) {
			t.Fatalf("DirectMembers(%d): %+v, want %+v", g, l, all[l.Member])
		}
	}
	if !slices.IsSortedFunc(links, func(a, b Link) int {
		return cmp.Or(cmp.Compare(v.SubjectKind(a.Member), v.SubjectKind(b.Member)),
			strings.Compare(v.s.name(v.s.ids.get(a.Member)), v.s.name(v.s.ids.get(b.Member))), cmp.Compare(a.Member, b.Member))
	}) {
		t.Fatalf("DirectMembers(%d) out of order: %+v", g, links)
	}
	if got := len(v.DirectMembers(g, false)) - people - groups; got != len(v.PropertiesOf(g)) {
		t.Fatalf("PropertiesOf(%d) = %v, want %d", g, v.PropertiesOf(g), got)
	}
}

// compareBack asks which groups of a kind hold a subject directly.
func (m *model) compareBack(t *rapid.T, v *View, id int64, kind string, got []Link) {
	want := map[int64]Edge{}
	for k, e := range m.edges {
		if k[1] == id && e.Active(m.clock) && (kind == "" || m.groups[k[0]].Kind == kind) {
			want[k[0]] = e
		}
	}
	for _, l := range got {
		if l.Edge != want[l.Group.ID] || !l.Active || l.Group != v.Group(l.Edge.Group) {
			t.Fatalf("groups with %d: %+v, want %+v", id, l, want)
		}
	}
	if len(got) != len(want) || !slices.IsSortedFunc(got, func(a, b Link) int { return byGroupName(a.Group, b.Group) }) {
		t.Fatalf("groups with %d: %+v, want %+v", id, got, want)
	}
}

func (m *model) compareChecks(t *rapid.T, v *View, p int64, eff closure) {
	of, groups := map[int64]bool{}, v.GroupsOf(p)
	if !slices.IsSortedFunc(groups, func(a, b Containing) int { return byGroupName(a.Group, b.Group) }) {
		t.Fatalf("GroupsOf(%d) out of order: %+v", p, groups)
	}
	for _, c := range groups {
		e, ok := m.edges[[2]int64{c.Group.ID, p}]
		if c.Direct != (ok && e.Active(m.clock)) {
			t.Fatalf("GroupsOf(%d): %d direct %t", p, c.Group.ID, c.Direct)
		}
		of[c.Group.ID] = true
	}
	for g := range m.groups {
		_, want := eff[g][p]
		path, got := v.Check(g, p)
		if got != want || of[g] != want || v.IsMember(g, p) != want {
			t.Fatalf("Check(%d, %d) = %v, GroupsOf %v, IsMember %v, want %v", g, p, got, of[g], v.IsMember(g, p), want)
		}
		if want {
			m.comparePath(t, g, p, path)
		}
	}
}

// comparePath wants a path of edges that count, and none shorter.
func (m *model) comparePath(t *rapid.T, g, p int64, path []int64) {
	if len(path) < 2 || path[0] != g || path[len(path)-1] != p {
		t.Fatalf("path from %d to %d: %v", g, p, path)
	}
	for i := range len(path) - 1 {
		e, ok := m.edges[[2]int64{path[i], path[i+1]}]
		if !ok || !e.Active(m.clock) {
			t.Fatalf("path %v: no edge %d→%d", path, path[i], path[i+1])
		}
	}
	level, hops := map[int64]bool{g: true}, 0
	for ; !level[p]; hops++ {
		next := maps.Clone(level)
		for _, e := range m.edges {
			if level[e.Group] && e.Active(m.clock) {
				next[e.Member] = true
			}
		}
		level = next
	}
	if hops != len(path)-1 {
		t.Fatalf("path %v has %d hops, a shortest %d", path, len(path)-1, hops)
	}
}
