package propertyapi_test

import (
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestPlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		south, north := group(h.olga, "South"), group(h.olga, "North")
		p := property(h.olga, "Sea View", south)
		u := invite(h.olga, south, "otto@example.org", "user")
		waiting := invite(h.olga, south, "nina@example.org", "user")
		c := h.olga.Golden("plan").Set("Roster-Plan", "true")
		c.Hide(`token:\d+`, "actor")
		c.Post("/groups", `{"group":{"title":"East"}}`).Want(200)
		c.Put("/groups/"+south, `{"group":{"title":"West"}}`).Want(200)
		c.Delete("/groups/" + north).Want(200)
		c.Post("/groups/"+north+"/properties/"+p, nil).Want(200)
		c.Post("/properties", `{"property":{"title":"A","currency":"EUR"}}`).Want(200)
		c.Put("/properties/"+p, `{"property":{"city":"Nice"}}`).Want(200)
		c.Delete("/properties/" + p).Want(200)
		c.Put("/group_users/"+u, `{"group_user":{"role":"owner"}}`).Want(200)
		c.Put("/group_users/"+waiting, `{"group_user":{"role":"owner"}}`).Want(200)
		c.Delete("/group_users/" + waiting).Want(200)
		c.Post("/group_users", `{"invite":{"group_id":"`+south+`","user_email":"x@example.org"}}`).Want(200)
		c.Note("A refusal is the ordinary one.")
		c.Delete("/groups/" + south).Want(400)
		c.Note("Nothing has happened.")
		c.Set("Roster-Plan", "").Get("/groups").Want(200)
	})
}

func TestIdempotency(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.olga.Set("Idempotency-Key", "k1")
		first := c.Post("/groups", `{"group":{"title":"South"}}`).Want(201)
		again := c.Post("/groups", `{"group":{"title":"South"}}`).Want(201)
		if string(first.Body) != string(again.Body) || first.Header.Get("ETag") != again.Header.Get("ETag") {
			t.Errorf("%s, then %s", first.Body, again.Body)
		}
		h.olga.Golden("key_reused").Set("Idempotency-Key", "k1").Post("/groups", `{"group":{"title":"North"}}`).Want(422)
		if n := h.olga.Get("/groups").Want(200).Len("data"); n != 2 {
			t.Errorf("%d groups", n)
		}
		// A refusal is not kept.
		id, g := property(h.olga, "Sea View", first.Text("data.id")), group(h.olga, "Group")
		path := "/groups/" + g + "/properties/" + id
		k2 := h.olga.Set("Idempotency-Key", "k2")
		k2.Post(path, nil).Want(200)
		k2.Post(path, nil).Want(200)
		h.olga.Set("Idempotency-Key", "k3").Post(path, nil).Want(422)
		h.olga.Post("/groups/"+group(h.olga, "Third")+"/properties/"+id, nil).Want(200)
		h.olga.Delete(path).Want(200)
		h.olga.Set("Idempotency-Key", "k3").Post(path, nil).Want(200)
	})
}

// With asOf a group is what it was, to whoever saw it then and may see it now.
func TestAsOf(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		now := func() string {
			t.Helper()
			// Later than all that was acknowledged, and earlier than all to come.
			return "?asOf=" + time.UnixMicro(h.db.Now()).UTC().Format("2006-01-02T15:04:05.999999Z")
		}
		begin := now()
		south := group(h.olga, "South")
		p := property(h.olga, "Sea View", south)
		invite(h.olga, south, "otto@example.org", "user")
		then := now()
		h.olga.Put("/groups/"+south, `{"group":{"title":"North"}}`).Want(200)
		h.olga.Put("/properties/"+p, `{"property":{"title":"Garden"}}`).Want(200)
		for _, who := range []struct {
			name string
			get  func(string) []string
		}{
			{"olga", func(at string) []string { return titles(h.olga.Get("/groups" + at)) }},
			{"the server's key", func(at string) []string { return titles(h.admin.Get("/groups" + at)) }},
		} {
			if got := who.get(then); len(got) < 2 || got[0] != "South" {
				t.Errorf("%s saw %q", who.name, got)
			}
			if got := who.get(begin); len(got) < 1 || got[0] != "User Group" {
				t.Errorf("%s saw at the beginning %q", who.name, got)
			}
		}
		r := h.otto.Get("/groups/" + south + then).Want(200)
		if r.Text("data.attributes.title") != "South" || r.Text("data.relationships.properties.data.0.attributes.title") != "Sea View" {
			t.Errorf("%s", r.Body)
		}
		h.otto.Get("/groups/" + south + begin).Want(404)
		// Whoever is taken out of a group sees nothing of its past.
		u := h.olga.Get("/group_users?filter[email]=otto@example.org&filter[group_id]=" + south).Want(200).Text("data.0.id")
		h.olga.Delete("/group_users/" + u).Want(200)
		h.otto.Get("/groups/" + south + then).Want(401)
		if got := titles(h.otto.Get("/groups" + then)); len(got) != 1 {
			t.Errorf("otto sees %q", got)
		}
		// A group that is gone is there to whoever saw it.
		h.olga.Delete("/properties/" + p).Want(200)
		h.olga.Delete("/groups/" + south).Want(200)
		h.olga.Get("/groups/" + south).Want(404)
		h.olga.Get("/groups/" + south + then).Want(200)
		if got := titles(h.olga.Get("/groups" + then)); len(got) != 2 {
			t.Errorf("olga sees %q", got)
		}
	})
}
