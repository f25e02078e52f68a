package app

import (
	"context"
	"log/slog"
	"net/netip"
	"net/url"

	"github.com/rosterhq/roster/internal/api/hookapi"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/outbound"
	"github.com/rosterhq/roster/internal/provider/crif"
	"github.com/rosterhq/roster/internal/provider/onfido"
	"github.com/rosterhq/roster/internal/provider/stripe"
	"github.com/rosterhq/roster/internal/provider/veriff"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire/prom"
)

// providerFlags say where providers are asked, which only differs from what is built in
// where a provider has several places, or in tests.
type providerFlags struct {
	OnfidoURL   string         `name:"onfido-url" placeholder:"URL" default:"${onfido_url}" setting:"" help:"Where Onfido checks documents, by its region."`
	VeriffURL   string         `name:"veriff-url" placeholder:"URL" default:"${veriff_url}" setting:"" help:"Where Veriff checks driving licenses."`
	CRIFURL     string         `name:"crif-url" placeholder:"URL" default:"${crif_url}" setting:"" help:"Where CRIF rates credit."`
	StripeURL   string         `name:"stripe-url" placeholder:"URL" default:"${stripe_url}" setting:"" help:"Where Stripe takes payments."`
	AllowEgress []netip.Prefix `placeholder:"NETWORK" setting:"" help:"Networks in which providers are reached though they are not public, such as 10.1.0.0/16."`
}

// urls are the defaults of the flags, for kong.
var urls = map[string]string{"onfido_url": onfido.URL, "veriff_url": veriff.URL, "crif_url": crif.URL, "stripe_url": stripe.URL}

// check refuses addresses to which nothing is sent.
func (f *providerFlags) check() error {
	for flag, text := range map[string]string{"onfido-url": f.OnfidoURL, "veriff-url": f.VeriffURL, "crif-url": f.CRIFURL, "stripe-url": f.StripeURL} {
		if u, err := url.Parse(text); err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
			return usagef("--%s takes an address such as https://api.example.org", flag)
		}
	}
	return nil
}

// addProviders gives the areas the providers that a tenant may choose, and returns
// those who tell of something by themselves.
func (n *node) addProviders(f *providerFlags, log *slog.Logger) []hookapi.Hook {
	out := outbound.New(outbound.Options{AllowEgress: f.AllowEgress, Log: log, Meter: prom.Providers(n.metrics)})
	n.addCRIF(out, f.CRIFURL)
	n.care.AddVerifier(onfido.Name, onfido.New(out.Provider(onfido.Name), f.OnfidoURL, n.settings(identity.OnfidoToken.Name, identity.OnfidoWorkflow.Name)))
	n.care.AddVerifier(veriff.Name, veriff.New(out.Provider(veriff.Name), f.VeriffURL, n.settings(identity.VeriffKey.Name, identity.VeriffSecret.Name)))
	gateway := stripe.New(stripe.Options{URL: f.StripeURL, HTTP: out.HTTP(stripe.Name), Setting: n.identity.SettingOf, Clock: n.db.Clock(), Log: log})
	n.business.AddGateway(stripe.Name, gateway)
	return []hookapi.Hook{
		{
			Name: onfido.HookName, Secret: identity.OnfidoWebhookToken.Name, Headers: []string{onfido.SignatureHeader}, Verify: onfido.Verify,
			Handle: n.reported(onfido.Name, onfido.Event),
		},
		{
			Name: veriff.HookName, Secret: identity.VeriffSecret.Name, Headers: []string{veriff.SignatureHeader}, Verify: veriff.Verify,
			Handle: n.reported(veriff.Name, veriff.Event),
		},
		{
			Name: stripe.HookName, Secret: stripe.WebhookSecret, Headers: []string{stripe.SignatureHeader}, Verify: stripe.Verify,
			Handle: func(ctx context.Context, tenant roster.Tenant, raw []byte) error {
				return gateway.Handle(ctx, n.business, tenant, raw)
			},
		},
	}
}

// settings reads two settings of a tenant.
func (n *node) settings(first, second string) func(ctx context.Context, tenant roster.Tenant) (string, string, error) {
	return func(ctx context.Context, tenant roster.Tenant) (a, b string, err error) {
		if a, err = n.identity.SettingOf(ctx, tenant, first); err == nil {
			b, err = n.identity.SettingOf(ctx, tenant, second)
		}
		return a, b, err
	}
}

// reported tells care of a provider's events, as event reads them.
func (n *node) reported(provider string, event func(raw []byte) (care.VerificationEvent, bool, error)) func(context.Context, roster.Tenant, []byte) error {
	return func(ctx context.Context, tenant roster.Tenant, raw []byte) error {
		e, ok, err := event(raw)
		if err != nil || !ok {
			return err
		}
		return n.care.ProviderReported(ctx, tenant, provider, e)
	}
}
