package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

func (h handlers) invoices(ctx context.Context, a roster.Actor, account int64, in mobilitywire.Paging) (*mobilitywire.List[view.Invoice], error) {
	page, err := in.Page(0, "invoiceId", "invoiceDate", "dueDate", "state")
	if err != nil {
		return nil, err
	}
	rows, total, err := h.business.Invoices(ctx, a, account, page)
	return view.PageOf(page, rows, total, view.NewInvoice), err
}

type invoiceOut struct {
	ETag string `header:"ETag"`
	Body view.Invoice
}

func (h handlers) invoice(ctx context.Context, a roster.Actor, account, id int64) (*invoiceOut, error) {
	i, lines, err := h.business.InvoiceWithLines(ctx, a, account, id)
	if err != nil {
		return nil, err
	}
	return &invoiceOut{wire.ETag(i.Revision), view.NewWholeInvoice(i, lines)}, nil
}

type listOwnInvoices struct{ mobilitywire.Paging }

func (h handlers) listOwnInvoices(ctx context.Context, a roster.Actor, in *listOwnInvoices) (*mobilitywire.List[view.Invoice], error) {
	return h.invoices(ctx, a, a.PersonID, in.Paging)
}

// InvoicePath is the last part of an invoice's path.
type InvoicePath struct {
	ID int64 `path:"id" minimum:"1"`
}

type getOwnInvoice struct{ InvoicePath }

func (h handlers) getOwnInvoice(ctx context.Context, a roster.Actor, in *getOwnInvoice) (*invoiceOut, error) {
	return h.invoice(ctx, a, a.PersonID, in.ID)
}

type listGroupInvoices struct {
	GroupPath
	mobilitywire.Paging
}

func (h handlers) listGroupInvoices(ctx context.Context, a roster.Actor, in *listGroupInvoices) (*mobilitywire.List[view.Invoice], error) {
	return h.invoices(ctx, a, in.UserGroupID, in.Paging)
}

type getGroupInvoice struct {
	GroupPath
	InvoicePath
}

func (h handlers) getGroupInvoice(ctx context.Context, a roster.Actor, in *getGroupInvoice) (*invoiceOut, error) {
	return h.invoice(ctx, a, in.UserGroupID, in.ID)
}
