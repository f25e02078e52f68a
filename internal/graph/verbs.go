package graph

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Create makes a group of g's kind, as CreateGroup.
func (g *Graph) Create(ctx context.Context, a roster.Actor, group *Group) error {
	return g.db.Write(ctx, a, func(tx *store.Tx) error { return CreateGroup(tx, group) })
}

// Update changes a group of one kind, as UpdateGroup. A group of another kind is
// NotFound.
func (g *Graph) Update(ctx context.Context, a roster.Actor, kind string, id int64, match Match, edit func(*Group) error) (after *Group, err error) {
	err = g.db.Write(ctx, a, func(tx *store.Tx) error {
		if err := ofKind(tx, kind, id); err != nil {
			return err
		}
		after, err = UpdateGroup(tx, id, match, edit)
		return err
	})
	return after, err
}

// Delete ends a group of one kind, as DeleteGroup.
func (g *Graph) Delete(ctx context.Context, a roster.Actor, kind string, id int64, match Match) error {
	return g.db.Write(ctx, a, func(tx *store.Tx) error {
		if err := ofKind(tx, kind, id); err != nil {
			return err
		}
		return DeleteGroup(tx, id, match)
	})
}

// Add puts a member into a group of one kind, as AddMember.
func (g *Graph) Add(ctx context.Context, a roster.Actor, kind string, group int64, m Membership) (added Membership, err error) {
	err = g.db.Write(ctx, a, func(tx *store.Tx) error {
		if err := ofKind(tx, kind, group); err != nil {
			return err
		}
		added, err = AddMember(tx, group, m)
		return err
	})
	return added, err
}

// Change changes a membership in a group of one kind, as UpdateMembership.
func (g *Graph) Change(ctx context.Context, a roster.Actor, kind string, group, member int64, match Match, edit func(*Membership) error) (after *Membership, err error) {
	err = g.db.Write(ctx, a, func(tx *store.Tx) error {
		if err := ofKind(tx, kind, group); err != nil {
			return err
		}
		after, err = UpdateMembership(tx, group, member, match, edit)
		return err
	})
	return after, err
}

// Remove ends a membership in a group of one kind, as RemoveMember.
func (g *Graph) Remove(ctx context.Context, a roster.Actor, kind string, group, member int64, match Match) error {
	return g.db.Write(ctx, a, func(tx *store.Tx) error {
		if err := ofKind(tx, kind, group); err != nil {
			return err
		}
		if match != nil {
			m, err := LiveMembership(tx, group, member)
			if err != nil {
				return err
			}
			if err := match.check(m.Revision); err != nil {
				return err
			}
		}
		return RemoveMember(tx, group, member)
	})
}

// BatchResult is what became of the rows of a Batch, in their order.
type BatchResult struct {
	Added, Removed []error // nil for a row that was done
}

// Failed is how many rows were refused.
func (r *BatchResult) Failed() (n int) {
	for _, err := range append(append([]error(nil), r.Added...), r.Removed...) {
		if err != nil {
			n++
		}
	}
	return n
}

// BatchMode says how a batch takes a refused row.
type BatchMode struct {
	// Atomic: one refused row undoes all, and the error is Conflict with CodeBatch.
	Atomic bool
	// Refused: the caller has refused rows of its own already.
	Refused bool
}

// Batch removes members from a group and adds others, in one transaction.
func (g *Graph) Batch(ctx context.Context, a roster.Actor, kind string, group int64, add []Membership, remove []int64, mode BatchMode) (result BatchResult, err error) {
	err = g.db.Write(ctx, a, func(tx *store.Tx) error {
		if err := ofKind(tx, kind, group); err != nil {
			return err
		}
		result = BatchResult{}
		if result.Removed, err = RemoveMembers(tx, group, remove); err != nil {
			return err
		}
		if _, result.Added, err = AddMembers(tx, group, add); err != nil {
			return err
		}
		if mode.Atomic && (mode.Refused || result.Failed() > 0) {
			return roster.Errorf(roster.Conflict, CodeBatch, "rows were refused, so nothing was changed")
		}
		return nil
	})
	return result, err
}

func ofKind(tx *store.Tx, kind string, id int64) error {
	group, err := LiveGroup(tx, id)
	if err == nil && group.Kind != kind {
		return errNoGroup()
	}
	return err
}
