package propertyapi_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// A user of a group reads it and its properties, and writes nothing.
func TestReaderWritesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		south := group(h.olga, "South")
		p := property(h.olga, "Sea View", south)
		h.otto.Get("/properties/" + p).Want(404)
		invite(h.olga, south, "otto@example.org", "user")
		c := h.otto.Golden("reader")
		c.Get("/groups/" + south).Want(200)
		c.Get("/properties/" + p).Want(200)
		c.Put("/groups/"+south, `{"group":{"title":"Mine"}}`).Want(403)
		c.Delete("/groups/" + south).Want(403)
		c.Post("/groups/"+south+"/properties/"+p, nil).Want(403)
		c.Delete("/groups/" + south + "/properties/" + p).Want(403)
		c.Post("/properties", `{"property":{"title":"A","currency":"EUR","group_id":"`+south+`"}}`).Want(403)
		c.Put("/properties/"+p, `{"property":{"title":"Mine"}}`).Want(403)
		c.Delete("/properties/" + p).Want(403)
		c.Note("Nor do they make a property their own by putting it into a group of theirs.")
		own := defaultGroup(h.otto)
		c.Post("/groups/"+own+"/properties/"+p, nil).Want(403)
	})
}

// An owner puts a property into another group of theirs; whoever sees one of its
// groups sees of its groups that one alone.
func TestPropertyInTwoGroups(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		south, north := group(h.olga, "South"), group(h.olga, "North")
		p := property(h.olga, "Sea View", south)
		h.olga.Post("/groups/"+north+"/properties/"+p, nil).Want(200)
		invite(h.olga, north, "otto@example.org", "owner")
		r := h.otto.Get("/properties/" + p).Want(200)
		if r.Len("data.relationships.groups.data") != 1 || r.Text("data.relationships.groups.data.0.id") != north {
			t.Errorf("%s", r.Body)
		}
		h.otto.Put("/properties/"+p, `{"property":{"title":"Ours"}}`).Want(200)
		h.otto.Get("/groups/" + south).Want(401)
		h.otto.Delete("/groups/" + south + "/properties/" + p).Want(401)
		h.otto.Delete("/groups/" + north + "/properties/" + p).Want(200)
		h.otto.Get("/properties/" + p).Want(404)
	})
}

// Two property users see nothing of each other.
func TestUsersApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		south := group(h.olga, "South")
		p := property(h.olga, "Sea View", south)
		for _, path := range []string{"/groups", "/groups/options", "/groups?pagination[page]=1", "/properties", "/properties/options", "/group_users"} {
			if n := h.otto.Get(path).Want(200).Len("data"); n > 1 {
				t.Errorf("otto sees %d in %s", n, path)
			}
		}
		if got := titles(h.otto.Get("/groups?filter[id]=" + south)); got != nil {
			t.Errorf("%q", got)
		}
		h.otto.Post("/groups/"+defaultGroup(h.otto)+"/properties/"+p, nil).Want(404)
		if got := titles(h.admin.Get("/groups")); !slices.Equal(got, []string{"South", "User Group", "User Group"}) {
			t.Errorf("the server's key sees %q", got)
		}
		h.admin.Put("/groups/"+south, `{"group":{"title":"Renamed"}}`).Want(200)
		h.admin.Put("/properties/"+p, `{"property":{"title":"Renamed"}}`).Want(200)
		h.admin.Post("/groups", `{"group":{"title":"Nobody's"}}`).Want(201)
		h.client.As(h.token("user", 0)).Post("/groups", `{"group":{"title":"Nobody's"}}`).Want(403)
	})
}

// Tenants are kept apart: no id of one is anything in the other, for any role.
func TestTenantsApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		south := group(h.olga, "South")
		p := property(h.olga, "Sea View", south)
		u := invite(h.olga, south, "otto@example.org", "owner")
		waiting := invite(h.olga, south, "nina@example.org", "owner")

		other := *h
		other.actor = storetest.Tenant(t, h.db, "rival")
		olga := other.user("olga") // the same address, another person
		other.user("nina")         // an invitation of another tenant
		for _, c := range []struct {
			who, admin string
		}{{"user", ""}, {"admin", "admin"}} {
			client := olga
			if c.admin != "" {
				client = h.client.As(other.token("admin", 0))
			}
			for _, path := range []string{"/groups/" + south, "/properties/" + p, "/group_users/" + u, "/group_users/" + waiting} {
				client.Get(path).Want(404)
				client.Delete(path).Want(404)
			}
			client.Put("/groups/"+south, `{"group":{"title":"A"}}`).Want(404)
			client.Put("/properties/"+p, `{"property":{"title":"A"}}`).Want(404)
			client.Put("/group_users/"+u, `{"group_user":{"role":"user"}}`).Want(404)
			client.Post("/groups/"+defaultGroup(olga)+"/properties/"+p, nil).Want(404)
			client.Post("/groups/"+south+"/properties/"+p, nil).Want(404)
			client.Post("/group_users", `{"invite":{"group_id":"`+south+`","user_email":"x@example.org"}}`).Want(422)
			if got := titles(client.Get("/groups?filter[id]=" + south)); got != nil {
				t.Errorf("the other tenant's %s sees %q", c.who, got)
			}
		}
		if r := h.olga.Get("/group_users/" + waiting).Want(200); r.Text("data.attributes.state") != "invited" {
			t.Errorf("%s", r.Body)
		}
	})
}

// The token comes in Authorization or in user-api-key; one of another API is 403.
func TestKeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		key := h.token("admin", 0)
		h.client.Set("user-api-key", key).Get("/groups").Want(200)
		h.client.Set("user-api-key", "wrong").Get("/groups").Want(401)
		_, text, err := h.identity.CreateToken(t.Context(), h.actor, identity.Token{
			API: roster.DirectoryAPI, Role: "Administrator", ExpiresAt: time.Now().Add(time.Hour),
		}, identity.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		h.client.As(text).Get("/groups").Want(403)
	})
}

// On a host of its own the API lies at the documented path, and the host may name
// the tenant.
func TestHost(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	if _, err := h.lodging.CreateUser(t.Context(), h.actor, "nina@example.org", "Nina", password); err != nil {
		t.Fatal(err)
	}
	at := func(host string) *wiretest.Client {
		return wiretest.New(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Host = host
			h.server.ServeHTTP(w, r)
		}), "/api/v1")
	}
	token := signIn(at("property.acme.example.com"), "nina@example.org", password).Want(200).Text("data.attributes.token")
	r := at("property.example.com").As(token).Post("/groups", `{"group":{"title":"South"}}`).Want(201)
	if want := "/api/v1/groups/" + r.Text("data.id"); r.Header.Get("Location") != want {
		t.Errorf("Location %q, want %q", r.Header.Get("Location"), want)
	}
	at("property.rival.example.com").As(token).Get("/groups").Want(401)
	signIn(at("property.rival.example.com"), "nina@example.org", password).Want(401)
}

// A key counts by its exact spelling: one in another case neither grants a role nor
// overrides one.
func TestKeyCase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		south := group(h.olga, "South")
		r := h.olga.Post("/group_users", `{"invite":{"group_id":"`+south+`","user_email":"otto@example.org","ROLE":"owner","Role":"owner"}}`).Want(201)
		if r.Text("data.attributes.role") != "user" {
			t.Errorf("%s", r.Body)
		}
		id := r.Text("data.id")
		h.olga.Put("/group_users/"+id, `{"group_user":{"Role":"owner"}}`).Want(422)
		r = h.olga.Put("/group_users/"+id, `{"group_user":{"role":"user","ROLE":"owner"}}`).Want(200)
		if r.Text("data.attributes.role") != "user" {
			t.Errorf("%s", r.Body)
		}
		h.olga.Put("/group_users/"+id, `{"group_user":{"role":"user"},"GROUP_USER":{"role":"owner"}}`).Want(200)
		h.otto.Delete("/groups/" + south).Want(403)
	})
}
