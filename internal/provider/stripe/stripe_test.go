package stripe

import (
	"slices"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/provider/stripe/stripetest"
	"github.com/rosterhq/roster/internal/roster"
)

func TestSetup(t *testing.T) {
	g, f, _ := start(t)
	for typ, method := range map[string]string{
		business.CreditCard: "card", business.ApplePay: "card", business.GooglePay: "card", business.PayPal: "paypal", business.SEPA: "sepa_debit",
	} {
		s := g.source(t, typ)
		all := f.All("setup_intent")
		intent := all[len(all)-1]
		if s.State != business.SourcePending || s.Reference != intent["id"] || s.Next["clientSecret"] != intent["client_secret"] ||
			s.Next["setupIntentId"] != intent["id"] || s.Next["publishableKey"] != "pk_test" {
			t.Errorf("%s: %+v", typ, s)
		}
		if got := intent["payment_method_types"].([]string); !slices.Equal(got, []string{method}) || intent["usage"] != "off_session" {
			t.Errorf("%s: %+v", typ, intent)
		}
		// Under the same key it is the same.
		if again := g.source(t, typ); again.Reference != s.Reference || again.Next["clientSecret"] != s.Next["clientSecret"] {
			t.Errorf("%s: %+v, then %+v", typ, s, again)
		}
	}
	for _, c := range f.All("customer") {
		if m := c["metadata"].(stripetest.Object); len(m) != 2 || m["roster_tenant"] != "acme" || m["roster_account"] != "7" {
			t.Errorf("Stripe is told %v", m)
		}
	}
	_, err := g.Setup(t.Context(), business.SourceSetup{Key: "k-SEPA", Tenant: acme, AccountID: 7, Type: business.CreditCard})
	if kind(err) != roster.Conflict {
		t.Errorf("another source under the key: %v", err)
	}
	_, err = g.Setup(t.Context(), business.SourceSetup{Key: "x", Tenant: acme, Type: business.InvoicingPayment})
	if kind(err) != roster.Invalid {
		t.Errorf("what Stripe does not take: %v", err)
	}
	_, err = g.Setup(t.Context(), business.SourceSetup{Key: "x", Tenant: roster.Tenant{ID: 2, Name: "other"}, Type: business.CreditCard})
	if kind(err) != roster.Unavailable {
		t.Errorf("a tenant without a key: %v", err)
	}
	f.Key = "another"
	_, err = g.Setup(t.Context(), business.SourceSetup{Key: "x", Tenant: acme, Type: business.CreditCard})
	if kind(err) != roster.Unavailable {
		t.Errorf("a key that Stripe does not take: %v", err)
	}
}

func TestRemove(t *testing.T) {
	g, f, _ := start(t)
	pending, done := g.source(t, business.CreditCard), g.source(t, business.SEPA)
	f.Complete(done.Reference, stripetest.SEPA())
	for _, reference := range []string{pending.Reference, done.Reference, done.Reference, "seti_none"} {
		if err := g.Remove(t.Context(), acme, reference); err != nil {
			t.Error(reference, err)
		}
	}
	if len(f.All("customer")) != 0 || f.All("payment_method")[0]["customer"] != nil || f.All("setup_intent")[0]["status"] != "canceled" {
		t.Errorf("%v, %v, %v", f.All("customer"), f.All("payment_method"), f.All("setup_intent"))
	}
	f.Break(9)
	if err := g.Remove(t.Context(), acme, pending.Reference); kind(err) != roster.Unavailable {
		t.Error(err)
	}
}

func TestCharge(t *testing.T) {
	g, f, _ := start(t)
	s := g.source(t, business.CreditCard)
	now := time.Now()
	pay := func(key string, amount roster.Amount) (business.Outcome, error) {
		return g.Charge(t.Context(), business.Payment{
			Key: key, Tenant: acme, Reference: s.Reference, Amount: amount, Currency: "EUR", Text: "INV-1", AskedAt: now.UnixMicro(),
		})
	}
	check := func(what string, want business.Outcome) func(business.Outcome, error) {
		return func(got business.Outcome, err error) {
			t.Helper()
			if got != want || err != nil {
				t.Errorf("%s: %s, %v; want %s", what, got, err, want)
			}
		}
	}
	check("a source that is not complete", business.PaymentRefused)(pay("acme:invoice:1:1", 5_0000))
	f.Complete(s.Reference, stripetest.Card())
	check("a payment", business.PaymentDone)(pay("acme:invoice:2:1", 12_3450))
	check("the same once more", business.PaymentDone)(pay("acme:invoice:2:1", 12_3450))
	made := f.All("payment_intent")
	if len(made) != 1 || made[0]["amount"] != int64(1235) || made[0]["currency"] != "eur" || made[0]["description"] != "INV-1 (12.3450 EUR, rounded)" ||
		made[0]["metadata"].(stripetest.Object)["roster_payment"] != "acme:invoice:2:1" {
		t.Errorf("%v", made)
	}
	check("too little for Stripe", business.PaymentRefused)(pay("acme:invoice:3:1", 1000))
	check("less than a cent", business.PaymentDone)(pay("acme:invoice:4:1", 10))
	for status, want := range map[string]business.Outcome{
		"declined": business.PaymentRefused, "processing": business.PaymentPending, "requires_action": business.PaymentRefused,
	} {
		f.Outcome(status)
		check(status, want)(pay("acme:invoice:"+status+":1", 5_0000))
	}
	all := f.All("payment_intent")
	if i := slices.IndexFunc(all, func(o stripetest.Object) bool {
		return o["metadata"].(stripetest.Object)["roster_payment"] == "acme:invoice:requires_action:1"
	}); all[i]["status"] != "canceled" {
		t.Errorf("what wants its payer is left open: %v", all[i])
	}
}

// A payment is made once, whatever gets lost and for however long.
func TestChargeOnce(t *testing.T) {
	g, f, _ := start(t)
	s := g.source(t, business.CreditCard)
	f.Complete(s.Reference, stripetest.Card())
	asked := time.Now()
	pay := func() (business.Outcome, error) {
		return g.Charge(t.Context(), business.Payment{
			Key: "acme:invoice:1:1", Tenant: acme, Reference: s.Reference, Amount: 5_0000, Currency: "EUR", AskedAt: asked.UnixMicro(),
		})
	}
	f.Break(9)
	if _, err := pay(); kind(err) != roster.Unavailable {
		t.Fatal(err)
	}
	f.Break(0)
	g.o.Clock = func() time.Time { return asked.Add(time.Hour) }
	if o, err := pay(); o != business.PaymentDone || err != nil {
		t.Fatal(o, err)
	}
	f.Forget()
	g.o.Clock = func() time.Time { return asked.Add(30 * time.Hour) }
	for range 2 {
		if o, err := pay(); o != business.PaymentDone || err != nil {
			t.Fatal(o, err)
		}
	}
	if all := f.All("payment_intent"); len(all) != 1 {
		t.Errorf("it was paid %d times", len(all))
	}
}

// An answer that gets lost is no second payment.
func TestChargeLost(t *testing.T) {
	g, f, _ := start(t)
	s := g.source(t, business.CreditCard)
	f.Complete(s.Reference, stripetest.Card())
	p := business.Payment{Key: "acme:invoice:1:1", Tenant: acme, Reference: s.Reference, Amount: 5_0000, Currency: "EUR"}
	f.Lose(99)
	if _, err := g.Charge(t.Context(), p); kind(err) != roster.Unavailable {
		t.Fatal(err)
	}
	f.Lose(0)
	if o, err := g.Charge(t.Context(), p); o != business.PaymentDone || err != nil || len(f.All("payment_intent")) != 1 {
		t.Error(o, err, f.All("payment_intent"))
	}
}
