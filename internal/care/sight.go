package care

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Where a customer is seen: at the branch of home, and wherever they accepted terms,
// be they outdated (decision 9).

// CustomerFor reads a customer for somebody with those powers, who needs a permission
// on one of the customer's branches. A deleted customer is read, too. NotFound with
// identity.CodeNoCustomer for one who is not seen, Forbidden with
// identity.CodeNoPermission for one who is, by USER_READ or USER_LIST.
func CustomerFor(tx *store.Tx, p *identity.Powers, id int64, permission string) (*identity.Customer, error) {
	c, err := identity.AnyCustomer(tx, id)
	if err != nil {
		return nil, err
	}
	of, err := BranchesOfCustomers(tx, []int64{id})
	if err != nil {
		return nil, err
	}
	if err := needAtCustomer(p, permission, of[id]); err != nil {
		return nil, err
	}
	return c, nil
}

// needAtCustomer refuses a permission that holds on none of a customer's branches, as
// CustomerFor does; that of home comes first.
func needAtCustomer(p *identity.Powers, permission string, branches []int64) error {
	switch {
	case p.On(permission, branches...):
		return nil
	case p.On("USER_READ", branches...) || p.On("USER_LIST", branches...):
		return &roster.Error{
			Kind: roster.Forbidden, Code: identity.CodeNoPermission, Msg: "this needs the permission " + permission + " on a branch of the customer",
			Details: identity.Denied{Permission: permission, BranchID: branches[0]},
		}
	}
	return roster.Errorf(roster.NotFound, identity.CodeNoCustomer, "there is no such customer")
}

// ChangeableFor is CustomerFor for a call that changes the customer. Conflict with
// identity.CodeCustomerDeleted.
func ChangeableFor(tx *store.Tx, p *identity.Powers, id int64, permission string) (*identity.Customer, error) {
	c, err := CustomerFor(tx, p, id, permission)
	if err == nil && c.BlockState == identity.Deleted {
		err = roster.Errorf(roster.Conflict, identity.CodeCustomerDeleted, "the customer is deleted")
	}
	return c, err
}

// BranchesOfCustomers reads at which branches customers are seen: that of home first,
// then those for which they accepted terms, by id.
func BranchesOfCustomers(tx *store.Tx, ids []int64) (map[int64][]int64, error) {
	of := map[int64][]int64{}
	err := identity.EachListedOf(tx, ids, func(l identity.Listed) { of[l.ID] = []int64{l.HomeBranchID} })
	if err != nil {
		return nil, err
	}
	accepted := map[int64][]int64{}
	err = tx.EachIn(acceptedOf, ids, func(s store.Scanner) error {
		var person, branch int64
		err := s.Scan(&person, &branch)
		accepted[person] = append(accepted[person], branch)
		return err
	})
	for id, branches := range accepted {
		slices.Sort(branches)
		of[id] = append(of[id], slices.Compact(branches)...)
	}
	return of, err
}

// readAs runs a read of an operator, or an API client, with what they may do.
func (c *Care) readAs(ctx context.Context, a roster.Actor, fn func(tx *store.Tx, p *identity.Powers) error) error {
	p, err := c.powers.Of(ctx, a)
	if err != nil {
		return err
	}
	return c.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error { return fn(tx, p) })
}

// writeAs runs a write of theirs, with what they may do at that moment.
func (c *Care) writeAs(ctx context.Context, a roster.Actor, fn func(tx *store.Tx, p *identity.Powers) error) error {
	return c.db.Write(ctx, a, func(tx *store.Tx) error {
		p, err := identity.PowersIn(tx)
		if err != nil {
			return err
		}
		return fn(tx, p)
	})
}
