package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type listOwnVouchers struct{ mobilitywire.Paging }

func (h handlers) listOwnVouchers(ctx context.Context, a roster.Actor, in *listOwnVouchers) (*mobilitywire.List[view.Voucher], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	rows, total, err := h.care.Vouchers(ctx, a, page)
	return view.PageOf(page, rows, total, view.NewVoucher), err
}

type listGroupVouchers struct {
	GroupPath
	mobilitywire.Paging
}

func (h handlers) listGroupVouchers(ctx context.Context, a roster.Actor, in *listGroupVouchers) (*mobilitywire.List[view.Voucher], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	rows, total, err := h.care.GroupVouchers(ctx, a, in.UserGroupID, page)
	return view.PageOf(page, rows, total, view.NewVoucher), err
}
