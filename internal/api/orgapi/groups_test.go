package orgapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestGroups(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.Golden("groups")
		g.Note("A new group.")
		made := g.Post("/groups", object{"name": "Finance", "description": "Handles all financial operations"}).Want(201)
		path := "/groups/" + made.Text("uuid")
		if made.Header.Get("Location") != base+path {
			t.Errorf("Location is %q", made.Header.Get("Location"))
		}
		g.Post("/groups", object{"name": "Sales"}).Want(201)
		g.Note("Everybody with a token reads them: a bare array.")
		g.Get("/groups").Want(200)
		g.Get(path).Want(200)
		g.Note("PATCH merges.")
		g.Patch(path, object{"name": "Treasury"}).Want(200)
		g.Patch(path, object{"description": nil}).Want(200)
		g.Patch(path, object{}).Want(200)
		g.Note("PUT, with the UUID in the body, replaces; and so does PUT at the group's own address.")
		g.Put("/groups", object{"uuid": made.Text("uuid"), "name": "Finance", "description": "Money"}).Want(200)
		g.Put(path, object{"name": "Finance"}).Want(200)
		g.Note("A deleted group is not there, and its name is free again.")
		g.Delete(path).Want(204)
		g.Delete(path).Want(404)
		g.Get(path).Want(404)
		if again := g.Post("/groups", object{"name": "finance"}).Want(201).Text("uuid"); again == made.Text("uuid") {
			t.Error("a new group has an old UUID")
		}
	})
}

func TestGroupErrors(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		id := h.group("Finance")
		h.group("Sales")
		path, long := "/groups/"+id, strings.Repeat("ä", 255)
		g := h.Golden("group_errors")
		g.Note("Names are 1 to 255 characters, not blank, and unique whatever their case.")
		for _, name := range []any{"", " \t", nil, 7, long + "ä"} {
			g.Post("/groups", object{"name": name}).Want(400)
		}
		g.Post("/groups", object{}).Want(400)
		g.Post("/groups", object{"name": long}).Want(201)
		g.Post("/groups", object{"name": " FINANCE "}).Want(422)
		g.Patch(path, object{"name": "sales"}).Want(422)
		g.Patch(path, object{"name": nil}).Want(400)
		g.Patch(path, object{"name": " "}).Want(400)
		g.Patch(path, object{"name": "FINANCE"}).Want(200)
		g.Note("Descriptions have up to 1,000 characters.")
		g.Post("/groups", object{"name": "A", "description": strings.Repeat("x", 1001)}).Want(400)
		g.Post("/groups", object{"name": "A", "description": strings.Repeat("x", 1000)}).Want(201)
		g.Note("No JSON, text that no database takes, another media type.")
		g.Post("/groups", `{"name":`).Want(400)
		g.Post("/groups", `{"name":"a\u0000"}`).Want(400)
		g.Post("/groups", `{"name":"a","name":"b"}`).Want(400)
		g.Set("Content-Type", "text/plain").Post("/groups", `{}`).Want(415)
		h.Post("/groups", object{"name": strings.Repeat("x", 1<<20)}).Want(413)
		g.Note("PUT names a group.")
		g.Put("/groups", object{"name": "B"}).Want(400)
		g.Put("/groups", object{"uuid": "group-123", "name": "B"}).Want(400)
		g.Put("/groups", object{"uuid": unknown(), "name": "B"}).Want(404)
		g.Put("/groups", object{"uuid": id}).Want(400)
		g.Put(path, object{"uuid": unknown(), "name": "B"}).Want(400)
		h.Put(path, object{"uuid": strings.ToUpper(id), "name": "B"}).Want(200)
		g.Note("A group that is not there, and one whose UUID is none.")
		h.Get("/groups/" + strings.ReplaceAll(id, "-", "")).Want(404)
		h.Get("/groups/" + strings.ToUpper(id)).Want(200)
		for _, id := range []string{unknown(), "group-123"} {
			g.Get("/groups/" + id).Want(404)
			g.Patch("/groups/"+id, object{"name": "B"}).Want(404)
			g.Delete("/groups/" + id).Want(404)
		}
		g.Note("Without a token, and without the role.")
		g.As("").Get("/groups").Want(401)
		g.As("rst_acme_wrong").Post("/groups", `{`).Want(401)
		g.As(h.token(h.actor, "EMPLOYEE", 0)).Post("/groups", `{`).Want(403)
		g.Note("No such address, no such method.")
		g.Get("/nothing").Want(404)
		g.Do(http.MethodPatch, "/groups", object{}).Want(405)
		g.Delete(path + "?onReferences=maybe").Want(400)
	})
}

func TestGroupIsKeptBetweenTenants(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.group("Finance")
		h.rival.Post("/groups", object{"name": "Finance"}).Want(201)
		for _, path := range []string{"/groups/" + id, "/groups/" + id + "/users", "/groups/" + id + "/impact", "/groups/" + id + "/budgets"} {
			h.rival.Get(path).Want(404)
		}
		h.rival.Patch("/groups/"+id, object{"name": "Mine"}).Want(404)
		h.rival.Put("/groups", object{"uuid": id, "name": "Mine"}).Want(404)
		h.rival.Delete("/groups/" + id).Want(404)
		if n := h.rival.Get("/groups").Want(200).Len(""); n != 1 {
			t.Errorf("rival sees %d groups", n)
		}
	})
}

func TestGroupVersions(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		path := "/groups/" + h.group("Finance")
		old := h.Get(path).Want(200).Header.Get("ETag")
		h.Set("If-Match", old).Patch(path, object{"name": "Sales"}).Want(200)
		for _, stale := range []string{old, `"0"`, "W/" + old} {
			h.Set("If-Match", stale).Patch(path, object{"name": "Third"}).Want(412)
			h.Set("If-Match", stale).Put(path, object{"name": "Third"}).Want(412)
			h.Set("If-Match", stale).Delete(path).Want(412)
		}
		now := h.Get(path).Want(200)
		if now.Text("name") != "Sales" {
			t.Errorf("a refused change was made: %s", now.Body)
		}
		h.Set("If-Match", `"0", `+now.Header.Get("ETag")).Delete(path).Want(204)
	})
}

func TestListGroups(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		if r := h.Get("/groups").Want(200); string(r.Body) != "[]" || r.Header.Get("X-Total-Pages") != "0" {
			t.Errorf("an empty list: %s, %v", r.Body, r.Header)
		}
		want := make([]string, 0, 60)
		for i := range 60 {
			name := fmt.Sprintf("%c%02d", "gG"[i%2], i)
			want = append(want, name)
			h.group(name)
		}
		if diff := cmp.Diff(want, names(h.Get("/groups").Want(200), "name")); diff != "" {
			t.Errorf("without page and size, all, by folded name (-want +got):\n%s", diff)
		}
		for _, c := range []struct {
			query      string
			from, to   int
			page, size string
			pages      string
			links      []string
		}{
			{"?page=0", 0, 50, "0", "50", "2", []string{"first=0", "next=1", "last=1"}},
			{"?size=7", 0, 7, "0", "7", "9", []string{"first=0", "next=1", "last=8"}},
			{"?page=8&size=7", 56, 60, "8", "7", "9", []string{"first=0", "prev=7", "last=8"}},
			{"?page=9&size=7", 60, 60, "9", "7", "9", []string{"first=0", "prev=8", "last=8"}},
			{"?page=9000000000000000000&size=200", 60, 60, "9000000000000000000", "200", "1", []string{"first=0", "prev=0", "last=0"}},
			{"?size=1000", 0, 60, "0", "200", "1", []string{"first=0", "last=0"}},
			{"?unknown=1&page=1&size=50", 50, 60, "1", "50", "2", []string{"first=0", "prev=0", "last=1"}},
		} {
			r := h.Get("/groups" + c.query).Want(200)
			if diff := cmp.Diff(want[c.from:c.to], names(r, "name")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.query, diff)
			}
			for name, value := range map[string]string{"X-Total-Count": "60", "X-Total-Pages": c.pages, "X-Page-Number": c.page, "X-Page-Size": c.size} {
				if got := r.Header.Get(name); got != value {
					t.Errorf("%s: %s is %s, want %s", c.query, name, got, value)
				}
			}
			if got := linked(r.Header.Get("Link")); !slices.Equal(got, c.links) {
				t.Errorf("%s: the links are %q, want %q", c.query, got, c.links)
			}
		}
		for _, bad := range []string{"page=-1", "page=x", "page=1.5", "size=0", "size=-3", "size=ten", "view=table"} {
			h.Get("/groups?" + bad).Want(400)
		}
	})
}

// linked spells the links of a header as rel=page.
func linked(header string) (all []string) {
	for part := range strings.SplitSeq(header, ", ") {
		address, rel, _ := strings.Cut(part, "; ")
		_, page, _ := strings.Cut(address, "page=")
		page, _, _ = strings.Cut(page, "&")
		all = append(all, strings.Trim(strings.TrimPrefix(rel, "rel="), `"`)+"="+page)
	}
	return all
}

func TestListGroupsAsPage(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.Golden("groups_page")
		g.Get("/groups?view=page").Want(200)
		for _, name := range []string{"c", "A", "b"} {
			h.group(name)
		}
		g.Get("/groups?view=page").Want(200)
		g.Get("/groups?view=page&page=1&size=2").Want(200)
		g.Get("/groups?view=page&page=7&size=2").Want(200)
	})
}

func TestGroupsOfThePast(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		before := h.clock.text(0)
		h.clock.forward(time.Second)
		id := h.group("Finance")
		user := h.user("Ann", "EMPLOYEE")
		h.member(id, user)
		h.clock.forward(time.Second)
		then := h.clock.text(0)
		h.clock.forward(time.Second)
		h.Patch("/groups/"+id, object{"name": "Treasury"}).Want(200)
		h.clock.forward(time.Second)
		h.Delete("/groups/" + id).Want(204)
		h.clock.forward(time.Second)
		h.Get("/groups/" + id).Want(404)
		h.Get("/groups/" + id + "?asOf=" + before).Want(404)
		if name := h.Get("/groups/" + id + "?asOf=" + then).Want(200).Text("name"); name != "Finance" {
			t.Errorf("it was named %s", name)
		}
		if got := names(h.Get("/groups?asOf="+then).Want(200), "name"); !slices.Equal(got, []string{"Finance"}) {
			t.Errorf("the groups were %q", got)
		}
		if got := names(h.Get("/groups/"+id+"/users?asOf="+then).Want(200), "uuid"); !slices.Equal(got, []string{user}) {
			t.Errorf("the users were %q", got)
		}
		if got := names(h.Get("/users/"+user+"/groups?asOf="+then).Want(200), "name"); !slices.Equal(got, []string{"Finance"}) {
			t.Errorf("the user's groups were %q", got)
		}
		if n := h.Get("/users/" + user + "/groups").Want(200).Len(""); n != 0 {
			t.Errorf("the user is in %d groups", n)
		}
		for _, bad := range []string{"yesterday", "2026-01-15", "1901-01-01T00:00:00Z"} {
			h.Get("/groups?asOf=" + bad).Want(400)
		}
	})
}

func TestBasesAndHosts(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.group("Finance")
		for _, c := range []struct{ host, path string }{
			{"localhost", "/organization/v2/groups/"},
			{"localhost", "/organization/api/v2/groups/"},
			{"organization.example.com", "/api/v2/groups/"},
			{"organization.example.com", "/v2/groups/"},
			{"organization.acme.example.com", "/v2/groups/"},
		} {
			if r := h.raw(http.MethodGet, c.host, c.path+id, h.ownerText, "", ""); r.Code != 200 {
				t.Errorf("%s%s: %d %s", c.host, c.path, r.Code, r.Body)
			}
		}
		if r := h.raw(http.MethodGet, "organization.rival.example.com", "/v2/groups/"+id, h.ownerText, "", ""); r.Code != 401 {
			t.Errorf("at the host of another tenant: %d %s", r.Code, r.Body)
		}
	})
}
