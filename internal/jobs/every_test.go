package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

const round = "test.round"

// What comes round runs once a period, over all nodes, at the same distance; what
// was missed is not made up for.
func TestEvery(t *testing.T) {
	each(t, func(h *house) {
		runs := 0
		nodes := []*jobs.Runner{h.runner, h.another()}
		for _, r := range nodes {
			r.Every(round, time.Hour, func(_ context.Context, tenant roster.Tenant) error {
				if tenant == h.actor.Tenant {
					runs++
				}
				return nil
			})
		}
		began := h.clock.now.Load()
		for _, step := range []struct {
			after time.Duration // the start
			want  int
		}{{0, 1}, {59 * time.Minute, 1}, {61 * time.Minute, 2}, {119 * time.Minute, 2}, {121 * time.Minute, 3}, {9*time.Hour + time.Minute, 4}, {599 * time.Minute, 4}, {601 * time.Minute, 5}} {
			h.clock.now.Store(began + step.after.Microseconds())
			for _, r := range nodes {
				if err := r.Drain(h.Context()); err != nil {
					h.Fatal(err)
				}
			}
			if runs != step.want {
				h.Fatalf("%d runs after %v, want %d", runs, step.after, step.want)
			}
		}
		if rows := h.rows(round); len(rows) != 1 {
			h.Errorf("rows %v", rows)
		}
	})
}

// A tenant that is made later has what comes round as well.
func TestEveryTenant(t *testing.T) {
	each(t, func(h *house) {
		runs := map[string]int{}
		h.runner.Every(round, time.Hour, func(_ context.Context, tenant roster.Tenant) error {
			runs[tenant.Name]++
			return nil
		})
		h.drain()
		storetest.Tenant(t, h.db, "later")
		h.drain()
		h.clock.advance(61 * time.Minute)
		h.drain()
		if runs["acme"] != 2 || runs["later"] != 2 {
			h.Errorf("runs %v", runs)
		}
	})
}

// What fails is tried again, until its time comes round, which it does not shift.
func TestEveryThatFails(t *testing.T) {
	each(t, func(h *house) {
		fails, runs := true, 0
		h.runner.Every(round, time.Minute, func(ctx context.Context, _ roster.Tenant) error {
			runs++
			if fails {
				return errors.New("no")
			}
			return h.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
				tx.Housekeeping()
				return jobs.Done(ctx, tx)
			})
		})
		began := h.clock.now.Load()
		minute := time.Minute.Microseconds()
		for next := began + minute; next < began+5*minute; next += minute {
			before := runs
			for h.clock.now.Load() < next {
				_ = h.runner.Drain(h.Context())
				rows := h.rows(round)
				if len(rows) != 1 || rows[0].failedAt != 0 || rows[0].runAt > next+1000 {
					h.Fatalf("the next time is at %d: %v", next, rows)
				}
				h.clock.now.Store(rows[0].runAt)
			}
			if tries := runs - before; tries < 3 || tries > 5 { // at 0, 5, 15 and 35 s, give or take
				h.Errorf("%d tries in a minute", tries)
			}
		}
		fails = false
		_ = h.runner.Drain(h.Context())
		rows := h.rows(round)
		if phase := (rows[0].runAt - began) % minute; phase > 1000 || rows[0].attempts != 0 || rows[0].lastError != "" {
			h.Errorf("it comes round at %d: %v", phase, rows)
		}
	})
}

// A node that dies while it runs what comes round does not stop it.
func TestEveryCrash(t *testing.T) {
	each(t, func(h *house) {
		runs := 0
		h.runner.Every(round, time.Hour, func(context.Context, roster.Tenant) error {
			runs++
			return nil
		})
		for range 12 {
			db, err := store.Open(h.Context(), store.Options{Database: h.database, Clock: h.clock.time})
			if err != nil {
				h.Fatal(err)
			}
			r := jobs.New(db, jobs.Options{})
			r.Every(round, time.Hour, func(context.Context, roster.Tenant) error { return db.Close() })
			_ = r.Drain(h.Context())
			h.clock.advance(11 * time.Minute)
		}
		h.clock.advance(time.Hour)
		h.drain()
		h.clock.advance(time.Hour)
		h.drain()
		if runs < 1 {
			h.Errorf("%d runs, rows %v", runs, h.rows(round))
		}
	})
}
