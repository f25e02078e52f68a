package authapi_test

import (
	"net/url"
	"strings"
	"testing"
)

// What nobody in their senses sends is refused, and never a fault of ours.
func TestHostileInput(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		access, _ := h.signIn("rita@example.org")
		values := []string{`"\u0000"`, `"a\u0000@example.org"`, `"\ud800"`, `"` + strings.Repeat("x", 5000) + `"`, `""`, `null`, `7`, `[]`, `{}`, `" "`, `"'; DROP TABLE people; --"`}
		for path, fields := range map[string]string{
			"/sign-in-email": "email,password,type", "/sign-in-email-code": "email,code", "/sign-in-phone-number": "phone,code",
			"/sign-in-api-client": "clientId,clientKey,api", "/sign-in-mfa": "mfaToken,code", "/refresh-token": "refreshToken", "/logout": "refreshToken",
			"/sign-up": "email,firstName,branchId", "/sign-up/confirm": "code,password", "/request-email-code": "email", "/request-phone-code": "phone",
			"/request-password-reset": "email", "/set-password/x": "password", "/mfa/confirm": "code", "/verify": "channel,code", "/request-verification": "channel",
		} {
			for _, value := range values {
				var members []string
				for name := range strings.SplitSeq(fields, ",") {
					members = append(members, `"`+name+`":`+value)
				}
				r := h.From("192.0.2."+text(int64(len(path)))).As(access).Post(path, "{"+strings.Join(members, ",")+"}")
				if r.Status >= 500 || r.Status < 400 && !strings.HasPrefix(path, "/request-") {
					t.Errorf("%s of %.40s: %d %s", path, value, r.Status, r.Body)
				}
			}
		}
		for _, code := range []string{"%00", "..", "%2e%2e%2f", "%ff", strings.Repeat("A", 54), url.PathEscape("'")} {
			if r := h.Post("/set-password/"+code, object{"password": "a new password"}); r.Status != 401 && r.Status != 404 {
				t.Errorf("%s: %d %s", code, r.Status, r.Body)
			}
		}
	})
}

// A key, or a plan, changes nothing: what these calls answer is a secret.
func TestKeysAndPlansAreIgnored(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		in := object{"email": "rita@example.org", "password": password}
		_, first := tokens(h.Set("Idempotency-Key", "k").Post("/sign-in-email", in).Want(200))
		_, second := tokens(h.Set("Idempotency-Key", "k").Post("/sign-in-email", in).Want(200))
		if first == second {
			t.Error("an answer was kept")
		}
		access, refresh := tokens(h.Set("Roster-Plan", "true").Post("/refresh-token", object{"refreshToken": first}).Want(200))
		h.is(access, h.rita)
		h.Post("/refresh-token", object{"refreshToken": first}).Want(401)
		h.Post("/refresh-token", object{"refreshToken": refresh}).Want(401)
		access, _ = h.signIn("both@example.org")
		one := h.As(access).Set("Idempotency-Key", "k").Post("/mfa/enroll", nil).Want(200).Text("secret")
		if other := h.As(access).Set("Idempotency-Key", "k").Post("/mfa/enroll", nil).Want(200).Text("secret"); one == other {
			t.Error("a secret was kept")
		}
	})
}
