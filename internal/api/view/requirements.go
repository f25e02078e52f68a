package view

import (
	"github.com/rosterhq/roster/internal/mobility"
)

// Requirements say what a rental asks, and what of it is given (contract/mobility.md §6).
type Requirements struct {
	Fulfilled         bool          `json:"fulfilled"`
	Type              string        `json:"type" enum:"PERSONAL,BUSINESS"`
	BranchID          int64         `json:"branchId"`
	VehicleCategoryID int64         `json:"vehicleCategoryId"`
	UserGroupID       int64         `json:"userGroupId,omitempty"`
	CostCenterID      int64         `json:"costCenterId,omitempty" doc:"The one that the rental would be booked to."`
	Requirements      []Requirement `json:"requirements"`
}

// Requirement is one thing that is asked.
type Requirement struct {
	Code         string `json:"code" example:"DRIVING_LICENSE_VERIFIED"`
	Fulfilled    bool   `json:"fulfilled"`
	Context      string `json:"context" enum:"PERSONAL,BUSINESS,VEHICLE"`
	ErrorCode    string `json:"errorCode,omitempty" doc:"What a rental is refused with."`
	UserMessage  string `json:"userMessage,omitempty"`
	Actual       any    `json:"actual,omitempty"`
	Expected     any    `json:"expected,omitempty"`
	Resolution   string `json:"resolution,omitempty" doc:"What to do about it."`
	ResolvableBy string `json:"resolvableBy,omitempty" enum:"CUSTOMER,GROUP_MANAGER,OPERATOR,SYSTEM"`
}

// NewRequirements shows a check.
func NewRequirements(c *mobility.Check) Requirements {
	return Requirements{c.Fulfilled, c.Type, c.BranchID, c.CategoryID, c.GroupID, c.CostCenterID, Each(c.Requirements, NewRequirement)}
}

// NewRequirement shows a requirement.
func NewRequirement(r mobility.Requirement) Requirement {
	return Requirement{
		Code: r.Code, Fulfilled: r.Fulfilled, Context: r.Context, ErrorCode: r.ErrorCode, UserMessage: r.Message,
		Actual: r.Actual, Expected: r.Expected, Resolution: r.Resolution, ResolvableBy: r.ResolvableBy,
	}
}
