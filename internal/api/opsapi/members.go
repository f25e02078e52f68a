package opsapi

import (
	"context"
	"fmt"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Membership is a person in a business account (contract/mobility.md §4.2).
type Membership struct {
	UserGroupID         int64             `json:"userGroupId"`
	UserID              int64             `json:"userId"`
	MemberCode          string            `json:"memberCode"`
	Role                string            `json:"role" enum:"OWNER,ADMIN,MEMBER"`
	State               string            `json:"state" enum:"ACTIVE,INACTIVE"`
	DefaultCostCenterID int64             `json:"defaultCostCenterId,omitempty"`
	DefaultCostCenter   *view.CostCenter  `json:"defaultCostCenter,omitempty"`
	SuperiorEmail       string            `json:"superiorEmail,omitempty"`
	EmployeeNumber      string            `json:"employeeNumber,omitempty"`
	User                *view.Person      `json:"user,omitempty"`
	JoinedAt            mobilitywire.Time `json:"joinedAt"`
	LeftAt              mobilitywire.Time `json:"leftAt,omitzero"`
	CreatedBy           string            `json:"createdBy" enum:"SELF,MANAGER,OPERATOR,INVITATION"`
	Version             int64             `json:"version"`
}

func renderMember(v *business.MemberView) Membership {
	m := v.Member
	return Membership{
		m.GroupID, m.UserID, m.MemberCode, m.Role, m.State, m.DefaultCostCenterID, view.OptionalCostCenter(v.DefaultCostCenter), m.SuperiorEmail,
		m.EmployeeNumber, view.NewPerson(v.User), mobilitywire.Time(m.JoinedAt), mobilitywire.Time(m.LeftAt), m.CreatedBy, m.Revision,
	}
}

// member is a membership with all that the business account keeps of it (§4.3).
type member struct {
	Membership

	Approval         view.Approval         `json:"approval"`
	BillingRole      string                `json:"billingRole" enum:"NONE,BILLING_CONTACT,APPROVER"`
	CostCenterAccess view.CostCenterAccess `json:"costCenterAccess"`
	SpendingLimit    *view.SpendingLimit   `json:"spendingLimit,omitempty"`
	CustomProperties map[string]string     `json:"customProperties"`
}

type memberOut struct {
	ETag string `header:"ETag"`
	Body member
}

func showMember(v *business.MemberView, err error) (*memberOut, error) {
	if err != nil {
		return nil, err
	}
	return &memberOut{wire.ETag(v.Revision), member{
		renderMember(v), view.NewApproval(v.Member), v.BillingRole, view.NewCostCenterAccess(v.Member), view.OptionalLimit(v.Member),
		view.Properties(v.CustomProperties),
	}}, nil
}

type listMembers struct {
	IDPath
	mobilitywire.Paging

	SearchText    string            `query:"searchText" doc:"A part of name, e-mail or member code."`
	State         []string          `query:"state,explode" enum:"ACTIVE,INACTIVE"`
	Role          []string          `query:"role,explode" enum:"OWNER,ADMIN,MEMBER"`
	CostCenterID  wire.Param[int64] `query:"costCenterId" minimum:"1" doc:"Their default, or one that they were given access to."`
	IncludeFormer mobilitywire.Flag `query:"includeFormer" doc:"Those who left, too, as they were at last."`
}

func (h handlers) listMembers(ctx context.Context, a roster.Actor, in *listMembers) (*mobilitywire.List[Membership], error) {
	page, err := in.Page(0, "name", "joinedAt")
	if err != nil {
		return nil, err
	}
	rows, total, err := h.office.Members(ctx, a, in.ID, business.MemberFilter{
		Search: in.SearchText, States: in.State, Roles: in.Role, CostCenterID: view.Number(in.CostCenterID), Former: in.IncludeFormer.On(),
	}, page)
	return view.PageOf(page, rows, total, renderMember), err
}

// MemberPath is the path of a member.
type MemberPath struct {
	GroupPath

	UserID int64 `path:"userId" minimum:"1"`
}

type getMember struct{ MemberPath }

func (h handlers) getMember(ctx context.Context, a roster.Actor, in *getMember) (*memberOut, error) {
	return showMember(h.office.Member(ctx, a, in.UserGroupID, in.UserID))
}

type putMember struct {
	MemberPath
	wire.IfMatch

	Body struct {
		Role                string           `json:"role" enum:"OWNER,ADMIN,MEMBER" doc:"OWNER for the owner, and for nobody else."`
		State               string           `json:"state" enum:"ACTIVE,INACTIVE"`
		DefaultCostCenterID wire.Opt[int64]  `json:"defaultCostCenterId,omitzero"`
		SuperiorEmail       wire.Opt[string] `json:"superiorEmail,omitzero"`
		EmployeeNumber      wire.Opt[string] `json:"employeeNumber,omitzero"`
	}
}

func (h handlers) putMember(ctx context.Context, a roster.Actor, in *putMember) (*memberOut, error) {
	b := &in.Body
	return showMember(h.office.ReplaceMember(ctx, a, in.UserGroupID, in.UserID, in.Check, business.Standing{
		Role: b.Role, State: b.State, DefaultCostCenterID: b.DefaultCostCenterID.Value, SuperiorEmail: b.SuperiorEmail.Value, EmployeeNumber: b.EmployeeNumber.Value,
	}))
}

type addMember struct {
	GroupPath

	Body struct {
		UserID              int64            `json:"userId" minimum:"1"`
		Role                wire.Opt[string] `json:"role,omitzero" enum:"OWNER,ADMIN,MEMBER" doc:"MEMBER by default; OWNER is refused."`
		DefaultCostCenterID wire.Opt[int64]  `json:"defaultCostCenterId,omitzero"`
		SuperiorEmail       wire.Opt[string] `json:"superiorEmail,omitzero"`
		EmployeeNumber      wire.Opt[string] `json:"employeeNumber,omitzero"`
	}
}

type addedMember struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     Membership
}

func (h handlers) addMember(ctx context.Context, a roster.Actor, in *addMember) (*addedMember, error) {
	b := &in.Body
	v, err := h.office.AddMember(ctx, a, in.UserGroupID, business.NewMember{
		UserID: b.UserID, Role: b.Role.Value, DefaultCostCenterID: b.DefaultCostCenterID.Value, SuperiorEmail: b.SuperiorEmail.Value,
		EmployeeNumber: b.EmployeeNumber.Value,
	})
	if err != nil {
		return nil, err
	}
	return &addedMember{wire.ETag(v.Revision), wire.Location(ctx, fmt.Sprintf("/groups/%d/members/%d", v.GroupID, v.UserID)), renderMember(v)}, nil
}

type bulkOut struct{ Body Bulk }

func showBulk(b business.Bulk, err error) (*bulkOut, error) {
	if err != nil {
		return nil, err
	}
	return &bulkOut{renderBulk(b)}, nil
}

type addMembers struct {
	GroupPath

	Body struct {
		UserIDs             []int64          `json:"userIds" doc:"1 to 500; who stands there twice is added once."`
		Role                wire.Opt[string] `json:"role,omitzero" enum:"OWNER,ADMIN,MEMBER" doc:"MEMBER by default; OWNER is refused."`
		DefaultCostCenterID wire.Opt[int64]  `json:"defaultCostCenterId,omitzero"`
	}
}

func (h handlers) addMembers(ctx context.Context, a roster.Actor, in *addMembers) (*bulkOut, error) {
	return showBulk(h.office.AddMembers(ctx, a, in.UserGroupID, in.Body.UserIDs, business.NewMember{
		Role: in.Body.Role.Value, DefaultCostCenterID: in.Body.DefaultCostCenterID.Value,
	}))
}

type removeMembers struct {
	GroupPath

	Body struct {
		UserIDs []int64 `json:"userIds" doc:"1 to 500."`
	}
}

func (h handlers) removeMembers(ctx context.Context, a roster.Actor, in *removeMembers) (*bulkOut, error) {
	return showBulk(h.office.RemoveMembers(ctx, a, in.UserGroupID, in.Body.UserIDs))
}

type createRequests struct {
	GroupPath

	Body struct {
		UserIDs []int64          `json:"userIds,omitempty" doc:"With emails, 1 to 500."`
		Emails  []string         `json:"emails,omitempty"`
		Role    wire.Opt[string] `json:"role,omitzero" enum:"OWNER,ADMIN,MEMBER" doc:"MEMBER by default; OWNER is refused."`
		Message wire.Opt[string] `json:"message,omitzero"`
	}
}

// invited is an invitation that was made, by whom it is for.
type invited struct {
	ID     int64  `json:"id"`
	UserID int64  `json:"userId,omitempty"`
	Email  string `json:"email,omitempty"`
}

type requestsOut struct {
	Body struct {
		Bulk

		Requests []invited `json:"requests"`
	}
}

func (h handlers) createRequests(ctx context.Context, a roster.Actor, in *createRequests) (*requestsOut, error) {
	b := &in.Body
	made, err := h.office.Invite(ctx, a, in.UserGroupID, business.Wanted{People: b.UserIDs, Emails: b.Emails, Role: b.Role.Value, Message: b.Message.Value})
	if err != nil {
		return nil, err
	}
	out := &requestsOut{}
	out.Body.Bulk = renderBulk(made.Bulk)
	out.Body.Requests = view.Each(made.Requests, func(r *business.Request) invited {
		if r.Email != "" {
			return invited{ID: r.ID, Email: r.Email}
		}
		return invited{ID: r.ID, UserID: r.UserID}
	})
	return out, nil
}
