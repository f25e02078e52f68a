package business

import (
	"context"
	"strconv"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// collection asks the gateway for the money of an invoice.
var collection = jobs.Kind[invoiceArgs]{Name: "invoice.collect", Attempts: 20}

// invoiceArgs are the arguments of a job about an invoice.
type invoiceArgs struct {
	ID int64 `json:"id"`
}

func (i *Invoice) collect(tx *store.Tx) error {
	return jobs.Enqueue(tx, collection.Job(invoiceArgs{i.ID}).Keyed(strconv.FormatInt(i.ID, 10)))
}

// collectWhenDue has an invoice collected when it is due, by what its account pays with
// by then.
func (i *Invoice) collectWhenDue(tx *store.Tx) error {
	return jobs.Enqueue(tx, collection.Job(invoiceArgs{i.ID}).Keyed(strconv.FormatInt(i.ID, 10)).At(i.DueAt))
}

// turnTo says that the gateway is to be asked, where an invoice that waits is due and its
// account has come to something to pay with.
func (i *Invoice) turnTo(tx *store.Tx) error {
	if i.State != InvoiceOpen || i.Settlement != SettlementOpen || i.DueAt > tx.Now {
		return nil
	}
	p, err := payerOf(tx, i.AccountID)
	if roster.IsKind(err, roster.NotFound) { // a customer who was erased
		return nil
	}
	if err != nil || p.paymentState != SourceAdded {
		return err
	}
	before := *i
	i.Settlement, i.Revision = SettlementPending, tx.Revision
	return i.save(tx, &before)
}

// collect asks the gateway for the money of an invoice, and writes what became of it.
// A job that dies in between asks the gateway once more, with the same key.
func (b *Business) collect(ctx context.Context, tenant roster.Tenant, a invoiceArgs) error {
	var i *Invoice
	var at *attempt
	var source *PaymentSource
	err := b.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) (err error) {
		tx.Housekeeping()
		if i, err = invoiceOf(tx, a.ID); err != nil {
			return err
		}
		if err := i.turnTo(tx); err != nil || i.Settlement != SettlementPending {
			return err
		}
		if source, err = payingSource(tx, i.AccountID); err != nil {
			return err
		}
		at, source, err = begin(tx, payInvoice, i.ID, source)
		return err
	})
	if err != nil || i.Settlement != SettlementPending {
		return err
	}
	outcome := PaymentRefused // by nobody, as there is nothing to pay with
	switch {
	case at == nil:
	case at.state == string(PaymentPending):
		outcome = PaymentPending // the gateway has it, and will tell
	default:
		outcome, err = b.ask(ctx, at, source, Payment{Tenant: tenant, Amount: i.Price.Gross, Currency: i.Currency, Text: i.Number})
		if err != nil {
			return err
		}
	}
	return b.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
		tx.Housekeeping()
		news := true
		if at != nil {
			if news, err = at.settle(tx, outcome); err != nil {
				return err
			}
		}
		if news {
			if err := settleInvoice(tx, a.ID, outcome); err != nil {
				return err
			}
		}
		return jobs.Done(ctx, tx)
	})
}

// uncollected writes that a gateway was asked in vain for so long that people are to
// look at it. The attempt stays open: finance's next try asks for the same payment.
func uncollected(tx *store.Tx, a invoiceArgs, _ string) error {
	tx.Housekeeping()
	err := settleInvoice(tx, a.ID, PaymentRefused)
	if roster.IsKind(err, roster.NotFound) {
		return nil
	}
	return err
}

// settleInvoice writes what became of the payment of an invoice. Nothing changes where
// finance has decided; money that came after all pays it.
func settleInvoice(tx *store.Tx, id int64, outcome Outcome) error {
	i, err := invoiceOf(tx, id)
	if err != nil {
		return err
	}
	if outcome == PaymentDone && i.Unpaid() {
		return i.move(tx, InvoicePaid, byGateway)
	}
	if i.Settlement != SettlementPending {
		return nil
	}
	switch outcome {
	case PaymentRefused:
		return i.move(tx, InvoiceFailed, byGateway)
	case PaymentOutside:
		before := *i
		i.Settlement, i.Revision = SettlementOpen, tx.Revision
		return i.save(tx, &before)
	}
	return nil
}
