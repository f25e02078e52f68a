package business

import (
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Bounds of an account's lists.
const (
	maxReasons            = 50
	maxTags               = 50
	maxRequiredProperties = 32
)

// checkAccount judges an account before it is written, and brings it in form; before
// is nil for a new one.
func checkAccount(tx *store.Tx, before, a *Account) error {
	a.Name = strings.TrimSpace(a.Name)
	for _, err := range []error{
		checkNeeded("name", a.Name, maxName),
		checkWord("state", a.State, AccountActive, AccountInactive),
		checkWord("blockState", a.BlockState, NotBlocked, Blocked),
		checkCycle(a.BillingCycle),
		checkWord("paymentState", a.PaymentState, PaymentLife.States()...),
		checkList("tags", a.Tags, maxTags, maxWord),
		identity.CheckCustomProperties(a.CustomProperties),
		a.Settings.check(), a.Contact.check(),
	} {
		if err != nil {
			return err
		}
	}
	if err := checkAccountName(tx, before, a); err != nil {
		return err
	}
	return checkAccountLinks(tx, before, a)
}

func (s *AccountSettings) check() error {
	if err := checkWord("settings.joinPolicy", s.JoinPolicy, JoinByApproval, JoinAtOnce, JoinClosed); err != nil {
		return err
	}
	if err := checkList("settings.businessReasons", s.BusinessReasons, maxReasons, maxText); err != nil {
		return err
	}
	return checkList("settings.requiredMemberProperties", s.RequiredMemberProperties, maxRequiredProperties, maxWord)
}

func (c *Contact) check() error {
	if err := checkTexts(
		text{"companyName", c.CompanyName, maxLine}, text{"vatId", c.VATID, maxWord}, text{"billingAddress.street", c.BillingAddress.Street, maxLine},
		text{"billingAddress.postcode", c.BillingAddress.Postcode, maxWord}, text{"billingAddress.city", c.BillingAddress.City, maxLine},
	); err != nil {
		return err
	}
	if c.BillingAddress.Country != "" && !roster.IsCountry(c.BillingAddress.Country) {
		return roster.FieldError("billingAddress.country", "must be a country of ISO 3166-1, such as AT")
	}
	if err := checkEmail("billingEmail", c.BillingEmail); err != nil || c.Phone == "" {
		return err
	}
	phone, err := identity.ParsePhone(c.Phone)
	if err == nil {
		c.Phone = phone
	}
	return err
}

func checkAccountName(tx *store.Tx, before, a *Account) error {
	if before != nil && graph.Key(before.Name) == graph.Key(a.Name) && before.BranchID == a.BranchID {
		return nil
	}
	taken, err := tx.Exists(accountByName, a.BranchID, graph.Key(a.Name))
	if err == nil && taken {
		err = &roster.Error{Kind: roster.Exists, Code: CodeTaken, Field: "name", Msg: "another business account of the branch has this name"}
	}
	return err
}

// checkAccountLinks judges what an account refers to.
func checkAccountLinks(tx *store.Tx, before, a *Account) error {
	var was Account
	if before != nil {
		was = *before
	}
	a.AllowedBranchIDs, a.AllowedCategoryIDs = sortedIDs(slices.Clone(a.AllowedBranchIDs)), sortedIDs(slices.Clone(a.AllowedCategoryIDs))
	if a.BranchID != was.BranchID || !slices.Equal(a.AllowedBranchIDs, was.AllowedBranchIDs) {
		tree, err := identity.Branches(tx)
		if err != nil {
			return err
		}
		for _, branch := range append([]int64{a.BranchID}, a.AllowedBranchIDs...) {
			if _, err := tree.Find(branch); err != nil {
				return err
			}
		}
	}
	if !slices.Equal(a.AllowedCategoryIDs, was.AllowedCategoryIDs) {
		if err := checkCategories(tx, a.AllowedCategoryIDs); err != nil {
			return err
		}
	}
	if a.DefaultBusinessUnitID != was.DefaultBusinessUnitID && a.DefaultBusinessUnitID != 0 {
		if err := ReferenceUnit(tx, a.DefaultBusinessUnitID); err != nil {
			return err
		}
	}
	if a.DefaultCostCenterID != was.DefaultCostCenterID && a.DefaultCostCenterID != 0 {
		return checkCostCenter(tx, "defaultCostCenterId", a.ID, a.DefaultCostCenterID)
	}
	return nil
}

// checkCostCenter refuses what is no active cost center of the account.
func checkCostCenter(tx *store.Tx, field string, account, id int64) error {
	found, err := CostCentersByID(tx, []int64{id})
	if err != nil {
		return err
	}
	if c := found[id]; c == nil || c.GroupID != account || !c.Active {
		return errCostCenter(field)
	}
	return nil
}

var categoriesKnown = store.Q("vehicle_category.known", `SELECT id FROM vehicle_categories WHERE tenant = $1`).
	Whole("a tenant has few vehicle categories")

// checkCategories refuses vehicle categories that the tenant does not have.
func checkCategories(tx *store.Tx, ids []int64) error {
	known := map[int64]bool{}
	all, err := store.All(tx, categoriesKnown, scanAccountID)
	if err != nil {
		return err
	}
	for _, id := range all {
		known[id] = true
	}
	for _, id := range ids {
		if !known[id] {
			return roster.FieldError("allowedVehicleCategoryIds", "there is no vehicle category %d", id)
		}
	}
	return nil
}
