package userapi_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

func TestRequirements(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.ida, "requirements")
		g.Note("A bike of my own account, and a car.")
		g.Get("/rentals/requirements?vehicleCode=B-1").Want(200)
		g.Get(fmt.Sprintf("/rentals/requirements?branchId=%d&vehicleCategoryId=2&start=ACTIVE&lat=48.2&lng=16.37", h.Branch("VIE"))).Want(200)
		g.Note("A booking.")
		g.Get(fmt.Sprintf("/rentals/requirements?branchId=%d&vehicleCategoryId=1&bookingStart=2026-03-03T10:00:00Z&bookingEnd=2026-03-03T12:00:00Z", h.Branch("VIE"))).Want(200)
		g.Note("On a group's account others count: what is asked of my payment is not, the group's is.")
		m := h.as(g, "mia")
		m.Get("/rentals/requirements?vehicleId=1").Want(200)
		m.Get("/rentals/requirements?vehicleId=1&type=BUSINESS&businessReason=Fair&userGroupCode=" + h.code).Want(200)
		m.Get(fmt.Sprintf("/rentals/requirements?vehicleId=1&costCenterId=99&userGroupId=%d", h.group)).Want(200)

		g.Note("What makes no sense:")
		g.Get("/rentals/requirements").Want(400)
		g.Get("/rentals/requirements?vehicleId=1&vehicleCode=B-1").Want(400)
		g.Get("/rentals/requirements?branchId=2").Want(400)
		g.Get("/rentals/requirements?vehicleId=one").Want(400)
		g.Get("/rentals/requirements?vehicleId=1&lat=48.2").Want(400)
		g.Get("/rentals/requirements?vehicleId=1&lat=148.2&lng=0").Want(400)
		g.Get("/rentals/requirements?vehicleId=1&bookingStart=2026-03-03").Want(400)
		g.Get("/rentals/requirements?vehicleId=1&bookingStart=2026-03-03T10:00:00Z").Want(400)
		g.Get("/rentals/requirements?vehicleId=1&type=BUSINESS").Want(400)
		g.Get("/rentals/requirements?vehicleId=1&type=PERSONAL&userGroupCode=" + h.code).Want(400)
		g.Get("/rentals/requirements?branchId=2&vehicleCategoryId=99").Want(400)
		g.Note("What is not there, or not mine:")
		g.Get("/rentals/requirements?vehicleCode=NONE").Want(404)
		g.Get("/rentals/requirements?branchId=99&vehicleCategoryId=1").Want(404)
		g.Get("/rentals/requirements?vehicleId=1&userGroupCode=" + h.code).Want(404)
		g.Get(fmt.Sprintf("/rentals/requirements?vehicleId=1&userGroupId=%d", h.group)).Want(404)
	})
}

// The check and the creation of a rental or booking are one rule: creation is refused
// if, and only if, the check is not fulfilled, and it names the same that is missing
// (contract §10.9).
func TestRequirementsAreTheRuleOfCreation(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		center := h.costCenter("MKT")
		h.mia.Post("/me/payment-sources", object{"type": "SEPA"}).Want(201)
		worlds := []struct {
			name   string
			change func()
		}{
			{"as it is", func() {}},
			{"a cost center is needed", func() { h.edit(func(a *business.Account) { a.Settings.RequireCostCenter = true }) }},
			{"a reason is needed", func() { h.edit(func(a *business.Account) { a.Settings.RequireBusinessReason = true }) }},
			{"the license has no B", func() { h.license("mia", "A") }},
			{"the group does not mind", func() { h.edit(func(a *business.Account) { a.Settings.IgnoreBCategory = true }) }},
			{"no requirements in the group", func() { h.edit(func(a *business.Account) { a.CheckRentalRequirements = false }) }},
			{"graz alone", func() { h.edit(func(a *business.Account) { a.AllowedBranchIDs = []int64{h.Branch("GRZ")} }) }},
			{"the group is blocked", func() { h.edit(func(a *business.Account) { a.BlockState = business.Blocked }) }},
			{"suspended", func() { h.editMember("mia", func(m *business.Member) { m.State = business.MemberInactive }) }},
			{"new terms", func() { h.Apply(h.CLI, newTerms) }},
		}
		differ := false
		for _, w := range worlds {
			w.change()
			for _, vehicle := range []string{"B-1", "C-1", "B-3"} {
				personal := h.judge(t, w.name, vehicle, url.Values{})
				group := h.judge(t, w.name, vehicle, url.Values{"userGroupCode": {h.code}})
				full := h.judge(t, w.name, vehicle, url.Values{
					"userGroupCode": {h.code}, "costCenterId": {fmt.Sprint(center)}, "businessReason": {"Fair"},
				})
				differ = differ || !slices.Equal(personal, group) && !slices.Equal(group, full)
			}
		}
		if !differ {
			t.Error("personal and business rentals were always asked the same")
		}
	})
}

const newTerms = "terms:\n- {branch: AT, termsAndConditionsText: Be kinder., termsAndConditionsUrl: \"https://example.org/terms\"}\n"

// license gives a rider's license other categories.
func (h *house) license(name string, categories ...string) {
	h.T.Helper()
	h.Write(func(tx *store.Tx) error {
		_, err := identity.UpdateCustomer(tx, h.Person(name), nil, func(c *identity.Customer) error {
			c.LicenseCategories = categories
			return nil
		})
		return err
	})
}

// judge asks for requirements, plans the rental that they are about, and returns what
// is not fulfilled.
func (h *house) judge(t *testing.T, world, vehicle string, q url.Values) []string {
	t.Helper()
	body := object{"vehicleCode": vehicle}
	for key := range q {
		body[key] = q.Get(key)
		if key == "costCenterId" {
			body[key] = float64(number(h.olga.Get("/cost-centers").Want(200), "0.id"))
		}
	}
	q.Set("vehicleCode", vehicle)
	type told struct {
		Fulfilled    bool
		ErrorCode    string
		Requirements []struct {
			Code, ErrorCode string
			Fulfilled       bool
		}
		Details struct {
			Requirements []struct{ Code, ErrorCode string }
		}
	}
	var check, refusal told
	h.mia.Get("/rentals/requirements?" + q.Encode()).Want(200).Into(&check)
	var missing, refused []string
	codes := map[string]bool{}
	for _, r := range check.Requirements {
		if !r.Fulfilled {
			missing = append(missing, r.Code)
			codes[r.ErrorCode] = true
		}
	}
	made := h.mia.Set("Roster-Plan", "true").Post("/rentals", body)
	if made.Status != 200 {
		made.Into(&refusal)
	}
	for _, r := range refusal.Details.Requirements {
		refused = append(refused, r.Code)
	}
	switch {
	case check.Fulfilled != (len(missing) == 0) || check.Fulfilled != (made.Status == 200) || !slices.Equal(missing, refused):
		t.Errorf("%s, %s: the check lacks %v, creation answers %d, %v", world, q.Encode(), missing, made.Status, refused)
	case len(missing) == 1 && !codes[refusal.ErrorCode], len(missing) > 1 && refusal.ErrorCode != "R903" && !codes[refusal.ErrorCode]:
		t.Errorf("%s, %s: creation is refused with %s for %v", world, q.Encode(), refusal.ErrorCode, missing)
	}
	return missing
}

// Without requirements in the group, a rider who is blocked or has not accepted the
// terms is refused all the same (contract §10.10).
func TestHardRequirementsStay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.edit(func(a *business.Account) { a.CheckRentalRequirements = false })
		rent := object{"vehicleCode": "C-1", "userGroupCode": h.code}
		h.max.Set("Roster-Plan", "true").Post("/rentals", rent).Want(200)
		h.Apply(h.CLI, newTerms)
		if code := h.max.Post("/rentals", rent).Want(400).Text("errorCode"); code != "U690" {
			t.Errorf("new terms: %s", code)
		}
		h.max.Post("/me/accept-terms-and-conditions", nil).Want(200)
		h.max.Set("Roster-Plan", "true").Post("/rentals", rent).Want(200)
		h.block("max")
		if code := h.max.Post("/rentals", rent).Want(403).Text("errorCode"); code != "U131" {
			t.Errorf("blocked: %s", code)
		}
	})
}
