package authapi_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/api/apitest"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

// Every call that changes who may sign in, or who is signed in, is in the log; one that
// sends a code, or gives the next tokens of a session, is not: it changes nothing that
// the log is about.
func TestEveryWriteIsLogged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		walk := apitest.NewWalk(t, h.db, h.server, h.actor.Tenant, base)
		// made makes a call that is to log something, or nothing, and returns its answer.
		made := func(logs, path, token string, body object) (answer struct{ AccessToken, RefreshToken, Secret string }) {
			t.Helper()
			text := []byte{}
			if body != nil {
				text, _ = json.Marshal(body)
			}
			var operations []string
			for _, c := range walk.Make("POST", path, token, string(text)) {
				operations = append(operations, c.Operation)
				if by := map[bool]roster.API{true: roster.AuthAPI, false: roster.UserAPI}[token == ""]; c.Actor == "" || c.API != by {
					t.Errorf("%s: %s is logged of %q, by %s", path, c.Operation, c.Actor, c.API)
				}
			}
			if logs == "" && len(operations) > 0 || logs != "" && !slices.Contains(operations, logs) {
				t.Errorf("%s logs %v, want %q", path, operations, logs)
			}
			_ = json.Unmarshal([]byte(walk.Answer()), &answer) // nothing where it has none
			return answer
		}
		rita, phil := object{"email": "rita@example.org"}, object{"phone": "+4366012345678"}
		client, key, err := h.identity.CreateClient(t.Context(), h.actor, roster.UserAPI, identity.RoleAPIClient, identity.NewSecret())
		if err != nil {
			t.Fatal(err)
		}

		// Every way in.
		session := made("session.create", "/sign-in-email", "", object{"email": "rita@example.org", "password": password})
		made("", "/request-email-code", "", rita)
		made("session.create", "/sign-in-email-code", "", object{"email": "rita@example.org", "code": h.code("rita@example.org", sixDigits)})
		made("", "/request-phone-code", "", phil)
		h.drain()
		sent := h.box.Texts()
		made("session.create", "/sign-in-phone-number", "", object{"phone": "+4366012345678", "code": sixDigits.FindString(sent[len(sent)-1].Text)})
		made("session.create", "/sign-in-api-client", "", object{"clientId": client.ID, "clientKey": key})

		// A session's life, and a second factor.
		h.clock.forward(time.Minute)
		session = made("", "/refresh-token", "", object{"refreshToken": session.RefreshToken})
		secret := made("second_factor.enroll", "/mfa/enroll", session.AccessToken, nil).Secret
		made("second_factor.confirm", "/mfa/confirm", session.AccessToken, object{"code": h.totp(secret)})
		token := h.Post("/sign-in-email", object{"email": "rita@example.org", "password": password}).Want(401).Text("details.mfaToken")
		h.clock.forward(time.Minute)
		made("session.create", "/sign-in-mfa", "", object{"mfaToken": token, "code": h.totp(secret)})
		made("session.revoke", "/logout", "", object{"refreshToken": session.RefreshToken})

		// A password, an address, and somebody new.
		made("", "/request-password-reset", "", rita)
		made("credential.put", "/set-password/"+h.code("rita@example.org", longCode), "", object{"password": "another password"})
		h.customer(identity.Customer{Email: "other@example.org"}, identity.EmailPassword)
		other := made("session.create", "/sign-in-email", "", object{"email": "other@example.org", "password": password})
		made("", "/request-verification", other.AccessToken, object{"channel": "EMAIL"})
		made("customer.update", "/verify", other.AccessToken, object{"channel": "EMAIL", "code": h.code("other@example.org", sixDigits)})
		made("", "/sign-up", "", object{"email": "nina@example.org", "firstName": "Nina"})
		made("customer.create", "/sign-up/confirm", "", object{"code": h.code("nina@example.org", longCode), "password": "a long password"})
		walk.Complete()
	})
}
