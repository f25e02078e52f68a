package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// told is an error that says what a row may keep of it.
type told struct{}

func (told) Error() string  { return "ada@example.org is unknown" }
func (told) Reason() string { return "smtp 550" }

// A job that fails is tried again, each time later, and in the end given up; what
// its row keeps of the error names nobody.
func TestRetries(t *testing.T) {
	refused := roster.Errorf(roster.Conflict, "UG903", "ada@example.org is in another account")
	for name, c := range map[string]struct {
		fail     func(ctx context.Context) error
		attempts int64
		reason   string
	}{
		"an error":        {func(context.Context) error { return errors.New("no ada@example.org") }, 3, "error"},
		"one of ours":     {func(context.Context) error { return fmt.Errorf("refused: %w", refused) }, 3, "UG903"},
		"one that tells":  {func(context.Context) error { return fmt.Errorf("mail: %w", told{}) }, 3, "smtp 550"},
		"a panic":         {func(context.Context) error { panic("ada@example.org") }, 3, "error"},
		"a timeout":       {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 3, "timeout"},
		"permanent":       {func(context.Context) error { return jobs.Permanent(told{}) }, 1, "smtp 550"},
		"permanent below": {func(context.Context) error { return fmt.Errorf("mail: %w", jobs.Permanent(told{})) }, 1, "smtp 550"},
	} {
		kind := note
		if name == "a timeout" {
			kind.Timeout = time.Millisecond
		}
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			runs, ends := int64(0), 0
			kind.HandleOr(h.runner, func(ctx context.Context, _ roster.Tenant, _ noteArgs) error {
				runs++
				return c.fail(ctx)
			}, func(_ *store.Tx, args noteArgs, reason string) error {
				if ends++; args.ID != 1 || reason != c.reason || runs != c.attempts {
					t.Errorf("given up after %d tries: %v, %s", runs, args, reason)
				}
				return nil
			})
			h.enqueue(note.Job(noteArgs{1}))
			pause := 5 * time.Second
			for try := int64(1); try <= c.attempts; try++ {
				if err := h.runner.Drain(t.Context()); err == nil {
					t.Error("Drain tells of no failure")
				}
				rows := h.rows(note.Name)
				if runs != try || len(rows) != 1 || rows[0].attempts != try || rows[0].lastError != c.reason || rows[0].leasedUntil != 0 {
					t.Fatalf("after %d of %d tries: %v", runs, try, rows)
				}
				if try == c.attempts {
					break
				}
				wait := time.Duration(rows[0].runAt-h.clock.now.Load()) * time.Microsecond
				if wait < pause*3/4 || wait > pause*5/4+time.Second {
					t.Errorf("waits %v after try %d", wait, try)
				}
				h.clock.advance(pause * 5 / 4)
				h.clock.advance(time.Second)
				pause *= 2
			}
			h.clock.advance(24 * time.Hour)
			h.drain()
			if rows := h.rows(note.Name); runs != c.attempts || ends != 1 || rows[0].failedAt == 0 {
				t.Errorf("%d tries, given up %d times: %v", runs, ends, rows)
			}
		})
	}
}

// The pause after many failures stays an hour.
func TestPauseIsBounded(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	kind := jobs.Kind[noteArgs]{Name: "test.stubborn", Attempts: 100}
	runs := 0
	kind.Handle(h.runner, func(context.Context, roster.Tenant, noteArgs) error {
		runs++
		return errors.New("no")
	})
	h.enqueue(kind.Job(noteArgs{1}))
	for range 100 {
		_ = h.runner.Drain(t.Context())
		h.clock.advance(76 * time.Minute)
	}
	if runs != 100 {
		t.Errorf("%d tries", runs)
	}
}

// A job that was given up keeps nobody from asking anew, and is forgotten in time.
func TestGivenUp(t *testing.T) {
	each(t, func(h *house) {
		fails, asks := true, true
		keyed := note.Job(noteArgs{1}).Keyed("a")
		ran := 0
		note.Handle(h.runner, func(context.Context, roster.Tenant, noteArgs) error {
			ran++
			if !fails {
				return nil
			}
			if asks {
				asks = false
				h.enqueue(keyed.At(h.clock.now.Load() + time.Minute.Microseconds()))
			}
			return jobs.Permanent(errors.New("no"))
		})
		h.enqueue(keyed)
		_ = h.runner.Drain(h.Context())
		// It was asked for while it ran, and so is there again.
		if rows := h.rows(note.Name); len(rows) != 1 || rows[0].failedAt != 0 || rows[0].attempts != 0 {
			h.Fatalf("rows %v", rows)
		}
		h.clock.advance(time.Hour)
		_ = h.runner.Drain(h.Context())
		if rows := h.rows(note.Name); len(rows) != 1 || rows[0].failedAt == 0 {
			h.Fatalf("rows %v", rows)
		}
		fails = false
		h.enqueue(keyed)
		h.drain()
		if rows := h.rows(note.Name); ran != 3 || len(rows) != 1 || rows[0].failedAt == 0 {
			h.Errorf("ran %d times, rows %v", ran, rows)
		}
		h.clock.advance(29 * 24 * time.Hour)
		h.drain()
		if rows := h.rows(note.Name); len(rows) != 1 {
			h.Errorf("rows %v", rows)
		}
		h.clock.advance(2 * 24 * time.Hour)
		h.drain()
		if rows := h.rows(note.Name); len(rows) != 0 {
			h.Errorf("rows %v", rows)
		}
	})
}

// Arguments that the handler does not understand are no reason to try again.
func TestStrangeArguments(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	ran := h.remember(h.runner)
	h.enqueue(jobs.Job{Kind: note.Name, Args: []string{"what"}}, jobs.Job{Kind: note.Name, Args: map[string]any{"id": 7, "more": true}})
	_ = h.runner.Drain(t.Context())
	h.expect(ran, 7)
	if rows := h.rows(note.Name); len(rows) != 1 || rows[0].failedAt == 0 {
		t.Errorf("rows %v", rows)
	}
}

// marks are rows that the tests' jobs write as their effect.
var (
	putMark = store.Q("test.put_mark", `INSERT INTO idempotency_keys (tenant, key_hash, body_hash, status, headers, body, revision, created_at)
		VALUES ($1, $2, $2, 0, '', $2, 0, 0)`)
	countMarks = store.Q("test.count_marks", `SELECT count(*) FROM idempotency_keys WHERE tenant = $1 AND key_hash >= $2`)
)

func mark(tx *store.Tx, word string) error {
	tx.Record(roster.Change{Operation: "mark.create", SubjectType: "mark"})
	_, err := tx.Exec(putMark, []byte(word))
	return err
}

func (h *house) marks() (n int) {
	h.Helper()
	err := h.db.Read(h.Context(), h.actor.Tenant.ID, func(tx *store.Tx) error { return tx.Row(countMarks, []byte{}).Scan(&n) })
	if err != nil {
		h.Fatal(err)
	}
	return n
}

// A job that ends in its own write ends with it or not at all.
func TestDone(t *testing.T) {
	each(t, func(h *house) {
		fails := true
		note.Handle(h.runner, func(ctx context.Context, _ roster.Tenant, _ noteArgs) error {
			return h.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
				if err := errors.Join(mark(tx, "once"), jobs.Done(ctx, tx)); err != nil || !fails {
					return err
				}
				return errors.New("not yet")
			})
		})
		h.enqueue(note.Job(noteArgs{1}))
		_ = h.runner.Drain(h.Context())
		if n, rows := h.marks(), h.rows(note.Name); n != 0 || len(rows) != 1 {
			h.Fatalf("%d marks, rows %v", n, rows)
		}
		fails = false
		h.clock.advance(time.Hour)
		h.drain()
		if n, rows := h.marks(), h.rows(note.Name); n != 1 || len(rows) != 0 {
			h.Errorf("%d marks, rows %v", n, rows)
		}
		// Outside of a job, the same verb just writes.
		h.write(func(tx *store.Tx) error { return jobs.Done(h.Context(), tx) })
	})
}

// Done refuses another tenant's transaction, and Actor what is no handler's context.
func TestMisuse(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	other := storetest.Tenant(t, h.db, "other")
	note.Handle(h.runner, func(ctx context.Context, _ roster.Tenant, _ noteArgs) error {
		err := h.db.Write(ctx, other, func(tx *store.Tx) error {
			tx.Housekeeping()
			return jobs.Done(ctx, tx)
		})
		if err == nil {
			t.Error("it ends in a transaction of another tenant")
		}
		return nil
	})
	h.enqueue(note.Job(noteArgs{1}))
	h.drain()
	defer func() {
		if recover() == nil {
			t.Error("a context without a job has an actor")
		}
	}()
	jobs.Actor(t.Context())
}

// A node that is slower than its lease loses the job: another one does it, and what
// the first one does in its own write comes to nothing.
func TestLeaseRunsOut(t *testing.T) {
	each(t, func(h *house) {
		second := h.another()
		work := func(ctx context.Context, word string) error {
			return h.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
				return errors.Join(mark(tx, word), jobs.Done(ctx, tx))
			})
		}
		late := 0
		var first context.Context
		note.Handle(second, func(ctx context.Context, _ roster.Tenant, _ noteArgs) error {
			if err := work(first, "first"); err == nil {
				h.Error("who lost the lease ends the job that another one runs")
			}
			return work(ctx, "second")
		})
		note.Handle(h.runner, func(ctx context.Context, _ roster.Tenant, _ noteArgs) error {
			late++
			first = ctx
			h.clock.advance(time.Minute) // the lease is a while longer than the time of a run
			if err := second.Drain(h.Context()); err != nil || h.marks() != 0 {
				h.Errorf("%d marks while the lease lasts, %v", h.marks(), err)
			}
			h.clock.advance(time.Minute)
			if err := second.Drain(h.Context()); err != nil || h.marks() != 1 {
				h.Errorf("%d marks after the lease, %v", h.marks(), err)
			}
			err := work(ctx, "first")
			if err == nil {
				h.Error("who lost the lease ends the job")
			}
			return err
		})
		h.enqueue(note.Job(noteArgs{1}))
		if err := h.runner.Drain(h.Context()); err == nil || !strings.Contains(err.Error(), "taken") {
			h.Errorf("who lost the lease is told %v", err)
		}
		if n, rows := h.marks(), h.rows(note.Name); n != 1 || len(rows) != 0 || late != 1 {
			h.Errorf("%d marks, rows %v", n, rows)
		}
	})
}

// crash makes a node that dies with a job in its hands, and returns when it is dead.
func (h *house) crash() {
	h.Helper()
	ctx, cancel := context.WithCancel(h.Context())
	defer cancel()
	db, err := store.Open(ctx, store.Options{Database: h.database, Clock: h.clock.time})
	if err != nil {
		h.Fatal(err)
	}
	r := jobs.New(db, jobs.Options{})
	note.Handle(r, func(context.Context, roster.Tenant, noteArgs) error {
		return db.Close() // nothing is written any more
	})
	_ = r.Drain(ctx)
}

// The job of a node that died is taken over when its lease has run out, and given up
// when it has killed as many nodes as it may be tried.
func TestCrash(t *testing.T) {
	each(t, func(h *house) {
		ran := h.remember(h.runner)
		h.enqueue(note.Job(noteArgs{1}))
		h.crash()
		h.drain()
		h.expect(ran)
		if rows := h.rows(note.Name); len(rows) != 1 || rows[0].attempts != 1 || rows[0].leasedUntil == 0 {
			h.Errorf("rows %v", rows)
		}
		h.clock.advance(2 * time.Minute)
		h.drain()
		h.expect(ran, 1)

		h.enqueue(note.Job(noteArgs{2}))
		for range note.Attempts {
			h.crash()
			h.clock.advance(2 * time.Minute)
		}
		h.drain()
		h.expect(ran, 1)
		if rows := h.rows(note.Name); len(rows) != 1 || rows[0].failedAt == 0 || rows[0].lastError != "lease ran out" {
			h.Errorf("rows %v", rows)
		}
	})
}
