package authapi_test

import (
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

func TestSignInEmail(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden("sign_in_email")
		r := g.Post("/sign-in-email", object{"email": "Rita@Example.org", "password": password}).Want(200)
		access, _ := tokens(r)
		h.is(access, h.rita)
		c := claimsOf(t, access)
		now := float64(h.clock.now().Unix())
		for name, want := range map[string]any{
			"iss": "roster", "sub": text(h.rita), "tenant": "acme", "typ": "USER", "iat": now, "exp": now + 15*60,
		} {
			if c[name] != want {
				t.Errorf("%s is %v, want %v", name, c[name], want)
			}
		}
		g.Note("Refusals: a wrong password, an unknown address, somebody without that way to sign in, nobody at all.")
		for _, in := range []object{
			{"email": "rita@example.org", "password": "wrong horse"},
			{"email": "nobody@example.org", "password": password},
			{"email": "dora@example.org", "password": password},
		} {
			refused(t, g.Post("/sign-in-email", in), 401, identity.CodeBadCredentials)
		}
		g.Note("A blocked account, by its password, and by another.")
		refused(t, g.Post("/sign-in-email", object{"email": "blocked@example.org", "password": password}), 403, identity.CodeCustomerBlocked)
		refused(t, g.Post("/sign-in-email", object{"email": "blocked@example.org", "password": "wrong horse"}), 401, identity.CodeBadCredentials)
		g.Note("What is no sign-in.")
		refused(t, g.Post("/sign-in-email", object{"email": "rita@example.org"}), 400, "G901")
		refused(t, g.Post("/sign-in-email", object{"email": "rita@example.org", "password": password, "type": "ADMIN"}), 400, "G901")
		refused(t, g.Post("/sign-in-email", "{"), 400, "G900")
		h.Set("Content-Type", "text/plain").Post("/sign-in-email", "x").Want(415)
		h.Get("/sign-in-email").Want(405)
	})
}

// Who is a customer and an operator says as what they sign in; each token opens its
// own API.
func TestSignInAs(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, c := range []struct {
			email, as, role string
			status          int
		}{
			{"both@example.org", "", "USER", 200},
			{"both@example.org", "USER", "USER", 200},
			{"both@example.org", "OPERATOR", "OPERATOR", 200},
			{"opal@example.org", "", "OPERATOR", 200},
			{"opal@example.org", "USER", "", 401},
			{"rita@example.org", "OPERATOR", "", 401},
		} {
			in := object{"email": c.email, "password": password}
			if c.as != "" {
				in["type"] = c.as
			}
			r := h.Post("/sign-in-email", in).Want(c.status)
			if c.status != 200 {
				continue
			}
			access, _ := tokens(r)
			user, operator := h.who.As(access).Get("/who"), h.operate.As(access).Get("/who")
			mine, other := user, operator
			if c.role == "OPERATOR" {
				mine, other = operator, user
			}
			if mine.Want(200).Text("role") != c.role || claimsOf(t, access)["typ"] != c.role {
				t.Errorf("%s as %q: %s", c.email, c.as, mine.Body)
			}
			refused(t, other, 403, "A190")
		}
	})
}

func TestSignInByEmailCode(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden("sign_in_email_code")
		g.Post("/request-email-code", object{"email": "RITA@example.org"}).Want(202)
		code := h.code("rita@example.org", sixDigits)
		in := object{"email": "rita@example.org", "code": code}
		refused(t, g.Post("/sign-in-email-code", object{"email": "rita@example.org", "code": wrong(code)}), 401, identity.CodeBadCredentials)
		access, _ := tokens(g.Post("/sign-in-email-code", in).Want(200))
		h.is(access, h.rita)
		c, err := h.identity.GetCustomer(t.Context(), h.actor.Tenant.ID, h.rita)
		if err != nil || !c.EmailVerified || c.LastSignInAt != h.clock.micros.Load() && c.LastSignInAt == 0 {
			t.Errorf("%+v, %v", c, err)
		}
		g.Note("A code is good once.")
		refused(t, g.Post("/sign-in-email-code", in), 401, identity.CodeBadCredentials)
		g.Note("The answer is the same for who has no such way to sign in, and for nobody.")
		before := len(h.box.Mails())
		for _, email := range []string{"both@example.org", "dora@example.org", "nobody@example.org", "no address"} {
			g.Post("/request-email-code", object{"email": email}).Want(202)
		}
		h.drain()
		if n := len(h.box.Mails()); n != before {
			t.Errorf("%d mails were sent", n-before)
		}
		h.Post("/request-email-code", object{"email": "blocked@example.org"}).Want(202)
		refused(t, h.Post("/sign-in-email-code", object{"email": "blocked@example.org", "code": h.code("blocked@example.org", sixDigits)}), 403, identity.CodeCustomerBlocked)
	})
}

func TestSignInByPhone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden("sign_in_phone")
		g.Post("/request-phone-code", object{"phone": "+43 660 12345678"}).Want(202)
		h.drain()
		sms := h.box.Texts()
		if len(sms) != 1 || sms[0].To != "+4366012345678" {
			t.Fatalf("%+v", sms)
		}
		code := sixDigits.FindString(sms[0].Text)
		refused(t, g.Post("/sign-in-phone-number", object{"phone": "+4366012345678", "code": wrong(code)}), 401, identity.CodeBadCredentials)
		access, _ := tokens(g.Post("/sign-in-phone-number", object{"phone": "+4366012345678", "code": code}).Want(200))
		h.is(access, h.phil)
		if c, err := h.identity.GetCustomer(t.Context(), h.actor.Tenant.ID, h.phil); err != nil || !c.PhoneVerified || c.EmailVerified {
			t.Errorf("%+v, %v", c, err)
		}
		g.Note("The answer is the same for an unknown number.")
		g.Post("/request-phone-code", object{"phone": "+4366099999999"}).Want(202)
		refused(t, g.Post("/sign-in-phone-number", object{"phone": "+4366099999999", "code": code}), 401, identity.CodeBadCredentials)
		g.Note("What is no number.")
		refused(t, g.Post("/request-phone-code", object{"phone": "12"}), 400, "G901")
		refused(t, g.Post("/sign-in-phone-number", object{"phone": "12", "code": code}), 400, "G901")
	})
}

// A code ends with its time, with its attempts, with the next one, and with the
// address that it was mailed to.
func TestCodesEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ask := func() string {
			h.Post("/request-email-code", object{"email": "rita@example.org"}).Want(202)
			return h.code("rita@example.org", sixDigits)
		}
		try := func(code string, status int) {
			t.Helper()
			h.Post("/sign-in-email-code", object{"email": "rita@example.org", "code": code}).Want(status)
		}
		late := ask()
		h.clock.forward(10*time.Minute + time.Second)
		try(late, 401)
		first := ask()
		second := ask()
		if first != second {
			try(first, 401)
		}
		try(second, 200)
		tried := ask()
		for range 5 {
			try(wrong(tried), 401)
		}
		try(tried, 401)
		moved := ask()
		h.edit(h.rita, func(c *identity.Customer) { c.Email = "new@example.org" })
		try(moved, 401)
	})
}

// Five codes an hour go to an address; the answer says nothing of it.
func TestCodesAreLimited(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range 7 {
			h.Post("/request-email-code", object{"email": "rita@example.org"}).Want(202)
			h.Post("/request-password-reset", object{"email": "rita@example.org"}).Want(202)
			h.Post("/sign-up", object{"email": "new@example.org"}).Want(202)
			h.drain()
		}
		sent := map[string]int{}
		for _, m := range h.box.Mails() {
			sent[m.To+": "+m.Subject]++
		}
		if len(sent) != 3 {
			t.Errorf("%v", sent)
		}
		for subject, n := range sent {
			if n != 5 {
				t.Errorf("%s was sent %d times", subject, n)
			}
		}
		// The last that was sent is still good.
		h.Post("/sign-up/confirm", object{"code": h.code("new@example.org", longCode)}).Want(200)
		h.clock.forward(time.Hour + time.Second)
		h.Post("/request-email-code", object{"email": "rita@example.org"}).Want(202)
		code := h.code("rita@example.org", sixDigits)
		h.Post("/sign-in-email-code", object{"email": "rita@example.org", "code": code}).Want(200)
	})
}

// Ten failures of an account end its sign-ins for a while, by the right password and
// by codes too; a hundred of an address those of all.
func TestFailuresAreLimited(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range 10 {
			h.Post("/sign-in-email-code", object{"email": "rita@example.org", "code": "000000"}).Want(401)
		}
		g := h.golden("limit")
		r := g.Post("/sign-in-email", object{"email": "rita@example.org", "password": password})
		refused(t, r, 429, "G907")
		if r.Header.Get("Retry-After") != "900" {
			t.Errorf("Retry-After: %s", r.Header.Get("Retry-After"))
		}
		g.Note("An account that nobody has is limited alike.")
		for range 10 {
			h.Post("/sign-in-email-code", object{"email": "nobody@example.org", "code": "000000"}).Want(401)
		}
		refused(t, g.Post("/sign-in-email", object{"email": "nobody@example.org", "password": password}), 429, "G907")
		h.signIn("both@example.org")
		for n := range 80 {
			h.Post("/sign-in-email-code", object{"email": text(int64(n)), "code": "000000"}).Want(401)
		}
		h.Post("/sign-in-email", object{"email": "both@example.org", "password": password}).Want(429)
		h.Post("/sign-in-api-client", object{"clientId": "x", "clientKey": "x"}).Want(429)
		h.From("192.0.2.9").Post("/sign-in-email", object{"email": "both@example.org", "password": password}).Want(200)
		h.clock.forward(15 * time.Minute)
		h.signIn("rita@example.org")
	})
}

func TestSignInClient(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		client, key, err := h.identity.CreateClient(t.Context(), h.actor, roster.UserAPI, identity.RoleAPIClient, identity.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		g := h.golden("sign_in_api_client")
		g.Hide(`rst_acme_[A-Za-z0-9_-]{16}`, "client")
		access, refresh := tokens(g.Post("/sign-in-api-client", object{"clientId": client.ID, "clientKey": key}).Want(200))
		r := h.who.As(access).Get("/who").Want(200)
		if r.Text("role") != "API_CLIENT" || r.At("person") != 0.0 || r.Text("actor") != "client:"+client.ID {
			t.Errorf("%s", r.Body)
		}
		if c := claimsOf(t, access); c["sub"] != client.ID || c["uuid"] != nil || c["typ"] != "API_CLIENT" {
			t.Errorf("%v", c)
		}
		again, _ := tokens(g.Post("/refresh-token", object{"refreshToken": refresh}).Want(200))
		h.who.As(again).Get("/who").Want(200)
		refused(t, h.operate.As(again).Get("/who"), 403, "A190")
		g.Note("The same client at the operations API.")
		operating, _ := tokens(g.Post("/sign-in-api-client", object{"clientId": client.ID, "clientKey": key, "api": "operations"}).Want(200))
		h.operate.As(operating).Get("/who").Want(200)
		g.Note("Refusals.")
		refused(t, g.Post("/sign-in-api-client", object{"clientId": client.ID, "clientKey": "wrong"}), 401, identity.CodeBadCredentials)
		refused(t, g.Post("/sign-in-api-client", object{"clientId": "nobody", "clientKey": key}), 401, identity.CodeBadCredentials)
		refused(t, g.Post("/sign-in-api-client", object{"clientId": client.ID, "clientKey": key, "api": "auth"}), 400, "G901")
		refused(t, g.As(access).Post("/mfa/enroll", nil), 403, identity.CodeNoImpersonation)
		foreign, foreignKey, err := h.identity.CreateClient(t.Context(), h.actor, roster.OrganizationAPI, identity.Manager, identity.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		h.Post("/sign-in-api-client", object{"clientId": foreign.ID, "clientKey": foreignKey}).Want(401)
		if err := h.identity.RevokeClient(t.Context(), h.actor, client.ID); err != nil {
			t.Fatal(err)
		}
		h.Post("/sign-in-api-client", object{"clientId": client.ID, "clientKey": key}).Want(401)
		h.who.As(again).Get("/who").Want(401)
		_, refresh = tokens(h.Post("/sign-in-email", object{"email": "rita@example.org", "password": password}).Want(200))
		h.Post("/refresh-token", object{"refreshToken": refresh}).Want(200)
	})
}

// A client acts for the customers that it made, and for nobody else.
func TestImpersonation(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		client, key, err := h.identity.CreateClient(t.Context(), h.actor, roster.UserAPI, identity.RoleAPIClient, identity.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		mine := h.customer(identity.Customer{Email: "mine@example.org", MadeByClient: client.ID})
		access, _ := tokens(h.Post("/sign-in-api-client", object{"clientId": client.ID, "clientKey": key}).Want(200))
		uuidOf := func(id int64) string {
			c, err := h.identity.GetCustomer(t.Context(), h.actor.Tenant.ID, id)
			if err != nil {
				t.Fatal(err)
			}
			return c.UUID.String()
		}
		as := func(user string) *clientAs { return &clientAs{h, access, user} }
		r := as(uuidOf(mine)).who().Want(200)
		if r.At("person") != float64(mine) || r.Text("role") != "USER" || r.Text("actor") != "client:"+client.ID {
			t.Errorf("%s", r.Body)
		}
		for name, user := range map[string]string{
			"somebody else's": uuidOf(h.rita), "nobody": "0192f0a0-0000-7000-8000-000000000000", "no uuid": "x", "an id": text(mine),
		} {
			if r := as(user).who(); r.Status != 403 || r.Text("errorCode") != identity.CodeNoImpersonation {
				t.Errorf("%s: %d %s", name, r.Status, r.Body)
			}
		}
		rita, _ := h.signIn("rita@example.org")
		if r := (&clientAs{h, rita, uuidOf(mine)}).who(); r.Status != 403 || r.Text("errorCode") != identity.CodeNoImpersonation {
			t.Errorf("by a customer: %s", r.Body)
		}
		h.edit(mine, func(c *identity.Customer) { c.BlockState = identity.Blocked })
		refused(t, as(uuidOf(mine)).who(), 403, identity.CodeCustomerBlocked)
	})
}
