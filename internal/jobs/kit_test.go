package jobs_test

import (
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// clock is one that a test moves.
type clock struct{ now atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.now.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
	return c
}

func (c *clock) time() time.Time         { return time.UnixMicro(c.now.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.now.Add(d.Microseconds()) }

// noteArgs are the arguments of the tests' jobs.
type noteArgs struct {
	ID int64 `json:"id"`
}

var note = jobs.Kind[noteArgs]{Name: "test.note", Attempts: 3}

// house is a database with a tenant and a runner.
type house struct {
	*testing.T
	clock    *clock
	database string
	db       *store.DB
	actor    roster.Actor
	runner   *jobs.Runner
}

func newHouse(t *testing.T, database string) *house {
	h := &house{T: t, clock: newClock(), database: database}
	h.db = storetest.Open(t, database, store.Options{Clock: h.clock.time})
	h.actor = storetest.Tenant(t, h.db, "acme")
	h.runner = jobs.New(h.db, jobs.Options{})
	return h
}

// another returns another node's runner on the house's database, which on SQLite is
// the same process.
func (h *house) another() *jobs.Runner {
	h.Helper()
	db := h.db
	if store.IsPostgres(h.database) {
		db = storetest.Open(h, h.database, store.Options{Clock: h.clock.time})
	}
	return jobs.New(db, jobs.Options{})
}

// each runs fn in a house on each engine.
func each(t *testing.T, fn func(h *house)) {
	storetest.Each(t, func(t *testing.T, database string) { fn(newHouse(t, database)) })
}

// write runs fn as a write that the log is not about.
func (h *house) write(fn func(tx *store.Tx) error) {
	h.Helper()
	err := h.db.Write(h.Context(), h.actor, func(tx *store.Tx) error {
		tx.Housekeeping()
		return fn(tx)
	})
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) enqueue(all ...jobs.Job) {
	h.Helper()
	h.write(func(tx *store.Tx) error { return jobs.Enqueue(tx, all...) })
}

func (h *house) drain() {
	h.Helper()
	if err := h.runner.Drain(h.Context()); err != nil {
		h.Fatal(err)
	}
}

// row is what a job's row says.
type row struct {
	id, runAt, attempts, leasedUntil, failedAt int64
	key, lastError                             string
}

var rowsOfKind = store.Q("test.jobs", `SELECT id, run_at, attempts, leased_until, failed_at, unique_key, last_error
	FROM jobs WHERE tenant = $1 AND kind = $2 ORDER BY id`)

func (h *house) rows(kind string) (all []row) {
	h.Helper()
	err := h.db.Read(h.Context(), h.actor.Tenant.ID, func(tx *store.Tx) (err error) {
		all, err = store.All(tx, rowsOfKind, func(s store.Scanner) (r row, err error) {
			err = s.Scan(&r.id, &r.runAt, &r.attempts, &r.leasedUntil, &r.failedAt, &r.key, &r.lastError)
			return r, err
		}, kind)
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
	return all
}
