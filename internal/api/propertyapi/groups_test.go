package propertyapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestGroups(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.olga.Golden("groups")
		c.Note("A new user has one group.")
		c.Get("/groups").Want(200)
		c.Note("A group is created, read, renamed.")
		r := c.Post("/groups", `{"group":{"title":"South"}}`).Want(201)
		id := r.Text("data.id")
		r = c.Get("/groups/" + id).Want(200)
		c.Set("If-Match", r.Header.Get("ETag")).Put("/groups/"+id, `{"group":{"title":"North"}}`).Want(200)
		c.Note("The version has moved on.")
		c.Set("If-Match", `"1"`).Put("/groups/"+id, `{"group":{"title":"West"}}`).Want(412)
		c.Set("If-Match", `"1"`).Delete("/groups/" + id).Want(412)
		c.Note("Properties are associated and removed.")
		first := defaultGroup(h.olga)
		b, a := property(h.olga, "Property B", first), property(h.olga, "Property A", first)
		c.Post("/groups/"+id+"/properties/"+b, nil).Want(200)
		c.Post("/groups/"+id+"/properties/"+a, "ignored").Want(200)
		c.Get("/groups/" + id).Want(200)
		c.Get("/groups/options").Want(200)
		c.Get("/groups?pagination[limit]=1&order[title]=desc").Want(200)
		c.Note("Twice is refused.")
		c.Post("/groups/"+id+"/properties/"+a, nil).Want(422)
		c.Note("A group that holds a property is kept, and a property keeps a group.")
		c.Delete("/groups/" + id).Want(400)
		c.Delete("/groups/" + id + "/properties/" + a).Want(200)
		c.Delete("/groups/" + first + "/properties/" + a).Want(400)
		c.Delete("/groups/" + id + "/properties/" + a).Want(404)
		c.Delete("/groups/" + id + "/properties/" + b).Want(200)
		c.Delete("/groups/" + id).Want(200)
		c.Get("/groups/" + id).Want(404)
	})
}

func TestGroupErrors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		mine, foreign := group(h.olga, "Mine"), group(h.otto, "Foreign")
		c := h.olga.Golden("group_errors")
		c.Note("What is wrong with a title.")
		for _, body := range []string{
			`{"group":{}}`, `{"group":{"title":null}}`, `{"group":{"title":""}}`, `{"group":{"title":" \t "}}`,
			`{"group":{"title":7}}`, `{"group":{"title":"` + strings.Repeat("é", 256) + `"}}`, `{"group":{"title":"a\u0000b"}}`,
			`{"group":{"Title":"South"}}`,
		} {
			c.Post("/groups", body).Want(422)
		}
		c.Note("No group at all.")
		for _, body := range []string{`{}`, `{"group":null}`, `{"group":"South"}`, `{"Group":{"title":"South"}}`, `[]`} {
			c.Put("/groups/"+mine, body).Want(422)
		}
		c.Note("No JSON.")
		for _, body := range []string{`{"group":`, `{"group":{"title":"a","title":"b"}}`, "\xff", ""} {
			c.Post("/groups", body).Want(400)
		}
		c.Note("A group that does not exist, or never could.")
		for _, id := range []string{"01890000-0000-7000-8000-000000000000", "group-123", "00000000-0000-0000-0000-000000000000"} {
			c.Get("/groups/" + id).Want(404)
			c.Put("/groups/"+id, `{"group":{"title":"South"}}`).Want(404)
			c.Delete("/groups/" + id).Want(404)
			c.Post("/groups/"+id+"/properties/"+id, nil).Want(404)
			c.Delete("/groups/" + id + "/properties/" + id).Want(404)
		}
		c.Note("A group that exists and is somebody else's.")
		c.Get("/groups/" + foreign).Want(401)
		c.Put("/groups/"+foreign, `{"group":{"title":"South"}}`).Want(401)
		c.Delete("/groups/" + foreign).Want(401)
		c.Post("/groups/"+foreign+"/properties/x", nil).Want(401)
		c.Delete("/groups/" + foreign + "/properties/x").Want(401)
		c.Note("No token, and a wrong one.")
		c.As("").Get("/groups").Want(401)
		c.As("rst_acme_wrong").Post("/groups", `{"group":{"title":"South"}}`).Want(401)
		c.Note("No such address, no such method, too large.")
		c.Get("/nothing").Want(404)
		c.Patch("/groups/"+mine, `{}`).Want(405)
		c.Post("/groups", `{"group":{"title":"`+strings.Repeat("x", 1<<20)+`"}}`).Want(413)
		c.Note("Parameters that are not known here.")
		for _, query := range []string{
			"pagination[page]=0", "pagination[limit]=x", "pagination[page]=1.5", "pagination[size]=3", "pagination=1", "filter[city]=Paris",
			"filter[title][like]=a", "filter[id][gt]=a", "filter[title", "order[title]=up", "order[city]=asc", "pagination[page]=1&pagination[page]=2", "asOf=yesterday",
		} {
			c.Get("/groups?" + query).Want(400)
		}
		c.Note("A body of any media type is read.")
		c.Set("Content-Type", "text/plain").Post("/groups", `{"group":{"title":"`+strings.Repeat("é", 255)+`"}}`).Want(201)
	})
}

// Twelve groups without parameters are twelve; a page of them says how many there are.
func TestGroupList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		for i := range 11 {
			group(h.olga, fmt.Sprintf("Group %02d", 11-i))
		}
		all := h.olga.Get("/groups").Want(200)
		if all.Len("data") != 12 || all.At("meta") != nil {
			t.Fatalf("%s", all.Body)
		}
		if got := titles(all); !slices.IsSorted(got) {
			t.Errorf("not by title: %q", got)
		}
		for query, want := range map[string]struct{ rows, limit, page, total float64 }{
			"pagination[page]=2&pagination[limit]=5":          {5, 5, 2, 12},
			"pagination[page]=3&pagination[limit]=5":          {2, 5, 3, 12},
			"pagination[page]=2":                              {2, 10, 2, 12},
			"pagination[limit]=1000":                          {12, 100, 1, 12},
			"pagination[page]=9007199254740991":               {0, 10, 9007199254740991, 12},
			"pagination[page]=1&filter[title][gt]=Group%2009": {3, 10, 1, 3},
		} {
			r := h.olga.Get("/groups?" + query).Want(200)
			if float64(r.Len("data")) != want.rows || r.At("meta.limit") != want.limit || r.At("meta.page") != want.page || r.At("meta.total") != want.total {
				t.Errorf("%s: %s", query, r.Body)
			}
		}
		for query, want := range map[string][]string{
			"filter[title]=Group%2001,Group%2003":                          {"Group 01", "Group 03"},
			"filter[title][eq]=Group%2001,Group%2003":                      nil,
			"filter[title][gte]=Group%2010&filter[title][lt]=Group%2011":   {"Group 10"},
			"filter[title][lte]=Group%2002&order[title]=desc":              {"Group 02", "Group 01"},
			"filter[title][not]=User%20Group&filter[title][gt]=Group%2010": {"Group 11"},
			"filter[id]=" + all.Text("data.0.id") + ",nonsense":            {"Group 01"},
		} {
			if got := titles(h.olga.Get("/groups?" + query)); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
	})
}
