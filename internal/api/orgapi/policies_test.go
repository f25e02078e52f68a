package orgapi_test

import (
	"strings"
	"testing"
)

func TestPolicies(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		group := h.group("Field")
		g := h.Golden("policies")
		g.Note("A new policy asks for approval always, unless the body says more.")
		g.Post("/policies", object{"name": "Bare"}).Want(201)
		made := g.Post("/policies", object{
			"name": "Field travel", "description": "On the road", "perTransactionLimit": mxn(500000),
			"periodLimit":       object{"amount": 2000000, "currency": "MXN", "period": "MONTHLY"},
			"allowedCategories": []string{}, "blockedCategories": []string{"GAMBLING"}, "blockedMerchants": []string{},
			"receiptRequiredAbove": mxn(20000), "approval": "ABOVE_LIMIT",
		}).Want(201)
		path := "/policies/" + made.Text("uuid")
		g.Note("Groups carry policies; PUT and DELETE are idempotent.")
		attached := "/groups/" + group + path
		g.Put(attached, nil).Want(204)
		g.Put(attached, nil).Want(204)
		g.Get("/groups/" + group + "/policies").Want(200)
		g.Get("/policies?groupUuid=" + group + "&status=ACTIVE").Want(200)
		g.Get("/policies?view=page&size=1").Want(200)
		g.Note("What GET gave can be sent back.")
		body := string(g.Get(path).Want(200).Body)
		g.Patch(path, body).Want(200)
		g.Note("PATCH merges; null clears.")
		g.Patch(path, object{"status": "INACTIVE", "description": nil, "perTransactionLimit": nil, "periodLimit": nil, "receiptRequiredAbove": nil, "blockedCategories": nil}).Want(200)
		g.Patch(path, object{}).Want(200)
		g.Delete(attached).Want(204)
		g.Delete(attached).Want(204)
		g.Get("/policies?groupUuid=" + group).Want(200)
		g.Delete(path).Want(204)
		g.Delete(path).Want(404)
		g.Get(path).Want(404)
	})
}

func TestPolicyErrors(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		group := h.group("Field")
		id := h.make("policies", object{"name": "Travel"}, group)
		g := h.Golden("policy_errors")
		for _, body := range []object{
			{},
			{"name": " "},
			{"name": strings.Repeat("x", 256)},
			{"name": "A", "approval": "SOMETIMES"},
			{"name": "A", "status": "ARCHIVED"},
			{"name": "A", "perTransactionLimit": object{"amount": -1, "currency": "MXN"}},
			{"name": "A", "perTransactionLimit": object{"amount": 1.5, "currency": "MXN"}},
			{"name": "A", "perTransactionLimit": object{"amount": 1, "currency": "ABC"}},
			{"name": "A", "perTransactionLimit": object{"amount": 1, "currency": "mxn"}},
			{"name": "A", "perTransactionLimit": object{"amount": 1}},
			{"name": "A", "perTransactionLimit": 5},
			{"name": "A", "periodLimit": object{"amount": 1, "currency": "MXN", "period": "ONE_TIME"}},
			{"name": "A", "allowedCategories": []string{"TRAVEL", " "}},
			{"name": "A", "allowedCategories": "TRAVEL"},
			{"name": "A", "receiptRequiredAbove": object{"amount": "7", "currency": "MXN"}},
		} {
			g.Post("/policies", body).Want(400)
		}
		g.Post("/policies", `{"name":"A","perTransactionLimit":{"amount":9223372036854775808,"currency":"MXN"}}`).Want(400)
		path := "/policies/" + id
		g.Patch(path, object{"name": nil}).Want(400)
		g.Patch(path, object{"approval": nil}).Want(400)
		g.Patch(path, object{"status": nil}).Want(400)
		g.Set("If-Match", `"0"`).Patch(path, object{"name": "B"}).Want(412)
		g.Set("If-Match", `"0"`).Delete(path).Want(412)
		g.Set("If-Match", `"0"`).Put("/groups/"+group+path, nil).Want(412)
		g.Set("If-Match", `"0"`).Delete("/groups/" + group + path).Want(412)
		for _, other := range []string{unknown(), "policy-1"} {
			g.Get("/policies/" + other).Want(404)
			g.Patch("/policies/"+other, object{}).Want(404)
			g.Delete("/policies/" + other).Want(404)
			g.Put("/groups/"+group+"/policies/"+other, nil).Want(404)
			g.Delete("/groups/" + group + "/policies/" + other).Want(404)
			g.Put("/groups/"+other+path, nil).Want(404)
			g.Get("/groups/" + other + "/policies").Want(404)
		}
		g.Get("/policies?groupUuid=field").Want(400)
		g.Get("/policies?status=DONE").Want(400)
		g.Get("/policies?groupUuid=" + unknown()).Want(200)
		h.rival.Get(path).Want(404)
		h.rival.Patch(path, object{"name": "Mine"}).Want(404)
		h.rival.Delete(path).Want(404)
		mine := h.rival.Post("/groups", object{"name": "Field"}).Want(201).Text("uuid")
		h.rival.Put("/groups/"+mine+path, nil).Want(404)
		h.rival.Get("/policies?groupUuid=" + group).Want(200)
	})
}

// What is attached is a change of the resource, so its version moves.
func TestAttachmentMovesTheVersion(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, policy := h.group("Field"), h.make("policies", object{"name": "Travel"})
		old := h.Get("/policies/" + policy).Header.Get("ETag")
		now := h.Set("If-Match", old).Put("/groups/"+group+"/policies/"+policy, nil).Want(204).Header.Get("ETag")
		if got := h.Get("/policies/" + policy).Header.Get("ETag"); got != now || now == old {
			t.Errorf("the version was %s, PUT said %s, GET says %s", old, now, got)
		}
		h.Set("If-Match", old).Patch("/policies/"+policy, object{"name": "B"}).Want(412)
	})
}

// GroupUuids are sorted, whatever the order in which they were attached.
func TestGroupUUIDsAreSorted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		groups := []string{h.group("C"), h.group("A"), h.group("B")}
		id := h.make("budgets", object{"name": "Pot", "limit": mxn(1), "period": "ONE_TIME", "startDate": "2026-01-01"}, groups[2], groups[0], groups[1])
		list := listOf(h.Get("/budgets/" + id).Want(200).At("groupUuids"))
		if len(list) != 3 || textOf(list[0]) > textOf(list[1]) || textOf(list[1]) > textOf(list[2]) {
			t.Errorf("the groups are %v", list)
		}
	})
}
