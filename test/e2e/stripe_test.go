package e2e

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/provider/stripe/stripetest"
)

// shop is a demo whose business units take money by a Stripe of the test's own.
type shop struct {
	*server
	t     *testing.T
	fake  *stripetest.Fake
	log   *journal
	demo  demoFacts
	group int64
}

// whsec is what the tenant shares with Stripe.
const whsec = "whsec_shared_with_stripe"

func openShop(t *testing.T) *shop {
	fake := stripetest.New(t)
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: fake.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", roots)
	p := &shop{t: t, fake: fake, log: &journal{}}
	at := place{data: t.TempDir(), log: p.log}
	p.server = at.serve(t, "--demo", "--address-rate=-1", "--stripe-url", fake.URL, "--allow-egress", "127.0.0.0/8")
	text, err := os.ReadFile(filepath.Join(at.data, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &p.demo); err != nil {
		t.Fatal(err)
	}
	p.group = int64(p.demo.IDs["business_group"].(float64))
	return p
}

// do makes a call of an API of the demo's tenant.
func (p *shop) do(want int, token, method, path, body string, out any, headers ...string) http.Header {
	p.t.Helper()
	q, err := http.NewRequestWithContext(p.t.Context(), method, p.base+"/v1/demo"+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if token != "" {
		q.Header.Set("Authorization", "Bearer "+p.demo.Tokens[token])
	}
	q.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		p.t.Fatalf("%s %s: %d %s, want %d", method, path, answer.StatusCode, text, want)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			p.t.Fatal(err)
		}
	}
	return answer.Header
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
func TestStripe(t *testing.T) {
	p := openShop(t)
	sources := fmt.Sprintf("/front/groups-management/%d/payment-sources", p.group)
	unit := fmt.Sprintf("/ops-api/business-units/%v", p.demo.IDs["business_unit"])

	// Without a secret there is no such address.
	p.tell(404, []byte(`{"id":"evt_0"}`))
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
		t.Fatal(err)
	}
	p.do(200, "ops-admin", "PUT", unit, string(text), nil)
	p.do(503, "business-owner", "POST", sources, `{"type":"CREDIT_CARD"}`, nil)
	for key, value := range map[string]string{
		"payment.stripe.secretKey": p.fake.Key, "payment.stripe.webhookSecret": whsec, "payment.stripe.publishableKey": "pk_test_demo",
	} {
		p.do(200, "ops-admin", "PUT", "/ops-api/settings-management/"+key, fmt.Sprintf(`{"value":%q}`, value), nil)
	}

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
	if len(all) != 1 || all[0].State != "ACTIVE" || all[0].Brand != "visa" || all[0].Last4 != "4242" || all[0].ExpiryYear != 2030 || !all[0].IsDefault {
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
	p.kill()
	for _, secret := range []string{p.fake.Key, whsec, card.Next["clientSecret"]} {
		if strings.Contains(string(p.log.Bytes()), secret) {
			t.Errorf("%q stands in the log", secret)
		}
	}
}
