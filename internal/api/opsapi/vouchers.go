package opsapi

import (
	"context"
	"fmt"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// voucher is a voucher with what operators say about it.
type voucher struct {
	view.Voucher

	Reason       string            `json:"reason,omitempty"`
	RentalID     int64             `json:"rentalId,omitempty" doc:"What it is about."`
	BookingID    int64             `json:"bookingId,omitempty"`
	CreatedBy    int64             `json:"createdBy,omitempty" doc:"A person."`
	RevokedAt    mobilitywire.Time `json:"revokedAt,omitzero"`
	RevokedBy    int64             `json:"revokedBy,omitempty"`
	RevokeReason string            `json:"revokeReason,omitempty"`
	Version      int64             `json:"version"`
}

func renderVoucher(v *care.Voucher) voucher {
	return voucher{view.NewVoucher(v), v.Reason, v.RentalID, v.BookingID, v.CreatedBy, mobilitywire.Time(v.RevokedAt), v.RevokedBy, v.RevokeReason, v.Revision}
}

// giftFields are what is given, and why.
type giftFields struct {
	VoucherableID   int64  `json:"voucherableId,omitempty" minimum:"0" doc:"This, or voucherableCode."`
	VoucherableCode string `json:"voucherableCode,omitempty" maxLength:"64"`
	Reason          string `json:"reason,omitempty" maxLength:"500"`
	RentalID        int64  `json:"rentalId,omitempty" minimum:"0" doc:"A rental of the account's own that it is about."`
	BookingID       int64  `json:"bookingId,omitempty" minimum:"0" doc:"A booking so."`
}

func (f *giftFields) gift() (care.Gift, error) {
	if f.VoucherableID == 0 && f.VoucherableCode == "" {
		return care.Gift{}, wire.InvalidFields(wire.Field{In: wire.InBody, Name: "voucherableId", Rule: wire.RuleRequired, Message: "must be given, or voucherableCode"})
	}
	return care.Gift{
		VoucherableID: f.VoucherableID, VoucherableCode: f.VoucherableCode, Reason: f.Reason, RentalID: f.RentalID, BookingID: f.BookingID,
	}, nil
}

// giveCustomer and giveGroup are the inputs of both forms of the call.
type (
	giveCustomer struct {
		UserID int64 `path:"userId" minimum:"1"`
		Body   giftFields
	}
	giveGroup struct {
		GroupID int64 `path:"groupId" minimum:"1"`
		Body    giftFields
	}
)

// location is where the account's vouchers are listed.
func (in *giveCustomer) location(ctx context.Context) string {
	return wire.Location(ctx, fmt.Sprintf("/customers/%d/vouchers", in.UserID))
}

func (in *giveGroup) location(ctx context.Context) string {
	return wire.Location(ctx, fmt.Sprintf("/groups/%d/vouchers", in.GroupID))
}

func (h handlers) toCustomer(ctx context.Context, a roster.Actor, in *giveCustomer) ([]*care.Voucher, error) {
	g, err := in.Body.gift()
	if err != nil {
		return nil, err
	}
	g.CustomerID = in.UserID
	return h.mobility.ApplyVouchers(ctx, a, g)
}

func (h handlers) toGroup(ctx context.Context, a roster.Actor, in *giveGroup) ([]*care.Voucher, error) {
	g, err := in.Body.gift()
	if err != nil {
		return nil, err
	}
	g.GroupID = in.GroupID
	return h.mobility.ApplyVouchers(ctx, a, g)
}

type vouchersOut struct {
	Location string `header:"Location" doc:"Where the account's vouchers are listed."`
	Body     []voucher
}

func (h handlers) applyToCustomer(ctx context.Context, a roster.Actor, in *giveCustomer) (*vouchersOut, error) {
	made, err := h.toCustomer(ctx, a, in)
	if err != nil {
		return nil, err
	}
	return &vouchersOut{in.location(ctx), view.Each(made, renderVoucher)}, nil
}

func (h handlers) applyToGroup(ctx context.Context, a roster.Actor, in *giveGroup) (*vouchersOut, error) {
	made, err := h.toGroup(ctx, a, in)
	if err != nil {
		return nil, err
	}
	return &vouchersOut{in.location(ctx), view.Each(made, renderVoucher)}, nil
}

type firstOut struct {
	Location string `header:"Location" doc:"Where the account's vouchers are listed."`
	Body     voucher
}

// firstVoucher is the answer of the older form: the first of the vouchers that were
// made.
func firstVoucher(location string, made []*care.Voucher, err error) (*firstOut, error) {
	if err != nil {
		return nil, err
	}
	return &firstOut{location, renderVoucher(made[0])}, nil
}

func (h handlers) applyOneToCustomer(ctx context.Context, a roster.Actor, in *giveCustomer) (*firstOut, error) {
	made, err := h.toCustomer(ctx, a, in)
	return firstVoucher(in.location(ctx), made, err)
}

func (h handlers) applyOneToGroup(ctx context.Context, a roster.Actor, in *giveGroup) (*firstOut, error) {
	made, err := h.toGroup(ctx, a, in)
	return firstVoucher(in.location(ctx), made, err)
}

type listVouchers struct {
	IDPath
	mobilitywire.Paging
}

func (h handlers) listCustomerVouchers(ctx context.Context, a roster.Actor, in *listVouchers) (*mobilitywire.List[voucher], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	all, total, err := h.care.CustomerVouchers(ctx, a, in.ID, page)
	if err != nil {
		return nil, err
	}
	return view.PageOf(page, all, total, renderVoucher), nil
}

func (h handlers) listGroupVouchers(ctx context.Context, a roster.Actor, in *listVouchers) (*mobilitywire.List[voucher], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	all, total, err := h.care.AccountVouchers(ctx, a, in.ID, page)
	if err != nil {
		return nil, err
	}
	return view.PageOf(page, all, total, renderVoucher), nil
}

type revokeVoucher struct {
	IDPath

	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

type voucherOut struct{ Body voucher }

func (h handlers) revokeVoucher(ctx context.Context, a roster.Actor, in *revokeVoucher) (*voucherOut, error) {
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	v, err := h.care.RevokeVoucher(ctx, a, in.ID, reason)
	if err != nil {
		return nil, err
	}
	return &voucherOut{renderVoucher(v)}, nil
}
