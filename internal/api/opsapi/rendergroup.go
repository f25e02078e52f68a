package opsapi

import (
	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
)

// group is a business account as operators see it (contract/mobility.md §4.1).
type group struct {
	view.Group

	BlockState   string             `json:"blockState" enum:"NONE,BLOCKED"`
	CreditStatus string             `json:"creditStatus" enum:"UNKNOWN,PENDING,APPROVED,REJECTED,EXPIRED"`
	CostCenters  *[]view.CostCenter `json:"costCenters,omitempty" doc:"Those that are active; lists leave them out."`
	Tags         []string           `json:"tags"`
}

// renderListed shows a business account in a list.
func renderListed(v *business.AccountView) group {
	a := v.Account
	return group{Group: view.NewGroup(v), BlockState: a.BlockState, CreditStatus: a.CreditStatus, Tags: view.List(a.Tags)}
}

// renderGroup shows the whole of a business account.
func renderGroup(v *business.AccountView) group {
	out := renderListed(v)
	centers := view.Each(v.CostCenters, view.NewCostCenter)
	out.CostCenters = &centers
	return out
}
