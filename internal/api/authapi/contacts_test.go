package authapi_test

import (
	"testing"

	"github.com/rosterhq/roster/internal/identity"
)

// A customer who gives another address, or number, verifies it by a code that is
// sent there.
func TestVerifyOwnContact(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		access, _ := h.signIn("rita@example.org")
		h.edit(h.rita, func(c *identity.Customer) { c.Email, c.Phone = "new@example.org", "+4366087654321" })
		g := h.golden("verify")
		me := g.As(access)
		me.Post("/request-verification", object{"channel": "EMAIL"}).Want(202)
		code := h.code("new@example.org", sixDigits)
		refused(t, me.Post("/verify", object{"channel": "EMAIL", "code": wrong(code)}), 401, identity.CodeBadCredentials)
		refused(t, h.As(access).Post("/verify", object{"channel": "PHONE", "code": code}), 401, identity.CodeBadCredentials)
		me.Post("/verify", object{"channel": "EMAIL", "code": code}).Want(200)
		me.Post("/request-verification", object{"channel": "PHONE"}).Want(202)
		h.drain()
		sms := h.box.Texts()
		me.Post("/verify", object{"channel": "PHONE", "code": sixDigits.FindString(sms[len(sms)-1].Text)}).Want(200)
		if c, err := h.identity.GetCustomer(t.Context(), h.actor.Tenant.ID, h.rita); err != nil || !c.EmailVerified || !c.PhoneVerified {
			t.Errorf("%+v, %v", c, err)
		}
		g.Note("What is verified is asked for no more.")
		me.Post("/request-verification", object{"channel": "EMAIL"}).Want(202)
		h.drain()
		if n := len(h.box.Mails()); n != 1 {
			t.Errorf("%d mails", n)
		}
		g.Note("Refusals: no such channel, none of the kind, a code that was used, nobody, an operator.")
		refused(t, me.Post("/request-verification", object{"channel": "POST"}), 400, "G901")
		both, _ := h.signIn("both@example.org")
		refused(t, g.As(both).Post("/request-verification", object{"channel": "PHONE"}), 400, "G901")
		refused(t, me.Post("/verify", object{"channel": "EMAIL", "code": code}), 401, identity.CodeBadCredentials)
		refused(t, g.Post("/verify", object{"channel": "EMAIL", "code": code}), 401, "AUTH902")
		opal, _ := h.signIn("opal@example.org")
		refused(t, g.As(opal).Post("/request-verification", object{"channel": "EMAIL"}), 404, identity.CodeNoCustomer)
	})
}

// A code that was sent is worth nothing once the customer gives another address.
func TestVerifyOfAnotherAddress(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		access, _ := h.signIn("both@example.org")
		h.As(access).Post("/request-verification", object{"channel": "EMAIL"}).Want(202)
		h.drain()
		rita, _ := h.signIn("rita@example.org")
		h.As(rita).Post("/request-verification", object{"channel": "EMAIL"}).Want(202)
		code := h.code("rita@example.org", sixDigits)
		h.edit(h.rita, func(c *identity.Customer) { c.Email = "other@example.org" })
		h.As(rita).Post("/verify", object{"channel": "EMAIL", "code": code}).Want(401)
		h.edit(h.rita, func(c *identity.Customer) { c.Email = "rita@example.org" })
		for range 5 {
			h.As(rita).Post("/verify", object{"channel": "EMAIL", "code": wrong(code)}).Want(401)
		}
		h.As(rita).Post("/verify", object{"channel": "EMAIL", "code": code}).Want(401)
	})
}
