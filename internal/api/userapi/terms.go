package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// terms are the terms and conditions that count at a branch.
type terms struct {
	BranchID    int64             `json:"branchId" doc:"That was asked about."`
	TacID       int64             `json:"tacId,omitempty"`
	Version     int64             `json:"version,omitempty"`
	Text        string            `json:"termsAndConditionsText,omitempty"`
	URL         string            `json:"termsAndConditionsUrl,omitempty"`
	PrivacyText string            `json:"privacyGuidelinesText,omitempty"`
	PrivacyURL  string            `json:"privacyGuidelinesUrl,omitempty"`
	ValidFrom   mobilitywire.Time `json:"validFrom,omitzero"`
	State       string            `json:"termsAndConditionsAcceptanceState" enum:"ACCEPTED,OUTDATED,NOT_ACCEPTED,NOT_REQUIRED"`
}

// BranchQuery names a branch; the caller's home branch by default.
type BranchQuery struct {
	BranchID wire.Param[int64] `query:"branchId" minimum:"1" doc:"The home branch by default."`
}

// branch is the branch that is asked about.
func (h handlers) branch(ctx context.Context, a roster.Actor, q BranchQuery) (int64, error) {
	if q.BranchID.Set {
		return q.BranchID.Value, nil
	}
	c, err := h.identity.GetCustomer(ctx, a.Tenant.ID, a.PersonID)
	if err != nil {
		return 0, err
	}
	return c.HomeBranchID, nil
}

type getTerms struct{ BranchQuery }

type termsOut struct{ Body terms }

func (h handlers) getTerms(ctx context.Context, a roster.Actor, in *getTerms) (*termsOut, error) {
	branch, err := h.branch(ctx, a, in.BranchQuery)
	if err != nil {
		return nil, err
	}
	t, state, err := h.care.TermsOf(ctx, a, branch)
	if err != nil {
		return nil, err
	}
	out := terms{BranchID: branch, State: state}
	if t != nil {
		out.TacID, out.Version, out.Text, out.URL = t.ID, t.Version, t.Text, t.URL
		out.PrivacyText, out.PrivacyURL, out.ValidFrom = t.PrivacyText, t.PrivacyURL, mobilitywire.Time(t.ValidFrom)
	}
	return &termsOut{out}, nil
}

type acceptTerms struct {
	BranchQuery

	Body *struct {
		TacID int64 `json:"tacId,omitempty" minimum:"0" doc:"The current ones by default; any version of the branch, or of one above it, is recorded."`
	}
}

type acceptanceOut struct{ Body acceptance }

// acceptance is that the caller accepted terms.
type acceptance struct {
	BranchID   int64             `json:"branchId"`
	TacID      int64             `json:"tacId"`
	Version    int64             `json:"version"`
	AcceptedAt mobilitywire.Time `json:"acceptedAt"`
	State      string            `json:"termsAndConditionsAcceptanceState" enum:"ACCEPTED,OUTDATED,NOT_ACCEPTED,NOT_REQUIRED"`
}

func (h handlers) acceptTerms(ctx context.Context, a roster.Actor, in *acceptTerms) (*acceptanceOut, error) {
	branch, err := h.branch(ctx, a, in.BranchQuery)
	if err != nil {
		return nil, err
	}
	var id int64
	if in.Body != nil {
		id = in.Body.TacID
	}
	made, err := h.care.AcceptTerms(ctx, a, branch, id)
	if err != nil {
		return nil, err
	}
	_, state, err := h.care.TermsOf(ctx, a, branch)
	return &acceptanceOut{acceptance{made.BranchID, made.TermsID, made.Version, mobilitywire.Time(made.AcceptedAt), state}}, err
}
