package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/provider/stripe/stripetest"
)

// shop is a demo whose business units take money by a Stripe of the test's own.
type shop struct {
	*provided
	fake  *stripetest.Fake
	group int64
}

// whsec is what the tenant shares with Stripe.
const whsec = "whsec_shared_with_stripe"

func openShop(t *testing.T, at place) *shop {
	t.Helper()
	fake := stripetest.New(t)
	p := &shop{serveProvided(t, at, fake.Certificate(), "--stripe-url", fake.URL), fake, 0}
	p.group = int64(p.demo.IDs["business_group"].(float64))
	return p
}

// takeMoney has the units of the demo be paid by Stripe, and tells it what it needs.
func (p *shop) takeMoney() {
	p.t.Helper()
	unit := fmt.Sprintf("/ops-api/business-units/%v", p.demo.IDs["business_unit"])
	var terms map[string]any
	p.do(200, "ops-admin", "GET", unit, "", &terms)
	body := map[string]any{"paymentConfiguration": map[string]any{"gateway": "STRIPE"}}
	for _, name := range []string{"name", "code", "currency", "currencyScale", "taxPercentage", "timezone", "invoicePrefix"} {
		if v, ok := terms[name]; ok {
			body[name] = v
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	p.do(200, "ops-admin", "PUT", unit, string(text), nil)
	p.do(503, "business-owner", "POST", p.sources(), `{"type":"CREDIT_CARD"}`, nil)
	p.set(map[string]any{"payment.stripe.secretKey": p.fake.Key, "payment.stripe.webhookSecret": whsec, "payment.stripe.publishableKey": "pk_test_demo"})
}

func (p *shop) sources() string {
	return fmt.Sprintf("/front/groups-management/%d/payment-sources", p.group)
}

// tell brings a message of Stripe's.
func (p *shop) tell(want int, message []byte) {
	p.t.Helper()
	p.tellAs(want, message, whsec, time.Now())
}

func (p *shop) tellAs(want int, message []byte, secret string, at time.Time) {
	p.t.Helper()
	p.do(want, "", "POST", "/hooks/stripe", string(message), nil, "Stripe-Signature", stripetest.Sign(secret, message, at))
}

type paymentSource struct {
	ID                  int64
	State, Brand, Last4 string
	IsDefault           bool
	ExpiryYear          int
	Next                map[string]string
}

func (p *shop) addSource(path, kind, key string) (s paymentSource) {
	p.t.Helper()
	p.do(201, "business-owner", "POST", path, fmt.Sprintf(`{"type":%q,"isDefault":true}`, kind), &s, "Idempotency-Key", key)
	if s.State != "PENDING" || s.Next["clientSecret"] == "" || s.Next["publishableKey"] != "pk_test_demo" {
		p.t.Errorf("%+v", s)
	}
	return s
}

type invoice struct {
	ID           int64
	InvoiceID    string `json:"invoiceId"`
	State        string
	InvoiceState string
}

// await waits until an invoice is in a state.
func (p *shop) await(id int64, state, settlement string) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var i invoice
		p.do(200, "ops-accounting", "GET", fmt.Sprintf("/ops-api/invoices/%d", id), "", &i)
		if i.State == state && i.InvoiceState == settlement {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%+v, want %s and %s", i, state, settlement)
		}
	}
}

// The whole way of money: a tenant sets Stripe up, a group's owner begins a card and
// completes it at Stripe, whose signed message makes it active; what the group owes is
// billed, charged and paid. What Stripe refuses fails, and may be asked for again; a
// direct debit takes its time.
func TestStripe(t *testing.T) { places(t, testStripe) }

func testStripe(t *testing.T, at place) {
	p := openShop(t, at)
	// Without a secret there is no such address.
	p.tell(404, []byte(`{"id":"evt_0"}`))
	p.takeMoney()

	sources := p.sources()
	card := p.addSource(sources, "CREDIT_CARD", "card-1")
	if again := p.addSource(sources, "CREDIT_CARD", "card-1"); again.ID != card.ID || len(p.fake.All("setup_intent")) != 1 {
		t.Errorf("%+v, then %+v", card, again)
	}
	// A message that comes before our row is to be sent once more.
	unknown := p.fake.Copy(card.Next["setupIntentId"])
	p.tell(503, p.fake.Complete(unknown, stripetest.Card()))

	done := p.fake.Complete(card.Next["setupIntentId"], stripetest.Card())
	p.tellAs(401, done, "whsec_of_another", time.Now())
	p.tellAs(401, done, whsec, time.Now().Add(-6*time.Minute))
	p.do(401, "", "POST", "/hooks/stripe", string(done), nil)
	for range 2 { // it may come twice
		p.tell(200, done)
	}
	var all []paymentSource
	p.do(200, "business-owner", "GET", sources, "", &all)
	if len(all) != 2 || all[0].State != "ACTIVE" || all[0].Brand != "visa" || all[0].Last4 != "4242" || all[0].ExpiryYear != 2030 || !all[0].IsDefault {
		t.Fatalf("%+v", all)
	}
	p.do(200, "ops-accounting", "PATCH", fmt.Sprintf("/ops-api/groups/%d", p.group), `{"paymentState":"NONE"}`, nil)
	var group struct{ PaymentState string }
	p.do(200, "ops-admin", "GET", fmt.Sprintf("/ops-api/groups/%d", p.group), "", &group)
	if group.PaymentState != "SOURCE_ADDED" {
		t.Fatalf("the payment state is %s", group.PaymentState)
	}

	// What the demo left unbilled is billed, and the card refused at first.
	p.fake.Outcome("declined")
	var invoices []invoice
	p.do(200, "ops-accounting", "POST", fmt.Sprintf("/ops-api/groups/%d/billing-cycles/close", p.group),
		fmt.Sprintf(`{"until":%q}`, time.Now().UTC().Format(time.RFC3339)), &invoices)
	if len(invoices) == 0 {
		t.Fatal("there is nothing to bill")
	}
	one := invoices[0].ID
	p.await(one, "FAILED", "OPEN")
	asked := len(p.fake.All("payment_intent"))
	again := func() {
		t.Helper()
		p.do(200, "ops-accounting", "PATCH", fmt.Sprintf("/ops-api/invoices/%d", one), `{"state":"OPEN"}`, nil)
	}
	last := func() string {
		all := p.fake.All("payment_intent")
		return all[len(all)-1]["id"].(string)
	}
	// The direct debit is on its way, comes back, and goes well at last.
	p.fake.Outcome("processing")
	sepa := p.addSource(sources, "SEPA", "sepa-1")
	p.tell(200, p.fake.Complete(sepa.Next["setupIntentId"], stripetest.SEPA()))
	again()
	p.await(one, "OPEN", "PENDING")
	for deadline := time.Now().Add(20 * time.Second); len(p.fake.All("payment_intent")) == asked && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
	}
	p.tell(200, p.fake.Settle(last(), false))
	p.await(one, "FAILED", "OPEN")
	p.fake.Break(1) // Stripe is down for a moment
	p.fake.Outcome("succeeded")
	again()
	p.await(one, "PAID", "SETTLED")
	p.tell(200, p.fake.Tell("payment_intent.payment_failed", last())) // late
	p.await(one, "PAID", "SETTLED")
	paid := 0
	for _, made := range p.fake.All("payment_intent") {
		if m := made["metadata"].(stripetest.Object); made["status"] == "succeeded" && strings.HasPrefix(m["roster_payment"].(string), fmt.Sprintf("demo:invoice:%d:", one)) {
			paid++
		}
	}
	if paid != 1 {
		t.Errorf("it was paid %d times", paid)
	}

	// A customer's own source goes the same way.
	const own = "/front/me/payment-sources"
	mine := p.addSource(own, "APPLE_PAY", "card-1") // the same key, for another account
	p.tell(200, p.fake.FailSetup(mine.Next["setupIntentId"]))
	p.tell(200, p.fake.Complete(mine.Next["setupIntentId"], stripetest.Card()))
	p.do(200, "business-owner", "GET", own, "", &all)
	if len(all) != 1 || all[0].ID != mine.ID || all[0].State != "ACTIVE" {
		t.Errorf("%+v", all)
	}
	p.do(204, "business-owner", "DELETE", fmt.Sprintf("%s/%d", own, mine.ID), "", nil)

	// What is removed is forgotten at Stripe.
	for _, s := range []paymentSource{card, sepa} {
		p.do(204, "business-owner", "DELETE", fmt.Sprintf("%s/%d", sources, s.ID), "", nil)
	}
	for deadline := time.Now().Add(20 * time.Second); len(p.fake.All("customer")) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("Stripe still knows %v", p.fake.All("customer"))
		}
	}
	p.keeps(p.fake.Key, whsec, card.Next["clientSecret"])
}

// A signup package that the customer's bank refuses is not theirs, a rental tells so,
// and they may buy it again.
func TestSignupRefused(t *testing.T) { places(t, testSignupRefused) }

func testSignupRefused(t *testing.T, at place) {
	p := openShop(t, at)
	p.takeMoney()
	p.set(map[string]any{"signup.fee": "9.90", "signup.feeRequired": true})
	const rider = "customer-free"
	missing := func(want string) {
		t.Helper()
		var check struct {
			Requirements []struct {
				Code, ErrorCode string
				Fulfilled       bool
			}
		}
		p.do(200, rider, "GET", fmt.Sprintf("/front/rentals/requirements?vehicleId=%v", p.demo.IDs["vehicle_free"]), "", &check)
		for _, r := range check.Requirements {
			if r.Code == "SIGNUP_FEE_SETTLED" {
				if r.ErrorCode != want || r.Fulfilled != (want == "") {
					t.Errorf("%+v, want %q", r, want)
				}
				return
			}
		}
		t.Errorf("%+v", check)
	}
	missing("U139")
	var s paymentSource
	p.do(201, rider, "POST", "/front/me/payment-sources", `{"type":"CREDIT_CARD","isDefault":true}`, &s)
	p.tell(200, p.fake.Complete(s.Next["setupIntentId"], stripetest.Card()))
	p.fake.Outcome("declined")
	var refusal struct{ ErrorCode string }
	if p.do(400, rider, "POST", "/front/me/signup-package", "", &refusal); refusal.ErrorCode != "U139.1" {
		t.Errorf("%+v", refusal)
	}
	missing("U139.1")
	rental := fmt.Sprintf(`{"vehicleId":%v,"startRentalState":"ACTIVE"}`, p.demo.IDs["vehicle_free"])
	if p.do(400, rider, "POST", "/front/rentals", rental, &refusal); refusal.ErrorCode != "U139.1" {
		t.Errorf("%+v", refusal)
	}
	p.fake.Outcome("succeeded")
	p.do(200, rider, "POST", "/front/me/signup-package", "", nil)
	missing("")
	p.do(201, rider, "POST", "/front/rentals", rental, nil)
	p.keeps(p.fake.Key, whsec)
}
