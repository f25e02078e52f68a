//go:build unix

package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/graphgen"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// seeded is a database with a made-up graph in one tenant.
type seeded struct {
	database string
	params   graphgen.Params
	token    string // of the directory, as Administrator
	chains   []chain
}

// chain is a line of nested groups, none of which has a second parent, with people
// in the lowest. They are in groups of the rest of the graph, too. So it is known
// how deep below a group of the chain they are.
type chain struct {
	groups []int64 // from the top
	people []int64
}

const (
	chains       = 20
	chainDepth   = 32
	chainPeople  = 50
	chunkOfEdges = 4000 // in one transaction
)

// seed fills an empty database by the verbs that the APIs call, change log included.
func (b *bench) seed(database string, p graphgen.Params) (*seeded, error) {
	db, err := store.Open(b.ctx, store.Options{Database: database})
	if err != nil {
		return nil, err
	}
	s := &seeded{database: database, params: p}
	return s, errors.Join(s.fill(b.ctx, db), db.Close())
}

func (s *seeded) fill(ctx context.Context, db *store.DB) error {
	actor := roster.Actor{ID: "bench", API: roster.CLI}
	var err error
	if actor.Tenant, err = db.CreateTenant(ctx, actor, tenantName); err != nil {
		return err
	}
	if s.token, err = newToken(ctx, db, actor); err != nil {
		return err
	}
	write := func(fn func(*store.Tx) error) error { return db.Write(ctx, actor, fn) }
	if err := s.subjects(write); err != nil {
		return err
	}
	edges := make([]edge, 0, s.params.Edges)
	s.params.EachEdge(func(group, member int64) { edges = append(edges, edge{group, member}) })
	return addEdges(write, append(edges, s.chainEdges()...))
}

const tenantName = "bench"

func newToken(ctx context.Context, db *store.DB, actor roster.Actor) (text string, err error) {
	_, text, err = identity.New(db).CreateToken(ctx, actor, identity.Token{
		API: roster.DirectoryAPI, Role: "Administrator", ExpiresAt: time.Now().AddDate(1, 0, 0),
	}, identity.NewSecret())
	return text, err
}

type writing func(fn func(*store.Tx) error) error

// subjects makes the groups, then the people, then the groups of the chains: ids
// come in that order, so graphgen's are theirs.
func (s *seeded) subjects(write writing) error {
	var groups []*graph.Group
	for i := range s.params.Groups {
		groups = append(groups, &graph.Group{Kind: graph.Directory, Name: graphgen.GroupName(i)})
	}
	var people []*graph.Person
	for i := range s.params.People {
		name := graphgen.PersonName(i)
		people = append(people, &graph.Person{Profiles: graph.AccountProfile, Name: name, Email: graphgen.Email(i)})
	}
	insertGroups := func(tx *store.Tx, part []*graph.Group) error { return graph.InsertGroups(tx, part) }
	insertPeople := func(tx *store.Tx, part []*graph.Person) error { return graph.CreatePeople(tx, part) }
	if err := inChunks(write, groups, insertGroups); err != nil {
		return err
	}
	if err := inChunks(write, people, insertPeople); err != nil {
		return err
	}
	if groups[0].ID != s.params.GroupID(0) || people[0].ID != s.params.PersonID(0) {
		return errors.New("the ids of the seeded subjects are not those of the generator")
	}
	var links []*graph.Group
	for i := range chains * chainDepth {
		links = append(links, &graph.Group{Kind: graph.Directory, Name: graphgen.GroupName(s.params.Groups + i)})
	}
	if err := inChunks(write, links, insertGroups); err != nil {
		return err
	}
	s.chains = make([]chain, chains)
	for i, g := range links {
		c := &s.chains[i/chainDepth]
		c.groups = append(c.groups, g.ID)
	}
	return nil
}

func inChunks[T any](write writing, all []T, insert func(*store.Tx, []T) error) error {
	for part := range slices.Chunk(all, chunkOfEdges) {
		if err := write(func(tx *store.Tx) error { return insert(tx, part) }); err != nil {
			return err
		}
	}
	return nil
}

type edge struct{ group, member int64 }

func (s *seeded) chainEdges() (edges []edge) {
	r := rand.New(rand.NewPCG(s.params.Seed, 2))
	people := r.Perm(s.params.People)
	for i := range s.chains {
		c := &s.chains[i]
		for j := 1; j < chainDepth; j++ {
			edges = append(edges, edge{c.groups[j-1], c.groups[j]})
		}
		for _, person := range people[i*chainPeople : (i+1)*chainPeople] {
			c.people = append(c.people, s.params.PersonID(person))
			edges = append(edges, edge{c.groups[chainDepth-1], s.params.PersonID(person)})
		}
	}
	return edges
}

// addEdges adds edges group by group, many groups in a transaction.
func addEdges(write writing, edges []edge) error {
	slices.SortStableFunc(edges, func(a, b edge) int { return int(a.group - b.group) })
	for len(edges) > 0 {
		n := min(chunkOfEdges, len(edges))
		part := edges[:n]
		edges = edges[n:]
		err := write(func(tx *store.Tx) error {
			for len(part) > 0 {
				end := slices.IndexFunc(part, func(e edge) bool { return e.group != part[0].group })
				if end < 0 {
					end = len(part)
				}
				if err := addMembers(tx, part[:end]); err != nil {
					return err
				}
				part = part[end:]
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func addMembers(tx *store.Tx, edges []edge) error {
	rows := make([]graph.Membership, len(edges))
	for i, e := range edges {
		rows[i].MemberID = e.member
	}
	_, errs, err := graph.AddMembers(tx, edges[0].group, rows)
	return errors.Join(append(errs, err)...)
}
