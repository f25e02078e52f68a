package business

import (
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

const maxCostCenterCode = 32

var (
	costCenterInsert = store.Q("cost_center.insert", `INSERT INTO cost_centers (tenant, id, group_id, code, code_key, name, description, external_reference,
		active, valid_from, valid_until, created_at, updated_at, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`)
	costCenterUpdate = store.Q("cost_center.update", `UPDATE cost_centers SET group_id = $3, code = $4, code_key = $5, name = $6, description = $7,
		external_reference = $8, active = $9, valid_from = $10, valid_until = $11, created_at = $12, updated_at = $13, revision = $14
		WHERE tenant = $1 AND id = $2`)
	costCenterDelete = store.Q("cost_center.delete", `DELETE FROM cost_centers WHERE tenant = $1 AND id = $2`)
	costCenterByCode = store.Q("cost_center.by_code", `SELECT id FROM cost_centers WHERE tenant = $1 AND group_id = $2 AND code_key = $3`)

	// Whoever holds on to a cost center: members as their default, or in their list,
	// which may be the only entry there.
	costCenterDefaultOf = store.Q("cost_center.default_of", `SELECT p.person_id`+fromMembers+`
		WHERE p.tenant = $1 AND p.default_cost_center_id = $2 AND p.left_at = 0 LIMIT 1`)
	costCenterListedBy = store.Q("cost_center.listed_by", `SELECT x.person_id FROM cost_center_access x
		JOIN member_properties p ON p.tenant = x.tenant AND p.group_id = x.group_id AND p.person_id = x.person_id AND p.left_at = 0
		JOIN memberships m ON m.tenant = x.tenant AND m.group_id = x.group_id AND m.member_id = x.person_id AND m.recorded_to = `+live+`
		WHERE x.tenant = $1 AND x.cost_center_id = $2 LIMIT 1`)
	costCenterOnlyOf = store.Q("cost_center.only_of", `SELECT x.person_id FROM cost_center_access x
		JOIN member_properties p ON p.tenant = x.tenant AND p.group_id = x.group_id AND p.person_id = x.person_id AND p.left_at = 0
		JOIN memberships m ON m.tenant = x.tenant AND m.group_id = x.group_id AND m.member_id = x.person_id AND m.recorded_to = `+live+`
		WHERE x.tenant = $1 AND x.cost_center_id = $2 AND NOT EXISTS (SELECT 1 FROM cost_center_access y
			WHERE y.tenant = $1 AND y.group_id = x.group_id AND y.person_id = x.person_id AND y.cost_center_id <> $2) LIMIT 1`)

	// What former members and requests say of one that is deleted is forgotten.
	costCenterForgetDefault = store.Q("cost_center.forget_default", `UPDATE member_properties SET default_cost_center_id = NULL
		WHERE tenant = $1 AND default_cost_center_id = $2`)
	costCenterForgetAccess = store.Q("cost_center.forget_access", `DELETE FROM cost_center_access WHERE tenant = $1 AND cost_center_id = $2`)
	costCenterForgetWanted = store.Q("cost_center.forget_requests", `UPDATE group_requests SET default_cost_center_id = NULL
		WHERE tenant = $1 AND default_cost_center_id = $2`)
)

// CostCenterFields are the fields of a cost center as the change log spells them.
type CostCenterFields struct {
	GroupID           int64  `json:"userGroupId"`
	Code              string `json:"code"`
	Name              string `json:"name"`
	Description       string `json:"description,omitempty"`
	ExternalReference string `json:"externalReference,omitempty"`
	Active            bool   `json:"active"`
	IsDefault         bool   `json:"isDefault"`
	ValidFrom         int64  `json:"validFrom,omitempty"`  // µs UTC
	ValidUntil        int64  `json:"validUntil,omitempty"` // µs UTC
}

func costCenterFields(c *CostCenter) CostCenterFields {
	return CostCenterFields{c.GroupID, c.Code, c.Name, c.Description, c.ExternalReference, c.Active, c.IsDefault, c.ValidFrom, c.ValidUntil}
}

func recordCostCenter(tx *store.Tx, operation string, before, after *CostCenter) {
	c := roster.Change{Operation: operation, SubjectType: costCenterSubject}
	if before != nil {
		c.SubjectID, c.ObjectID, c.Before = before.ID, before.GroupID, costCenterFields(before)
	}
	if after != nil {
		c.SubjectID, c.ObjectID, c.After = after.ID, after.GroupID, costCenterFields(after)
	}
	tx.Record(c)
}

// row is a cost center's row from its id on.
func (c *CostCenter) row() []any {
	return []any{
		c.ID, c.GroupID, c.Code, graph.Key(c.Code), c.Name, c.Description, c.ExternalReference, c.Active, c.ValidFrom, c.ValidUntil,
		c.CreatedAt, c.UpdatedAt, c.Revision,
	}
}

// InsertCostCenter makes a cost center of an account and fills in what the server
// decides. Invalid; Exists with CodeCostCenterTaken.
func InsertCostCenter(tx *store.Tx, a *Account, c *CostCenter) (err error) {
	c.GroupID, c.IsDefault = a.ID, false
	if err := checkCostCenterForm(tx, nil, c); err != nil {
		return err
	}
	if c.ID, err = tx.NextID(store.CostCenters); err != nil {
		return err
	}
	c.CreatedAt, c.UpdatedAt, c.Revision = tx.Now, tx.Now, tx.Revision
	if _, err := tx.Exec(costCenterInsert, c.row()...); err != nil {
		return err
	}
	recordCostCenter(tx, "cost_center.create", nil, c)
	return nil
}

func checkCostCenterForm(tx *store.Tx, before, c *CostCenter) error {
	c.Code, c.Name = strings.TrimSpace(c.Code), strings.TrimSpace(c.Name)
	for _, err := range []error{
		checkNeeded("code", c.Code, maxCostCenterCode), checkNeeded("name", c.Name, maxName),
		checkTexts(text{"description", c.Description, maxText}, text{"externalReference", c.ExternalReference, maxWord}),
	} {
		if err != nil {
			return err
		}
	}
	if c.ValidUntil != 0 && c.ValidUntil <= c.ValidFrom {
		return roster.FieldError("validUntil", "must be later than validFrom")
	}
	if before != nil && graph.Key(before.Code) == graph.Key(c.Code) {
		return nil
	}
	taken, err := tx.Exists(costCenterByCode, c.GroupID, graph.Key(c.Code))
	if err == nil && taken {
		err = &roster.Error{Kind: roster.Exists, Code: CodeCostCenterTaken, Field: "code", Msg: "another cost center of the business account has this code"}
	}
	return err
}

// EditCostCenter changes a cost center as edit says, and returns it. Precondition,
// Invalid, Exists with CodeCostCenterTaken, Conflict with CodeCostCenterUsed, or an
// error of edit. What changes nothing writes nothing.
func EditCostCenter(tx *store.Tx, a *Account, before *CostCenter, match graph.Match, edit func(*CostCenter) error) (*CostCenter, error) {
	if match != nil {
		if err := match(before.Revision); err != nil {
			return nil, err
		}
	}
	after := *before
	if err := edit(&after); err != nil {
		return nil, err
	}
	if err := checkCostCenterForm(tx, before, &after); err != nil {
		return nil, err
	}
	if after == *before {
		return before, nil
	}
	if before.Active && !after.Active {
		if err := refuseNeeded(tx, a, before, costCenterOnlyOf); err != nil {
			return nil, err
		}
	}
	after.UpdatedAt, after.Revision = tx.Now, tx.Revision
	if _, err := tx.Exec(costCenterUpdate, after.row()...); err != nil {
		return nil, err
	}
	recordCostCenter(tx, "cost_center.update", before, &after)
	return &after, nil
}

func errNeeded(why string) error {
	return roster.Errorf(roster.Conflict, CodeCostCenterUsed, "the cost center is in use: %s", why)
}

// refuseNeeded refuses to do without a cost center that somebody needs: the account
// or a member as default, a member by the query given, or the account as its last
// active one. Conflict with CodeCostCenterUsed.
func refuseNeeded(tx *store.Tx, a *Account, c *CostCenter, listed *store.Query) error {
	if c.IsDefault {
		return errNeeded("it is the default of the business account")
	}
	for _, use := range []struct {
		query *store.Query
		why   string
	}{{costCenterDefaultOf, "it is the default of a member"}, {listed, "a member's access names it"}} {
		used, err := tx.Exists(use.query, c.ID)
		if err != nil {
			return err
		}
		if used {
			return errNeeded(use.why)
		}
	}
	if !c.Active || !a.Settings.RequireCostCenter {
		return nil
	}
	all, err := CostCentersOf(tx, a.ID)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.Active && other.ID != c.ID {
			return nil
		}
	}
	return errNeeded("it is the last active one, and rides need one")
}

// deleteCostCenter deletes a cost center that nothing was ever booked to. Conflict
// with CodeCostCenterUsed.
func (b *Business) deleteCostCenter(tx *store.Tx, a *Account, c *CostCenter) error {
	if err := refuseNeeded(tx, a, c, costCenterListedBy); err != nil {
		return err
	}
	for _, used := range []func(*store.Tx, int64) (bool, error){costCenterCharged, b.guard.costCenterUsed} {
		was, err := used(tx, c.ID)
		if err != nil {
			return err
		}
		if was {
			return errNeeded("something was booked to it; make it inactive instead")
		}
	}
	for _, q := range []*store.Query{costCenterForgetDefault, costCenterForgetAccess, costCenterForgetWanted, costCenterDelete} {
		if _, err := tx.Exec(q, c.ID); err != nil {
			return err
		}
	}
	recordCostCenter(tx, "cost_center.delete", c, nil)
	return nil
}
