package jobs

import (
	"context"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

const (
	// everyKey is the key of what comes round.
	everyKey = "every"
	// everyTimeout bounds one run of it.
	everyTimeout = 10 * time.Minute
	// keepFailed is how long a job that was given up is kept to be looked at.
	keepFailed = 30 * 24 * time.Hour
)

var (
	jobsEvery = store.Q("job.every", `SELECT kind FROM jobs WHERE tenant = $1 AND failed_at = 0
		AND unique_key <> '' AND unique_key = $2 AND kind IN ($3)`).In()
	jobsSweep = store.Q("job.sweep", `DELETE FROM jobs WHERE tenant = $1 AND failed_at > 0 AND failed_at < $2`)
)

// Every makes r run fn once a period for each tenant, over all nodes: first at once,
// or when the tenant is made, and then at the same distance. A run that was missed is
// not made up for; one that fails is tried again like any job, until its time comes
// round again.
func (r *Runner) Every(kind string, period time.Duration, fn func(ctx context.Context, tenant roster.Tenant) error) {
	r.add(&handler{
		kind: kind, period: period, timeout: everyTimeout,
		run: func(ctx context.Context, tenant roster.Tenant, _ []byte) error { return fn(ctx, tenant) },
	})
}

// repeat sees to it that each tenant has the jobs that come round.
func (r *Runner) repeat(ctx context.Context) error {
	var kinds []string
	for _, kind := range r.kinds {
		if r.handlers[kind].period > 0 {
			kinds = append(kinds, kind)
		}
	}
	tenants, err := r.db.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if r.repeats[t.ID] {
			continue
		}
		if err := r.repeatFor(ctx, t, kinds); err != nil {
			return err
		}
		r.repeats[t.ID] = true
	}
	return nil
}

func (r *Runner) repeatFor(ctx context.Context, tenant roster.Tenant, kinds []string) error {
	return r.db.Write(ctx, actorOf(tenant, "jobs"), func(tx *store.Tx) error {
		tx.Housekeeping()
		missing := slices.Clone(kinds)
		err := store.EachOf(tx, jobsEvery, kinds, func(s store.Scanner) error {
			var kind string
			err := s.Scan(&kind)
			missing = slices.DeleteFunc(missing, func(k string) bool { return k == kind })
			return err
		}, everyKey)
		if err != nil {
			return err
		}
		var all []Job
		for _, kind := range missing {
			all = append(all, Job{Kind: kind, Key: everyKey})
		}
		return Enqueue(tx, all...)
	})
}

// sweepFailed makes r forget what was given up long ago.
func (r *Runner) sweepFailed() {
	r.Every("jobs.sweep", 24*time.Hour, func(ctx context.Context, _ roster.Tenant) error {
		return r.db.Write(ctx, Actor(ctx), func(tx *store.Tx) error {
			tx.Housekeeping()
			if _, err := tx.Exec(jobsSweep, tx.Now-keepFailed.Microseconds()); err != nil {
				return err
			}
			return Done(ctx, tx)
		})
	})
}
