package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type listMembers struct {
	GroupPath
	mobilitywire.Paging

	SearchText   string            `query:"searchText" doc:"A part of name, e-mail or member code."`
	State        []string          `query:"state,explode" enum:"ACTIVE,INACTIVE"`
	Role         []string          `query:"role,explode" enum:"OWNER,ADMIN,MEMBER"`
	CostCenterID wire.Param[int64] `query:"costCenterId" minimum:"1" doc:"Their default, or one that they were given access to."`
}

func (h handlers) listMembers(ctx context.Context, a roster.Actor, in *listMembers) (*mobilitywire.List[membership], error) {
	page, err := in.Page(0, "name", "joinedAt")
	if err != nil {
		return nil, err
	}
	f := business.MemberFilter{Search: in.SearchText, States: in.State, Roles: in.Role, CostCenterID: view.Number(in.CostCenterID)}
	rows, total, err := h.business.Members(ctx, a, in.UserGroupID, f, page)
	return view.PageOf(page, rows, total, renderMember), err
}

// MemberPath is the path of a member.
type MemberPath struct {
	GroupPath

	UserID int64 `path:"userId" minimum:"1"`
}

type memberOut struct {
	ETag string `header:"ETag"`
	Body memberProperties
}

func showMember(v *business.MemberView, err error) (*memberOut, error) {
	if err != nil {
		return nil, err
	}
	return &memberOut{wire.ETag(v.Revision), renderProperties(v.Member)}, nil
}

type getMember struct{ MemberPath }

func (h handlers) getMember(ctx context.Context, a roster.Actor, in *getMember) (*memberOut, error) {
	return showMember(h.business.GetMember(ctx, a, in.UserGroupID, in.UserID))
}

type membershipOut struct {
	ETag string `header:"ETag"`
	Body membership
}

type patchMembership struct {
	GroupPath
	wire.IfMatch

	MemberCode string `path:"memberCode" maxLength:"64"`
	Body       struct {
		Role                wire.Opt[string] `json:"role,omitzero" enum:"ADMIN,MEMBER,OWNER" doc:"Never to or from OWNER."`
		State               wire.Opt[string] `json:"state,omitzero" enum:"ACTIVE,INACTIVE"`
		DefaultCostCenterID wire.Opt[int64]  `json:"defaultCostCenterId,omitzero"`
		SuperiorEmail       wire.Opt[string] `json:"superiorEmail,omitzero"`
		EmployeeNumber      wire.Opt[string] `json:"employeeNumber,omitzero"`
	}
}

func (h handlers) patchMembership(ctx context.Context, a roster.Actor, in *patchMembership) (*membershipOut, error) {
	b := &in.Body
	v, err := h.business.UpdateMembership(ctx, a, in.UserGroupID, in.MemberCode, in.Check, business.MembershipPatch{
		Role: view.Merged(b.Role), State: view.Merged(b.State), DefaultCostCenterID: view.Merged(b.DefaultCostCenterID),
		SuperiorEmail: view.Merged(b.SuperiorEmail), EmployeeNumber: view.Merged(b.EmployeeNumber),
	})
	if err != nil {
		return nil, err
	}
	return &membershipOut{wire.ETag(v.Revision), renderMember(v)}, nil
}

type patchMember struct {
	MemberPath
	wire.IfMatch

	Body struct {
		Role                wire.Opt[string]                      `json:"role,omitzero" doc:"As it is: another is 403 U120, for it is changed by the member code."`
		State               wire.Opt[string]                      `json:"state,omitzero" doc:"As role."`
		Approval            wire.Opt[approvalFields]              `json:"approval,omitzero"`
		BillingRole         wire.Opt[string]                      `json:"billingRole,omitzero" enum:"NONE,BILLING_CONTACT,APPROVER"`
		CostCenterAccess    wire.Opt[accessFields]                `json:"costCenterAccess,omitzero" doc:"null is ALL."`
		DefaultCostCenterID wire.Opt[int64]                       `json:"defaultCostCenterId,omitzero"`
		SuperiorEmail       wire.Opt[string]                      `json:"superiorEmail,omitzero"`
		EmployeeNumber      wire.Opt[string]                      `json:"employeeNumber,omitzero"`
		SpendingLimit       wire.Opt[limitFields]                 `json:"spendingLimit,omitzero" doc:"null is none."`
		CustomProperties    wire.Opt[map[string]wire.Opt[string]] `json:"customProperties,omitzero" doc:"Merged by key; null clears one."`
	}
}

type approvalFields struct {
	State   wire.Opt[string] `json:"state,omitzero" enum:"NOT_REQUIRED,PENDING,APPROVED,REJECTED"`
	Comment wire.Opt[string] `json:"comment,omitzero"`
}

type accessFields struct {
	Mode          wire.Opt[string]  `json:"mode,omitzero" enum:"ALL,LIST"`
	CostCenterIDs wire.Opt[[]int64] `json:"costCenterIds,omitzero"`
}

type limitFields struct {
	Amount   wire.Opt[mobilitywire.Money] `json:"amount,omitzero"`
	Currency wire.Opt[string]             `json:"currency,omitzero"`
	Period   wire.Opt[string]             `json:"period,omitzero" enum:"DAY,WEEK,MONTH"`
}

func (in *patchMember) patch() (p business.MemberPatch, err error) {
	b := &in.Body
	if err := view.RefuseNull(
		view.Came("approval", b.Approval.Null), view.Came("customProperties", b.CustomProperties.Null), view.Came("spendingLimit.amount", b.SpendingLimit.Value.Amount.Null),
	); err != nil {
		return p, err
	}
	p = business.MemberPatch{
		Role: view.Merged(b.Role), State: view.Merged(b.State), ApprovalState: view.Merged(b.Approval.Value.State), ApprovalComment: view.Merged(b.Approval.Value.Comment),
		BillingRole: view.Merged(b.BillingRole), DefaultCostCenterID: view.Merged(b.DefaultCostCenterID), SuperiorEmail: view.Merged(b.SuperiorEmail),
		EmployeeNumber: view.Merged(b.EmployeeNumber), CustomProperties: view.Patched(b.CustomProperties.Value),
	}
	p.AccessMode, p.AccessIDs = b.CostCenterAccess.Value.patch(b.CostCenterAccess.Null)
	limit := &b.SpendingLimit.Value
	p.Limit = business.LimitPatch{Clear: b.SpendingLimit.Null, Currency: view.Merged(limit.Currency), Period: view.Merged(limit.Period)}
	if limit.Amount.Set {
		amount := roster.Amount(limit.Amount.Value)
		p.Limit.Amount = &amount
	}
	return p, nil
}

// patch is the access as the area takes it: to all where it is null, and a list of
// none with it.
func (f *accessFields) patch(null bool) (mode *string, ids *[]int64) {
	mode, ids = view.Merged(f.Mode), view.Merged(f.CostCenterIDs)
	all := business.AccessAll
	if null {
		mode = &all
	}
	if mode != nil && *mode == all && ids == nil {
		ids = &[]int64{}
	}
	return mode, ids
}

func (h handlers) patchMember(ctx context.Context, a roster.Actor, in *patchMember) (*memberOut, error) {
	p, err := in.patch()
	if err != nil {
		return nil, err
	}
	return showMember(h.business.PatchMember(ctx, a, in.UserGroupID, in.UserID, in.Check, p))
}

type putMember struct {
	MemberPath
	wire.IfMatch

	Body struct {
		Role                wire.Opt[string]                `json:"role,omitzero" doc:"As it is, where it is given; another is 400."`
		State               wire.Opt[string]                `json:"state,omitzero" doc:"As role."`
		Approval            wire.Opt[approvalFields]        `json:"approval,omitzero" doc:"That of a new member by default."`
		BillingRole         wire.Opt[string]                `json:"billingRole,omitzero" enum:"NONE,BILLING_CONTACT,APPROVER"`
		CostCenterAccess    wire.Opt[view.CostCenterAccess] `json:"costCenterAccess,omitzero"`
		DefaultCostCenterID wire.Opt[int64]                 `json:"defaultCostCenterId,omitzero"`
		SuperiorEmail       wire.Opt[string]                `json:"superiorEmail,omitzero"`
		EmployeeNumber      wire.Opt[string]                `json:"employeeNumber,omitzero"`
		SpendingLimit       wire.Opt[view.SpendingLimit]    `json:"spendingLimit,omitzero"`
		CustomProperties    map[string]string               `json:"customProperties,omitempty"`
	}
}

func (in *putMember) properties() business.MemberProperties {
	b := &in.Body
	p := business.MemberProperties{
		Role: b.Role.Ptr(), State: b.State.Ptr(), BillingRole: b.BillingRole.Value, AccessMode: b.CostCenterAccess.Value.Mode,
		AccessIDs: b.CostCenterAccess.Value.CostCenterIDs, DefaultCostCenterID: b.DefaultCostCenterID.Value, SuperiorEmail: b.SuperiorEmail.Value,
		EmployeeNumber: b.EmployeeNumber.Value, CustomProperties: b.CustomProperties,
	}
	if set, given := b.Approval.Get(); given {
		p.Approval = &business.ApprovalSet{State: set.State.Value, Comment: set.Comment.Value}
	}
	if l, given := b.SpendingLimit.Get(); given {
		p.Limit = business.Limit{Amount: roster.Amount(l.Amount), Currency: l.Currency, Period: l.Period}
	}
	return p
}

func (h handlers) putMember(ctx context.Context, a roster.Actor, in *putMember) (*memberOut, error) {
	return showMember(h.business.ReplaceMember(ctx, a, in.UserGroupID, in.UserID, in.Check, in.properties()))
}
