package business

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// SourceReport is what a gateway tells of a payment source that it had begun.
type SourceReport struct {
	Event     string // what the gateway's message is called, once for each; "" for none
	Gateway   string
	Reference string
	State     string // SourceActive, SourceFailed, SourceExpired; SourcePending: the payer has done their part
	// What people know it by; empty where the gateway says nothing new.
	Brand, Last4            string
	ExpiryMonth, ExpiryYear int64
}

// CompletePaymentSource writes what became of a payment source that its gateway had
// begun: active, failed or, later, expired. What the gateway tells twice changes
// nothing. NotFound with CodeUnknownPaymentSource, Conflict with CodePaymentState. It
// is for gateways.
func (b *Business) CompletePaymentSource(ctx context.Context, a roster.Actor, r SourceReport) (source *PaymentSource, err error) {
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		tx.Housekeeping()
		if source, err = bySourceReference(tx, r.Gateway, r.Reference); err != nil {
			return err
		}
		if again, err := seen(tx, r.Gateway, r.Event); again || err != nil {
			return err
		}
		p, err := payerOf(tx, source.AccountID)
		if err != nil {
			return err
		}
		wanted := false
		if source.State != r.State {
			if err := SourceLife.Check(source.State, r.State, byGateway); err != nil {
				return err
			}
			source.know(r)
			if r.State == SourceActive {
				wanted, source.DefaultWanted = source.DefaultWanted, false
			}
			if err := source.set(tx, r.State, source.IsDefault && r.State == SourceActive); err != nil {
				return err
			}
		}
		if r.State == SourceFailed || r.State == SourceExpired {
			return p.retreat(tx, byGateway)
		}
		if err := p.advance(tx, r.State, byGateway); err != nil {
			return err
		}
		all, err := SourcesOf(tx, source.AccountID)
		if err != nil {
			return err
		}
		return source.compete(tx, all, wanted)
	})
	return source, err
}

// know takes over what a gateway says that people know a source by.
func (p *PaymentSource) know(r SourceReport) {
	if r.Brand != "" {
		p.Brand = r.Brand
	}
	if r.Last4 != "" {
		p.Last4 = r.Last4
	}
	if r.ExpiryYear != 0 {
		p.ExpiryMonth, p.ExpiryYear = r.ExpiryMonth, r.ExpiryYear
	}
}
