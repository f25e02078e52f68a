package orgapi

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// oauthError is an error of the token endpoint in the words of RFC 6749.
type oauthError string

const (
	invalidRequest   oauthError = "invalid_request"
	invalidClient    oauthError = "invalid_client"
	unsupportedGrant oauthError = "unsupported_grant_type"
)

type issueToken struct {
	Authorization string `header:"Authorization" doc:"Basic, with client_id and client_secret, where they are not in the body."`
	RawBody       []byte `contentType:"application/x-www-form-urlencoded" doc:"grant_type=client_credentials, client_id and client_secret."`
}

type tokenOut struct {
	Body struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type" enum:"Bearer"`
		ExpiresIn   int    `json:"expires_in" doc:"Seconds." example:"3600"`
	}
}

func (h handlers) issueToken(ctx context.Context, _ roster.Actor, in *issueToken) (*tokenOut, error) {
	form, err := url.ParseQuery(string(in.RawBody))
	if err != nil || len(form["grant_type"]) != 1 || len(form["client_id"]) > 1 || len(form["client_secret"]) > 1 {
		return nil, &roster.Error{Kind: roster.Invalid, Msg: "the body must be a form with one grant_type", Details: invalidRequest}
	}
	if form.Get("grant_type") != "client_credentials" {
		return nil, &roster.Error{Kind: roster.Invalid, Msg: "grant_type must be client_credentials", Details: unsupportedGrant}
	}
	id, secret, ok := basicClient(in.Authorization)
	if !ok {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if id == "" || secret == "" {
		return nil, wrongClient("client_id and client_secret are needed")
	}
	tenant := identity.ClientTenant(id)
	if host := wire.HostTenant(ctx); host != "" && tenant != "" && host != tenant {
		return nil, wrongClient("the client is of another tenant")
	}
	if tenant == "" {
		// Not a client's id at all; where no tenant is named either, that is told first.
		if _, err := wire.TenantName(ctx); err != nil {
			return nil, err
		}
	}
	token, err := h.identity.Grant(ctx, roster.OrganizationAPI, wire.RequestID(ctx), id, secret)
	if roster.IsKind(err, roster.Unauthenticated) {
		return nil, wrongClient(roster.AsError(err).Msg)
	}
	if err != nil {
		return nil, err
	}
	var out tokenOut
	out.Body.AccessToken, out.Body.TokenType = token, "Bearer"
	out.Body.ExpiresIn = int(identity.ClientTokenLife.Seconds())
	return &out, nil
}

func wrongClient(msg string) error {
	return &roster.Error{Kind: roster.Unauthenticated, Msg: msg, Details: invalidClient}
}

// basicClient reads the client's credentials from the header, where RFC 6749 has
// each of them form-encoded.
func basicClient(header string) (id, secret string, ok bool) {
	const scheme = "basic "
	if len(header) < len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return "", "", false
	}
	text, err := base64.StdEncoding.DecodeString(header[len(scheme):])
	if err != nil {
		return "", "", false
	}
	id, secret, ok = strings.Cut(string(text), ":")
	id, idErr := url.QueryUnescape(id)
	secret, secretErr := url.QueryUnescape(secret)
	return id, secret, ok && idErr == nil && secretErr == nil
}
