package opsapi_test

import (
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/store"
)

func TestGroups(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden(h.as("admin"), "groups")
		vie, at, grz := h.Branch("VIE"), h.Branch("AT"), h.Branch("GRZ")
		g.Note("An account with an owner, a code and finance's fields.")
		made := g.Post("/groups", object{
			"name": "Ida's", "branchId": vie, "code": "ada222", "ownerId": h.Person("ida"), "billingCycle": "WEEKLY", "paymentState": "INVOICING",
			"defaultBusinessUnitId": h.unit("at"), "allowedBranchIds": []int64{vie}, "companyName": "Ida Ltd", "customProperties": object{"erp": "7"},
			"settings": object{"joinPolicy": "CLOSED", "shouldIgnoreBCategoryRentalRequirement": true},
		}).Want(201)
		id := number(made, "id")
		g.Get(on(id, "")).Want(200)
		g.Patch(on(id, ""), object{"state": "INACTIVE", "blockState": "BLOCKED", "companyName": nil, "checkRentalRequirements": false, "customProperties": object{"erp": nil}}).Want(200)
		g.Put(on(id, "/tags"), object{"tags": []string{" VIP ", "vip", "Fleet"}}).Want(200)
		g.Put(on(id, "/tags?branchId=%d", at), []string{}).Want(200)
		g.Note("Lists: of a branch and those below, or of it alone; narrowed.")
		g.Get("/groups?branchId=" + text(at) + "&sort=name,asc&size=2").Want(200)
		for query, want := range map[string]int{
			"": 3, "&includeChildBranches=false": 0, "&name=CM": 1, "&code=ADA222": 1, "&code=ada22": 0, "&searchText=ada2": 1, "&state=INACTIVE": 1,
			"&state=ACTIVE&state=INACTIVE": 3, "&paymentState=NONE": 0, "&tag=vip": 0, "&page=7": 0,
		} {
			if n := h.as("admin").Get("/groups?branchId=" + text(at) + query).Want(200).Len(""); n != want {
				t.Errorf("%s lists %d, want %d", query, n, want)
			}
		}
		if n := h.as("admin").Get("/groups?branchId=" + text(grz)).Want(200).Len(""); n != 1 {
			t.Errorf("GRZ lists %d", n)
		}
		g.Note("Refusals.")
		g.Get("/groups").Want(400)
		g.Get("/groups?branchId=999").Want(404)
		g.Post("/groups", object{"name": "X"}).Want(400)
		g.Post("/groups", object{"name": "X", "branchId": 999}).Want(404)
		g.Post("/groups", object{"name": "acme", "branchId": vie}).Want(409)
		g.Post("/groups", object{"name": "X", "branchId": vie, "code": "ADA222"}).Want(409)
		g.Post("/groups", object{"name": "X", "branchId": vie, "code": "0"}).Want(400)
		g.Post("/groups", object{"name": "X", "branchId": vie, "ownerId": 999}).Want(404)
		g.Post("/groups", object{"name": "X", "branchId": vie, "ownerId": h.Person("mia")}).Want(409)
		g.Post("/groups", object{"name": "X", "branchId": vie, "defaultBusinessUnitId": 999}).Want(404)
		g.Post("/groups", object{"name": "X", "branchId": vie, "paymentState": "SOURCE_ADDED"}).Want(400)
		g.Patch(on(id, ""), object{"state": "DELETED"}).Want(400)
		g.Patch(on(id, ""), object{"billingCycle": nil}).Want(400)
		g.Patch(on(id, ""), object{"defaultCostCenterId": 999}).Want(400)
		g.Patch(on(999, ""), object{"name": "X"}).Want(404)
		g.Set("If-Match", `"1"`).Patch(on(id, ""), object{"name": "X"}).Want(412)
		g.Put(on(id, "/tags"), object{"tags": []string{" "}}).Want(400)
		g.Put(on(id, "/tags"), object{"labels": []string{"x"}}).Want(400)
		g.Note("What was got can be put back.")
		h.as("admin").Patch(on(id, ""), string(h.as("admin").Get(on(id, "")).Body)).Want(200)
		g.Delete(on(id, "")).Want(204)
		g.Get(on(id, "")).Want(404)
		if a := h.as("admin").Get("/groups?branchId=" + text(vie)).Want(200); a.Len("") != 1 {
			t.Errorf("a deleted account is listed: %s", a.Body)
		}
	})
}

func text(id int64) string { return on(id, "")[len("/groups/"):] }

// Finance writes how an account pays, and nothing else; whoever writes accounts does
// not write that without finance's permission (decision 10).
func TestFinance(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden(h.as("accounting"), "finance")
		g.Patch(on(h.group, ""), object{"paymentState": "NONE", "billingCycle": "DAILY"}).Want(200)
		g.Patch(on(h.group, ""), object{"paymentState": "INVOICING"}).Want(200)
		g.Patch(on(h.group, ""), object{"billingCycle": "WEEKLY", "name": "Mine"}).Want(403)
		g.Patch(on(h.group, ""), object{}).Want(200)
		h.role("none", "AT", "USER_GROUP_READ", "USER_GROUP_WRITE")
		g = g.As(h.tokens["none"])
		g.Note("As who writes accounts, but not bills:")
		g.Patch(on(h.group, ""), object{"paymentState": "NONE"}).Want(403)
		g.Patch(on(h.group, ""), object{"billingCycle": "DAILY"}).Want(403)
		g.Post("/groups", object{"name": "X", "branchId": h.Branch("VIE"), "billingCycle": "DAILY"}).Want(403)
		h.as("none").Patch(on(h.group, ""), object{"name": "Renamed"}).Want(200)
	})
}

// An account changes hands in one write; there is never a second owner, nor an owner
// who is somewhere else.
func TestOwnership(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.as("admin")
		roles := func() map[int64]any {
			all := map[int64]any{}
			a := admin.Get(on(h.group, "/members")).Want(200)
			for i := range a.Len("") {
				all[number(a, index(i, "userId"))] = a.At(index(i, "role"))
			}
			return all
		}
		olga, mia, ida := h.Person("olga"), h.Person("mia"), h.Person("ida")
		admin.Put(on(h.group, "/members/%d", mia), object{"role": "MEMBER", "state": "INACTIVE"}).Want(200)
		if a := admin.Patch(on(h.group, ""), object{"ownerId": mia}).Want(200); number(a, "ownerId") != mia || number(a, "membersCount") != 4 {
			t.Errorf("%s", a.Body)
		}
		if r := roles(); r[mia] != "OWNER" || r[olga] != "ADMIN" {
			t.Errorf("a member became the owner: %v", r)
		}
		if a := admin.Patch(on(h.group, ""), object{"ownerId": ida}).Want(200); number(a, "ownerId") != ida || number(a, "membersCount") != 5 {
			t.Errorf("%s", a.Body)
		}
		if a := admin.Patch(on(h.group, ""), object{"ownerId": nil}).Want(200); a.At("owner") != nil {
			t.Errorf("%s", a.Body)
		}
		if r := roles(); r[mia] != "ADMIN" || r[ida] != "ADMIN" {
			t.Errorf("without an owner: %v", r)
		}
		g := h.golden(admin, "ownership")
		g.Note("Somebody who is in another account.")
		g.Patch(on(h.group, ""), object{"ownerId": h.Person("rex")}).Want(409)
		g.Note("Nobody.")
		g.Patch(on(h.group, ""), object{"ownerId": 999}).Want(404)
		h.block("ian")
		g.Note("Somebody who is blocked.")
		g.Patch(on(h.group, ""), object{"ownerId": h.Person("ian"), "name": "Other"}).Want(400)
		if a := admin.Get(on(h.group, "")); a.Text("name") != "Acme" {
			t.Error("half of a refused change was made")
		}
	})
}

// A business unit becomes an account's default, or is deleted: never both.
func TestUnitRace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.as("admin")
		for range 6 {
			unit := number(admin.Post("/business-units", object{"name": "Race", "code": "race", "currency": "EUR", "taxPercentage": 20}).Want(201), "id")
			var taken, gone int
			var both sync.WaitGroup
			both.Go(func() { taken = admin.Patch(on(h.group, ""), object{"defaultBusinessUnitId": unit}).Status })
			both.Go(func() { gone = admin.Delete("/business-units/" + text(unit)).Status })
			both.Wait()
			if (taken != 200 || gone != 409) && (taken != 404 || gone != 204) {
				t.Fatalf("taken %d, deleted %d", taken, gone)
			}
			if gone == 409 {
				admin.Put("/business-units/"+text(unit), object{"name": "Race", "code": "race-" + text(unit), "currency": "EUR", "taxPercentage": 20}).Want(200)
			}
		}
	})
}

// A group with something open is not deleted.
func TestDeleteOpen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Business.SetGuard(business.Guard{OpenOfGroup: func(*store.Tx, int64) (bool, error) { return true, nil }})
		if a := h.as("admin").Delete(on(h.group, "")).Want(409); a.Text("errorCode") != "UG911" {
			t.Errorf("%s", a.Body)
		}
	})
}

// The sums are those of the user API, which tests them; here is who sees them, and
// whose payment sources show.
func TestGroupBilling(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.source(h.group)
		g := h.golden(h.as("accounting"), "group_billing")
		g.Get(on(h.group, "/billing-summary?from=2026-03-01&to=2026-04-01")).Want(200)
		g.Get(on(h.group, "/billing-summary?to=2026-04-01")).Want(400)
		g.Get(on(h.group, "/billing-summary?costCenterId=999")).Want(400)
		g.Get(on(h.group, "/payment-sources?sort=id,asc")).Want(200)
		g.Get(on(h.group, "/payment-sources?branchId=999")).Want(404)
		g = g.As(h.tokens["support"])
		g.Note("As the support of VIE, which sees what is VIE's:")
		g.Get(on(h.group, "/payment-sources")).Want(200)
		g.Get(on(h.group, "/payment-sources?branchId=%d", h.Branch("GRZ"))).Want(403)
		h.role("none", "GRZ", "PAYMENT_SOURCE_READ")
		h.role("none", "VIE", "USER_GROUP_READ")
		g = g.As(h.tokens["none"])
		g.Note("As who sees the account, but payment sources elsewhere:")
		g.Get(on(h.group, "/payment-sources")).Want(200)
	})
}
