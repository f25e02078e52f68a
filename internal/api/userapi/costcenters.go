package userapi

import (
	"context"
	"strconv"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type listCostCenters struct {
	mobilitywire.Paging

	UserGroupID wire.Param[int64] `query:"userGroupId" minimum:"1" doc:"The caller's group by default."`
	Active      mobilitywire.Flag `query:"active" doc:"true: those that are active; false: all. (Whoever is no manager sees those that are active and open to them.)"`
	SearchText  string            `query:"searchText" doc:"A part of code, name or external reference."`
}

func (h handlers) listCostCenters(ctx context.Context, a roster.Actor, in *listCostCenters) (*mobilitywire.List[view.CostCenter], error) {
	page, err := in.Page(0, "code", "name", "createdAt")
	if err != nil {
		return nil, err
	}
	f := business.CostCenterFilter{GroupID: view.Number(in.UserGroupID), Search: in.SearchText}
	if active := in.Active.On(); active {
		f.Active = &active
	}
	rows, total, err := h.business.CostCenters(ctx, a, f, page)
	return view.PageOf(page, rows, total, view.NewCostCenter), err
}

type costCenterOut struct {
	ETag string `header:"ETag"`
	Body view.CostCenter
}

func showCostCenter(c *business.CostCenter, err error) (*costCenterOut, error) {
	if err != nil {
		return nil, err
	}
	return &costCenterOut{wire.ETag(c.Revision), view.NewCostCenter(*c)}, nil
}

type createdCostCenter struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     view.CostCenter
}

// CostCenterFields are what may be absent of a cost center, in POST and PATCH.
type CostCenterFields struct {
	Description       wire.Opt[string]            `json:"description,omitzero"`
	ExternalReference wire.Opt[string]            `json:"externalReference,omitzero"`
	Active            wire.Opt[bool]              `json:"active,omitzero" doc:"true for a new one."`
	ValidFrom         wire.Opt[mobilitywire.Time] `json:"validFrom,omitzero"`
	ValidUntil        wire.Opt[mobilitywire.Time] `json:"validUntil,omitzero"`
}

func (f *CostCenterFields) patch() (business.CostCenterPatch, error) {
	return business.CostCenterPatch{
		Description: view.Merged(f.Description), ExternalReference: view.Merged(f.ExternalReference), Active: view.Merged(f.Active),
		ValidFrom: view.Instant(f.ValidFrom), ValidUntil: view.Instant(f.ValidUntil),
	}, view.RefuseNull(view.Came("active", f.Active.Null))
}

type createCostCenter struct {
	Body struct {
		CostCenterFields

		UserGroupID int64  `json:"userGroupId,omitempty" minimum:"0" doc:"The group that the caller manages by default."`
		Code        string `json:"code"`
		Name        string `json:"name"`
	}
}

func (h handlers) createCostCenter(ctx context.Context, a roster.Actor, in *createCostCenter) (*createdCostCenter, error) {
	p, err := in.Body.patch()
	if err != nil {
		return nil, err
	}
	p.Code, p.Name = &in.Body.Code, &in.Body.Name
	c, err := h.business.CreateCostCenter(ctx, a, in.Body.UserGroupID, p)
	out, err := showCostCenter(c, err)
	if err != nil {
		return nil, err
	}
	return &createdCostCenter{out.ETag, wire.Location(ctx, "/cost-centers/"+strconv.FormatInt(c.ID, 10)), out.Body}, nil
}

// CostCenterPath is the path of a cost center.
type CostCenterPath struct {
	CostCenterID int64 `path:"costCenterId" minimum:"1"`
}

type getCostCenter struct{ CostCenterPath }

func (h handlers) getCostCenter(ctx context.Context, a roster.Actor, in *getCostCenter) (*costCenterOut, error) {
	return showCostCenter(h.business.GetCostCenter(ctx, a, in.CostCenterID))
}

type patchCostCenter struct {
	CostCenterPath
	wire.IfMatch

	Body struct {
		CostCenterFields

		UserGroupID wire.Opt[int64]  `json:"userGroupId,omitzero" doc:"It stays: another is 403 U120."`
		Code        wire.Opt[string] `json:"code,omitzero"`
		Name        wire.Opt[string] `json:"name,omitzero"`
	}
}

func (h handlers) patchCostCenter(ctx context.Context, a roster.Actor, in *patchCostCenter) (*costCenterOut, error) {
	p, err := in.Body.patch()
	if err != nil {
		return nil, err
	}
	p.GroupID, p.Code, p.Name = view.Merged(in.Body.UserGroupID), view.Merged(in.Body.Code), view.Merged(in.Body.Name)
	return showCostCenter(h.business.UpdateCostCenter(ctx, a, in.CostCenterID, in.Check, p))
}

type deleteCostCenter struct {
	CostCenterPath
	wire.IfMatch
}

func (h handlers) deleteCostCenter(ctx context.Context, a roster.Actor, in *deleteCostCenter) (*struct{}, error) {
	return nil, h.business.DeleteCostCenter(ctx, a, in.CostCenterID, in.Check)
}
