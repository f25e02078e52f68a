package business

import (
	"context"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// UnitView is a business unit as operators see it.
type UnitView struct {
	*Unit
	BranchIDs []int64 // that it bills, by id
}

func viewUnit(tree *identity.Tree, u *Unit) *UnitView {
	v := &UnitView{Unit: u}
	for _, id := range tree.IDs() {
		if tree.Unit(id) == u.ID {
			v.BranchIDs = append(v.BranchIDs, id)
		}
	}
	return v
}

// needs refuses a permission that holds on none of the unit's branches; one without
// branches is the tenant's (decision 11). NotFound with CodeNoUnit, Forbidden with
// CodeNoPermission.
func (v *UnitView) needs(p *identity.Powers, permission string) error {
	if len(v.BranchIDs) == 0 {
		return p.NeedOn(permission, readUnits, errNoUnit(), 0)
	}
	return p.NeedOn(permission, readUnits, errNoUnit(), v.BranchIDs...)
}

var unitOrders = map[string]order[*UnitView]{
	"id":        ordering(func(v *UnitView) int64 { return v.ID }),
	"name":      ordering(func(v *UnitView) string { return graph.Key(v.Name) }),
	"code":      ordering(func(v *UnitView) string { return graph.Key(v.Code) }),
	"createdAt": ordering(func(v *UnitView) int64 { return v.CreatedAt }),
}

// Units lists the business units that the caller sees whose name or code has a part,
// and how many there are. Orders id, name, code, createdAt.
func (o Office) Units(ctx context.Context, a roster.Actor, search string, page roster.Page) (all []*UnitView, total int, err error) {
	search = graph.Key(search)
	err = o.identity.ReadAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		units, err := Units(tx)
		if err != nil {
			return err
		}
		all = nil
		for _, u := range units {
			v := viewUnit(p.Tree(), u)
			if v.needs(p, readUnits) == nil && (strings.Contains(graph.Key(u.Name), search) || strings.Contains(graph.Key(u.Code), search)) {
				all = append(all, v)
			}
		}
		all, total, err = pageOf(all, page, unitOrders)
		return err
	})
	return all, total, err
}

// unit reads a business unit for who holds a permission on one of its branches.
func (o Office) unit(tx *store.Tx, p *identity.Powers, id int64, permission string) (*UnitView, error) {
	u, err := LiveUnit(tx, id)
	if err != nil {
		return nil, err
	}
	v := viewUnit(p.Tree(), u)
	return v, v.needs(p, permission)
}

// Unit reads a business unit. NotFound with CodeNoUnit.
func (o Office) Unit(ctx context.Context, a roster.Actor, id int64) (v *UnitView, err error) {
	err = o.identity.ReadAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		v, err = o.unit(tx, p, id, readUnits)
		return err
	})
	return v, err
}

// CreateUnit makes a business unit, for who may at every root. Forbidden with
// CodeNoPermission, Invalid, Exists with CodeUnitTaken.
func (o Office) CreateUnit(ctx context.Context, a roster.Actor, u *Unit) (v *UnitView, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if !p.At(writeUnits, 0) {
			return identity.NoPermission(writeUnits, 0)
		}
		made := *u
		if err := o.b.checkGateway(&made); err != nil {
			return err
		}
		if err := InsertUnit(tx, &made); err != nil {
			return err
		}
		v = viewUnit(p.Tree(), &made)
		return nil
	})
	return v, err
}

// ReplaceUnit replaces what people say of a business unit. NotFound with CodeNoUnit,
// Forbidden with CodeNoPermission, Precondition, Invalid, Exists with CodeUnitTaken,
// Conflict with CodeUnitFixed.
func (o Office) ReplaceUnit(ctx context.Context, a roster.Actor, id int64, match graph.Match, in *Unit) (v *UnitView, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := o.unit(tx, p, id, writeUnits); err != nil {
			return err
		}
		u, err := UpdateUnit(tx, id, match, func(u *Unit) error {
			u.set(in)
			return o.b.checkGateway(u)
		})
		if err != nil {
			return err
		}
		v = viewUnit(p.Tree(), u)
		return nil
	})
	return v, err
}

// DeleteUnit deletes a business unit that nothing refers to, or ever did. NotFound
// with CodeNoUnit, Forbidden with CodeNoPermission, Precondition, Conflict with
// CodeUnitReferenced.
func (o Office) DeleteUnit(ctx context.Context, a roster.Actor, id int64, match graph.Match) error {
	return o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := o.unit(tx, p, id, writeUnits); err != nil {
			return err
		}
		return DeleteUnit(tx, id, match)
	})
}
