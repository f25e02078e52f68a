package userapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
)

// A plan shows what a call would change, by the fields of the API's own GETs, to those
// who may see it, and changes nothing.
func TestPlan(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		center := h.costCenter("MKT")
		asked := number(h.ida.Post("/groups/"+h.code+"/join", nil).Want(202), "request.id")
		other := number(h.ida.Post("/groups/"+h.rexCode+"/join", nil).Want(202), "request.id")
		h.editMember("mia", func(m *business.Member) { m.Approval.Comment = "Drives fast" })
		h.mia.Post("/me/payment-sources", object{"type": "SEPA"}).Want(201)
		source := number(h.mia.Get("/me/payment-sources").Want(200), "0.id")
		h.voucher(h.Person("mia"))
		rental := number(h.mia.Post("/rentals", object{"vehicleCode": "B-1", "startRentalState": "ACTIVE"}).Want(201), "id")
		h.Clock.Forward(10 * time.Minute)
		before := h.DB.Published(h.CLI.Tenant.ID)

		g := h.golden(h.olga, "plan").Set("Roster-Plan", "true")
		g.Patch(h.managed(""), object{"name": "Acme II", "settings": object{"requireBusinessReason": true}}).Want(200)
		g.Post("/cost-centers", object{"code": "OPS", "name": "Operations", "validFrom": "2026-01-01T00:00:00Z"}).Want(200)
		g.Patch(fmt.Sprintf("/cost-centers/%d", center), object{"active": false}).Want(200)
		g.Patch(h.managed("/members/%d", h.Person("mia")), object{"spendingLimit": object{"amount": 10, "currency": "EUR", "period": "DAY"}}).Want(200)
		g.Note("Who is invited by address is not told; no other group's request is.")
		g.Post(h.managed("/add-members"), object{"emails": []string{"uma@example.org"}}).Want(200)
		r := g.Patch(h.managed("/requests/%d", asked), object{"state": "ACCEPTED"}).Want(200)
		for _, v := range r.At("plan.changes").([]any) {
			if id, _ := v.(map[string]any)["subject"].(map[string]any)["id"].(float64); v.(map[string]any)["subject"].(map[string]any)["type"] == "request" && int64(id) == other {
				t.Errorf("the plan tells of another group's request: %v", v)
			}
		}
		g.Delete(h.managed("")).Want(200)
		g.Note("A member sees themselves, without a manager's comment.")
		m := h.as(g, "mia")
		m.Post("/groups/"+h.code+"/leave", object{"reason": "A new job"}).Want(200)
		m.Post("/rentals", object{"vehicleCode": "B-2", "userGroupCode": h.code}).Want(200)
		m.Post(fmt.Sprintf("/rentals/%d/end", rental), object{"endKilometers": 20}).Want(200)
		m.Post("/bookings", h.window(24, 3, object{"userGroupCode": h.code})).Want(200)
		m.Patch("/me", object{"city": "Graz"}).Want(200)
		m.Delete(fmt.Sprintf("/me/payment-sources/%d", source)).Want(200)
		h.as(g, "uma").Post("/me/accept-terms-and-conditions", nil).Want(200)
		i := h.as(g, "ida")
		i.Post("/groups/"+h.code+"/join", nil).Want(409)
		i.Post("/groups-management", object{"name": "Ida"}).Want(200)

		if after := h.DB.Published(h.CLI.Tenant.ID); after != before {
			t.Errorf("plans made %d changes", after-before)
		}
	})
}

// A keyed call is made once, whoever of the areas it reaches.
func TestIdempotencyKey(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for i, c := range []struct {
			name, path string
			body       any
			status     int
		}{
			{"ida", "/groups-management", object{"name": "Ida"}, 201},
			{"olga", "/cost-centers", object{"code": "MKT", "name": "Marketing"}, 201},
			{"olga", h.managed("/add-members"), object{"emails": []string{"new@example.org"}}, 200},
			{"uma", "/groups/" + h.code + "/join", nil, 202},
			{"mia", "/bookings", h.window(24, 3, object{"userGroupCode": h.code}), 201},
			{"uma", "/me/accept-terms-and-conditions", nil, 200},
			{"max", "/groups/" + h.code + "/leave", nil, 200},
		} {
			keyed := h.nobody.As(h.tokens[c.name]).Set("Idempotency-Key", fmt.Sprintf("key-%d", i))
			first := keyed.Post(c.path, c.body).Want(c.status)
			revision := h.DB.Published(h.CLI.Tenant.ID)
			again := keyed.Post(c.path, c.body).Want(c.status)
			if string(first.Body) != string(again.Body) || h.DB.Published(h.CLI.Tenant.ID) != revision {
				t.Errorf("%s: %s, then %s", c.path, first.Body, again.Body)
			}
		}
		book := func(length, status int) {
			t.Helper()
			h.nobody.As(h.tokens["mia"]).Set("Idempotency-Key", strings.Repeat("k", length)).Post("/bookings", h.window(48, 3, object{"userGroupCode": h.code})).Want(status)
		}
		book(128, 201)
		book(129, 400)
	})
}
