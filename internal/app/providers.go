package app

import (
	"context"
	"log/slog"
	"net/netip"
	"net/url"

	"github.com/rosterhq/roster/internal/api/hookapi"
	"github.com/rosterhq/roster/internal/outbound"
	"github.com/rosterhq/roster/internal/provider/crif"
	"github.com/rosterhq/roster/internal/provider/stripe"
	"github.com/rosterhq/roster/internal/roster"
)

// providerFlags say where providers are asked, which only differs from what is built in
// where a provider has several places, or in tests.
type providerFlags struct {
	CRIFURL     string         `name:"crif-url" placeholder:"URL" default:"${crif_url}" setting:"" help:"Where CRIF rates credit."`
	StripeURL   string         `name:"stripe-url" placeholder:"URL" default:"${stripe_url}" setting:"" help:"Where Stripe takes payments."`
	AllowEgress []netip.Prefix `placeholder:"NETWORK" setting:"" help:"Networks in which providers are reached though they are not public, such as 10.1.0.0/16."`
}

// urls are the defaults of the flags, for kong.
var urls = map[string]string{"crif_url": crif.URL, "stripe_url": stripe.URL}

// check refuses addresses to which nothing is sent.
func (f *providerFlags) check() error {
	for flag, text := range map[string]string{"crif-url": f.CRIFURL, "stripe-url": f.StripeURL} {
		if u, err := url.Parse(text); err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
			return usagef("--%s takes an address such as https://api.example.org", flag)
		}
	}
	return nil
}

// addProviders gives the areas the providers that a tenant may choose, and returns
// those who tell of something by themselves.
func (n *node) addProviders(f *providerFlags, log *slog.Logger) []hookapi.Hook {
	out := outbound.New(outbound.Options{AllowEgress: f.AllowEgress, Log: log})
	n.addCRIF(out, f.CRIFURL)
	gateway := stripe.New(stripe.Options{URL: f.StripeURL, HTTP: out.HTTP(), Setting: n.identity.SettingOf, Clock: n.db.Clock(), Log: log})
	n.business.AddGateway(stripe.Name, gateway)
	return []hookapi.Hook{
		{
			Name: stripe.HookName, Secret: stripe.WebhookSecret, Headers: []string{stripe.SignatureHeader}, Verify: stripe.Verify,
			Handle: func(ctx context.Context, tenant roster.Tenant, raw []byte) error { return gateway.Handle(ctx, n.business, tenant, raw) },
		},
	}
}
