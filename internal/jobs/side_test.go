package jobs_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// start runs runners until the test stops them.
func start(t *testing.T, runners ...*jobs.Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, r := range runners {
		running.Go(func() { r.Run(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// Runners on two nodes, with jobs coming in on both, run each job once.
func TestNodesShareJobs(t *testing.T) {
	each(t, func(h *house) {
		second := h.another()
		n := int64(racetest.Scale(300))
		var mu sync.Mutex
		ran := map[int64]int{}
		all := make(chan struct{})
		for _, r := range []*jobs.Runner{h.runner, second} {
			note.Handle(r, func(_ context.Context, _ roster.Tenant, args noteArgs) error {
				mu.Lock()
				defer mu.Unlock()
				if ran[args.ID]++; int64(len(ran)) == n && ran[args.ID] == 1 {
					close(all)
				}
				return nil
			})
		}
		stop := start(h.T, h.runner, second)
		var writers sync.WaitGroup
		for w := range int64(4) {
			writers.Go(func() {
				for id := w; id < n; id += 4 {
					h.enqueue(note.Job(noteArgs{id}))
				}
			})
		}
		writers.Wait()
		<-all
		stop()
		for id, times := range ran {
			if times != 1 {
				h.Errorf("job %d ran %d times", id, times)
			}
		}
		if left := h.rows(note.Name); len(left) > 0 {
			h.Errorf("left %v", left)
		}
	})
}

// A node runs what it has written without looking for it.
func TestCommitWakes(t *testing.T) {
	each(t, func(h *house) {
		r := jobs.New(h.db, jobs.Options{Poll: time.Hour})
		ran := make(chan int64)
		note.Handle(r, func(_ context.Context, _ roster.Tenant, args noteArgs) error {
			ran <- args.ID
			return nil
		})
		stop := start(h.T, r)
		for id := range int64(10) {
			h.enqueue(note.Job(noteArgs{id}))
			if got := <-ran; got != id {
				h.Errorf("job %d ran, not %d", got, id)
			}
		}
		stop()
	})
}

// No more jobs run at once than there are workers, and as many.
func TestWorkers(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	const workers, n = 3, 12
	r := jobs.New(h.db, jobs.Options{Workers: workers})
	var mu sync.Mutex
	running, most, ended := 0, 0, 0
	full, all := make(chan struct{}), make(chan struct{})
	note.Handle(r, func(context.Context, roster.Tenant, noteArgs) error {
		mu.Lock()
		if running++; running > most {
			if most = running; most == workers {
				close(full)
			}
		}
		mu.Unlock()
		<-full
		mu.Lock()
		defer mu.Unlock()
		running--
		if ended++; ended == n {
			close(all)
		}
		return nil
	})
	for id := range int64(n) {
		h.enqueue(note.Job(noteArgs{id}))
	}
	stop := start(t, r)
	<-all
	stop()
	if most != workers {
		t.Errorf("%d at once", most)
	}
}

// A tenant with many jobs does not keep another one waiting.
func TestTenantsTakeTurns(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	r := jobs.New(h.db, jobs.Options{Workers: 1})
	var order []string
	all := make(chan struct{})
	note.Handle(r, func(_ context.Context, tenant roster.Tenant, _ noteArgs) error {
		if order = append(order, tenant.Name); len(order) == 52 {
			close(all)
		}
		return nil
	})
	crowd := make([]jobs.Job, 50)
	for i := range crowd {
		crowd[i] = note.Job(noteArgs{int64(i)})
	}
	h.enqueue(crowd...)
	for _, name := range []string{"b", "c"} {
		actor := storetest.Tenant(t, h.db, name)
		err := h.db.Write(t.Context(), actor, func(tx *store.Tx) error {
			tx.Housekeeping()
			return jobs.Enqueue(tx, note.Job(noteArgs{1}))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	stop := start(t, r)
	<-all
	stop()
	// What comes round takes its turn as well, so the third is not always the third.
	if b, c := slices.Index(order, "b"), slices.Index(order, "c"); b > 3 || c > 3 {
		t.Errorf("ran in the order of %v", order[:10])
	}
}

// Stopping waits for what runs, and starts nothing more.
func TestStopWaits(t *testing.T) {
	each(t, func(h *house) {
		began, proceed := make(chan struct{}), make(chan struct{})
		ran := 0
		r := jobs.New(h.db, jobs.Options{Workers: 1})
		note.Handle(r, func(ctx context.Context, _ roster.Tenant, _ noteArgs) error {
			ran++
			close(began)
			<-proceed
			return h.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
				return errors.Join(mark(tx, "once"), jobs.Done(ctx, tx))
			})
		})
		h.enqueue(note.Job(noteArgs{1}), note.Job(noteArgs{2}))
		ctx, cancel := context.WithCancel(h.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			r.Run(ctx)
		}()
		<-began
		cancel()
		select {
		case <-ended:
			h.Error("it ended before its job")
		default:
		}
		close(proceed)
		<-ended
		if rows := h.rows(note.Name); ran != 1 || h.marks() != 1 || len(rows) != 1 || rows[0].attempts != 0 {
			h.Errorf("%d ran, %d marks, rows %v", ran, h.marks(), rows)
		}
	})
}

// What does not end in time is cancelled and given back: the next runner has it at
// once, and it counts as no try.
func TestStopGivesBack(t *testing.T) {
	each(t, func(h *house) {
		r := jobs.New(h.db, jobs.Options{Grace: time.Nanosecond})
		began := make(chan struct{})
		note.Handle(r, func(ctx context.Context, _ roster.Tenant, _ noteArgs) error {
			close(began)
			<-ctx.Done()
			return ctx.Err()
		})
		h.enqueue(note.Job(noteArgs{1}))
		stop := start(h.T, r)
		<-began
		stop()
		if rows := h.rows(note.Name); len(rows) != 1 || rows[0].attempts != 0 || rows[0].leasedUntil != 0 || rows[0].lastError != "" {
			h.Fatalf("rows %v", rows)
		}
		ran := h.remember(h.runner)
		h.drain()
		h.expect(ran, 1)
	})
}

// A runner whose database is away says so and goes on, and stops when it is told to.
func TestRunWithoutDatabase(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	ran := h.remember(h.runner)
	if err := h.db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.runner.Drain(t.Context()); err == nil {
		t.Error("Drain says nothing")
	}
	start(t, h.runner)()
	h.expect(ran)
}
