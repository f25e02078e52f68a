package business

import (
	"context"
	"strconv"
	"strings"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// What payments are for, as their keys say it.
const (
	payInvoice = "invoice"
	paySignup  = "signup"
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

// paymentKey is the key of the one payment for a thing, over all tenants.
func paymentKey(tenant roster.Tenant, noun string, id int64) string {
	return tenant.Name + ":" + noun + ":" + strconv.FormatInt(id, 10)
}

// collect asks the gateway for the money of an invoice, and writes what became of it.
// A job that dies in between asks the gateway once more, with the same key.
func (b *Business) collect(ctx context.Context, tenant roster.Tenant, a invoiceArgs) error {
	var i *Invoice
	var source *PaymentSource
	err := b.db.Read(ctx, tenant.ID, func(tx *store.Tx) (err error) {
		if i, err = invoiceOf(tx, a.ID); err != nil {
			return err
		}
		source, err = payingSource(tx, i.AccountID)
		return err
	})
	if err != nil || i.Settlement != SettlementPending {
		return err
	}
	outcome := PaymentRefused // by nobody, as there is nothing to pay with
	if source != nil {
		outcome, err = b.charge(ctx, source, Payment{
			Key: paymentKey(tenant, payInvoice, i.ID), Tenant: tenant.Name, Amount: i.Price.Gross, Currency: i.Currency, Text: i.Number,
		})
		if err != nil {
			return err
		}
	}
	return b.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
		tx.Housekeeping()
		if err := settleInvoice(tx, a.ID, outcome); err != nil {
			return err
		}
		return jobs.Done(ctx, tx)
	})
}

// charge takes money from a payment source. A gateway that is gone is an error that
// another try may heal.
func (b *Business) charge(ctx context.Context, source *PaymentSource, p Payment) (Outcome, error) {
	g, err := b.gateway(source.Gateway)
	if err != nil {
		return "", err
	}
	p.Reference = source.Reference
	return g.Charge(ctx, p)
}

// settleInvoice writes what became of the payment of an invoice. What the gateway
// tells twice, or after finance has decided, changes nothing.
func settleInvoice(tx *store.Tx, id int64, outcome Outcome) error {
	i, err := invoiceOf(tx, id)
	if err != nil || i.Settlement != SettlementPending {
		return err
	}
	switch outcome {
	case PaymentDone:
		return i.move(tx, InvoicePaid, byGateway)
	case PaymentRefused:
		return i.move(tx, InvoiceFailed, byGateway)
	case PaymentOutside:
		before := *i
		i.Settlement, i.Revision = SettlementOpen, tx.Revision
		return i.save(tx, &before)
	}
	return nil
}

// CompletePayment writes what became of a payment that was pending, as its gateway
// tells it. NotFound for another key. It is for gateways.
func (b *Business) CompletePayment(ctx context.Context, a roster.Actor, key string, outcome Outcome) error {
	noun, number, _ := strings.Cut(strings.TrimPrefix(key, a.Tenant.Name+":"), ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || key != paymentKey(a.Tenant, noun, id) || noun != payInvoice && noun != paySignup {
		return roster.Errorf(roster.NotFound, CodeNoInvoice, "there is no such payment")
	}
	return b.db.Write(ctx, a, func(tx *store.Tx) error {
		tx.Housekeeping()
		if noun == paySignup {
			_, err := settleSignup(tx, id, outcome)
			return err
		}
		return settleInvoice(tx, id, outcome)
	})
}
