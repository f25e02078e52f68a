package stripe

import (
	"bufio"
	"context"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
)

// startMock builds and starts stripe-mock, which checks requests against Stripe's own
// description of its API. It listens on http, so the client here is a plain one.
func startMock(t *testing.T) (url string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "stripe-mock")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "github.com/stripe/stripe-mock")
	build.Dir = "../../../tools"
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("stripe-mock does not build: %v\n%s", err, said)
	}
	ctx, stop := context.WithCancel(context.Background())
	run := exec.CommandContext(ctx, program, "-http-addr", "127.0.0.1:0")
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = run.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, address, ok := strings.Cut(lines.Text(), "Listening for HTTP at address: "); ok {
			return "http://" + address
		}
	}
	t.Fatal("stripe-mock does not say where it listens")
	return ""
}

// refusals sees what Stripe's description does not allow.
type refusals struct {
	t     *testing.T
	asked map[string]bool
}

func (r refusals) RoundTrip(q *http.Request) (*http.Response, error) {
	for _, header := range []string{"X-Stripe-Client-User-Agent", "X-Stripe-Client-Telemetry"} {
		if q.Header.Get(header) != "" {
			r.t.Errorf("Stripe is told %s", header)
		}
	}
	if q.Method == http.MethodPost && !strings.HasSuffix(q.URL.Path, "/cancel") && !strings.HasSuffix(q.URL.Path, "/detach") && q.Header.Get("Idempotency-Key") == "" {
		r.t.Errorf("%s %s has no idempotency key", q.Method, q.URL.Path)
	}
	answer, err := http.DefaultTransport.RoundTrip(q)
	if err == nil && answer.StatusCode != http.StatusOK {
		r.t.Errorf("%s %s is answered %d", q.Method, q.URL.Path, answer.StatusCode)
	}
	kind, _, _ := strings.Cut(strings.TrimPrefix(q.URL.Path, "/v1/"), "/")
	r.asked[q.Method+" "+kind] = true
	return answer, err
}

// TestShapes sends each of our requests to stripe-mock, which refuses what Stripe's
// description of its API does not know.
func TestShapes(t *testing.T) {
	seen := refusals{t, map[string]bool{}}
	g := New(Options{
		URL: startMock(t), HTTP: &http.Client{Transport: seen}, Clock: time.Now,
		Setting: func(context.Context, roster.Tenant, string) (string, error) { return "sk_test_mock", nil },
	})
	for typ := range methods {
		s, err := g.Setup(t.Context(), business.SourceSetup{Key: "k-" + typ, Tenant: acme, AccountID: 7, Type: typ, Currency: "EUR"})
		if err != nil || s.Reference == "" || s.Next["clientSecret"] == "" {
			t.Errorf("%s: %+v, %v", typ, s, err)
		}
	}
	c, err := g.client(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	// The mock's objects are the same few whatever was done before, so that each request
	// is made whatever state it would want.
	for name, fn := range map[string]func() error{
		"remove":     func() error { return g.Remove(t.Context(), acme, "seti_1") },
		"detach":     func() error { _, err := c.V1PaymentMethods.Detach(t.Context(), "pm_1", nil); return err },
		"remove all": func() error { _, err := c.V1Customers.Delete(t.Context(), "cus_1", nil); return err },
		"pay": func() error {
			_, err := g.pay(t.Context(), c, target{"cus_1", "pm_1", "sepa_debit"}, business.Payment{Key: "acme:invoice:1:1", Tenant: acme, Currency: "EUR", Text: "INV-1"}, 1234, false)
			return err
		},
		"cancel": func() error { _, err := c.V1PaymentIntents.Cancel(t.Context(), "pi_1", nil); return err },
		"seek": func() error {
			_, err := g.made(t.Context(), c, "cus_1", business.Payment{Key: "x", AskedAt: time.Now().UnixMicro()})
			return err
		},
		"look": func() error {
			e := event{ID: "evt_1"}
			e.Data.Object.ID = "seti_1"
			return g.sourceTold(t.Context(), &teller{}, roster.Actor{Tenant: acme}, e)
		},
	} {
		if err := fn(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, want := range []string{"POST customers", "DELETE customers", "POST setup_intents", "GET setup_intents", "POST payment_methods", "POST payment_intents", "GET payment_intents"} {
		if !seen.asked[want] {
			t.Errorf("%s was never asked for", want)
		}
	}
}
