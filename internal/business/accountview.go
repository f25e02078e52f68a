package business

import (
	"slices"

	"github.com/rosterhq/roster/internal/store"
)

// AccountView is an account as those see it who manage it.
type AccountView struct {
	*Account
	Owner               *User        // nil where it has none
	MembersCount        int          // the active ones
	CostCenters         []CostCenter // the active ones, by id
	DefaultCostCenter   *CostCenter
	DefaultBusinessUnit *Unit
	// Unpaid is whether an invoice that is unpaid and overdue blocks the account.
	Unpaid bool
}

var (
	memberCounts = store.Q("member.count", `SELECT group_id, count(*) FROM memberships
		WHERE tenant = $1 AND group_kind = 'business' AND state = 'ACTIVE' AND recorded_to = `+live+` AND group_id IN ($2) GROUP BY group_id`).In()
	ownersOf = store.Q("member.owners", `SELECT group_id, member_id FROM memberships
		WHERE tenant = $1 AND group_kind = 'business' AND role = 'OWNER' AND recorded_to = `+live+` AND group_id IN ($2)`).In()
	costCentersIn = store.Q("cost_center.of_accounts", `SELECT `+costCenterColumns+` FROM business_accounts a
		JOIN cost_centers c ON c.tenant = a.tenant AND c.group_id = a.id WHERE a.tenant = $1 AND a.id IN ($2)`).In()
)

// viewAccounts reads what goes with accounts, in few queries however many they are.
func viewAccounts(tx *store.Tx, accounts []*Account) ([]*AccountView, error) {
	views := make([]*AccountView, len(accounts))
	byID := map[int64]*AccountView{}
	ids, units := make([]int64, len(accounts)), []int64(nil)
	for i, a := range accounts {
		views[i], ids[i] = &AccountView{Account: a}, a.ID
		byID[a.ID] = views[i]
		if a.DefaultBusinessUnitID != 0 {
			units = append(units, a.DefaultBusinessUnitID)
		}
	}
	blocked, err := blockedFrom(tx, ids)
	if err != nil {
		return nil, err
	}
	found, err := unitsByID(tx, units)
	if err != nil {
		return nil, err
	}
	for _, v := range views {
		at, due := blocked[v.ID]
		v.Unpaid, v.DefaultBusinessUnit = due && at < tx.Now, found[v.DefaultBusinessUnitID]
	}
	if err := addPeople(tx, ids, byID); err != nil {
		return nil, err
	}
	return views, addCostCenters(tx, ids, byID)
}

func addPeople(tx *store.Tx, ids []int64, views map[int64]*AccountView) error {
	counts := map[int64]int{}
	err := tx.EachIn(memberCounts, ids, func(s store.Scanner) error {
		var account int64
		var n int
		err := s.Scan(&account, &n)
		counts[account] = n
		return err
	})
	if err != nil {
		return err
	}
	owners := map[int64]int64{}
	var people []int64
	err = tx.EachIn(ownersOf, ids, func(s store.Scanner) error {
		var account, owner int64
		err := s.Scan(&account, &owner)
		owners[account] = owner
		people = append(people, owner)
		return err
	})
	if err != nil {
		return err
	}
	users, err := usersByID(tx, people)
	for id, v := range views {
		v.MembersCount, v.Owner = counts[id], users[owners[id]]
	}
	return err
}

func addCostCenters(tx *store.Tx, ids []int64, views map[int64]*AccountView) error {
	err := tx.EachIn(costCentersIn, ids, func(s store.Scanner) error {
		c, err := scanCostCenter(s)
		if v := views[c.GroupID]; v != nil {
			if c.IsDefault {
				v.DefaultCostCenter = &c
			}
			if c.Active && !slices.ContainsFunc(v.CostCenters, func(o CostCenter) bool { return o.ID == c.ID }) {
				v.CostCenters = append(v.CostCenters, c)
			}
		}
		return err
	})
	for _, v := range views {
		slices.SortFunc(v.CostCenters, func(a, b CostCenter) int { return int(a.ID - b.ID) })
	}
	return err
}

func viewAccount(tx *store.Tx, a *Account) (*AccountView, error) {
	views, err := viewAccounts(tx, []*Account{a})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}
