package orgapi_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/identity"
)

func TestUsers(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.Golden("users")
		g.Note("A new user is an active EMPLOYEE unless the body says more.")
		boss := g.Post("/users", object{"fullName": "Olive Amari", "email": "olive@example.org", "role": "COMPANY_OWNER"}).Want(201)
		made := g.Post("/users", object{
			"fullName": "emma Lind", "email": "emma@example.org", "phoneNumber": "+46 70 1740605", "jobTitle": "Engineer",
			"department": "Field", "managerUuid": boss.Text("uuid"),
		}).Want(201)
		path := "/users/" + made.Text("uuid")
		g.Get("/users").Want(200)
		g.Get(path).Want(200)
		g.Note("PATCH merges.")
		g.Patch(path, object{"status": "DISABLED"}).Want(200)
		g.Patch(path, object{"role": "MANAGER", "managerUuid": nil, "phoneNumber": nil}).Want(200)
		g.Patch(path, object{"fullName": "Emma Lind", "email": "lind@example.org"}).Want(200)
		g.Patch(path, object{}).Want(200)
		g.Note("Refusals.")
		g.Post("/users", object{"fullName": "Another", "email": "LIND@example.org"}).Want(422)
		g.Post("/users", object{"fullName": " ", "email": "a@example.org"}).Want(400)
		g.Post("/users", object{"fullName": "A", "email": "no address"}).Want(400)
		g.Post("/users", object{"fullName": "A", "email": "a@example.org", "role": "ADMIN"}).Want(400)
		g.Post("/users", object{"fullName": "A", "email": "a@example.org", "status": "LOCKED"}).Want(400)
		g.Post("/users", object{"email": "a@example.org"}).Want(400)
		g.Post("/users", object{"fullName": "A", "email": "a@example.org", "managerUuid": unknown()}).Want(422)
		g.Post("/users", object{"fullName": "A", "email": "a@example.org", "managerUuid": "boss"}).Want(400)
		g.Patch(path, object{"managerUuid": made.Text("uuid")}).Want(422)
		g.Patch(path, object{"email": "olive@example.org"}).Want(422)
		g.Patch(path, object{"role": nil}).Want(400)
		g.Patch(path, object{"fullName": ""}).Want(400)
		g.Get("/users/" + unknown()).Want(404)
		g.Patch("/users/nobody", object{}).Want(404)
		g.Set("If-Match", `"0"`).Patch(path, object{"role": "EMPLOYEE"}).Want(412)
		h.rival.Get(path).Want(404)
	})
}

func TestListUsers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.user("Zoe", "MANAGER")
		for _, name := range []string{"bea", "Ann", "Cid", "dan"} {
			id := h.user(name, "EMPLOYEE")
			h.Patch("/users/"+id, object{"managerUuid": boss}).Want(200)
			if name == "Cid" {
				h.Patch("/users/"+id, object{"status": "DISABLED"}).Want(200)
			}
		}
		for query, want := range map[string][]string{
			"":                                 {"Ann", "bea", "Cid", "dan", "Zoe"},
			"?page=1&size=2":                   {"Cid", "dan"},
			"?page=9":                          {},
			"?status=DISABLED":                 {"Cid"},
			"?role=MANAGER":                    {"Zoe"},
			"?managerUuid=" + boss:             {"Ann", "bea", "Cid", "dan"},
			"?managerUuid=" + unknown():        {},
			"?role=EMPLOYEE&status=ACTIVE":     {"Ann", "bea", "dan"},
			"?managerUuid=" + boss + "&size=1": {"Ann"},
		} {
			r := h.Get("/users" + query).Want(200)
			if diff := cmp.Diff(want, names(r, "fullName")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
			}
		}
		h.Get("/users?managerUuid=boss").Want(400)
		h.Get("/users?role=ADMIN").Want(400)
		if total := h.Get("/users?size=1&status=ACTIVE").Header.Get("X-Total-Count"); total != "4" {
			t.Errorf("%s active users", total)
		}
	})
}

// A person that another API knows becomes a user, too, and keeps what is that API's.
func TestUserOnAPerson(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		account, err := h.identity.CreateAccount(t.Context(), h.actor, identity.Account{Name: "ann.lee", Email: "ann@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		made := h.Post("/users", object{"fullName": "Ann Lee", "email": "Ann@Example.org"}).Want(201)
		if made.Text("uuid") != account.UUID.String() || made.Text("email") != "ann@example.org" {
			t.Errorf("the user is another person: %s", made.Body)
		}
		path := "/users/" + made.Text("uuid")
		h.Patch(path, object{"email": "other@example.org"}).Want(403)
		h.Patch(path, object{"fullName": "Ann B. Lee"}).Want(200)
		after, err := h.identity.GetAccount(t.Context(), h.actor.Tenant.ID, account.ID, 0)
		if err != nil || after.Name != "ann.lee" || after.Email != "ann@example.org" {
			t.Errorf("the account is %+v, %v", after, err)
		}
		h.Post("/users", object{"fullName": "Again", "email": "ann@example.org"}).Want(422)
	})
}

// A user's own token has the role that the user has now, and none once disabled.
func TestUsersToken(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.user("Ann", "EMPLOYEE")
		path := "/users/" + id
		u, err := h.identity.GetUser(t.Context(), h.actor.Tenant.ID, parse(id))
		if err != nil {
			t.Fatal(err)
		}
		ann := h.stranger.As(h.token(h.actor, identity.CompanyOwner, u.ID))
		ann.Get("/groups").Want(200)
		ann.Get("/policies").Want(403)
		h.Patch(path, object{"role": "MANAGER"}).Want(200)
		ann.Get("/policies").Want(200)
		ann.Post("/groups", object{"name": "Mine"}).Want(403)
		h.Patch(path, object{"role": "COMPANY_OWNER"}).Want(200)
		ann.Post("/groups", object{"name": "Mine"}).Want(201)
		h.Patch(path, object{"status": "DISABLED"}).Want(200)
		ann.Get("/groups").Want(401)
	})
}

func TestGroupUsers(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		group, ann, bob := h.group("Finance"), h.user("Ann", "EMPLOYEE"), h.user("Bob", "MANAGER")
		users := "/groups/" + group + "/users"
		g := h.Golden("group_users")
		g.Note("PUT is idempotent; so is DELETE.")
		g.Put(users+"/"+ann, nil).Want(204)
		g.Put(users+"/"+ann, nil).Want(204)
		g.Put(users+"/"+bob, object{"role": "approver", "startsAt": "2026-01-01T00:00:00Z", "expiresAt": "2026-02-01T00:00:00.5Z"}).Want(204)
		g.Get(users).Want(200)
		g.Get(users + "?view=page&size=1").Want(200)
		g.Note("A body changes what it names, and nothing else.")
		g.Put(users+"/"+bob, object{"expiresAt": nil}).Want(204)
		g.Put(users+"/"+bob, nil).Want(204)
		g.Get(users).Want(200)
		g.Delete(users + "/" + ann).Want(204)
		g.Delete(users + "/" + ann).Want(204)
		g.Get(users).Want(200)
		g.Note("Refusals.")
		g.Put(users+"/"+unknown(), nil).Want(404)
		g.Put(users+"/ann", nil).Want(404)
		g.Put("/groups/"+unknown()+"/users/"+ann, nil).Want(404)
		g.Delete("/groups/" + unknown() + "/users/" + ann).Want(404)
		g.Delete(users + "/" + unknown()).Want(404)
		g.Put(users+"/"+ann, object{"expiresAt": "tomorrow"}).Want(400)
		g.Put(users+"/"+ann, object{"startsAt": "2026-03-01T00:00:00Z", "expiresAt": "2026-03-01T00:00:00Z"}).Want(400)
		g.Put(users+"/"+ann, `{`).Want(400)
		g.Get("/groups/" + unknown() + "/users").Want(404)
	})
}

func TestGroupUsersVersions(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		group, ann := h.group("Finance"), h.user("Ann", "EMPLOYEE")
		path := "/groups/" + group + "/users/" + ann
		h.Set("If-Match", `"1"`).Put(path, nil).Want(412)
		old := h.Put(path, nil).Want(204).Header.Get("ETag")
		now := h.Set("If-Match", old).Put(path, object{"role": "lead"}).Want(204).Header.Get("ETag")
		h.Set("If-Match", old).Put(path, object{"role": "other"}).Want(412)
		h.Set("If-Match", old).Delete(path).Want(412)
		h.Set("If-Match", now).Delete(path).Want(204)
	})
}

// A membership counts from its start until before its end, to the microsecond.
func TestGroupUsersInTime(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, ann := h.group("Finance"), h.user("Ann", "EMPLOYEE")
		users, groups := "/groups/"+group+"/users", "/users/"+ann+"/groups"
		h.Put(users+"/"+ann, object{"startsAt": h.clock.text(time.Hour), "expiresAt": h.clock.text(2 * time.Hour)}).Want(204)
		in := func(want bool) {
			t.Helper()
			n, m := h.Get(users).Want(200).Len(""), h.Get(groups).Want(200).Len("")
			if got := n == 1; got != want || m != n {
				t.Errorf("at %v: %d users, %d groups", h.clock.now(), n, m)
			}
		}
		in(false)
		if n := h.Get(users + "?scheduled=true").Want(200).Len(""); n != 1 {
			t.Errorf("%d scheduled users", n)
		}
		h.clock.forward(time.Hour - time.Microsecond)
		in(false)
		h.clock.forward(time.Microsecond)
		in(true)
		h.clock.forward(time.Hour - time.Microsecond)
		in(true)
		h.clock.forward(time.Microsecond)
		in(false)
		if n := h.Get(users + "?scheduled=true").Want(200).Len(""); n != 0 {
			t.Errorf("a membership that is over is listed")
		}
		h.Put(users+"/"+ann, nil).Want(204)
		in(true)
	})
}

// PUT puts nobody into a group of another API.
func TestGroupUsersOfAnotherKind(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ann := h.user("Ann", "EMPLOYEE")
		directory := directoryGroup(t, h, "Engineers")
		h.Put("/groups/"+directory+"/users/"+ann, nil).Want(404)
		h.Get("/groups/" + directory).Want(404)
		h.Patch("/groups/"+directory, object{"name": "Mine"}).Want(404)
		h.Delete("/groups/" + directory).Want(404)
		if got := names(h.Get("/groups").Want(200), "name"); slices.Contains(got, "Engineers") {
			t.Errorf("a directory group is listed: %q", got)
		}
	})
}
