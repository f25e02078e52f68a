package userapi

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// person is somebody as others see them.
type person struct {
	ID        int64  `json:"id"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty" doc:"Masked."`
}

// unit is a business unit in few words.
type unit struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Code     string `json:"code"`
	Currency string `json:"currency"`
}

// address is a postal address.
type address struct {
	Street   string `json:"street,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	City     string `json:"city,omitempty"`
	Country  string `json:"country,omitempty" doc:"ISO 3166-1, two letters."`
}

// groupSettings are the rules that a group makes for its members.
type groupSettings struct {
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

func renderSettings(s *business.AccountSettings) groupSettings {
	return groupSettings{
		s.JoinPolicy, s.RequireCostCenter, s.RequireBusinessReason, s.RequireMemberApproval, s.RequireBookingApproval, s.RequireDrivingLog, s.IgnoreBCategory,
		list(s.BusinessReasons), list(s.RequiredMemberProperties),
	}
}

// group is a business account as its managers see it (contract/mobility.md §4.1).
type group struct {
	ID                        int64             `json:"id"`
	Code                      string            `json:"code"`
	Name                      string            `json:"name"`
	BranchID                  int64             `json:"branchId"`
	OwnerID                   int64             `json:"ownerId,omitempty"`
	Owner                     *person           `json:"owner,omitempty"`
	MembersCount              int               `json:"membersCount" doc:"Those that are ACTIVE."`
	State                     string            `json:"state" enum:"ACTIVE,INACTIVE"`
	BillingCycle              string            `json:"billingCycle" enum:"PER_USAGE,DAILY,WEEKLY,BIWEEKLY,MONTHLY,QUARTERLY"`
	PaymentState              string            `json:"paymentState" enum:"NONE,PUSH_INITIATED,PUSH_COMPLETED,SOURCE_ADDED,INVOICING"`
	DefaultCostCenterID       int64             `json:"defaultCostCenterId,omitempty"`
	DefaultCostCenter         *costCenter       `json:"defaultCostCenter,omitempty"`
	CostCenters               []costCenter      `json:"costCenters" doc:"Those that are active."`
	DefaultBusinessUnitID     int64             `json:"defaultBusinessUnitId,omitempty"`
	DefaultBusinessUnit       *unit             `json:"defaultBusinessUnit,omitempty"`
	CheckRentalRequirements   bool              `json:"checkRentalRequirements"`
	AllowedBranchIDs          []int64           `json:"allowedBranchIds" doc:"None: all."`
	AllowedVehicleCategoryIDs []int64           `json:"allowedVehicleCategoryIds" doc:"None: all."`
	Settings                  groupSettings     `json:"settings"`
	CompanyName               string            `json:"companyName,omitempty"`
	VATID                     string            `json:"vatId,omitempty"`
	BillingAddress            address           `json:"billingAddress,omitzero"`
	BillingEmail              string            `json:"billingEmail,omitempty"`
	Phone                     string            `json:"phone,omitempty"`
	CustomProperties          map[string]string `json:"customProperties"`
	BlockedByUnpaidInvoices   bool              `json:"blockedByUnpaidInvoices"`
	CreatedAt                 mobilitywire.Time `json:"createdAt"`
	UpdatedAt                 mobilitywire.Time `json:"updatedAt"`
	Version                   int64             `json:"version"`
}

func renderGroup(v *business.AccountView) group {
	a := v.Account
	out := group{
		ID: a.ID, Code: a.Code, Name: a.Name, BranchID: a.BranchID, Owner: renderUser(v.Owner), MembersCount: v.MembersCount, State: a.State,
		BillingCycle: a.BillingCycle, PaymentState: a.PaymentState, DefaultCostCenterID: a.DefaultCostCenterID, DefaultCostCenter: optionalCostCenter(v.DefaultCostCenter),
		CostCenters: each(v.CostCenters, renderCostCenter), DefaultBusinessUnitID: a.DefaultBusinessUnitID, CheckRentalRequirements: a.CheckRentalRequirements,
		AllowedBranchIDs: list(a.AllowedBranchIDs), AllowedVehicleCategoryIDs: list(a.AllowedCategoryIDs), Settings: renderSettings(&a.Settings),
		CompanyName: a.Contact.CompanyName, VATID: a.Contact.VATID, BillingAddress: address(a.Contact.BillingAddress),
		BillingEmail: a.Contact.BillingEmail, Phone: a.Contact.Phone, CustomProperties: properties(a.CustomProperties), BlockedByUnpaidInvoices: v.Unpaid,
		CreatedAt: mobilitywire.Time(a.CreatedAt), UpdatedAt: mobilitywire.Time(a.UpdatedAt), Version: a.Revision,
	}
	if v.Owner != nil {
		out.OwnerID = v.Owner.ID
	}
	if u := v.DefaultBusinessUnit; u != nil {
		out.DefaultBusinessUnit = &unit{u.ID, u.Name, u.Code, u.Currency}
	}
	return out
}

// memberGroup is a business account as its members see it.
type memberGroup struct {
	ID                        int64               `json:"id"`
	Code                      string              `json:"code" doc:"What a rental or booking on the group's account names as userGroupCode."`
	Name                      string              `json:"name"`
	State                     string              `json:"state" enum:"ACTIVE,INACTIVE"`
	MemberCode                string              `json:"memberCode"`
	Role                      string              `json:"role" enum:"OWNER,ADMIN,MEMBER"`
	MembershipState           string              `json:"membershipState" enum:"ACTIVE,INACTIVE"`
	ApprovalState             string              `json:"approvalState" enum:"NOT_REQUIRED,PENDING,APPROVED,REJECTED"`
	JoinedAt                  mobilitywire.Time   `json:"joinedAt"`
	PaymentState              string              `json:"paymentState" enum:"NONE,PUSH_INITIATED,PUSH_COMPLETED,SOURCE_ADDED,INVOICING"`
	BlockedByUnpaidInvoices   bool                `json:"blockedByUnpaidInvoices"`
	DefaultCostCenter         *costCenter         `json:"defaultCostCenter,omitempty"`
	CostCenters               []costCenter        `json:"costCenters" doc:"Those that the caller can book to now."`
	AllowedBranchIDs          []int64             `json:"allowedBranchIds" doc:"None: all."`
	AllowedVehicleCategoryIDs []int64             `json:"allowedVehicleCategoryIds" doc:"None: all."`
	Settings                  memberGroupSettings `json:"settings"`
	Permissions               memberPermissions   `json:"permissions"`
}

// memberGroupSettings are the rules that a member has to know.
type memberGroupSettings struct {
	RequireCostCenter        bool     `json:"requireCostCenter"`
	RequireBusinessReason    bool     `json:"requireBusinessReason"`
	RequireDrivingLog        bool     `json:"requireDrivingLog"`
	RequireBookingApproval   bool     `json:"requireBookingApproval"`
	BusinessReasons          []string `json:"businessReasons"`
	RequiredMemberProperties []string `json:"requiredMemberProperties"`
}

type memberPermissions struct {
	CanManage bool `json:"canManage"`
}

func memberSettings(s *business.AccountSettings) memberGroupSettings {
	return memberGroupSettings{
		s.RequireCostCenter, s.RequireBusinessReason, s.RequireDrivingLog, s.RequireBookingApproval, list(s.BusinessReasons), list(s.RequiredMemberProperties),
	}
}

func renderMemberGroup(g *business.OwnGroup) memberGroup {
	a, m := g.Account, g.Member
	return memberGroup{
		ID: a.ID, Code: a.Code, Name: a.Name, State: a.State, MemberCode: m.MemberCode, Role: m.Role, MembershipState: m.State,
		ApprovalState: m.Approval.State, JoinedAt: mobilitywire.Time(m.JoinedAt), PaymentState: a.PaymentState, BlockedByUnpaidInvoices: g.Unpaid,
		DefaultCostCenter: optionalCostCenter(g.DefaultCostCenter), CostCenters: each(g.CostCenters, renderCostCenter),
		AllowedBranchIDs: list(a.AllowedBranchIDs), AllowedVehicleCategoryIDs: list(a.AllowedCategoryIDs), Settings: memberSettings(&a.Settings),
		Permissions: memberPermissions{g.CanManage},
	}
}

// costCenter is what a group books its rides to (§4.5).
type costCenter struct {
	ID                int64             `json:"id"`
	UserGroupID       int64             `json:"userGroupId"`
	Code              string            `json:"code"`
	Name              string            `json:"name"`
	Description       string            `json:"description,omitempty"`
	ExternalReference string            `json:"externalReference,omitempty"`
	Active            bool              `json:"active"`
	IsDefault         bool              `json:"isDefault" doc:"Of the group."`
	ValidFrom         mobilitywire.Time `json:"validFrom,omitzero"`
	ValidUntil        mobilitywire.Time `json:"validUntil,omitzero"`
	CreatedAt         mobilitywire.Time `json:"createdAt"`
	UpdatedAt         mobilitywire.Time `json:"updatedAt"`
	Version           int64             `json:"version"`
}

func optionalCostCenter(c *business.CostCenter) *costCenter {
	if c == nil {
		return nil
	}
	shown := renderCostCenter(*c)
	return &shown
}

func renderCostCenter(c business.CostCenter) costCenter {
	return costCenter{
		c.ID, c.GroupID, c.Code, c.Name, c.Description, c.ExternalReference, c.Active, c.IsDefault, mobilitywire.Time(c.ValidFrom), mobilitywire.Time(c.ValidUntil),
		mobilitywire.Time(c.CreatedAt), mobilitywire.Time(c.UpdatedAt), c.Revision,
	}
}
