package transfer

import (
	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
)

// groupsChunk is a chunk of groups with everything that it is compared to. In
// names, 0 is the id of a group that this chunk makes.
type groupsChunk struct {
	*importing
	byRef  *finder
	people *finder // whose default groups these are
	living map[int64]*graph.Group
	names  map[string]int64 // of the kinds whose names are unique
	fresh  map[string]bool  // uuids and ids of those made here
	made   []*graph.Group
}

// groups brings a chunk of groups in.
func (im *importing) groups(rows []Row) error {
	c, err := im.newGroups(rows)
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		old := c.match(r)
		switch bad := c.refuse(r, old); {
		case bad != nil:
			im.rejected(bad)
		case old != nil:
			if err := c.update(r, old); err != nil {
				return err
			}
		default:
			c.create(r)
		}
	}
	return c.flush()
}

func (im *importing) newGroups(rows []Row) (*groupsChunk, error) {
	c := &groupsChunk{importing: im, byRef: newFinder(Group), people: newFinder(Person), fresh: map[string]bool{}}
	var names []string
	for i := range rows {
		r := &rows[i]
		c.byRef.want(r.UUID)
		c.byRef.want(r.ID)
		c.people.want(r.DefaultFor)
		if graph.Rules[r.kind()].UniqueName {
			names = append(names, graph.Key(r.Name))
		}
	}
	if err := c.byRef.look(im.tx); err != nil {
		return nil, err
	}
	if err := c.people.look(im.tx); err != nil {
		return nil, err
	}
	var err error
	if c.names, err = byText(im.tx, organizationsByName, names); err != nil {
		return nil, err
	}
	c.living, err = graph.LiveGroups(im.tx, c.byRef.ids())
	return c, err
}

func (c *groupsChunk) match(r *Row) *graph.Group {
	for _, ref := range []string{r.UUID, r.ID} {
		if ref == "" {
			continue
		}
		if g := c.living[c.byRef.found[ref]]; g != nil {
			return g
		}
	}
	return nil
}

// refuse judges whether a row may change old, or become a group where old is nil.
func (c *groupsChunk) refuse(r *Row, old *graph.Group) *Rejection {
	if r.DefaultFor != "" && c.people.found[r.DefaultFor] == 0 {
		return r.reject(graph.CodeNoMember, "default_for: there is no person %q", r.DefaultFor)
	}
	if old != nil {
		if old.Kind != r.kind() {
			return r.reject(CodeInvalid, "kind: the group is one of %s, and can't change", old.Kind)
		}
		return nil
	}
	for _, ref := range []string{r.UUID, r.ID} {
		if ref != "" && c.fresh[ref] {
			return r.reject(CodeRepeated, "another row has the same uuid or id")
		}
	}
	if c.byRef.found[r.UUID] != 0 {
		return r.reject(CodeInvalid, "uuid: it was that of a group that was deleted")
	}
	if _, taken := c.names[graph.Key(r.Name)]; taken && graph.Rules[r.kind()].UniqueName {
		return r.reject(graph.CodeNameTaken, "name: another group has this name")
	}
	return nil
}

func (c *groupsChunk) create(r *Row) {
	g := &graph.Group{Kind: r.kind()}
	if id, err := uuid.Parse(r.UUID); err == nil {
		g.UUID = id
	}
	c.fill(r, g)
	c.made = append(c.made, g)
	c.count.Created++
	if graph.Rules[g.Kind].UniqueName {
		c.names[graph.Key(g.Name)] = 0
	}
	c.fresh[r.UUID], c.fresh[r.ID] = true, true
}

// fill writes what a row says of a group.
func (c *groupsChunk) fill(r *Row, g *graph.Group) {
	g.Name = r.Name
	if r.ID != "" {
		g.ExternalID = r.ID
	}
	if r.GroupType != "" {
		g.Type = r.GroupType
	}
	if r.Description != nil {
		g.Description = *r.Description
	}
	if r.Privileged != nil {
		g.Privileged = *r.Privileged
	}
	if r.DefaultFor != "" {
		g.DefaultFor = c.people.found[r.DefaultFor]
	}
}

func (c *groupsChunk) update(r *Row, old *graph.Group) error {
	want := *old
	if c.fill(r, &want); want == *old {
		c.count.Unchanged++
		return nil
	}
	if err := c.flush(); err != nil {
		return err
	}
	after, err := graph.UpdateGroup(c.tx, old.ID, nil, func(g *graph.Group) error {
		c.fill(r, g)
		return nil
	})
	if err != nil {
		return c.judge(r, err)
	}
	c.changed(old.Revision, after.Revision)
	c.living[old.ID] = after
	return nil
}

// flush makes the groups that wait.
func (c *groupsChunk) flush() error {
	made := c.made
	c.made = nil
	if len(made) == 0 {
		return nil
	}
	return graph.InsertGroups(c.tx, made)
}
