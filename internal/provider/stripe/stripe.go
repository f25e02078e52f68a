// Package stripe is the payment gateway STRIPE: cards, wallets, PayPal and SEPA direct
// debits by Stripe.
//
// Each payment source has a Customer and a SetupIntent of its own at Stripe, which the
// payer completes in their client; the source's reference is the SetupIntent's id, from
// which everything else is found. Stripe is told which account of which tenant a source
// is for, and nothing else of who pays. A webhook tells that a source is set up, and
// what became of a payment that took its time. Removing a source removes its Customer
// with all that Stripe has attached to it.
//
// Whatever makes something at Stripe carries an idempotency key, so that asking twice
// makes it once. Stripe forgets such keys after a day: a payment that was asked for
// longer ago is sought by its own key before it is made.
package stripe

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
)

// Name is how business units name the gateway.
const Name = "STRIPE"

// The settings of a tenant.
const (
	SecretKey      = "payment.stripe.secretKey"
	WebhookSecret  = "payment.stripe.webhookSecret"
	PublishableKey = "payment.stripe.publishableKey"
)

// Options are what a Gateway works with; all but Log are needed.
type Options struct {
	URL  string       // where Stripe's API is
	HTTP *http.Client // which keeps to the rules of outgoing HTTP
	// Setting reads a setting of a tenant, secrets opened; "" where it is not set.
	Setting func(ctx context.Context, tenant roster.Tenant, name string) (string, error)
	Clock   roster.Clock
	Log     *slog.Logger
}

// URL is where Stripe's API is.
const URL = stripe.APIURL

// Gateway asks Stripe in the name of tenants, each with its own key.
type Gateway struct {
	o        Options
	backends *stripe.Backends
}

// patience is how long one question to Stripe may take.
const patience = 15 * time.Second

var _ business.Gateway = (*Gateway)(nil)

// New makes a Gateway.
func New(o Options) *Gateway {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	client := *o.HTTP
	client.Transport = quiet{client.Transport}
	return &Gateway{o, stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		URL: &o.URL, HTTPClient: &client, EnableTelemetry: stripe.Bool(false), MaxNetworkRetries: stripe.Int64(1),
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})}
}

// quiet keeps what the library would tell of the machine that it runs on.
type quiet struct{ next http.RoundTripper }

func (q quiet) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Del("X-Stripe-Client-User-Agent")
	r.Header.Set("User-Agent", "roster")
	return q.next.RoundTrip(r)
}

// client acts for a tenant. Unavailable with business.CodeNoGateway where the tenant
// has no key.
func (g *Gateway) client(ctx context.Context, tenant roster.Tenant) (*stripe.Client, error) {
	key, err := g.o.Setting(ctx, tenant, SecretKey)
	if err != nil {
		return nil, err
	}
	if key == "" {
		return nil, roster.Errorf(roster.Unavailable, business.CodeNoGateway, "the payment gateway %s has no %s", Name, SecretKey)
	}
	return stripe.NewClient(key, stripe.WithBackends(g.backends)), nil
}

// keyed are the parameters of what is made once.
func keyed(key string) stripe.Params {
	return stripe.Params{IdempotencyKey: &key}
}

// The metadata that Stripe keeps with what we make.
const (
	ofTenant  = "roster_tenant"
	ofAccount = "roster_account"
	ofPayment = "roster_payment"
	ofAmount  = "roster_amount"
)

// unavailable is Stripe being out of reach, or not willing to talk to us at all.
// Stripe's own words are for the log: they may name a person.
func (g *Gateway) unavailable(ctx context.Context, what string, err error) error {
	said := answerOf(err)
	g.o.Log.WarnContext(ctx, "Stripe was asked in vain", "what", what, "status", said.HTTPStatusCode, "type", string(said.Type), "code", string(said.Code),
		"request", said.RequestID)
	return &roster.Error{Kind: roster.Unavailable, Code: business.CodeNoGateway, Msg: "the payment gateway " + Name + " does not answer as it should", Err: errors.New(what)}
}

// answerOf is what Stripe said, empty where it said nothing.
func answerOf(err error) *stripe.Error {
	var said *stripe.Error
	if errors.As(err, &said) {
		return said
	}
	return &stripe.Error{}
}

// refuses reports whether Stripe has understood, and said no for good: asking once more
// under the same key would be answered the same.
func refuses(err error) bool {
	said := answerOf(err)
	switch said.Type {
	case stripe.ErrorTypeCard:
		return true
	case stripe.ErrorTypeInvalidRequest:
		return said.HTTPStatusCode == http.StatusBadRequest || said.HTTPStatusCode == http.StatusPaymentRequired || missing(err)
	}
	return false
}

// missing reports whether what was named is not, or no longer, at Stripe.
func missing(err error) bool { return answerOf(err).HTTPStatusCode == http.StatusNotFound }
