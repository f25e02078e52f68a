package identity

import (
	"context"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// PutGroupUser sees to it that a user is in a group of the organization, on the
// terms that edit leaves (role and times), and returns the membership. NotFound
// with graph.CodeNoGroup or graph.CodeNoMember, Precondition, or Invalid for times.
func (i *Identity) PutGroupUser(ctx context.Context, a roster.Actor, group int64, user uuid.UUID, match graph.Match, edit func(*graph.Membership)) (m *graph.Membership, err error) {
	err = i.db.Write(ctx, a, func(tx *store.Tx) error {
		id, err := groupAndUser(tx, group, user)
		if err != nil {
			return err
		}
		m, err = graph.LiveMembership(tx, group, id)
		if err == nil {
			m, err = graph.UpdateMembership(tx, group, id, match, func(m *graph.Membership) error {
				edit(m)
				return nil
			})
			return err
		}
		if !roster.IsKind(err, roster.NotFound) {
			return err
		}
		if match != nil {
			if err := match(0); err != nil {
				return err
			}
		}
		fresh := graph.Membership{MemberID: id}
		edit(&fresh)
		added, err := graph.AddMember(tx, group, fresh)
		m = &added
		return err
	})
	return m, err
}

// RemoveGroupUser sees to it that a user is not in a group of the organization.
// NotFound with graph.CodeNoGroup or graph.CodeNoMember, Precondition.
func (i *Identity) RemoveGroupUser(ctx context.Context, a roster.Actor, group int64, user uuid.UUID, match graph.Match) error {
	return i.db.Write(ctx, a, func(tx *store.Tx) error {
		id, err := groupAndUser(tx, group, user)
		if err != nil {
			return err
		}
		m, err := graph.LiveMembership(tx, group, id)
		if roster.IsKind(err, roster.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if match != nil {
			if err := match(m.Revision); err != nil {
				return err
			}
		}
		return graph.RemoveMember(tx, group, id)
	})
}

func groupAndUser(tx *store.Tx, group int64, user uuid.UUID) (int64, error) {
	g, err := graph.LiveGroup(tx, group)
	if err != nil {
		return 0, err
	}
	if g.Kind != graph.Organization {
		return 0, roster.Errorf(roster.NotFound, graph.CodeNoGroup, "there is no such group")
	}
	u, err := UserByUUID(tx, user)
	if err != nil {
		return 0, err
	}
	return u.ID, nil
}
