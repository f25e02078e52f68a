package propertyapi_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

const password = "correct horse"

func signIn(c *wiretest.Client, email, password string) *wiretest.Response {
	return c.Post("/sign_in", fmt.Sprintf(`{"user":{"email":%q,"password":%q}}`, email, password))
}

func TestSignIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		if _, err := h.lodging.CreateUser(t.Context(), h.actor, "Nina@Example.org", "Nina", password); err != nil {
			t.Fatal(err)
		}
		c := h.client.Golden("sign_in")
		c.Note("The address is taken in any case; the token works.")
		token := signIn(c, "nina@example.ORG", password).Want(200).Text("data.attributes.token")
		c.As(token).Get("/groups").Want(200)
		c.Set("Roster-Tenant", "acme").Post("/sign_in", `{"user":{"email":"nina@example.org","password":"`+password+`"}}`).Want(200)
		c.Note("A wrong password, an unknown address, an address without a password, another tenant: one answer.")
		signIn(c, "nina@example.org", "wrong").Want(401)
		signIn(c, "nobody@example.org", password).Want(401)
		signIn(c, "olga@example.org", password).Want(401)
		signIn(c.Set("Roster-Tenant", "rival"), "nina@example.org", password).Want(401)
		c.Note("What is no sign-in at all.")
		for _, body := range []string{`{}`, `{"user":{}}`, `{"user":{"email":"","password":null}}`, `{"user":{"email":"nina@example.org","password":"a\u0000"}}`} {
			c.Post("/sign_in", body).Want(422)
		}
		c.Post("/sign_in", `x`).Want(400)
		c.Note("A session makes no plan.")
		signIn(c.Set("Roster-Plan", "true"), "nina@example.org", password).Want(200)
	})
}

// Ten failures of an account end its sign-ins for a while, the right password's
// too; an account that nobody has counts alike.
func TestSignInLimits(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	if _, err := h.lodging.CreateUser(t.Context(), h.actor, "nina@example.org", "Nina", password); err != nil {
		t.Fatal(err)
	}
	for range 9 {
		signIn(h.client, "nina@example.org", "wrong").Want(401)
	}
	signIn(h.client, "NINA@example.org", password).Want(200) // a success is no failure
	signIn(h.client, "nina@example.org", "wrong").Want(401)
	r := signIn(h.client.From("192.0.2.99").Golden("sign_in_limit"), "nina@example.org", password).Want(429)
	if r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	var calls []func() *wiretest.Response
	for range 12 {
		calls = append(calls, func() *wiretest.Response { return signIn(h.client, "nobody@example.org", "wrong") })
	}
	got := together(calls...)
	if n := slices.Index(got, 429); n != 10 {
		t.Errorf("%d of 12 guesses at once were judged: %v", n, got)
	}
}

// Creating a user never gives somebody a way to sign in as a person who was there
// before (decision 36).
func TestTakeover(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		p, err := h.identity.CreateAccount(t.Context(), h.actor, identity.Account{Name: "nina", Email: "nina@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.lodging.CreateUser(t.Context(), h.actor, "NINA@example.org", "Nina", password)
		if !roster.IsKind(err, roster.Conflict) {
			t.Fatalf("a password was set for somebody else: %v", err)
		}
		signIn(h.client, "nina@example.org", password).Want(401)
		if h.admin.Get("/group_users?filter[email]=nina@example.org").Want(200).Len("data") != 0 {
			t.Error("the refused user has a group")
		}
		same, err := h.lodging.CreateUser(t.Context(), h.actor, "nina@example.org", "Other", "")
		if err != nil || same.ID != p.ID || same.Name != "nina" || !same.Has(graph.PropertyProfile|graph.AccountProfile) {
			t.Fatalf("%+v, %v", same, err)
		}
		signIn(h.client, "nina@example.org", password).Want(401)
		if _, err := h.lodging.CreateUser(t.Context(), h.actor, "nina@example.org", "Nina", ""); !roster.IsKind(err, roster.Exists) {
			t.Errorf("twice: %v", err)
		}
		for _, c := range [][3]string{{"nina", "Nina", ""}, {"x@example.org", " ", ""}, {"x@example.org", "X", "short"}} {
			if _, err := h.lodging.CreateUser(t.Context(), h.actor, c[0], c[1], c[2]); !roster.IsKind(err, roster.Invalid) {
				t.Errorf("%q: %v", c, err)
			}
		}
	})
}
