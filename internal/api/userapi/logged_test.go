package userapi_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/api/apitest"
	"github.com/rosterhq/roster/internal/roster"
)

// Every call that changes something is in the log, by the rider who made it.
func TestEveryWriteIsLogged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.set("signup.fee", `"9.90"`)
		walk := apitest.NewWalk(t, h.DB, h.server, h.CLI.Tenant, base)
		// made makes a call and returns the id in its answer; logs is among what it logs.
		made := func(name, logs, method, path string, body any) int64 {
			t.Helper()
			text := ""
			if body != nil {
				b, err := json.Marshal(body)
				if err != nil {
					t.Fatal(err)
				}
				text = string(b)
			}
			actor, err := h.Identity.Authenticate(t.Context(), h.tokens[name])
			if err != nil {
				t.Fatal(err)
			}
			var operations []string
			for _, c := range walk.Make(method, path, h.tokens[name], text) {
				operations = append(operations, c.Operation)
				if c.Actor != actor.ID || c.PersonID != h.Person(name) || c.Impersonated != 0 || c.API != roster.UserAPI {
					t.Errorf("%s %s by %s: %s is logged of %s, person %d, for %d, by %s", method, path, name, c.Operation, c.Actor, c.PersonID, c.Impersonated, c.API)
				}
			}
			if !slices.Contains(operations, logs) {
				t.Errorf("%s %s logs %v, want %s", method, path, operations, logs)
			}
			var answer struct {
				ID      int64
				Request struct{ ID int64 }
			}
			_ = json.Unmarshal([]byte(walk.Answer()), &answer) // 0 where it has none
			return max(answer.ID, answer.Request.ID)
		}

		// Groups, and who is in them.
		made("olga", "account.update", "PATCH", h.managed(""), object{"companyName": "Acme Ltd"})
		made("olga", "request.create", "POST", h.managed("/add-members"), object{"emails": []string{"ida@example.org"}})
		invited := number(h.ida.Get("/groups/requests").Want(200), "0.id")
		made("ida", "member.add", "PATCH", fmt.Sprintf("/groups/requests/%d", invited), object{"state": "ACCEPTED"})
		made("ida", "member.remove", "POST", "/groups/"+h.code+"/leave", nil)
		own := made("ida", "account.create", "POST", "/groups-management", object{"name": "Ida"})
		asked := made("uma", "request.create", "POST", "/groups/"+h.code+"/join", nil)
		made("olga", "request.update", "PATCH", h.managed("/requests/%d", asked), object{"state": "DECLINED"})
		max := h.managed("/members/%d", h.Person("max"))
		made("olga", "member.update", "PATCH", h.managed("/%s", h.memberCode("max")), object{"employeeNumber": "E-1"})
		made("olga", "member.update", "PATCH", max, object{"employeeNumber": "E-2"})
		made("olga", "member.update", "PUT", max, object{"employeeNumber": "E-3"})
		center := fmt.Sprintf("/cost-centers/%d", made("olga", "cost_center.create", "POST", "/cost-centers", object{"code": "MKT", "name": "Marketing"}))
		made("olga", "cost_center.update", "PATCH", center, object{"name": "Brand"})
		made("olga", "cost_center.delete", "DELETE", center, nil)

		// What people pay with, and who they are.
		source := made("olga", "payment_source.create", "POST", h.managed("/payment-sources"), object{"type": "SEPA"})
		made("olga", "payment_source.update", "DELETE", h.managed("/payment-sources/%d", source), nil)
		card := made("ida", "payment_source.create", "POST", "/me/payment-sources", object{"type": "CREDIT_CARD"})
		made("ida", "customer.update", "PATCH", "/me", object{"firstName": "Ada"})
		made("ida", "charge.post", "POST", "/me/signup-package", nil)
		made("ida", "verification.create", "POST", "/me/verifications", object{"kind": "LICENSE"})
		made("uma", "terms.accept", "POST", "/me/accept-terms-and-conditions", nil)

		// Rides and bookings.
		ride := made("ida", "rental.create", "POST", "/rentals", object{"vehicleCode": "B-1"})
		made("ida", "rental.start", "POST", fmt.Sprintf("/rentals/%d/start", ride), nil)
		h.Clock.Forward(time.Minute)
		made("ida", "rental.end", "POST", fmt.Sprintf("/rentals/%d/end", ride), nil)
		ride = made("ida", "rental.create", "POST", "/rentals", object{"vehicleCode": "B-1"})
		made("ida", "rental.cancel", "POST", fmt.Sprintf("/rentals/%d/cancel", ride), nil)
		h.olga.Patch(h.managed(""), object{"settings": object{"requireBookingApproval": true}}).Want(200)
		for what, by := range map[string]string{"approve": "olga", "decline": "olga", "cancel": "mia"} {
			b := made("mia", "booking.create", "POST", "/bookings", h.window(24, 3, object{"userGroupCode": h.code}))
			made(by, "booking."+what, "POST", fmt.Sprintf("/bookings/%d/%s", b, what), nil)
		}

		made("ida", "payment_source.update", "DELETE", fmt.Sprintf("/me/payment-sources/%d", card), nil)
		made("ida", "account.delete", "DELETE", fmt.Sprintf("/groups-management/%d", own), nil)
		walk.Complete()
	})
}
