package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Whatever is asked for, when, how often, and however its runs end: each job asked
// for has a run that began after it was asked for and ended well, or was given up;
// no key runs beside itself; and nothing is left.
func TestEachJobHasItsRun(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	type asked struct {
		step int
		at   int64
	}
	var (
		step      int
		open      map[int64][]asked // by what the job is about
		running   map[int64]bool
		scripted  func(about int64) error // how a run ends; it may ask for more
		iteration int64
	)
	kind := jobs.Kind[noteArgs]{Name: "test.model", Attempts: 1000}
	kind.Handle(h.runner, func(_ context.Context, _ roster.Tenant, args noteArgs) error {
		if running[args.ID] {
			t.Errorf("%d runs beside itself", args.ID)
		}
		running[args.ID] = true
		step++
		began := step
		err := scripted(args.ID)
		running[args.ID] = false
		if err == nil || jobs.IsPermanent(err) {
			var left []asked
			for _, a := range open[args.ID] {
				if a.step > began {
					left = append(left, a)
				}
			}
			open[args.ID] = left
		}
		return err
	})
	rapid.Check(t, func(t *rapid.T) {
		iteration++
		open, running = map[int64][]asked{}, map[int64]bool{}
		ask := func(about int64) {
			step++
			j := kind.Job(noteArgs{iteration*10 + about}).Keyed(fmt.Sprintf("%d-%d", iteration, about))
			if minutes := rapid.IntRange(-1, 3).Draw(t, "in minutes"); minutes != 0 {
				j = j.At(h.clock.now.Load() + (time.Duration(minutes) * time.Minute).Microseconds())
			}
			h.enqueue(j)
			open[iteration*10+about] = append(open[iteration*10+about], asked{step, j.RunAt})
		}
		scripted = func(about int64) error {
			for range rapid.IntRange(0, 2).Draw(t, "asks") {
				ask(about % 10)
			}
			return rapid.SampledFrom([]error{nil, nil, errors.New("no"), jobs.Permanent(errors.New("never"))}).Draw(t, "ends")
		}
		t.Repeat(map[string]func(*rapid.T){
			"ask":   func(t *rapid.T) { ask(rapid.Int64Range(0, 2).Draw(t, "about")) },
			"drain": func(*rapid.T) { _ = h.runner.Drain(h.Context()) },
			"wait": func(t *rapid.T) {
				h.clock.advance(time.Duration(rapid.IntRange(1, 200).Draw(t, "seconds")) * time.Second)
			},
		})
		scripted = func(int64) error { return nil }
		h.clock.advance(2 * time.Hour)
		if err := h.runner.Drain(h.Context()); err != nil {
			t.Fatal(err)
		}
		h.clock.advance(2 * time.Hour)
		if err := h.runner.Drain(h.Context()); err != nil {
			t.Fatal(err)
		}
		for about, left := range open {
			if len(left) > 0 {
				t.Errorf("%d was asked for at %v, and nothing ran since", about, left)
			}
		}
		for _, r := range h.rows(kind.Name) {
			if r.failedAt == 0 {
				t.Errorf("left %v", r)
			}
		}
	})
}
