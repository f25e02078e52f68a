package identity_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// The only root is the tenant, wherever a value was said; of several roots none is.
func TestTenantsSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		i := identity.New(db)
		a := storetest.Tenant(t, db, "acme")
		root := branch(t, db, a, "AT", 0)
		vienna := branch(t, db, a, "VIE", root)
		operator := operatorOf(t, db, a)
		assign := func(branch int64) {
			write(t, db, a, func(tx *store.Tx) error {
				_, err := identity.AssignRole(tx, identity.Assignee{PersonID: operator.PersonID}, "ADMIN", branch)
				return err
			})
		}
		assign(root)
		const name = "billing.paymentTermDays"
		put := func(branch int64, value int) {
			t.Helper()
			v, err := i.PutSettingAt(t.Context(), operator, name, branch, json.RawMessage(fmt.Sprint(value)))
			if err != nil || string(v.Value) != fmt.Sprint(value) {
				t.Errorf("put at %d: %v, %v", branch, v, err)
			}
		}
		drop := func(branch int64) {
			t.Helper()
			if err := i.DropSettingAt(t.Context(), operator, name, branch); err != nil {
				t.Errorf("drop at %d: %v", branch, err)
			}
		}
		// expect tells the value, and the branch that it is inherited from.
		expect := func(branch int64, value int, from int64) {
			t.Helper()
			v, err := i.GetSetting(t.Context(), operator, name, branch)
			if err != nil {
				t.Fatal(err)
			}
			if string(v.Value) != fmt.Sprint(value) || v.From != from {
				t.Errorf("at branch %d: %s from %d, want %d from %d", branch, v.Value, v.From, value, from)
			}
		}
		all := func(value int) {
			t.Helper()
			expect(0, value, 0)
			expect(root, value, 0)
			expect(vienna, value, root)
		}
		put(0, 10)
		all(10)
		put(root, 11)
		all(11)
		drop(root)
		expect(vienna, 14, 0)
		write(t, db, a, func(tx *store.Tx) error {
			_, err := identity.PutBranchSetting(tx, name, root, json.RawMessage("12"))
			return err
		})
		all(12)
		put(0, 13)
		all(13)
		drop(root)
		put(0, 15)

		other := branch(t, db, a, "DE", 0)
		assign(other)
		put(root, 20)
		expect(0, 15, 0)
		expect(root, 20, 0)
		expect(vienna, 20, root)
		put(0, 16)
		expect(root, 20, 0)
		expect(other, 16, 0)
		drop(root)
		expect(root, 16, 0)
	})
}
