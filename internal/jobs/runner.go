package jobs

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Defaults of a kind, and of the options.
const (
	defaultTimeout  = time.Minute
	defaultAttempts = 10
	defaultBackoff  = 5 * time.Second
	defaultWorkers  = 4
	defaultPoll     = time.Second
	defaultGrace    = 15 * time.Second
	maxBackoff      = time.Hour
)

const (
	// repeatEvery is how often a runner looks for tenants that lack what comes round.
	repeatEvery = time.Minute
	// margin is how much longer than a run its lease lasts.
	margin = 30 * time.Second
)

// Options says how a Runner works; the zero value will do.
type Options struct {
	Workers int           // how many jobs run at once; 0 for 4
	Poll    time.Duration // how often to look for jobs whose time has come, or of other nodes; 0 for 1 s
	Grace   time.Duration // how long handlers have to end when the runner stops; 0 for 15 s
	Log     *slog.Logger  // nil for none
}

// Runner runs the jobs of all tenants whose kinds it was given handlers for, side by
// side with the runners of other nodes.
type Runner struct {
	db       *store.DB
	log      *slog.Logger
	workers  int
	poll     time.Duration
	grace    time.Duration
	handlers map[string]*handler
	kinds    []string
	woken    chan struct{}
	last     roster.TenantID          // that jobs were claimed of
	repeats  map[roster.TenantID]bool // tenants that have what comes round
}

// handler runs the jobs of one kind.
type handler struct {
	kind             string
	timeout, backoff time.Duration
	attempts         int
	period           time.Duration // of what comes round; 0 for others
	run              func(ctx context.Context, tenant roster.Tenant, args []byte) error
	givenUp          func(tx *store.Tx, args []byte, reason string) error // nil for nothing
}

// New returns a runner without handlers.
func New(db *store.DB, o Options) *Runner {
	r := &Runner{
		db: db, log: o.Log,
		workers:  cmp.Or(o.Workers, defaultWorkers),
		poll:     cmp.Or(o.Poll, defaultPoll),
		grace:    cmp.Or(o.Grace, defaultGrace),
		handlers: map[string]*handler{},
		woken:    make(chan struct{}, 1),
		repeats:  map[roster.TenantID]bool{},
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	db.OnWake(r.wake)
	r.sweepFailed()
	return r
}

// add takes a handler; before Run only.
func (r *Runner) add(h *handler) {
	if r.handlers[h.kind] != nil {
		panic("jobs: two handlers of " + h.kind)
	}
	h.timeout = cmp.Or(h.timeout, defaultTimeout)
	h.attempts = cmp.Or(h.attempts, defaultAttempts)
	h.backoff = cmp.Or(h.backoff, defaultBackoff)
	r.handlers[h.kind] = h
	r.kinds = append(r.kinds, h.kind)
	slices.Sort(r.kinds)
}

// wake makes the runner look for jobs.
func (r *Runner) wake() {
	select {
	case r.woken <- struct{}{}:
	default: // it is about to look
	}
}

// Run runs jobs until ctx ends, and returns when those under way have ended. What
// does not end in time is cancelled, and given back.
func (r *Runner) Run(ctx context.Context) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var running sync.WaitGroup
	slots := make(chan struct{}, r.workers)
	start := func(j *job) {
		slots <- struct{}{}
		running.Go(func() {
			defer func() {
				<-slots
				r.wake()
			}()
			_ = r.run(work, j)
		})
	}
	poll, repeat := time.NewTicker(r.poll), time.NewTicker(repeatEvery)
	defer poll.Stop()
	defer repeat.Stop()
	r.try(ctx, r.repeat)
	for ctx.Err() == nil {
		r.try(ctx, func(ctx context.Context) error { return r.dispatch(ctx, slots, start) })
		select {
		case <-r.woken:
		case <-poll.C:
		case <-repeat.C:
			r.try(ctx, r.repeat)
		case <-ctx.Done():
		}
	}
	defer time.AfterFunc(r.grace, cancel).Stop()
	running.Wait()
}

// try does what is tried again soon, so that its failure is worth a line alone.
func (r *Runner) try(ctx context.Context, do func(context.Context) error) {
	if err := do(ctx); err != nil && ctx.Err() == nil {
		r.log.Warn("jobs wait", "err", err)
	}
}

// dispatch starts jobs that are due, as long as there are some and workers free. The
// tenants take turns, so that one with many jobs does not keep the others waiting.
func (r *Runner) dispatch(ctx context.Context, slots chan struct{}, start func(*job)) error {
	for {
		free := cap(slots) - len(slots)
		if free == 0 {
			return nil
		}
		tenants, err := r.due(ctx)
		if err != nil {
			return err
		}
		claimed := 0
		for _, t := range r.inTurn(tenants) {
			jobs, err := r.claim(ctx, t, min(max(1, free/len(tenants)), free-claimed))
			if err != nil {
				return err
			}
			r.last = t.ID
			for _, j := range jobs {
				start(j)
			}
			if claimed += len(jobs); claimed == free {
				break
			}
		}
		if claimed == 0 {
			return nil
		}
	}
}

// inTurn puts tenants, which are in order, behind the one that was served last.
func (r *Runner) inTurn(tenants []roster.Tenant) []roster.Tenant {
	at := slices.IndexFunc(tenants, func(t roster.Tenant) bool { return t.ID > r.last })
	if at <= 0 {
		return tenants
	}
	return slices.Concat(tenants[at:], tenants[:at])
}

// Drain runs every job that is due, one after the other, until none is, and returns
// the errors of their handlers. It is for tests, and for commands that do what they
// have written; nothing else claims jobs of r meanwhile.
func (r *Runner) Drain(ctx context.Context) error {
	if err := r.repeat(ctx); err != nil {
		return err
	}
	var failures []error
	for {
		tenants, err := r.due(ctx)
		if err != nil || len(tenants) == 0 {
			return errors.Join(append(failures, err)...)
		}
		for _, t := range tenants {
			jobs, err := r.claim(ctx, t, 1)
			if err != nil {
				return errors.Join(append(failures, err)...)
			}
			for _, j := range jobs {
				failures = append(failures, r.run(ctx, j))
			}
		}
	}
}
