package stripe

import (
	"context"
	"strconv"

	"github.com/stripe/stripe-go/v85"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
)

// methods are Stripe's payment method types by the types of payment sources. A wallet
// hands over a card.
var methods = map[string]string{
	business.CreditCard: "card",
	business.ApplePay:   "card",
	business.GooglePay:  "card",
	business.PayPal:     "paypal",
	business.SEPA:       "sepa_debit",
}

// Setup makes a Customer and a SetupIntent. The payer goes on with the client secret.
func (g *Gateway) Setup(ctx context.Context, s business.SourceSetup) (business.SourceResult, error) {
	method, ok := methods[s.Type]
	if !ok {
		return business.SourceResult{}, roster.FieldError("type", "%s is nothing that %s takes", s.Type, Name)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := g.client(ctx, s.Tenant)
	if err != nil {
		return business.SourceResult{}, err
	}
	about := map[string]string{ofTenant: s.Tenant.Name, ofAccount: strconv.FormatInt(s.AccountID, 10)}
	customer, err := c.V1Customers.Create(ctx, &stripe.CustomerCreateParams{Params: keyed(s.Key + ":customer"), Metadata: about})
	if err != nil {
		return business.SourceResult{}, g.setupFailed(ctx, err)
	}
	intent, err := c.V1SetupIntents.Create(ctx, &stripe.SetupIntentCreateParams{
		Params: keyed(s.Key + ":setup"), Customer: &customer.ID, Metadata: about,
		Usage: stripe.String(string(stripe.SetupIntentUsageOffSession)), PaymentMethodTypes: []*string{&method},
	})
	if err != nil {
		return business.SourceResult{}, g.setupFailed(ctx, err)
	}
	next := map[string]string{"clientSecret": intent.ClientSecret, "setupIntentId": intent.ID}
	public, err := g.o.Setting(ctx, s.Tenant, PublishableKey)
	if err != nil {
		return business.SourceResult{}, err
	}
	if public != "" {
		next["publishableKey"] = public
	}
	return business.SourceResult{Reference: intent.ID, State: business.SourcePending, Next: next}, nil
}

func (g *Gateway) setupFailed(ctx context.Context, err error) error {
	said := answerOf(err)
	switch {
	case said.Type == stripe.ErrorTypeIdempotency && said.HTTPStatusCode == 400:
		return roster.Errorf(roster.Conflict, business.CodePaymentState, "the key was used for another payment source")
	case refuses(err):
		return roster.Errorf(roster.Invalid, business.CodePaymentRefused, "the payment gateway refuses the payment source")
	}
	return g.unavailable(ctx, "setup", err)
}

// Remove cancels what is not complete, detaches the payment method and removes the
// Customer.
func (g *Gateway) Remove(ctx context.Context, tenant roster.Tenant, reference string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := g.client(ctx, tenant)
	if err != nil {
		return err
	}
	intent, err := c.V1SetupIntents.Retrieve(ctx, reference, nil)
	if missing(err) {
		return nil
	}
	if err != nil {
		return g.unavailable(ctx, "remove", err)
	}
	switch intent.Status {
	case stripe.SetupIntentStatusSucceeded, stripe.SetupIntentStatusCanceled:
	default:
		// One that is being processed can't be cancelled; without its customer it is of no use.
		if _, err := c.V1SetupIntents.Cancel(ctx, reference, nil); err != nil && !refuses(err) {
			return g.unavailable(ctx, "cancel", err)
		}
	}
	if intent.PaymentMethod != nil {
		if _, err := c.V1PaymentMethods.Detach(ctx, intent.PaymentMethod.ID, nil); err != nil && !refuses(err) {
			return g.unavailable(ctx, "detach", err)
		}
	}
	if intent.Customer != nil {
		if _, err := c.V1Customers.Delete(ctx, intent.Customer.ID, nil); err != nil && !refuses(err) {
			return g.unavailable(ctx, "remove", err)
		}
	}
	return nil
}

// reported is what a SetupIntent says of its payment source.
func reported(intent *stripe.SetupIntent) business.SourceReport {
	r := business.SourceReport{Gateway: Name, Reference: intent.ID, State: business.SourceFailed}
	if intent.Status == stripe.SetupIntentStatusSucceeded {
		r.State = business.SourceActive
	}
	m := intent.PaymentMethod
	switch {
	case m == nil:
	case m.Card != nil:
		r.Brand, r.Last4, r.ExpiryMonth, r.ExpiryYear = string(m.Card.Brand), m.Card.Last4, m.Card.ExpMonth, m.Card.ExpYear
	case m.SEPADebit != nil:
		r.Brand, r.Last4 = "sepa_debit", m.SEPADebit.Last4
	case m.Paypal != nil:
		r.Brand = "paypal"
	}
	return r
}
