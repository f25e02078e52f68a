package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var (
	// A tenant's time never stands still and never goes back (store.Tx.Now), so a
	// job of its last write is due although the clock may not have moved since.
	tenantsDue = store.Global("job.tenants_due", `SELECT t.tenant, t.name FROM tenants t
		WHERE EXISTS (SELECT 1 FROM jobs j WHERE j.tenant = t.tenant AND j.failed_at = 0
			AND j.run_at <= CASE WHEN t.changed_at >= $1 THEN t.changed_at + 1 ELSE $1 END
			AND j.leased_until <= CASE WHEN t.changed_at >= $1 THEN t.changed_at + 1 ELSE $1 END
			AND j.kind IN ($2))
		ORDER BY t.tenant`,
		"a runner looks for due jobs of all tenants at once").In()
	jobsDue = store.Q("job.due", `SELECT id, kind, unique_key, args, run_at, again_at, attempts FROM jobs
		WHERE tenant = $1 AND failed_at = 0 AND run_at <= $2 AND leased_until <= $2 AND kind IN ($4)
		ORDER BY run_at, id LIMIT $3`).In()
	jobsLease = store.Q("job.lease", `UPDATE jobs SET attempts = attempts + 1, leased_until = $2, lease_token = $3
		WHERE tenant = $1 AND id IN ($4)`).In()
)

// job is one that this runner has leased.
type job struct {
	*handler
	tenant   roster.Tenant
	id       int64
	keyed    bool
	args     []byte
	runAt    int64
	againAt  int64
	attempts int // this one included
	token    []byte
	done     bool // by its own transaction
}

// due returns the tenants that have jobs for this runner, in order.
func (r *Runner) due(ctx context.Context) (tenants []roster.Tenant, err error) {
	err = r.db.ReadGlobal(ctx, func(tx *store.Tx) error {
		return store.EachOf(tx, tenantsDue, r.kinds, func(s store.Scanner) error {
			var t roster.Tenant
			err := s.Scan(&t.ID, &t.Name)
			tenants = append(tenants, t)
			return err
		}, tx.Now)
	})
	slices.SortFunc(tenants, func(a, b roster.Tenant) int { return cmp.Compare(a.ID, b.ID) })
	return slices.Compact(tenants), err
}

// claim leases up to limit jobs of a tenant, the longest due first. Writers of a
// tenant take turns, so what is read here is nobody else's. A job whose lease ran
// out with its last attempt, because each ended its node, is given up.
func (r *Runner) claim(ctx context.Context, tenant roster.Tenant, limit int) (jobs []*job, err error) {
	token := make([]byte, 16)
	_, _ = rand.Read(token)
	err = r.db.Write(ctx, actorOf(tenant, "jobs"), func(tx *store.Tx) error {
		tx.Housekeeping()
		due, err := r.dueOf(tx, tenant, token, limit)
		if err != nil {
			return err
		}
		jobs = jobs[:0]
		leases := map[time.Duration][]int64{}
		for _, j := range due {
			leases[j.timeout] = append(leases[j.timeout], j.id)
		}
		for timeout, ids := range leases {
			if _, err := tx.ExecIn(jobsLease, ids, tx.Now+(timeout+margin).Microseconds(), token); err != nil {
				return err
			}
		}
		for _, j := range due {
			if j.attempts <= j.handler.attempts {
				jobs = append(jobs, j)
			} else if err := j.giveUp(tx, "lease ran out"); err != nil {
				return err
			}
		}
		return nil
	})
	return jobs, err
}

func (r *Runner) dueOf(tx *store.Tx, tenant roster.Tenant, token []byte, limit int) (due []*job, err error) {
	err = store.EachOf(tx, jobsDue, r.kinds, func(s store.Scanner) error {
		j := &job{tenant: tenant, token: token}
		var kind, key, args string
		err := s.Scan(&j.id, &kind, &key, &args, &j.runAt, &j.againAt, &j.attempts)
		j.handler, j.keyed, j.args = r.handlers[kind], key != "", []byte(args)
		j.attempts++
		due = append(due, j)
		return err
	}, tx.Now, limit)
	slices.SortStableFunc(due, func(a, b *job) int { return cmp.Compare(a.runAt, b.runAt) })
	return due[:min(limit, len(due))], err
}
