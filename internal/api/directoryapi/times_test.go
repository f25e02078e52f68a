package directoryapi_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// A membership counts from starts_at on and is over at expires_at, to the
// microsecond, of an account and of a nested group alike.
func TestTimesOfMemberships(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const starts, expires = 10*time.Second + 500_001*time.Microsecond, 20*time.Second + 250*time.Microsecond
		top, middle, bottom, ann := h.group("top"), h.group("middle"), h.group("bottom"), h.account("ann")
		h.clock.forward(time.Second)
		body := func(id string) object {
			b := ref(id)
			b["starts_at"], b["expires_at"] = h.clock.text(starts), h.clock.text(expires)
			return b
		}
		r := h.Post("/groups/"+bottom+"/members", body(ann)).Want(201)
		if r.At("starts_at") != "2026-01-02T03:04:16.500001Z" || r.At("expires_at") != "2026-01-02T03:04:26.00025Z" {
			t.Errorf("%s", r.Body)
		}
		h.Post("/groups/"+bottom+"/members", ref(ann)).Want(409)
		h.Post("/groups/"+middle+"/members", body(bottom)).Want(201)
		h.add(top, middle)
		in := func(at time.Duration, want bool) {
			t.Helper()
			for _, g := range []string{bottom, middle, top} {
				n := 0
				if want {
					n = 1
				}
				if h.check(g, ann, "") != want || h.count(g, "") != n || len(h.members(g, "")) != n {
					t.Errorf("after %v: %s has %d, check %v, want %v", at, g, h.count(g, ""), h.check(g, ann, ""), want)
				}
			}
			if got := h.Get("/accounts/"+ann+"/groups").Want(200).At("count") == 3.; got != want {
				t.Errorf("after %v: in groups %v, want %v", at, got, want)
			}
			if got := h.Get("/groups/"+middle+"/groups").Want(200).At("count") == 1.; got != want {
				t.Errorf("after %v: child groups %v, want %v", at, got, want)
			}
		}
		begin, at := h.clock.text(0), time.Duration(0)
		move := func(to time.Duration) { h.clock.forward(to - at); at = to }
		in(0, false)
		move(starts - time.Microsecond)
		in(at, false)
		move(starts)
		in(at, true)
		if got := h.Get("/groups/" + bottom + "/members").At("members.0.expires_at"); got != "2026-01-02T03:04:26.00025Z" {
			t.Errorf("expires_at is %v", got)
		}
		move(expires - time.Microsecond)
		in(at, true)
		move(expires)
		in(at, false)
		for d, want := range map[time.Duration]bool{0: false, starts - time.Microsecond: false, starts: true, expires - time.Microsecond: true, expires: false, time.Hour: false} {
			asOf := h.clock.text(d - expires)
			if h.check(top, ann, asOf) != want {
				t.Errorf("as of %s: %v, want %v", asOf, !want, want)
			}
		}
		// What is over may be added anew, and is not there to change or to remove.
		h.Delete("/groups/" + bottom + "/members/" + ann).Want(404)
		h.Patch("/groups/"+bottom+"/members/"+ann, `{}`).Want(404)
		h.add(bottom, ann)
		h.add(middle, bottom)
		in(expires, true)
		if h.check(top, ann, begin) {
			t.Error("it was no member at the beginning")
		}
	})
}

func TestUpdateMember(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, inner, ann := h.group("g"), h.group("inner"), h.account("ann")
		h.add(group, inner, ann)
		for _, id := range []string{ann, inner} {
			path := "/groups/" + group + "/members/" + id
			before := h.Patch(path, `{}`).Want(200)
			if again := h.Patch(path, `{"unknown":1,"added_date":"x"}`).Want(200); string(again.Body) != string(before.Body) || again.Header.Get("ETag") != before.Header.Get("ETag") {
				t.Errorf("%s, was %s", again.Body, before.Body)
			}
			r := h.Patch(path, object{"expires_at": "2026-03-01T01:00:00+01:00"}).Want(200)
			if r.At("expires_at") != "2026-03-01T00:00:00Z" || r.At("starts_at") != nil {
				t.Errorf("%s", r.Body)
			}
			r = h.Patch(path, object{"starts_at": "2026-02-01T00:00:00.25Z"}).Want(200)
			if r.At("starts_at") != "2026-02-01T00:00:00.25Z" || r.At("expires_at") != "2026-03-01T00:00:00Z" {
				t.Errorf("%s", r.Body)
			}
			for _, r := range []refusal{
				{`{"starts_at":"2026-03-01T00:00:00Z"}`, "expires_at", "must be later than starts_at"},
				{`{"starts_at":"2026-03-01"}`, "starts_at", "is no valid date-time"},
				{`{"starts_at":""}`, "starts_at", "is no valid date-time"},
				{`{"expires_at":"1969-12-31T23:59:59Z"}`, "expires_at", "must be an RFC 3339 time between 1970 and 9999"},
			} {
				r.check(t, h, "PATCH", path)
			}
			if r := h.Patch(path, `{"starts_at":null,"expires_at":null}`).Want(200); string(r.Body) != string(before.Body) {
				t.Errorf("%s, was %s", r.Body, before.Body)
			}
			h.Patch(path, object{"expires_at": h.clock.text(0)}).Want(200) // over at once
			h.Patch(path, `{}`).Want(404)
		}
		if n := h.count(group, ""); n != 0 {
			t.Errorf("%d members", n)
		}
	})
}

// asOf answers as it was, with what was deleted since and without what came later.
func TestAsOf(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		at := func() string { text := h.clock.text(0); h.clock.forward(time.Second); return text }
		nothing := at()
		top, inner, ann := h.group("Top"), h.group("Inner"), h.account("ann")
		h.add(top, inner)
		h.add(inner, ann)
		h.clock.forward(time.Second)
		then := at()
		h.Put("/groups/"+top, `{"name":"Renamed"}`).Want(200)
		h.Put("/accounts/"+ann, `{"name":"renamed"}`).Want(200)
		h.clock.forward(time.Second)
		renamed := at()
		h.Delete("/groups/" + inner).Want(204)
		h.Delete("/accounts/" + ann).Want(204)
		h.clock.forward(time.Second)
		deleted := at()
		h.Delete("/groups/" + top).Want(204)
		h.clock.forward(time.Second)
		end := at()

		for _, c := range []struct {
			asOf, top string // what top was called, "" for not there
			inner     bool
		}{{nothing, "", false}, {then, "Top", true}, {renamed, "Renamed", true}, {deleted, "Renamed", false}, {end, "", false}, {h.clock.text(time.Hour), "", false}} {
			ask := func(path string) string { return path + "?asOf=" + c.asOf }
			status := map[bool]int{true: 200, false: 404}
			count := map[bool]float64{true: 1}
			var names []string
			for _, g := range h.Get(ask("/groups")).Want(200).At("groups").([]any) {
				names = append(names, g.(object)["name"].(string))
				if g := g.(object); g["member_count"] != count[c.inner] {
					t.Errorf("as of %s: %v", c.asOf, g)
				}
			}
			var want []string
			if c.top != "" {
				want = append(want, c.top)
			}
			if c.inner {
				want = append(want, "Inner")
			}
			if !slices.Equal(names, want) {
				t.Errorf("as of %s: groups %q, want %q", c.asOf, names, want)
			}
			h.Get(ask("/groups/" + inner)).Want(status[c.inner])
			h.Get(ask("/accounts/" + ann)).Want(status[c.inner])
			h.Get(ask("/accounts/" + ann + "/groups")).Want(status[c.inner])
			h.Get(ask("/groups/" + inner + "/parents")).Want(status[c.inner])
			if n := h.Get(ask("/accounts")).Want(200).Len("accounts"); n != int(count[c.inner]) {
				t.Errorf("as of %s: %d accounts", c.asOf, n)
			}
			r := h.Get(ask("/groups/" + top)).Want(status[c.top != ""])
			for path, list := range map[string]string{"/members": "members", "/groups": "groups"} {
				l := h.Get(ask("/groups/" + top + path)).Want(r.Status)
				if r.Status == 200 && (l.At("count") != count[c.inner] || l.Len(list) != int(count[c.inner])) {
					t.Errorf("as of %s: %s", c.asOf, l.Body)
				}
			}
			check := h.Get(ask("/groups/"+top+"/check") + "&account_id=" + ann).Want(status[c.inner])
			many := h.Post("/groups/check", object{"checks": []object{{"group_id": top, "account_id": ann}}, "asOf": c.asOf}).Want(200)
			if many.At("results.0.member") != c.inner || c.inner && check.At("member") != true {
				t.Errorf("as of %s: %s and %s", c.asOf, many.Body, check.Body)
			}
			if c.top == "" {
				continue
			}
			if r.At("name") != c.top || r.At("member_count") != count[c.inner] || r.At("nested_group_count") != count[c.inner] {
				t.Errorf("as of %s: %s", c.asOf, r.Body)
			}
			if c.inner {
				name := map[string]string{"Top": "ann", "Renamed": "renamed"}[c.top]
				if got := h.Get(ask("/groups/" + top + "/members")).At("members.0.name"); got != name {
					t.Errorf("as of %s: member %v, want %s", c.asOf, got, name)
				}
				if got := h.Get(ask("/groups/" + inner + "/parents")).At("groups.0.name"); got != c.top {
					t.Errorf("as of %s: parent %v", c.asOf, got)
				}
				if got := h.Get(ask("/accounts/" + ann + "/groups")).At("count"); got != 2. {
					t.Errorf("as of %s: in %v groups", c.asOf, got)
				}
			}
		}
	})
}

// A change counts from its own microsecond on, which the history tells.
func TestAsOfAChange(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, ann := h.group("g"), h.account("ann")
		h.add(group, ann)
		changed, err := time.Parse(time.RFC3339Nano, h.Get("/groups/"+group+"/history").Want(200).Text("changes.1.time"))
		if err != nil {
			t.Fatal(err)
		}
		h.clock.forward(time.Second)
		for d, want := range map[time.Duration]bool{-time.Microsecond: false, 0: true, time.Microsecond: true} {
			if got := h.check(group, ann, changed.Add(d).Format(time.RFC3339Nano)); got != want {
				t.Errorf("%v after the change: %v", d, got)
			}
		}
		for _, text := range []string{"2026-01-02", "2026-01-02T03:04:05", "2026-01-02%2003:04:05Z", "2026-01-02T03:04:05,5Z", "2026-01-02T3:04:05Z", "1969-12-31T23:59:59Z", "0", "%00"} {
			h.Get("/groups/" + group + "?asOf=" + text).Want(400)
			h.Get(fmt.Sprintf("/groups/%s/check?account_id=%s&asOf=%s", group, ann, text)).Want(400)
		}
		h.Get("/groups/" + group + "?asOf=2026-01-02T05:04:06.123456789%2B01:00").Want(200)
	})
}
