package business

import (
	"cmp"
	"context"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var invoicesOf = store.Q("invoice.of_account", `SELECT `+invoiceColumns+` FROM invoices WHERE tenant = $1 AND account_id = $2 ORDER BY id`)

var invoiceOrders = map[string]order[*Invoice]{
	"id":          ordering(func(i *Invoice) int64 { return i.ID }),
	"invoiceId":   ordering(func(i *Invoice) string { return i.Number }),
	"invoiceDate": ordering(func(i *Invoice) int64 { return i.CreatedAt }),
	"state":       ordering(func(i *Invoice) string { return i.State }),
	"dueDate":     func(a, b *Invoice) int { return cmp.Compare(a.DueAt, b.DueAt) },
}

// Invoices lists the invoices of an account, by id, number, date, due date or state:
// a customer's own, or those of a business account for who may read its billing
// summary. Errors are those of BillingSummary, Invalid with Field sort.
func (b *Business) Invoices(ctx context.Context, a roster.Actor, account int64, page roster.Page) (all []*Invoice, total int, err error) {
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		if account != a.PersonID || account == 0 {
			if _, err := billedAccount(tx, a, account); err != nil {
				return err
			}
		}
		all, err = store.All(tx, invoicesOf, scanInvoice, account)
		if err != nil {
			return err
		}
		if all, total, err = pageOf(all, page, invoiceOrders); err != nil {
			return err
		}
		return complete(tx, all...)
	})
	return all, total, err
}

// InvoiceWithLines reads an invoice of an account, and what it bills to each cost
// center and member. Errors are those of Invoices; NotFound with CodeNoInvoice.
func (b *Business) InvoiceWithLines(ctx context.Context, a roster.Actor, account, id int64) (i *Invoice, lines []InvoiceLine, err error) {
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		if account != a.PersonID || account == 0 {
			if _, err := billedAccount(tx, a, account); err != nil {
				return err
			}
		}
		if i, err = invoiceOf(tx, id); err != nil {
			return err
		}
		if i.AccountID != account {
			return errNoInvoice()
		}
		lines, err = wholeInvoice(tx, i)
		return err
	})
	return i, lines, err
}

// MarkPaid says that the money of an invoice is there. For finance: Forbidden,
// NotFound with CodeNoInvoice, Precondition, Conflict with CodeInvoiceState.
func (b *Business) MarkPaid(ctx context.Context, a roster.Actor, id int64, match graph.Match) (*Invoice, error) {
	return b.moveInvoice(ctx, a, id, match, InvoicePaid)
}

// CancelInvoice takes an invoice back: its charges are unbilled again, and the next
// closing bills them. While the gateway is asked it is refused. Errors as MarkPaid.
func (b *Business) CancelInvoice(ctx context.Context, a roster.Actor, id int64, match graph.Match) (*Invoice, error) {
	return b.moveInvoice(ctx, a, id, match, InvoiceCancelled)
}

// RefundInvoice says that the money of a paid invoice went back. Errors as MarkPaid.
func (b *Business) RefundInvoice(ctx context.Context, a roster.Actor, id int64, match graph.Match) (*Invoice, error) {
	return b.moveInvoice(ctx, a, id, match, InvoiceRefunded)
}

// RetryInvoice has the gateway asked again for the money of an invoice that it
// refused. Errors as MarkPaid.
func (b *Business) RetryInvoice(ctx context.Context, a roster.Actor, id int64, match graph.Match) (*Invoice, error) {
	return b.moveInvoice(ctx, a, id, match, InvoiceOpen)
}

func (b *Business) moveInvoice(ctx context.Context, a roster.Actor, id int64, match graph.Match, to string) (i *Invoice, err error) {
	if err := checkFinance(a); err != nil {
		return nil, err
	}
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		if i, err = invoiceOf(tx, id); err != nil {
			return err
		}
		return i.byFinance(tx, match, to)
	})
	return i, err
}

// byFinance takes an invoice to the state that finance says.
func (i *Invoice) byFinance(tx *store.Tx, match graph.Match, to string) error {
	if err := check(match, i.Revision); err != nil {
		return err
	}
	if to == InvoiceCancelled && i.Settlement == SettlementPending {
		return roster.Errorf(roster.Conflict, CodeInvoiceState, "the gateway is asked for the money; wait for its answer")
	}
	if err := i.move(tx, to, byFinance); err != nil || to != InvoiceOpen {
		return err
	}
	return i.askAgain(tx)
}

// askAgain has the gateway asked for the money, where the account has something to
// pay with.
func (i *Invoice) askAgain(tx *store.Tx) error {
	p, err := payerOf(tx, i.AccountID)
	if roster.IsKind(err, roster.NotFound) { // a customer who was erased
		return nil
	}
	if err != nil || p.paymentState != SourceAdded {
		return err
	}
	before := *i
	i.Settlement = SettlementPending
	if err := i.save(tx, &before); err != nil {
		return err
	}
	return i.collect(tx)
}
