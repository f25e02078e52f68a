package opsapi

import (
	"context"
	"strconv"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// terms are one version of a branch's terms and conditions.
type terms struct {
	ID              int64             `json:"id" doc:"The tacId."`
	BranchID        int64             `json:"branchId"`
	Version         int64             `json:"version" doc:"Of the branch's terms."`
	Text            string            `json:"termsAndConditionsText"`
	URL             string            `json:"termsAndConditionsUrl,omitempty"`
	PrivacyText     string            `json:"privacyGuidelinesText,omitempty"`
	PrivacyURL      string            `json:"privacyGuidelinesUrl,omitempty"`
	ValidFrom       mobilitywire.Time `json:"validFrom"`
	Current         bool              `json:"current"`
	AcceptanceCount int               `json:"acceptanceCount"`
	CreatedAt       mobilitywire.Time `json:"createdAt"`
}

func renderTerms(v *care.TermsView) terms {
	return terms{
		v.ID, v.BranchID, v.Version, v.Text, v.URL, v.PrivacyText, v.PrivacyURL, mobilitywire.Time(v.ValidFrom), v.Current, v.Accepted, mobilitywire.Time(v.CreatedAt),
	}
}

type listTerms struct {
	mobilitywire.Paging

	BranchID wire.Param[int64] `query:"branchId" minimum:"1" doc:"Those of the branch itself; with current, those that count there, though they be of a branch above."`
	Current  mobilitywire.Flag `query:"current" doc:"Those that count now alone."`
}

func (h handlers) listTerms(ctx context.Context, a roster.Actor, in *listTerms) (*mobilitywire.List[terms], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	views, total, err := h.care.ListTerms(ctx, a, care.TermsFilter{BranchID: view.Number(in.BranchID), Current: in.Current.On()}, page)
	if err != nil {
		return nil, err
	}
	return view.PageOf(page, views, total, renderTerms), nil
}

type termsOut struct {
	ETag string `header:"ETag"`
	Body terms
}

func showTerms(v *care.TermsView, err error) (*termsOut, error) {
	if err != nil {
		return nil, err
	}
	return &termsOut{wire.ETag(v.Revision), renderTerms(v)}, nil
}

type getTerms struct{ IDPath }

func (h handlers) getTerms(ctx context.Context, a roster.Actor, in *getTerms) (*termsOut, error) {
	return showTerms(h.care.GetTerms(ctx, a, in.ID))
}

// TermsFields are what is written of terms.
type TermsFields struct {
	Text        string            `json:"termsAndConditionsText" maxLength:"500000"`
	URL         string            `json:"termsAndConditionsUrl" maxLength:"2000" doc:"https."`
	PrivacyText string            `json:"privacyGuidelinesText,omitempty" maxLength:"500000"`
	PrivacyURL  string            `json:"privacyGuidelinesUrl,omitempty" maxLength:"2000" doc:"https."`
	ValidFrom   mobilitywire.Time `json:"validFrom,omitzero" doc:"Now by default."`
}

func (f *TermsFields) terms() care.Terms {
	return care.Terms{Text: f.Text, URL: f.URL, PrivacyText: f.PrivacyText, PrivacyURL: f.PrivacyURL, ValidFrom: int64(f.ValidFrom)}
}

type createTerms struct {
	Body struct {
		TermsFields

		BranchID int64 `json:"branchId" minimum:"1"`
	}
}

type createdTerms struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     terms
}

func (h handlers) createTerms(ctx context.Context, a roster.Actor, in *createTerms) (*createdTerms, error) {
	t := in.Body.terms()
	t.BranchID = in.Body.BranchID
	v, err := h.care.CreateTerms(ctx, a, t)
	if err != nil {
		return nil, err
	}
	return &createdTerms{wire.ETag(v.Revision), wire.Location(ctx, "/terms-and-conditions/"+strconv.FormatInt(v.ID, 10)), renderTerms(v)}, nil
}

type putTerms struct {
	IDPath
	wire.IfMatch

	Body struct {
		TermsFields

		MinorChange bool `json:"minorChange,omitempty" doc:"The change is one for which nobody is asked again, though the terms were accepted."`
	}
}

func (h handlers) putTerms(ctx context.Context, a roster.Actor, in *putTerms) (*termsOut, error) {
	return showTerms(h.care.UpdateTerms(ctx, a, in.ID, in.Check, in.Body.terms(), in.Body.MinorChange))
}

type deleteTerms struct {
	IDPath
	wire.IfMatch
}

func (h handlers) deleteTerms(ctx context.Context, a roster.Actor, in *deleteTerms) (*struct{}, error) {
	return nil, h.care.DeleteTerms(ctx, a, in.ID, in.Check)
}

type acceptTerms struct {
	IDPath
	AtBranch

	TacID wire.Param[int64] `query:"tacId" minimum:"1" doc:"The current ones by default; any version of the branch, or of one above it, is recorded."`
	Body  *struct{}
}

type acceptanceOut struct{ Body acceptance }

// acceptance is that terms were accepted for a customer.
type acceptance struct {
	TacID      int64             `json:"tacId"`
	Version    int64             `json:"version"`
	BranchID   int64             `json:"branchId"`
	AcceptedAt mobilitywire.Time `json:"acceptedAt"`
	AcceptedBy string            `json:"acceptedBy" enum:"CUSTOMER,OPERATOR"`
	OperatorID int64             `json:"operatorId,omitempty"`
}

func (h handlers) acceptTerms(ctx context.Context, a roster.Actor, in *acceptTerms) (*acceptanceOut, error) {
	made, err := h.care.AcceptTermsFor(ctx, a, in.ID, view.Number(in.BranchID), view.Number(in.TacID))
	if err != nil {
		return nil, err
	}
	return &acceptanceOut{acceptance{made.TermsID, made.Version, made.BranchID, mobilitywire.Time(made.AcceptedAt), made.By, made.OperatorID}}, nil
}

type startRequirements struct {
	CustomerID        wire.Param[int64]   `query:"customerId" minimum:"1" doc:"Without it, what is asked of anybody. Also userId or guserId."`
	UserID            wire.Param[int64]   `query:"userId" minimum:"1"`
	GUserID           wire.Param[int64]   `query:"guserId" minimum:"1"`
	BranchID          int64               `query:"branchId" required:"true" minimum:"1"`
	VehicleCategoryID int64               `query:"vehicleCategoryId" required:"true" minimum:"1"`
	UserGroupID       wire.Param[int64]   `query:"userGroupId" minimum:"1" doc:"The business account that is to pay."`
	CostCenterID      wire.Param[int64]   `query:"costCenterId" minimum:"1"`
	BusinessReason    string              `query:"businessReason" maxLength:"500"`
	Start             string              `query:"start" enum:"RESERVATION,ACTIVE" doc:"The state in which the rental would begin; RESERVATION by default."`
	BookingStart      mobilitywire.Moment `query:"bookingStart" doc:"Of a booking instead: its window, RFC 3339."`
	BookingEnd        mobilitywire.Moment `query:"bookingEnd"`
}

func (in *startRequirements) ask() (ask mobility.Ask, err error) {
	ask = mobility.Ask{
		BranchID: in.BranchID, CategoryID: in.VehicleCategoryID, Start: in.Start,
		Payer: mobility.Payer{GroupID: view.Number(in.UserGroupID), CostCenterID: view.Number(in.CostCenterID), BusinessReason: in.BusinessReason},
	}
	if ask.From, err = instantOf("bookingStart", in.BookingStart); err != nil {
		return ask, err
	}
	ask.Until, err = instantOf("bookingEnd", in.BookingEnd)
	return ask, err
}

// instantOf is a time that must be exact: a date alone is none. 0 where it is absent.
func instantOf(name string, m mobilitywire.Moment) (int64, error) {
	if m.Date != "" {
		return 0, wire.InvalidFields(wire.Field{In: wire.InQuery, Name: name, Rule: wire.RuleFormat, Limit: "date-time", Message: "must be a time like 2026-02-01T08:00:00Z"})
	}
	return m.At, nil
}

// customer is who is asked about: nobody, or whom one of the names of the parameter
// gives; those that are given agree.
func (in *startRequirements) customer() (id int64, err error) {
	for _, p := range []wire.Param[int64]{in.CustomerID, in.UserID, in.GUserID} {
		if p.Set && id != 0 && p.Value != id {
			return 0, wire.InvalidFields(wire.Field{In: wire.InQuery, Name: "customerId", Rule: wire.RuleOther, Message: "and its other names must say the same"})
		}
		id = max(id, p.Or(0))
	}
	return id, nil
}

type requirementsOut struct{ Body operatorRequirements }

// operatorRequirements say, besides, what an operator may do.
type operatorRequirements struct {
	view.Requirements

	CustomerID   int64  `json:"customerId,omitempty"`
	Evaluated    bool   `json:"evaluated" doc:"False where no customer is named: then this is the list of what is asked."`
	OperatorHint string `json:"operatorHint,omitempty" doc:"What to do about the first that is not fulfilled."`
}

func (h handlers) startRequirements(ctx context.Context, a roster.Actor, in *startRequirements) (*requirementsOut, error) {
	ask, err := in.ask()
	if err != nil {
		return nil, err
	}
	customer, err := in.customer()
	if err != nil {
		return nil, err
	}
	c, err := h.mobility.RequirementsFor(ctx, a, ask, customer)
	if err != nil {
		return nil, err
	}
	out := operatorRequirements{Requirements: view.NewRequirements(c), CustomerID: customer, Evaluated: c.Evaluated}
	for i, r := range c.Requirements {
		switch {
		case !c.Evaluated:
			out.Requirements.Requirements[i].UserMessage = "" // nobody lacks it
		case !r.Fulfilled && out.OperatorHint == "":
			out.OperatorHint = r.Hint
		}
	}
	return &requirementsOut{out}, nil
}
