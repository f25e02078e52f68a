package wire

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

// Authenticator turns a token into the actor that it stands for. A token that is
// unknown, expired or revoked is an error of kind Unauthenticated. It runs on
// every call, so it remembers what it looked up.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (roster.Actor, error)
}

// token returns the token that a request brings, or "".
func (api *API) token(h http.Header) string {
	if auth := h["Authorization"]; len(auth) > 0 {
		const scheme = "Bearer "
		if len(auth[0]) > len(scheme) && strings.EqualFold(auth[0][:len(scheme)], scheme) {
			return strings.TrimSpace(auth[0][len(scheme):])
		}
		return ""
	}
	if api.keyHeader != "" {
		return h.Get(api.keyHeader)
	}
	return ""
}

// admit decides whether a request may go on to its handler: who it is, whether
// they are within their rate, and whether the call is open to them.
func (rq *request) admit() error {
	rt := rq.rt
	if rt.ofTenant && !rt.srv.knownTenant(rq.tenant) {
		if err := rq.chargeAddress(); err != nil {
			return err
		}
		return notFound()
	}
	if rt.op.Access.Public {
		if err := rq.chargeAddress(); err != nil {
			return err
		}
		return rt.checkForm(rq.http)
	}
	if err := rq.authenticate(); err != nil {
		return err
	}
	if wait := rt.srv.tokens.take(tokenKey{rq.actor.Tenant.ID, rq.actor.ID}, rq.start); wait > 0 {
		return tooMany(wait)
	}
	if !slices.Contains(rt.api.spec.Tokens, rq.actor.API) {
		return roster.Errorf(roster.Forbidden, "", "the token is of another API: %s", rq.actor.API)
	}
	if err := rq.impersonate(); err != nil {
		return err
	}
	if rt.op.Access.Person && rq.actor.PersonID == 0 {
		return roster.Errorf(roster.Forbidden, CodeNoPerson, "this is a call of persons: %s", rt.api.howToImpersonate())
	}
	if !rt.op.Access.allows(rq.actor.Role) {
		return roster.Errorf(roster.Forbidden, "", "this needs the role %s", rt.op.Access)
	}
	for _, permission := range rt.op.Access.Permissions {
		if err := rt.api.spec.Permits(rq, rq.actor, permission); err != nil {
			return err
		}
	}
	return rt.checkForm(rq.http)
}

// authenticate sets the actor. A request without a good token counts against its
// address.
func (rq *request) authenticate() error {
	token := rq.rt.api.token(rq.http.Header)
	if token == "" {
		return rq.refuse("a token is needed: Authorization: Bearer <token>", nil)
	}
	actor, err := rq.rt.srv.auth.Authenticate(rq, token)
	if roster.IsKind(err, roster.Unauthenticated) {
		return rq.refuse("the token is unknown, expired or revoked", err)
	}
	if err != nil {
		return err
	}
	if name := rq.addressTenant(); name != "" && name != actor.Tenant.Name {
		return rq.refuse("the token is of another tenant", nil)
	}
	actor.RequestID = rq.id
	rq.actor = actor
	return nil
}

// impersonate has a client act for the person that it names in a header. The
// change log goes on to name the client.
func (rq *request) impersonate() error {
	var named []string
	for _, header := range rq.rt.api.impersonate {
		named = append(named, rq.http.Header[header]...)
	}
	if len(named) == 0 {
		return nil
	}
	if slices.ContainsFunc(named, func(user string) bool { return user != named[0] }) {
		return InvalidFields(Field{
			In: InHeader, Name: rq.rt.api.spec.ImpersonateHeaders[0], Rule: RuleUnique, Message: "must name one person",
		})
	}
	if rq.rt.srv.impersonate == nil {
		return roster.Errorf(roster.Forbidden, CodeNoPerson, "nobody can be impersonated here")
	}
	actor, err := rq.rt.srv.impersonate(rq, rq.actor, strings.TrimSpace(named[0]))
	if err != nil {
		return err
	}
	actor.Tenant, actor.ID, actor.RequestID = rq.actor.Tenant, rq.actor.ID, rq.actor.RequestID
	rq.actor, rq.impersonates = actor, true
	return nil
}

// howToImpersonate tells a client what its call lacks.
func (api *API) howToImpersonate() string {
	if len(api.impersonate) == 0 {
		return "the token is of none"
	}
	return "a client names one in the header " + api.spec.ImpersonateHeaders[0]
}

func (rq *request) refuse(msg string, cause error) error {
	if err := rq.chargeAddress(); err != nil {
		return err
	}
	return &roster.Error{Kind: roster.Unauthenticated, Msg: msg, Err: cause}
}

func (rq *request) chargeAddress() error {
	if wait := rq.rt.srv.addresses.take(rq.rt.srv.proxies.client(rq.http), rq.start); wait > 0 {
		return tooMany(wait)
	}
	return nil
}

// tooMany says when to try again; render makes it Retry-After.
func tooMany(wait time.Duration) error {
	return &roster.Error{Kind: roster.TooMany, Msg: "too many requests", Details: wait}
}
