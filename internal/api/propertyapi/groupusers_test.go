package propertyapi_test

import (
	"testing"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestGroupUsers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		south := group(h.olga, "South")
		c := h.olga.Golden("group_users")
		c.Note("Somebody with an account is in the group at once.")
		c.Post("/group_users", `{"invite":{"group_id":"`+south+`","user_email":" OTTO@example.org","role":"user"}}`).Want(422)
		r := c.Post("/group_users", `{"invite":{"group_id":"`+south+`","user_email":"OTTO@example.org","role":"user","overrides":{"rates":true}}}`).Want(201)
		otto := r.Text("data.id")
		c.Note("An address that nobody has is invited.")
		waiting := c.Post("/group_users", `{"invite":{"group_id":"`+south+`","user_email":"nina@example.org"}}`).Want(201).Text("data.id")
		c.Get("/group_users?filter[group_id]=" + south).Want(200)
		c.Get("/group_users?filter[group_id]=" + south + "&filter[state]=invited&pagination[limit]=1").Want(200)
		r = c.Get("/group_users/" + otto).Want(200)
		c.Note("Roles change.")
		c.Set("If-Match", r.Header.Get("ETag")).Put("/group_users/"+otto, `{"group_user":{"role":"owner"}}`).Want(200)
		c.Set("If-Match", `"1"`).Put("/group_users/"+otto, `{"group_user":{"role":"user"}}`).Want(412)
		c.Set("If-Match", `"1"`).Delete("/group_users/" + otto).Want(412)
		c.Put("/group_users/"+waiting, `{"group_user":{"role":"owner"}}`).Want(200)
		c.Note("Both are in, or invited, already.")
		c.Post("/group_users", `{"invite":{"group_id":"`+south+`","user_email":"otto@example.org","role":"user"}}`).Want(400)
		c.Post("/group_users", `{"invite":{"group_id":"`+south+`","user_email":"Nina@example.org","role":"user"}}`).Want(400)
		c.Note("Out again.")
		c.Delete("/group_users/" + otto).Want(200)
		c.Delete("/group_users/" + waiting).Want(200)
		c.Get("/group_users/" + otto).Want(404)
		c.Delete("/group_users/" + waiting).Want(404)
		c.Get("/group_users?filter[group_id]=" + south).Want(200)
	})
}

func TestGroupUserErrors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		mine, theirs := group(h.olga, "Mine"), group(h.otto, "Theirs")
		foreign := invite(h.otto, theirs, "nina@example.org", "user")
		own := invite(h.olga, mine, "otto@example.org", "user")
		c := h.olga.Golden("group_user_errors")
		for _, body := range []string{
			`{}`, `{"invite":{}}`, `{"invite":{"group_id":null,"user_email":null}}`,
			`{"invite":{"group_id":"x","user_email":"nina@example.org","role":"user"}}`,
			`{"invite":{"group_id":"` + nobody + `","user_email":"nina@example.org","role":"user"}}`,
			`{"invite":{"group_id":"` + theirs + `","user_email":"nina@example.org","role":"user"}}`,
			`{"invite":{"group_id":"` + mine + `","user_email":"nina","role":"user"}}`,
			`{"invite":{"group_id":"` + mine + `","user_email":"nina@example.org","role":"admin"}}`,
			`{"invite":{"group_id":"` + mine + `","user_email":"nina@example.org","role":"user","overrides":[]}}`,
			`{"invite":{"group_id":"` + mine + `","user_email":"a\u0000@example.org","role":"user"}}`,
		} {
			c.Post("/group_users", body).Want(422)
		}
		c.Post("/group_users", `{"invite":`).Want(400)
		c.Put("/group_users/"+own, `{"group_user":{"role":"admin"}}`).Want(422)
		c.Put("/group_users/"+own, `{"group_user":{}}`).Want(422)
		c.Put("/group_users/"+own, `{}`).Want(422)
		c.Note("Somebody in a group that the caller does not see does not exist.")
		for _, id := range []string{nobody, "x", foreign} {
			c.Get("/group_users/" + id).Want(404)
			c.Put("/group_users/"+id, `{"group_user":{"role":"user"}}`).Want(404)
			c.Delete("/group_users/" + id).Want(404)
		}
		c.Get("/group_users?filter[group_id]=" + theirs).Want(200)
		c.Get("/group_users?filter[name]=x").Want(400)
		c.As("").Get("/group_users").Want(401)
		c.Note("A reader of a group changes nothing about its users.")
		mineToo := h.otto.Get("/group_users?filter[group_id]=" + mine).Want(200)
		if mineToo.Len("data") != 2 {
			t.Errorf("%s", mineToo.Body)
		}
		r := h.otto.Golden("group_user_reader")
		r.Put("/group_users/"+own, `{"group_user":{"role":"owner"}}`).Want(403)
		r.Delete("/group_users/" + own).Want(403)
		r.Post("/group_users", `{"invite":{"group_id":"`+mine+`","user_email":"nina@example.org","role":"owner"}}`).Want(403)
	})
}

// An invitation to an address that nobody has binds, with the id that it had, in the
// same commit in which an administrator of any API makes an account for the address.
func TestInvitationBinds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		south := group(h.olga, "South")
		id := invite(h.olga, south, "Nina@Example.org", "owner")
		invite(h.olga, defaultGroup(h.olga), "nina@example.org", "user")
		p, err := h.identity.CreateAccount(t.Context(), h.actor, identity.Account{Name: "nina", Email: "nina@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		r := h.olga.Get("/group_users/" + id).Want(200)
		if r.Text("data.attributes.state") != "active" || r.Text("data.attributes.role") != "owner" ||
			r.Text("data.relationships.user.data.id") != p.UUID.String() || r.Text("data.attributes.email") != "nina@example.org" {
			t.Errorf("%s", r.Body)
		}
		nina := h.client.As(h.token("user", p.ID))
		if got := titles(nina.Get("/groups")); len(got) != 2 {
			t.Errorf("nina sees %q", got)
		}
		nina.Put("/groups/"+south, `{"group":{"title":"Nina's"}}`).Want(200)
		h.olga.Put("/group_users/"+id, `{"group_user":{"role":"user"}}`).Want(200)
		nina.Put("/groups/"+south, `{"group":{"title":"South"}}`).Want(403)
		h.olga.Delete("/group_users/" + id).Want(200)
		nina.Get("/groups/" + south).Want(401)
		h.olga.Get("/group_users/" + id).Want(404)
	})
}

// An address that an account gets later binds what waited for it, too.
func TestInvitationBindsToChangedAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		p, err := h.identity.CreateAccount(t.Context(), h.actor, identity.Account{Name: "nina", Email: "old@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		id := invite(h.olga, defaultGroup(h.olga), "new@example.org", "user")
		change := func(email string) {
			t.Helper()
			if _, err := h.identity.UpdateAccount(t.Context(), h.actor, p.ID, nil, setEmail(email)); err != nil {
				t.Fatal(err)
			}
		}
		change("NEW@example.org")
		if r := h.olga.Get("/group_users/" + id).Want(200); r.Text("data.attributes.state") != "active" {
			t.Errorf("%s", r.Body)
		}
		change("third@example.org") // who is in the group stays there
		if r := h.olga.Get("/group_users/" + id).Want(200); r.Text("data.attributes.email") != "third@example.org" {
			t.Errorf("%s", r.Body)
		}
	})
}

// Deleting a group takes back the invitations to it.
func TestInvitationEndsWithGroup(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		south := group(h.olga, "South")
		id := invite(h.olga, south, "nina@example.org", "user")
		h.olga.Delete("/groups/" + south).Want(200)
		h.olga.Get("/group_users/" + id).Want(404)
		h.user("nina")
		if r := h.admin.Get("/group_users").Want(200); r.Len("data") != 3 {
			t.Errorf("%s", r.Body)
		}
	})
}
