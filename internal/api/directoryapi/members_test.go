package directoryapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestListMembers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		outer, left, right := h.group("outer"), h.group("left"), h.group("right")
		ann, bob, cid := h.account("ann"), h.account("bob"), h.account("cid")
		if r := h.Get("/groups/" + outer + "/members").Want(200); string(r.Body) != `{"members":[],"count":0}` {
			t.Errorf("%s", r.Body)
		}
		h.add(outer, left, right, cid)
		h.add(left, bob, ann, cid)
		h.add(right, ann)
		h.Put("/accounts/"+bob, `{"status":"disabled"}`).Want(200)
		member := func(id, name, kind, status, via string) string {
			return fmt.Sprintf(`{"id":%q,"name":%q,"email":"%s@example.org","membership_type":%q,"added_date":"2026-01-02T03:04:05Z","status":%q%s}`, id, name, name, kind, status, via)
		}
		for query, want := range map[string][]string{
			"":                          {member(ann, "ann", "indirect", "active", ""), member(bob, "bob", "indirect", "disabled", ""), member(cid, "cid", "direct", "active", "")},
			"?membership_type=direct":   {member(cid, "cid", "direct", "active", "")},
			"?membership_type=indirect": {member(ann, "ann", "indirect", "active", ""), member(bob, "bob", "indirect", "disabled", "")},
			"?via=true": {
				member(ann, "ann", "indirect", "active", `,"via":["`+left+`","`+right+`"]`),
				member(bob, "bob", "indirect", "disabled", `,"via":["`+left+`"]`), member(cid, "cid", "direct", "active", ""),
			},
		} {
			r := h.Get("/groups/" + outer + "/members" + query).Want(200)
			if text := fmt.Sprintf(`{"members":[%s],"count":%d}`, strings.Join(want, ","), len(want)); string(r.Body) != text {
				t.Errorf("%s: %s, want %s", query, r.Body, text)
			}
		}
		detail := h.Get("/groups/" + outer).Want(200)
		if detail.At("member_count") != 3. || detail.At("direct_member_count") != 1. || detail.At("nested_group_count") != 2. {
			t.Errorf("%s", detail.Body)
		}
		for _, query := range []string{"?membership_type=both", "?via=maybe", "?asOf=now"} {
			h.Get("/groups/" + outer + "/members" + query).Want(400)
		}
	})
}

func TestAddMember(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		outer, inner, ann := h.group("outer"), h.group("inner"), h.account("ann")
		members := "/groups/" + outer + "/members"
		r := h.Post(members, ref(ann)).Want(201)
		want := fmt.Sprintf(`{"id":%q,"name":"ann","email":"ann@example.org","membership_type":"direct","added_date":"2026-01-02T03:04:05Z","status":"active"}`, ann)
		if string(r.Body) != want || r.Header.Get("Location") != base+members+"/"+ann {
			t.Errorf("%s at %s, want %s", r.Body, r.Header.Get("Location"), want)
		}
		r = h.Post(members, ref(inner)).Want(201)
		if want := fmt.Sprintf(`{"id":%q,"name":"inner","membership_type":"direct","added_date":"2026-01-02T03:04:05Z"}`, inner); string(r.Body) != want {
			t.Errorf("%s, want %s", r.Body, want)
		}
		for _, m := range []string{ann, inner} {
			r := h.Post(members, ref(m)).Want(409)
			if r.At("error.code") != "CONFLICT" || r.Text("error.message") != fmt.Sprintf("%q is a direct member of this group already", m) {
				t.Errorf("%s", r.Body)
			}
		}
		const oneOf = "must be given, or else group_id: one of the two"
		for _, r := range []refusal{
			{`{}`, "account_id", oneOf},
			{`{"account_id":"` + ann + `","group_id":"` + inner + `"}`, "account_id", oneOf},
			{`{"account_id":null}`, "account_id", oneOf},
			{`{"account_id":5}`, "account_id", "must be a string"},
			{`{"group_id":["x"]}`, "group_id", "must be a string"},
			{`{"account_id":"acc-1","starts_at":"soon"}`, "starts_at", "is no valid date-time"},
			{`{"account_id":"acc-1","expires_at":5}`, "expires_at", "must be a string"},
			{"", "", ""}, {"[", "", ""},
		} {
			r.check(t, h, "POST", members)
			r.check(t, h, "POST", "/groups/grp-99999/members")
		}
		(refusal{
			`{"account_id":"` + h.account("bob") + `","starts_at":"2026-05-01T00:00:00Z","expires_at":"2026-05-01T00:00:00Z"}`,
			"expires_at", "must be later than starts_at",
		}).check(t, h, "POST", members)
		for _, m := range []object{{"account_id": inner}, {"group_id": ann}, {"group_id": "grp-99999"}, {"account_id": "x"}} {
			if a := h.Post(members, m); a.Status != 404 || a.At("error.code") != "NOT_FOUND" {
				t.Errorf("%v: %d %s", m, a.Status, a.Body)
			}
		}
	})
}

func TestRemoveMember(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		outer, inner, ann := h.group("outer"), h.group("inner"), h.account("ann")
		h.add(outer, inner, ann)
		h.add(inner, ann)
		path := "/groups/" + outer + "/members/"
		if got := h.types(outer, "")[ann]; got != "direct" {
			t.Errorf("both direct and indirect is %s", got)
		}
		if r := h.Delete(path + ann).Want(204); len(r.Body) != 0 {
			t.Errorf("204 with %q", r.Body)
		}
		if got := h.types(outer, "")[ann]; got != "indirect" {
			t.Errorf("without its own membership it is %q", got)
		}
		r := h.Delete(path + ann).Want(404)
		if r.At("error.code") != "NOT_FOUND" || r.Text("error.message") != fmt.Sprintf("%q is not a direct member of this group", ann) {
			t.Errorf("%s", r.Body)
		}
		h.Patch(path+ann, `{}`).Want(404)
		h.Delete(path + inner).Want(204)
		if n := h.count(outer, ""); n != 0 {
			t.Errorf("outer has %d", n)
		}
		h.Delete(path + inner).Want(404)
		h.Delete(path + strings.Replace(inner, "grp", "acc", 1)).Want(404)
		h.Get("/groups/" + inner).Want(200)
		h.add(outer, ann) // it may come back
	})
}

func TestCycles(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var chain []string
		for i := range 5 {
			chain = append(chain, h.group(fmt.Sprint("g", i)))
			if i > 0 {
				h.add(chain[i-1], chain[i])
			}
		}
		for _, c := range []struct {
			parent, child string
			path          []string
		}{
			{chain[0], chain[0], []string{chain[0], chain[0]}},
			{chain[1], chain[0], []string{chain[1], chain[0], chain[1]}},
			{chain[4], chain[0], []string{chain[4], chain[0], chain[1], chain[2], chain[3], chain[4]}},
		} {
			r := h.Post("/groups/"+c.parent+"/members", ref(c.child)).Want(409)
			var path []string
			for _, id := range r.At("error.details.path").([]any) {
				path = append(path, id.(string))
			}
			message := "adding " + c.child + " to " + c.parent + " would make " + c.parent + " a member of itself"
			if r.At("error.code") != "CYCLE_DETECTED" || r.At("error.message") != message || !slices.Equal(path, c.path) {
				t.Errorf("%s, want the path %v", r.Body, c.path)
			}
		}
		h.add(chain[0], chain[4]) // a diamond
		h.Delete("/groups/" + chain[0] + "/members/" + chain[1]).Want(204)
		h.Delete("/groups/" + chain[0] + "/members/" + chain[4]).Want(204)
		h.add(chain[4], chain[0]) // what was above may now be below
	})
}

func TestDiamond(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		top, left, right, bottom, ann := h.group("top"), h.group("left"), h.group("right"), h.group("bottom"), h.account("ann")
		h.Put("/groups/"+right, `{"group_type":"distribution"}`).Want(200) // types mix
		h.add(top, left, right)
		h.add(left, bottom)
		h.add(right, bottom)
		h.add(bottom, ann)
		for range 2 {
			if got := h.members(top, ""); len(got) != 1 || got[0].MembershipType != "indirect" || h.count(top, "") != 1 {
				t.Errorf("%v", got)
			}
			h.Delete("/groups/" + top + "/members/" + left)
		}
		if got := ids(h.Get("/groups/"+bottom+"/parents").Want(200), "groups"); !slices.Equal(got, []string{left, right}) {
			t.Errorf("parents %v", got)
		}
		if r := h.Get("/groups/" + top + "/groups").Want(200); r.At("count") != 1. || r.At("groups.0.member_count") != 1. || r.At("groups.0.id") != right {
			t.Errorf("%s", r.Body)
		}
	})
}

// Along a path the latest edge counts, and of all paths the earliest.
func TestAddedDate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		top, left, right, ann := h.group("top"), h.group("left"), h.group("right"), h.account("ann")
		day := func(n int) string { return time.Date(2026, 1, 2+n, 3, 4, 5, 0, time.UTC).Format(time.RFC3339) }
		for _, step := range []struct {
			group, member, want string
		}{
			{left, ann, ""},
			{right, ann, ""},
			{top, right, day(2)}, // by right: the later of days 1 and 2
			{top, left, day(2)},  // by left it would be day 3
			{top, ann, day(4)},   // its own
		} {
			h.add(step.group, step.member)
			if step.want != "" {
				if got := h.members(top, "")[0].AddedDate; got != step.want {
					t.Errorf("after %s: added %s, want %s", step.member, got, step.want)
				}
			}
			h.clock.forward(24 * time.Hour)
		}
		h.Delete("/groups/" + top + "/members/" + ann).Want(204)
		if got := h.members(top, "")[0]; got.AddedDate != day(2) || got.MembershipType != "indirect" {
			t.Errorf("%v", got)
		}
		h.Delete("/groups/" + top + "/members/" + right).Want(204)
		if got := h.members(top, "")[0].AddedDate; got != day(3) {
			t.Errorf("added %s, want %s", got, day(3))
		}
		h.Patch("/groups/"+left+"/members/"+ann, `{"expires_at":"2030-01-01T00:00:00Z"}`).Want(200)
		if got := h.members(left, "")[0].AddedDate; got != day(0) {
			t.Errorf("added %s, want %s", got, day(0))
		}
	})
}

// Names sort by their bytes, alike on both engines, then by id.
func TestOrderOfMembers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.group("g")
		var want []string
		for i, name := range []string{"B", "a", "a", "b", "é"} {
			id := h.Post("/accounts", object{"name": name, "email": fmt.Sprintf("p%d@example.org", i), "data_source_id": fmt.Sprint(i)}).Want(201).Text("id")
			want = append(want, id)
		}
		for _, i := range []int{4, 2, 0, 3, 1} {
			h.add(g, want[i])
		}
		var got []string
		for _, m := range h.members(g, "") {
			got = append(got, m.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
