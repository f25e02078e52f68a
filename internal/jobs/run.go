package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var (
	jobDelete = store.Q("job.delete", `DELETE FROM jobs WHERE tenant = $1 AND id = $2 AND lease_token = $3`)
	// A job that was asked for again while it ran starts over, as a new one.
	jobAgain = store.Q("job.again", `UPDATE jobs SET run_at = again_at, again_at = 0, attempts = 0, leased_until = 0, lease_token = $4
		WHERE tenant = $1 AND id = $2 AND lease_token = $3 AND again_at > 0`)
	jobNext = store.Q("job.next", `UPDATE jobs SET run_at = $5, again_at = $6, attempts = $7, leased_until = 0, lease_token = $4, last_error = $8
		WHERE tenant = $1 AND id = $2 AND lease_token = $3`)
	// The next try follows whatever it was asked for again meanwhile.
	jobRetry = store.Q("job.retry", `UPDATE jobs SET run_at = $5, again_at = 0, leased_until = 0, lease_token = $4, last_error = $6
		WHERE tenant = $1 AND id = $2 AND lease_token = $3`)
	jobRelease = store.Q("job.release", `UPDATE jobs SET attempts = attempts - 1, leased_until = 0, lease_token = $4
		WHERE tenant = $1 AND id = $2 AND lease_token = $3`)
	jobFail = store.Q("job.fail", `UPDATE jobs SET failed_at = $5, leased_until = 0, lease_token = $4, last_error = $6
		WHERE tenant = $1 AND id = $2 AND lease_token = $3`)
)

type jobKey struct{}

// Done ends the job of a handler's context in the handler's own transaction, so that
// what the job does and its end are one commit. The error, when another runner has
// taken the job over, is to be returned: it rolls everything back. The handler
// returns what its write returned. Outside of a job it does nothing.
func Done(ctx context.Context, tx *store.Tx) error {
	j, _ := ctx.Value(jobKey{}).(*job)
	if j == nil {
		return nil
	}
	if tx.Tenant() != j.tenant.ID {
		return errors.New("jobs: a job ends in a transaction of another tenant")
	}
	j.done = true
	return j.end(tx)
}

// Actor is who writes when a handler writes, from its context.
func Actor(ctx context.Context) roster.Actor {
	j, _ := ctx.Value(jobKey{}).(*job)
	if j == nil {
		panic("jobs: the context is no handler's")
	}
	a := actorOf(j.tenant, j.kind)
	a.RequestID = "job-" + strconv.FormatInt(j.id, 10)
	return a
}

func actorOf(tenant roster.Tenant, kind string) roster.Actor {
	return roster.Actor{Tenant: tenant, ID: "job:" + kind, API: roster.Background}
}

// run runs a leased job and writes how it ended. The error is the handler's.
func (r *Runner) run(ctx context.Context, j *job) error {
	err := j.call(ctx)
	if err == nil && j.done {
		return nil
	}
	log := r.log.With("tenant", j.tenant.Name, "kind", j.kind, "job", j.id, "attempt", j.attempts)
	outcome := j.end
	switch {
	case err == nil:
	case ctx.Err() != nil:
		outcome = j.release
	case IsPermanent(err) || j.attempts >= j.handler.attempts:
		log.Error("a job is given up", "err", err)
		outcome = func(tx *store.Tx) error { return j.giveUp(tx, reason(err)) }
	default:
		log.Warn("a job is tried again", "err", err)
		outcome = func(tx *store.Tx) error { return j.retry(tx, reason(err)) }
	}
	ended := r.db.Write(context.WithoutCancel(ctx), actorOf(j.tenant, j.kind), func(tx *store.Tx) error {
		tx.Housekeeping()
		return outcome(tx)
	})
	if ended != nil { // the lease runs out, and somebody runs it again
		log.Warn("the end of a job is not written", "err", ended)
	}
	return err
}

// call runs the handler, within its time.
func (j *job) call(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, jobKey{}, j), j.timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return j.handler.run(ctx, j.tenant, j.args)
}

// end takes the job away, or to its next time.
func (j *job) end(tx *store.Tx) error {
	if j.period > 0 {
		return j.moveOn(tx, "")
	}
	if again, err := j.again(tx); again || err != nil {
		return err
	}
	return j.held(tx.Exec(jobDelete, j.id, j.token))
}

// again starts the job over if it was asked for while it ran.
func (j *job) again(tx *store.Tx) (bool, error) {
	if !j.keyed {
		return false, nil
	}
	n, err := tx.Exec(jobAgain, j.id, j.token, noToken)
	return n > 0, err
}

// moveOn takes what comes round to its next time.
func (j *job) moveOn(tx *store.Tx, reason string) error {
	return j.held(tx.Exec(jobNext, j.id, j.token, noToken, j.next(tx.Now), 0, 0, reason))
}

// next is the first time still to come of what comes round: while it is tried again,
// again_at keeps it.
func (j *job) next(now int64) int64 {
	at, period := j.againAt, j.period.Microseconds()
	if at == 0 {
		at = j.runAt + period
	}
	if at <= now {
		at += ((now-at)/period + 1) * period
	}
	return at
}

func (j *job) retry(tx *store.Tx, reason string) error {
	at := tx.Now + j.pause().Microseconds()
	if j.period == 0 {
		return j.held(tx.Exec(jobRetry, j.id, j.token, noToken, at, reason))
	}
	next := j.next(tx.Now)
	if at >= next {
		return j.moveOn(tx, reason)
	}
	return j.held(tx.Exec(jobNext, j.id, j.token, noToken, at, next, j.attempts, reason))
}

// pause is how long to wait after this attempt: twice as long each time, and give or
// take a quarter, so that those who failed together do not come back together.
func (j *job) pause() time.Duration {
	pause := maxBackoff
	if doublings := j.attempts - 1; doublings < 20 {
		pause = min(j.backoff<<doublings, maxBackoff)
	}
	return pause*3/4 + rand.N(pause/2) //nolint:gosec // no secret
}

// giveUp keeps the job as one that failed. What was asked for meanwhile is another
// job, and what comes round comes round.
func (j *job) giveUp(tx *store.Tx, reason string) error {
	if j.period > 0 {
		return j.moveOn(tx, reason)
	}
	if again, err := j.again(tx); again || err != nil {
		return err
	}
	if err := j.held(tx.Exec(jobFail, j.id, j.token, noToken, tx.Now, reason)); err != nil || j.givenUp == nil {
		return err
	}
	return j.givenUp(tx, j.args, reason)
}

func (j *job) release(tx *store.Tx) error {
	tx.Wake()
	return j.held(tx.Exec(jobRelease, j.id, j.token, noToken))
}

// held turns a statement that found no row of this lease into its error.
func (j *job) held(n int64, err error) error {
	if err == nil && n == 0 {
		return errLost
	}
	return err
}
