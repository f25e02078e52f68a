package view

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Group is a business account as its managers and operators see it
// (contract/mobility.md §4.1).
type Group struct {
	ID                        int64             `json:"id"`
	Code                      string            `json:"code"`
	Name                      string            `json:"name"`
	BranchID                  int64             `json:"branchId"`
	OwnerID                   int64             `json:"ownerId,omitempty"`
	Owner                     *Person           `json:"owner,omitempty"`
	MembersCount              int               `json:"membersCount" doc:"Those that are ACTIVE."`
	State                     string            `json:"state" enum:"ACTIVE,INACTIVE"`
	BillingCycle              string            `json:"billingCycle" enum:"PER_USAGE,DAILY,WEEKLY,BIWEEKLY,MONTHLY,QUARTERLY"`
	PaymentState              string            `json:"paymentState" enum:"NONE,PUSH_INITIATED,PUSH_COMPLETED,SOURCE_ADDED,INVOICING"`
	DefaultCostCenterID       int64             `json:"defaultCostCenterId,omitempty"`
	DefaultCostCenter         *CostCenter       `json:"defaultCostCenter,omitempty"`
	DefaultBusinessUnitID     int64             `json:"defaultBusinessUnitId,omitempty"`
	DefaultBusinessUnit       *Unit             `json:"defaultBusinessUnit,omitempty"`
	CheckRentalRequirements   bool              `json:"checkRentalRequirements"`
	AllowedBranchIDs          []int64           `json:"allowedBranchIds" doc:"None: all."`
	AllowedVehicleCategoryIDs []int64           `json:"allowedVehicleCategoryIds" doc:"None: all."`
	Settings                  GroupSettings     `json:"settings"`
	CompanyName               string            `json:"companyName,omitempty"`
	VATID                     string            `json:"vatId,omitempty"`
	BillingAddress            Address           `json:"billingAddress,omitzero"`
	BillingEmail              string            `json:"billingEmail,omitempty"`
	Phone                     string            `json:"phone,omitempty"`
	CustomProperties          map[string]string `json:"customProperties"`
	BlockedByUnpaidInvoices   bool              `json:"blockedByUnpaidInvoices"`
	CreatedAt                 mobilitywire.Time `json:"createdAt"`
	UpdatedAt                 mobilitywire.Time `json:"updatedAt"`
	Version                   int64             `json:"version"`
}

// NewGroup shows a business account.
func NewGroup(v *business.AccountView) Group {
	a := v.Account
	out := Group{
		ID: a.ID, Code: a.Code, Name: a.Name, BranchID: a.BranchID, MembersCount: v.MembersCount, State: a.State,
		BillingCycle: a.BillingCycle, PaymentState: a.PaymentState, DefaultCostCenterID: a.DefaultCostCenterID, DefaultCostCenter: OptionalCostCenter(v.DefaultCostCenter),
		DefaultBusinessUnitID: a.DefaultBusinessUnitID, DefaultBusinessUnit: OptionalUnit(v.DefaultBusinessUnit), CheckRentalRequirements: a.CheckRentalRequirements,
		AllowedBranchIDs: List(a.AllowedBranchIDs), AllowedVehicleCategoryIDs: List(a.AllowedCategoryIDs), Settings: NewGroupSettings(&a.Settings),
		CompanyName: a.Contact.CompanyName, VATID: a.Contact.VATID, BillingAddress: Address(a.Contact.BillingAddress),
		BillingEmail: a.Contact.BillingEmail, Phone: a.Contact.Phone, CustomProperties: Properties(a.CustomProperties), BlockedByUnpaidInvoices: v.Unpaid,
		CreatedAt: mobilitywire.Time(a.CreatedAt), UpdatedAt: mobilitywire.Time(a.UpdatedAt), Version: a.Revision,
	}
	if u := v.Owner; u != nil {
		out.OwnerID, out.Owner = u.ID, &Person{ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email}
	}
	return out
}

// Unit is a business unit in few words.
type Unit struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Code     string `json:"code"`
	Currency string `json:"currency"`
}

// OptionalUnit shows a business unit; nil for none.
func OptionalUnit(u *business.Unit) *Unit {
	if u == nil {
		return nil
	}
	return &Unit{u.ID, u.Name, u.Code, u.Currency}
}

// Address is a postal address.
type Address struct {
	Street   string `json:"street,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	City     string `json:"city,omitempty"`
	Country  string `json:"country,omitempty" doc:"ISO 3166-1, two letters."`
}

// GroupSettings are the rules that a group makes for its members.
type GroupSettings struct {
	JoinPolicy               string   `json:"joinPolicy" enum:"APPROVAL,AUTO,CLOSED"`
	RequireCostCenter        bool     `json:"requireCostCenter"`
	RequireBusinessReason    bool     `json:"requireBusinessReason"`
	RequireMemberApproval    bool     `json:"requireMemberApproval"`
	RequireBookingApproval   bool     `json:"requireBookingApproval"`
	RequireDrivingLog        bool     `json:"requireDrivingLog"`
	IgnoreBCategory          bool     `json:"shouldIgnoreBCategoryRentalRequirement"`
	BusinessReasons          []string `json:"businessReasons" doc:"Where there are any, a reason must be one of them."`
	RequiredMemberProperties []string `json:"requiredMemberProperties" doc:"superiorEmail, employeeNumber, or keys of customProperties."`
}

// NewGroupSettings shows the rules of a business account.
func NewGroupSettings(s *business.AccountSettings) GroupSettings {
	return GroupSettings{
		s.JoinPolicy, s.RequireCostCenter, s.RequireBusinessReason, s.RequireMemberApproval, s.RequireBookingApproval, s.RequireDrivingLog, s.IgnoreBCategory,
		List(s.BusinessReasons), List(s.RequiredMemberProperties),
	}
}
