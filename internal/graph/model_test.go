package graph_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("25") // each check is a tenant of its own on a real database
	}
	os.Exit(pgtest.Main(m))
}

// node is one server's store and graph.
type node struct {
	db    *store.DB
	graph *graph.Graph
}

func newNode(t testing.TB, database string, clock roster.Clock) node {
	db := storetest.Open(t, database, store.Options{Clock: clock})
	return node{db, graph.New(db)}
}

// moment is what the graph was from an instant on.
type moment struct {
	at     int64
	edges  map[[2]int64]index.Edge
	groups map[int64]bool
	people map[int64]bool
}

// model plays random edits on a node and remembers every state since the start.
type model struct {
	t     *rapid.T
	n     node
	actor roster.Actor
	now   moment
	past  []moment
	made  int
}

func (m *model) name() string {
	m.made++
	return fmt.Sprint("s", m.made)
}

func (m *model) write(fn func(tx *store.Tx) error) error {
	var at int64
	err := m.n.db.Write(m.t.Context(), m.actor, func(tx *store.Tx) error {
		at = tx.Now
		return fn(tx)
	})
	if err == nil {
		m.now.at = at
	}
	return err
}

// remember keeps the state that a write left.
func (m *model) remember() {
	m.past = append(m.past, moment{m.now.at, maps.Clone(m.now.edges), maps.Clone(m.now.groups), maps.Clone(m.now.people)})
}

func (m *model) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) pick(of map[int64]bool, label string) int64 {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(of))).Draw(m.t, label)
}

func (m *model) createGroup() {
	g := graph.Group{Kind: graph.Directory, Name: m.name()}
	m.must(m.write(func(tx *store.Tx) error { return graph.CreateGroup(tx, &g) }))
	m.now.groups[g.ID] = true
}

func (m *model) createPerson() {
	name := m.name()
	p := graph.Person{Name: name, Email: name + "@example.org", Profiles: graph.AccountProfile}
	m.must(m.write(func(tx *store.Tx) error { return graph.CreatePerson(tx, &p) }))
	m.now.people[p.ID] = true
}

// term draws when a membership counts: mostly always.
func (m *model) term(label string) int64 {
	if rapid.IntRange(0, 3).Draw(m.t, label) > 0 {
		return 0
	}
	return m.n.db.Now() + rapid.Int64Range(1, 50).Draw(m.t, label+" in")
}

func (m *model) add() {
	group, member := m.pick(m.now.groups, "group"), m.pick(m.now.people, "person")
	if rapid.Bool().Draw(m.t, "nest") {
		member = m.pick(m.now.groups, "child")
	}
	e := graph.Membership{MemberID: member, StartsAt: m.term("starts"), ExpiresAt: m.term("expires")}
	if e.ExpiresAt != 0 && e.ExpiresAt <= e.StartsAt {
		e.StartsAt = 0
	}
	var added graph.Membership
	err := m.write(func(tx *store.Tx) (err error) {
		added, err = graph.AddMember(tx, group, e)
		return err
	})
	old, had := m.now.edges[[2]int64{group, member}]
	at := m.n.db.Now()
	switch cycle := m.reaches(member, group, at); {
	case had && (old.ExpiresAt == 0 || old.ExpiresAt > at):
		if !roster.IsKind(err, roster.Exists) {
			m.t.Fatalf("adding %d to %d twice: %v", member, group, err)
		}
	case cycle:
		if e := roster.AsError(err); e.Code != graph.CodeCycle {
			m.t.Fatalf("nesting %d in %d: %v, want a cycle", member, group, err)
		}
	default:
		m.must(err)
		m.now.edges[[2]int64{group, member}] = index.Edge{
			Group: group, Member: member, Added: added.AddedAt, StartsAt: e.StartsAt, ExpiresAt: e.ExpiresAt,
		}
	}
}

// reaches tells whether a group lies at or below another by memberships that are
// not over.
func (m *model) reaches(from, to, at int64) bool {
	if from == to {
		return true
	}
	for key, e := range m.now.edges {
		if key[0] == from && (e.ExpiresAt == 0 || e.ExpiresAt > at) && m.reaches(key[1], to, at) {
			return true
		}
	}
	return false
}

func (m *model) pickEdge() ([2]int64, bool) {
	keys := slices.SortedFunc(maps.Keys(m.now.edges), func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
	if len(keys) == 0 {
		return [2]int64{}, false
	}
	return rapid.SampledFrom(keys).Draw(m.t, "edge"), true
}

func (m *model) remove() {
	key, ok := m.pickEdge()
	if !ok {
		return
	}
	over := m.now.edges[key].ExpiresAt != 0 && m.now.edges[key].ExpiresAt <= m.n.db.Now()
	err := m.write(func(tx *store.Tx) error { return graph.RemoveMember(tx, key[0], key[1]) })
	if over {
		if !roster.IsKind(err, roster.NotFound) {
			m.t.Fatalf("removing what is over: %v", err)
		}
		return
	}
	m.must(err)
	delete(m.now.edges, key)
}

func (m *model) change() {
	key, ok := m.pickEdge()
	if !ok {
		return
	}
	e := m.now.edges[key]
	if e.ExpiresAt != 0 && e.ExpiresAt <= m.n.db.Now() {
		return
	}
	expires := m.term("expires")
	if expires != 0 && expires <= e.StartsAt {
		return
	}
	m.must(m.write(func(tx *store.Tx) error {
		_, err := graph.UpdateMembership(tx, key[0], key[1], nil, func(f *graph.Membership) error {
			f.ExpiresAt = expires
			return nil
		})
		return err
	}))
	e.ExpiresAt = expires
	m.now.edges[key] = e
}

func (m *model) drop(of map[int64]bool, label string, ending func(*store.Tx, int64, graph.Match) error) {
	if len(of) < 3 {
		return
	}
	id := m.pick(of, label)
	m.must(m.write(func(tx *store.Tx) error { return ending(tx, id, nil) }))
	delete(of, id)
	maps.DeleteFunc(m.now.edges, func(key [2]int64, _ index.Edge) bool { return key[0] == id || key[1] == id })
}

// compare checks a view against the naive answer at an instant.
func (m *model) compare(what string, at int64, s moment, read func(group int64, fn func(*index.View))) {
	m.t.Helper()
	edges := slices.Collect(maps.Values(s.edges))
	want := index.Effective(edges, func(id int64) bool { return s.people[id] }, at)
	for group := range s.groups {
		read(group, func(v *index.View) {
			if v.Group(group) == nil {
				m.t.Fatalf("%s at %d: group %d is not there", what, at, group)
			}
			members := v.Members(group, index.MemberQuery{})
			if len(members) != len(want[group]) || v.Count(group) != len(want[group]) {
				m.t.Fatalf("%s at %d: group %d lists %d and counts %d, want %d", what, at, group, len(members), v.Count(group), len(want[group]))
			}
			for _, member := range members {
				if _, ok := want[group][member.Person.ID]; !ok {
					m.t.Fatalf("%s at %d: %d is no member of %d", what, at, member.Person.ID, group)
				}
				if _, ok := v.Check(group, member.Person.ID); !ok {
					m.t.Fatalf("%s at %d: %d is listed in %d, but the check denies it", what, at, member.Person.ID, group)
				}
			}
		})
	}
}

func (m *model) checkPresent(n node) {
	m.compare("now", n.db.Now(), m.now, func(_ int64, fn func(*index.View)) { n.graph.View(m.actor.Tenant.ID, fn) })
}

func (m *model) checkPast(n node) {
	i := rapid.IntRange(0, len(m.past)-1).Draw(m.t, "moment")
	s, end := m.past[i], n.db.Now()
	if i+1 < len(m.past) {
		end = m.past[i+1].at - 1
	}
	if end < s.at {
		return // the write after it happened at once
	}
	at := rapid.Int64Range(s.at, end).Draw(m.t, "instant")
	m.compare("as of", at, s, func(group int64, fn func(*index.View)) {
		m.must(n.graph.Read(m.t.Context(), m.actor.Tenant.ID, graph.Scope{AsOf: at, Below: []int64{group}}, fn))
	})
	for person := range s.people {
		m.must(n.graph.Read(m.t.Context(), m.actor.Tenant.ID, graph.Scope{AsOf: at, Above: []int64{person}}, func(v *index.View) {
			want := index.Effective(slices.Collect(maps.Values(s.edges)), func(id int64) bool { return s.people[id] }, at)
			for group := range s.groups {
				if _, member := want[group][person]; v.IsMember(group, person) != member {
					m.t.Fatalf("as of %d: membership of %d in %d, want %v", at, person, group, member)
				}
			}
		}))
	}
}

// TestGraphAgainstModel plays random edits, and asks what a naive fixpoint over the
// model's edges answers: now and at any instant before, on the node that wrote, on
// one that follows, and on one that starts later.
func TestGraphAgainstModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		var micros atomic.Int64
		micros.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
		clock := func() time.Time { return time.UnixMicro(micros.Load()) }
		writer := newNode(t, database, clock)
		readers := []node{writer}
		if store.IsPostgres(database) {
			readers = append(readers, newNode(t, database, clock))
		}
		tenants := 0
		rapid.Check(t, func(rt *rapid.T) {
			tenants++
			m := &model{t: rt, n: writer, actor: storetest.Tenant(t, writer.db, fmt.Sprint("t", tenants))}
			m.now = moment{edges: map[[2]int64]index.Edge{}, groups: map[int64]bool{}, people: map[int64]bool{}}
			for range 3 {
				m.createGroup()
				m.createPerson()
			}
			m.remember()
			micros.Store(max(micros.Load(), m.now.at) + 1)
			for range rapid.IntRange(5, 30).Draw(rt, "edits") {
				switch rapid.IntRange(0, 15).Draw(rt, "edit") {
				case 0:
					m.createGroup()
				case 1:
					m.createPerson()
				case 2, 3:
					m.remove()
				case 4:
					m.change()
				case 5:
					m.drop(m.now.groups, "group", graph.DeleteGroup)
				case 6:
					m.drop(m.now.people, "person", graph.DeletePerson)
				case 7:
					micros.Add(rapid.Int64Range(1, 30).Draw(rt, "later"))
				default:
					m.add()
				}
				m.remember()
				// The next write's time is then the clock's, and not one after the last write.
				micros.Store(max(micros.Load(), m.now.at) + 1)
			}
			for _, n := range readers {
				m.must(n.db.Fresh(rt.Context(), m.actor.Tenant.ID))
				m.checkPresent(n)
				m.checkPast(n)
			}
		})
		late := newNode(t, database, clock)
		if err := late.db.LoadAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i := 1; i <= tenants; i++ {
			tenant, err := writer.db.Tenant(t.Context(), fmt.Sprint("t", i))
			if err != nil {
				t.Fatal(err)
			}
			if a, b := counts(writer, tenant.ID), counts(late, tenant.ID); !maps.Equal(a, b) {
				t.Fatalf("tenant %d: a node that starts later counts %v, want %v", i, b, a)
			}
			if _, err := writer.db.Verify(t.Context(), tenant.ID, nil); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// counts are the effective counts of all groups.
func counts(n node, tenant roster.TenantID) map[int64]int {
	all := map[int64]int{}
	n.graph.View(tenant, func(v *index.View) {
		for g := range v.AllGroups() {
			all[g.ID] = v.Count(g.ID)
		}
	})
	return all
}
