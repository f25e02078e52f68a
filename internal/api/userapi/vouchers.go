package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type listOwnVouchers struct{ mobilitywire.Paging }

func (h handlers) listOwnVouchers(ctx context.Context, a roster.Actor, in *listOwnVouchers) (*mobilitywire.List[voucher], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	rows, total, err := h.care.Vouchers(ctx, a, page)
	return pageOf(page, rows, total, renderVoucher), err
}

type listGroupVouchers struct {
	GroupPath
	mobilitywire.Paging
}

func (h handlers) listGroupVouchers(ctx context.Context, a roster.Actor, in *listGroupVouchers) (*mobilitywire.List[voucher], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	rows, total, err := h.care.GroupVouchers(ctx, a, in.UserGroupID, page)
	return pageOf(page, rows, total, renderVoucher), err
}
