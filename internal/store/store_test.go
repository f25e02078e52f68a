package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Writers at once each get a revision of their own, and the chain holds.
func TestRevisionsAreGapless(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		a, b := storetest.Tenant(t, db, "a"), storetest.Tenant(t, db, "b")
		const writers, each = 16, 20
		seen := sync.Map{}
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				actor := a
				if w%2 == 1 {
					actor = b
				}
				for i := range each {
					var revision int64
					err := db.Write(t.Context(), actor, func(tx *store.Tx) error {
						revision = tx.Revision
						if i%5 == 4 {
							return roster.Errorf(roster.Conflict, "", "no")
						}
						tx.Record(roster.Change{Operation: "thing.create", SubjectType: "thing", SubjectID: int64(i), After: map[string]int{"w": w}})
						return nil
					})
					if i%5 == 4 {
						if !roster.IsKind(err, roster.Conflict) {
							t.Errorf("refused write: %v", err)
						}
						continue
					}
					if err != nil {
						t.Errorf("write: %v", err)
					}
					if _, twice := seen.LoadOrStore(fmt.Sprint(actor.Tenant.Name, revision), true); twice {
						t.Errorf("revision %d of %s was given twice", revision, actor.Tenant.Name)
					}
				}
			})
		}
		wg.Wait()
		for _, actor := range []roster.Actor{a, b} {
			head, err := db.Verify(t.Context(), actor.Tenant.ID, nil)
			if err != nil {
				t.Fatal(err)
			}
			if want := int64(1 + writers/2*each*4/5); head.Revision != want {
				t.Errorf("%s ends at revision %d, want %d", actor.Tenant.Name, head.Revision, want)
			}
		}
	})
}
