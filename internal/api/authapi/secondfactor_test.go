package authapi_test

import (
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

func TestSecondFactor(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden("mfa")
		in := object{"email": "rita@example.org", "password": password}
		access, _ := tokens(g.Post("/sign-in-email", in).Want(200))
		me := g.As(access)
		refused(t, me.Post("/mfa/confirm", object{"code": "000000"}), 409, identity.CodeMethodPresence)
		secret := me.Post("/mfa/enroll", nil).Want(200).Text("secret")
		g.Note("It counts once it is confirmed.")
		h.Post("/sign-in-email", in).Want(200)
		code := h.totp(secret)
		refused(t, me.Post("/mfa/confirm", object{"code": wrong(code)}), 401, identity.CodeBadCredentials)
		me.Post("/mfa/confirm", object{"code": code}).Want(200)
		refused(t, me.Post("/mfa/enroll", nil), 409, identity.CodeMethodPresence)
		refused(t, me.Post("/mfa/confirm", object{"code": code}), 409, identity.CodeMethodPresence)
		g.Note("From now on a sign-in goes on with it. A code that was used is good no more.")
		r := g.Post("/sign-in-email", in)
		refused(t, r, 401, identity.CodeSecondFactor)
		token := r.Text("details.mfaToken")
		refused(t, g.Post("/sign-in-mfa", object{"mfaToken": token, "code": code}), 401, identity.CodeBadCredentials)
		h.clock.forward(30 * time.Second)
		code = h.totp(secret)
		refused(t, g.Post("/sign-in-mfa", object{"mfaToken": wrong(token), "code": code}), 401, identity.CodeBadCredentials)
		access, _ = tokens(g.Post("/sign-in-mfa", object{"mfaToken": token, "code": code}).Want(200))
		h.is(access, h.rita)
		h.clock.forward(30 * time.Second)
		g.Note("So is a token that was used.")
		refused(t, g.Post("/sign-in-mfa", object{"mfaToken": token, "code": h.totp(secret)}), 401, identity.CodeBadCredentials)
		refused(t, g.Post("/mfa/enroll", nil), 401, "AUTH902")
	})
}

// The second factor is asked for whatever the first one was.
func TestSecondFactorOfEveryWay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		access, _ := h.signIn("rita@example.org")
		secret := h.enroll(access)
		h.Post("/request-email-code", object{"email": "rita@example.org"}).Want(202)
		r := h.Post("/sign-in-email-code", object{"email": "rita@example.org", "code": h.code("rita@example.org", sixDigits)})
		refused(t, r, 401, identity.CodeSecondFactor)
		h.clock.forward(30 * time.Second)
		h.Post("/sign-in-mfa", object{"mfaToken": r.Text("details.mfaToken"), "code": h.totp(secret)}).Want(200)
		// A new password does not take it away; the support does.
		h.Post("/request-password-reset", object{"email": "rita@example.org"}).Want(202)
		h.Post("/set-password/"+h.code("rita@example.org", longCode), object{"password": password}).Want(200)
		in := object{"email": "rita@example.org", "password": password}
		refused(t, h.Post("/sign-in-email", in), 401, identity.CodeSecondFactor)
		h.write(h.actor, func(tx *store.Tx) error {
			if had, err := identity.DropSecondFactor(tx, h.rita); err != nil || !had {
				t.Errorf("%v, %v", had, err)
			}
			had, err := identity.DropSecondFactor(tx, h.rita)
			if had {
				t.Error("it was dropped twice")
			}
			return err
		})
		h.Post("/sign-in-email", in).Want(200)
	})
}

// An operator with a second factor stays one through it, and a sign-up of such a
// person waits for it too.
func TestSecondFactorKeepsTheRole(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		access, _ := h.signIn("opal@example.org")
		secret := h.enroll(access)
		h.Post("/sign-up", object{"email": "opal@example.org"}).Want(202)
		r := h.Post("/sign-up/confirm", object{"code": h.code("opal@example.org", longCode)})
		refused(t, r, 401, identity.CodeSecondFactor)
		h.clock.forward(30 * time.Second)
		access, _ = tokens(h.Post("/sign-in-mfa", object{"mfaToken": r.Text("details.mfaToken"), "code": h.totp(secret)}).Want(200))
		h.is(access, h.opal)
		r = h.Post("/sign-in-email", object{"email": "opal@example.org", "password": password, "type": "OPERATOR"})
		refused(t, r, 401, identity.CodeSecondFactor)
		h.clock.forward(30 * time.Second)
		access, _ = tokens(h.Post("/sign-in-mfa", object{"mfaToken": r.Text("details.mfaToken"), "code": h.totp(secret)}).Want(200))
		h.operate.As(access).Get("/who").Want(200)
	})
}

// A code is good a step before and after its own, once; a token for five attempts and
// five minutes, and a person for ten failures.
func TestSecondFactorLimits(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		access, _ := h.signIn("rita@example.org")
		secret := h.enroll(access)
		wait := func() string {
			t.Helper()
			r := h.Post("/sign-in-email", object{"email": "rita@example.org", "password": password})
			refused(t, r, 401, identity.CodeSecondFactor)
			return r.Text("details.mfaToken")
		}
		try := func(token, code string, status int) {
			t.Helper()
			h.Post("/sign-in-mfa", object{"mfaToken": token, "code": code}).Want(status)
		}
		h.clock.forward(10 * time.Minute)
		for _, c := range []struct {
			steps  int
			status int
		}{{-2, 401}, {2, 401}, {-1, 200}, {-1, 401}, {1, 200}, {0, 401}} {
			now := h.clock.micros.Load()
			h.clock.forward(time.Duration(c.steps) * 30 * time.Second)
			code := h.totp(secret)
			h.clock.micros.Store(now)
			try(wait(), code, c.status)
		}
		h.clock.forward(10 * time.Minute)
		late := wait()
		h.clock.forward(5 * time.Minute)
		try(late, h.totp(secret), 401)
		h.clock.forward(15 * time.Minute)
		token := wait()
		for range 5 {
			try(token, wrong(h.totp(secret)), 401)
		}
		try(token, h.totp(secret), 401)
		for range 4 {
			try(wait(), wrong(h.totp(secret)), 401)
		}
		try(wait(), h.totp(secret), 429)
		h.clock.forward(15 * time.Minute)
		try(wait(), h.totp(secret), 200)
	})
}
