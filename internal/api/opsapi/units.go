package opsapi

import (
	"context"
	"strconv"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// hundredth is a hundredth of a percent, in which rates are kept, as an amount: an
// amount has four decimals.
const hundredth = 100

// businessUnit is a business unit (contract/mobility.md §4.8).
type businessUnit struct {
	ID                   int64                `json:"id"`
	Name                 string               `json:"name"`
	Code                 string               `json:"code"`
	Currency             string               `json:"currency" doc:"ISO 4217."`
	CurrencyScale        int64                `json:"currencyScale" minimum:"0" maximum:"4"`
	TaxPercentage        mobilitywire.Money   `json:"taxPercentage" doc:"Contained in prices."`
	Timezone             string               `json:"timezone" example:"Europe/Vienna"`
	InvoicePrefix        string               `json:"invoicePrefix"`
	PaymentConfiguration paymentConfiguration `json:"paymentConfiguration"`
	BranchIDs            []int64              `json:"branchIds" doc:"Those that it bills."`
	IsBillable           bool                 `json:"isBillable"`
	Referenced           bool                 `json:"referenced" doc:"Something refers to it, or did: it keeps its currency and cannot be deleted."`
	CreatedAt            mobilitywire.Time    `json:"createdAt"`
	UpdatedAt            mobilitywire.Time    `json:"updatedAt"`
	Version              int64                `json:"version"`
}

type paymentConfiguration struct {
	Gateway string `json:"gateway" example:"MANUAL"`
}

func renderUnit(u *business.UnitView) businessUnit {
	return businessUnit{
		u.ID, u.Name, u.Code, u.Currency, u.CurrencyScale, mobilitywire.Money(u.Tax * hundredth), u.Timezone, u.InvoicePrefix,
		paymentConfiguration{u.Gateway}, view.List(u.BranchIDs), true, u.Referenced,
		mobilitywire.Time(u.CreatedAt), mobilitywire.Time(u.UpdatedAt), u.Revision,
	}
}

type listUnits struct {
	mobilitywire.Paging

	SearchText string `query:"searchText" doc:"A part of name or code."`
}

func (h handlers) listUnits(ctx context.Context, a roster.Actor, in *listUnits) (*mobilitywire.List[businessUnit], error) {
	page, err := in.Page(0, "name", "code", "createdAt")
	if err != nil {
		return nil, err
	}
	rows, total, err := h.office.Units(ctx, a, in.SearchText, page)
	return view.PageOf(page, rows, total, renderUnit), err
}

type unitOut struct {
	ETag string `header:"ETag"`
	Body businessUnit
}

func showUnit(u *business.UnitView, err error) (*unitOut, error) {
	if err != nil {
		return nil, err
	}
	return &unitOut{wire.ETag(u.Revision), renderUnit(u)}, nil
}

// UnitFields are the whole of what an operator says of a business unit.
type UnitFields struct {
	Name                 string                         `json:"name"`
	Code                 string                         `json:"code"`
	Currency             string                         `json:"currency" doc:"ISO 4217."`
	TaxPercentage        mobilitywire.Money             `json:"taxPercentage" doc:"0 to 100, with two decimals."`
	CurrencyScale        wire.Opt[int64]                `json:"currencyScale,omitzero" doc:"The currency's own by default."`
	Timezone             wire.Opt[string]               `json:"timezone,omitzero" doc:"UTC by default."`
	InvoicePrefix        wire.Opt[string]               `json:"invoicePrefix,omitzero" doc:"INV by default."`
	PaymentConfiguration wire.Opt[paymentConfiguration] `json:"paymentConfiguration,omitzero" doc:"MANUAL by default."`
}

func (f *UnitFields) unit() (*business.Unit, error) {
	if f.TaxPercentage%hundredth != 0 {
		return nil, roster.FieldError("taxPercentage", "must have at most two decimals")
	}
	return &business.Unit{
		Name: f.Name, Code: f.Code, Currency: f.Currency, Tax: int64(f.TaxPercentage / hundredth), CurrencyScale: f.CurrencyScale.Or(business.OwnScale),
		Timezone: f.Timezone.Value, InvoicePrefix: f.InvoicePrefix.Value, Gateway: f.PaymentConfiguration.Value.Gateway,
	}, nil
}

type createUnit struct{ Body UnitFields }

type createdUnit struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     businessUnit
}

func (h handlers) createUnit(ctx context.Context, a roster.Actor, in *createUnit) (*createdUnit, error) {
	u, err := in.Body.unit()
	if err != nil {
		return nil, err
	}
	made, err := h.office.CreateUnit(ctx, a, u)
	if err != nil {
		return nil, err
	}
	return &createdUnit{wire.ETag(made.Revision), wire.Location(ctx, "/business-units/"+strconv.FormatInt(made.ID, 10)), renderUnit(made)}, nil
}

type getUnit struct{ IDPath }

func (h handlers) getUnit(ctx context.Context, a roster.Actor, in *getUnit) (*unitOut, error) {
	return showUnit(h.office.Unit(ctx, a, in.ID))
}

type putUnit struct {
	IDPath
	wire.IfMatch

	Body UnitFields
}

func (h handlers) putUnit(ctx context.Context, a roster.Actor, in *putUnit) (*unitOut, error) {
	u, err := in.Body.unit()
	if err != nil {
		return nil, err
	}
	return showUnit(h.office.ReplaceUnit(ctx, a, in.ID, in.Check, u))
}

type deleteUnit struct {
	IDPath
	wire.IfMatch
}

func (h handlers) deleteUnit(ctx context.Context, a roster.Actor, in *deleteUnit) (*struct{}, error) {
	return nil, h.office.DeleteUnit(ctx, a, in.ID, in.Check)
}
