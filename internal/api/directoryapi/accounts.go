package directoryapi

import (
	"cmp"
	"context"
	"net/mail"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

const accountCursor = "accounts"

type account struct {
	ID           string  `json:"id" example:"acc-123"`
	Name         string  `json:"name"`
	Email        string  `json:"email"`
	DisplayName  *string `json:"display_name"`
	Department   *string `json:"department"`
	DataSourceID *string `json:"data_source_id"`
	Status       string  `json:"status" enum:"active,disabled"`
	RiskScore    *int    `json:"risk_score" doc:"Always null: Roster computes no risk."`
	ExternalID   string  `json:"external_id,omitempty" doc:"The account's id in the system that it was imported from."`
	CreatedAt    string  `json:"created_at" format:"date-time"`
	UpdatedAt    string  `json:"updated_at" format:"date-time"`
}

func renderAccount(p *graph.Person) account {
	out := account{
		ID: accountID(p.ID), Name: p.Name, Email: p.Email, DisplayName: p.DisplayName, Department: p.Department,
		Status: p.Status, ExternalID: p.ExternalID, CreatedAt: clock(p.CreatedAt), UpdatedAt: clock(p.UpdatedAt),
	}
	if p.DataSourceID != "" {
		out.DataSourceID = &p.DataSourceID
	}
	return out
}

type accountList struct {
	Accounts []account `json:"accounts"`
	PageInfo pageInfo  `json:"pageInfo"`
}

type listAccountsIn struct {
	Page
	AsOf
	Search       string `query:"search" doc:"A part of the account's name or email, in any case."`
	Department   string `query:"department"`
	DataSourceID string `query:"data_source_id"`
}

type listAccountsOut struct{ Body accountList }

func (h handlers) listAccounts(ctx context.Context, a roster.Actor, in *listAccountsIn) (*listAccountsOut, error) {
	asOf, err := in.micros()
	if err != nil {
		return nil, err
	}
	after, err := in.cursor(accountCursor)
	if err != nil {
		return nil, err
	}
	search, err := searchOf(in.Search)
	if err != nil {
		return nil, err
	}
	filter := identity.AccountFilter{Search: search, Department: in.Department, DataSourceID: in.DataSourceID, AsOf: asOf}
	people, more, err := h.identity.Accounts(ctx, a.Tenant.ID, filter, graph.Place{Created: after.Created, ID: after.ID}, in.limit())
	if err != nil {
		return nil, err
	}
	out := accountList{Accounts: make([]account, len(people)), PageInfo: pageInfo{HasNextPage: more}}
	for i, p := range people {
		out.Accounts[i] = renderAccount(p)
		out.PageInfo.EndCursor = endOf(accountCursor, p.CreatedAt, p.ID)
	}
	return &listAccountsOut{out}, nil
}

type AccountPath struct {
	ID string `path:"id" example:"acc-123"`
}

type getAccountIn struct {
	AccountPath
	AsOf
}

type accountOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     account
}

func (h handlers) getAccount(ctx context.Context, a roster.Actor, in *getAccountIn) (*accountOut, error) {
	id, err := parseAccount(in.ID)
	if err != nil {
		return nil, err
	}
	asOf, err := in.micros()
	if err != nil {
		return nil, err
	}
	p, err := h.identity.GetAccount(ctx, a.Tenant.ID, id, asOf)
	if err != nil {
		return nil, nameAccount(err, in.ID)
	}
	if !p.Has(graph.AccountProfile) {
		return nil, noAccount(in.ID)
	}
	return &accountOut{ETag: wire.ETag(p.Revision), Body: renderAccount(p)}, nil
}

func nameAccount(err error, text string) error {
	if roster.IsKind(err, roster.NotFound) {
		return noAccount(text)
	}
	return err
}

type createAccountIn struct {
	Body struct {
		Name         string           `json:"name" minLength:"1" maxLength:"255"`
		Email        string           `json:"email" format:"email" maxLength:"254"`
		DisplayName  wire.Opt[string] `json:"display_name,omitzero" maxLength:"255"`
		Department   wire.Opt[string] `json:"department,omitzero" maxLength:"255"`
		DataSourceID wire.Opt[string] `json:"data_source_id,omitzero" maxLength:"255"`
		ExternalID   wire.Opt[string] `json:"external_id,omitzero" maxLength:"255" doc:"Extension: the account's id elsewhere, unique in the tenant."`
		Status       wire.Opt[string] `json:"status,omitzero" enum:"active,disabled" doc:"active unless told."`
	}
}

// address refuses an email that is more than an address, such as one with a name.
func address(o wire.Opt[string]) error {
	if text, ok := o.Get(); ok {
		if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
			return wrong("email", wire.RuleFormat, "is no valid email address")
		}
	}
	return nil
}

func (h handlers) createAccount(ctx context.Context, a roster.Actor, in *createAccountIn) (*accountOut, error) {
	b := &in.Body
	err := cmp.Or(sound(text("name", wire.Some(b.Name)), text("status", b.Status)), address(wire.Some(b.Email)))
	if err != nil {
		return nil, err
	}
	p, err := h.identity.CreateAccount(ctx, a, identity.Account{
		Name: b.Name, Email: b.Email, DisplayName: b.DisplayName.Ptr(), Department: b.Department.Ptr(),
		DataSourceID: b.DataSourceID.Or(""), ExternalID: b.ExternalID.Or(""), Status: b.Status.Or(graph.Active),
	})
	if err != nil {
		return nil, err
	}
	return &accountOut{wire.Location(ctx, "/accounts/"+accountID(p.ID)), wire.ETag(p.Revision), renderAccount(p)}, nil
}

type updateAccountIn struct {
	AccountPath
	wire.IfMatch
	Body struct {
		Name         wire.Opt[string] `json:"name,omitzero" minLength:"1" maxLength:"255"`
		Email        wire.Opt[string] `json:"email,omitzero" format:"email" maxLength:"254"`
		DisplayName  wire.Opt[string] `json:"display_name,omitzero" maxLength:"255"`
		Department   wire.Opt[string] `json:"department,omitzero" maxLength:"255"`
		DataSourceID wire.Opt[string] `json:"data_source_id,omitzero" maxLength:"255"`
		Status       wire.Opt[string] `json:"status,omitzero" enum:"active,disabled"`
	}
}

func (h handlers) updateAccount(ctx context.Context, a roster.Actor, in *updateAccountIn) (*accountOut, error) {
	b := &in.Body
	err := cmp.Or(sound(text("name", b.Name), text("email", b.Email), text("status", b.Status)), address(b.Email))
	if err != nil {
		return nil, err
	}
	id, err := parseAccount(in.ID)
	if err != nil {
		return nil, err
	}
	p, err := h.identity.UpdateAccount(ctx, a, id, in.Check, func(p *graph.Person) error {
		p.Name, p.Email, p.Status = b.Name.Or(p.Name), b.Email.Or(p.Email), b.Status.Or(p.Status)
		if b.DisplayName.Set {
			p.DisplayName = b.DisplayName.Ptr()
		}
		if b.Department.Set {
			p.Department = b.Department.Ptr()
		}
		if b.DataSourceID.Set {
			p.DataSourceID = b.DataSourceID.Value
		}
		return nil
	})
	if err != nil {
		return nil, nameAccount(err, in.ID)
	}
	return &accountOut{ETag: wire.ETag(p.Revision), Body: renderAccount(p)}, nil
}

type deleteAccountIn struct {
	AccountPath
	wire.IfMatch
}

func (h handlers) deleteAccount(ctx context.Context, a roster.Actor, in *deleteAccountIn) (*struct{}, error) {
	id, err := parseAccount(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, nameAccount(h.identity.DeleteAccount(ctx, a, id, in.Check), in.ID)
}

// accountGroup is a group that an account is in.
type accountGroup struct {
	ID             string `json:"id" example:"grp-123"`
	Name           string `json:"name"`
	GroupType      string `json:"group_type" enum:"security,distribution"`
	MembershipType string `json:"membership_type" enum:"direct,indirect"`
	Kind           string `json:"kind,omitempty" doc:"The API that the group belongs to, where it is not the directory."`
}

type accountGroups struct {
	Groups []accountGroup `json:"groups"`
	Count  int            `json:"count"`
}

type accountGroupsOut struct{ Body accountGroups }

// hasAccount tells whether a person has an account. One who has not may still be
// in groups of the directory, through nested groups of other APIs.
func hasAccount(v *index.View, id int64) bool {
	p := v.Person(id)
	return p != nil && p.Account
}

func (h handlers) listAccountGroups(ctx context.Context, a roster.Actor, in *getAccountIn) (*accountGroupsOut, error) {
	id, err := parseAccount(in.ID)
	if err != nil {
		return nil, err
	}
	asOf, err := in.micros()
	if err != nil {
		return nil, err
	}
	out, found := &accountGroupsOut{accountGroups{Groups: []accountGroup{}}}, false
	err = h.graph.Read(ctx, a.Tenant.ID, graph.Scope{AsOf: asOf, Above: []int64{id}}, func(v *index.View) {
		found = hasAccount(v, id)
		for _, c := range v.GroupsOf(id) {
			g := renderGroup(c.Group, 0)
			out.Body.Groups = append(out.Body.Groups, accountGroup{g.ID, g.Name, g.GroupType, membershipType(c.Direct), g.Kind})
		}
	})
	out.Body.Count = len(out.Body.Groups)
	if err == nil && !found {
		err = noAccount(in.ID)
	}
	return out, err
}
