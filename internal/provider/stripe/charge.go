package stripe

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/rosterhq/roster/internal/business"
)

// Stripe keeps an idempotency key for a day at least: keyLife is how long we trust it
// to. skew is how far Stripe's clock may be from ours.
const (
	keyLife = 20 * time.Hour
	skew    = 10 * time.Minute
)

// Charge takes money from a source without its payer.
func (g *Gateway) Charge(ctx context.Context, p business.Payment) (business.Outcome, error) {
	amount, exact, err := minor(p.Amount, p.Currency)
	if err != nil {
		return "", err
	}
	if amount <= 0 { // so little that there is nothing to take
		return business.PaymentDone, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	c, err := g.client(ctx, p.Tenant)
	if err != nil {
		return "", err
	}
	intent, err := c.V1SetupIntents.Retrieve(ctx, p.Reference, nil)
	if err != nil {
		return g.refused(ctx, "charge", err)
	}
	if intent.Customer == nil || intent.PaymentMethod == nil {
		return business.PaymentRefused, nil
	}
	if p.AskedAt != 0 && g.o.Clock().Sub(time.UnixMicro(p.AskedAt)) > keyLife {
		if made, err := g.made(ctx, c, intent.Customer.ID, p); err != nil || made != nil {
			return outcomeOf(made), err
		}
	}
	made, err := g.pay(ctx, c, target{intent.Customer.ID, intent.PaymentMethod.ID, typeOf(intent)}, p, amount, exact)
	if err != nil {
		return g.refused(ctx, "charge", err)
	}
	if made.Status == stripe.PaymentIntentStatusRequiresAction { // by a payer who is not here
		_, err := c.V1PaymentIntents.Cancel(ctx, made.ID, nil)
		if err != nil && !refuses(err) {
			return "", g.unavailable(ctx, "cancel", err)
		}
	}
	return outcomeOf(made), nil
}

// target is what Stripe takes money from.
type target struct{ customer, method, kind string }

// pay makes a payment and has it done at once. An amount that was rounded says so to
// whoever looks at the payment.
func (g *Gateway) pay(ctx context.Context, c *stripe.Client, from target, p business.Payment, amount int64, exact bool) (*stripe.PaymentIntent, error) {
	text := p.Text
	if !exact {
		text += " (" + p.Amount.String() + " " + p.Currency + ", rounded)"
	}
	return c.V1PaymentIntents.Create(ctx, &stripe.PaymentIntentCreateParams{
		Params: keyed(p.Key), Amount: &amount, Currency: stripe.String(strings.ToLower(p.Currency)), Customer: &from.customer,
		PaymentMethod: &from.method, PaymentMethodTypes: []*string{&from.kind},
		Confirm: stripe.Bool(true), OffSession: stripe.Bool(true), Description: &text,
		Metadata: map[string]string{ofTenant: p.Tenant.Name, ofPayment: p.Key, ofAmount: p.Amount.String()},
	})
}

// typeOf is the type of what a SetupIntent has set up: it names one.
func typeOf(intent *stripe.SetupIntent) string {
	if len(intent.PaymentMethodTypes) == 0 {
		return "card"
	}
	return intent.PaymentMethodTypes[0]
}

// refused is an outcome where Stripe says no, else the error.
func (g *Gateway) refused(ctx context.Context, what string, err error) (business.Outcome, error) {
	if !refuses(err) {
		return "", g.unavailable(ctx, what, err)
	}
	said := answerOf(err)
	g.o.Log.InfoContext(ctx, "Stripe refuses a payment", "type", string(said.Type), "code", string(said.Code), "decline", string(said.DeclineCode),
		"request", said.RequestID)
	return business.PaymentRefused, nil
}

// made seeks a payment that was asked for long ago; nil where there is none.
func (g *Gateway) made(ctx context.Context, c *stripe.Client, customer string, p business.Payment) (*stripe.PaymentIntent, error) {
	since := time.UnixMicro(p.AskedAt).Add(-skew).Unix()
	list := c.V1PaymentIntents.List(ctx, &stripe.PaymentIntentListParams{
		Customer: &customer, CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since},
		ListParams: stripe.ListParams{Limit: stripe.Int64(100)},
	})
	for intent, err := range list.All(ctx) {
		if err != nil {
			return nil, g.unavailable(ctx, "seek "+strconv.FormatInt(since, 10), err)
		}
		if intent.Metadata[ofPayment] == p.Key {
			return intent, nil
		}
	}
	return nil, nil
}

// outcomes are what the states of a PaymentIntent mean to who asked for one without its
// payer: whatever wants the payer is a refusal.
var outcomes = map[stripe.PaymentIntentStatus]business.Outcome{
	stripe.PaymentIntentStatusSucceeded:  business.PaymentDone,
	stripe.PaymentIntentStatusProcessing: business.PaymentPending,
}

func outcomeOf(intent *stripe.PaymentIntent) business.Outcome {
	if intent == nil {
		return ""
	}
	if o, ok := outcomes[intent.Status]; ok {
		return o
	}
	return business.PaymentRefused
}
