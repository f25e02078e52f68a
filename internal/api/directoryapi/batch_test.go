package directoryapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/racetest"
)

func TestBatch(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, inner, outer := h.group("g"), h.group("inner"), h.group("outer")
		ann, bob, cid, dan := h.account("ann"), h.account("bob"), h.account("cid"), h.account("dan")
		h.add(outer, group)
		h.add(group, ann, bob)
		h.add(inner, cid)
		body := func(atomic bool) object {
			expired := ref(dan)
			expired["starts_at"], expired["expires_at"] = "2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z"
			return object{
				"add":    []object{ref(cid), ref(cid), ref(ann), ref(inner), ref(outer), ref(group), ref("grp-99999"), {"account_id": "x"}, {}, expired},
				"remove": []object{ref(ann), ref(ann), ref(dan), ref("acc-99999"), {"account_id": group}, {}}, "atomic": atomic,
			}
		}
		// ann is removed before she is added: removals come first.
		const (
			conflict, missing, invalid = `"status":409,"code":"CONFLICT"`, `"status":404,"code":"NOT_FOUND"`, `"status":400,"code":"VALIDATION_ERROR"`
		)
		row := func(op, id, rest string) string { return fmt.Sprintf(`{"op":%q,"id":%q,%s}`, op, id, rest) }
		text := func(format string, args ...any) string {
			return `,"message":` + fmt.Sprintf("%q", fmt.Sprintf(format, args...))
		}
		cycle := func(child string) string {
			return `"status":409,"code":"CYCLE_DETECTED"` + text("adding %s to %s would make %s a member of itself", child, group, group)
		}
		quoted := func(id, say string) string {
			return fmt.Sprintf(`,"message":"\"%s\" %s"`, id, say)
		}
		const member, noMember = "is a direct member of this group already", "is not a direct member of this group"
		oneOf := text("account_id must be given, or else group_id: one of the two")
		results := strings.Join([]string{
			row("add", cid, `"status":201`), row("add", cid, conflict+quoted(cid, member)), row("add", ann, `"status":201`),
			row("add", inner, `"status":201`), row("add", outer, cycle(outer)), row("add", group, cycle(group)),
			row("add", "grp-99999", missing+`,"message":"there is no account or group \"grp-99999\""`), row("add", "x", missing+`,"message":"there is no account \"x\""`),
			row("add", "", invalid+oneOf), row("add", dan, invalid+text("expires_at must be later than starts_at")),
			row("remove", ann, `"status":204`), row("remove", ann, missing+quoted(ann, noMember)), row("remove", dan, missing+quoted(dan, noMember)),
			row("remove", "acc-99999", missing+quoted("acc-99999", noMember)), row("remove", group, missing+`,"message":"there is no account \"`+group+`\""`),
			row("remove", "", invalid+oneOf),
		}, ",")
		before := h.Get("/groups/" + group + "/members").Want(200)
		revision := before.Header.Get("Roster-Revision")
		r := h.Post("/groups/"+group+"/members/batch", body(true)).Want(409)
		want := `{"error":{"code":"CONFLICT","message":"rows were refused, so nothing was changed","details":{"results":[` + results + `],"added":0,"removed":0,"failed":12}}}`
		if string(r.Body) != want {
			t.Errorf("%s\nwant %s", r.Body, want)
		}
		if after := h.Get("/groups/" + group + "/members").Want(200); string(after.Body) != string(before.Body) || after.Header.Get("Roster-Revision") != revision {
			t.Errorf("a refused batch changed %s to %s", before.Body, after.Body)
		}
		r = h.Post("/groups/"+group+"/members/batch", body(false)).Want(200)
		if want := `{"results":[` + results + `],"added":3,"removed":1,"failed":12}`; string(r.Body) != want {
			t.Errorf("%s\nwant %s", r.Body, want)
		}
		if got := h.types(group, ""); len(got) != 3 || got[ann] != "direct" || got[bob] != "direct" || got[cid] != "direct" || h.count(outer, "") != 3 {
			t.Errorf("%v", got)
		}
		r = h.Post("/groups/"+group+"/members/batch", object{"remove": []object{ref(ann), ref(inner)}, "add": []object{ref(dan)}, "atomic": true}).Want(200)
		if r.At("added") != 1. || r.At("removed") != 2. || r.At("failed") != 0. || h.count(outer, "") != 3 {
			t.Errorf("%s", r.Body)
		}
	})
}

func TestBatchRefused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		path := "/groups/" + h.group("g") + "/members/batch"
		const size = "must have 1 to 10,000 rows, together with remove"
		for _, r := range []refusal{
			{`{}`, "add", size},
			{`{"add":[],"remove":[]}`, "add", size},
			{`{"atomic":true}`, "add", size},
			{`{"add":"acc-1"}`, "add", "must be an array"},
			{`{"add":[5]}`, "add[0]", "must be an object"},
			{`{"add":[{"account_id":5}]}`, "add[0].account_id", "must be a string"},
			{`{"add":[{"account_id":"acc-1"}],"atomic":"yes"}`, "atomic", "must be a boolean"},
			{"", "", ""},
		} {
			r.check(t, h, "POST", path)
		}
		many := make([]object, 10_001)
		for i := range many {
			many[i] = object{"account_id": "acc-99999"}
		}
		h.Post(path, object{"add": many}).Want(400)
		h.Post(path, object{"add": many[:5000], "remove": many[:5001]}).Want(400)
	})
}

func TestLargeBatch(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := racetest.Scale(5000)
		outer, group := h.group("outer"), h.group("g")
		h.add(outer, group)
		accounts := h.people(n)
		refs := make([]object, n)
		for i, id := range accounts {
			refs[i] = ref(id)
		}
		r := h.Post("/groups/"+group+"/members/batch", object{"add": refs, "atomic": true}).Want(200)
		if r.At("added") != float64(n) || r.Len("results") != n || r.At(fmt.Sprintf("results.%d.id", n-1)) != accounts[n-1] {
			t.Errorf("added %v", r.At("added"))
		}
		if h.count(outer, "") != n || len(h.members(outer, "")) != n {
			t.Errorf("outer has %d", h.count(outer, ""))
		}
		// The other half of what one call may do, in the same call.
		r = h.Post("/groups/"+group+"/members/batch", object{"remove": refs, "add": refs}).Want(200)
		if r.At("added") != float64(n) || r.At("removed") != float64(n) || h.count(outer, "") != n {
			t.Errorf("added %v and removed %v", r.At("added"), r.At("removed"))
		}
	})
}
