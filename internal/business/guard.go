package business

import "github.com/rosterhq/roster/internal/store"

// Guard is what only mobility knows: whether something is still under way that a
// change of an account would cut off. A nil function knows of nothing.
type Guard struct {
	// OpenOfMember reports whether a member has a rental or booking on the account
	// that is not over.
	OpenOfMember func(tx *store.Tx, account, person int64) (bool, error)
	// OpenOfGroup reports whether anybody has.
	OpenOfGroup func(tx *store.Tx, account int64) (bool, error)
	// CostCenterUsed reports whether a rental or booking has captured a cost center.
	CostCenterUsed func(tx *store.Tx, costCenter int64) (bool, error)
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
