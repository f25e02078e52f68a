package business

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CostCenterPatch is what a manager changes of a cost center; nil leaves a field as
// it is, "" and 0 clear it.
type CostCenterPatch struct {
	GroupID                        *int64 // must be as it is
	Code, Name                     *string
	Description, ExternalReference *string
	Active                         *bool
	ValidFrom, ValidUntil          *int64
}

func (p *CostCenterPatch) apply(c *CostCenter) error {
	if p.GroupID != nil && *p.GroupID != c.GroupID {
		return errNotWritable("userGroupId")
	}
	set(&c.Code, p.Code)
	set(&c.Name, p.Name)
	set(&c.Description, p.Description)
	set(&c.ExternalReference, p.ExternalReference)
	set(&c.Active, p.Active)
	set(&c.ValidFrom, p.ValidFrom)
	set(&c.ValidUntil, p.ValidUntil)
	return nil
}

// CostCenterFilter narrows a list of cost centers; a zero field does not.
type CostCenterFilter struct {
	GroupID int64 // the caller's account
	Active  *bool
	Search  string // a part of code, name or external reference
}

func (f *CostCenterFilter) takes(c *CostCenter) bool {
	search := graph.Key(f.Search)
	return (f.Active == nil || c.Active == *f.Active) && (search == "" || containsFolded(search, c.Code, c.Name, c.ExternalReference))
}

var costCenterOrders = map[string]order[CostCenter]{
	"id":        ordering(func(c CostCenter) int64 { return c.ID }),
	"code":      ordering(func(c CostCenter) string { return graph.Key(c.Code) }),
	"name":      ordering(func(c CostCenter) string { return graph.Key(c.Name) }),
	"createdAt": ordering(func(c CostCenter) int64 { return c.CreatedAt }),
}

// sees reports whether a member sees a cost center of their account: a manager all,
// others those that are active and that they have access to.
func (m *Member) sees(c *CostCenter) bool {
	return m.IsManager() || c.Active && m.MayUse(c.ID)
}

// CostCenters lists the cost centers of the caller's account that they see, and how
// many there are: orders id, code, name, createdAt. NotFound with CodeNoAccount for
// an account that is not theirs.
func (b *Business) CostCenters(ctx context.Context, a roster.Actor, f CostCenterFilter, p roster.Page) (page []CostCenter, total int, err error) {
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		if _, err := caller(tx, a); err != nil {
			return err
		}
		acc, m, err := AccountOf(tx, a.PersonID)
		if err != nil {
			return err
		}
		if f.GroupID != 0 && (m == nil || f.GroupID != acc.ID) {
			return errNoAccount()
		}
		var all []CostCenter
		if m != nil {
			if all, err = CostCentersOf(tx, acc.ID); err != nil {
				return err
			}
			all = slices.DeleteFunc(all, func(c CostCenter) bool { return !m.sees(&c) || !f.takes(&c) })
		}
		page, total, err = pageOf(all, p, costCenterOrders)
		return err
	})
	return page, total, err
}

// CreateCostCenter makes a cost center of an account that the caller manages; 0 is
// the one that they do. NotFound with CodeNoAccount; Forbidden with CodeNoPermission;
// Invalid; Exists with CodeCostCenterTaken.
func (b *Business) CreateCostCenter(ctx context.Context, a roster.Actor, account int64, in CostCenterPatch) (c *CostCenter, err error) {
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		acc, err := accountForCostCenter(tx, a, account)
		if err != nil {
			return err
		}
		c = &CostCenter{GroupID: acc.ID, Active: true}
		if err := in.apply(c); err != nil {
			return err
		}
		return InsertCostCenter(tx, acc, c)
	})
	return c, err
}

func accountForCostCenter(tx *store.Tx, a roster.Actor, account int64) (*Account, error) {
	if account != 0 {
		acc, _, err := managerOf(tx, a, account)
		return acc, err
	}
	if _, err := caller(tx, a); err != nil {
		return nil, err
	}
	acc, m, err := AccountOf(tx, a.PersonID)
	if err == nil && !m.IsManager() {
		err = errNoPermission()
	}
	return acc, err
}

// costCenterSeen reads a cost center that the caller sees, with its account and what
// they are there. NotFound with CodeNoResource.
func costCenterSeen(tx *store.Tx, a roster.Actor, id int64) (*CostCenter, *Account, *Member, error) {
	if _, err := caller(tx, a); err != nil {
		return nil, nil, nil, err
	}
	acc, m, err := AccountOf(tx, a.PersonID)
	if err != nil {
		return nil, nil, nil, err
	}
	found, err := CostCentersByID(tx, []int64{id})
	if err != nil {
		return nil, nil, nil, err
	}
	if c := found[id]; c != nil && m != nil && c.GroupID == acc.ID && m.sees(c) {
		return c, acc, m, nil
	}
	return nil, nil, nil, errNoResource("cost center")
}

// costCenterManaged is costCenterSeen for managers: Forbidden with CodeNoPermission
// for others who see it.
func costCenterManaged(tx *store.Tx, a roster.Actor, id int64) (*CostCenter, *Account, error) {
	c, acc, m, err := costCenterSeen(tx, a, id)
	if err == nil && !m.IsManager() {
		err = errNoPermission()
	}
	return c, acc, err
}

// GetCostCenter reads a cost center that the caller sees. NotFound with
// CodeNoResource.
func (b *Business) GetCostCenter(ctx context.Context, a roster.Actor, id int64) (c *CostCenter, err error) {
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		c, _, _, err = costCenterSeen(tx, a, id)
		return err
	})
	return c, err
}

// UpdateCostCenter changes a cost center of an account that the caller manages.
// NotFound with CodeNoResource; Forbidden with CodeNoPermission or CodeNotWritable;
// Precondition; Invalid; Exists with CodeCostCenterTaken; Conflict with
// CodeCostCenterUsed.
func (b *Business) UpdateCostCenter(ctx context.Context, a roster.Actor, id int64, match graph.Match, in CostCenterPatch) (c *CostCenter, err error) {
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		before, acc, err := costCenterManaged(tx, a, id)
		if err != nil {
			return err
		}
		c, err = EditCostCenter(tx, acc, before, match, in.apply)
		return err
	})
	return c, err
}

// DeleteCostCenter deletes a cost center of an account that the caller manages.
// NotFound with CodeNoResource; Forbidden with CodeNoPermission; Precondition;
// Conflict with CodeCostCenterUsed.
func (b *Business) DeleteCostCenter(ctx context.Context, a roster.Actor, id int64, match graph.Match) error {
	return b.db.Write(ctx, a, func(tx *store.Tx) error {
		c, acc, err := costCenterManaged(tx, a, id)
		if err != nil {
			return err
		}
		if match != nil {
			if err := match(c.Revision); err != nil {
				return err
			}
		}
		return b.deleteCostCenter(tx, acc, c)
	})
}
