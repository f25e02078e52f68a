package store_test

import (
	"errors"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Those who asked hear of a write that leaves work behind before it is acknowledged,
// and of no other.
func TestWake(t *testing.T) {
	wake := func(tx *store.Tx) error { tx.Wake(); return nil }
	refused := errors.New("refused")
	storetest.Each(t, func(t *testing.T, database string) {
		db := open(t, database)
		actor := storetest.Tenant(t, db, "a")
		heard := [2]int{}
		for i := range heard {
			db.OnWake(func() { heard[i]++ })
		}
		joined := func(fn func(*store.Tx) error, keep error) func(*store.Tx) error {
			return func(tx *store.Tx) error {
				err := db.Write(store.WithTx(t.Context(), tx), actor, func(tx *store.Tx) error { return errors.Join(fn(tx), keep) })
				if !errors.Is(err, keep) {
					t.Error(err)
				}
				return nil
			}
		}
		for _, c := range []struct {
			name  string
			fn    func(*store.Tx) error
			plan  bool
			heard int
		}{
			{name: "a change", fn: create(1)},
			{name: "work", fn: wake, heard: 1},
			{name: "a change and work", fn: func(tx *store.Tx) error { return errors.Join(create(2)(tx), wake(tx)) }, heard: 1},
			{name: "refused", fn: func(tx *store.Tx) error { return errors.Join(wake(tx), refused) }},
			{name: "planned", fn: wake, plan: true},
			{name: "in a verb", fn: joined(wake, nil), heard: 1},
			{name: "in a verb that is refused", fn: joined(wake, refused)},
		} {
			heard = [2]int{}
			var err error
			if c.plan {
				_, err = db.Plan(t.Context(), actor, c.fn)
			} else {
				err = db.Write(t.Context(), actor, c.fn)
			}
			if err != nil && !errors.Is(err, refused) {
				t.Errorf("%s: %v", c.name, err)
			}
			if heard != [2]int{c.heard, c.heard} {
				t.Errorf("%s: heard %v times", c.name, heard)
			}
		}
		// In one transaction each write counts for itself.
		heard = [2]int{}
		shared(t, db, actor, []func(*store.Tx) error{create(3), func(tx *store.Tx) error { return errors.Join(wake(tx), refused) }}, nil)
		if heard[0] != 0 {
			t.Errorf("heard of what was refused")
		}
	})
}

// Global queries take lists as others do, and no tenant.
func TestGlobalList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := open(t, database)
		for _, name := range []string{"a", "b", "c"} {
			storetest.Tenant(t, db, name)
		}
		var found []string
		err := db.ReadGlobal(t.Context(), func(tx *store.Tx) error {
			return store.EachOf(tx, tenantsNamed, []string{"a", "c", "d"}, func(s store.Scanner) error {
				var tenant roster.Tenant
				err := s.Scan(&tenant.ID, &tenant.Name)
				found = append(found, tenant.Name)
				return err
			})
		})
		if err != nil || len(found) != 2 {
			t.Errorf("found %v, %v", found, err)
		}
	})
}

var tenantsNamed = store.Global("test.tenants_named", `SELECT tenant, name FROM tenants WHERE name IN ($1)`, "the test is about all tenants").In()
