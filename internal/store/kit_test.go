package store_test

import (
	"context"
	"encoding/binary"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// The tests write rows of a table that asks for little. Its key is unique, so a
// row that is written twice fails.
var (
	insertThing = store.Q("test.insert", `INSERT INTO idempotency_keys
		(tenant, key_hash, body_hash, status, headers, body, revision, created_at) VALUES ($1, $2, $2, 0, '', $2, $3, 0)`)
	countThings = store.Q("test.count", `SELECT count(*) FROM idempotency_keys WHERE tenant = $1 AND key_hash >= $2`)
	hasThing    = store.Q("test.has", `SELECT 1 FROM idempotency_keys WHERE tenant = $1 AND key_hash = $2`)
	// slowly takes as long as counting to $1 does.
	slowly = store.Global("test.slowly", `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		SELECT count(*) FROM n`, "it reads no table")
)

func thingKey(id int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }

// insert writes a row and does not record it.
func insert(tx *store.Tx, id int64) error {
	_, err := tx.Exec(insertThing, thingKey(id), tx.Revision)
	return err
}

// create writes a row and its change.
func create(id int64) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		tx.Record(roster.Change{Operation: "thing.create", SubjectType: "thing", SubjectID: id, After: map[string]int64{"id": id}})
		return insert(tx, id)
	}
}

func write(t testing.TB, db *store.DB, actor roster.Actor, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), actor, fn); err != nil {
		t.Fatal(err)
	}
}

// things counts the rows of a tenant.
func things(t testing.TB, db *store.DB, actor roster.Actor) (n int) {
	t.Helper()
	err := db.Read(t.Context(), actor.Tenant.ID, func(tx *store.Tx) error {
		return tx.Row(countThings, []byte{}).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// revision verifies a tenant's log and returns where it ends.
func revision(t testing.TB, db *store.DB, actor roster.Actor) int64 {
	t.Helper()
	head, err := db.Verify(t.Context(), actor.Tenant.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	return head.Revision
}

// shared runs functions as the writes of one transaction, in their order, and
// returns their errors. contexts may hold a context for some of them.
func shared(t testing.TB, db *store.DB, actor roster.Actor, fns []func(*store.Tx) error, contexts map[int]context.Context) []error {
	t.Helper()
	var wg sync.WaitGroup
	running, run := make(chan struct{}), make(chan struct{})
	wg.Go(func() {
		err := db.Write(t.Context(), actor, func(*store.Tx) error {
			select {
			case <-run: // again, after the transaction broke
			default:
				close(running)
				<-run
			}
			return nil
		})
		if err != nil {
			t.Errorf("the write before: %v", err)
		}
	})
	<-running
	errs := make([]error, len(fns))
	for i, fn := range fns {
		ctx := contexts[i]
		if ctx == nil {
			ctx = t.Context()
		}
		wg.Go(func() { errs[i] = db.Write(ctx, actor, fn) })
		awaitQueued(db, actor, i+1)
	}
	close(run)
	wg.Wait()
	return errs
}

// awaitQueued waits until so many writes stand in the queue.
func awaitQueued(db *store.DB, actor roster.Actor, n int) {
	for db.Queued(actor.Tenant.ID) < n {
		runtime.Gosched()
	}
}

// open opens a database for the length of the test.
func open(t testing.TB, database string, followers ...store.Follower) *store.DB {
	t.Helper()
	return storetest.Open(t, database, store.Options{}, followers...)
}
