package store_test

import (
	"context"
	"errors"
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
