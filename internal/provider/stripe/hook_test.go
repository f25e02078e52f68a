package stripe

import (
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/provider/stripe/stripetest"
	"github.com/rosterhq/roster/internal/roster"
)

func TestVerify(t *testing.T) {
	now := time.Now()
	body := []byte(`{"id":"evt_1"}`)
	good := stripetest.Sign("whsec", body, now)
	for name, c := range map[string]struct {
		secret, header string
		body           []byte
		ok             bool
	}{
		"right":                  {"whsec", good, body, true},
		"one of two signatures":  {"whsec", good + ",v1=abcd", body, true},
		"almost too old":         {"whsec", stripetest.Sign("whsec", body, now.Add(-299*time.Second)), body, true},
		"too old":                {"whsec", stripetest.Sign("whsec", body, now.Add(-301*time.Second)), body, false},
		"from the future":        {"whsec", stripetest.Sign("whsec", body, now.Add(302*time.Second)), body, false},
		"another secret":         {"other", good, body, false},
		"no secret":              {"", stripetest.Sign("", body, now), body, false},
		"another body":           {"whsec", good, []byte(`{"id":"evt_2"}`), false},
		"no header":              {"whsec", "", body, false},
		"no time":                {"whsec", good[strings.Index(good, ",")+1:], body, false},
		"another time":           {"whsec", strings.Replace(good, "t=", "t=1", 1), body, false},
		"a time before the time": {"whsec", "t=1," + stripetest.Sign("whsec", body, now.Add(-time.Hour)), body, false},
		"a time after the time":  {"whsec", stripetest.Sign("whsec", body, now.Add(-time.Hour)) + ",t=" + strings.TrimPrefix(good[:12], "t="), body, false},
		"nonsense":               {"whsec", "t=x,v1=y", body, false},
	} {
		err := Verify(c.secret, func(name string) string {
			if name != "Stripe-Signature" {
				t.Errorf("it reads %s", name)
			}
			return c.header
		}, c.body, now)
		if (err == nil) != c.ok || err != nil && kind(err) != roster.Unauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHandleSources(t *testing.T) {
	g, f, to := start(t)
	card, sepa := g.source(t, business.CreditCard), g.source(t, business.SEPA)
	failed := f.FailSetup(card.Reference)
	done := f.Complete(card.Reference, stripetest.Card())
	for _, body := range [][]byte{done, done, failed, f.Complete(sepa.Reference, stripetest.SEPA())} { // the failure comes late
		if err := g.Handle(t.Context(), to, acme, body); err != nil {
			t.Error(err)
		}
	}
	for i, r := range to.sources {
		want := business.SourceReport{
			Event: r.Event, Gateway: Name, Reference: card.Reference, State: business.SourceActive, Brand: "visa", Last4: "4242", ExpiryMonth: 12, ExpiryYear: 2030,
		}
		if i == 3 {
			want = business.SourceReport{Event: r.Event, Gateway: Name, Reference: sepa.Reference, State: business.SourceActive, Brand: "sepa_debit", Last4: "3000"}
		}
		if r != want {
			t.Errorf("%+v, want %+v", r, want)
		}
	}
	other := g.source(t, business.PayPal)
	if err := g.Handle(t.Context(), to, acme, f.FailSetup(other.Reference)); err != nil || to.sources[4].State != business.SourceFailed {
		t.Errorf("%v, %+v", err, to.sources)
	}
	// What is not written yet is to be sent once more, what was removed is not.
	to.err = roster.Errorf(roster.NotFound, "", "no such source")
	if err := g.Handle(t.Context(), to, acme, done); kind(err) != roster.Unavailable {
		t.Error(err)
	}
	g.o.Clock = func() time.Time { return time.Now().Add(2 * time.Hour) }
	if err := g.Handle(t.Context(), to, acme, done); err != nil {
		t.Error(err)
	}
	f.Break(9)
	if err := g.Handle(t.Context(), to, acme, done); kind(err) != roster.Unavailable {
		t.Error(err)
	}
}

func TestHandlePayments(t *testing.T) {
	g, f, to := start(t)
	s := g.source(t, business.SEPA)
	f.Complete(s.Reference, stripetest.SEPA())
	f.Outcome("processing")
	if _, err := g.Charge(t.Context(), business.Payment{Key: "acme:invoice:1:1", Tenant: acme, Reference: s.Reference, Amount: 5_0000, Currency: "EUR"}); err != nil {
		t.Fatal(err)
	}
	payment := f.All("payment_intent")[0]["id"].(string)
	for _, c := range []struct {
		body []byte
		want business.Outcome
	}{
		{f.Tell("payment_intent.processing", payment), business.PaymentPending},
		{f.Settle(payment, false), business.PaymentRefused},
		{f.Settle(payment, true), business.PaymentDone},
		{f.Tell("payment_intent.canceled", payment), business.PaymentRefused},
	} {
		if err := g.Handle(t.Context(), to, acme, c.body); err != nil {
			t.Error(err)
		}
		if got := to.payments[len(to.payments)-1]; got.Key != "acme:invoice:1:1" || got.Outcome != c.want || got.Gateway != Name || got.Event == "" {
			t.Errorf("%+v, want %s", got, c.want)
		}
	}
	told := len(to.payments)
	for name, body := range map[string][]byte{
		"another tenant's":       []byte(strings.Replace(string(f.Settle(payment, true)), `"roster_tenant":"acme"`, `"roster_tenant":"other"`, 1)),
		"another program's":      []byte(`{"id":"evt_x","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_x","metadata":{}}}}`),
		"of a kind not asked of": f.Tell("payment_intent.created", payment),
	} {
		if err := g.Handle(t.Context(), to, acme, body); err != nil || len(to.payments) != told {
			t.Errorf("%s: %v, %+v", name, err, to.payments)
		}
	}
	for _, body := range []string{"", "[]", "{}", `{"id":1}`} {
		if err := g.Handle(t.Context(), to, acme, []byte(body)); kind(err) != roster.Invalid {
			t.Errorf("%q: %v", body, err)
		}
	}
	to.err = roster.Errorf(roster.NotFound, "", "no such payment")
	if err := g.Handle(t.Context(), to, acme, f.Settle(payment, true)); err != nil {
		t.Error(err)
	}
}
