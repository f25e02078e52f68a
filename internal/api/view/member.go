package view

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Approval is whether a member may ride on the account.
type Approval struct {
	State     string            `json:"state" enum:"NOT_REQUIRED,PENDING,APPROVED,REJECTED"`
	Comment   string            `json:"comment,omitempty" doc:"For managers alone."`
	DecidedBy int64             `json:"decidedBy,omitempty"`
	DecidedAt mobilitywire.Time `json:"decidedAt,omitzero"`
}

// CostCenterAccess is which cost centers a member may use.
type CostCenterAccess struct {
	Mode          string  `json:"mode" enum:"ALL,LIST"`
	CostCenterIDs []int64 `json:"costCenterIds"`
}

// SpendingLimit is how much a member may spend in a period.
type SpendingLimit struct {
	Amount   mobilitywire.Money `json:"amount"`
	Currency string             `json:"currency" minLength:"3" maxLength:"3" example:"EUR"`
	Period   string             `json:"period" enum:"DAY,WEEK,MONTH"`
}

// NewApproval shows a member's approval.
func NewApproval(m *business.Member) Approval {
	return Approval{m.Approval.State, m.Approval.Comment, m.Approval.DecidedBy, mobilitywire.Time(m.Approval.DecidedAt)}
}

// NewCostCenterAccess shows which cost centers a member may use.
func NewCostCenterAccess(m *business.Member) CostCenterAccess {
	return CostCenterAccess{m.AccessMode, List(m.AccessIDs)}
}

// OptionalLimit shows a member's spending limit; nil for none.
func OptionalLimit(m *business.Member) *SpendingLimit {
	if m.Limit.Currency == "" {
		return nil
	}
	return &SpendingLimit{mobilitywire.Money(m.Limit.Amount), m.Limit.Currency, m.Limit.Period}
}
