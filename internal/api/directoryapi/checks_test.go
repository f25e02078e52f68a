package directoryapi_test

import (
	"fmt"
	"testing"
)

func TestCheck(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b, c, ann, bob := h.group("a"), h.group("b"), h.group("c"), h.account("ann"), h.account("bob")
		h.add(a, b)
		h.add(b, c)
		h.add(c, ann)
		path := func(group, account string) string { return "/groups/" + group + "/check?account_id=" + account }
		for _, step := range []struct{ group, want string }{
			{a, fmt.Sprintf(`{"member":true,"membership_type":"indirect","path":[%q,%q,%q,%q]}`, a, b, c, ann)},
			{b, fmt.Sprintf(`{"member":true,"membership_type":"indirect","path":[%q,%q,%q]}`, b, c, ann)},
			{c, fmt.Sprintf(`{"member":true,"membership_type":"direct","path":[%q,%q]}`, c, ann)},
		} {
			if r := h.reader.Get(path(step.group, ann)).Want(200); string(r.Body) != step.want {
				t.Errorf("%s, want %s", r.Body, step.want)
			}
			if r := h.Get(path(step.group, bob)).Want(200); string(r.Body) != `{"member":false}` {
				t.Errorf("%s", r.Body)
			}
		}
		h.add(a, ann)
		if r := h.Get(path(a, ann)).Want(200); r.At("membership_type") != "direct" || r.Len("path") != 2 {
			t.Errorf("%s", r.Body)
		}
		if r := h.Get("/groups/" + a + "/check").Want(400); r.Len("error.details.account_id") != 1 {
			t.Errorf("%s", r.Body)
		}
		h.Get(path(a, b)).Want(404)
		h.Get(path(ann, ann)).Want(404)
	})
}

func TestCheckMany(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		outer, inner, ann, bob := h.group("outer"), h.group("inner"), h.account("ann"), h.account("bob")
		h.add(outer, inner, bob)
		h.add(inner, ann)
		pair := func(group, account string) object { return object{"group_id": group, "account_id": account} }
		no := func(group, account string) string {
			return fmt.Sprintf(`{"group_id":%q,"account_id":%q,"member":false}`, group, account)
		}
		checks := []object{pair(outer, bob), pair(outer, ann), pair(inner, bob), pair("grp-99999", ann), pair(outer, "nobody"), pair(ann, outer), pair("", ""), pair(outer, bob)}
		direct := fmt.Sprintf(`{"group_id":%q,"account_id":%q,"member":true,"membership_type":"direct","path":[%q,%q]}`, outer, bob, outer, bob)
		want := `{"results":[` + direct + fmt.Sprintf(`,{"group_id":%q,"account_id":%q,"member":true,"membership_type":"indirect","path":[%q,%q,%q]},`, outer, ann, outer, inner, ann) +
			no(inner, bob) + `,` + no("grp-99999", ann) + `,` + no(outer, "nobody") + `,` + no(ann, outer) + `,` + no("", "") + `,` + direct + `]}`
		if r := h.reader.Post("/groups/check", object{"checks": checks}).Want(200); string(r.Body) != want {
			t.Errorf("%s\nwant %s", r.Body, want)
		}
		if r := h.Post("/groups/check", object{"checks": checks, "asOf": nil}).Want(200); string(r.Body) != want {
			t.Errorf("%s\nwant %s", r.Body, want)
		}
		thousand := make([]object, 1001)
		for i := range thousand {
			thousand[i] = pair(outer, ann)
		}
		r := h.Post("/groups/check", object{"checks": thousand[:1000]}).Want(200)
		if r.Len("results") != 1000 || r.At("results.999.member") != true {
			t.Errorf("%d results", r.Len("results"))
		}
		h.Post("/groups/check", object{"checks": thousand}).Want(400)
		for _, r := range []refusal{
			{`{"checks":[]}`, "checks", "must have at least 1 items"},
			{`{}`, "checks", "is required"},
			{`{"checks":[{"group_id":"grp-1"}]}`, "checks[0].account_id", "is required"},
			{`{"checks":[{"group_id":1,"account_id":"acc-1"}]}`, "checks[0].group_id", "must be a string"},
			{`{"checks":[{"group_id":"grp-1","account_id":"acc-1"}],"asOf":"then"}`, "asOf", "is no valid date-time"},
			{"", "", ""},
		} {
			r.check(t, h, "POST", "/groups/check")
		}
	})
}
