package stripe

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/outbound"
	"github.com/rosterhq/roster/internal/provider/stripe/stripetest"
	"github.com/rosterhq/roster/internal/roster"
)

var acme = roster.Tenant{ID: 1, Name: "acme"}

// start makes a Gateway that asks a fake.
func start(t *testing.T) (*Gateway, *stripetest.Fake, *teller) {
	f := stripetest.New(t)
	settings := map[string]string{SecretKey: f.Key, PublishableKey: "pk_test"}
	out := outbound.New(outbound.Options{AllowEgress: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Roots: f.Roots()})
	g := New(Options{
		URL: f.URL, HTTP: out.HTTP(Name), Clock: time.Now,
		Setting: func(_ context.Context, tenant roster.Tenant, name string) (string, error) {
			if tenant != acme {
				return "", nil
			}
			return settings[name], nil
		},
	})
	return g, f, &teller{}
}

// teller remembers what it is told.
type teller struct {
	sources  []business.SourceReport
	payments []business.PaymentReport
	err      error
}

func (l *teller) CompletePaymentSource(_ context.Context, _ roster.Actor, r business.SourceReport) (*business.PaymentSource, error) {
	l.sources = append(l.sources, r)
	return nil, l.err
}

func (l *teller) CompletePayment(_ context.Context, _ roster.Actor, r business.PaymentReport) error {
	l.payments = append(l.payments, r)
	return l.err
}

// kind is an error's, 0 for none.
func kind(err error) roster.Kind {
	var e *roster.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 0
}

func (g *Gateway) source(t *testing.T, typ string) business.SourceResult {
	t.Helper()
	s, err := g.Setup(t.Context(), business.SourceSetup{Key: "k-" + typ, Tenant: acme, AccountID: 7, Type: typ, Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
