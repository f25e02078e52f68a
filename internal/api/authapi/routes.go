// Package authapi is the auth API: how customers, operators and programs sign in to
// mobility (contract/mobility.md §3.1; decisions 17 to 19 and 36). It translates; the
// rules are identity's.
package authapi

import (
	"net/http"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Tags are the chapters of the API's document.
const (
	signIn       = "Sign in"
	sessions     = "Sessions"
	signUp       = "Sign up"
	secondFactor = "Second factor"
	contacts     = "Own address and number"
	keys         = "Keys"
)

var speech = mobilitywire.Speech{}

type handlers struct{ identity *identity.Identity }

// New makes the API.
func New(i *identity.Identity) *wire.API {
	api := wire.NewAPI(wire.Spec{
		Name: roster.AuthAPI, Title: "Auth API", Version: "1", Description: description,
		Bases: []string{"/v1/{tenant}/auth"}, Label: "auth", HostBases: []string{""},
		TraceHeader: "X-Trace-Id", Tokens: []roster.API{roster.UserAPI, roster.OperationsAPI}, Dialect: speech.Dialect(),
	})
	h := handlers{i}
	h.routeSignIn(api)
	h.routeSessions(api)
	h.routeSignUp(api)
	h.routeSecondFactor(api)
	h.routeContacts(api)
	wire.Register(api, wire.Op{
		ID: "get-keys", Method: http.MethodGet, Path: "/.well-known/jwks.json", Tag: keys, Access: wire.Public, Extension: true,
		Summary: "Get the keys that access tokens are signed with", Description: "A JSON Web Key Set (RFC 7517). A key that was replaced stays until the last token that it signed has expired.",
		Fails: []roster.Kind{roster.NotFound},
	}, h.getKeys)
	return api
}

const description = `Gives tokens for the user and operations APIs.

An access token is a JWT, signed with EdDSA by a key of the tenant's; send it as Authorization: Bearer. A refresh token is good once: it gives the next
two. Bringing one twice ends the session. What a sign-in answers, and how long it takes, is the same for known and unknown people.`

// public is a call without a token. Its answer is never stored.
func public(id, path, tag, summary, text string, fails ...roster.Kind) wire.Op {
	return wire.Op{
		ID: id, Method: http.MethodPost, Path: path, Tag: tag, Summary: summary, Description: text, Access: wire.Public,
		Fails: append(fails, roster.NotFound),
	}
}

func extension(op wire.Op) wire.Op {
	op.Extension = true
	return op
}

func accepted(op wire.Op) wire.Op {
	op.Status = http.StatusAccepted
	return op
}

func (h handlers) routeSignIn(api *wire.API) {
	fails := []roster.Kind{roster.Unauthenticated, roster.Forbidden}
	wire.Register(api, public("sign-in-email", "/sign-in-email", signIn, "Sign in by email and password", failures, fails...), h.signInEmail)
	wire.Register(api, public("sign-in-email-code", "/sign-in-email-code", signIn, "Sign in by a code that was mailed", failures, fails...), h.signInEmailCode)
	wire.Register(api, public("sign-in-phone-number", "/sign-in-phone-number", signIn, "Sign in by a code that was sent to a telephone number", failures, fails...), h.signInPhone)
	wire.Register(api, public("sign-in-api-client", "/sign-in-api-client", signIn, "Sign in as a program", failures, fails...), h.signInClient)
	wire.Register(api, extension(public("sign-in-mfa", "/sign-in-mfa", signIn, "Go on with the second factor", failures, fails...)), h.signInSecondFactor)
	wire.Register(api, extension(accepted(public("request-email-code", "/request-email-code", signIn, "Have a code mailed", sameForAll))), h.requestEmailCode)
	wire.Register(api, extension(accepted(public("request-phone-code", "/request-phone-code", signIn, "Have a code sent to a telephone number", sameForAll))), h.requestPhoneCode)
}

const (
	failures = "Wrong credentials are 401 AUTH901, whatever is wrong with them. 401 AUTH904 has details.mfaToken for /sign-in-mfa, good for five minutes and five attempts. " +
		"403 U131: the account is blocked. After 10 failures of an account, or 100 of an address, within 15 minutes: 429 G907, for right credentials too."
	sameForAll = "The answer is the same where nobody has the address or the number, where its owner does not sign in like that, and after five requests within an hour: then nothing is sent."
)

func (h handlers) routeSessions(api *wire.API) {
	wire.Register(api, public("refresh-token", "/refresh-token", sessions, "Get new tokens for a refresh token",
		"The refresh token is spent by that; older access tokens live on until they expire. 401 AUTH903: it is unknown, expired or revoked; one that was spent before ends the session at once.",
		roster.Unauthenticated, roster.Forbidden), h.refresh)
	wire.Register(api, public("logout", "/logout", sessions, "End a session",
		"Needs its refresh token alone. Its access tokens are good no more.", roster.Unauthenticated), h.logOut)
	wire.Register(api, extension(accepted(public("request-password-reset", "/request-password-reset", sessions, "Have a code for a new password mailed",
		sameForAll+" The code is good for an hour; those before it are void."))), h.requestPasswordReset)
	wire.Register(api, public("set-password", "/set-password/{code}", sessions, "Set a new password",
		"By a code that /request-password-reset mailed, which is good once. Ends all sessions of the person, on every device.", roster.Unauthenticated), h.setPassword)
}

func (h handlers) routeSignUp(api *wire.API) {
	wire.Register(api, extension(accepted(public("sign-up", "/sign-up", signUp, "Ask to become a customer",
		"Has a code mailed to the address, or word that there is an account already. Until the code is confirmed nothing is made, and no password is kept. "+sameForAll))), h.signUp)
	wire.Register(api, extension(public("confirm-sign-up", "/sign-up/confirm", signUp, "Become a customer by the code that was mailed",
		"The code is good for a day. With a password the customer signs in by that from now on, else by codes that are mailed. Somebody who is known to another API already stays the same person.",
		roster.Unauthenticated, roster.Forbidden)), h.confirmSignUp)
}

func (h handlers) routeSecondFactor(api *wire.API) {
	op := wire.Op{Method: http.MethodPost, Tag: secondFactor, Access: wire.Person, Extension: true, Secret: true, Fails: []roster.Kind{roster.Conflict, roster.NotFound}}
	op.ID, op.Path, op.Summary = "enroll-mfa", "/mfa/enroll", "Get the secret of a second factor"
	op.Description = "For an authenticator app (TOTP, RFC 6238). It counts once it is confirmed. 409 U943: there is one already."
	wire.Register(api, op, h.enroll)
	op.ID, op.Path, op.Summary = "confirm-mfa", "/mfa/confirm", "Have the second factor count from now on"
	op.Description = "By a code of it. 401 AUTH901: another code. 409 U943: there is none to confirm, or it is confirmed."
	wire.Register(api, op, h.confirm)
}

func (h handlers) routeContacts(api *wire.API) {
	op := wire.Op{Method: http.MethodPost, Tag: contacts, Access: wire.Person, Extension: true, Secret: true, Fails: []roster.Kind{roster.NotFound}}
	op.ID, op.Path, op.Summary, op.Status = "request-verification", "/request-verification", "Have a code sent to the own address or number", http.StatusAccepted
	op.Description = "The code is good for 10 minutes and 5 attempts. Nothing is sent where it is verified already, or after five requests within an hour."
	wire.Register(api, op, h.requestVerification)
	op.ID, op.Path, op.Summary, op.Status = "verify", "/verify", "Verify the own address or number", http.StatusOK
	op.Description = "By the code that was sent there. 401 AUTH901: another code."
	wire.Register(api, op, h.verify)
}
