package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
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
	if tx := joined(ctx); tx != nil {
		return tx.nested(fn)
	}
	return db.enqueue(&write{ctx: ctx, actor: actor, fn: fn})
}

// Plan runs fn as Write does, reports the changes that it would make, and rolls
// back.
func (db *DB) Plan(ctx context.Context, actor roster.Actor, fn func(*Tx) error) (Planned, error) {
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
	case <-db.ctx.Done():
		return errClosed()
	}
	select {
	case <-w.done:
	case <-w.ctx.Done():
		if w.state.CompareAndSwap(waiting, abandoned) {
			return classify(db.engine, "queue", w.ctx.Err())
		}
		<-w.done
	}
	return w.err
}

func errClosed() error {
	return roster.Errorf(roster.Unavailable, "", "the server is stopping")
}

// committer runs the writes of a tenant, or of the whole SQLite file, in turn.
type committer struct {
	db     *DB
	tenant roster.TenantID // 0 on SQLite: all
	queue  chan *write
	ids    idBlocks
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
		c = &committer{db: db, tenant: tenant, queue: make(chan *write, queueLength), ids: idBlocks{map[idKey]*[2]int64{}}}
		db.committers[tenant] = c
		db.working.Add(1)
		go c.work()
	}
	return c, nil
}

func (c *committer) work() {
	defer c.db.working.Done()
	for {
		select {
		case w := <-c.queue:
			c.turn(w)
		case <-c.db.ctx.Done():
			c.drain()
			return
		}
	}
}

// drain refuses what still waits when the database closes.
func (c *committer) drain() {
	for w := c.next(); w != nil; w = c.next() {
		w.err = errClosed()
		close(w.done)
	}
}

// next returns a write that waits, or nil.
func (c *committer) next() *write {
	for {
		select {
		case w := <-c.queue:
			if w.state.CompareAndSwap(waiting, started) {
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
	if !first.state.CompareAndSwap(waiting, started) {
		return
	}
	writes, err := c.batch(first, maxBatch)
	if err != nil && len(writes) > 1 {
		c.db.log.Warn("a shared transaction broke; its writes run again", "writes", len(writes), "err", err)
		for _, w := range writes {
			if _, err := c.batch(w, 1); err != nil {
				w.err = err
			}
			close(w.done)
		}
		return
	}
	for _, w := range writes {
		if err != nil {
			w.err = err
		}
		close(w.done)
	}
}

// batch runs up to limit writes in one transaction. The error is that of the
// transaction; each write's own stands in it.
func (c *committer) batch(first *write, limit int) (writes []*write, err error) {
	b, err := c.begin()
	if err != nil {
		return []*write{first}, err
	}
	defer func() { b.end(err != nil) }()
	deadline := time.Now().Add(maxBatchTime)
	for w := first; w != nil; w = c.next() {
		writes = append(writes, w)
		if err = b.run(w); err != nil {
			return writes, err
		}
		if len(writes) >= limit || time.Now().After(deadline) {
			break
		}
	}
	return writes, b.commit()
}

// batch is one transaction under way.
type batch struct {
	c       *committer
	conn    *conn
	ctx     context.Context
	heads   map[roster.TenantID]Head
	commits []Commit
}

func (c *committer) begin() (*batch, error) {
	ctx := context.Background()
	conn, err := c.db.writers.get(ctx)
	if err != nil {
		return nil, classify(c.db.engine, "control.begin_write", err)
	}
	b := &batch{c: c, conn: conn, ctx: ctx, heads: map[roster.TenantID]Head{}}
	if err := conn.control(ctx, beginWrite); err != nil {
		c.db.writers.put(conn, true)
		return nil, classify(c.db.engine, "control.begin_write", err)
	}
	return b, nil
}

// end gives the connection back.
func (b *batch) end(broken bool) {
	if broken {
		b.c.ids.blocks = map[idKey]*[2]int64{}
		broken = b.conn.control(b.ctx, rollback) != nil
	}
	b.c.db.writers.put(b.conn, broken)
}

// head is where the tenant's log stands inside this transaction. The first call
// locks the tenant on PostgreSQL and brings memory to what other nodes wrote.
func (b *batch) head(tenant roster.TenantID) (Head, error) {
	if h, ok := b.heads[tenant]; ok || tenant == 0 {
		return h, nil
	}
	tx := &Tx{ctx: b.ctx, db: b.c.db, conn: b.conn, tenant: tenant}
	h, err := scanHead(tx.Row(tenantLock))
	if errors.Is(err, ErrNoRows) {
		return h, roster.Errorf(roster.NotFound, "", "there is no such tenant")
	}
	if err != nil {
		return h, err
	}
	p := b.c.db.publication(tenant)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := b.c.db.follow(tx, p, h); err != nil {
		return h, err
	}
	b.heads[tenant] = h
	return h, nil
}

// run runs one write in its savepoint. It returns an error only when the
// transaction itself is lost.
func (b *batch) run(w *write) error {
	w.err = nil
	head, err := b.head(w.actor.Tenant.ID)
	if roster.IsKind(err, roster.NotFound) {
		w.err = err
		return nil
	}
	if err != nil {
		return err
	}
	if err := b.conn.control(b.ctx, savepoint); err != nil {
		return err
	}
	tx := &Tx{
		ctx: b.ctx, db: b.c.db, conn: b.conn, tenant: w.actor.Tenant.ID, actor: w.actor, write: true, ids: &b.c.ids,
		Revision: head.Revision + 1, Now: max(b.c.db.Now(), head.Time+1),
	}
	after, err := b.apply(tx, head, w)
	if err == nil && !w.dry {
		if err := b.conn.control(b.ctx, release); err != nil {
			return err
		}
		if len(tx.changes) > 0 {
			b.heads[tx.tenant] = after
			b.commits = append(b.commits, Commit{Tenant: tx.tenant, Head: after, Effects: tx.effects})
		}
		return nil
	}
	w.err = err
	b.c.ids.forget(tx.tenant)
	if err := b.conn.control(b.ctx, rollbackTo); err != nil {
		return errors.Join(errBroken, w.err, err)
	}
	return b.conn.control(b.ctx, release)
}

// apply runs the function and writes its changes to the log.
func (b *batch) apply(tx *Tx, head Head, w *write) (Head, error) {
	if err := guarded(w.fn, tx); err != nil {
		return head, err
	}
	if w.dry {
		w.planned = Planned{Revision: tx.Revision, Time: tx.Now, Changes: tx.changes}
		return head, nil
	}
	if len(tx.changes) == 0 {
		if tx.touched && !tx.housekeeping {
			return head, errors.New("store: a write touched rows and recorded no change")
		}
		return head, nil
	}
	after, rows, err := seal(tx, head)
	if err != nil {
		return head, err
	}
	return after, tx.ExecMany(changeInsert, rows)
}

// guarded turns a panic of fn into an error of that write alone.
func guarded(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &roster.Error{Kind: roster.Internal, Msg: "internal error", Err: fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())}
		}
	}()
	return fn(tx)
}

// commit makes the batch durable and then visible.
func (b *batch) commit() error {
	for tenant, head := range b.changed() {
		tx := &Tx{ctx: b.ctx, db: b.c.db, conn: b.conn, tenant: tenant, write: true}
		if _, err := tx.Exec(tenantBump, head.Revision, head.Time, head.Hash[:]); err != nil {
			return err
		}
	}
	if err := b.conn.control(b.ctx, commit); err != nil {
		if !b.committed() {
			return classify(b.c.db.engine, "control.commit", err)
		}
		b.c.db.log.Warn("the connection broke during a commit that took place", "err", err)
	}
	b.c.db.publish(b.commits)
	return nil
}

// changed is the new head of each tenant that the batch changed.
func (b *batch) changed() map[roster.TenantID]Head {
	changed := map[roster.TenantID]Head{}
	for _, c := range b.commits {
		changed[c.Tenant] = c.Head
	}
	return changed
}

// committed asks, after a COMMIT whose answer was lost, whether it took place:
// the hash of our last revision says so, and nothing else can have it.
func (b *batch) committed() bool {
	if b.c.db.engine == SQLite || len(b.commits) == 0 {
		return false
	}
	last := b.commits[len(b.commits)-1]
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	var hash []byte
	err := b.c.db.snapshot(ctx, last.Tenant, func(tx *Tx) error {
		return tx.Row(changeHead, last.Head.Revision).Scan(&hash)
	})
	return err == nil && string(hash) == string(last.Head.Hash[:])
}
