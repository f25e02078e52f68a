package directoryapi_test

import (
	"fmt"
	"testing"
)

func TestIdempotencyKey(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, ann := h.group("g"), h.account("ann")
		for i, c := range []struct {
			path        string
			body, other object
			status      int
		}{
			{"/groups", object{"name": "n"}, object{"name": "m"}, 201},
			{"/accounts", object{"name": "bob", "email": "bob@example.org"}, object{"name": "cid", "email": "cid@example.org"}, 201},
			{"/groups/" + group + "/members", ref(ann), object{"account_id": "acc-1"}, 201},
			{"/groups/" + group + "/members/batch", object{"remove": []object{ref(ann)}}, object{"add": []object{ref(ann)}}, 200},
		} {
			keyed := h.Set("Idempotency-Key", fmt.Sprint("key ", i))
			first := keyed.Post(c.path, c.body).Want(c.status)
			if first.Header.Get("Location") == "" && c.status == 201 {
				t.Errorf("%s has no Location", c.path)
			}
			revision := h.Get("/groups").Header.Get("Roster-Revision")
			again := keyed.Post(c.path, c.body).Want(c.status)
			for _, name := range []string{"Location", "Etag", "Roster-Revision", "Content-Type"} {
				if again.Header.Get(name) != first.Header.Get(name) {
					t.Errorf("%s: %s is %q, was %q", c.path, name, again.Header.Get(name), first.Header.Get(name))
				}
			}
			if string(again.Body) != string(first.Body) || h.Get("/groups").Header.Get("Roster-Revision") != revision {
				t.Errorf("%s: %s, was %s", c.path, again.Body, first.Body)
			}
			if r := keyed.Post(c.path, c.other).Want(409); r.At("error.code") != "CONFLICT" {
				t.Errorf("%s", r.Body)
			}
		}
		// A refusal is judged anew.
		keyed := h.Set("Idempotency-Key", "late")
		keyed.Post("/groups/"+group+"/members", object{"group_id": group}).Want(409)
		keyed.Post("/groups/"+group+"/members", ref(ann)).Want(201)
		h.reader.Set("Idempotency-Key", "key 0").Post("/groups", object{"name": "n"}).Want(403)
		// Another tenant's key is another key.
		if id := h.rival.Set("Idempotency-Key", "key 0").Post("/groups", object{"name": "n"}).Want(201).Text("id"); h.rival.Get("/groups/"+id).Status != 200 {
			t.Errorf("%s is not rival's", id)
		}
	})
}

func TestPlan(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		outer, group, ann := h.group("outer"), h.group("g"), h.account("ann")
		h.add(outer, group)
		h.add(group, ann)
		plan := h.Set("Roster-Plan", "true")
		before := h.Get("/changes?limit=200")
		for _, c := range []struct {
			method, path, body string
			operations         []string
		}{
			{"POST", "/groups", `{"name":"n"}`, []string{"group.create"}},
			{"PUT", "/groups/" + group, `{"name":"n"}`, []string{"group.update"}},
			{"PUT", "/groups/" + group, `{}`, nil},
			{"DELETE", "/groups/" + group, "", []string{"group.delete"}},
			{"POST", "/accounts", `{"name":"n","email":"n@example.org"}`, []string{"person.create"}},
			{"PUT", "/accounts/" + ann, `{"department":"D"}`, []string{"person.update"}},
			{"DELETE", "/accounts/" + ann, "", []string{"person.delete"}},
			{"POST", "/groups/" + outer + "/members", `{"account_id":"` + ann + `"}`, []string{"membership.add"}},
			{"PATCH", "/groups/" + group + "/members/" + ann, `{"expires_at":"2027-01-01T00:00:00Z"}`, []string{"membership.update"}},
			{"DELETE", "/groups/" + group + "/members/" + ann, "", []string{"membership.remove"}},
			{"POST", "/groups/" + outer + "/members/batch", `{"add":[{"account_id":"` + ann + `"}],"remove":[{"group_id":"` + group + `"}]}`, []string{"membership.remove", "membership.add"}},
		} {
			r := plan.Do(c.method, c.path, c.body).Want(200)
			var got struct {
				Plan struct {
					Revision int64   `json:"revision"`
					Changes  []entry `json:"changes"`
				} `json:"plan"`
			}
			r.Into(&got)
			if len(got.Plan.Changes) != len(c.operations) {
				t.Errorf("%s %s: %s, want %q", c.method, c.path, r.Body, c.operations)
				continue
			}
			for i, change := range got.Plan.Changes {
				if change.Operation != c.operations[i] || change.Subject.ID == "" || change.Revision != got.Plan.Revision || change.Before == nil && change.After == nil {
					t.Errorf("%s %s: %s", c.method, c.path, r.Body)
				}
			}
		}
		for _, c := range []struct {
			method, path, body string
			status             int
		}{
			{"POST", "/groups", `{"name":" "}`, 400}, {"PUT", "/groups/grp-99999", `{"name":"n"}`, 404},
			{"POST", "/groups/" + group + "/members", `{"group_id":"` + outer + `"}`, 409},
			{"POST", "/groups/" + group + "/members/batch", `{"add":[{"account_id":"` + ann + `"}],"atomic":true}`, 409},
		} {
			plan.Do(c.method, c.path, c.body).Want(c.status)
		}
		h.reader.Set("Roster-Plan", "true").Post("/groups", `{"name":"n"}`).Want(403)
		h.Set("Roster-Plan", "perhaps").Post("/groups", `{"name":"n"}`).Want(400)
		if after := h.Get("/changes?limit=200"); string(after.Body) != string(before.Body) {
			t.Errorf("a plan changed %s to %s", before.Body, after.Body)
		}
		// What only reads answers as ever.
		checks := object{"checks": []object{{"group_id": outer, "account_id": ann}}}
		if r := plan.Set("Idempotency-Key", "k").Post("/groups/check", checks).Want(200); r.At("results.0.member") != true {
			t.Errorf("%s", r.Body)
		}
	})
}
