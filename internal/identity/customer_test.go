package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestCustomers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		a := storetest.Tenant(t, db, "acme")
		home := branch(t, db, a, "AT", 0)
		in := identity.Customer{
			Email: "Rita@example.org", FirstName: "Rita", LastName: "Rider", Birthdate: "1990-02-28", Phone: "+4366012345678", HomeBranchID: home,
			LicenseCategories: []string{"B", "BE"}, Tags: []string{"vip"}, CustomProperties: map[string]string{"a": "b"}, LicenseNumber: []byte{1, 2},
		}
		write(t, db, a, func(tx *store.Tx) error { return identity.InsertCustomer(tx, &in) })
		if in.Email != "rita@example.org" {
			t.Errorf("the address is %s", in.Email)
		}
		write(t, db, a, func(tx *store.Tx) error {
			tx.Housekeeping()
			for name, find := range map[string]func() (*identity.Customer, error){
				"id":    func() (*identity.Customer, error) { return identity.LiveCustomer(tx, in.ID) },
				"email": func() (*identity.Customer, error) { return identity.CustomerByEmail(tx, "rita@EXAMPLE.org") },
				"phone": func() (*identity.Customer, error) { return identity.CustomerByPhone(tx, in.Phone) },
			} {
				got, err := find()
				if err != nil {
					t.Errorf("by %s: %v", name, err)
					continue
				}
				want := in
				want.Annotations = got.Annotations
				if diff := cmp.Diff(&want, got); diff != "" {
					t.Errorf("by %s: %s", name, diff)
				}
			}
			_, byID := identity.LiveCustomer(tx, 999)
			_, byEmail := identity.CustomerByEmail(tx, "")
			_, byPhone := identity.CustomerByPhone(tx, "")
			for _, err := range []error{byID, byEmail, byPhone} {
				if roster.AsError(err).Code != identity.CodeNoCustomer {
					t.Errorf("nobody: %v", err)
				}
			}
			return nil
		})
		for _, c := range []struct {
			name string
			in   identity.Customer
			kind roster.Kind
			code string
		}{
			{"taken email", identity.Customer{Email: "RITA@example.org", HomeBranchID: home}, roster.Exists, identity.CodeEmailTaken},
			{"taken phone", identity.Customer{Email: "x@example.org", Phone: in.Phone, HomeBranchID: home}, roster.Exists, identity.CodePhoneTaken},
			{"no branch", identity.Customer{Email: "x@example.org"}, roster.NotFound, identity.CodeNoBranch},
			{"bad email", identity.Customer{Email: "x", HomeBranchID: home}, roster.Invalid, ""},
			{"bad phone", identity.Customer{Phone: "12", HomeBranchID: home}, roster.Invalid, ""},
			{"bad country", identity.Customer{Country: "Austria", HomeBranchID: home}, roster.Invalid, ""},
			{"bad date", identity.Customer{Birthdate: "1990-02-30", HomeBranchID: home}, roster.Invalid, ""},
			{"unborn", identity.Customer{Birthdate: "2990-01-01", HomeBranchID: home}, roster.Invalid, ""},
		} {
			err := db.Write(t.Context(), a, func(tx *store.Tx) error { return identity.InsertCustomer(tx, &c.in) })
			if !roster.IsKind(err, c.kind) || roster.AsError(err).Code != c.code {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
}

// Somebody who is known by telephone alone has no address, and there are many such.
func TestCustomersByPhoneAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		a := storetest.Tenant(t, db, "acme")
		home := branch(t, db, a, "AT", 0)
		for i := range 3 {
			write(t, db, a, func(tx *store.Tx) error {
				return identity.InsertCustomer(tx, &identity.Customer{Phone: fmt.Sprintf("+4366012345%03d", i), HomeBranchID: home})
			})
		}
	})
}

func TestUpdateCustomer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		i := identity.New(db)
		a := storetest.Tenant(t, db, "acme")
		home := branch(t, db, a, "AT", 0)
		alone := identity.Customer{Email: "alone@example.org", FirstName: "Al", HomeBranchID: home}
		both := identity.Customer{Email: "both@example.org", FirstName: "Bo", HomeBranchID: home}
		if _, err := i.CreateAccount(t.Context(), a, identity.Account{Name: "bo", Email: both.Email}); err != nil {
			t.Fatal(err)
		}
		write(t, db, a, func(tx *store.Tx) error { return identity.InsertCustomer(tx, &alone) })
		write(t, db, a, func(tx *store.Tx) error { return identity.InsertCustomer(tx, &both) })
		update := func(id int64, edit func(*identity.Customer)) (c *identity.Customer, err error) {
			err = db.Write(t.Context(), a, func(tx *store.Tx) error {
				c, err = identity.UpdateCustomer(tx, id, nil, func(c *identity.Customer) error { edit(c); return nil })
				return err
			})
			return c, err
		}
		c, err := update(alone.ID, func(c *identity.Customer) { c.Email, c.LastName = "al@example.org", "One" })
		if err != nil || c.Email != "al@example.org" || c.Revision <= alone.Revision {
			t.Fatalf("a new address: %v, %v", c, err)
		}
		if again, err := update(alone.ID, func(*identity.Customer) {}); err != nil || again.Revision != c.Revision {
			t.Errorf("no change: %v", err)
		}
		if _, err := update(both.ID, func(c *identity.Customer) { c.Email = "new@example.org" }); roster.AsError(err).Code != identity.CodeNotYours {
			t.Errorf("the address of a person with another profile: %v", err)
		}
		if _, err := update(alone.ID, func(c *identity.Customer) { c.Email = both.Email }); !roster.IsKind(err, roster.Exists) {
			t.Errorf("an address of somebody else: %v", err)
		}
		write(t, db, a, func(tx *store.Tx) error {
			tx.Housekeeping()
			p, err := graph.LivePerson(tx, alone.ID)
			if err == nil && (p.Name != "Al One" || p.Email != "al@example.org") {
				t.Errorf("the person is %s, %s", p.Name, p.Email)
			}
			other, err2 := graph.LivePerson(tx, both.ID)
			if err2 == nil && other.Name != "bo" {
				t.Errorf("the account is called %s", other.Name)
			}
			if err2 != nil {
				return err2
			}
			return err
		})
	})
}

func TestUpdateProfile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		i := identity.New(db)
		a := storetest.Tenant(t, db, "acme")
		c := identity.Customer{
			Email: "rita@example.org", EmailVerified: true, Phone: "+4366012345678", PhoneVerified: true, FirstName: "Rita",
			HomeBranchID: branch(t, db, a, "AT", 0), CustomProperties: map[string]string{"a": "1", "b": "2"},
		}
		write(t, db, a, func(tx *store.Tx) error { return identity.InsertCustomer(tx, &c) })
		a.PersonID = c.ID
		text := func(s string) *string { return &s }
		got, err := i.UpdateProfile(t.Context(), a, nil, identity.Profile{
			LastName: text("Rider"), Email: text("rita.rider@example.org"), Phone: text(""), CustomProperties: map[string]*string{"a": nil, "c": text("3")},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got.Name() != "Rita Rider" || got.Email != "rita.rider@example.org" || got.EmailVerified || got.Phone != "" || got.PhoneVerified {
			t.Errorf("%+v", got)
		}
		if diff := cmp.Diff(map[string]string{"b": "2", "c": "3"}, got.CustomProperties); diff != "" {
			t.Error(diff)
		}
		for field, in := range map[string]identity.Profile{
			"lastName": {LastName: text(strings.Repeat("é", 101))}, "street": {Street: text(strings.Repeat("x", 201))}, "language": {Language: text("de_AT")},
		} {
			if _, err := i.UpdateProfile(t.Context(), a, nil, in); !roster.IsKind(err, roster.Invalid) || roster.AsError(err).Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := i.UpdateProfile(t.Context(), a, nil, identity.Profile{City: text(strings.Repeat("é", 100)), Language: text("zh-Hant-TW")}); err != nil {
			t.Errorf("as long as may be: %v", err)
		}
		write(t, db, a, func(tx *store.Tx) error {
			_, err := identity.AddSignInMethod(tx, c.ID, identity.EmailCode)
			return err
		})
		if _, err := i.UpdateProfile(t.Context(), a, nil, identity.Profile{Email: text("")}); roster.AsError(err).Code != identity.CodeLastMethod {
			t.Errorf("the last thing to sign in with: %v", err)
		}
		write(t, db, a, func(tx *store.Tx) error {
			_, err := identity.UpdateCustomer(tx, c.ID, nil, func(c *identity.Customer) error { c.IDState = "VERIFIED"; return nil })
			return err
		})
		if _, err := i.UpdateProfile(t.Context(), a, nil, identity.Profile{FirstName: text("Rosa")}); roster.AsError(err).Code != identity.CodeNotYours {
			t.Errorf("a name that a document says: %v", err)
		}
		if _, err := i.UpdateProfile(t.Context(), a, nil, identity.Profile{City: text("Wien"), FirstName: text("Rita")}); err != nil {
			t.Errorf("the same name: %v", err)
		}
		if _, err := i.UpdateProfile(t.Context(), a, nil, identity.Profile{CustomProperties: map[string]*string{"": text("x")}}); !roster.IsKind(err, roster.Invalid) {
			t.Errorf("a blank key: %v", err)
		}
	})
}
