package store_test

import (
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestQueriesNameTheirTenant(t *testing.T) { storetest.CheckQueries(t) }

func TestQueriesUseIndexes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		storetest.CheckPlans(t, database, func(db *store.DB) {
			a, b := storetest.Tenant(t, db, "a"), storetest.Tenant(t, db, "b")
			write(t, db, b, create(1))
			write(t, db, a, func(tx *store.Tx) error {
				for i := range int64(10_000) {
					if _, err := tx.Exec(insertThing, thingKey(i), i); err != nil { // as if each had a revision of its own
						return err
					}
					tx.Record(roster.Change{Operation: "thing.create", SubjectType: "thing", SubjectID: i, ObjectID: i})
				}
				_, err := tx.NextID(store.Subjects)
				return err
			})
		})
	})
}
