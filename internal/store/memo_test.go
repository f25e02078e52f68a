package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// counted is a memo of how many things a tenant has, forgotten by things alone.
func counted(db *store.DB, reads *atomic.Int64) func(ctx context.Context, t testing.TB, a roster.Actor) int {
	memo := store.NewMemo[string, int](db, func(c store.ChangedSubject) ([]string, bool) {
		return []string{"things"}, c.Type == "everything"
	})
	return func(ctx context.Context, t testing.TB, a roster.Actor) int {
		t.Helper()
		n, err := memo.Get(ctx, a.Tenant.ID, "things", func(tx *store.Tx) (n int, err error) {
			reads.Add(1)
			return n, tx.Row(countThings, []byte{}).Scan(&n)
		})
		if err != nil {
			t.Error(err)
		}
		return n
	}
}

func TestMemo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		var reads atomic.Int64
		count := counted(db, &reads)
		acme, other := storetest.Tenant(t, db, "acme"), storetest.Tenant(t, db, "other")
		write(t, db, acme, create(1))
		for range 3 {
			if n := count(t.Context(), t, acme); n != 1 {
				t.Fatalf("%d things", n)
			}
		}
		if n := count(t.Context(), t, other); n != 0 || reads.Load() != 2 {
			t.Errorf("%d things of the other tenant, %d reads", n, reads.Load())
		}
		write(t, db, acme, create(2))
		if n := count(t.Context(), t, acme); n != 2 || reads.Load() != 3 {
			t.Errorf("%d things, %d reads", n, reads.Load())
		}
		// In a write it sees what the write did, and remembers nothing of it.
		refused := errors.New("refused")
		err := db.Write(t.Context(), acme, func(tx *store.Tx) error {
			if err := create(3)(tx); err != nil {
				return err
			}
			if n := count(store.WithTx(t.Context(), tx), t, acme); n != 3 {
				t.Errorf("%d things in the write", n)
			}
			return refused
		})
		if n := count(t.Context(), t, acme); n != 2 || !errors.Is(err, refused) {
			t.Errorf("%d things after %v", n, err)
		}
	})
}

// What a memo answers holds every write that was acknowledged before the question,
// whoever asks at the same time.
func TestMemoIsNeverLate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		var reads atomic.Int64
		count := counted(db, &reads)
		a := storetest.Tenant(t, db, "acme")
		var acknowledged atomic.Int64
		var readers sync.WaitGroup
		done := make(chan struct{})
		for range 4 {
			readers.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					before := int(acknowledged.Load())
					if n := count(t.Context(), t, a); n < before {
						t.Errorf("%d things after %d were acknowledged", n, before)
						return
					}
				}
			})
		}
		for i := range int64(racetest.Scale(300)) {
			write(t, db, a, create(i))
			acknowledged.Store(i + 1)
		}
		close(done)
		readers.Wait()
	})
}

// A memo of one node forgets what another node changed.
func TestMemoOfTwoNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		if !store.IsPostgres(database) {
			return // one node has the file
		}
		one, two := storetest.Open(t, database, store.Options{}), storetest.Open(t, database, store.Options{})
		var reads atomic.Int64
		count := counted(two, &reads)
		a := storetest.Tenant(t, one, "acme")
		for i := range int64(3) {
			write(t, one, a, create(i))
			if err := two.Fresh(t.Context(), a.Tenant.ID); err != nil {
				t.Fatal(err)
			}
			if n := count(t.Context(), t, a); n != int(i)+1 {
				t.Errorf("%d things of %d", n, i+1)
			}
		}
	})
}

// In a write a memo says what the rows say: of what was committed, of what those that
// share its transaction wrote, and of what it wrote itself; and nothing that was taken
// back is remembered. What no change touches is not read again.
func TestMemoInWrites(t *testing.T) {
	const ids = 6
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		var reads atomic.Int64
		memo := store.NewMemo[int64, bool](db, func(c store.ChangedSubject) ([]int64, bool) { return []int64{c.SubjectID}, false })
		a := storetest.Tenant(t, db, "acme")
		refused := errors.New("refused")
		random := rand.New(rand.NewPCG(1, 2))
		agree := func(tx *store.Tx) {
			for id := range int64(ids) {
				has := func(tx *store.Tx) (bool, error) { reads.Add(1); return tx.Exists(hasThing, thingKey(id)) }
				said, err := memo.In(tx, id, has)
				is, errIs := has(tx)
				if err != nil || errIs != nil || said != is {
					t.Errorf("thing %d: %v, %v; there is %v, %v", id, said, err, is, errIs)
				}
			}
		}
		edit := func(id int64, fails bool) func(*store.Tx) error {
			return func(tx *store.Tx) error {
				agree(tx)
				there, err := tx.Exists(hasThing, thingKey(id))
				if err != nil {
					return err
				}
				do := create(id)
				if there {
					do = destroy(id)
				}
				if err := do(tx); err != nil {
					return err
				}
				agree(tx)
				if fails {
					return refused
				}
				return nil
			}
		}
		for range racetest.Scale(40) {
			var writes []func(*store.Tx) error
			for range 1 + random.IntN(6) {
				writes = append(writes, edit(random.Int64N(ids), random.IntN(3) == 0))
			}
			for _, err := range shared(t, db, a, writes, nil) {
				if err != nil && !errors.Is(err, refused) {
					t.Fatal(err)
				}
			}
			if err := db.Read(t.Context(), a.Tenant.ID, func(tx *store.Tx) error { agree(tx); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		write(t, db, a, create(100))
		write(t, db, a, func(tx *store.Tx) error { agree(tx); return create(101)(tx) })
		before := reads.Load()
		write(t, db, a, func(tx *store.Tx) error { agree(tx); return create(102)(tx) })
		if n := reads.Load() - before; n != ids {
			t.Errorf("%d reads of %d things by those who compare", n, ids)
		}
	})
}

var deleteThing = store.Q("test.delete", `DELETE FROM idempotency_keys WHERE tenant = $1 AND key_hash = $2`)

// destroy deletes a row and writes its change.
func destroy(id int64) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		tx.Record(roster.Change{Operation: "thing.delete", SubjectType: "thing", SubjectID: id, Before: map[string]int64{"id": id}})
		_, err := tx.Exec(deleteThing, thingKey(id))
		return err
	}
}

// What another node committed before a write, the write's memo knows.
func TestMemoInWritesOfTwoNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		if !store.IsPostgres(database) {
			return // one node has the file
		}
		nodes := []*store.DB{storetest.Open(t, database, store.Options{}), storetest.Open(t, database, store.Options{})}
		var memos []*store.Memo[int64, bool]
		for _, db := range nodes {
			memos = append(memos, store.NewMemo[int64, bool](db, func(c store.ChangedSubject) ([]int64, bool) { return []int64{c.SubjectID}, false }))
		}
		a := storetest.Tenant(t, nodes[0], "acme")
		there := false
		for i := range racetest.Scale(40) {
			do := create(7)
			if there {
				do = destroy(7)
			}
			write(t, nodes[i%2], a, func(tx *store.Tx) error {
				said, err := memos[i%2].In(tx, 7, func(tx *store.Tx) (bool, error) { return tx.Exists(hasThing, thingKey(7)) })
				if err != nil || said != there {
					t.Errorf("round %d: %v, %v; there is %v", i, said, err, there)
				}
				return do(tx)
			})
			there = !there
		}
	})
}
