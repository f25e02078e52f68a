package business

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// The nouns of business in the change log. What memory follows reads them.
const (
	accountSubject    = "business_account" // SubjectID is the account's
	memberSubject     = "business_member"  // SubjectID is the account's, ObjectID the person's
	costCenterSubject = "cost_center"      // ObjectID is the account's
	requestSubject    = "group_request"    // ObjectID is the account's
)

var (
	accountInsert = store.Q("account.insert", `INSERT INTO business_accounts (tenant, id, code, name, name_key, branch_id, state, block_state, billing_cycle,
		cycle_from, cycle_to, payment_state, credit_status, credit_until, default_cost_center_id, default_business_unit_id, check_rental_requirements,
		allowed_branch_ids, allowed_category_ids, settings, contact, tags, custom_properties, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`)
	accountUpdate = store.Q("account.update", `UPDATE business_accounts SET code = $3, name = $4, name_key = $5, branch_id = $6, state = $7, block_state = $8,
		billing_cycle = $9, cycle_from = $10, cycle_to = $11, payment_state = $12, credit_status = $13, credit_until = $14, default_cost_center_id = $15,
		default_business_unit_id = $16, check_rental_requirements = $17, allowed_branch_ids = $18, allowed_category_ids = $19,
		settings = $20, contact = $21, tags = $22, custom_properties = $23, created_at = $24, updated_at = $25, revision = $26
		WHERE tenant = $1 AND id = $2`)
	accountByName = store.Q("account.by_name", `SELECT id FROM business_accounts
		WHERE tenant = $1 AND branch_id = $2 AND name_key = $3 AND state <> 'DELETED'`)
)

// AccountFields are the fields of an account as the change log spells them.
type AccountFields struct {
	Code                    string          `json:"code"`
	Name                    string          `json:"name"`
	BranchID                int64           `json:"branchId"`
	State                   string          `json:"state"`
	BlockState              string          `json:"blockState"`
	BillingCycle            string          `json:"billingCycle"`
	PaymentState            string          `json:"paymentState"`
	CreditStatus            string          `json:"creditStatus"`
	CreditUntil             int64           `json:"creditUntil,omitempty"`
	DefaultCostCenterID     int64           `json:"defaultCostCenterId,omitempty"`
	DefaultBusinessUnitID   int64           `json:"defaultBusinessUnitId,omitempty"`
	CheckRentalRequirements bool            `json:"checkRentalRequirements"`
	AllowedBranchIDs        []int64         `json:"allowedBranchIds,omitempty"`
	AllowedCategoryIDs      []int64         `json:"allowedVehicleCategoryIds,omitempty"`
	Settings                AccountSettings `json:"settings"`
	Contact
	Tags             []string          `json:"tags,omitempty"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
}

func accountFields(a *Account) AccountFields {
	return AccountFields{
		a.Code, a.Name, a.BranchID, a.State, a.BlockState, a.BillingCycle, a.PaymentState, a.CreditStatus, a.CreditUntil, a.DefaultCostCenterID, a.DefaultBusinessUnitID,
		a.CheckRentalRequirements, a.AllowedBranchIDs, a.AllowedCategoryIDs, a.Settings, a.Contact, a.Tags, a.CustomProperties,
	}
}

// row is an account's row from its id on.
func (a *Account) row() []any {
	return []any{
		a.ID, a.Code, a.Name, graph.Key(a.Name), a.BranchID, a.State, a.BlockState, a.BillingCycle, a.CycleFrom, a.CycleTo, a.PaymentState, a.CreditStatus, a.CreditUntil,
		nullableID(a.DefaultCostCenterID), nullableID(a.DefaultBusinessUnitID), a.CheckRentalRequirements,
		listJSON(a.AllowedBranchIDs), listJSON(a.AllowedCategoryIDs), mustJSON(a.Settings), mustJSON(a.Contact), listJSON(a.Tags), mapJSON(a.CustomProperties),
		a.CreatedAt, a.UpdatedAt, a.Revision,
	}
}

func nullableID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func mustJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func listJSON[T any](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	return mustJSON(list)
}

func mapJSON(m map[string]string) string {
	if len(m) == 0 {
		return "{}"
	}
	return mustJSON(m)
}

// NewAccount returns what an account of a branch is unless somebody says otherwise.
// NotFound with identity.CodeNoBranch.
func NewAccount(tx *store.Tx, branch int64) (*Account, error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return nil, err
	}
	if _, err := tree.Find(branch); err != nil {
		return nil, err
	}
	a := &Account{
		BranchID: branch, State: AccountActive, BlockState: NotBlocked, PaymentState: NoPayment, CreditStatus: identity.CreditUnknown, CheckRentalRequirements: true,
		Settings: AccountSettings{JoinPolicy: JoinByApproval},
	}
	if a.BillingCycle, err = identity.DefaultBillingCycle.In(tx, tree, branch); err != nil {
		return nil, err
	}
	a.Settings.RequireCostCenter, err = identity.RequireCostCenter.In(tx, tree, branch)
	return a, err
}

// InsertAccount makes an account without members, its group included, and fills in
// id, cycle, times and revision, and a code where it brings none. Invalid; Exists
// with CodeTaken; NotFound with identity.CodeNoBranch or CodeNoUnit.
func InsertAccount(tx *store.Tx, a *Account) (err error) {
	if a.DefaultCostCenterID != 0 {
		return errCostCenter("defaultCostCenterId") // it has none yet
	}
	if err := checkAccount(tx, nil, a); err != nil {
		return err
	}
	if a.Code, err = accountCode(tx, a.Code); err != nil {
		return err
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	zone, err := payerOfAccount(a).zone(tx, tree)
	if err != nil {
		return err
	}
	g := graph.Group{Kind: graph.Business, Name: a.Name}
	if err := graph.CreateGroup(tx, &g); err != nil {
		return err
	}
	a.ID, a.CreatedAt, a.UpdatedAt, a.Revision = g.ID, tx.Now, tx.Now, tx.Revision
	a.CycleFrom, a.CycleTo = firstCycle(a.BillingCycle, tx.Now, zone)
	if _, err := tx.Exec(accountInsert, a.row()...); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "account.create", SubjectType: accountSubject, SubjectID: a.ID, After: accountFields(a)})
	return nil
}

// EditAccount changes an account that is not deleted as edit says, and returns it.
// NotFound with CodeNoAccount, Precondition, Invalid (CodeCostCenter), Exists with
// CodeTaken, NotFound with identity.CodeNoBranch or CodeNoUnit, or an error of edit.
// What changes nothing writes nothing.
func EditAccount(tx *store.Tx, id int64, match graph.Match, edit func(*Account) error) (*Account, error) {
	before, err := LiveAccount(tx, id)
	if err != nil {
		return nil, err
	}
	if match != nil {
		if err := match(before.Revision); err != nil {
			return nil, err
		}
	}
	after := *before
	after.CustomProperties = maps.Clone(before.CustomProperties)
	if err := edit(&after); err != nil {
		return nil, err
	}
	if err := checkAccount(tx, before, &after); err != nil {
		return nil, err
	}
	if slices.Equal(before.row(), after.row()) {
		return before, nil
	}
	if after.BillingCycle != before.BillingCycle {
		if err := after.changeCycle(tx); err != nil {
			return nil, err
		}
	}
	if after.Name != before.Name {
		if _, err := graph.UpdateGroup(tx, id, nil, func(g *graph.Group) error { g.Name = after.Name; return nil }); err != nil {
			return nil, err
		}
	}
	return &after, after.save(tx, "account.update", before)
}

// changeCycle ends the open cycle as the new kind of cycle does.
func (a *Account) changeCycle(tx *store.Tx) error {
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	zone, err := payerOfAccount(a).zone(tx, tree)
	if err != nil {
		return err
	}
	a.CycleTo = changedCycle(a.BillingCycle, tx.Now, zone)
	return nil
}

// save writes a changed account.
func (a *Account) save(tx *store.Tx, operation string, before *Account) error {
	a.UpdatedAt, a.Revision = tx.Now, tx.Revision
	if _, err := tx.Exec(accountUpdate, a.row()...); err != nil {
		return err
	}
	c := roster.Change{Operation: operation, SubjectType: accountSubject, SubjectID: a.ID, Before: accountFields(before), After: accountFields(a)}
	if a.State == AccountDeleted {
		c.After = nil
	}
	tx.Record(c)
	return nil
}
