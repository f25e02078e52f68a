package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type getSummary struct {
	GroupPath
	mobilitywire.Period

	CostCenterID wire.Param[int64] `query:"costCenterId" minimum:"1" doc:"The whole summary is then this cost center's."`
}

type summaryOut struct{ Body view.Summary }

func (h handlers) getSummary(ctx context.Context, a roster.Actor, in *getSummary) (*summaryOut, error) {
	s, err := h.business.BillingSummary(ctx, a, business.SummaryQuery{
		AccountID: in.UserGroupID, From: in.From.Moment, To: in.To.Moment, CostCenterID: view.Number(in.CostCenterID),
	})
	if err != nil {
		return nil, err
	}
	return &summaryOut{view.NewSummary(s)}, nil
}
