// Package hookapi takes what providers tell of by themselves: that a check of an
// identity was decided, or that a payment has arrived. Nobody brings a token; what
// counts is the signature over the body, by a secret that the tenant shares with the
// provider. It is judged before anything of the body is read.
package hookapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Hook is a provider who tells of something.
type Hook struct {
	// Name is the end of the address at which it does, such as "veriff".
	Name string
	// Secret names the setting that holds what the tenant shares with the provider.
	// Where a tenant has none, there is no such address.
	Secret string
	// Headers are those in which the signature comes, for the API's document.
	Headers []string
	// Verify judges the signature over the body, in constant time, and its age where
	// the provider signs one. What its error says is told to nobody.
	Verify func(secret string, header func(name string) string, raw []byte, now time.Time) error
	// Handle does what a body brings about that Verify took. The provider may bring it
	// twice, late, and before what it follows; and brings it again after an error of
	// kind Unavailable.
	Handle func(ctx context.Context, tenant roster.Tenant, raw []byte) error
}

type handlers struct {
	identity *identity.Identity
	clock    roster.Clock
	hooks    map[string]Hook
}

// New makes the API.
func New(i *identity.Identity, clock roster.Clock, hooks ...Hook) *wire.API {
	api := wire.NewAPI(wire.Spec{
		Name: roster.HooksAPI, Title: "Webhooks", Version: "1", Description: description,
		Bases:       []string{"/v1/{tenant}/hooks"},
		TraceHeader: "X-Trace-Id", Dialect: mobilitywire.Speech{}.Dialect(), AnyMediaType: true,
	})
	h := handlers{i, clock, map[string]Hook{}}
	text := "The body is the provider's own, and so are its signature's headers:"
	for _, hook := range hooks {
		h.hooks[hook.Name] = hook
		text += "\n\n- `" + hook.Name + "`: "
		for n, name := range hook.Headers {
			if n > 0 {
				text += ", "
			}
			text += name
		}
	}
	wire.Register(api, wire.Op{
		ID: "take-event", Method: http.MethodPost, Path: "/{provider}", Tag: "Events", Access: wire.Public, Extension: true, Status: http.StatusOK,
		Summary: "Take what a provider tells of", Description: text,
		Fails: []roster.Kind{roster.Unauthenticated, roster.NotFound, roster.Conflict, roster.Unavailable},
	}, h.take)
	return api
}

const description = `Takes events of providers: of identity checks and payments. A tenant gives a provider the address of its own, and the provider signs with the secret that
they share; without a signature that is right, and recent where the provider signs a time, nothing is read. An event that comes twice is answered alike, and counts once.`

// eventIn is what a provider sends.
type eventIn struct {
	Provider string `path:"provider" maxLength:"64"`
	RawBody  []byte

	header func(name string) string
}

// Resolve implements huma.Resolver: which headers count is the provider's to say.
func (in *eventIn) Resolve(ctx huma.Context) []error {
	in.header = ctx.Header
	return nil
}

type takenOut struct {
	Body struct {
		Received bool `json:"received"`
	}
}

func (h handlers) take(ctx context.Context, _ roster.Actor, in *eventIn) (*takenOut, error) {
	hook, known := h.hooks[in.Provider]
	if !known {
		return nil, errNoProvider()
	}
	name, err := wire.TenantName(ctx)
	if err != nil {
		return nil, err
	}
	tenant, err := h.identity.TenantNamed(ctx, name)
	if err != nil {
		return nil, err
	}
	secret, err := h.identity.SecretOf(ctx, tenant, hook.Secret)
	if err != nil {
		return nil, err
	}
	if secret == "" {
		return nil, errNoProvider()
	}
	if hook.Verify(secret, in.header, in.RawBody, h.clock()) != nil {
		return nil, roster.Errorf(roster.Unauthenticated, "", "the signature is not one of now over this body")
	}
	if err := hook.Handle(ctx, tenant, in.RawBody); err != nil {
		return nil, err
	}
	out := &takenOut{}
	out.Body.Received = true
	return out, nil
}

// errNoProvider says the same of a provider that nobody knows, and of one that the
// tenant has not set up.
func errNoProvider() error {
	return roster.Errorf(roster.NotFound, "", "there is no such provider")
}
