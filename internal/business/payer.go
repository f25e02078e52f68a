package business

import (
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// payer is an account that owes: a business account, or a customer for themselves.
type payer struct {
	id           int64
	business     bool
	branch       int64
	unit         int64 // its own; 0 where the branch's bills it
	paymentState string
	createdAt    int64
	cycle        string
	from, to     int64 // of the open cycle
}

// payerOf reads an account, of a business also a deleted one. NotFound with
// CodeNoAccount.
func payerOf(tx *store.Tx, id int64) (*payer, error) {
	accounts, err := AccountsByID(tx, []int64{id})
	if err != nil {
		return nil, err
	}
	if a := accounts[id]; a != nil {
		return payerOfAccount(a), nil
	}
	c, err := identity.LiveCustomer(tx, id)
	if roster.IsKind(err, roster.NotFound) {
		return nil, errNoAccount()
	}
	if err != nil {
		return nil, err
	}
	return payerOfCustomer(c), nil
}

func payerOfAccount(a *Account) *payer {
	return &payer{
		id: a.ID, business: true, branch: a.BranchID, unit: a.DefaultBusinessUnitID, paymentState: a.PaymentState,
		createdAt: a.CreatedAt, cycle: a.BillingCycle, from: a.CycleFrom, to: a.CycleTo,
	}
}

func payerOfCustomer(c *identity.Customer) *payer {
	return &payer{id: c.ID, branch: c.HomeBranchID, paymentState: c.PaymentState, createdAt: c.CreatedAt, cycle: PerUsage}
}

// billedBy reads the business unit that bills the payer: its own, else its branch's.
// NotFound with CodeNoUnit where none does.
func (p *payer) billedBy(tx *store.Tx, tree *identity.Tree) (*Unit, error) {
	if p.unit != 0 {
		return LiveUnit(tx, p.unit)
	}
	return UnitOf(tx, tree, p.branch)
}

// zone is the time zone of the business unit that bills the payer, UTC where none
// does.
func (p *payer) zone(tx *store.Tx, tree *identity.Tree) (*time.Location, error) {
	u, err := p.billedBy(tx, tree)
	if roster.IsKind(err, roster.NotFound) {
		return time.UTC, nil
	}
	if err != nil {
		return nil, err
	}
	return u.Location(), nil
}

// UnitFor reads the business unit that a charge on a branch captures: the business
// account's own, else the one that bills the branch. a is nil for a person's own
// charge. NotFound with CodeNoUnit where none does.
func UnitFor(tx *store.Tx, tree *identity.Tree, a *Account, branch int64) (*Unit, error) {
	if a != nil && a.DefaultBusinessUnitID != 0 {
		return LiveUnit(tx, a.DefaultBusinessUnitID)
	}
	return UnitOf(tx, tree, branch)
}
