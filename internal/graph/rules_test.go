package graph_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// scene is a tenant with one subject of each sort.
type scene struct {
	t     *testing.T
	n     node
	actor roster.Actor
}

func newScene(t *testing.T, database string) *scene {
	n := newNode(t, database, nil)
	return &scene{t, n, storetest.Tenant(t, n.db, "acme")}
}

func (s *scene) write(fn func(tx *store.Tx) error) error {
	return s.n.db.Write(s.t.Context(), s.actor, fn)
}

func (s *scene) group(kind, name string) int64 {
	s.t.Helper()
	g := graph.Group{Kind: kind, Name: name}
	if err := s.n.graph.Create(s.t.Context(), s.actor, &g); err != nil {
		s.t.Fatal(err)
	}
	return g.ID
}

func (s *scene) person(name string) int64 {
	s.t.Helper()
	p := graph.Person{Name: name, Email: name + "@example.org", Profiles: graph.AccountProfile}
	if err := s.write(func(tx *store.Tx) error { return graph.CreatePerson(tx, &p) }); err != nil {
		s.t.Fatal(err)
	}
	return p.ID
}

func (s *scene) property(title string, groups ...int64) int64 {
	s.t.Helper()
	p := graph.PropertyHeader{Title: title, Active: true, Attributes: []byte("{}")}
	err := s.write(func(tx *store.Tx) error {
		if err := graph.CreateProperty(tx, &p); err != nil {
			return err
		}
		for _, g := range groups {
			if _, err := graph.AddMember(tx, g, graph.Membership{MemberID: p.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return p.ID
}

func (s *scene) add(group, member int64, role string) error {
	return s.write(func(tx *store.Tx) error {
		_, err := graph.AddMember(tx, group, graph.Membership{MemberID: member, Role: role})
		return err
	})
}

func (s *scene) want(err error, code string) {
	s.t.Helper()
	got := ""
	if err != nil {
		got = roster.AsError(err).Code
	}
	if got != code {
		s.t.Errorf("got %q (%v), want %q", got, err, code)
	}
}

func TestRules(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newScene(t, database)
		ann, bob := s.person("ann"), s.person("bob")
		directory, team := s.group(graph.Directory, "all"), s.group(graph.Organization, "Finance")
		hotels, more := s.group(graph.Property, "hotels"), s.group(graph.Property, "hotels")
		first, second := s.group(graph.Business, "first"), s.group(graph.Business, "second")
		hotel := s.property("Ritz", hotels)

		s.want(s.add(directory, ann, ""), "")
		s.want(s.add(directory, ann, ""), graph.CodeAlreadyMember)
		s.want(s.add(directory, 4711, ""), graph.CodeNoMember)
		s.want(s.add(4711, ann, ""), graph.CodeNoGroup)
		s.want(s.add(directory, hotel, ""), graph.CodeMemberKind)
		s.want(s.add(directory, directory, ""), graph.CodeCycle)
		s.want(s.add(team, directory, ""), graph.CodeMemberKind)
		s.want(s.add(directory, team, ""), "")
		s.want(s.add(team, directory, ""), graph.CodeMemberKind)

		err := s.n.graph.Create(t.Context(), s.actor, &graph.Group{Kind: graph.Organization, Name: " FINANCE "})
		s.want(err, graph.CodeNameTaken)
		s.want(s.n.graph.Delete(t.Context(), s.actor, graph.Organization, team, nil), "")
		s.want(s.n.graph.Create(t.Context(), s.actor, &graph.Group{Kind: graph.Organization, Name: "finance"}), "")

		s.want(s.add(first, ann, "OWNER"), "")
		s.want(s.add(second, ann, ""), graph.CodeOtherAccount)
		s.want(s.add(first, bob, "OWNER"), graph.CodeSecondOwner)
		s.want(s.add(first, bob, "MEMBER"), "")

		remove := func(group int64) error {
			return s.write(func(tx *store.Tx) error { return graph.RemoveMember(tx, group, hotel) })
		}
		s.want(remove(hotels), graph.CodeLastGroup)
		s.want(s.n.graph.Delete(t.Context(), s.actor, graph.Property, hotels, nil), graph.CodeNotEmpty)
		s.want(s.add(more, hotel, ""), "")
		s.want(remove(hotels), "")
		s.want(remove(hotels), graph.CodeNoMembership)
		s.want(s.n.graph.Delete(t.Context(), s.actor, graph.Property, hotels, nil), "")
	})
}

// TestConstraintsStandBehindRules goes around the verbs: the schema refuses too.
func TestConstraintsStandBehindRules(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newScene(t, database)
		ann, bob := s.person("ann"), s.person("bob")
		first, second := s.group(graph.Business, "first"), s.group(graph.Business, "second")
		directory := s.group(graph.Directory, "all")
		s.want(s.add(first, ann, "OWNER"), "")
		for name, c := range map[string]struct {
			group, member      int64
			groupKind, subject string
			role               string
			kind               roster.Kind
		}{
			"a second business account": {second, ann, "business", "person", "", roster.Exists},
			"a second owner":            {first, bob, "business", "person", "OWNER", roster.Exists},
			"a group of itself":         {directory, directory, "directory", "group", "", roster.Conflict},
			"a nested account":          {first, directory, "business", "group", "", roster.Conflict},
			"a stray property":          {directory, bob, "directory", "property", "", roster.Conflict},
			"a member of nothing":       {4711, bob, "directory", "person", "", roster.Conflict},
			"nobody":                    {directory, 4711, "directory", "person", "", roster.Conflict},
		} {
			err := s.write(func(tx *store.Tx) error {
				tx.Record(roster.Change{Operation: "test", SubjectType: "test"})
				return graph.InsertMembershipRow(tx, c.group, c.member, c.groupKind, c.subject, c.role)
			})
			if !roster.IsKind(err, c.kind) {
				t.Errorf("%s: %v, want kind %d", name, err, c.kind)
			}
		}
	})
}

// TestRaces lets two callers at once try what only one may do.
func TestRaces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newScene(t, database)
		nodes := []node{s.n, s.n}
		if store.IsPostgres(database) {
			nodes[1] = newNode(t, database, nil)
		}
		race := func(a, b func(n node) error) (done int) {
			var errs [2]error
			var wg sync.WaitGroup
			for i, fn := range []func(node) error{a, b} {
				wg.Go(func() { errs[i] = fn(nodes[i]) })
			}
			wg.Wait()
			for _, err := range errs {
				if err == nil {
					done++
				} else if k := roster.AsError(err).Kind; k != roster.Conflict && k != roster.NotFound && k != roster.Exists {
					t.Errorf("the loser of a race: %v", err)
				}
			}
			return done
		}
		write := func(n node, fn func(tx *store.Tx) error) error { return n.db.Write(t.Context(), s.actor, fn) }
		nest := func(group, child int64) func(node) error {
			return func(n node) error {
				return write(n, func(tx *store.Tx) error {
					_, err := graph.AddMember(tx, group, graph.Membership{MemberID: child})
					return err
				})
			}
		}
		take := func(group, member int64) func(node) error {
			return func(n node) error {
				return write(n, func(tx *store.Tx) error { return graph.RemoveMember(tx, group, member) })
			}
		}
		for i := range 20 {
			a, b := s.group(graph.Directory, "a"), s.group(graph.Directory, "b")
			if n := race(nest(a, b), nest(b, a)); n != 1 {
				t.Fatalf("round %d: %d of two mutual nestings were done", i, n)
			}
			x, y := s.group(graph.Property, "x"), s.group(graph.Property, "y")
			hotel := s.property("Ritz", x, y)
			if n := race(take(x, hotel), take(y, hotel)); n != 1 {
				t.Fatalf("round %d: %d of two last removals were done", i, n)
			}
			z := s.group(graph.Property, "z")
			n := race(nest(z, hotel), func(n node) error { return n.graph.Delete(t.Context(), s.actor, graph.Property, z, nil) })
			if n != 1 {
				t.Fatalf("round %d: %d of adding to a group and deleting it were done", i, n)
			}
		}
	})
}

// TestNodesFollow writes on one node and reads on the other, at once.
func TestNodesFollow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newScene(t, database)
		other := s.n
		if store.IsPostgres(database) {
			other = newNode(t, database, nil)
		}
		top, team := s.group(graph.Directory, "top"), s.group(graph.Directory, "team")
		s.want(s.add(top, team, ""), "")
		for range 20 {
			person := s.person("somebody")
			s.want(s.add(team, person, ""), "")
			if err := other.db.Fresh(t.Context(), s.actor.Tenant.ID); err != nil {
				t.Fatal(err)
			}
			other.graph.View(s.actor.Tenant.ID, func(v *index.View) {
				if path, _ := v.Check(top, person); !slices.Equal(path, []int64{top, team, person}) {
					t.Errorf("the other node finds the path %v", path)
				}
			})
			if err := s.write(func(tx *store.Tx) error { return graph.DeletePerson(tx, person, nil) }); err != nil {
				t.Fatal(err)
			}
			if err := other.db.Fresh(t.Context(), s.actor.Tenant.ID); err != nil {
				t.Fatal(err)
			}
			other.graph.View(s.actor.Tenant.ID, func(v *index.View) {
				if v.Person(person) != nil || v.Count(top) != 0 {
					t.Error("the other node still shows a person who is gone")
				}
			})
		}
	})
}
