package store

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

const (
	// maxBatch bounds the writes that share a transaction, and maxBatchTime how
	// long the first of them waits for the others.
	maxBatch     = 256
	maxBatchTime = 20 * time.Millisecond
	queueLength  = 1024
)

// write is one function that waits for its turn.
type write struct {
	ctx     context.Context
	actor   roster.Actor
	fn      func(*Tx) error
	dry     bool // run, report and roll back
	planned Planned
	state   atomic.Int32
	err     error
	done    chan struct{}
}

const (
	waiting int32 = iota
	started
	abandoned
)

// claim takes a write from the queue, unless who asked for it has gone.
func (w *write) claim() bool { return w.state.CompareAndSwap(waiting, started) }

// abandon gives a write up, unless it has started.
func (w *write) abandon() bool { return w.state.CompareAndSwap(waiting, abandoned) }

// Planned is what a write would do.
type Planned struct {
	Revision int64 // the one that it would make
	Time     int64 // µs UTC
	Changes  []roster.Change
}

// Write runs fn in a write transaction of the actor's tenant and returns when it
// is durable and visible in memory. An error of fn rolls back what fn did, alone.
// The context's end counts while the write waits for its turn; once fn has
// started it runs to its end. A write inside another one (WithTx) joins it.
func (db *DB) Write(ctx context.Context, actor roster.Actor, fn func(*Tx) error) error {
	tx, err := joined(ctx, actor.Tenant.ID)
	if err != nil {
		return err
	}
	if tx != nil {
		return tx.nested(fn)
	}
	return db.enqueue(&write{ctx: ctx, actor: actor, fn: fn})
}

// Plan runs fn as Write does, reports the changes that it would make, and rolls
// back. It can't stand inside another write.
func (db *DB) Plan(ctx context.Context, actor roster.Actor, fn func(*Tx) error) (Planned, error) {
	if tx, err := joined(ctx, actor.Tenant.ID); tx != nil || err != nil {
		return Planned{}, errors.Join(errors.New("store: a plan inside a transaction"), err)
	}
	w := &write{ctx: ctx, actor: actor, fn: fn, dry: true}
	err := db.enqueue(w)
	return w.planned, err
}

func (db *DB) enqueue(w *write) error {
	c, err := db.committer(w.actor.Tenant.ID)
	if err != nil {
		return err
	}
	w.done = make(chan struct{})
	select {
	case c.queue <- w:
	case <-w.ctx.Done():
		return classify(db.engine, "queue", w.ctx.Err())
	case <-c.ended:
		return errClosed()
	}
	select {
	case <-w.done:
		return w.err
	case <-w.ctx.Done():
		if w.abandon() {
			return classify(db.engine, "queue", w.ctx.Err())
		}
	case <-c.ended: // perhaps before it saw this write
		if w.abandon() {
			return errClosed()
		}
	}
	<-w.done
	return w.err
}

func errClosed() error {
	return roster.Errorf(roster.Unavailable, "", "the server is stopping")
}

// committer runs the writes of a tenant, or of the whole SQLite file, in turn.
type committer struct {
	db    *DB
	queue chan *write
	ended chan struct{}
	ids   idBlocks
}

func (db *DB) committer(tenant roster.TenantID) (*committer, error) {
	if db.engine == SQLite {
		tenant = 0
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil, errClosed()
	}
	c := db.committers[tenant]
	if c == nil {
		c = &committer{db: db, queue: make(chan *write, queueLength), ended: make(chan struct{}), ids: newIDBlocks()}
		db.committers[tenant] = c
		db.working.Go(c.work)
	}
	return c, nil
}

func (c *committer) work() {
	defer close(c.ended)
	for {
		select {
		case w := <-c.queue:
			if w.claim() {
				c.turn(w)
			}
		case <-c.db.ctx.Done():
			return
		}
	}
}

// next returns a write that waits, or nil.
func (c *committer) next() *write {
	for {
		select {
		case w := <-c.queue:
			if w.claim() {
				return w
			}
		default:
			return nil
		}
	}
}

// turn runs first and those that wait behind it as one batch. If the transaction
// breaks, nobody is acknowledged and each runs once more, alone.
func (c *committer) turn(first *write) {
	writes, err := c.batch(first, maxBatch)
	if !errors.Is(err, errBroken) {
		for _, w := range writes {
			w.finish(err)
		}
		return
	}
	c.db.log.Warn("a transaction broke; its writes run again", "writes", len(writes), "err", err)
	for _, w := range writes {
		_, err := c.batch(w, 1)
		w.finish(err)
	}
}

// finish acknowledges the write; err is that of its transaction.
func (w *write) finish(err error) {
	if err != nil {
		w.err = err
	}
	close(w.done)
}
