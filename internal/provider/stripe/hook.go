package stripe

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
)

// HookName is the last part of the webhook's path, and SignatureHeader the header that
// a message is signed in.
const (
	HookName        = "stripe"
	SignatureHeader = "Stripe-Signature"
)

// window is how far a message's time may be from now.
const window = 5 * time.Minute

// Verify checks who sent a message, and when. Unauthenticated.
func Verify(secret string, header func(string) string, raw []byte, now time.Time) error {
	signed := header(SignatureHeader)
	if secret == "" || webhook.ValidatePayloadIgnoringTolerance(raw, signed, secret) != nil {
		return roster.Errorf(roster.Unauthenticated, "", "the signature is not right")
	}
	if age := now.Sub(signedAt(signed)).Abs(); age > window {
		return roster.Errorf(roster.Unauthenticated, "", "the message is of another time")
	}
	return nil
}

// signedAt is the time that a signature is made over. Of several times the last counts,
// as it does for the signature.
func signedAt(header string) (at time.Time) {
	for part := range strings.SplitSeq(header, ",") {
		if text, ok := strings.CutPrefix(part, "t="); ok {
			seconds, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return time.Time{}
			}
			at = time.Unix(seconds, 0)
		}
	}
	return at
}

// event is what we read of a message, whatever version of Stripe's API it is in.
type event struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Created int64  `json:"created"`
	Data    struct {
		Object struct {
			ID       string            `json:"id"`
			Metadata map[string]string `json:"metadata"`
		} `json:"object"`
	} `json:"data"`
}

// Teller is told what Stripe's messages say.
type Teller interface {
	CompletePaymentSource(ctx context.Context, a roster.Actor, r business.SourceReport) (*business.PaymentSource, error)
	CompletePayment(ctx context.Context, a roster.Actor, r business.PaymentReport) error
}

// payments are the outcomes that messages of a payment tell.
var payments = map[string]business.Outcome{
	"payment_intent.succeeded":      business.PaymentDone,
	"payment_intent.processing":     business.PaymentPending,
	"payment_intent.payment_failed": business.PaymentRefused,
	"payment_intent.canceled":       business.PaymentRefused,
}

// Handle does what a message, which Verify has let through, says. What is not about us
// is taken and left alone. Unavailable for what may become right when Stripe sends it
// once more.
func (g *Gateway) Handle(ctx context.Context, to Teller, tenant roster.Tenant, raw []byte) error {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil || e.ID == "" {
		return roster.Errorf(roster.Invalid, "", "the body is no event")
	}
	if e.Data.Object.Metadata[ofTenant] != tenant.Name { // Stripe tells an account's other programs too
		return nil
	}
	actor := roster.Actor{Tenant: tenant, ID: "hook:" + HookName, API: roster.HooksAPI, RequestID: e.ID}
	if outcome, ok := payments[e.Type]; ok {
		err := to.CompletePayment(ctx, actor, business.PaymentReport{
			Event: e.ID, Gateway: Name, Key: e.Data.Object.Metadata[ofPayment], Outcome: outcome,
		})
		if roster.IsKind(err, roster.NotFound) {
			return nil // we write down what we ask for before we ask
		}
		return err
	}
	switch e.Type {
	case "setup_intent.succeeded", "setup_intent.setup_failed", "setup_intent.canceled":
		return g.sourceTold(ctx, to, actor, e)
	}
	return nil
}

// late is how old a message about a source that we don't know may be, to be sent once
// more: a source is begun at Stripe before it is written here. Later it was removed.
const late = time.Hour

// sourceTold asks what has become of a source: messages come in any order, and don't
// say what the payer is to know it by.
func (g *Gateway) sourceTold(ctx context.Context, to Teller, actor roster.Actor, e event) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := g.client(ctx, actor.Tenant)
	if err != nil {
		return err
	}
	intent, err := c.V1SetupIntents.Retrieve(ctx, e.Data.Object.ID, &stripe.SetupIntentRetrieveParams{Expand: []*string{stripe.String("payment_method")}})
	if missing(err) {
		return nil
	}
	if err != nil {
		return g.unavailable(ctx, "look at a source", err)
	}
	report := reported(intent)
	report.Event = e.ID
	if report.State == business.SourceFailed && intent.Status == stripe.SetupIntentStatusProcessing {
		return nil // there is more to come
	}
	_, err = to.CompletePaymentSource(ctx, actor, report)
	switch {
	case roster.IsKind(err, roster.NotFound) && g.o.Clock().Sub(time.Unix(e.Created, 0)) < late && report.State == business.SourceActive:
		return roster.Errorf(roster.Unavailable, "", "the payment source is not known yet")
	case roster.IsKind(err, roster.NotFound), roster.IsKind(err, roster.Conflict):
		return nil // it is gone, or was in use when it was refused elsewhere
	}
	return err
}
