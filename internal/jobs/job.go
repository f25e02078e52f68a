package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Job is one piece of work to do.
type Job struct {
	Kind string
	// Key, if any, says what the job is about. Of jobs of one kind and key one waits
	// at most, with the earliest time that was asked for, and they never run side by
	// side: one that is wanted while another runs follows it. The key says all that
	// the arguments say.
	Key string
	// Args is what the handler needs, as JSON: ids only.
	Args any
	// RunAt is the earliest time to run at, µs UTC; 0 for at once.
	RunAt int64
}

// Keyed returns the job with a key.
func (j Job) Keyed(key string) Job {
	j.Key = key
	return j
}

// At returns the job with the earliest time to run at, µs UTC.
func (j Job) At(time int64) Job {
	j.RunAt = time
	return j
}

// Kind is a sort of job, and the type of its arguments. Zero fields take the
// defaults.
type Kind[A any] struct {
	// Name is noun.verb, and stays: rows carry it.
	Name string
	// Timeout bounds one run; a minute.
	Timeout time.Duration
	// Attempts is how often a job is tried before it is given up; 10.
	Attempts int
	// Backoff is the pause after the first failure, doubled by each further one up
	// to an hour; 5 s.
	Backoff time.Duration
}

// Job makes a job of the kind, to be given to Enqueue.
func (k Kind[A]) Job(args A) Job { return Job{Kind: k.Name, Args: args} }

// Handle makes r run the jobs of the kind by fn. An error of fn is tried again
// later, unless it is Permanent; fn may run more than once (Done).
func (k Kind[A]) Handle(r *Runner, fn func(ctx context.Context, tenant roster.Tenant, args A) error) {
	k.HandleOr(r, fn, nil)
}

// HandleOr is Handle with what is to be written, in the same transaction, when a job is
// given up, such as that what waited for it does not wait any more. reason is what the
// job's row keeps of the error. What it returns keeps the job from being given up, so
// it returns errors of the database alone.
func (k Kind[A]) HandleOr(r *Runner, fn func(ctx context.Context, tenant roster.Tenant, args A) error, givenUp func(tx *store.Tx, args A, reason string) error) {
	var end func(tx *store.Tx, text []byte, reason string) error
	if givenUp != nil {
		end = func(tx *store.Tx, text []byte, reason string) error {
			var args A
			if err := json.Unmarshal(text, &args); err != nil {
				return nil // nobody knows what it was about
			}
			return givenUp(tx, args, reason)
		}
	}
	r.add(&handler{
		givenUp: end,
		kind:    k.Name, timeout: k.Timeout, attempts: k.Attempts, backoff: k.Backoff,
		run: func(ctx context.Context, tenant roster.Tenant, text []byte) error {
			var args A
			if err := json.Unmarshal(text, &args); err != nil {
				return Permanent(fmt.Errorf("arguments of %s: %w", k.Name, err))
			}
			return fn(ctx, tenant, args)
		},
	})
}

var (
	jobInsert = store.Q("job.insert", `INSERT INTO jobs (tenant, id, kind, unique_key, args, run_at, again_at, attempts,
		leased_until, lease_token, created_at, failed_at, last_error) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7, $8, 0, '')`).Many()
	jobsByKey = store.Q("job.by_key", `SELECT id, unique_key, run_at, leased_until, again_at FROM jobs
		WHERE tenant = $1 AND kind = $2 AND failed_at = 0 AND unique_key <> '' AND unique_key IN ($3)`).In()
	jobHasten = store.Q("job.hasten", `UPDATE jobs SET run_at = $3 WHERE tenant = $1 AND id = $2`)
	jobRepeat = store.Q("job.repeat", `UPDATE jobs SET again_at = $3 WHERE tenant = $1 AND id = $2`)
)

// noToken is the lease of a job that waits.
var noToken = []byte{}

// Enqueue adds jobs in the caller's write, and wakes the runners of this node when
// it is durable. The write records its own change, or calls Housekeeping.
func Enqueue(tx *store.Tx, all ...Job) error {
	if len(all) == 0 {
		return nil
	}
	waiting, err := waitingJobs(tx, all)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, j := range all {
		at := j.RunAt
		if at == 0 {
			at = tx.Now
		}
		slot := slot{j.Kind, j.Key}
		if there := waiting[slot]; there != nil {
			if err := there.ask(tx, at); err != nil {
				return err
			}
			continue
		}
		row, err := j.row(tx, at)
		if err != nil {
			return err
		}
		if j.Key != "" {
			waiting[slot] = &waitingJob{row: row, runAt: at}
		}
		rows = append(rows, row)
	}
	tx.Wake()
	return tx.ExecMany(jobInsert, rows)
}

func (j Job) row(tx *store.Tx, at int64) ([]any, error) {
	if j.Kind == "" {
		return nil, errors.New("jobs: a job has no kind")
	}
	args, err := json.Marshal(j.Args)
	if err != nil {
		return nil, fmt.Errorf("jobs: arguments of %s: %w", j.Kind, err)
	}
	id, err := tx.NextID(store.Jobs)
	if err != nil {
		return nil, err
	}
	return []any{id, j.Kind, j.Key, string(args), at, noToken, tx.Now}, nil
}

// slot is where one job waits at most.
type slot struct{ kind, key string }

// waitingJob is a job with a key that is there already; row is its own, where this
// call adds it.
type waitingJob struct {
	id, runAt, leasedUntil, againAt int64
	row                             []any
}

// waitingJobs returns the jobs that wait, or run, where some of all want to be.
func waitingJobs(tx *store.Tx, all []Job) (map[slot]*waitingJob, error) {
	keys := map[string][]string{}
	for _, j := range all {
		if j.Key != "" {
			keys[j.Kind] = append(keys[j.Kind], j.Key)
		}
	}
	waiting := map[slot]*waitingJob{}
	for kind, keys := range keys {
		err := store.EachOf(tx, jobsByKey, keys, func(s store.Scanner) error {
			var w waitingJob
			var key string
			err := s.Scan(&w.id, &key, &w.runAt, &w.leasedUntil, &w.againAt)
			waiting[slot{kind, key}] = &w
			return err
		}, kind)
		if err != nil {
			return nil, err
		}
	}
	return waiting, nil
}

// ask makes the job run at a time at latest that is asked for once more. One that
// runs may have read what the caller's write changes, so it runs again.
func (w *waitingJob) ask(tx *store.Tx, at int64) (err error) {
	switch {
	case w.leasedUntil != 0 && (w.againAt == 0 || at < w.againAt):
		w.againAt = at
		_, err = tx.Exec(jobRepeat, w.id, at)
	case w.leasedUntil != 0 || at >= w.runAt:
	case w.row != nil:
		w.runAt, w.row[4] = at, at
	default:
		w.runAt = at
		_, err = tx.Exec(jobHasten, w.id, at)
	}
	return err
}
