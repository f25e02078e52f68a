package userapi

import (
	"context"
	"strconv"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// GroupPath is the path of a group under management.
type GroupPath struct {
	UserGroupID int64 `path:"userGroupId" minimum:"1"`
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

type createdGroup struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     group
}

type listManaged struct {
	mobilitywire.Paging

	Role []string `query:"role,explode" enum:"OWNER,ADMIN" doc:"Those where the caller is that; by default either."`
}

func (h handlers) listManaged(ctx context.Context, a roster.Actor, in *listManaged) (*mobilitywire.List[group], error) {
	page, err := in.Page(0, "name", "code", "createdAt")
	if err != nil {
		return nil, err
	}
	rows, total, err := h.business.Managed(ctx, a, in.Role, page)
	return view.PageOf(page, rows, total, renderGroup), err
}

// GroupFields are what a manager writes of a group, in POST and PATCH.
type GroupFields struct {
	DefaultCostCenterID wire.Opt[int64]                       `json:"defaultCostCenterId,omitzero"`
	CompanyName         wire.Opt[string]                      `json:"companyName,omitzero"`
	VATID               wire.Opt[string]                      `json:"vatId,omitzero"`
	BillingAddress      wire.Opt[addressFields]               `json:"billingAddress,omitzero"`
	BillingEmail        wire.Opt[string]                      `json:"billingEmail,omitzero"`
	Phone               wire.Opt[string]                      `json:"phone,omitzero" doc:"E.164, such as +436601234567."`
	Settings            wire.Opt[settingsFields]              `json:"settings,omitzero"`
	CustomProperties    wire.Opt[map[string]wire.Opt[string]] `json:"customProperties,omitzero" doc:"Merged by key; null clears one."`

	State                     wire.Opt[any] `json:"state,omitzero" doc:"The operator's to change: 403 U120, like the fields that follow."`
	BlockState                wire.Opt[any] `json:"blockState,omitzero"`
	OwnerID                   wire.Opt[any] `json:"ownerId,omitzero"`
	BillingCycle              wire.Opt[any] `json:"billingCycle,omitzero"`
	PaymentState              wire.Opt[any] `json:"paymentState,omitzero"`
	DefaultBusinessUnitID     wire.Opt[any] `json:"defaultBusinessUnitId,omitzero"`
	CheckRentalRequirements   wire.Opt[any] `json:"checkRentalRequirements,omitzero"`
	AllowedBranchIDs          wire.Opt[any] `json:"allowedBranchIds,omitzero"`
	AllowedVehicleCategoryIDs wire.Opt[any] `json:"allowedVehicleCategoryIds,omitzero"`
	Tags                      wire.Opt[any] `json:"tags,omitzero"`
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
	BusinessReasons          wire.Opt[[]string] `json:"businessReasons,omitzero"`
	RequiredMemberProperties wire.Opt[[]string] `json:"requiredMemberProperties,omitzero"`
	IgnoreBCategory          wire.Opt[any]      `json:"shouldIgnoreBCategoryRentalRequirement,omitzero" doc:"The operator's to change: 403 U120."`
}

func (f *GroupFields) patch() (business.AccountPatch, error) {
	p := business.AccountPatch{NotYours: f.notYours(), DefaultCostCenterID: view.Merged(f.DefaultCostCenterID), CustomProperties: view.Patched(f.CustomProperties.Value)}
	s := &f.Settings.Value
	if err := view.RefuseNull(
		view.Came("settings", f.Settings.Null), view.Came("customProperties", f.CustomProperties.Null), view.Came("settings.joinPolicy", s.JoinPolicy.Null),
		view.Came("settings.requireCostCenter", s.RequireCostCenter.Null), view.Came("settings.requireBusinessReason", s.RequireBusinessReason.Null),
		view.Came("settings.requireMemberApproval", s.RequireMemberApproval.Null), view.Came("settings.requireBookingApproval", s.RequireBookingApproval.Null),
		view.Came("settings.requireDrivingLog", s.RequireDrivingLog.Null),
	); err != nil {
		return p, err
	}
	p.Contact = business.ContactPatch{CompanyName: view.Merged(f.CompanyName), VATID: view.Merged(f.VATID), BillingEmail: view.Merged(f.BillingEmail), Phone: view.Merged(f.Phone)}
	address := f.BillingAddress.Value
	if f.BillingAddress.Null {
		none := wire.Opt[string]{Set: true, Null: true}
		address = addressFields{none, none, none, none}
	}
	p.Contact.Street, p.Contact.Postcode = view.Merged(address.Street), view.Merged(address.Postcode)
	p.Contact.City, p.Contact.Country = view.Merged(address.City), view.Merged(address.Country)
	p.Settings = business.SettingsPatch{
		JoinPolicy: view.Merged(s.JoinPolicy), RequireDrivingLog: view.Merged(s.RequireDrivingLog), RequireCostCenter: view.Merged(s.RequireCostCenter),
		RequireBusinessReason: view.Merged(s.RequireBusinessReason), RequireMemberApproval: view.Merged(s.RequireMemberApproval),
		RequireBookingApproval: view.Merged(s.RequireBookingApproval), BusinessReasons: view.Merged(s.BusinessReasons),
		RequiredMemberProperties: view.Merged(s.RequiredMemberProperties),
	}
	return p, nil
}

// notYours is the first field of the operator's that the caller sets; "" for none.
func (f *GroupFields) notYours() string {
	return view.FirstSet(
		view.Came("state", f.State.Set), view.Came("blockState", f.BlockState.Set), view.Came("ownerId", f.OwnerID.Set), view.Came("billingCycle", f.BillingCycle.Set),
		view.Came("paymentState", f.PaymentState.Set), view.Came("defaultBusinessUnitId", f.DefaultBusinessUnitID.Set),
		view.Came("checkRentalRequirements", f.CheckRentalRequirements.Set), view.Came("allowedBranchIds", f.AllowedBranchIDs.Set),
		view.Came("allowedVehicleCategoryIds", f.AllowedVehicleCategoryIDs.Set), view.Came("tags", f.Tags.Set),
		view.Came("settings.shouldIgnoreBCategoryRentalRequirement", f.Settings.Value.IgnoreBCategory.Set),
	)
}

type createGroup struct {
	Body struct {
		GroupFields

		Name     string        `json:"name"`
		BranchID int64         `json:"branchId,omitempty" minimum:"0" doc:"The caller's home branch by default; it stays."`
		Code     wire.Opt[any] `json:"code,omitzero" doc:"The operator's to choose: 403 U120."`
	}
}

func (h handlers) createGroup(ctx context.Context, a roster.Actor, in *createGroup) (*createdGroup, error) {
	p, err := in.Body.patch()
	if err != nil {
		return nil, err
	}
	p.Name = &in.Body.Name
	if in.Body.Code.Set {
		p.NotYours = "code"
	}
	v, err := h.business.CreateAccount(ctx, a, in.Body.BranchID, p)
	out, err := showGroup(v, err)
	if err != nil {
		return nil, err
	}
	return &createdGroup{out.ETag, wire.Location(ctx, groupPath(v.ID)), out.Body}, nil
}

func groupPath(id int64) string { return "/groups-management/" + strconv.FormatInt(id, 10) }

type getManaged struct{ GroupPath }

func (h handlers) getManaged(ctx context.Context, a roster.Actor, in *getManaged) (*groupOut, error) {
	return showGroup(h.business.GetAccount(ctx, a, in.UserGroupID))
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
	p, err := in.Body.patch()
	if err != nil {
		return nil, err
	}
	p.Name = view.Merged(in.Body.Name)
	return showGroup(h.business.UpdateAccount(ctx, a, in.UserGroupID, in.Check, p))
}

type deleteGroup struct {
	GroupPath
	wire.IfMatch
}

func (h handlers) deleteGroup(ctx context.Context, a roster.Actor, in *deleteGroup) (*struct{}, error) {
	return nil, h.business.DeleteAccount(ctx, a, in.UserGroupID, in.Check)
}
