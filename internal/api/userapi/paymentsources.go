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

// A customer's payment sources, and a group's, are the same but for whose they are.

func (h handlers) paymentSources(ctx context.Context, a roster.Actor, account int64, in mobilitywire.Paging) (*mobilitywire.List[view.PaymentSource], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	all, err := h.business.PaymentSources(ctx, a, account)
	return view.PageOf(page, view.PartByID(page, all, func(s *business.PaymentSource) int64 { return s.ID }), len(all), view.NewPaymentSource), err
}

// NewPaymentSource is the body that begins a payment source.
type NewPaymentSource struct {
	Key  string `header:"Idempotency-Key" maxLength:"128" doc:"The same for the same payment source: who sends it again within a day makes no other."`
	Body struct {
		Type      string `json:"type" enum:"CREDIT_CARD,APPLE_PAY,GOOGLE_PAY,PAYPAL,SEPA,INVOICING"`
		Label     string `json:"label,omitempty" maxLength:"64" doc:"What the payer knows it by."`
		IsDefault bool   `json:"isDefault,omitempty" doc:"Whether it is to be the one that pays; the first is in any case."`
	}
}

type createdPaymentSource struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     view.PaymentSource
}

func (h handlers) addPaymentSource(ctx context.Context, a roster.Actor, account int64, path string, in *NewPaymentSource) (*createdPaymentSource, error) {
	s, err := h.business.AddPaymentSource(ctx, a, account, business.NewSource{
		Type: in.Body.Type, Label: in.Body.Label, Default: in.Body.IsDefault, Key: in.Key,
	})
	if err != nil {
		return nil, err
	}
	return &createdPaymentSource{
		wire.ETag(s.Revision), wire.Location(ctx, path+"/payment-sources/"+strconv.FormatInt(s.ID, 10)), view.NewPaymentSource(s),
	}, nil
}

// SourcePath is the last part of a payment source's path.
type SourcePath struct {
	ID int64 `path:"id" minimum:"1"`
}

type listOwnSources struct{ mobilitywire.Paging }

func (h handlers) listOwnSources(ctx context.Context, a roster.Actor, in *listOwnSources) (*mobilitywire.List[view.PaymentSource], error) {
	return h.paymentSources(ctx, a, a.PersonID, in.Paging)
}

type addOwnSource struct {
	Unplanned
	NewPaymentSource
}

func (h handlers) addOwnSource(ctx context.Context, a roster.Actor, in *addOwnSource) (*createdPaymentSource, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return h.addPaymentSource(ctx, a, a.PersonID, "/me", &in.NewPaymentSource)
}

type removeOwnSource struct{ SourcePath }

func (h handlers) removeOwnSource(ctx context.Context, a roster.Actor, in *removeOwnSource) (*struct{}, error) {
	return nil, h.business.RemovePaymentSource(ctx, a, a.PersonID, in.ID)
}

type listGroupSources struct {
	GroupPath
	mobilitywire.Paging
}

func (h handlers) listGroupSources(ctx context.Context, a roster.Actor, in *listGroupSources) (*mobilitywire.List[view.PaymentSource], error) {
	return h.paymentSources(ctx, a, in.UserGroupID, in.Paging)
}

type addGroupSource struct {
	GroupPath
	Unplanned
	NewPaymentSource
}

func (h handlers) addGroupSource(ctx context.Context, a roster.Actor, in *addGroupSource) (*createdPaymentSource, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return h.addPaymentSource(ctx, a, in.UserGroupID, groupPath(in.UserGroupID), &in.NewPaymentSource)
}

type removeGroupSource struct {
	GroupPath
	SourcePath
}

func (h handlers) removeGroupSource(ctx context.Context, a roster.Actor, in *removeGroupSource) (*struct{}, error) {
	return nil, h.business.RemovePaymentSource(ctx, a, in.UserGroupID, in.ID)
}
