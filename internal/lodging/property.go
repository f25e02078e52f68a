package lodging

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Property is a property as an actor sees it: Groups are those of its groups that
// they see, by title and UUID.
type Property struct {
	*graph.PropertyHeader

	Details Details
	Groups  []*graph.Group
}

func newProperty(p *graph.PropertyHeader, groups []*graph.Group) Property {
	return Property{p, DetailsOf(p.Attributes), SortGroups(groups)}
}

// Listed is a property as lists choose from it.
type Listed struct {
	*index.Property

	// Active is known only where the list was asked for it.
	Active bool
}

var propertiesActive = store.Q("lodging.properties_active", `SELECT id FROM properties
	WHERE tenant = $1 AND recorded_to = `+live+` AND is_active AND id IN ($2)`).In()

// visibleProperties lists the properties of a view that an actor sees, in no order.
func visibleProperties(v *index.View, a roster.Actor) (all []Listed) {
	seen := map[int64]bool{}
	for _, g := range visible(v, a) {
		for _, p := range v.PropertiesOf(g.ID) {
			if !seen[p.ID] {
				seen[p.ID] = true
				all = append(all, Listed{Property: p})
			}
		}
	}
	return all
}

// PropertyTitles lists the properties that the actor sees, in no order.
func (l *Lodging) PropertyTitles(a roster.Actor) (all []Listed) {
	l.graph.View(a.Tenant.ID, func(v *index.View) { all = visibleProperties(v, a) })
	return all
}

// Properties lists those of the properties that the actor sees which choose picks,
// in its order. choose gets them in no order; with active it knows which are.
func (l *Lodging) Properties(ctx context.Context, a roster.Actor, active bool, choose func([]Listed) []Listed) (page []Property, err error) {
	all := l.PropertyTitles(a)
	err = l.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		if active {
			if err := markActive(tx, all); err != nil {
				return err
			}
		}
		chosen := choose(all)
		ids := make([]int64, len(chosen))
		for i := range chosen {
			ids[i] = chosen[i].ID
		}
		headers, err := graph.LiveProperties(tx, ids)
		if err != nil {
			return err
		}
		byID := make(map[int64]*graph.PropertyHeader, len(headers))
		for _, p := range headers {
			byID[p.ID] = p
		}
		l.graph.View(a.Tenant.ID, func(v *index.View) {
			for _, id := range ids {
				if p := byID[id]; p != nil { // else it was deleted this moment
					page = append(page, newProperty(p, homesIn(v, a, id)))
				}
			}
		})
		return nil
	})
	return page, err
}

func markActive(tx *store.Tx, all []Listed) error {
	ids, at := make([]int64, len(all)), make(map[int64]int, len(all))
	for i := range all {
		ids[i], at[all[i].ID] = all[i].ID, i
	}
	return tx.EachIn(propertiesActive, ids, func(s store.Scanner) error {
		var id int64
		err := s.Scan(&id)
		all[at[id]].Active = true
		return err
	})
}

// homesIn lists the groups of a property that the actor sees in a view.
func homesIn(v *index.View, a roster.Actor, property int64) (homes []*graph.Group) {
	for _, link := range v.GroupsWith(property, graph.Property) {
		if in(v, a, link.Group.ID) != none {
			homes = append(homes, link.Group)
		}
	}
	return homes
}

// Property returns a property. NotFound, also where the actor does not see it.
func (l *Lodging) Property(ctx context.Context, a roster.Actor, id uuid.UUID) (found Property, err error) {
	err = l.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		p, err := graph.PropertyByUUID(tx, id)
		if err != nil {
			return err
		}
		l.graph.View(a.Tenant.ID, func(v *index.View) { found = newProperty(p, homesIn(v, a, p.ID)) })
		if len(found.Groups) == 0 && a.Role != AdminToken {
			return errNoProperty()
		}
		return nil
	})
	return found, err
}

// PropertyChange is what a caller says of a property; a field that is nil is left
// as it is.
type PropertyChange struct {
	Title  *string
	Active *bool
	// Details are JSON values by the names of Details' fields; null drops one.
	Details map[string]json.RawMessage
}

// apply writes the change into a property, and judges what it changes: what an
// import brought is not this caller's fault. Invalid with Problems.
func (c *PropertyChange) apply(p *graph.PropertyHeader) error {
	problems := Problems{}
	isNew := p.ID == 0
	if c.Title != nil {
		p.Title = *c.Title
	}
	if c.Title != nil || isNew {
		problems.text("title", p.Title)
	}
	if c.Active != nil {
		p.Active = *c.Active
	}
	given, err := json.Marshal(c.Details)
	if err != nil {
		return err
	}
	details := DetailsOf(given)
	if c.Details["currency"] != nil || isNew {
		problems.currency(details.Currency)
	}
	details.check(problems)
	if err := problems.err(); err != nil {
		return err
	}
	p.Attributes, err = merge(p.Attributes, c.Details)
	return err
}

// CreateProperty makes a property in a group that the actor owns, or, for uuid.Nil,
// in the default group of the actor's person, which it makes where there is none.
// Invalid with Problems, Forbidden for a role that only reads the group.
func (l *Lodging) CreateProperty(ctx context.Context, a roster.Actor, c PropertyChange, group uuid.UUID) (made Property, err error) {
	if err := c.apply(&graph.PropertyHeader{}); err != nil {
		return Property{}, err
	}
	err = l.db.Write(ctx, a, func(tx *store.Tx) error {
		home, err := homeFor(tx, a, group)
		if err != nil {
			return err
		}
		p := &graph.PropertyHeader{Active: true}
		if err := c.apply(p); err != nil {
			return err
		}
		if err := graph.CreateProperty(tx, p); err != nil {
			return err
		}
		made = newProperty(p, []*graph.Group{home})
		_, err = graph.AddMember(tx, home.ID, graph.Membership{MemberID: p.ID, MemberKind: graph.PropertySubject})
		return err
	})
	return made, err
}

// homeFor finds the group that a new property goes to. A group that the actor does
// not see does not exist for them.
func homeFor(tx *store.Tx, a roster.Actor, id uuid.UUID) (*graph.Group, error) {
	if id == uuid.Nil {
		if a.PersonID == 0 {
			return nil, problem("group_id", blank)
		}
		return defaultGroup(tx, a.PersonID)
	}
	group, may, err := accessTo(tx, a, id)
	switch {
	case roster.IsKind(err, roster.NotFound), err == nil && may == none:
		return nil, problem("group_id", notExisting)
	case err != nil:
		return nil, err
	case may == read:
		return nil, errForbidden()
	}
	return graph.LiveGroup(tx, group)
}

// UpdateProperty changes a property. Invalid with Problems, NotFound, Forbidden,
// Precondition.
func (l *Lodging) UpdateProperty(ctx context.Context, a roster.Actor, id uuid.UUID, c PropertyChange, match graph.Match) (after Property, err error) {
	err = l.db.Write(ctx, a, func(tx *store.Tx) error {
		before, homes, err := ownProperty(tx, a, id)
		if err != nil {
			return err
		}
		p, err := graph.UpdateProperty(tx, before.ID, match, c.apply)
		if err != nil {
			return err
		}
		after = newProperty(p, homes)
		return nil
	})
	return after, err
}

// DeleteProperty ends a property and its place in every group. NotFound, Forbidden,
// Precondition.
func (l *Lodging) DeleteProperty(ctx context.Context, a roster.Actor, id uuid.UUID, match graph.Match) error {
	return l.db.Write(ctx, a, func(tx *store.Tx) error {
		p, _, err := ownProperty(tx, a, id)
		if err != nil {
			return err
		}
		return graph.DeleteProperty(tx, p.ID, match)
	})
}
