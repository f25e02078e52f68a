package authapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// bare makes a call at another host and returns the status.
func (h *house) bare(host, tenant, path string, body any) int {
	text, _ := json.Marshal(body)
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodPost, path, strings.NewReader(string(text)))
	r.Host = host
	r.Header.Set("Content-Type", "application/json")
	if tenant != "" {
		r.Header.Set("Roster-Tenant", tenant)
	}
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, r)
	return w.Code
}

func TestSignUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden("sign_up")
		g.Post("/sign-up", object{"email": "Nina@example.org", "firstName": "Nina", "lastName": "New", "language": "de"}).Want(202)
		g.Note("It is confirmed by the code that was mailed.")
		code := h.code("Nina@example.org", longCode)
		refused(t, g.Post("/sign-up/confirm", object{"code": code, "password": "short"}), 400, identity.CodeBadPassword)
		access, _ := tokens(g.Post("/sign-up/confirm", object{"code": code, "password": "a long password"}).Want(200))
		var c *identity.Customer
		h.write(h.actor, func(tx *store.Tx) (err error) {
			tx.Housekeeping()
			c, err = identity.CustomerByEmail(tx, "nina@example.org")
			return err
		})
		if c.Name() != "Nina New" || !c.EmailVerified || c.Language != "de" || c.HomeBranchID != h.home || c.LastSignInAt == 0 {
			t.Errorf("%+v", c)
		}
		h.is(access, c.ID)
		h.Post("/sign-in-email", object{"email": "nina@example.org", "password": "a long password"}).Want(200)
		g.Note("A code is good once; others are none.")
		refused(t, g.Post("/sign-up/confirm", object{"code": code}), 401, identity.CodeBadCredentials)
		refused(t, g.Post("/sign-up/confirm", object{"code": "none"}), 401, identity.CodeBadCredentials)
		g.Note("What can be told without telling who is known.")
		refused(t, g.Post("/sign-up", object{"email": "no address"}), 400, "G901")
		refused(t, g.Post("/sign-up", object{"email": "x@example.org", "branchId": 999}), 404, identity.CodeNoBranch)

		h.Post("/sign-up", object{"email": "nick@example.org"}).Want(202)
		h.Post("/sign-up/confirm", object{"code": h.code("nick@example.org", longCode)}).Want(200)
		h.Post("/request-email-code", object{"email": "nick@example.org"}).Want(202)
		digits := h.code("nick@example.org", sixDigits)
		h.Post("/sign-in-email-code", object{"email": "nick@example.org", "code": digits}).Want(200)

		h.Post("/sign-up", object{"email": "late@example.org"}).Want(202)
		late := h.code("late@example.org", longCode)
		h.clock.forward(24*time.Hour + time.Second)
		h.Post("/sign-up/confirm", object{"code": late}).Want(401)
	})
}

// Who has an account is told so, by mail alone.
func TestSignUpOfCustomers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		fresh := h.Post("/sign-up", object{"email": "new@example.org"}).Want(202)
		known := h.Post("/sign-up", object{"email": "RITA@example.org", "firstName": "Mallory"}).Want(202)
		if string(fresh.Body) != string(known.Body) {
			t.Errorf("%s, %s", fresh.Body, known.Body)
		}
		h.drain()
		m := h.box.Last("rita@example.org")
		if longCode.MatchString(m.Text) || !strings.Contains(m.Text, "account there already") {
			t.Errorf("%+v", m)
		}
	})
}

// Nobody joins an existing person but by a code that was sent to that person's
// address, and an administrator's word gives nobody a way in.
func TestTakeovers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		in := object{"email": "dora@example.org", "password": password}
		// Somebody signs up with the address of an account of the directory.
		h.Post("/sign-up", object{"email": "dora@example.org", "password": password, "firstName": "Mallory"}).Want(202)
		h.Post("/sign-in-email", in).Want(401)
		p := h.person(h.dora)
		if p.Has(graph.CustomerProfile) {
			t.Error("a profile is there before it is confirmed")
		}
		// Dora's employer makes her a customer: that is no way in, for her or for others.
		made := h.customer(identity.Customer{Email: "dora@example.org", FirstName: "Dora", MadeByClient: "rst_acme_x"})
		if made != h.dora {
			t.Fatalf("the customer is %d, not %d", made, h.dora)
		}
		h.Post("/sign-in-email", in).Want(401)
		for _, path := range []string{"/request-email-code", "/request-password-reset"} {
			h.Post(path, object{"email": "dora@example.org"}).Want(202)
		}
		h.drain()
		for _, m := range h.box.Mails() {
			if m.To == "dora@example.org" && m.Subject != "Confirm your address" {
				t.Errorf("%+v was mailed", m)
			}
		}
		// She confirms her address, and is herself: the same person, and her own.
		h.Post("/sign-up", object{"email": "dora@example.org"}).Want(202)
		access, _ := tokens(h.Post("/sign-up/confirm", object{"code": h.code("dora@example.org", longCode), "password": "dora's password"}).Want(200))
		h.is(access, h.dora)
		c, err := h.identity.GetCustomer(t.Context(), h.actor.Tenant.ID, h.dora)
		if err != nil || c.MadeByClient != "" || c.FirstName != "Dora" || !c.EmailVerified {
			t.Errorf("%+v, %v", c, err)
		}
		h.Post("/sign-in-email", in).Want(401)
	})
}

// A person whom the property API knows keeps one password: who confirms the address
// sets it, and ends what others opened with the one before.
func TestSignUpOfAPropertyUser(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		door := identity.Door{API: roster.PropertyAPI, Profile: graph.PropertyProfile, Role: "user"}
		credentials := identity.Credentials{Tenant: "acme", Email: "pia@example.org", Password: password}
		h.write(h.actor, func(tx *store.Tx) error {
			p, err := identity.AddProfile(tx, credentials.Email, graph.PropertyProfile, func(p *graph.Person, _ bool) { p.Name = "Pia" })
			if err != nil {
				return err
			}
			return identity.PutPassword(tx, p.ID, h.hash)
		})
		s, err := h.identity.SignIn(t.Context(), door, credentials)
		if err != nil {
			t.Fatal(err)
		}
		h.Post("/sign-in-email", object{"email": "pia@example.org", "password": password}).Want(401)
		h.Post("/sign-up", object{"email": "pia@example.org"}).Want(202)
		access, _ := tokens(h.Post("/sign-up/confirm", object{"code": h.code("pia@example.org", longCode), "password": "pia's password"}).Want(200))
		h.is(access, s.Person.ID)
		if _, err := h.identity.Authenticate(t.Context(), s.Token); !roster.IsKind(err, roster.Unauthenticated) {
			t.Errorf("the session from before: %v", err)
		}
		if _, err := h.identity.SignIn(t.Context(), door, credentials); !roster.IsKind(err, roster.Unauthenticated) {
			t.Errorf("the password from before: %v", err)
		}
		credentials.Password = "pia's password"
		if _, err := h.identity.SignIn(t.Context(), door, credentials); err != nil {
			t.Errorf("the new password: %v", err)
		}
	})
}

func (h *house) person(id int64) (p *graph.Person) {
	h.t.Helper()
	h.write(h.actor, func(tx *store.Tx) (err error) {
		tx.Housekeeping()
		p, err = graph.LivePerson(tx, id)
		return err
	})
	return p
}

// A new password ends every session, and is set by the last code that was mailed.
func TestSetPassword(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		access, refresh := h.signIn("rita@example.org")
		g := h.golden("set_password")
		g.Post("/request-password-reset", object{"email": "rita@example.org"}).Want(202)
		first := h.code("rita@example.org", longCode)
		h.Post("/request-password-reset", object{"email": "Rita@example.org"}).Want(202)
		code := h.code("rita@example.org", longCode)
		g.Note("A code that another followed, one that is none, and a password that is none.")
		refused(t, g.Post("/set-password/"+first, object{"password": "a new password"}), 401, identity.CodeBadCredentials)
		refused(t, g.Post("/set-password/none", object{"password": "a new password"}), 401, identity.CodeBadCredentials)
		refused(t, g.Post("/set-password/"+wrong(code), object{"password": "a new password"}), 401, identity.CodeBadCredentials)
		refused(t, g.Post("/set-password/"+code, object{"password": "short"}), 400, identity.CodeBadPassword)
		refused(t, g.Post("/set-password/"+code, object{}), 400, "G901")
		h.is(access, h.rita)
		g.Note("The right ones.")
		g.Post("/set-password/"+code, object{"password": "a new password"}).Want(200)
		refused(t, g.Post("/set-password/"+code, object{"password": "another password"}), 401, identity.CodeBadCredentials)
		h.who.As(access).Get("/who").Want(401)
		h.Post("/refresh-token", object{"refreshToken": refresh}).Want(401)
		h.Post("/sign-in-email", object{"email": "rita@example.org", "password": password}).Want(401)
		h.Post("/sign-in-email", object{"email": "rita@example.org", "password": "a new password"}).Want(200)
		if c, err := h.identity.GetCustomer(t.Context(), h.actor.Tenant.ID, h.rita); err != nil || !c.EmailVerified {
			t.Errorf("%+v, %v", c, err)
		}
		g.Note("The answer is the same for nobody.")
		g.Post("/request-password-reset", object{"email": "nobody@example.org"}).Want(202)
		h.Post("/request-password-reset", object{"email": "opal@example.org"}).Want(202)
		late := h.code("opal@example.org", longCode)
		h.clock.forward(time.Hour + time.Second)
		h.Post("/set-password/"+late, object{"password": "a new password"}).Want(401)
	})
}
