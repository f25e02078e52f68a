package opsapi

import (
	"context"
	"strconv"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// GroupPath is the path of a business account.
type GroupPath struct {
	UserGroupID int64 `path:"userGroupId" minimum:"1"`
}

// IDPath is the path of a thing by its id.
type IDPath struct {
	ID int64 `path:"id" minimum:"1"`
}

type listGroups struct {
	mobilitywire.Paging

	BranchID             int64             `query:"branchId" required:"true" minimum:"1"`
	IncludeChildBranches mobilitywire.Flag `query:"includeChildBranches" doc:"true by default."`
	Name                 string            `query:"name" doc:"A part of the name."`
	Code                 string            `query:"code" doc:"The whole code."`
	SearchText           string            `query:"searchText" doc:"A part of name, code or a tag."`
	State                []string          `query:"state,explode" enum:"ACTIVE,INACTIVE"`
	PaymentState         []string          `query:"paymentState,explode" enum:"NONE,PUSH_INITIATED,PUSH_COMPLETED,SOURCE_ADDED,INVOICING"`
	Tag                  []string          `query:"tag,explode" doc:"One of them."`
}

func (h handlers) listGroups(ctx context.Context, a roster.Actor, in *listGroups) (*mobilitywire.List[group], error) {
	page, err := in.Page(0, "name", "code", "createdAt")
	if err != nil {
		return nil, err
	}
	rows, total, err := h.office.Accounts(ctx, a, business.AccountFilter{
		BranchID: in.BranchID, ChildBranches: in.IncludeChildBranches.Or(true), Name: in.Name, Code: in.Code, Search: in.SearchText,
		States: in.State, PaymentStates: in.PaymentState, Tags: in.Tag,
	}, page)
	return view.PageOf(page, rows, total, renderListed), err
}

type groupOut struct {
	ETag string `header:"ETag"`
	Body group
}

func showGroup(v *business.AccountView, err error) (*groupOut, error) {
	if err != nil {
		return nil, err
	}
	return &groupOut{wire.ETag(v.Revision), renderGroup(v)}, nil
}

// GroupFields are what an operator writes of a business account, in POST and PATCH.
type GroupFields struct {
	OwnerID                   wire.Opt[int64]                       `json:"ownerId,omitzero" minimum:"1" doc:"A customer in no other business account; who was the owner becomes ADMIN. null: nobody."`
	State                     wire.Opt[string]                      `json:"state,omitzero" enum:"ACTIVE,INACTIVE"`
	BlockState                wire.Opt[string]                      `json:"blockState,omitzero" enum:"NONE,BLOCKED"`
	BillingCycle              wire.Opt[string]                      `json:"billingCycle,omitzero" enum:"PER_USAGE,DAILY,WEEKLY,BIWEEKLY,MONTHLY,QUARTERLY" doc:"Finance's."`
	PaymentState              wire.Opt[string]                      `json:"paymentState,omitzero" doc:"Finance's: INVOICING, or NONE."`
	DefaultCostCenterID       wire.Opt[int64]                       `json:"defaultCostCenterId,omitzero"`
	DefaultBusinessUnitID     wire.Opt[int64]                       `json:"defaultBusinessUnitId,omitzero"`
	CheckRentalRequirements   wire.Opt[bool]                        `json:"checkRentalRequirements,omitzero"`
	AllowedBranchIDs          wire.Opt[[]int64]                     `json:"allowedBranchIds,omitzero"`
	AllowedVehicleCategoryIDs wire.Opt[[]int64]                     `json:"allowedVehicleCategoryIds,omitzero"`
	Settings                  wire.Opt[settingsFields]              `json:"settings,omitzero"`
	CompanyName               wire.Opt[string]                      `json:"companyName,omitzero"`
	VATID                     wire.Opt[string]                      `json:"vatId,omitzero"`
	BillingAddress            wire.Opt[addressFields]               `json:"billingAddress,omitzero"`
	BillingEmail              wire.Opt[string]                      `json:"billingEmail,omitzero"`
	Phone                     wire.Opt[string]                      `json:"phone,omitzero" doc:"E.164, such as +436601234567."`
	CustomProperties          wire.Opt[map[string]wire.Opt[string]] `json:"customProperties,omitzero" doc:"Merged by key; null clears one."`
}

type addressFields struct {
	Street   wire.Opt[string] `json:"street,omitzero"`
	Postcode wire.Opt[string] `json:"postcode,omitzero"`
	City     wire.Opt[string] `json:"city,omitzero"`
	Country  wire.Opt[string] `json:"country,omitzero" doc:"ISO 3166-1, two letters."`
}

type settingsFields struct {
	JoinPolicy               wire.Opt[string]   `json:"joinPolicy,omitzero" enum:"APPROVAL,AUTO,CLOSED"`
	RequireCostCenter        wire.Opt[bool]     `json:"requireCostCenter,omitzero"`
	RequireBusinessReason    wire.Opt[bool]     `json:"requireBusinessReason,omitzero"`
	RequireMemberApproval    wire.Opt[bool]     `json:"requireMemberApproval,omitzero"`
	RequireBookingApproval   wire.Opt[bool]     `json:"requireBookingApproval,omitzero"`
	RequireDrivingLog        wire.Opt[bool]     `json:"requireDrivingLog,omitzero"`
	IgnoreBCategory          wire.Opt[bool]     `json:"shouldIgnoreBCategoryRentalRequirement,omitzero"`
	BusinessReasons          wire.Opt[[]string] `json:"businessReasons,omitzero"`
	RequiredMemberProperties wire.Opt[[]string] `json:"requiredMemberProperties,omitzero"`
}

// edit is what the fields say, as the area takes it.
func (f *GroupFields) edit() (business.AccountEdit, error) {
	s := &f.Settings.Value
	if err := f.refuseNull(); err != nil {
		return business.AccountEdit{}, err
	}
	e := business.AccountEdit{
		OwnerID: view.Merged(f.OwnerID), State: view.Merged(f.State), BlockState: view.Merged(f.BlockState), BillingCycle: view.Merged(f.BillingCycle),
		PaymentState: view.Merged(f.PaymentState), DefaultBusinessUnitID: view.Merged(f.DefaultBusinessUnitID),
		CheckRentalRequirements: view.Merged(f.CheckRentalRequirements), IgnoreBCategory: view.Merged(s.IgnoreBCategory),
		AllowedBranchIDs: view.Merged(f.AllowedBranchIDs), AllowedCategoryIDs: view.Merged(f.AllowedVehicleCategoryIDs), NotBilling: f.notBilling(),
	}
	e.DefaultCostCenterID, e.CustomProperties = view.Merged(f.DefaultCostCenterID), view.Patched(f.CustomProperties.Value)
	e.Contact = f.contact()
	e.AccountPatch.Settings = business.SettingsPatch{
		JoinPolicy: view.Merged(s.JoinPolicy), RequireDrivingLog: view.Merged(s.RequireDrivingLog), RequireCostCenter: view.Merged(s.RequireCostCenter),
		RequireBusinessReason: view.Merged(s.RequireBusinessReason), RequireMemberApproval: view.Merged(s.RequireMemberApproval),
		RequireBookingApproval: view.Merged(s.RequireBookingApproval), BusinessReasons: view.Merged(s.BusinessReasons),
		RequiredMemberProperties: view.Merged(s.RequiredMemberProperties),
	}
	return e, nil
}

func (f *GroupFields) contact() business.ContactPatch {
	to := f.BillingAddress.Value
	if f.BillingAddress.Null {
		none := wire.Opt[string]{Set: true, Null: true}
		to = addressFields{none, none, none, none}
	}
	return business.ContactPatch{
		CompanyName: view.Merged(f.CompanyName), VATID: view.Merged(f.VATID), BillingEmail: view.Merged(f.BillingEmail), Phone: view.Merged(f.Phone),
		Street: view.Merged(to.Street), Postcode: view.Merged(to.Postcode), City: view.Merged(to.City), Country: view.Merged(to.Country),
	}
}

// refuseNull refuses null where nothing can be cleared.
func (f *GroupFields) refuseNull() error {
	s := &f.Settings.Value
	return view.RefuseNull(
		view.Came("state", f.State.Null), view.Came("blockState", f.BlockState.Null), view.Came("billingCycle", f.BillingCycle.Null),
		view.Came("paymentState", f.PaymentState.Null), view.Came("checkRentalRequirements", f.CheckRentalRequirements.Null),
		view.Came("settings", f.Settings.Null), view.Came("customProperties", f.CustomProperties.Null), view.Came("settings.joinPolicy", s.JoinPolicy.Null),
		view.Came("settings.requireCostCenter", s.RequireCostCenter.Null), view.Came("settings.requireBusinessReason", s.RequireBusinessReason.Null),
		view.Came("settings.requireMemberApproval", s.RequireMemberApproval.Null), view.Came("settings.requireBookingApproval", s.RequireBookingApproval.Null),
		view.Came("settings.requireDrivingLog", s.RequireDrivingLog.Null), view.Came("settings.shouldIgnoreBCategoryRentalRequirement", s.IgnoreBCategory.Null),
	)
}

// notBilling is the first field that came and is none of finance; "" for none.
func (f *GroupFields) notBilling() string {
	return view.FirstSet(
		view.Came("ownerId", f.OwnerID.Set), view.Came("state", f.State.Set), view.Came("blockState", f.BlockState.Set),
		view.Came("defaultCostCenterId", f.DefaultCostCenterID.Set), view.Came("defaultBusinessUnitId", f.DefaultBusinessUnitID.Set),
		view.Came("checkRentalRequirements", f.CheckRentalRequirements.Set), view.Came("allowedBranchIds", f.AllowedBranchIDs.Set),
		view.Came("allowedVehicleCategoryIds", f.AllowedVehicleCategoryIDs.Set), view.Came("settings", f.Settings.Set),
		view.Came("companyName", f.CompanyName.Set), view.Came("vatId", f.VATID.Set), view.Came("billingAddress", f.BillingAddress.Set),
		view.Came("billingEmail", f.BillingEmail.Set), view.Came("phone", f.Phone.Set), view.Came("customProperties", f.CustomProperties.Set),
	)
}

type createGroup struct {
	Body struct {
		GroupFields

		Name     string           `json:"name"`
		BranchID int64            `json:"branchId" minimum:"1" doc:"It stays."`
		Code     wire.Opt[string] `json:"code,omitzero" doc:"6 to 10 of A-H, J-N, P-Z and 2-9; one is made up by default."`
	}
}

type createdGroup struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     group
}

func (h handlers) createGroup(ctx context.Context, a roster.Actor, in *createGroup) (*createdGroup, error) {
	e, err := in.Body.edit()
	if err != nil {
		return nil, err
	}
	e.Name, e.Code = &in.Body.Name, in.Body.Code.Ptr()
	v, err := h.office.Create(ctx, a, in.Body.BranchID, e)
	out, err := showGroup(v, err)
	if err != nil {
		return nil, err
	}
	return &createdGroup{out.ETag, wire.Location(ctx, "/groups/"+strconv.FormatInt(v.ID, 10)), out.Body}, nil
}

type getGroup struct{ GroupPath }

func (h handlers) getGroup(ctx context.Context, a roster.Actor, in *getGroup) (*groupOut, error) {
	return showGroup(h.office.Account(ctx, a, in.UserGroupID))
}

type patchGroup struct {
	GroupPath
	wire.IfMatch

	Body struct {
		GroupFields

		Name wire.Opt[string] `json:"name,omitzero"`
	}
}

func (h handlers) patchGroup(ctx context.Context, a roster.Actor, in *patchGroup) (*groupOut, error) {
	e, err := in.Body.edit()
	if err != nil {
		return nil, err
	}
	if e.Name = view.Merged(in.Body.Name); e.Name != nil {
		e.NotBilling = "name"
	}
	return showGroup(h.office.Update(ctx, a, in.UserGroupID, in.Check, e))
}

type deleteGroup struct {
	GroupPath
	wire.IfMatch
}

func (h handlers) deleteGroup(ctx context.Context, a roster.Actor, in *deleteGroup) (*struct{}, error) {
	return nil, h.office.Delete(ctx, a, in.UserGroupID, in.Check)
}
