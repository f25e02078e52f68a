package business

import (
	"testing"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestUnits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		swiss := Unit{Name: "Switzerland", Code: "ch", Currency: "CHF", CurrencyScale: OwnScale, Tax: 810, Timezone: "Europe/Zurich"}
		put := func(u Unit) (changed bool, after Unit, err error) {
			err = l.tryWrite(func(tx *store.Tx) error {
				changed, err = PutUnit(tx, &u)
				return err
			})
			return changed, u, err
		}
		changed, made, err := put(swiss)
		if err != nil || !changed || made.ID == 0 || made.CurrencyScale != 2 || made.InvoicePrefix != "INV" || made.Gateway != ManualGateway {
			t.Fatalf("%+v, %v, %v", made, changed, err)
		}
		if changed, again, err := put(swiss); err != nil || changed || again != made {
			t.Errorf("the same again: %+v, %v, %v", again, changed, err)
		}
		swiss.Code, swiss.Tax, swiss.Currency, swiss.Timezone = "CH", 770, "JPY", "Asia/Tokyo"
		changed, after, err := put(swiss)
		if err != nil || !changed || after.ID != made.ID || after.CurrencyScale != 0 || after.Tax != 770 {
			t.Errorf("%+v, %v, %v", after, changed, err)
		}
		for field, edit := range map[string]func(*Unit){
			"name":                         func(u *Unit) { u.Name = " " },
			"code":                         func(u *Unit) { u.Code = "123456789012345678901234567890123" },
			"currency":                     func(u *Unit) { u.Currency = "XXX" },
			"currencyScale":                func(u *Unit) { u.CurrencyScale = 5 },
			"taxPercentage":                func(u *Unit) { u.Tax = 10_001 },
			"timezone":                     func(u *Unit) { u.Timezone = "Europe/Atlantis" },
			"invoicePrefix":                func(u *Unit) { u.InvoicePrefix = "a b" },
			"paymentConfiguration.gateway": func(u *Unit) { u.Gateway = "no name" },
		} {
			err := l.tryWrite(func(tx *store.Tx) error {
				_, err := UpdateUnit(tx, made.ID, nil, func(u *Unit) error { edit(u); return nil })
				return err
			})
			if e := roster.AsError(err); e.Kind != roster.Invalid || e.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		err = l.tryWrite(func(tx *store.Tx) error {
			_, err := UpdateUnit(tx, made.ID, nil, func(u *Unit) error { u.Code = "AT"; return nil })
			return err
		})
		refused(t, err, roster.Exists, CodeUnitTaken)
		err = l.tryWrite(func(tx *store.Tx) error { return InsertUnit(tx, &Unit{Name: "x", Code: "Ch", Currency: "EUR"}) })
		refused(t, err, roster.Exists, CodeUnitTaken)
		l.write(func(tx *store.Tx) error { return DeleteUnit(tx, made.ID, nil) })
		err = l.tryWrite(func(tx *store.Tx) error { return DeleteUnit(tx, made.ID, nil) })
		refused(t, err, roster.NotFound, CodeNoUnit)
	})
}

// What refers to a unit fixes it for ever: a branch, then a charge.
func TestUnitReferenced(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		edit := func(change func(*Unit)) error {
			return l.tryWrite(func(tx *store.Tx) error {
				u, err := UpdateUnit(tx, l.unit.ID, nil, func(u *Unit) error { change(u); return nil })
				if err == nil {
					l.unit = u
				}
				return err
			})
		}
		refuse := func(step string, fields map[string]func(*Unit)) {
			for field, change := range fields {
				err := edit(change)
				refused(t, err, roster.Conflict, CodeUnitFixed)
				if e := roster.AsError(err); e.Field != field {
					t.Errorf("%s: %s is refused for %s", step, field, e.Field)
				}
			}
			refused(t, l.tryWrite(func(tx *store.Tx) error { return DeleteUnit(tx, l.unit.ID, nil) }), roster.Conflict, CodeUnitReferenced)
		}
		money := map[string]func(*Unit){
			"currency":      func(u *Unit) { u.Currency = "CHF" },
			"currencyScale": func(u *Unit) { u.CurrencyScale = 3 },
		}
		refuse("a branch refers to it", money)
		if err := edit(func(u *Unit) { u.Timezone, u.Tax = "Europe/Berlin", 1900 }); err != nil {
			t.Errorf("nothing was charged: %v", err)
		}
		l.post(l.charge(RentalCharge, "1", "2026-11-10T11:00:00Z", nil))
		money["timezone"] = func(u *Unit) { u.Timezone = vienna }
		refuse("it was charged by", money)
		l.write(func(tx *store.Tx) error {
			_, err := identity.PutBranch(tx, &identity.Branch{Name: "Vienna", Code: "vie"})
			return err
		})
		refuse("no branch refers to it any more", money)
	})
}

func TestUnitOf(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		var child, root identity.Branch
		other := &Unit{Name: "Other", Code: "other", Currency: "USD"}
		l.write(func(tx *store.Tx) error {
			child = identity.Branch{Name: "Prater", Code: "prater", ParentID: l.branch}
			if _, err := identity.PutBranch(tx, &child); err != nil {
				return err
			}
			root = identity.Branch{Name: "Nowhere", Code: "nowhere"}
			if _, err := identity.PutBranch(tx, &root); err != nil {
				return err
			}
			return InsertUnit(tx, other)
		})
		l.read(func(tx *store.Tx) error {
			tree, err := identity.Branches(tx)
			if err != nil {
				return err
			}
			if u, err := UnitOf(tx, tree, child.ID); err != nil || u.ID != l.unit.ID {
				t.Errorf("%+v, %v", u, err)
			}
			_, err = UnitOf(tx, tree, root.ID)
			refused(t, err, roster.NotFound, CodeNoUnit)
			if u, err := UnitFor(tx, tree, &Account{DefaultBusinessUnitID: other.ID}, child.ID); err != nil || u.ID != other.ID {
				t.Errorf("%+v, %v", u, err)
			}
			for _, a := range []*Account{nil, {}} {
				if u, err := UnitFor(tx, tree, a, child.ID); err != nil || u.ID != l.unit.ID {
					t.Errorf("%+v, %v", u, err)
				}
			}
			return nil
		})
	})
}
