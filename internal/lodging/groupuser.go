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

// States of a group user.
const (
	Active  = "active"  // a person, who is in the group
	Invited = "invited" // an address that is nobody's yet
)

// GroupUser is somebody in a property group, or invited to it.
type GroupUser struct {
	ID    uuid.UUID
	Group *graph.Group // of its fields, only ID, UUID and Name are read
	// PersonID is 0, Person uuid.Nil and Name "" while State is Invited.
	PersonID int64
	Person   uuid.UUID
	Name     string
	Email    string
	Role     string
	State    string
	// Overrides is kept and shown; nil for none.
	Overrides json.RawMessage
	Revision  int64 // the row's version
}

const groupUserColumns = `m.group_id, gs.uuid, g.name, m.member_id, s.uuid, p.name, p.email, m.role, m.properties, m.revision, i.uuid`

const fromGroupUsers = ` FROM memberships m
	JOIN groups g ON g.tenant = $1 AND g.id = m.group_id AND g.kind = 'property' AND g.recorded_to = ` + live + `
	JOIN subjects gs ON gs.tenant = $1 AND gs.id = m.group_id
	JOIN people p ON p.tenant = $1 AND p.id = m.member_id AND p.recorded_to = ` + live + `
	JOIN subjects s ON s.tenant = $1 AND s.id = m.member_id
	LEFT JOIN group_invitations i ON i.tenant = $1 AND i.group_id = m.group_id AND i.person_id = m.member_id AND i.person_id <> 0
	WHERE m.tenant = $1 AND m.recorded_to = ` + live

var (
	groupUsersOf = store.Q("lodging.users_of_groups", `SELECT `+groupUserColumns+fromGroupUsers+` AND m.group_id IN ($2)`).In()
	groupUserOne = store.Q("lodging.user_of_group", `SELECT `+groupUserColumns+fromGroupUsers+` AND m.group_id = $2 AND m.member_id = $3`)
)

// scanGroupUser reads a row of groupUserColumns; the id needs the tenant.
func scanGroupUser(tenant roster.TenantID) func(store.Scanner) (*GroupUser, error) {
	return func(s store.Scanner) (*GroupUser, error) {
		u := GroupUser{Group: &graph.Group{}, State: Active}
		var group, person, invitation []byte
		var overrides string
		err := s.Scan(&u.Group.ID, &group, &u.Group.Name, &u.PersonID, &person, &u.Name, &u.Email, &u.Role, &overrides, &u.Revision, &invitation)
		copy(u.Group.UUID[:], group)
		copy(u.Person[:], person)
		u.Overrides = rawOrNil(overrides)
		if invitation != nil {
			copy(u.ID[:], invitation)
		} else {
			u.ID = pairID(tenant, u.Group.ID, u.PersonID)
		}
		return &u, err
	}
}

func rawOrNil(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// GroupUsers lists the people in those of the groups that the actor sees which
// choose picks, and who is invited to them, in no order.
func (l *Lodging) GroupUsers(ctx context.Context, a roster.Actor, choose func(*graph.Group) bool) (all []*GroupUser, err error) {
	var groups []int64
	l.graph.View(a.Tenant.ID, func(v *index.View) {
		for _, g := range visible(v, a) {
			if choose(g) {
				groups = append(groups, g.ID)
			}
		}
	})
	collect := func(scan func(store.Scanner) (*GroupUser, error)) func(store.Scanner) error {
		return func(s store.Scanner) error {
			u, err := scan(s)
			all = append(all, u)
			return err
		}
	}
	err = l.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		if err := tx.EachIn(groupUsersOf, groups, collect(scanGroupUser(a.Tenant.ID))); err != nil {
			return err
		}
		return tx.EachIn(invitationsOf, groups, collect(scanInvitation))
	})
	return all, err
}

// GroupUser returns somebody in, or invited to, a group that the actor sees. NotFound.
func (l *Lodging) GroupUser(ctx context.Context, a roster.Actor, id uuid.UUID) (u *GroupUser, err error) {
	err = l.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		u, _, err = groupUser(tx, a, id)
		return err
	})
	return u, err
}

func errNoGroupUser() error {
	return roster.Errorf(roster.NotFound, graph.CodeNoMembership, "there is no such group user")
}

// groupUser finds a group user of a group that the actor sees, and what they may do
// there. NotFound.
func groupUser(tx *store.Tx, a roster.Actor, id uuid.UUID) (*GroupUser, access, error) {
	u, err := findGroupUser(tx, a.Tenant.ID, id)
	if err != nil {
		return nil, none, err
	}
	_, may, err := accessTo(tx, a, u.Group.UUID)
	if err == nil && may == none || roster.IsKind(err, roster.NotFound) {
		err = errNoGroupUser()
	}
	return u, may, err
}

func findGroupUser(tx *store.Tx, tenant roster.TenantID, id uuid.UUID) (*GroupUser, error) {
	group, person, ok := parsePair(tenant, id)
	if !ok {
		found, err := store.All(tx, invitationByID, scanInvitation, id[:])
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, errNoGroupUser()
		}
		if found[0].PersonID == 0 {
			return found[0], nil
		}
		group, person = found[0].Group.ID, found[0].PersonID
	}
	found, err := store.All(tx, groupUserOne, scanGroupUser(tenant), group, person)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errNoGroupUser()
	}
	return found[0], nil
}

// ownGroupUser finds a group user whom the actor may change. NotFound, Forbidden,
// Precondition.
func ownGroupUser(tx *store.Tx, a roster.Actor, id uuid.UUID, match graph.Match) (*GroupUser, error) {
	u, may, err := groupUser(tx, a, id)
	switch {
	case err != nil:
		return nil, err
	case may != write:
		return nil, errForbidden()
	case match != nil:
		return u, match(u.Revision)
	}
	return u, nil
}

func (p Problems) role(role string) {
	if role != Owner && role != User {
		p.add("role", invalid)
	}
}

// SetRole gives a group user another role. Invalid with Problems, NotFound,
// Forbidden, Precondition.
func (l *Lodging) SetRole(ctx context.Context, a roster.Actor, id uuid.UUID, role string, match graph.Match) (u *GroupUser, err error) {
	problems := Problems{}
	problems.role(role)
	if err := problems.err(); err != nil {
		return nil, err
	}
	err = l.db.Write(ctx, a, func(tx *store.Tx) error {
		if u, err = ownGroupUser(tx, a, id, match); err != nil || u.Role == role {
			return err
		}
		if u.State == Invited {
			return changeInvitation(tx, u, role)
		}
		after, err := graph.UpdateMembership(tx, u.Group.ID, u.PersonID, nil, func(m *graph.Membership) error {
			m.Role = role
			return nil
		})
		if err != nil {
			return err
		}
		u.Role, u.Revision = after.Role, after.Revision
		return nil
	})
	return u, err
}

// RemoveGroupUser takes somebody out of a group, or an invitation back. NotFound,
// Forbidden, Precondition.
func (l *Lodging) RemoveGroupUser(ctx context.Context, a roster.Actor, id uuid.UUID, match graph.Match) error {
	return l.db.Write(ctx, a, func(tx *store.Tx) error {
		u, err := ownGroupUser(tx, a, id, match)
		if err != nil {
			return err
		}
		if u.State == Invited {
			return withdraw(tx, u)
		}
		if err := graph.RemoveMember(tx, u.Group.ID, u.PersonID); err != nil {
			return err
		}
		_, err = tx.Exec(invitationDrop, u.ID[:])
		return err
	})
}
