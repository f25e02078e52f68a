package business

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
)

// Gateway is the port to who moves the money: a payment provider. Each business unit
// names one. A gateway is asked outside of transactions, and may be asked the same
// again: Key says what is the same.
type Gateway interface {
	// Setup begins a payment source for an account. Unavailable, or Invalid with
	// CodePaymentRefused.
	Setup(ctx context.Context, s SourceSetup) (SourceResult, error)
	// Remove forgets a payment source. One that is not there is forgotten.
	Remove(ctx context.Context, tenant roster.Tenant, reference string) error
	// Charge takes money from a payment source. An error says that it is not known
	// whether it did, so that it is asked again.
	Charge(ctx context.Context, p Payment) (Outcome, error)
}

// SourceSetup is what a gateway needs to know of a payment source to begin.
type SourceSetup struct {
	Key       string // unique; the same for who asks for the same once more
	Tenant    roster.Tenant
	AccountID int64
	Type      string // of a PaymentSource
	Currency  string // of the business unit
}

// SourceResult is a payment source as a gateway has begun it.
type SourceResult struct {
	Reference               string // the gateway's own
	State                   string // SourceActive, or SourcePending until the gateway tells
	Brand, Last4            string // what people know it by
	ExpiryMonth, ExpiryYear int64
	// Next is what the client needs to go on, in the gateway's own words; nil for
	// nothing.
	Next map[string]string
}

// Payment is money to be taken from a payment source.
type Payment struct {
	Key       string // over all tenants: what is charged once
	Tenant    roster.Tenant
	Reference string // of the source
	Amount    roster.Amount
	Currency  string
	Text      string // what the payer is to read
	AskedAt   int64  // when it was asked for first, µs UTC: long ago where nobody heard the answer
}

// Outcome is what became of a payment.
type Outcome string

// The outcomes.
const (
	PaymentDone    Outcome = "DONE"
	PaymentRefused Outcome = "REFUSED"
	PaymentPending Outcome = "PENDING" // the gateway tells later, through CompletePayment
	PaymentOutside Outcome = "OUTSIDE" // the payer pays by other means, and finance says when
)

// manual is the gateway without a provider: a source is what payer and finance have
// agreed on.
type manual struct{}

// Setup completes at once.
func (manual) Setup(_ context.Context, s SourceSetup) (SourceResult, error) {
	return SourceResult{Reference: s.Key, State: SourceActive}, nil
}

// Remove has nothing to forget.
func (manual) Remove(context.Context, roster.Tenant, string) error { return nil }

// Charge leaves it to people.
func (manual) Charge(context.Context, Payment) (Outcome, error) { return PaymentOutside, nil }

// AddGateway installs a gateway under the name by which business units name it.
// Called when the program starts, and never later.
func (b *Business) AddGateway(name string, g Gateway) { b.gateways[name] = g }

// gateway finds a gateway. Unavailable with CodeNoGateway.
func (b *Business) gateway(name string) (Gateway, error) {
	if g := b.gateways[name]; g != nil {
		return g, nil
	}
	return nil, roster.Errorf(roster.Unavailable, CodeNoGateway, "the payment gateway %s is not installed", name)
}

// checkGateway refuses a business unit whose gateway is not installed. Invalid.
func (b *Business) checkGateway(u *Unit) error {
	if u.Gateway == "" || b.gateways[u.Gateway] != nil {
		return nil
	}
	return roster.FieldError("paymentConfiguration.gateway", "must be one of %s", strings.Join(slices.Sorted(maps.Keys(b.gateways)), ", "))
}
