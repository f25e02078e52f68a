package directoryapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/store/storetest"
)

// Each conversation shows an area of the API as a caller meets it: the bytes of
// every answer, success and each code of error.
func TestConversations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		c := newClock()
		n := newNode(t, database, c.now, noLimits)
		for name, talk := range map[string]func(h *house){
			"groups": talkOfGroups, "accounts": talkOfAccounts, "members": talkOfMembers, "nesting": talkOfNesting,
			"checks": talkOfChecks, "batch": talkOfBatches, "history": talkOfHistory, "plan": talkOfPlans, "errors": talkOfErrors,
		} {
			t.Run(name, func(t *testing.T) {
				h := furnish(t, n, c, name, name+"-rival")
				h.Client = h.Golden(name)
				talk(h)
			})
		}
	})
}

func talkOfGroups(h *house) {
	id := h.Post("/groups", `{"name":"Finance Team","description":"Finance department members","group_type":"security","is_privileged":false}`).Want(201).Text("id")
	h.Post("/groups", `{"name":"Engineering Team"}`).Want(201)
	h.Note("A list has the seven documented fields, and goes on behind its endCursor.")
	h.Hide(`AWdyb3Vwc[A-Za-z0-9_-]+`, "cursor")
	next := h.Get("/groups?limit=1").Want(200).Text("pageInfo.endCursor")
	h.Get("/groups?limit=1&after=" + next).Want(200)
	h.Get("/groups?search=TEAM&limit=200").Want(200)
	h.Get("/groups?search=nobody").Want(200)
	h.Get("/groups/" + id).Want(200)
	h.Note("Only the fields to update; null empties the description.")
	h.Put("/groups/"+id, `{"name":"Finance","description":null}`).Want(200)
	h.Put("/groups/"+id, `{}`).Want(200)
	h.Put("/groups/"+id, `{"name":null,"group_type":null}`).Want(400)
	h.Set("If-Match", `"1"`).Put("/groups/"+id, `{"name":"x"}`).Want(412)
	h.Delete("/groups/" + id).Want(204)
	h.Delete("/groups/" + id).Want(404)
	h.Put("/groups/"+id, `{"name":"x"}`).Want(404)
}

func talkOfAccounts(h *house) {
	id := h.Post("/accounts", `{"name":"john.doe","email":"john.doe@company.com","display_name":"John Doe","department":"Engineering","data_source_id":"ds-1"}`).Want(201).Text("id")
	h.Post("/accounts", `{"name":"john.doe","email":"other@company.com","data_source_id":"ds-1"}`).Want(409)
	h.Post("/accounts", `{"name":"jane.doe","email":"John.Doe@company.com"}`).Want(409)
	h.Post("/accounts", `{"name":"","email":"nobody"}`).Want(400)
	h.Hide(`AWFjY291bnRz[A-Za-z0-9_-]+`, "cursor")
	h.Get("/accounts?search=doe&department=Engineering&data_source_id=ds-1").Want(200)
	h.Get("/accounts/" + id).Want(200)
	h.Put("/accounts/"+id, `{"status":"disabled","department":null}`).Want(200)
	group := h.Post("/groups", `{"name":"Engineering Team"}`).Want(201).Text("id")
	h.Post("/groups/"+group+"/members", ref(id)).Want(201)
	h.Get("/accounts/" + id + "/groups").Want(200)
	h.Delete("/accounts/" + id).Want(204)
	h.Get("/accounts/" + id).Want(404)
}

func talkOfMembers(h *house) {
	outer, inner, ann, bob := h.group("Everybody"), h.group("Team"), h.account("ann"), h.account("bob")
	members := "/groups/" + outer + "/members"
	h.Post(members, ref(ann)).Want(201)
	h.Post(members, ref(inner)).Want(201)
	h.Post("/groups/"+inner+"/members", object{"account_id": bob, "starts_at": "2026-01-01T00:00:00Z", "expires_at": "2026-12-31T23:59:59.5Z"}).Want(201)
	h.Get(members).Want(200)
	h.Get(members + "?membership_type=indirect&via=true").Want(200)
	h.Get("/groups/" + inner + "/members").Want(200)
	h.Note("A second membership, none at all, both, and nobody.")
	h.Post(members, ref(ann)).Want(409)
	h.Post(members, `{}`).Want(400)
	h.Post(members, object{"account_id": bob, "group_id": inner}).Want(400)
	h.Post(members, `{"account_id":"acc-99999"}`).Want(404)
	h.Patch("/groups/"+inner+"/members/"+bob, `{"expires_at":null}`).Want(200)
	h.Patch("/groups/"+inner+"/members/"+bob, `{"expires_at":"2025-01-01T00:00:00Z"}`).Want(400)
	h.Note("An indirect membership is not there to remove.")
	h.Delete(members + "/" + bob).Want(404)
	h.Delete(members + "/" + ann).Want(204)
}

func talkOfNesting(h *house) {
	a, b, c := h.group("a"), h.group("b"), h.group("c")
	h.add(a, b)
	h.add(b, c)
	h.Get("/groups/" + a + "/groups").Want(200)
	h.Get("/groups/" + c + "/parents").Want(200)
	h.Post("/groups/"+c+"/members", ref(a)).Want(409)
	h.Post("/groups/"+a+"/members", ref(a)).Want(409)
	h.Note("A diamond is no cycle.")
	h.Post("/groups/"+a+"/members", ref(c)).Want(201)
}

func talkOfChecks(h *house) {
	a, b, ann, bob := h.group("a"), h.group("b"), h.account("ann"), h.account("bob")
	h.add(a, b)
	h.add(b, ann)
	h.Get("/groups/" + a + "/check?account_id=" + ann).Want(200)
	h.Get("/groups/" + b + "/check?account_id=" + ann).Want(200)
	h.Get("/groups/" + a + "/check?account_id=" + bob).Want(200)
	h.Get("/groups/" + a + "/check").Want(400)
	h.Get("/groups/" + a + "/check?account_id=acc-99999").Want(404)
	h.Post("/groups/check", object{"checks": []object{{"group_id": a, "account_id": ann}, {"group_id": b, "account_id": bob}, {"group_id": "x", "account_id": "y"}}}).Want(200)
	h.Post("/groups/check", `{"checks":[]}`).Want(400)
}

func talkOfBatches(h *house) {
	group, ann, bob, cid := h.group("a"), h.account("ann"), h.account("bob"), h.account("cid")
	h.add(group, ann, bob)
	path := "/groups/" + group + "/members/batch"
	h.Post(path, object{"add": []object{ref(cid), ref(bob), ref(group)}, "remove": []object{ref(ann)}, "atomic": true}).Want(409)
	h.Post(path, object{"add": []object{ref(cid), ref(bob), ref(group)}, "remove": []object{ref(ann)}}).Want(200)
	h.Post(path, `{}`).Want(400)
}

func talkOfHistory(h *house) {
	group, ann := h.group("a"), h.account("ann")
	h.add(group, ann)
	h.Put("/groups/"+group, `{"name":"b"}`).Want(200)
	h.Put("/accounts/"+ann, `{"department":"D"}`).Want(200)
	h.Hide(`"through": \d+`, "through")
	h.Hide(`\b\d+\.\d+\b`, "place")
	h.Hide(`token:\d+`, "actor")
	h.Get("/groups/" + group + "/history").Want(200)
	h.Delete("/groups/" + group).Want(204)
	h.Note("The end of a group or of an account is one change: it ends its memberships.")
	h.Get("/changes").Want(200)
	h.Get("/changes?after=yesterday").Want(400)
	h.Get("/groups/grp-99999/history").Want(404)
}

func talkOfPlans(h *house) {
	group, ann := h.group("a"), h.account("ann")
	h.Hide(`token:\d+`, "actor")
	plan := h.Set("Roster-Plan", "true")
	plan.Post("/groups/"+group+"/members", ref(ann)).Want(200)
	plan.Post("/groups/"+group+"/members", ref(group)).Want(409)
	h.Get("/groups/" + group).Want(200)
	h.Note("The same key and body get the same answer; another body is refused.")
	keyed := h.Set("Idempotency-Key", "add ann")
	keyed.Post("/groups/"+group+"/members", ref(ann)).Want(201)
	keyed.Post("/groups/"+group+"/members", ref(ann)).Want(201)
	keyed.Post("/groups/"+group+"/members", ref(group)).Want(409)
}

func talkOfErrors(h *house) {
	h.As("").Get("/groups").Want(401)
	h.As("rst_acme_unknown").Get("/groups").Want(401)
	h.As(h.reads).Post("/groups", `{"name":"n"}`).Want(403)
	h.As(h.reads).Delete("/groups/grp-99999").Want(403)
	h.Get("/nothing").Want(404)
	h.Get("/groups/group-123").Want(404)
	h.Patch("/groups", `{}`).Want(405)
	h.Set("Content-Type", "text/plain").Post("/groups", `{"name":"n"}`).Want(415)
	h.Post("/groups", strings.Repeat("x", 1<<20+1)).Want(413)
	h.Post("/groups", `{"name":`).Want(400)
	h.Post("/groups", `{"is_privileged":"true"}`).Want(400)
	h.Get("/groups?limit=0").Want(400)
	h.Get("/groups?after=x").Want(400)
	h.Get("/groups?asOf=" + h.clock.now().Format(time.DateOnly)).Want(400)
}
