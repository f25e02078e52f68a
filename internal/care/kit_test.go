package care_test

import (
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// world is a tenant with branches: AT, and VIE and GRZ below it, and VIE-1 below VIE,
// billed by a unit in EUR but for GRZ, which one in CHF bills.
type world struct {
	*testing.T
	db                 *store.DB
	care               *care.Care
	a                  roster.Actor
	at, vie, grz, vie1 int64
	euros, francs      *business.Unit
}

func open(t *testing.T, database string) *world {
	t.Helper()
	w := &world{T: t, db: storetest.Open(t, database, store.Options{})}
	w.care = care.New(w.db)
	w.a = storetest.Tenant(t, w.db, "acme")
	w.euros = &business.Unit{Name: "Euro", Code: "EUR", Currency: "EUR", Tax: 2000, Timezone: "Europe/Vienna"}
	w.francs = &business.Unit{Name: "Franc", Code: "CHF", Currency: "CHF", Tax: 810, Timezone: "Europe/Zurich"}
	w.write(func(tx *store.Tx) error {
		for _, u := range []*business.Unit{w.euros, w.francs} {
			if _, err := business.PutUnit(tx, u); err != nil {
				return err
			}
		}
		for _, b := range []struct {
			code   string
			parent *int64
			unit   int64
			id     *int64
		}{{"AT", new(int64), w.euros.ID, &w.at}, {"VIE", &w.at, 0, &w.vie}, {"GRZ", &w.at, w.francs.ID, &w.grz}, {"VIE-1", &w.vie, 0, &w.vie1}} {
			branch := identity.Branch{Name: b.code, Code: b.code, ParentID: *b.parent, BusinessUnitID: b.unit}
			if _, err := identity.PutBranch(tx, &branch); err != nil {
				return err
			}
			*b.id = branch.ID
		}
		return nil
	})
	return w
}

// write runs fn in a write and fails the test on an error.
func (w *world) write(fn func(*store.Tx) error) {
	w.Helper()
	if err := w.db.Write(w.Context(), w.a, fn); err != nil {
		w.Fatal(err)
	}
}

// refused runs fn in a write of an actor and returns its error.
func (w *world) refused(a roster.Actor, fn func(*store.Tx) error) *roster.Error {
	w.Helper()
	err := w.db.Write(w.Context(), a, fn)
	if err == nil {
		w.Error("not refused")
		return &roster.Error{}
	}
	return roster.AsError(err)
}

func (w *world) customer(email string, branch int64) int64 {
	w.Helper()
	c := identity.Customer{Email: email, FirstName: "Carla", LastName: "Free", HomeBranchID: branch}
	w.write(func(tx *store.Tx) error { return identity.InsertCustomer(tx, &c) })
	return c.ID
}

// account makes a business account with an owner.
func (w *world) account(name string, branch, owner int64) *business.Account {
	w.Helper()
	var a *business.Account
	w.write(func(tx *store.Tx) (err error) {
		if a, err = business.NewAccount(tx, branch); err != nil {
			return err
		}
		a.Name = name
		if err := business.InsertAccount(tx, a); err != nil {
			return err
		}
		_, err = business.InsertMember(tx, a, business.NewMember{UserID: owner, Role: business.Owner, CreatedBy: business.BySelf})
		return err
	})
	return a
}
