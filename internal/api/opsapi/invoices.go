package opsapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

func (h handlers) invoiceRoutes(api *wire.API) {
	const tag = "Invoices"
	read, write := wire.Needs("USER_GROUP_BILLING_READ"), wire.Needs("USER_GROUP_BILLING_WRITE")
	wire.Register(api, wire.Op{
		ID: "list-invoices", Method: "GET", Path: "/invoices", Tag: tag, Summary: "List the invoices of a customer or business account", Extension: true, Access: read,
	}, h.listInvoices)
	wire.Register(api, wire.Op{
		ID: "get-invoice", Method: "GET", Path: "/invoices/{id}", Tag: tag, Summary: "Get an invoice with its lines", Extension: true, Access: read,
	}, h.getInvoice)
	wire.Register(api, wire.Op{
		ID: "patch-invoice", Method: "PATCH", Path: "/invoices/{id}", Tag: tag, Summary: "Say what became of an invoice",
		Description: "PAID: the money is there. OPEN: the gateway is to be asked again for what it refused. CANCELLED: it was wrong, and the next one bills its charges. REFUNDED: the money went back.",
		Extension:   true, Access: write, Fails: []roster.Kind{roster.Conflict},
	}, h.patchInvoice)
	wire.Register(api, wire.Op{
		ID: "close-billing-cycle", Method: "POST", Path: "/groups/{userGroupId}/billing-cycles/close", Tag: tag,
		Summary: "Bill what a business account owes from before an instant", Status: 200, Extension: true, Access: write,
	}, h.closeCycle)
}

type listInvoices struct {
	mobilitywire.Paging

	AccountID int64    `query:"accountId" required:"true" minimum:"1" doc:"A customer's id, or a business account's."`
	State     []string `query:"state,explode" enum:"OPEN,PAID,FAILED,CANCELLED,REFUNDED"`
}

func (h handlers) listInvoices(ctx context.Context, a roster.Actor, in *listInvoices) (*mobilitywire.List[view.Invoice], error) {
	page, err := in.Page(0, "invoiceId", "invoiceDate", "dueDate", "state")
	if err != nil {
		return nil, err
	}
	rows, total, err := h.office.Invoices(ctx, a, in.AccountID, in.State, page)
	return view.PageOf(page, rows, total, view.NewInvoice), err
}

type invoiceOut struct {
	ETag string `header:"ETag"`
	Body view.Invoice
}

type getInvoice struct{ IDPath }

func (h handlers) getInvoice(ctx context.Context, a roster.Actor, in *getInvoice) (*invoiceOut, error) {
	i, lines, err := h.office.Invoice(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	return &invoiceOut{wire.ETag(i.Revision), view.NewWholeInvoice(i, lines)}, nil
}

type patchInvoice struct {
	IDPath
	wire.IfMatch

	Body struct {
		State string `json:"state" enum:"PAID,OPEN,CANCELLED,REFUNDED"`
	}
}

func (h handlers) patchInvoice(ctx context.Context, a roster.Actor, in *patchInvoice) (*invoiceOut, error) {
	i, lines, err := h.office.MoveInvoice(ctx, a, in.ID, in.Check, in.Body.State)
	if err != nil {
		return nil, err
	}
	return &invoiceOut{wire.ETag(i.Revision), view.NewWholeInvoice(i, lines)}, nil
}

type closeCycle struct {
	GroupPath

	Body struct {
		Until mobilitywire.Moment `json:"until" doc:"An instant, or a date: midnight in the zone of the business unit. What lies before it is billed."`
	}
}

type invoicesOut struct{ Body []view.Invoice }

func (h handlers) closeCycle(ctx context.Context, a roster.Actor, in *closeCycle) (*invoicesOut, error) {
	made, err := h.office.CloseUntil(ctx, a, in.UserGroupID, in.Body.Until.Moment)
	if err != nil {
		return nil, err
	}
	return &invoicesOut{view.Each(made, view.NewInvoice)}, nil
}
