package store_test

import (
	"fmt"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// A change names the last permission that was asked for before it, but none that only
// lets something be seen where there is another; what was asked in a verb that failed
// is forgotten.
func TestPermitted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := open(t, database)
		actor := storetest.Tenant(t, db, "acme")
		actor.PersonID = 5
		n := int64(0)
		next := func(tx *store.Tx) {
			if err := create(n)(tx); err != nil {
				t.Error(err)
			}
			n++
		}
		write(t, db, actor, func(tx *store.Tx) error {
			next(tx)
			tx.Permitted("THING_READ", 3)
			next(tx)
			tx.Permitted("THING_WRITE", 4)
			tx.Permitted("OTHER_LIST", 9)
			next(tx)
			_ = db.Write(store.WithTx(t.Context(), tx), actor, func(tx *store.Tx) error {
				tx.Permitted("OTHER_WRITE", 6)
				return roster.Errorf(roster.Conflict, "NO", "refused")
			})
			next(tx)
			tx.Permitted("OTHER_WRITE", 0)
			next(tx)
			return nil
		})
		client := actor
		client.ID, client.Impersonated = "client:x", 5
		write(t, db, client, create(n))
		var got []string
		err := db.Read(t.Context(), actor.Tenant.ID, func(tx *store.Tx) error {
			changes, err := tx.Feed(store.FeedCursor{Revision: 1, Seq: 99}, 10)
			for _, c := range changes {
				got = append(got, fmt.Sprint(c.Permission, " ", c.BranchID, " ", c.PersonID, " ", c.Impersonated))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{" 0 5 0", "THING_READ 3 5 0", "THING_WRITE 4 5 0", "THING_WRITE 4 5 0", "OTHER_WRITE 0 5 0", " 0 0 5"}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the log says %q, want %q", got, want)
		}
		if _, err := db.Verify(t.Context(), actor.Tenant.ID, nil); err != nil {
			t.Error(err)
		}
	})
}
