package directoryapi_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/graph"
)

// refusal is an input that breaks a rule of its own, and the field that the answer
// is to name.
type refusal struct{ body, field, message string }

func (r refusal) check(t *testing.T, h *house, method, path string) {
	t.Helper()
	a := h.Do(method, path, r.body)
	if a.Status != 400 || a.At("error.code") != "VALIDATION_ERROR" {
		t.Errorf("%s %s %s: %d %s", method, path, r.body, a.Status, a.Body)
		return
	}
	if r.field == "" {
		return
	}
	details, _ := a.At("error.details").(object)
	messages, _ := details[r.field].([]any)
	if len(messages) != 1 || messages[0] != r.message || a.Text("error.message") != r.field+" "+r.message {
		t.Errorf("%s %s %s: %s, want %q about %s", method, path, r.body, a.Body, r.message, r.field)
	}
}

var long = strings.Repeat("ü", 256)

func TestCreateGroup(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.Post("/groups", `{"name":"Finance Team","description":"Finance department members","group_type":"distribution","is_privileged":true,
			"id":"grp-9","member_count":7,"created_at":"1999-01-01T00:00:00Z","unknown":{"a":[1]}}`).Want(201)
		id := r.Text("id")
		if want := base + "/groups/" + id; r.Header.Get("Location") != want {
			t.Errorf("Location is %q, want %q", r.Header.Get("Location"), want)
		}
		want := fmt.Sprintf(`{"id":%q,"name":"Finance Team","description":"Finance department members","group_type":"distribution",`+
			`"is_privileged":true,"member_count":0,"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z",`+
			`"direct_member_count":0,"nested_group_count":0}`, id)
		if string(r.Body) != want || id == "grp-9" {
			t.Errorf("%s, want %s", r.Body, want)
		}
		got := h.Get("/groups/" + id).Want(200)
		if string(got.Body) != want || got.Header.Get("ETag") != r.Header.Get("ETag") {
			t.Errorf("got %s with %s, created %s with %s", got.Body, got.Header.Get("ETag"), want, r.Header.Get("ETag"))
		}
		plain := h.Post("/groups", `{"name":" kept as sent "}`).Want(201)
		for field, want := range map[string]any{
			"name": " kept as sent ", "description": "", "group_type": "security", "is_privileged": false,
		} {
			if plain.At(field) != want {
				t.Errorf("%s is %v, want %v", field, plain.At(field), want)
			}
		}
		h.Post("/groups", object{"name": "Finance Team", "description": nil}).Want(201)
		h.Post("/groups", object{"name": long[2:], "description": strings.Repeat("ü", 1024)}).Want(201)
	})
}

func TestCreateGroupRefused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, r := range []refusal{
			{`{}`, "name", "is required"},
			{`{"NAME":"x"}`, "name", "is required"},
			{`{"name":null}`, "name", "must be a string"},
			{`{"name":5}`, "name", "must be a string"},
			{`{"name":""}`, "name", "must not be empty"},
			{`{"name":" \t"}`, "name", "must not be blank"},
			{`{"name":"` + long + `"}`, "name", "must have at most 255 characters"},
			{`{"name":"a\u0000"}`, "name", "must be valid UTF-8 without NUL"},
			{`{"name":"x","description":"` + strings.Repeat("ü", 1025) + `"}`, "description", "must have at most 1024 characters"},
			{`{"name":"x","description":5}`, "description", "must be a string"},
			{`{"name":"x","group_type":"office"}`, "group_type", "must be one of security, distribution"},
			{`{"name":"x","group_type":null}`, "group_type", "must not be null"},
			{`{"name":"x","is_privileged":"true"}`, "is_privileged", "must be a boolean"},
			{`{"name":"x","is_privileged":null}`, "is_privileged", "must not be null"},
			{`[]`, "body", "must be an object"},
			{`null`, "body", "must be an object"},
			{"{\"name\":\"\xff\"}", "name", "must be valid UTF-8 without NUL"},
			{``, "", ""}, {`{`, "", ""}, {`{"name":"x"}}`, "", ""}, {`{"name":"x","name":"y"}`, "", ""},
		} {
			r.check(t, h, "POST", "/groups")
		}
		if n := h.Get("/groups").Want(200).Len("groups"); n != 0 {
			t.Errorf("%d groups were made", n)
		}
	})
}

func TestUpdateGroup(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.Post("/groups", `{"name":"Old","description":"was","is_privileged":true,"external_id":"x-1"}`).Want(201).Text("id")
		h.clock.forward(time.Minute)
		before := h.Get("/groups/" + id).Want(200)
		for _, body := range []string{`{}`, `{"unknown":1}`, `{"member_count":9,"id":"grp-8","created_at":"x","external_id":"x-2"}`, string(before.Body)} {
			r := h.Put("/groups/"+id, body).Want(200)
			if string(r.Body) != string(before.Body) || r.Header.Get("ETag") != before.Header.Get("ETag") {
				t.Errorf("PUT %s: %s, was %s", body, r.Body, before.Body)
			}
		}
		for _, c := range []struct{ body, field, want string }{
			{`{"name":"New"}`, "name", "New"},
			{`{"description":"is"}`, "description", "is"},
			{`{"description":null}`, "description", ""},
			{`{"group_type":"distribution"}`, "group_type", "distribution"},
		} {
			r := h.Put("/groups/"+id, c.body).Want(200)
			if r.At(c.field) != c.want || r.At("is_privileged") != true || r.At("updated_at") != "2026-01-02T03:05:05Z" || r.At("created_at") != "2026-01-02T03:04:05Z" {
				t.Errorf("PUT %s: %s", c.body, r.Body)
			}
		}
		if r := h.Put("/groups/"+id, `{"is_privileged":false}`).Want(200); r.At("is_privileged") != false || r.At("name") != "New" {
			t.Errorf("%s", r.Body)
		}
		for _, r := range []refusal{
			{`{"name":null}`, "name", "must not be null"},
			{`{"group_type":null}`, "group_type", "must not be null"},
			{`{"is_privileged":null}`, "is_privileged", "must not be null"},
			{`{"name":" "}`, "name", "must not be blank"},
			{`{"name":""}`, "name", "must not be empty"},
			{`{"is_privileged":"true"}`, "is_privileged", "must be a boolean"},
			{`{"is_privileged":1}`, "is_privileged", "must be a boolean"},
			{`{"group_type":"SECURITY"}`, "group_type", "must be one of security, distribution"},
			{`{"name":`, "", ""},
		} {
			r.check(t, h, "PUT", "/groups/"+id)
			r.check(t, h, "PUT", "/groups/grp-99999")
		}
	})
}

func TestDeleteGroup(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		top, middle, bottom, ann, bob := h.group("top"), h.group("middle"), h.group("bottom"), h.account("ann"), h.account("bob")
		h.add(top, middle)
		h.add(middle, bottom, bob)
		h.add(bottom, ann)
		if n := h.count(top, ""); n != 2 {
			t.Fatalf("top has %d", n)
		}
		r := h.Delete("/groups/" + middle).Want(204)
		if len(r.Body) != 0 || r.Header.Get("Content-Type") != "" {
			t.Errorf("204 with %q %q", r.Body, r.Header.Get("Content-Type"))
		}
		h.Get("/groups/" + middle).Want(404)
		h.Delete("/groups/" + middle).Want(404)
		h.Put("/groups/"+middle, `{"name":"x"}`).Want(404)
		if n := h.count(top, ""); n != 0 {
			t.Errorf("top has %d", n)
		}
		if n := h.count(bottom, ""); n != 1 {
			t.Errorf("bottom has %d", n)
		}
		h.Get("/accounts/" + bob).Want(200)
		for _, path := range []string{"/groups/" + top + "/groups", "/groups/" + bottom + "/parents", "/accounts/" + bob + "/groups"} {
			if n := h.Get(path).Want(200).At("count"); n != 0. {
				t.Errorf("%s has %v", path, n)
			}
		}
	})
}

func TestUnknownIDs(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, account := h.group("g"), h.account("a")
		wrong := []string{"grp-999999", "grp-0", "grp-01", "grp--1", "grp-", "grp-1x", "grp-99999999999999999999", "group-1", "1", "acc-1", account, "%20", "GRP-1", strings.Replace(group, "grp", "acc", 1)}
		for _, id := range wrong {
			for _, c := range []struct{ method, path, body string }{
				{"GET", "/groups/" + id, ""}, {"PUT", "/groups/" + id, `{"name":"x"}`}, {"DELETE", "/groups/" + id, ""},
				{"GET", "/groups/" + id + "/members", ""}, {"POST", "/groups/" + id + "/members", `{"account_id":"` + account + `"}`},
				{"DELETE", "/groups/" + id + "/members/" + account, ""}, {"PATCH", "/groups/" + id + "/members/" + account, `{}`},
				{"POST", "/groups/" + id + "/members/batch", `{"remove":[{"account_id":"` + account + `"}]}`},
				{"GET", "/groups/" + id + "/groups", ""}, {"GET", "/groups/" + id + "/parents", ""},
				{"GET", "/groups/" + id + "/history", ""}, {"GET", "/groups/" + id + "/history?after=1", ""},
				{"GET", "/groups/" + id + "/check?account_id=" + account, ""},
				{"GET", "/groups/" + id + "?asOf=" + h.clock.text(0), ""},
				{"GET", "/groups/" + id + "/members?asOf=" + h.clock.text(0), ""},
			} {
				a := h.Do(c.method, c.path, c.body)
				named, _ := url.PathUnescape(id)
				if a.Status != 404 || a.At("error.code") != "NOT_FOUND" || a.Text("error.message") != fmt.Sprintf("there is no group %q", named) {
					t.Errorf("%s %s: %d %s", c.method, c.path, a.Status, a.Body)
				}
			}
		}
		for _, id := range []string{"acc-999999", "acc-0", group, strings.Replace(group, "grp", "acc", 1), "x"} {
			for _, c := range []struct{ method, path, body string }{
				{"GET", "/accounts/" + id, ""}, {"PUT", "/accounts/" + id, `{"name":"x"}`}, {"DELETE", "/accounts/" + id, ""},
				{"GET", "/accounts/" + id + "/groups", ""}, {"GET", "/accounts/" + id + "/groups?asOf=" + h.clock.text(0), ""},
				{"POST", "/groups/" + group + "/members", `{"account_id":"` + id + `"}`},
				{"DELETE", "/groups/" + group + "/members/" + id, ""},
				{"GET", "/groups/" + group + "/check?account_id=" + id, ""},
			} {
				if a := h.Do(c.method, c.path, c.body); a.Status != 404 || a.At("error.code") != "NOT_FOUND" {
					t.Errorf("%s %s: %d %s", c.method, c.path, a.Status, a.Body)
				}
			}
		}
	})
}

func TestIfMatch(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, account := h.group("g"), h.account("a")
		edge := h.Post("/groups/"+group+"/members", ref(account)).Want(201).Header.Get("ETag")
		for _, c := range []struct{ path, method, body, tag string }{
			{"/groups/" + group + "/members/" + account, "PATCH", `{"expires_at":"2030-01-01T00:00:00Z"}`, edge},
			{"/groups/" + group, "PUT", `{"name":"h"}`, h.Get("/groups/" + group).Header.Get("ETag")},
			{"/accounts/" + account, "PUT", `{"name":"b"}`, h.Get("/accounts/" + account).Header.Get("ETag")},
		} {
			for _, stale := range []string{`"0"`, "W/" + c.tag, "x"} {
				r := h.Set("If-Match", stale).Do(c.method, c.path, c.body).Want(412)
				if r.At("error.code") != "PRECONDITION_FAILED" {
					t.Errorf("%s", r.Body)
				}
			}
			changed := h.Set("If-Match", `"0", `+c.tag).Do(c.method, c.path, c.body).Want(200).Header.Get("ETag")
			if changed == c.tag {
				t.Errorf("%s keeps the tag %s", c.path, changed)
			}
			h.Set("If-Match", c.tag).Do(c.method, c.path, c.body).Want(412)
			h.Set("If-Match", c.tag).Delete(c.path).Want(412)
			h.Set("If-Match", "*").Do(c.method, c.path, c.body).Want(200)
			defer h.Set("If-Match", changed).Delete(c.path).Want(204)
		}
		h.Set("If-Match", `"0"`).Delete("/groups/grp-99999").Want(404)
	})
}

func TestListGroups(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		names := []string{`50% off`, `50 off`, `a_b`, `acb`, `back\slash`, `backslash`, `Ünï`, `Finance Team`, `finance office`}
		byName := map[string]string{}
		for _, name := range names {
			byName[name] = h.group(name)
		}
		for search, want := range map[string][]string{
			"%": {`50% off`}, "_": {`a_b`}, `\`: {`back\slash`}, "FINANCE": {`Finance Team`, `finance office`}, " finance\t": {`Finance Team`, `finance office`},
			"ünÏ": {`Ünï`}, "nothing like it": nil, "": names, "  ": names, "e t": {`Finance Team`}, long[2:]: nil, " " + long[2:] + " ": nil,
		} {
			var got []string
			for _, g := range h.Get("/groups?search=" + url.QueryEscape(search)).Want(200).At("groups").([]any) {
				got = append(got, g.(object)["name"].(string))
			}
			if !slices.Equal(got, want) {
				t.Errorf("search %q: %q, want %q", search, got, want)
			}
		}
		all := h.Get("/groups?unknown=1").Want(200)
		first := all.At("groups.0").(object)
		if len(first) != 7 {
			t.Errorf("a listed group has %d fields: %v", len(first), first)
		}
		for query, want := range map[string]int{
			"limit=1": 1, "limit=9": 9, "limit=10": 9, "limit=200": 9, "limit=201": 9, "limit=4000000000": 9, "limit=": 9, "kind=all": 9,
			"kind=directory": 9, "kind=organization": 0, "kind=property": 0, "kind=business": 0, "asOf=" + h.clock.text(time.Hour): 9,
		} {
			if n := h.Get("/groups?" + query).Want(200).Len("groups"); n != want {
				t.Errorf("%s: %d groups, want %d", query, n, want)
			}
		}
		for query, field := range map[string]string{
			"limit=0": "limit", "limit=-1": "limit", "limit=1.5": "limit", "limit=ten": "limit", "limit=99999999999999999999": "limit", "limit=0x10": "limit", "limit=%201": "limit",
			"after=x": "after", "after=eyJ2Ijox": "after", "kind=team": "kind", "asOf=yesterday": "asOf", "asOf=2026-01-02": "asOf",
			"search=" + long: "search", "search=%00": "search", "search=%ff": "search",
		} {
			r := h.Get("/groups?" + query).Want(400)
			if r.At("error.code") != "VALIDATION_ERROR" || r.Len("error.details."+field) != 1 {
				t.Errorf("%s: %s", query, r.Body)
			}
		}
	})
}

// Pages hold the seven documented fields, in the order of creation, and end with a
// cursor even where no more follow.
func TestPages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		empty := h.Get("/groups").Want(200)
		if string(empty.Body) != `{"groups":[],"pageInfo":{"hasNextPage":false,"endCursor":null}}` {
			t.Errorf("%s", empty.Body)
		}
		var groups, accounts []string
		for i := range 51 {
			groups = append(groups, h.group(fmt.Sprint("g", 50-i)))
			accounts = append(accounts, h.account(fmt.Sprint("a", 50-i)))
		}
		for path, want := range map[string][]string{"groups": groups, "accounts": accounts} {
			page := h.Get("/" + path).Want(200)
			if got := ids(page, path); !slices.Equal(got, want[:50]) || page.At("pageInfo.hasNextPage") != true {
				t.Errorf("first page of %s: %s", path, page.Body)
			}
			last := h.Get("/" + path + "?after=" + page.Text("pageInfo.endCursor")).Want(200)
			if got := ids(last, path); !slices.Equal(got, want[50:]) || last.At("pageInfo.hasNextPage") != false {
				t.Errorf("last page of %s: %s", path, last.Body)
			}
			end := last.Text("pageInfo.endCursor")
			h.Delete("/" + path + "/" + want[50]).Want(204)
			h.Delete("/" + path + "/" + want[49]).Want(204)
			if n := h.Get("/" + path + "?after=" + page.Text("pageInfo.endCursor")).Want(200).Len(path); n != 0 {
				t.Errorf("%d %s behind a cursor whose row is gone", n, path)
			}
			var next string
			if path == "groups" {
				next = h.group("later")
			} else {
				next = h.account("later")
			}
			if got := ids(h.Get("/"+path+"?after="+end).Want(200), path); !slices.Equal(got, []string{next}) {
				t.Errorf("behind the last cursor: %v, want %s", got, next)
			}
			if got := ids(h.Get("/"+path+"?search=later&after="+page.Text("pageInfo.endCursor")).Want(200), path); !slices.Equal(got, []string{next}) {
				t.Errorf("another search behind a cursor: %v, want %s", got, next)
			}
		}
		foreign := h.Get("/groups?limit=1").Text("pageInfo.endCursor")
		for _, path := range []string{"/accounts?after=" + foreign, "/changes?after=" + foreign, "/groups?after=5.1"} {
			h.Get(path).Want(400)
		}
		h.Get("/accounts?after=" + h.Get("/accounts?limit=1").Text("pageInfo.endCursor")).Want(200)
	})
}

// A group of another API is shown, and is that API's to change.
func TestGroupsOfOtherKinds(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		other := graph.Group{Kind: graph.Organization, Name: "Sales"}
		if err := h.node.graph.Create(t.Context(), h.actor, &other); err != nil {
			t.Fatal(err)
		}
		id, own, ann := fmt.Sprint("grp-", other.ID), h.group("own"), h.account("ann")
		r := h.Get("/groups/" + id).Want(200)
		if r.At("kind") != "organization" || r.At("group_type") != "security" {
			t.Errorf("%s", r.Body)
		}
		if got := ids(h.Get("/groups?kind=organization").Want(200), "groups"); !slices.Equal(got, []string{id}) {
			t.Errorf("organization has %v", got)
		}
		if got := ids(h.Get("/groups?kind=all").Want(200), "groups"); !slices.Equal(got, []string{id, own}) {
			t.Errorf("all is %v", got)
		}
		for _, c := range []struct{ method, path, body string }{
			{"PUT", "", `{"name":"x"}`}, {"DELETE", "", ""}, {"POST", "/members", `{"account_id":"` + ann + `"}`},
			{"PATCH", "/members/" + ann, `{}`}, {"DELETE", "/members/" + ann, ""},
			{"POST", "/members/batch", `{"add":[{"account_id":"` + ann + `"}]}`},
		} {
			if a := h.Do(c.method, "/groups/"+id+c.path, c.body); a.Status != 403 || a.At("error.code") != "FORBIDDEN" {
				t.Errorf("%s %s: %d %s", c.method, c.path, a.Status, a.Body)
			}
		}
		h.Post("/groups/"+own+"/members", ref(id)).Want(201)
		child := h.Get("/groups/" + own + "/groups").Want(200)
		if child.At("groups.0.id") != id || child.At("groups.0.kind") != "organization" {
			t.Errorf("%s", child.Body)
		}
		h.Get("/groups/" + id + "/history").Want(200)
	})
}

func TestExternalID(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, path := range []string{"/groups", "/accounts"} {
			body := object{"name": "a", "email": "a@example.org", "external_id": "src-1"}
			made := h.Post(path, body).Want(201)
			if made.At("external_id") != "src-1" || h.Get(path+"/"+made.Text("id")).At("external_id") != "src-1" {
				t.Errorf("%s", made.Body)
			}
			body["name"], body["email"] = "b", "b@example.org"
			if r := h.Post(path, body).Want(409); r.At("error.code") != "CONFLICT" || r.Len("error.details.external_id") != 1 {
				t.Errorf("%s", r.Body)
			}
			h.Delete(path + "/" + made.Text("id")).Want(204)
			h.Post(path, body).Want(201)
		}
	})
}
