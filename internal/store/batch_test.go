package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func creates(n int) []func(*store.Tx) error {
	fns := make([]func(*store.Tx) error, n)
	for i := range fns {
		fns[i] = create(int64(i + 1))
	}
	return fns
}

// A request that is cancelled while its statement runs does not interrupt it: on
// SQLite that would end the transaction that it shares with others.
func TestCancelledWriterHurtsNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := open(t, database)
		actor := storetest.Tenant(t, db, "a")
		ctx, cancel := context.WithCancel(t.Context())
		fns := creates(16)
		fns[7] = func(tx *store.Tx) error {
			started := make(chan struct{})
			go func() { <-started; cancel() }()
			close(started)
			for running := true; running; running = ctx.Err() == nil {
				var n int
				if err := tx.Row(slowly, 50_000).Scan(&n); err != nil {
					return err
				}
			}
			return create(8)(tx)
		}
		for i, err := range shared(t, db, actor, fns, map[int]context.Context{7: ctx}) {
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		}
		if n := things(t, db, actor); n != 16 {
			t.Errorf("%d rows of 16", n)
		}
		if r := revision(t, db, actor); r != 1+16 {
			t.Errorf("the log ends at %d", r)
		}
	})
}

// A write that was given up while it waited never runs.
func TestAbandonedWriteNeverRuns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := open(t, database)
		actor := storetest.Tenant(t, db, "a")
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		fns := []func(*store.Tx) error{
			func(tx *store.Tx) error {
				go func() { gone <- db.Write(ctx, actor, create(99)) }()
				awaitQueued(db, actor, 2)
				cancel()
				if err := <-gone; !roster.IsKind(err, roster.Unavailable) || !errors.Is(err, context.Canceled) {
					t.Errorf("given up: %v", err)
				}
				return create(1)(tx)
			},
			create(2),
		}
		for i, err := range shared(t, db, actor, fns, nil) {
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		}
		if n := things(t, db, actor); n != 2 {
			t.Errorf("%d rows of 2", n)
		}
	})
}

// breaks fails, and the transaction is then over: the connection to PostgreSQL is
// gone, and SQLite rolls back by itself, as it does when the disk is full.
var breaks = store.Global("test.breaks", `SELECT pg_terminate_backend(pg_backend_pid())`, "it breaks the transaction").
	On(store.SQLite, `INSERT OR ROLLBACK INTO idempotency_keys (tenant) VALUES (1)`)

// A transaction that breaks acknowledges nobody; its writes run once more, each
// alone, and nothing is written twice.
func TestBrokenTransactionRunsAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := open(t, database)
		for _, c := range []struct {
			name      string
			swallowed bool // the function makes nothing of the failed statement
			at        int
		}{{"first", false, 0}, {"ninth", false, 8}, {"first-swallowed", true, 0}, {"ninth-swallowed", true, 8}} {
			actor := storetest.Tenant(t, db, c.name)
			fns := creates(16)
			runs, good := 0, fns[c.at]
			fns[c.at] = func(tx *store.Tx) error {
				if err := good(tx); err != nil {
					return err
				}
				if runs++; runs > 1 {
					return nil
				}
				_, err := tx.Exec(breaks)
				if err == nil {
					t.Errorf("%s: the statement did not break the transaction", c.name)
				}
				if c.swallowed {
					_ = insert(tx, 1000) // would stand alone, if it were not refused
					return nil
				}
				return err
			}
			for i, err := range shared(t, db, actor, fns, nil) {
				if err != nil {
					t.Errorf("%s, writer %d: %v", c.name, i, err)
				}
			}
			if runs != 2 {
				t.Errorf("%s: the function ran %d times", c.name, runs)
			}
			if n, r := things(t, db, actor), revision(t, db, actor); n != 16 || r != 1+16 {
				t.Errorf("%s: %d rows of 16, and the log ends at %d", c.name, n, r)
			}
		}
	})
}

// What one write did wrong is taken back alone, wherever in the batch it stands.
func TestFailedWriteRollsBackAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := open(t, database)
		actor := storetest.Tenant(t, db, "a")
		refused := roster.Errorf(roster.Conflict, "NO", "no")
		bad := map[int]struct {
			fn   func(*store.Tx) error
			want func(error) bool
		}{
			0: {func(*store.Tx) error { return refused }, func(err error) bool { return errors.Is(err, refused) }},
			3: {func(*store.Tx) error { panic("a slip") }, func(err error) bool {
				return roster.IsKind(err, roster.Internal) && strings.Contains(err.Error(), "a slip")
			}},
			5: {func(tx *store.Tx) error { return insert(tx, 2) }, func(err error) bool { return roster.IsKind(err, roster.Exists) }},
			7: {func(tx *store.Tx) error { _ = insert(tx, 2); return nil }, func(err error) bool { return roster.IsKind(err, roster.Exists) }},
			9: {func(tx *store.Tx) error {
				return tx.Each(countThings, func(store.Scanner) error { return insert(tx, 77) }, []byte{})
			}, func(err error) bool { return err != nil && strings.Contains(err.Error(), "are open") }},
			15: {func(tx *store.Tx) error { return refused }, func(err error) bool { return errors.Is(err, refused) }},
		}
		fns := creates(16)
		for i, b := range bad {
			good := fns[i]
			fns[i] = func(tx *store.Tx) error {
				if err := good(tx); err != nil {
					return err
				}
				return b.fn(tx)
			}
		}
		for i, err := range shared(t, db, actor, fns, nil) {
			if b, isBad := bad[i]; isBad && !b.want(err) || !isBad && err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		}
		if n, want := things(t, db, actor), 16-len(bad); n != want {
			t.Errorf("%d rows, want %d", n, want)
		}
		if r, want := revision(t, db, actor), int64(1+16-len(bad)); r != want {
			t.Errorf("the log ends at %d, want %d", r, want)
		}
	})
}
