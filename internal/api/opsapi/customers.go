package opsapi

import (
	"context"
	"strconv"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Most customers that a page of a list has.
const (
	mostCustomers = 500
	mostSimple    = 200
)

type listCustomers struct {
	mobilitywire.Paging

	Simple                   mobilitywire.Flag `query:"simple" doc:"Few fields, for autocompletion, and customers who are at home in the scope, too."`
	BranchID                 wire.Param[int64] `query:"branchId" minimum:"1" doc:"Required unless simple: customers who accepted terms for it."`
	IncludeChildBranches     mobilitywire.Flag `query:"includeChildBranches" doc:"And for branches below it; true by default."`
	SearchText               string            `query:"searchText" maxLength:"200" doc:"Words that occur in first name, last name, phone, email or id."`
	SignupSettled            mobilitywire.Flag `query:"signupSettled" doc:"Those who have, or, where false, have not."`
	BlockState               []string          `query:"blockState,explode" enum:"NONE,BLOCKED,DELETED" doc:"Without it, the full list leaves out DELETED."`
	LicenseVerificationState []string          `query:"licenseVerificationState,explode" enum:"UNVERIFIED,CREATED,PROCESSING,VERIFIED,REJECTED,RETRY,VERIFIED_BUT_NEEDS_CHECK,EXPIRED_LICENSE,REVIEW,PENDING_REVERIFICATION" doc:"As it reads today."`
	Tag                      []string          `query:"tag,explode" doc:"One of them."`
	UserGroupID              wire.Param[int64] `query:"userGroupId" minimum:"1" doc:"Members of the business account."`
	HasUserGroup             mobilitywire.Flag `query:"hasUserGroup" doc:"Those in a business account, or, where false, in none."`
	ExcludeBlockState        []string          `query:"excludeBlockState,explode" enum:"NONE,BLOCKED,DELETED"`
	ExcludeBlocked           mobilitywire.Flag `query:"excludeBlocked"`
	ExcludeImpersonatedUsers mobilitywire.Flag `query:"excludeImpersonatedUsers" doc:"Leave out whom an API client made."`
	IncludeOperatorsOnly     mobilitywire.Flag `query:"includeOperatorsOnly"`
}

// maybe is a flag that may be absent.
func maybe(f mobilitywire.Flag) *bool {
	on := f.On()
	if f.Or(true) != f.Or(false) {
		return nil
	}
	return &on
}

func (in *listCustomers) filter() (care.CustomerFilter, error) {
	simple := in.Simple.On()
	if !simple && !in.BranchID.Set {
		return care.CustomerFilter{}, wire.InvalidFields(wire.Field{In: wire.InQuery, Name: "branchId", Rule: wire.RuleRequired, Message: "must be given"})
	}
	f := care.CustomerFilter{
		BranchID: view.Number(in.BranchID), Below: in.IncludeChildBranches.Or(true), Text: in.SearchText, AcceptedOnly: !simple,
		SignupSettled: maybe(in.SignupSettled), BlockStates: in.BlockState, ExcludeBlockStates: in.ExcludeBlockState, LicenseStates: in.LicenseVerificationState,
		Tags: in.Tag, GroupID: view.Number(in.UserGroupID), HasGroup: maybe(in.HasUserGroup),
		NotImpersonated: in.ExcludeImpersonatedUsers.On(), OperatorsOnly: in.IncludeOperatorsOnly.On(),
	}
	if in.ExcludeBlocked.On() {
		f.ExcludeBlockStates = append(f.ExcludeBlockStates, identity.Blocked)
	}
	if !simple && len(f.BlockStates) == 0 {
		f.ExcludeBlockStates = append(f.ExcludeBlockStates, identity.Deleted)
	}
	return f, nil
}

func (h handlers) listCustomers(ctx context.Context, a roster.Actor, in *listCustomers) (*mobilitywire.List[customerRow], error) {
	most, render := mostCustomers, fullRow
	if in.Simple.On() {
		most, render = mostSimple, simpleRow
	}
	page, err := in.Page(most)
	if err != nil {
		return nil, err
	}
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	rows, total, err := h.care.SearchCustomers(ctx, a, f, page)
	if err != nil {
		return nil, err
	}
	return view.PageOf(page, rows, total, render), nil
}

type customerOut struct {
	ETag string `header:"ETag"`
	Body Customer
}

func (h handlers) showCustomer(a roster.Actor, r *care.Rider, err error) (*customerOut, error) {
	if err != nil {
		return nil, err
	}
	return &customerOut{wire.ETag(r.Revision), h.renderCustomer(a, r)}, nil
}

type getCustomer struct{ IDPath }

func (h handlers) getCustomer(ctx context.Context, a roster.Actor, in *getCustomer) (*customerOut, error) {
	r, err := h.care.CustomerOf(ctx, a, in.ID)
	return h.showCustomer(a, r, err)
}

// AtBranch names a branch, if any.
type AtBranch struct {
	BranchID wire.Param[int64] `query:"branchId" minimum:"1"`
}

type getDetails struct {
	IDPath
	AtBranch
}

type detailsOut struct {
	ETag string `header:"ETag"`
	Body customerDetails
}

func (h handlers) getDetails(ctx context.Context, a roster.Actor, in *getDetails) (*detailsOut, error) {
	d, err := h.mobility.CustomerDetails(ctx, a, in.ID, view.Number(in.BranchID))
	if err != nil {
		return nil, err
	}
	return &detailsOut{wire.ETag(d.Revision), h.renderDetails(a, d)}, nil
}

// customerMembership is a business account, and a customer's membership in it; of one
// that the caller does not see, the account's id and name.
type customerMembership struct {
	Group      customerGroup        `json:"group"`
	Membership *customerMemberShape `json:"membership,omitempty"`
}

type customerMemberShape struct {
	UserGroupID int64             `json:"userGroupId"`
	UserID      int64             `json:"userId"`
	MemberCode  string            `json:"memberCode"`
	Role        string            `json:"role" enum:"OWNER,ADMIN,MEMBER"`
	State       string            `json:"state" enum:"ACTIVE,INACTIVE"`
	JoinedAt    mobilitywire.Time `json:"joinedAt"`
	LeftAt      mobilitywire.Time `json:"leftAt,omitzero"`
}

type listCustomerGroups struct {
	IDPath
	mobilitywire.Paging

	IncludeFormer mobilitywire.Flag `query:"includeFormer" doc:"And those that they left."`
}

func (h handlers) listCustomerGroups(ctx context.Context, a roster.Actor, in *listCustomerGroups) (*mobilitywire.List[customerMembership], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	all, err := h.care.CustomerGroups(ctx, a, in.ID, in.IncludeFormer.On())
	if err != nil {
		return nil, err
	}
	part := view.PartByID(page, all, func(m care.CustomerGroup) int64 { return m.Account.ID })
	return view.PageOf(page, part, len(all), renderMembership), nil
}

func renderMembership(g care.CustomerGroup) customerMembership {
	out := customerMembership{Group: customerGroup{ID: g.Account.ID, Name: g.Account.Name}}
	if g.Visible {
		out.Group.Code = g.Account.Code
		m := g.Membership
		out.Membership = &customerMemberShape{
			g.Account.ID, m.UserID, m.MemberCode, m.Role, m.State, mobilitywire.Time(m.JoinedAt), mobilitywire.Time(m.LeftAt),
		}
	}
	return out
}

type listCustomerSources struct {
	IDPath
	AtBranch
	mobilitywire.Paging
}

func (h handlers) listCustomerSources(ctx context.Context, a roster.Actor, in *listCustomerSources) (*mobilitywire.List[view.PaymentSource], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	all, err := h.care.CustomerPaymentSources(ctx, a, in.ID, view.Number(in.BranchID))
	if err != nil {
		return nil, err
	}
	part := view.PartByID(page, all, func(s *business.PaymentSource) int64 { return s.ID })
	return view.PageOf(page, part, len(all), view.NewPaymentSource), nil
}

type createdCustomer struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     Customer
}

func (h handlers) created(ctx context.Context, a roster.Actor, r *care.Rider) *createdCustomer {
	return &createdCustomer{wire.ETag(r.Revision), wire.Location(ctx, "/customers/"+strconv.FormatInt(r.ID, 10)), h.renderCustomer(a, r)}
}
