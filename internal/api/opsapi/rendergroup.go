package opsapi

import (
	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// group is a business account as operators see it (contract/mobility.md §4.1).
type group struct {
	ID                        int64              `json:"id"`
	Code                      string             `json:"code"`
	Name                      string             `json:"name"`
	BranchID                  int64              `json:"branchId"`
	OwnerID                   int64              `json:"ownerId,omitempty"`
	Owner                     *view.Person       `json:"owner,omitempty"`
	MembersCount              int                `json:"membersCount" doc:"Those that are ACTIVE."`
	State                     string             `json:"state" enum:"ACTIVE,INACTIVE"`
	BlockState                string             `json:"blockState" enum:"NONE,BLOCKED"`
	BillingCycle              string             `json:"billingCycle" enum:"PER_USAGE,DAILY,WEEKLY,BIWEEKLY,MONTHLY,QUARTERLY"`
	PaymentState              string             `json:"paymentState" enum:"NONE,PUSH_INITIATED,PUSH_COMPLETED,SOURCE_ADDED,INVOICING"`
	CreditStatus              string             `json:"creditStatus" enum:"UNKNOWN,PENDING,APPROVED,REJECTED,EXPIRED"`
	DefaultCostCenterID       int64              `json:"defaultCostCenterId,omitempty"`
	DefaultCostCenter         *view.CostCenter   `json:"defaultCostCenter,omitempty"`
	CostCenters               *[]view.CostCenter `json:"costCenters,omitempty" doc:"Those that are active; lists leave them out."`
	DefaultBusinessUnitID     int64              `json:"defaultBusinessUnitId,omitempty"`
	DefaultBusinessUnit       *view.Unit         `json:"defaultBusinessUnit,omitempty"`
	CheckRentalRequirements   bool               `json:"checkRentalRequirements"`
	AllowedBranchIDs          []int64            `json:"allowedBranchIds" doc:"None: all."`
	AllowedVehicleCategoryIDs []int64            `json:"allowedVehicleCategoryIds" doc:"None: all."`
	Settings                  view.GroupSettings `json:"settings"`
	CompanyName               string             `json:"companyName,omitempty"`
	VATID                     string             `json:"vatId,omitempty"`
	BillingAddress            view.Address       `json:"billingAddress,omitzero"`
	BillingEmail              string             `json:"billingEmail,omitempty"`
	Phone                     string             `json:"phone,omitempty"`
	Tags                      []string           `json:"tags"`
	CustomProperties          map[string]string  `json:"customProperties"`
	BlockedByUnpaidInvoices   bool               `json:"blockedByUnpaidInvoices"`
	CreatedAt                 mobilitywire.Time  `json:"createdAt"`
	UpdatedAt                 mobilitywire.Time  `json:"updatedAt"`
	Version                   int64              `json:"version"`
}

// renderListed shows a business account in a list.
func renderListed(v *business.AccountView) group {
	a := v.Account
	out := group{
		ID: a.ID, Code: a.Code, Name: a.Name, BranchID: a.BranchID, MembersCount: v.MembersCount, State: a.State, BlockState: a.BlockState,
		BillingCycle: a.BillingCycle, PaymentState: a.PaymentState, CreditStatus: a.CreditStatus, DefaultCostCenterID: a.DefaultCostCenterID,
		DefaultCostCenter: view.OptionalCostCenter(v.DefaultCostCenter), DefaultBusinessUnitID: a.DefaultBusinessUnitID,
		DefaultBusinessUnit: view.OptionalUnit(v.DefaultBusinessUnit), CheckRentalRequirements: a.CheckRentalRequirements,
		AllowedBranchIDs: view.List(a.AllowedBranchIDs), AllowedVehicleCategoryIDs: view.List(a.AllowedCategoryIDs), Settings: view.NewGroupSettings(&a.Settings),
		CompanyName: a.Contact.CompanyName, VATID: a.Contact.VATID, BillingAddress: view.Address(a.Contact.BillingAddress),
		BillingEmail: a.Contact.BillingEmail, Phone: a.Contact.Phone, Tags: view.List(a.Tags), CustomProperties: view.Properties(a.CustomProperties),
		BlockedByUnpaidInvoices: v.Unpaid, CreatedAt: mobilitywire.Time(a.CreatedAt), UpdatedAt: mobilitywire.Time(a.UpdatedAt), Version: a.Revision,
	}
	if u := v.Owner; u != nil {
		out.OwnerID, out.Owner = u.ID, &view.Person{ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email}
	}
	return out
}

// renderGroup shows the whole of a business account.
func renderGroup(v *business.AccountView) group {
	out := renderListed(v)
	centers := view.Each(v.CostCenters, view.NewCostCenter)
	out.CostCenters = &centers
	return out
}
