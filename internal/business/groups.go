package business

import (
	"context"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// OwnGroup is an account as its members see it. What it points to is shared: nobody
// changes it.
type OwnGroup struct {
	*Account
	Member            *Member
	CostCenters       []CostCenter // those that the member can book to now
	DefaultCostCenter *CostCenter  // the member's, else the account's
	Unpaid            bool         // an invoice that is unpaid and overdue blocks the account
	CanManage         bool
}

// standing is what the user API asks of somebody before anything else, and where they
// are a member.
type standing struct {
	blocked, enabled bool
	member           *Member // nil for somebody in no account
}

// shared is what all members of an account see of it.
type shared struct {
	account     *Account // nil for a deleted one
	costCenters []CostCenter
	blockedFrom int64 // by an invoice; 0 for never
}

// memos remember both, since apps ask for them whenever somebody looks at a vehicle.
type memos struct {
	standings *store.Memo[int64, *standing] // by person
	accounts  *store.Memo[int64, *shared]
	// lists have the accounts of a tenant as lists are searched, for operators.
	lists *store.Memo[struct{}, []*accountRow]
}

func newMemos(db *store.DB) memos {
	return memos{
		standings: store.NewMemo[int64, *standing](db, func(c store.ChangedSubject) ([]int64, bool) {
			switch c.Type {
			case "membership", memberSubject:
				return []int64{c.ObjectID}, false
			case "customer", graph.PersonSubject:
				return []int64{c.SubjectID}, false
			}
			return nil, isBranch(c)
		}),
		accounts: store.NewMemo[int64, *shared](db, func(c store.ChangedSubject) ([]int64, bool) {
			switch c.Type {
			case accountSubject:
				return []int64{c.SubjectID}, false
			case costCenterSubject, "invoice":
				return []int64{c.ObjectID}, false
			}
			return nil, isBranch(c)
		}),
		lists: store.NewMemo[struct{}, []*accountRow](db, func(c store.ChangedSubject) ([]struct{}, bool) {
			return nil, c.Type == accountSubject
		}),
	}
}

// isBranch reports whether a change is one of branches or their settings.
func isBranch(c store.ChangedSubject) bool { return c.Type == "branch" || c.Type == "branch_setting" }

// Groups lists the accounts that the caller is a member of, suspended or not, and how
// many there are. Orders as of Managed.
func (b *Business) Groups(ctx context.Context, a roster.Actor, p roster.Page) (page []*OwnGroup, total int, err error) {
	s, err := b.memos.standings.Get(ctx, a.Tenant.ID, a.PersonID, func(tx *store.Tx) (*standing, error) { return readStanding(tx, a.PersonID) })
	switch {
	case err != nil:
		return nil, 0, err
	case s.blocked:
		return nil, 0, errBlocked()
	case !s.enabled:
		return nil, 0, errDisabled()
	}
	var own []*OwnGroup
	if s.member != nil {
		id := s.member.GroupID
		sh, err := b.memos.accounts.Get(ctx, a.Tenant.ID, id, func(tx *store.Tx) (*shared, error) { return readShared(tx, id) })
		if err != nil {
			return nil, 0, err
		}
		if sh.account != nil {
			own = append(own, sh.shownTo(s.member, b.db.Now()))
		}
	}
	return pageOf(own, p, ownOrders)
}

var ownOrders = func() map[string]order[*OwnGroup] {
	orders := map[string]order[*OwnGroup]{}
	for property, by := range accountOrders {
		orders[property] = func(a, b *OwnGroup) int { return by(a.Account, b.Account) }
	}
	return orders
}()

func readStanding(tx *store.Tx, person int64) (*standing, error) {
	c, err := identity.LiveCustomer(tx, person)
	if err != nil {
		return nil, err
	}
	s := &standing{blocked: c.BlockState != identity.NotBlocked}
	if s.enabled, err = enabledFor(tx, c); err != nil {
		return nil, err
	}
	_, s.member, err = AccountOf(tx, person)
	return s, err
}

func readShared(tx *store.Tx, id int64) (*shared, error) {
	s := &shared{}
	a, err := LiveAccount(tx, id)
	if roster.IsKind(err, roster.NotFound) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	s.account = a
	if s.costCenters, err = CostCentersOf(tx, id); err != nil {
		return nil, err
	}
	blocked, err := blockedFrom(tx, []int64{id})
	s.blockedFrom = blocked[id]
	return s, err
}

// shownTo is the account as a member sees it at an instant.
func (s *shared) shownTo(m *Member, now int64) *OwnGroup {
	g := &OwnGroup{Account: s.account, Member: m, Unpaid: s.blockedFrom != 0 && s.blockedFrom < now, CanManage: m.IsManager()}
	standard := m.DefaultCostCenterID
	if standard == 0 {
		standard = s.account.DefaultCostCenterID
	}
	for i := range s.costCenters {
		c := &s.costCenters[i]
		if c.ID == standard && m.MayUse(c.ID) {
			g.DefaultCostCenter = c
		}
		if c.ValidAt(now) && m.MayUse(c.ID) {
			g.CostCenters = append(g.CostCenters, *c)
		}
	}
	return g
}
