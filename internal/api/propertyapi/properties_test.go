package propertyapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/store/storetest"
)

const nobody = "01890000-0000-7000-8000-000000000000"

func TestProperties(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		south := group(h.olga, "South")
		c := h.olga.Golden("properties")
		c.Note("A property goes to the group that is named, else to the default group.")
		id := c.Post("/properties", `{"property":{"title":"Sea View","currency":"eur","group_id":"`+south+`","city":"Nice","latitude":43.7,"zip_code":null,"unknown":1,"id":"x"}}`).Want(201).Text("data.id")
		c.Post("/properties", `{"property":{"title":"Garden","currency":"USD","is_active":false}}`).Want(201)
		c.Get("/properties").Want(200)
		c.Get("/properties/options").Want(200)
		c.Get("/properties?filter[is_active]=true&order[title]=desc").Want(200)
		r := c.Get("/properties/" + id).Want(200)
		c.Note("What is absent stays, null clears, group_id is ignored.")
		c.Set("If-Match", r.Header.Get("ETag")).Put("/properties/"+id, `{"property":{"city":null,"country":"France","is_active":false,"group_id":"`+nobody+`"}}`).Want(200)
		c.Put("/properties/"+id, `{"property":{}}`).Want(200)
		c.Set("If-Match", `"1"`).Put("/properties/"+id, `{"property":{"title":"Other"}}`).Want(412)
		c.Set("If-Match", `"1"`).Delete("/properties/" + id).Want(412)
		c.Note("Removing it may empty groups.")
		c.Delete("/properties/" + id).Want(200)
		c.Get("/properties/" + id).Want(404)
		c.Get("/groups/" + south).Want(200)
	})
}

func TestPropertyErrors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		theirs := group(h.otto, "Theirs")
		foreign := property(h.otto, "Foreign", theirs)
		mine := property(h.olga, "Mine", defaultGroup(h.olga))
		c := h.olga.Golden("property_errors")
		for _, body := range []string{
			`{}`, `{"property":{}}`, `{"property":{"title":null,"currency":null}}`, `{"property":{"title":" ","currency":"EURO"}}`,
			`{"property":{"title":"` + strings.Repeat("x", 256) + `","currency":"XYZ"}}`,
			`{"property":{"title":"A","currency":"E\u0000R"}}`, `{"property":{"title":"A","currency":5}}`,
			`{"property":{"title":"A","currency":"EUR","latitude":91,"longitude":"x","email":"nobody"}}`,
			`{"property":{"title":"A","currency":"EUR","email":"nobody"}}`,
			`{"property":{"title":"A","currency":"EUR","group_id":"south"}}`,
			`{"property":{"title":"A","currency":"EUR","group_id":"` + nobody + `"}}`,
			`{"property":{"title":"A","currency":"EUR","group_id":"` + theirs + `"}}`,
		} {
			c.Post("/properties", body).Want(422)
		}
		c.Post("/properties", `{"property":`).Want(400)
		c.Put("/properties/"+mine, `{"property":{"title":null}}`).Want(422)
		c.Put("/properties/"+mine, `{"property":{"currency":null}}`).Want(422)
		c.Put("/properties/"+mine, `{}`).Want(422)
		c.Note("A property that the caller does not see does not exist.")
		for _, id := range []string{nobody, "x", foreign} {
			c.Get("/properties/" + id).Want(404)
			c.Put("/properties/"+id, `{"property":{"title":"A"}}`).Want(404)
			c.Delete("/properties/" + id).Want(404)
			c.Post("/groups/"+defaultGroup(h.olga)+"/properties/"+id, nil).Want(404)
		}
		c.As("").Get("/properties").Want(401)
		c.Get("/properties?filter[is_active]=maybe").Want(400)
		c.Get("/properties?filter[is_active][gt]=true").Want(400)
		c.Get("/properties?pagination[limit]=0").Want(400)
		c.Get("/properties?pagination[limit]=ten").Want(400)
		c.Note("The server's own key belongs to nobody, so it has no default group.")
		h.admin.Post("/properties", `{"property":{"title":"A","currency":"EUR"}}`).Want(422)
	})
}

func TestPropertyList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		first, second := defaultGroup(h.olga), group(h.olga, "Second")
		for i := range 12 {
			id := property(h.olga, fmt.Sprintf("Hotel %02d", 12-i), first)
			if i%2 == 0 {
				h.olga.Post("/groups/"+second+"/properties/"+id, nil).Want(200)
				h.olga.Put("/properties/"+id, `{"property":{"is_active":false}}`).Want(200)
			}
		}
		r := h.olga.Get("/properties").Want(200)
		if got := titles(r); len(got) != 10 || !slices.IsSorted(got) || r.At("meta.total") != 12.0 || r.At("meta.limit") != 10.0 || r.At("meta.page") != 1.0 {
			t.Errorf("%s", r.Body)
		}
		if r.Len("data.1.relationships.groups.data") != 2 || r.Text("data.1.relationships.groups.data.0.attributes.title") != "Second" {
			t.Errorf("%s", r.Body)
		}
		for query, want := range map[string][]string{
			"pagination[page]=2": {"Hotel 11", "Hotel 12"}, "pagination[page]=3": nil,
			"filter[is_active]=false&pagination[limit]=2":                                     {"Hotel 02", "Hotel 04"},
			"filter[is_active][not]=false&order[title]=desc&pagination[limit]=1":              {"Hotel 11"},
			"filter[title][gt]=Hotel%2009&filter[is_active]=true":                             {"Hotel 11"},
			"filter[id]=" + r.Text("data.0.id") + "," + strings.ToUpper(r.Text("data.2.id")):  {"Hotel 01", "Hotel 03"},
			"filter[id][not]=" + r.Text("data.0.id") + "&filter[title]=Hotel%2001,Hotel%2002": {"Hotel 02"},
		} {
			if got := titles(h.olga.Get("/properties?" + query)); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		if got := titles(h.olga.Get("/properties/options")); len(got) != 12 || !slices.IsSorted(got) {
			t.Errorf("options: %q", got)
		}
		if got := titles(h.otto.Get("/properties")); got != nil {
			t.Errorf("otto sees %q", got)
		}
		if got := h.admin.Get("/properties").Want(200).At("meta.total"); got != 12.0 {
			t.Errorf("the server's key sees %v", got)
		}
	})
}

// The default group may go while it is empty; the next property brings it back.
func TestDefaultGroup(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		old := defaultGroup(h.olga)
		h.olga.Delete("/groups/" + old).Want(200)
		if got := titles(h.olga.Get("/groups")); got != nil {
			t.Fatalf("%q", got)
		}
		p := h.olga.Post("/properties", `{"property":{"title":"A","currency":"EUR"}}`).Want(201)
		again := defaultGroup(h.olga)
		if again == old || p.Text("data.relationships.groups.data.0.id") != again {
			t.Errorf("%s in %s", p.Body, again)
		}
		h.olga.Put("/groups/"+again, `{"group":{"title":"Renamed"}}`).Want(200)
		p = h.olga.Post("/properties", `{"property":{"title":"B","currency":"EUR"}}`).Want(201)
		if p.Text("data.relationships.groups.data.0.id") != again {
			t.Errorf("%s", p.Body)
		}
		// Whoever is no owner of it any more gets another.
		me := h.olga.Get("/group_users?filter[group_id]=" + again).Want(200).Text("data.0.id")
		h.olga.Delete("/group_users/" + me).Want(200)
		p = h.olga.Post("/properties", `{"property":{"title":"C","currency":"EUR"}}`).Want(201)
		if p.Text("data.relationships.groups.data.0.attributes.title") != "User Group" {
			t.Errorf("%s", p.Body)
		}
	})
}
