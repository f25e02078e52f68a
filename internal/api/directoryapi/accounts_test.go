package directoryapi_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/store"
)

func TestCreateAccount(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.Post("/accounts", `{"name":"john.doe","email":"John.Doe@company.com","display_name":"John","department":"Engineering",
			"data_source_id":"ds-1","external_id":"e-1","status":"disabled","risk_score":99,"id":"acc-9"}`).Want(201)
		id := r.Text("id")
		want := fmt.Sprintf(`{"id":%q,"name":"john.doe","email":"John.Doe@company.com","display_name":"John","department":"Engineering",`+
			`"data_source_id":"ds-1","status":"disabled","risk_score":null,"external_id":"e-1",`+
			`"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}`, id)
		if string(r.Body) != want || r.Header.Get("Location") != base+"/accounts/"+id {
			t.Errorf("%s at %s, want %s", r.Body, r.Header.Get("Location"), want)
		}
		if got := h.Get("/accounts/" + id).Want(200); string(got.Body) != want {
			t.Errorf("got %s, want %s", got.Body, want)
		}
		plain := h.Post("/accounts", `{"name":"a","email":"a@company.com","display_name":null,"department":null,"data_source_id":null}`).Want(201)
		for _, field := range []string{"display_name", "department", "data_source_id", "risk_score"} {
			if plain.At(field) != nil {
				t.Errorf("%s is %v", field, plain.At(field))
			}
		}
		if plain.At("status") != "active" {
			t.Errorf("%s", plain.Body)
		}
		for _, c := range []struct{ body, field string }{
			{`{"name":"b","email":"JOHN.DOE@COMPANY.COM"}`, "email"},
			{`{"name":"john.doe","email":"b@company.com","data_source_id":"ds-1"}`, "name"},
			{`{"name":"b","email":"b@company.com","external_id":"e-1"}`, "external_id"},
		} {
			if a := h.Post("/accounts", c.body).Want(409); a.At("error.code") != "CONFLICT" || a.Len("error.details."+c.field) != 1 {
				t.Errorf("%s: %s", c.body, a.Body)
			}
		}
		h.Post("/accounts", `{"name":"john.doe","email":"b@company.com","data_source_id":"ds-2"}`).Want(201)
		for _, r := range []refusal{
			{`{"email":"c@company.com"}`, "name", "is required"},
			{`{"name":"c"}`, "email", "is required"},
			{`{"name":" ","email":"c@company.com"}`, "name", "must not be blank"},
			{`{"name":"` + long + `","email":"c@company.com"}`, "name", "must have at most 255 characters"},
			{`{"name":"c","email":"c"}`, "email", "is no valid email address"},
			{`{"name":"c","email":""}`, "email", "is no valid email address"},
			{`{"name":"c","email":"C <c@company.com>"}`, "email", "is no valid email address"},
			{`{"name":"c","email":" c@company.com"}`, "email", "is no valid email address"},
			{`{"name":"c","email":null}`, "email", "must be a string"},
			{`{"name":"c","email":"c@company.com","status":"gone"}`, "status", "must be one of active, disabled"},
			{`{"name":"c","email":"c@company.com","status":null}`, "status", "must not be null"},
			{`{"name":"c","email":"c@company.com","department":7}`, "department", "must be a string"},
		} {
			r.check(t, h, "POST", "/accounts")
		}
	})
}

func TestUpdateAccount(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.Post("/accounts", `{"name":"a","email":"a@x.org","display_name":"A","department":"D","data_source_id":"ds"}`).Want(201).Text("id")
		other := h.account("b")
		h.clock.forward(time.Second)
		before := h.Get("/accounts/" + id).Want(200)
		for _, body := range []string{`{}`, `{"risk_score":5,"id":"acc-8","external_id":"e"}`, string(before.Body)} {
			if r := h.Put("/accounts/"+id, body).Want(200); string(r.Body) != string(before.Body) {
				t.Errorf("PUT %s: %s, was %s", body, r.Body, before.Body)
			}
		}
		for _, c := range []struct {
			body, field string
			want        any
		}{
			{`{"name":"c"}`, "name", "c"}, {`{"email":"A@X.org"}`, "email", "A@X.org"}, {`{"email":"c@x.org"}`, "email", "c@x.org"},
			{`{"display_name":null}`, "display_name", nil}, {`{"department":null}`, "department", nil}, {`{"department":"E"}`, "department", "E"},
			{`{"data_source_id":null}`, "data_source_id", nil}, {`{"status":"disabled"}`, "status", "disabled"},
		} {
			if r := h.Put("/accounts/"+id, c.body).Want(200); r.At(c.field) != c.want || r.At("updated_at") != "2026-01-02T03:04:06Z" {
				t.Errorf("PUT %s: %s", c.body, r.Body)
			}
		}
		h.Put("/accounts/"+id, `{"email":"B@example.org"}`).Want(409)
		h.Put("/accounts/"+id, `{"name":"b"}`).Want(409)
		h.Put("/accounts/"+other, `{"name":"b","email":"b@example.org"}`).Want(200)
		for _, r := range []refusal{
			{`{"name":null}`, "name", "must not be null"}, {`{"email":null}`, "email", "must not be null"},
			{`{"status":null}`, "status", "must not be null"}, {`{"name":" "}`, "name", "must not be blank"},
			{`{"email":"<c@x.org>"}`, "email", "is no valid email address"}, {`{"status":"Active"}`, "status", "must be one of active, disabled"},
		} {
			r.check(t, h, "PUT", "/accounts/"+id)
			r.check(t, h, "PUT", "/accounts/acc-99999")
		}
	})
}

func TestListAccounts(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, a := range []string{
			`{"name":"Ann Bee","email":"one@company.com","department":"Sales","data_source_id":"ds-1"}`,
			`{"name":"50%","email":"two@other.org","department":"Sales","data_source_id":"ds-2"}`,
			`{"name":"under_score","email":"three@company.com","department":"Sales 2"}`,
			`{"name":"back\\slash","email":"four@company.com","status":"disabled"}`,
		} {
			h.Post("/accounts", a).Want(201)
		}
		for query, want := range map[string]int{
			"": 4, "search=" + url.QueryEscape("%"): 1, "search=_": 1, "search=" + url.QueryEscape(`\`): 1, "search=ANN": 1,
			"search=Company.com": 3, "search=+one+": 1, "search=": 4, "department=Sales": 2, "department=sales": 0, "department=Nobody": 0,
			"data_source_id=ds-1": 1, "data_source_id=ds-3": 0, "department=Sales&data_source_id=ds-2&search=50": 1, "limit=3": 3, "limit=999": 4,
		} {
			if n := h.Get("/accounts?" + query).Want(200).Len("accounts"); n != want {
				t.Errorf("%s: %d accounts, want %d", query, n, want)
			}
		}
		page := h.Get("/accounts?search=company.com&limit=2").Want(200)
		last := h.Get("/accounts?search=company.com&limit=2&after=" + page.Text("pageInfo.endCursor")).Want(200)
		if page.At("pageInfo.hasNextPage") != true || last.At("pageInfo.hasNextPage") != false || last.Len("accounts") != 1 {
			t.Errorf("%s then %s", page.Body, last.Body)
		}
		for _, query := range []string{"limit=0", "limit=-5", "limit=a", "after=x", "search=" + long, "asOf=x"} {
			h.Get("/accounts?" + query).Want(400)
		}
	})
}

func TestDeleteAccount(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		outer, inner, ann, bob := h.group("outer"), h.group("inner"), h.account("ann"), h.account("bob")
		h.add(outer, inner)
		h.add(inner, ann, bob)
		if r := h.Delete("/accounts/" + ann).Want(204); len(r.Body) != 0 {
			t.Errorf("204 with %q", r.Body)
		}
		h.Get("/accounts/" + ann).Want(404)
		h.Delete("/accounts/" + ann).Want(404)
		for _, g := range []string{outer, inner} {
			if n := h.count(g, ""); n != 1 || len(h.members(g, "")) != 1 {
				t.Errorf("%s has %d", g, n)
			}
		}
		h.Get("/groups/" + outer + "/check?account_id=" + ann).Want(404)
		h.Post("/groups/"+outer+"/members", ref(ann)).Want(404)
		h.account("ann") // name and address are free again
	})
}

func TestAccountGroups(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b, c, d, ann := h.group("a"), h.group("b"), h.group("c"), h.group("d"), h.account("ann")
		h.add(a, b)
		h.add(b, c)
		h.add(c, ann)
		h.add(a, ann)
		h.add(d, b)
		r := h.Get("/accounts/" + ann + "/groups").Want(200)
		want := fmt.Sprintf(`{"groups":[{"id":%q,"name":"a","group_type":"security","membership_type":"direct"},`+
			`{"id":%q,"name":"b","group_type":"security","membership_type":"indirect"},{"id":%q,"name":"c","group_type":"security","membership_type":"direct"},`+
			`{"id":%q,"name":"d","group_type":"security","membership_type":"indirect"}],"count":4}`, a, b, c, d)
		if string(r.Body) != want {
			t.Errorf("%s, want %s", r.Body, want)
		}
		if r := h.Get("/accounts/" + h.account("bob") + "/groups").Want(200); string(r.Body) != `{"groups":[],"count":0}` {
			t.Errorf("%s", r.Body)
		}
	})
}

// An account is a profile on a person whom another API may know too.
func TestAccountOfAPersonWithOtherProfiles(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		person := &graph.Person{Name: "Ann", Email: "ann@example.org", Profiles: graph.UserProfile}
		team := &graph.Group{Kind: graph.Organization, Name: "Team"}
		h.write(func(tx *store.Tx) error {
			if err := graph.CreatePerson(tx, person); err != nil {
				return err
			}
			if err := graph.CreateGroup(tx, team); err != nil {
				return err
			}
			_, err := graph.AddMember(tx, team.ID, graph.Membership{MemberID: person.ID})
			return err
		})
		id, own := fmt.Sprint("acc-", person.ID), h.group("own")
		h.add(own, fmt.Sprint("grp-", team.ID))
		if !h.check(own, id, "") || h.count(own, "") != 1 {
			t.Error("the organization's user does not reach through")
		}
		without := func() {
			t.Helper()
			h.Get("/accounts/" + id).Want(404)
			h.Get("/accounts/" + id + "/groups").Want(404)
			h.Put("/accounts/"+id, `{"name":"x"}`).Want(404)
			h.Delete("/accounts/" + id).Want(404)
			h.Post("/groups/"+own+"/members", ref(id)).Want(404)
			if n := h.Get("/accounts").Want(200).Len("accounts"); n != 0 {
				t.Errorf("%d accounts", n)
			}
		}
		without()
		before := h.clock.text(0)
		if got := h.account("ann"); got != id {
			t.Fatalf("the account is %s, the person %s", got, id)
		}
		h.add(own, id)
		h.Put("/accounts/"+id, `{"email":"other@example.org"}`).Want(403)
		h.Put("/accounts/"+id, `{"department":"D"}`).Want(200)
		if got := h.types(own, "")[id]; got != "direct" {
			t.Errorf("member %s", got)
		}
		h.clock.forward(time.Second)
		with := h.clock.text(0)
		h.clock.forward(time.Second)
		h.Delete("/accounts/" + id).Want(204)
		without()
		if got := h.types(own, "")[id]; got != "indirect" {
			t.Errorf("member %q", got)
		}
		changes := read(h.Get("/changes").Want(200)).Changes
		last, left := changes[len(changes)-1], changes[len(changes)-2]
		if last.Operation != "person.update" || last.Before["department"] != "D" || last.After["department"] != nil || left.Operation != "membership.remove" {
			t.Errorf("%+v, then %+v", left, last)
		}
		h.Get("/accounts/" + id + "?asOf=" + before).Want(404)
		h.Get("/accounts/" + id + "?asOf=" + with).Want(200)
		if got := ids(h.Get("/accounts?asOf="+with).Want(200), "accounts"); !slices.Equal(got, []string{id}) {
			t.Errorf("accounts were %v", got)
		}
	})
}
