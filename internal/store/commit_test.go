package store_test

import (
	"database/sql"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// sessions selects the sessions of the nodes under test.
const sessions = ` FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'roster' AND `

// count returns the one number that a query gives.
func count(t *testing.T, raw *sql.DB, text string) (n int) {
	t.Helper()
	if err := raw.QueryRowContext(t.Context(), text).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func exec(t *testing.T, raw *sql.DB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := raw.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
}

// Connections that break while nobody uses them are replaced, and nobody notices.
func TestIdleConnectionsBreak(t *testing.T) {
	database := pgtest.Database(t)
	db, raw := open(t, database), storetest.Raw(t, database)
	actor := storetest.Tenant(t, db, "a")
	for i := range 3 {
		write(t, db, actor, create(int64(i)))
		if n := things(t, db, actor); n != i+1 {
			t.Errorf("%d rows of %d", n, i+1)
		}
		for count(t, raw, `SELECT count(pg_terminate_backend(pid))`+sessions+`state = 'idle'`) > 0 {
			runtime.Gosched() // until the last has ended
		}
	}
}

// A connection that breaks during COMMIT leaves open whether it took place; the
// log tells. Here it did not: the server ends the session before it commits.
func TestCommitThatDidNotTakePlace(t *testing.T) {
	database := pgtest.Database(t)
	db, raw := open(t, database), storetest.Raw(t, database)
	actor := storetest.Tenant(t, db, "a")
	exec(t, raw, `CREATE SEQUENCE commits`,
		`CREATE FUNCTION break_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF nextval('commits') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END $$`,
		`CREATE CONSTRAINT TRIGGER break_first AFTER INSERT ON idempotency_keys DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW EXECUTE FUNCTION break_first()`)
	for i, err := range shared(t, db, actor, creates(5), nil) {
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	if n, r := things(t, db, actor), revision(t, db, actor); n != 5 || r != 6 {
		t.Errorf("%d rows and revision %d, want 5 and 6", n, r)
	}
}

func TestLostCommits(t *testing.T) {
	cluster := pgtest.Start(t)
	t.Run("took place", func(t *testing.T) { testCommitThatTookPlace(t, cluster) })
	t.Run("unknown", func(t *testing.T) { testCommitOfUnknownOutcome(t, cluster) })
}

// Here it took place: the commit is on the disk and waits for a standby when the
// session ends. Its writes are acknowledged and do not run again.
func testCommitThatTookPlace(t *testing.T, cluster *pgtest.Cluster) {
	database := cluster.Database(t)
	m := &memory{}
	db, raw := open(t, database, m), storetest.Raw(t, database)
	actor := storetest.Tenant(t, db, "a")
	if err := db.Fresh(t.Context(), actor.Tenant.ID); err != nil {
		t.Fatal(err)
	}
	exec(t, raw, `ALTER SYSTEM SET synchronous_standby_names = 'nobody'`, `SELECT pg_reload_conf()`)
	var wg sync.WaitGroup
	var ended atomic.Int64
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				ended.Add(int64(count(t, raw, `SELECT count(pg_terminate_backend(pid))`+sessions+`wait_event = 'SyncRep'`)))
			}
		}
	})
	runs, last := map[int64]int{}, int64(0)
	for ended.Load() < 3 {
		last++
		write(t, db, actor, func(tx *store.Tx) error { runs[last]++; return emit(last)(tx) })
	}
	exec(t, raw, `ALTER SYSTEM RESET synchronous_standby_names`, `SELECT pg_reload_conf()`)
	if n := int64(things(t, db, actor)); n != last {
		t.Errorf("%d rows of %d", n, last)
	}
	close(stop)
	wg.Wait()
	for id, n := range runs {
		if n != 1 {
			t.Errorf("write %d ran %d times", id, n)
		}
	}
	m.check(t, revision(t, db, actor))
}

// Here nobody can tell: the server is gone. Who asked hears that, the write does
// not run again, and all goes on when the server is back.
func testCommitOfUnknownOutcome(t *testing.T, cluster *pgtest.Cluster) {
	database := cluster.Database(t)
	m := &memory{}
	db, raw := open(t, database, m), storetest.Raw(t, database)
	actor := storetest.Tenant(t, db, "a")
	exec(t, raw, `CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$`,
		`CREATE CONSTRAINT TRIGGER stall AFTER INSERT ON idempotency_keys DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW WHEN (new.key_hash = '\x0000000000000001') EXECUTE FUNCTION stall()`)
	runs, errs := 0, make(chan error, 1)
	go func() {
		errs <- db.Write(t.Context(), actor, func(tx *store.Tx) error { runs++; return emit(1)(tx) })
	}()
	for count(t, raw, `SELECT count(*)`+sessions+`wait_event = 'PgSleep'`) == 0 {
		runtime.Gosched()
	}
	if err := cluster.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-errs; roster.AsError(err).Code != "OUTCOME_UNKNOWN" || runs != 1 {
		t.Errorf("%d runs: %v", runs, err)
	}
	if err := db.Write(t.Context(), actor, emit(2)); !roster.IsKind(err, roster.Unavailable) {
		t.Errorf("a write without a server: %v", err)
	}
	if err := db.Fresh(t.Context(), actor.Tenant.ID); !roster.IsKind(err, roster.Unavailable) {
		t.Errorf("fresh without a server: %v", err)
	}
	if err := cluster.Restart(); err != nil {
		t.Fatal(err)
	}
	write(t, db, actor, emit(2))
	if err := db.Fresh(t.Context(), actor.Tenant.ID); err != nil {
		t.Error(err)
	}
	m.check(t, revision(t, db, actor))
	if n := things(t, db, actor); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}
