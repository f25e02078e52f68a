package business

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Invoices lists those of an account's invoices, a customer's or a business account's,
// that are of branches where the caller may read what is billed, possibly none; in the
// given states, or all. Invalid with Field sort.
func (o Office) Invoices(ctx context.Context, a roster.Actor, account int64, states []string, page roster.Page) (all []*Invoice, total int, err error) {
	err = o.identity.ReadAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		all, err = store.All(tx, invoicesOf, scanInvoice, account)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(i *Invoice) bool {
			return !p.On(readBilling, i.BranchID) || len(states) > 0 && !slices.Contains(states, i.State)
		})
		if all, total, err = pageOf(all, page, invoiceOrders); err != nil {
			return err
		}
		return complete(tx, all...)
	})
	return all, total, err
}

// Invoice reads an invoice and what it bills to each cost center and member. NotFound
// with CodeNoInvoice.
func (o Office) Invoice(ctx context.Context, a roster.Actor, id int64) (i *Invoice, lines []InvoiceLine, err error) {
	err = o.identity.ReadAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if i, err = o.invoice(tx, p, id, readBilling); err != nil {
			return err
		}
		lines, err = wholeInvoice(tx, i)
		return err
	})
	return i, lines, err
}

func (o Office) invoice(tx *store.Tx, p *identity.Powers, id int64, permission string) (*Invoice, error) {
	i, err := invoiceOf(tx, id)
	if err != nil {
		return nil, err
	}
	return i, p.NeedOn(permission, readBilling, errNoInvoice(), i.BranchID)
}

// MoveInvoice takes an invoice to the state that finance says: InvoicePaid, InvoiceOpen
// to have the gateway asked again, InvoiceCancelled, after which the next closing bills
// its charges, or InvoiceRefunded; and reads it as Invoice does. NotFound with
// CodeNoInvoice, Forbidden, Precondition, Conflict with CodeInvoiceState.
func (o Office) MoveInvoice(ctx context.Context, a roster.Actor, id int64, match graph.Match, to string) (i *Invoice, lines []InvoiceLine, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if i, err = o.invoice(tx, p, id, writeBilling); err != nil {
			return err
		}
		if err := i.byFinance(tx, match, to); err != nil {
			return err
		}
		lines, err = wholeInvoice(tx, i)
		return err
	})
	return i, lines, err
}

// CloseUntil bills what a business account owes, as Business.CloseUntil. NotFound with
// CodeNoAccount, Forbidden, Invalid for an instant that is to come.
func (o Office) CloseUntil(ctx context.Context, a roster.Actor, account int64, until roster.Moment) (all []*Invoice, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := o.account(tx, p, account, writeBilling); err != nil {
			return err
		}
		tx.Housekeeping() // there may be nothing to bill
		if all, err = closeUntil(tx, account, until); err != nil {
			return err
		}
		return complete(tx, all...)
	})
	return all, err
}
