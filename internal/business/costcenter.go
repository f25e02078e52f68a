package business

import (
	"slices"

	"github.com/rosterhq/roster/internal/store"
)

// CostCenter is what an account books its rides to (contract/mobility.md §4.5).
type CostCenter struct {
	ID, GroupID          int64
	Code, Name           string
	Description          string
	ExternalReference    string
	Active               bool
	IsDefault            bool // the account's default
	ValidFrom            int64
	ValidUntil           int64
	CreatedAt, UpdatedAt int64
	Revision             int64 // the row's version
}

// ValidAt reports whether the cost center can be booked to at an instant.
func (c *CostCenter) ValidAt(at int64) bool {
	return c.Active && at >= c.ValidFrom && (c.ValidUntil == 0 || at < c.ValidUntil)
}

// MayUse reports whether a member has access to a cost center of the account.
func (m *Member) MayUse(costCenter int64) bool {
	return m.AccessMode == AccessAll || slices.Contains(m.AccessIDs, costCenter)
}

const costCenterColumns = `c.id, c.group_id, c.code, c.name, c.description, c.external_reference, c.active, c.valid_from, c.valid_until,
		c.created_at, c.updated_at, c.revision, coalesce(a.default_cost_center_id, 0)`

const fromCostCenters = ` FROM cost_centers c JOIN business_accounts a ON a.tenant = c.tenant AND a.id = c.group_id `

var (
	costCenterByID = store.Q("cost_center.by_id", `SELECT `+costCenterColumns+fromCostCenters+`WHERE c.tenant = $1 AND c.id IN ($2)`).In()
	costCentersOf  = store.Q("cost_center.of_account", `SELECT `+costCenterColumns+fromCostCenters+`WHERE c.tenant = $1 AND c.group_id = $2`)
)

func scanCostCenter(s store.Scanner) (CostCenter, error) {
	var c CostCenter
	var standard int64
	err := s.Scan(&c.ID, &c.GroupID, &c.Code, &c.Name, &c.Description, &c.ExternalReference, &c.Active, &c.ValidFrom, &c.ValidUntil,
		&c.CreatedAt, &c.UpdatedAt, &c.Revision, &standard)
	c.IsDefault = c.ID == standard
	return c, err
}

// CostCentersByID reads those of the cost centers that there are, by id.
func CostCentersByID(tx *store.Tx, ids []int64) (map[int64]*CostCenter, error) {
	found := map[int64]*CostCenter{}
	err := tx.EachIn(costCenterByID, ids, func(s store.Scanner) error {
		c, err := scanCostCenter(s)
		found[c.ID] = &c
		return err
	})
	return found, err
}

// CostCentersOf reads all cost centers of an account, by id.
func CostCentersOf(tx *store.Tx, account int64) ([]CostCenter, error) {
	all, err := store.All(tx, costCentersOf, scanCostCenter, account)
	slices.SortFunc(all, func(a, b CostCenter) int { return int(a.ID - b.ID) })
	return all, err
}

// AvailableCostCenters reads the cost centers that a member can book to at an
// instant: active, valid then, and within the member's access; by id.
func AvailableCostCenters(tx *store.Tx, a *Account, m *Member, at int64) ([]CostCenter, error) {
	all, err := CostCentersOf(tx, a.ID)
	return slices.DeleteFunc(all, func(c CostCenter) bool { return !c.ValidAt(at) || !m.MayUse(c.ID) }), err
}

// sortedIDs sorts ids and drops those that come twice.
func sortedIDs(ids []int64) []int64 {
	slices.Sort(ids)
	return slices.Compact(ids)
}
