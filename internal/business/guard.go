package business

import (
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

// Guard is what only the areas above know: whether something is still under way that a
// change of an account would cut off, and which operators see a customer. A nil
// function knows of nothing.
type Guard struct {
	// OpenOfMember reports whether a member has a rental or booking on the account
	// that is not over.
	OpenOfMember func(tx *store.Tx, account, person int64) (bool, error)
	// OpenOfGroup reports whether anybody has.
	OpenOfGroup func(tx *store.Tx, account int64) (bool, error)
	// CostCenterUsed reports whether a rental or booking has captured a cost center.
	CostCenterUsed func(tx *store.Tx, costCenter int64) (bool, error)
	// BranchesOfCustomers tells at which branches customers are seen, by customer;
	// who has no branches is seen by nobody.
	BranchesOfCustomers func(tx *store.Tx, ids []int64) (map[int64][]int64, error)
}

// SetGuard has b ask g from now on. Called when the program starts, and never later.
func (b *Business) SetGuard(g Guard) { b.guard = g }

func (g Guard) openOfMember(tx *store.Tx, account, person int64) (bool, error) {
	if g.OpenOfMember == nil {
		return false, nil
	}
	return g.OpenOfMember(tx, account, person)
}

func (g Guard) openOfGroup(tx *store.Tx, account int64) (bool, error) {
	if g.OpenOfGroup == nil {
		return false, nil
	}
	return g.OpenOfGroup(tx, account)
}

func (g Guard) costCenterUsed(tx *store.Tx, costCenter int64) (bool, error) {
	if g.CostCenterUsed == nil {
		return false, nil
	}
	return g.CostCenterUsed(tx, costCenter)
}

// branchesOfCustomers tells at which branches customers are seen; without care it is
// the home branch alone.
func (g Guard) branchesOfCustomers(tx *store.Tx, ids []int64) (map[int64][]int64, error) {
	if g.BranchesOfCustomers != nil {
		return g.BranchesOfCustomers(tx, ids)
	}
	customers, err := identity.CustomersByID(tx, ids)
	of := make(map[int64][]int64, len(customers))
	for id, c := range customers {
		of[id] = []int64{c.HomeBranchID}
	}
	return of, err
}
