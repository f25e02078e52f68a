package opsapi_test

import (
	"fmt"
	"testing"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/store"
)

// unacceptedTerms are terms of VIE that are to count one day, and that nobody accepted.
func (h *house) unacceptedTerms() (id int64) {
	h.T.Helper()
	vie := h.Branch("VIE")
	h.Write(func(tx *store.Tx) error {
		t := care.Terms{BranchID: vie, Text: "One day.", URL: "https://example.org/day", ValidFrom: tx.Now + 3600e6*24}
		_, err := care.PutTerms(tx, &t)
		id = t.ID
		tx.Housekeeping()
		return err
	})
	return id
}

func TestTerms(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		at, vie := h.Branch("AT"), h.Branch("VIE")
		g := h.golden(h.as("admin"), "terms")
		g.Get("/terms-and-conditions").Want(200)
		first := fmt.Sprintf("/terms-and-conditions/%d", number(h.as("admin").Get("/terms-and-conditions").Want(200), "0.id"))
		g.Get(first).Want(200)
		g.Note("What was accepted changes only a little.")
		g.Put(first, object{"termsAndConditionsText": "Be kinder.", "termsAndConditionsUrl": "https://example.org/terms"}).Want(409)
		g.Put(first, object{"termsAndConditionsText": "Be kind!", "termsAndConditionsUrl": "https://example.org/terms", "minorChange": true}).Want(200)
		g.Set("If-Match", `"1"`).Put(first, object{"termsAndConditionsText": "Be.", "termsAndConditionsUrl": "https://example.org/terms", "minorChange": true}).Want(412)
		g.Delete(first).Want(409)
		g.Get(h.of("mia", "/details")).Want(200)
		g.Note("VIE has none of its own: those of AT count there, as they do in AT.")
		inForce := fmt.Sprintf("/terms-and-conditions?branchId=%d&current", vie)
		g.Get(inForce).Want(200)
		g.Get(fmt.Sprintf("/terms-and-conditions?branchId=%d", vie)).Want(200)
		g.Note("A new version: all are asked again, in VIE alone.")
		second := number(g.Post("/terms-and-conditions", object{
			"branchId": vie, "termsAndConditionsText": "In Vienna.", "termsAndConditionsUrl": "https://example.org/vie", "privacyGuidelinesText": "Private.",
		}).Want(201), "id")
		if state := h.as("admin").Get(h.of("mia", "/details")).Want(200).Text("termsAndConditionsAcceptanceState"); state != "OUTDATED" {
			t.Errorf("it is %s", state)
		}
		g.Get(inForce).Want(200)
		g.As(h.tokens["support"]).Get(first).Want(404)
		g.Delete(fmt.Sprintf("/terms-and-conditions/%d", second)).Want(204)
		g.Get(fmt.Sprintf("/terms-and-conditions/%d", second)).Want(404)
		g.Post("/terms-and-conditions", object{"branchId": at, "termsAndConditionsText": " ", "termsAndConditionsUrl": "https://example.org/x"}).Want(400)
		g.Post("/terms-and-conditions", object{"branchId": at, "termsAndConditionsText": "x", "termsAndConditionsUrl": "http://example.org/x"}).Want(400)
		g.Post("/terms-and-conditions", object{"branchId": at, "termsAndConditionsText": "x"}).Want(400)
		g.Post("/terms-and-conditions", object{"branchId": 99, "termsAndConditionsText": "x", "termsAndConditionsUrl": "https://example.org/x"}).Want(404)
		g.Get("/terms-and-conditions?branchId=99").Want(404)
		support := g.As(h.tokens["support"])
		g.Note("From VIE, those of AT are seen where they count, and others are not.")
		support.Get(inForce).Want(200)
		support.Get("/terms-and-conditions").Want(200)
		support.Get(first).Want(200)
		support.Get(fmt.Sprintf("/terms-and-conditions?branchId=%d&current", at)).Want(403)
		h.role("none", "VIE", "TERMS_READ", "TERMS_WRITE")
		none := g.As(h.tokens["none"])
		none.Put(first, object{"termsAndConditionsText": "Mine.", "termsAndConditionsUrl": "https://example.org/x"}).Want(403)
		none.Delete(first).Want(403)
		support.Post("/terms-and-conditions", object{"branchId": vie}).Want(403)
	})
}

func TestAcceptTerms(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		vie := h.Branch("VIE")
		g := h.golden(h.as("support"), "terms_accept")
		g.Post(h.of("uma", "/accept-terms-and-conditions?branchId=%d", vie), nil).Want(200)
		g.Post(h.of("uma", "/accept-terms-and-conditions"), object{}).Want(200)
		g.Post(h.of("uma", "/accept-terms-and-conditions?tacId=99"), nil).Want(404)
		g.Post(h.of("uma", "/accept-terms-and-conditions?branchId=99"), nil).Want(404)
		g.Post(h.of("uma", "/accept-terms-and-conditions?branchId=%d", h.Branch("GRZ")), nil).Want(403)
		g.Post(h.of("gus", "/accept-terms-and-conditions?branchId=%d", vie), nil).Want(404)
		graz := h.as("admin").Post("/terms-and-conditions", object{
			"branchId": h.Branch("GRZ"), "termsAndConditionsText": "In Graz.", "termsAndConditionsUrl": "https://example.org/graz",
		}).Want(201)
		g.Post(h.of("uma", "/accept-terms-and-conditions?tacId=%d", number(graz, "id")), nil).Want(400)
		h.Apply(h.CLI, "settings:\n- {key: terms.operatorAcceptanceAllowed, value: false}\n")
		g.Note("Where operators may not:")
		g.Post(h.of("ian", "/accept-terms-and-conditions"), nil).Want(403)
	})
}

func TestStartRequirements(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		at := func(query string, args ...any) string {
			return fmt.Sprintf("/rental-requirements/start?branchId=%d&vehicleCategoryId=1", h.Branch("VIE")) + fmt.Sprintf(query, args...)
		}
		g := h.golden(h.as("support"), "requirements")
		g.Note("What is asked of anybody.")
		g.Get(at("")).Want(200)
		g.Get(at("&customerId=%d", h.Person("ida"))).Want(200)
		g.Get(at("&userId=%d&userGroupId=%d&start=ACTIVE", h.Person("mia"), h.group)).Want(200)
		g.Note("A customer who is in no business account lacks a membership.")
		g.Get(at("&guserId=%d&userGroupId=%d", h.Person("ida"), h.group)).Want(200)
		g.Get(at("&customerId=%d&bookingStart=2026-03-03T10:00:00Z&bookingEnd=2026-03-03T12:00:00Z", h.Person("ida"))).Want(200)
		g.Get(at("&customerId=%d&bookingStart=2026-03-03", h.Person("ida"))).Want(400)
		g.Get(at("&customerId=%d&userId=%d", h.Person("ida"), h.Person("mia"))).Want(400)
		g.Get("/rental-requirements/start").Want(400)
		g.Get(fmt.Sprintf("/rental-requirements/start?branchId=%d&vehicleCategoryId=9", h.Branch("VIE"))).Want(400)
		g.Get("/rental-requirements/start?branchId=99&vehicleCategoryId=1").Want(404)
		g.Get(at("&customerId=%d", h.Person("gus"))).Want(404)
		g.Get(at("&userGroupId=%d", h.rexGroup)).Want(404)
		g.Get(fmt.Sprintf("/rental-requirements/start?branchId=%d&vehicleCategoryId=1", h.Branch("GRZ"))).Want(403)
	})
}
