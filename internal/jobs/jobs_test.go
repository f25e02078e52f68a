package jobs_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestQueriesKeepTenantsApart(t *testing.T) { storetest.CheckQueries(t) }

// remember makes a runner keep what its jobs were about, in their order.
func (h *house) remember(r *jobs.Runner) *[]int64 {
	var ran []int64
	note.Handle(r, func(_ context.Context, tenant roster.Tenant, args noteArgs) error {
		if tenant != h.actor.Tenant {
			h.Errorf("a job of %v", tenant)
		}
		ran = append(ran, args.ID)
		return nil
	})
	return &ran
}

func (h *house) expect(got *[]int64, want ...int64) {
	h.Helper()
	if !slices.Equal(*got, want) {
		h.Errorf("ran %v, want %v", *got, want)
	}
}

// A job is there if and only if the write that wanted it is.
func TestJobsCommitWithTheirWrite(t *testing.T) {
	each(t, func(h *house) {
		ran := h.remember(h.runner)
		refused := errors.New("refused")
		for _, outcome := range []error{nil, refused} {
			err := h.db.Write(h.Context(), h.actor, func(tx *store.Tx) error {
				tx.Record(roster.Change{Operation: "thing.create", SubjectType: "thing"})
				return errors.Join(jobs.Enqueue(tx, note.Job(noteArgs{1}), note.Job(noteArgs{2})), outcome)
			})
			if !errors.Is(err, outcome) {
				h.Fatal(err)
			}
		}
		if _, err := h.db.Plan(h.Context(), h.actor, func(tx *store.Tx) error { return jobs.Enqueue(tx, note.Job(noteArgs{3})) }); err != nil {
			h.Fatal(err)
		}
		if err := h.db.Write(h.Context(), h.actor, func(tx *store.Tx) error { return jobs.Enqueue(tx, note.Job(noteArgs{4})) }); err == nil {
			h.Error("a write that only enqueues is no housekeeping unless it says so")
		}
		h.drain()
		h.expect(ran, 1, 2)
		if left := h.rows(note.Name); len(left) > 0 {
			h.Errorf("left %v", left)
		}
	})
}

// Jobs run in the order of their times, and none before.
func TestJobsWaitForTheirTime(t *testing.T) {
	each(t, func(h *house) {
		ran := h.remember(h.runner)
		now := h.clock.now.Load()
		h.enqueue(
			note.Job(noteArgs{3}).At(now+time.Hour.Microseconds()),
			note.Job(noteArgs{2}).At(now+time.Minute.Microseconds()),
			note.Job(noteArgs{1}),
			note.Job(noteArgs{0}).At(now-1),
		)
		h.drain()
		h.expect(ran, 0, 1)
		h.clock.advance(time.Minute - time.Second)
		h.drain()
		h.expect(ran, 0, 1)
		h.clock.advance(time.Hour)
		h.drain()
		h.expect(ran, 0, 1, 2, 3)
	})
}

// Many at once, and none is lost.
func TestManyJobs(t *testing.T) {
	each(t, func(h *house) {
		ran := h.remember(h.runner)
		var all []jobs.Job
		var want []int64
		for i := range int64(150) {
			all, want = append(all, note.Job(noteArgs{i})), append(want, i)
		}
		h.enqueue(all...)
		h.enqueue()
		h.drain()
		h.expect(ran, want...)
	})
}

// Of one kind and key one job waits, with the earliest time; keys of another kind,
// and jobs without a key, are others.
func TestKeys(t *testing.T) {
	other := jobs.Kind[noteArgs]{Name: "test.other"}
	each(t, func(h *house) {
		ran := h.remember(h.runner)
		now := h.clock.now.Load()
		in := func(d time.Duration) int64 { return now + d.Microseconds() }
		h.enqueue(note.Job(noteArgs{1}).Keyed("a").At(in(time.Hour)), note.Job(noteArgs{1}).Keyed("a").At(in(3*time.Hour)))
		h.enqueue(note.Job(noteArgs{2}).Keyed("a").At(in(2*time.Hour)), note.Job(noteArgs{3}).Keyed("b").At(in(2*time.Hour)))
		h.enqueue(other.Job(noteArgs{4}).Keyed("a"), note.Job(noteArgs{5}), note.Job(noteArgs{5}))
		h.drain()
		h.expect(ran, 5, 5)
		h.clock.advance(time.Hour + time.Minute)
		h.drain()
		h.expect(ran, 5, 5, 1)
		h.clock.advance(time.Hour)
		h.drain()
		h.expect(ran, 5, 5, 1, 3)

		// An earlier time moves the job that waits: here one of the same call, and
		// then one of an earlier write.
		h.enqueue(note.Job(noteArgs{6}).Keyed("a").At(in(9*time.Hour)), note.Job(noteArgs{6}).Keyed("a").At(in(8*time.Hour)))
		if rows := h.rows(note.Name); len(rows) != 1 || rows[0].runAt != in(8*time.Hour) {
			h.Errorf("waiting %v", rows)
		}
		h.enqueue(note.Job(noteArgs{6}).Keyed("a"))
		h.drain()
		h.expect(ran, 5, 5, 1, 3, 6)
		if rows := h.rows(other.Name); len(rows) != 1 {
			h.Errorf("a kind without a handler: %v", rows)
		}
	})
}

// Many keys in one call, of which some wait already.
func TestManyKeys(t *testing.T) {
	each(t, func(h *house) {
		ran := h.remember(h.runner)
		keyed := func(from, to int64) (all []jobs.Job) {
			for i := range to - from {
				all = append(all, note.Job(noteArgs{from + i}).Keyed(string(rune('A'+from+i))))
			}
			return all
		}
		h.enqueue(keyed(0, 40)...)
		h.enqueue(keyed(20, 120)...)
		h.drain()
		if slices.Sort(*ran); len(*ran) != 120 || (*ran)[119] != 119 {
			h.Errorf("ran %v", *ran)
		}
	})
}

// A job that is asked for while it runs may have read what has changed since, so it
// runs again, after this run and not beside it; at the earliest time asked for.
func TestAskedForWhileItRuns(t *testing.T) {
	each(t, func(h *house) {
		type run struct{ began, ended int64 }
		var runs []run
		steps, running := int64(0), false
		keyed := note.Job(noteArgs{1}).Keyed("a")
		second := h.another()
		second.Every("test.idle", time.Hour, func(context.Context, roster.Tenant) error { return nil })
		note.Handle(second, func(context.Context, roster.Tenant, noteArgs) error {
			h.Error("it runs on another node at once")
			return nil
		})
		note.Handle(h.runner, func(ctx context.Context, _ roster.Tenant, _ noteArgs) error {
			if running {
				h.Error("it runs beside itself")
			}
			running = true
			steps++
			r := run{began: steps}
			if len(runs) == 0 {
				h.enqueue(keyed.At(h.clock.now.Load() + time.Hour.Microseconds()))
				h.enqueue(keyed.At(h.clock.now.Load() + time.Minute.Microseconds()))
				h.enqueue(keyed.At(h.clock.now.Load() + 2*time.Minute.Microseconds()))
				if err := second.Drain(ctx); err != nil {
					h.Error(err)
				}
			}
			steps++
			r.ended = steps
			runs = append(runs, r)
			running = false
			return nil
		})
		h.enqueue(keyed)
		h.drain()
		if len(runs) != 1 {
			h.Fatalf("runs %v", runs)
		}
		h.clock.advance(time.Minute + time.Second)
		h.drain()
		h.clock.advance(2 * time.Hour)
		h.drain()
		if !slices.Equal(runs, []run{{1, 2}, {3, 4}}) {
			h.Errorf("runs %v", runs)
		}
		if left := h.rows(note.Name); len(left) > 0 {
			h.Errorf("left %v", left)
		}
	})
}

// Tenants have jobs of their own, keys and all.
func TestTenantsApart(t *testing.T) {
	each(t, func(h *house) {
		other := storetest.Tenant(t, h.db, "other")
		ran := map[string][]int64{}
		note.Handle(h.runner, func(ctx context.Context, tenant roster.Tenant, args noteArgs) error {
			ran[tenant.Name] = append(ran[tenant.Name], args.ID)
			if a := jobs.Actor(ctx); a.Tenant != tenant || a.ID != "job:test.note" || a.API != roster.Background || a.RequestID == "" {
				h.Errorf("actor %+v", a)
			}
			return nil
		})
		h.enqueue(note.Job(noteArgs{1}).Keyed("a"))
		err := h.db.Write(h.Context(), other, func(tx *store.Tx) error {
			tx.Housekeeping()
			return jobs.Enqueue(tx, note.Job(noteArgs{2}).Keyed("a"))
		})
		if err != nil {
			h.Fatal(err)
		}
		h.drain()
		if !slices.Equal(ran["acme"], []int64{1}) || !slices.Equal(ran["other"], []int64{2}) {
			h.Errorf("ran %v", ran)
		}
	})
}

func TestWrongJobsAreRefused(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	for name, j := range map[string]jobs.Job{
		"no kind":          {Args: noteArgs{1}},
		"no JSON":          {Kind: "test.note", Args: math.Inf(1)},
		"no JSON, a key":   {Kind: "test.note", Key: "a", Args: func() {}},
		"no kind, but key": {Key: "a"},
	} {
		err := h.db.Write(t.Context(), h.actor, func(tx *store.Tx) error {
			tx.Housekeeping()
			return jobs.Enqueue(tx, j)
		})
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("two handlers of one kind are taken")
		}
	}()
	h.remember(h.runner)
	h.remember(h.runner)
}
