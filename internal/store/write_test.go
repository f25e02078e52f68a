package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// A write that changed rows says what it changed, or that it is no news.
func TestWriteRecordsWhatItTouches(t *testing.T) {
	emit := func(tx *store.Tx) error { tx.Emit("effect"); return nil }
	returning := store.Q("test.insert_returning", `INSERT INTO idempotency_keys
		(tenant, key_hash, body_hash, status, headers, body, revision, created_at) VALUES ($1, $2, $2, 0, '', $2, 0, 0) RETURNING revision`)
	storetest.Each(t, func(t *testing.T, database string) {
		db := open(t, database)
		actor := storetest.Tenant(t, db, "a")
		for i, c := range []struct {
			name      string
			fn        func(*store.Tx) error
			want      string // in the error; "" for none
			revisions int64
			rows      int
		}{
			{"recorded", create(1), "", 1, 1},
			{"unrecorded", func(tx *store.Tx) error { return insert(tx, 2) }, "recorded no change", 0, 0},
			{"unrecorded by RETURNING", func(tx *store.Tx) error {
				var n int
				return tx.Row(returning, thingKey(2)).Scan(&n)
			}, "recorded no change", 0, 0},
			{"housekeeping", func(tx *store.Tx) error { tx.Housekeeping(); return insert(tx, 3) }, "", 0, 1},
			{"effects alone", emit, "has effects", 0, 0},
			{"nothing", func(*store.Tx) error { return nil }, "", 0, 0},
			{"an id alone", func(tx *store.Tx) error { _, err := tx.NextID(store.Subjects); return err }, "", 0, 0},
			{"two changes", func(tx *store.Tx) error { return errors.Join(create(4)(tx), create(5)(tx)) }, "", 1, 2},
		} {
			before, rows := revision(t, db, actor), things(t, db, actor)
			err := db.Write(t.Context(), actor, c.fn)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%d %s: %v", i, c.name, err)
			}
			if got := revision(t, db, actor) - before; got != c.revisions {
				t.Errorf("%s: %d revisions, want %d", c.name, got, c.revisions)
			}
			if got := things(t, db, actor) - rows; got != c.rows {
				t.Errorf("%s: %d rows, want %d", c.name, got, c.rows)
			}
		}
	})
}

// Verbs inside a keyed or planned request are savepoints of its one write.
func TestNestedWrites(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := open(t, database)
		actor, other := storetest.Tenant(t, db, "a"), storetest.Tenant(t, db, "b")
		refused := roster.Errorf(roster.Conflict, "", "no")
		write(t, db, actor, func(tx *store.Tx) error {
			ctx := store.WithTx(t.Context(), tx)
			nested := func(fn func(*store.Tx) error) error { return db.Write(ctx, actor, fn) }
			if err := nested(create(1)); err != nil {
				return err
			}
			if err := nested(func(tx *store.Tx) error {
				return errors.Join(create(2)(tx), nested(create(3)), refused)
			}); !errors.Is(err, refused) {
				t.Errorf("refused: %v", err)
			}
			if err := nested(func(tx *store.Tx) error { return insert(tx, 1) }); !roster.IsKind(err, roster.Exists) {
				t.Errorf("a duplicate: %v", err)
			}
			if err := nested(func(*store.Tx) error { panic("a slip") }); !roster.IsKind(err, roster.Internal) {
				t.Errorf("a panic: %v", err)
			}
			if err := nested(create(4)); err != nil {
				return err
			}
			if err := db.Write(ctx, other, create(5)); err == nil {
				t.Error("a write of another tenant joined")
			}
			if _, err := db.Plan(ctx, actor, create(5)); err == nil {
				t.Error("a plan joined")
			}
			return db.Read(ctx, actor.Tenant.ID, func(tx *store.Tx) error {
				var n int
				err := tx.Row(countThings, []byte{}).Scan(&n)
				if n != 2 {
					t.Errorf("a read that joined sees %d rows, want 2", n)
				}
				return err
			})
		})
		if n, r := things(t, db, actor), revision(t, db, actor); n != 2 || r != 2 {
			t.Errorf("%d rows and revision %d, want 2 and 2", n, r)
		}
		// What was rolled back inside leaves nothing to record outside.
		err := db.Write(t.Context(), actor, func(tx *store.Tx) error {
			_ = db.Write(store.WithTx(t.Context(), tx), actor, func(tx *store.Tx) error { return errors.Join(create(9)(tx), refused) })
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		err = db.Read(t.Context(), actor.Tenant.ID, func(tx *store.Tx) error {
			return db.Write(store.WithTx(t.Context(), tx), actor, create(9))
		})
		if err == nil {
			t.Error("a write joined a read")
		}
	})
}

func TestPlanLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		seen := &memory{}
		db := open(t, database, seen)
		actor := storetest.Tenant(t, db, "a")
		// Among others and alone; what a plan would do follows from what stands before it.
		plans := make([]store.Planned, 2)
		fns := creates(2)
		done := make(chan error, 1)
		fns[0] = func(tx *store.Tx) error {
			go func() {
				var err error
				plans[0], err = db.Plan(t.Context(), actor, create(7))
				done <- err
			}()
			awaitQueued(db, actor, 2)
			return create(1)(tx)
		}
		for i, err := range shared(t, db, actor, fns, nil) {
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		var err error
		if plans[1], err = db.Plan(t.Context(), actor, create(7)); err != nil {
			t.Fatal(err)
		}
		for i, p := range plans {
			if p.Revision != 4 || p.Time == 0 || len(p.Changes) != 1 || p.Changes[0].SubjectID != 7 {
				t.Errorf("plan %d: %+v", i, p)
			}
		}
		if _, err := db.Plan(t.Context(), actor, create(1)); !roster.IsKind(err, roster.Exists) {
			t.Errorf("a plan of what is refused: %v", err)
		}
		if n, r := things(t, db, actor), revision(t, db, actor); n != 2 || r != 3 {
			t.Errorf("%d rows and revision %d, want 2 and 3", n, r)
		}
		if seen.check(t, 3); slices.Contains(seen.subjects(), 7) {
			t.Error("a plan was published")
		}
	})
}

// Ids are unique whatever is rolled back, and on all nodes of a database.
func TestIDsAreUnique(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		nodes := []*store.DB{open(t, database)}
		if store.IsPostgres(database) {
			nodes = append(nodes, open(t, database))
		}
		actor, other := storetest.Tenant(t, nodes[0], "a"), storetest.Tenant(t, nodes[0], "b")
		refused := errors.New("no")
		given := map[int64]bool{}
		draw := func(tx *store.Tx, n int) (ids []int64) {
			for range n {
				id, err := tx.NextID(store.Subjects)
				if err != nil {
					t.Error(err)
				}
				ids = append(ids, id)
			}
			return ids
		}
		keep := func(ids []int64) {
			for _, id := range ids {
				if given[id] {
					t.Fatalf("id %d was given twice", id)
				}
				given[id] = true
			}
		}
		for i, n := range []int{1, 1500, 3, 2500, 1, 700, 800, 2} {
			for _, db := range nodes {
				var ids []int64
				_ = db.Write(t.Context(), actor, func(tx *store.Tx) error { draw(tx, n); return refused })
				write(t, db, actor, func(tx *store.Tx) error {
					ids = draw(tx, n)
					_ = db.Write(store.WithTx(t.Context(), tx), actor, func(tx *store.Tx) error { draw(tx, n); return refused })
					ids = append(ids, draw(tx, 2)...)
					return nil
				})
				keep(ids)
				fns := make([]func(*store.Tx) error, 4)
				lists := make([][]int64, 4)
				for j := range fns {
					fns[j] = func(tx *store.Tx) error {
						lists[j] = draw(tx, n)
						if j%2 == i%2 {
							return refused
						}
						return nil
					}
				}
				for j, err := range shared(t, db, actor, fns, nil) {
					if err == nil {
						keep(lists[j])
					}
				}
			}
		}
		write(t, nodes[0], other, func(tx *store.Tx) error {
			if ids := draw(tx, 2); ids[0] != 1 || ids[1] != 2 {
				t.Errorf("another tenant's ids begin at %v", ids)
			}
			return nil
		})
	})
}
