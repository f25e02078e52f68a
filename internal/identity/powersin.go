package identity

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// ReadAs runs a read of an operator, or an API client, with what they may do.
func (i *Identity) ReadAs(ctx context.Context, a roster.Actor, fn func(tx *store.Tx, p *Powers) error) error {
	p, err := i.PowersOf(ctx, a)
	if err != nil {
		return err
	}
	return i.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error { return fn(tx, p) })
}

// WriteAs runs a write of an operator, or an API client, with what they may do, read
// in the write itself: whom a role is taken from a moment before is refused.
func (i *Identity) WriteAs(ctx context.Context, a roster.Actor, fn func(tx *store.Tx, p *Powers) error) error {
	return i.db.Write(ctx, a, func(tx *store.Tx) error {
		p, err := PowersIn(tx)
		if err != nil {
			return err
		}
		return fn(tx, p)
	})
}

// On reports whether a permission holds on one of the branches.
func (p *Powers) On(permission string, branches ...int64) bool {
	return slices.ContainsFunc(branches, func(id int64) bool { return p.At(permission, id) })
}

// NeedOn refuses a permission that holds on none of a thing's branches: with missing,
// which says that there is no such thing, where the thing can't be seen either, for
// which seen must hold; else Forbidden with CodeNoPermission.
func (p *Powers) NeedOn(permission, seen string, missing error, branches ...int64) error {
	switch {
	case p.On(permission, branches...):
		return nil
	case p.On(seen, branches...):
		var at int64
		if len(branches) > 0 {
			at = branches[0]
		}
		return errDenied(CodeNoPermission, permission, at)
	}
	return missing
}

// NoPermission is Forbidden with CodeNoPermission, and says which permission lacks on
// which branch; 0 is every root.
func NoPermission(permission string, branch int64) error {
	return errDenied(CodeNoPermission, permission, branch)
}

// HasRoleAt reports whether a role is assigned on a branch, or on one above it.
func (p *Powers) HasRoleAt(role string, branch int64) bool {
	return slices.ContainsFunc(p.tree.Chain(branch), func(id int64) bool { return p.assigned[role][id] })
}
