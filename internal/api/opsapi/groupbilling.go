package opsapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type listGroupSources struct {
	IDPath
	mobilitywire.Paging

	BranchID wire.Param[int64] `query:"branchId" minimum:"1" doc:"Those of the business unit that bills it; by default of all branches that the caller sees."`
}

func (h handlers) listGroupSources(ctx context.Context, a roster.Actor, in *listGroupSources) (*mobilitywire.List[view.PaymentSource], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	all, err := h.office.PaymentSources(ctx, a, in.ID, view.Number(in.BranchID))
	part := view.PartByID(page, all, func(s *business.PaymentSource) int64 { return s.ID })
	return view.PageOf(page, part, len(all), view.NewPaymentSource), err
}

type getSummary struct {
	IDPath
	mobilitywire.Period

	CostCenterID wire.Param[int64] `query:"costCenterId" minimum:"1" doc:"The whole summary is then this cost center's."`
}

type summaryOut struct{ Body view.Summary }

func (h handlers) getSummary(ctx context.Context, a roster.Actor, in *getSummary) (*summaryOut, error) {
	s, err := h.office.BillingSummary(ctx, a, business.SummaryQuery{
		AccountID: in.ID, From: in.From.Moment, To: in.To.Moment, CostCenterID: view.Number(in.CostCenterID),
	})
	if err != nil {
		return nil, err
	}
	return &summaryOut{view.NewSummary(s)}, nil
}
