package lodging

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Group is a property group with the properties in it, by title and UUID.
type Group struct {
	*graph.Group

	Properties []*index.Property
}

var groupProperties = store.Q("lodging.group_properties", `SELECT p.id, s.uuid, p.title FROM memberships m
	JOIN properties p ON p.tenant = $1 AND p.id = m.member_id AND p.recorded_to = `+live+`
	JOIN subjects s ON s.tenant = $1 AND s.id = m.member_id
	WHERE m.tenant = $1 AND m.group_id = $2 AND m.member_kind = 'property' AND m.recorded_to = `+live)

func sortProperties(all []*index.Property) []*index.Property {
	slices.SortFunc(all, func(a, b *index.Property) int {
		return cmp.Or(strings.Compare(a.Title, b.Title), bytes.Compare(a.UUID[:], b.UUID[:]))
	})
	return all
}

// visible lists the property groups of a view that an actor sees, in no order.
func visible(v *index.View, a roster.Actor) []*graph.Group {
	if a.Role == AdminToken {
		return slices.Clone(v.GroupsByName(graph.Property))
	}
	links := v.GroupsWith(a.PersonID, graph.Property)
	groups := make([]*graph.Group, len(links))
	for i := range links {
		groups[i] = links[i].Group
	}
	return groups
}

// Groups lists the groups that the actor sees, now or at an instant (µs UTC; 0 for
// now), those that choose picks, in its order. choose gets them in no order. Of the
// past the actor sees what they saw then, unless they may not see the group now.
func (l *Lodging) Groups(ctx context.Context, a roster.Actor, asOf int64, choose func([]*graph.Group) []*graph.Group) (page []Group, err error) {
	if asOf == 0 {
		l.graph.View(a.Tenant.ID, func(v *index.View) { page = withProperties(v, choose(visible(v, a))) })
		return page, nil
	}
	chosen, err := l.visibleThen(ctx, a, asOf)
	if err != nil {
		return nil, err
	}
	chosen = choose(chosen)
	scope := graph.Scope{AsOf: asOf}
	for _, g := range chosen {
		scope.Below = append(scope.Below, g.ID)
	}
	err = l.graph.Read(ctx, a.Tenant.ID, scope, func(v *index.View) { page = withProperties(v, chosen) })
	return page, err
}

func withProperties(v *index.View, groups []*graph.Group) []Group {
	page := make([]Group, len(groups))
	for i, g := range groups {
		page[i] = Group{g, sortProperties(v.PropertiesOf(g.ID))}
	}
	return page
}

// visibleThen lists what the actor saw at an instant and may still see.
func (l *Lodging) visibleThen(ctx context.Context, a roster.Actor, asOf int64) (then []*graph.Group, err error) {
	if a.Role == AdminToken {
		all, err := l.graph.ByName(ctx, a.Tenant.ID, graph.Property, asOf)
		return slices.Clone(all), err
	}
	err = l.graph.Read(ctx, a.Tenant.ID, graph.Scope{AsOf: asOf, Above: []int64{a.PersonID}}, func(v *index.View) {
		then = visible(v, a)
	})
	l.graph.View(a.Tenant.ID, func(v *index.View) {
		then = slices.DeleteFunc(then, func(g *graph.Group) bool { return !stillVisible(v, a, g.ID) })
	})
	return then, err
}

// stillVisible reports whether the actor may see a group's past: they are in it, or
// it is gone.
func stillVisible(v *index.View, a roster.Actor, group int64) bool {
	return v.Group(group) == nil || in(v, a, group) != none
}

// Group returns a group, now or at an instant (µs UTC; 0 for now). NotFound, or
// Unauthenticated with CodeNotYours.
func (l *Lodging) Group(ctx context.Context, a roster.Actor, id uuid.UUID, asOf int64) (found Group, err error) {
	g, err := l.graph.ByUUID(ctx, a.Tenant.ID, graph.Property, id, asOf)
	if err != nil {
		return Group{}, err
	}
	may := false
	err = l.graph.Read(ctx, a.Tenant.ID, graph.Scope{AsOf: asOf, Below: []int64{g.ID}}, func(v *index.View) {
		if may = in(v, a, g.ID) != none; may {
			found = Group{g, sortProperties(v.PropertiesOf(g.ID))}
		}
	})
	if asOf != 0 {
		l.graph.View(a.Tenant.ID, func(v *index.View) { may = may && stillVisible(v, a, g.ID) })
	}
	if err == nil && !may {
		err = errNotYours()
	}
	return found, err
}

func checkTitle(title string) error {
	problems := Problems{}
	problems.text("title", title)
	return problems.err()
}

// CreateGroup makes a group whose owner is the actor's person. Invalid with
// Problems; Forbidden for a token without a person that is no admin's.
func (l *Lodging) CreateGroup(ctx context.Context, a roster.Actor, title string) (made Group, err error) {
	if err := checkTitle(title); err != nil {
		return Group{}, err
	}
	if a.PersonID == 0 && a.Role != AdminToken {
		return Group{}, roster.Errorf(roster.Forbidden, "", "the token is nobody's, so nobody would own the group")
	}
	err = l.db.Write(ctx, a, func(tx *store.Tx) error {
		made = Group{Group: &graph.Group{Kind: graph.Property, Name: title}}
		return createOwned(tx, made.Group, a.PersonID)
	})
	return made, err
}

// createOwned makes a group and, unless it is 0, its owner's membership.
func createOwned(tx *store.Tx, g *graph.Group, owner int64) error {
	err := graph.CreateGroup(tx, g)
	if err != nil || owner == 0 {
		return err
	}
	_, err = graph.AddMember(tx, g.ID, graph.Membership{MemberID: owner, MemberKind: graph.PersonSubject, Role: Owner})
	return err
}

// RenameGroup gives a group another title. Invalid with Problems, NotFound,
// Unauthenticated with CodeNotYours, Forbidden, Precondition.
func (l *Lodging) RenameGroup(ctx context.Context, a roster.Actor, id uuid.UUID, title string, match graph.Match) (after Group, err error) {
	if err := checkTitle(title); err != nil {
		return Group{}, err
	}
	err = l.db.Write(ctx, a, func(tx *store.Tx) error {
		group, err := ownGroup(tx, a, id)
		if err != nil {
			return err
		}
		after = Group{}
		after.Group, err = graph.UpdateGroup(tx, group, match, func(g *graph.Group) error {
			g.Name = title
			return nil
		})
		if err != nil {
			return err
		}
		after.Properties, err = store.All(tx, groupProperties, scanProperty, group)
		sortProperties(after.Properties)
		return err
	})
	return after, err
}

func scanProperty(s store.Scanner) (*index.Property, error) {
	var p index.Property
	var id []byte
	err := s.Scan(&p.ID, &id, &p.Title)
	copy(p.UUID[:], id)
	return &p, err
}

// DeleteGroup ends a group, its users' memberships and the invitations to it.
// NotFound, Unauthenticated with CodeNotYours, Forbidden, Precondition, or Conflict
// with graph.CodeNotEmpty while it holds a property.
func (l *Lodging) DeleteGroup(ctx context.Context, a roster.Actor, id uuid.UUID, match graph.Match) error {
	return l.db.Write(ctx, a, func(tx *store.Tx) error {
		group, err := ownGroup(tx, a, id)
		if err != nil {
			return err
		}
		if err := graph.DeleteGroup(tx, group, match); err != nil {
			return err
		}
		_, err = tx.Exec(invitationDropGroup, group)
		return err
	})
}

// Associate puts a property into a group. NotFound for either, Unauthenticated with
// CodeNotYours, Forbidden without the role owner in the group and in one of the
// property's, Exists with graph.CodeAlreadyMember.
func (l *Lodging) Associate(ctx context.Context, a roster.Actor, groupID, propertyID uuid.UUID) error {
	return l.db.Write(ctx, a, func(tx *store.Tx) error {
		group, err := ownGroup(tx, a, groupID)
		if err != nil {
			return err
		}
		p, _, err := ownProperty(tx, a, propertyID)
		if err != nil {
			return err
		}
		_, err = graph.AddMember(tx, group, graph.Membership{MemberID: p.ID, MemberKind: graph.PropertySubject})
		return err
	})
}

// Dissociate takes a property out of a group; match judges the group's version.
// NotFound for either and where the property is not in the group, Unauthenticated
// with CodeNotYours, Forbidden, Precondition, Conflict with graph.CodeLastGroup.
func (l *Lodging) Dissociate(ctx context.Context, a roster.Actor, groupID, propertyID uuid.UUID, match graph.Match) error {
	return l.db.Write(ctx, a, func(tx *store.Tx) error {
		group, err := ownGroup(tx, a, groupID)
		if err != nil {
			return err
		}
		p, err := graph.PropertyByUUID(tx, propertyID)
		if err != nil {
			return err
		}
		g, err := graph.LiveGroup(tx, group)
		if err != nil {
			return err
		}
		if match != nil {
			if err := match(g.Revision); err != nil {
				return err
			}
		}
		return graph.RemoveMember(tx, group, p.ID)
	})
}
