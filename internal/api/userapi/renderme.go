package userapi

import (
	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
)

// me is the caller as they see themselves (contract/mobility.md §4.6).
type me struct {
	view.Customer

	TermsState   string        `json:"termsAndConditionsAcceptanceState" enum:"ACCEPTED,OUTDATED,NOT_ACCEPTED,NOT_REQUIRED" doc:"Of the home branch."`
	CurrentTerms *termsVersion `json:"currentTerms,omitempty"`
	UserGroup    *ownGroup     `json:"userGroup,omitempty"`
}

type termsVersion struct {
	TacID   int64 `json:"tacId"`
	Version int64 `json:"version"`
}

// ownGroup is the group that somebody is in, in few words.
type ownGroup struct {
	ID    int64  `json:"id"`
	Code  string `json:"code"`
	Name  string `json:"name"`
	Role  string `json:"role" enum:"OWNER,ADMIN,MEMBER"`
	State string `json:"state" enum:"ACTIVE,INACTIVE"`
}

func (h handlers) renderMe(a roster.Actor, r *care.Rider) me {
	out := me{Customer: view.NewCustomer(r, h.care.LicenseNumber(a.Tenant.ID, r.Customer)), TermsState: r.TermsState}
	if t := r.Current; t != nil {
		out.CurrentTerms = &termsVersion{t.ID, t.Version}
	}
	if g, m := r.Account, r.Member; m != nil {
		out.UserGroup = &ownGroup{g.ID, g.Code, g.Name, m.Role, m.State}
	}
	return out
}
