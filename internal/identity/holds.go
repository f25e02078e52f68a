package identity

import (
	"context"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
)

// HoldsQuery asks whether the actor holds a permission, or a role, or both: on a
// branch, or anywhere where that is 0.
type HoldsQuery struct {
	Permission, Role string
	BranchID         int64
}

// Holds tells whether the actor holds what is asked. Invalid for an unknown
// permission, NotFound with CodeNoBranch.
func (i *Identity) Holds(ctx context.Context, a roster.Actor, q HoldsQuery) (bool, error) {
	if q.Permission != "" && !slices.Contains(Permissions, q.Permission) {
		return false, roster.FieldError("permission", "must be a permission that there is, not %q", q.Permission)
	}
	p, err := i.PowersOf(ctx, a)
	if err != nil {
		return false, err
	}
	if q.BranchID == 0 {
		return (q.Permission == "" || p.Anywhere(q.Permission)) && (q.Role == "" || p.HasRole(RoleKey(q.Role))), nil
	}
	if _, err := p.tree.Find(q.BranchID); err != nil {
		return false, err
	}
	return (q.Permission == "" || p.At(q.Permission, q.BranchID)) && (q.Role == "" || p.HasRoleAt(RoleKey(q.Role), q.BranchID)), nil
}

// RoleKey is the name of a role however it is written: Customer support is
// CUSTOMER_SUPPORT.
func RoleKey(name string) string {
	return strings.ToUpper(strings.Join(strings.Fields(name), "_"))
}
