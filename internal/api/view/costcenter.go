package view

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// CostCenter is what a group books its rides to (§4.5).
type CostCenter struct {
	ID                int64             `json:"id"`
	UserGroupID       int64             `json:"userGroupId"`
	Code              string            `json:"code"`
	Name              string            `json:"name"`
	Description       string            `json:"description,omitempty"`
	ExternalReference string            `json:"externalReference,omitempty"`
	Active            bool              `json:"active"`
	IsDefault         bool              `json:"isDefault" doc:"Of the group."`
	ValidFrom         mobilitywire.Time `json:"validFrom,omitzero"`
	ValidUntil        mobilitywire.Time `json:"validUntil,omitzero"`
	CreatedAt         mobilitywire.Time `json:"createdAt"`
	UpdatedAt         mobilitywire.Time `json:"updatedAt"`
	Version           int64             `json:"version"`
}

// OptionalCostCenter shows a cost center; nil for none.
func OptionalCostCenter(c *business.CostCenter) *CostCenter {
	if c == nil {
		return nil
	}
	shown := NewCostCenter(*c)
	return &shown
}

// NewCostCenter shows a cost center.
func NewCostCenter(c business.CostCenter) CostCenter {
	return CostCenter{
		c.ID, c.GroupID, c.Code, c.Name, c.Description, c.ExternalReference, c.Active, c.IsDefault, mobilitywire.Time(c.ValidFrom), mobilitywire.Time(c.ValidUntil),
		mobilitywire.Time(c.CreatedAt), mobilitywire.Time(c.UpdatedAt), c.Revision,
	}
}
