package graph

import (
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/store"
)

// What is read whole is read in the order of its key, so that SQLite goes through the
// table itself: it might take a smaller index first and look each row up.
var (
	groupsLive = store.Q("group.all_live", `SELECT `+groupColumns+fromGroups+`WHERE g.tenant = $1 AND g.recorded_to = `+live+` ORDER BY g.id`).
			Whole("the index is built from all groups at start")
	peopleLive = store.Q("person.all_live", `SELECT `+headerColumns+`
		FROM people p JOIN subjects s ON s.tenant = p.tenant AND s.id = p.id WHERE p.tenant = $1 AND p.recorded_to = `+live+` ORDER BY p.id`).
		Whole("the index is built from all people at start")
	propertiesLive = store.Q("property.all_live", `SELECT p.id, s.uuid, p.title
		FROM properties p JOIN subjects s ON s.tenant = p.tenant AND s.id = p.id WHERE p.tenant = $1 AND p.recorded_to = `+live+` ORDER BY p.id`).
		Whole("the index is built from all properties at start")
	membershipsLive = store.Q("membership.all_live", `SELECT group_id, member_id, role, state, starts_at, expires_at, added_at
		FROM memberships WHERE tenant = $1 AND recorded_to = `+live+` ORDER BY group_id, member_id`).Whole("the index is built from all memberships at start")
	groupHeadersLive = store.Q("group.live_in", `SELECT `+groupColumns+fromGroups+`
		WHERE g.tenant = $1 AND g.recorded_to = `+live+` AND g.id IN ($2)`).In()
)

const headerColumns = `p.id, s.uuid, p.name, p.email, p.status, p.profiles`

func scanHeader(s store.Scanner) (p index.Person, err error) {
	var id []byte
	var status string
	var profiles Profile
	err = s.Scan(&p.ID, &id, &p.Name, &p.Email, &status, &profiles)
	copy(p.UUID[:], id)
	p.Disabled, p.Account = status == Disabled, profiles&AccountProfile != 0
	return p, err
}

func scanPropertyHeader(s store.Scanner) (p index.Property, err error) {
	var id []byte
	err = s.Scan(&p.ID, &id, &p.Title)
	copy(p.UUID[:], id)
	return p, err
}

func scanEdge(s store.Scanner) (e index.Edge, err error) {
	err = s.Scan(&e.Group, &e.Member, &e.Role, &e.State, &e.StartsAt, &e.ExpiresAt, &e.Added)
	return e, err
}

// yielding turns the rows of a query into deltas.
func yielding[T any](scan func(store.Scanner) (T, error), put func(T) index.Delta, yield func(index.Delta)) func(store.Scanner) error {
	return func(s store.Scanner) error {
		v, err := scan(s)
		if err == nil {
			yield(put(v))
		}
		return err
	}
}

// follower keeps the indexes at the database's revision.
type follower struct{ g *Graph }

// Publish applies a commit of this node.
func (f follower) Publish(c store.Commit) {
	deltas := make([]index.Delta, 0, len(c.Effects))
	for _, e := range c.Effects {
		if d, ok := e.(index.Delta); ok {
			deltas = append(deltas, d)
		}
	}
	f.g.index(c.Tenant).Apply(c.Head.Time, c.Head.Revision, c.Head.Hash, deltas)
}

// Load builds a tenant's index anew.
func (f follower) Load(tx *store.Tx, head store.Head) error {
	return f.g.index(tx.Tenant()).Load(head.Time, head.Revision, head.Hash, func(yield func(index.Delta)) error {
		return LoadLive(tx, yield)
	})
}

// LoadLive yields everything that is live in tx's snapshot, subjects first.
func LoadLive(tx *store.Tx, yield func(index.Delta)) error {
	if err := tx.Each(groupsLive, yielding(scanGroup, index.PutGroup, yield)); err != nil {
		return err
	}
	if err := tx.Each(peopleLive, yielding(scanHeader, index.PutPerson, yield)); err != nil {
		return err
	}
	if err := tx.Each(propertiesLive, yielding(scanPropertyHeader, index.PutProperty, yield)); err != nil {
		return err
	}
	return tx.Each(membershipsLive, yielding(scanEdge, index.PutEdge, yield))
}

// Follow brings in what other nodes changed: the live rows of every subject that
// the log names, and the absence of those that have none.
func (f follower) Follow(tx *store.Tx, head store.Head, changed []store.ChangedSubject) error {
	n := news{tx: tx, edges: map[int64][]int64{}}
	for _, c := range changed {
		switch c.Type {
		case GroupSubject:
			n.groups = append(n.groups, c.SubjectID)
		case PersonSubject:
			n.people = append(n.people, c.SubjectID)
		case PropertySubject:
			n.properties = append(n.properties, c.SubjectID)
		case "membership":
			n.edges[c.SubjectID] = append(n.edges[c.SubjectID], c.ObjectID)
		}
	}
	if err := n.read(); err != nil {
		return err
	}
	f.g.index(tx.Tenant()).Apply(head.Time, head.Revision, head.Hash, n.deltas)
	return nil
}

// news is what a node learns from the log of others.
type news struct {
	tx                         *store.Tx
	groups, people, properties []int64
	edges                      map[int64][]int64
	deltas                     []index.Delta
}

func (n *news) read() error {
	if err := n.subjects(n.groups, func(found map[int64]bool) error {
		return n.tx.EachIn(groupHeadersLive, n.groups, func(s store.Scanner) error {
			g, err := scanGroup(s)
			found[g.ID] = true
			n.deltas = append(n.deltas, index.PutGroup(g))
			return err
		})
	}); err != nil {
		return err
	}
	if err := n.subjects(n.people, func(found map[int64]bool) error {
		people, err := LivePeople(n.tx, n.people)
		for _, p := range people {
			found[p.ID] = true
			n.deltas = append(n.deltas, index.PutPerson(personHeader(p)))
		}
		return err
	}); err != nil {
		return err
	}
	if err := n.subjects(n.properties, func(found map[int64]bool) error {
		properties, err := LiveProperties(n.tx, n.properties)
		for _, p := range properties {
			found[p.ID] = true
			n.deltas = append(n.deltas, index.PutProperty(index.Property{ID: p.ID, UUID: p.UUID, Title: p.Title}))
		}
		return err
	}); err != nil {
		return err
	}
	return n.memberships()
}

// subjects puts those that find sees live and drops the others.
func (n *news) subjects(ids []int64, find func(found map[int64]bool) error) error {
	found := map[int64]bool{}
	if err := find(found); err != nil {
		return err
	}
	for _, id := range ids {
		if !found[id] {
			n.deltas = append(n.deltas, index.Drop(id))
		}
	}
	return nil
}

func (n *news) memberships() error {
	for group, members := range n.edges {
		found, err := liveMemberships(n.tx, group, members)
		if err != nil {
			return err
		}
		for _, member := range members {
			if m := found[member]; m != nil {
				n.deltas = append(n.deltas, index.PutEdge(edge(m)))
			} else {
				n.deltas = append(n.deltas, index.DropEdge(group, member))
			}
		}
	}
	return nil
}
