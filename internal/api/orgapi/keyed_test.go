package orgapi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Under a key the same call answers the same bytes, and another body is refused
// with 422.
func TestIdempotencyKey(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := newField(h)
		budget := h.make("budgets", pot("Field", 100, nil), f.group)
		keyed := h.Set("Idempotency-Key", "k")
		for path, body := range map[string]object{
			"/groups": {"name": "Finance"}, "/users": {"fullName": "New", "email": "new@example.org"}, "/policies": {"name": "P"},
			"/budgets": pot("B", 1, nil), "/approval-rules": {"name": "R", "steps": by(userApprover(f.boss))},
			"/budgets/" + budget + "/spend": spent(f.ann, f.group, 60, "r"),
		} {
			first := keyed.Post(path, body).Want(201)
			again := keyed.Post(path, body).Want(201)
			if diff := cmp.Diff(string(first.Body), string(again.Body)); diff != "" || first.Header.Get("Roster-Revision") != again.Header.Get("Roster-Revision") {
				t.Errorf("%s: a replay differs: %s", path, diff)
			}
			other := object{"name": "other"}
			r := keyed.Post(path, other).Want(422)
			if r.Text("code") != "IDEMPOTENCY_KEY_REUSED" {
				t.Errorf("%s: %s", path, r.Body)
			}
		}
		if left := h.Get("/budgets/" + budget).Want(200).At("remaining.amount"); left != 40.0 {
			t.Errorf("%v remain", left)
		}
		h.Set("Idempotency-Key", "e").Post("/approval-rules/evaluate", object{"userUuid": f.ann, "spendType": "CARD", "amount": mxn(5)}).Want(200)
	})
}

// A plan tells what a call would change, in the terms of this API, and changes nothing.
func TestPlan(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, ids := loaded(t, h)
		before := states(h)
		g := h.Golden("plan").Set("Roster-Plan", "true")
		g.Post("/groups", object{"name": "Finance"}).Want(200)
		g.Patch("/groups/"+group, object{"description": "On the road"}).Want(200)
		g.Post("/users", object{"fullName": "New", "email": "new@example.org"}).Want(200)
		g.Patch("/users/"+ids["ann"], object{"role": "MANAGER"}).Want(200)
		g.Put("/groups/"+ids["other"]+"/users/"+ids["bob"], object{"role": "lead"}).Want(200)
		g.Delete("/groups/" + ids["other"] + "/users/" + ids["ann"]).Want(200)
		g.Post("/policies", object{"name": "New"}).Want(200)
		g.Delete("/policies/" + ids["policy"]).Want(200)
		g.Put("/groups/"+ids["other"]+"/policies/"+ids["policy"], nil).Want(200)
		g.Post("/budgets/"+ids["budget"]+"/spend", spent(ids["ann"], group, 5, "new")).Want(200)
		g.Patch("/approval-rules/"+ids["rule"], object{"priority": 3}).Want(200)
		g.Delete("/groups/" + group).Want(200)
		g.Note("A refusal is the ordinary error.")
		g.Post("/groups", object{"name": "field"}).Want(422)
		g.Delete("/groups/" + group + "?onReferences=refuse").Want(422)
		if diff := cmp.Diff(before, states(h)); diff != "" {
			t.Errorf("a plan changed something:\n%s", diff)
		}
		h.Get("/groups/" + group).Want(200)
	})
}
