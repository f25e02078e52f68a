package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

// errBroken is the end of a transaction that certainly left nothing.
var errBroken = errors.New("store: the transaction is gone")

// outcomeLimit bounds the search for the outcome of a commit.
const outcomeLimit = 10 * time.Second

// batch is one transaction under way, and the writes that share it.
type batch struct {
	c       *committer
	conn    *conn // nil when the transaction is over
	ctx     context.Context
	heads   map[roster.TenantID]Head
	commits []Commit
	shared  bool // an earlier write's work stands in it
	wakes   bool // a write of it left work behind
}

// batch runs up to limit writes in one transaction. The error is that of the
// transaction: errBroken when it left nothing and the writes may run again. Each
// write's own stands in the write.
func (c *committer) batch(first *write, limit int) ([]*write, error) {
	writes := []*write{first}
	b, err := c.begin()
	if err != nil {
		return writes, err
	}
	defer b.rollback() // what is not committed
	deadline := time.Now().Add(maxBatchTime)
	for w := first; ; {
		if err := b.run(w); err != nil {
			return writes, err
		}
		if b.conn == nil { // w failed and nobody else was in it
			return writes, nil
		}
		if len(writes) == limit || time.Now().After(deadline) {
			break
		}
		if w = c.next(); w == nil {
			break
		}
		writes = append(writes, w)
	}
	return writes, b.commit()
}

func (c *committer) begin() (*batch, error) {
	ctx := context.Background()
	conn, err := c.db.writers.begin(ctx, beginWrite)
	if err != nil {
		return nil, err
	}
	return &batch{c: c, conn: conn, ctx: ctx, heads: map[roster.TenantID]Head{}}, nil
}

// rollback ends the transaction, if it is not over, and what it gave with it.
func (b *batch) rollback() error {
	if b.conn == nil {
		return nil
	}
	b.c.ids.rollback(0)
	err := b.conn.control(b.ctx, rollback)
	b.c.db.writers.put(b.conn, err != nil)
	b.conn = nil
	return err
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
		return h, errNoTenant
	}
	if err != nil {
		return h, err
	}
	tx.Revision, tx.Now = h.Revision, max(b.c.db.Now(), h.Time)
	p := b.c.db.publication(tenant)
	if err := p.lock(b.ctx); err != nil {
		return h, err
	}
	defer p.unlock()
	if err := b.c.db.follow(tx, p, p.mark, h); err != nil {
		return h, err
	}
	b.heads[tenant] = h
	return h, nil
}

// run runs one write. It returns an error only when the transaction itself is lost.
func (b *batch) run(w *write) error {
	w.err = nil
	head, err := b.head(w.actor.Tenant.ID)
	if errors.Is(err, errNoTenant) {
		w.err = err
		return nil
	}
	if err != nil {
		return errors.Join(errBroken, err)
	}
	if b.shared {
		if err := b.conn.control(b.ctx, savepoint); err != nil {
			return errors.Join(errBroken, err)
		}
	}
	tx := &Tx{
		ctx: b.ctx, db: b.c.db, conn: b.conn, tenant: w.actor.Tenant.ID, actor: w.actor, write: true, ids: &b.c.ids, before: b.commits,
		Revision: head.Revision + 1, Now: max(b.c.db.Now(), head.Time+1),
	}
	ids := b.c.ids.savepoint()
	after, err := tx.apply(head, w)
	tx.failure = errEnded
	if err != nil || w.dry {
		w.err = err
		b.c.ids.rollback(ids)
		return b.undo()
	}
	if b.shared {
		if err := b.conn.control(b.ctx, release); err != nil {
			return errors.Join(errBroken, err)
		}
	}
	b.shared = true
	b.wakes = b.wakes || tx.wakes
	if len(tx.changes) > 0 {
		b.heads[tx.tenant] = after
		b.commits = append(b.commits, Commit{Tenant: tx.tenant, Head: after, Effects: tx.effects, Changes: altering(tx.changes)})
	}
	return nil
}

// undo takes back what one write did. The first of a batch needs no savepoint
// for that: there is nobody yet whom the end of the transaction would hurt.
func (b *batch) undo() error {
	if !b.shared {
		if err := b.rollback(); err != nil {
			return errors.Join(errBroken, err)
		}
		return nil
	}
	if err := b.conn.control(b.ctx, rollbackTo); err != nil {
		return errors.Join(errBroken, err)
	}
	if err := b.conn.control(b.ctx, release); err != nil {
		return errors.Join(errBroken, err)
	}
	return nil
}

// apply runs the function and writes its changes to the log.
func (tx *Tx) apply(head Head, w *write) (Head, error) {
	if err := tx.guarded(w.fn); err != nil {
		return head, err
	}
	if w.dry {
		w.planned = Planned{Revision: tx.Revision, Time: tx.Now, Changes: tx.changes}
		return head, nil
	}
	if len(tx.changes) == 0 {
		switch {
		case len(tx.effects) > 0:
			return head, errors.New("store: a write has effects and recorded no change")
		case tx.touched && !tx.housekeeping:
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

// altering are the changes that alter something, for those who remember it.
func altering(changes []roster.Change) []roster.Change {
	reads := func(c roster.Change) bool { return c.Reads() }
	if !slices.ContainsFunc(changes, reads) {
		return changes
	}
	return slices.DeleteFunc(slices.Clone(changes), reads)
}

// guarded runs fn, and turns a panic, and a failed statement that fn made
// nothing of, into its error.
func (tx *Tx) guarded(fn func(*Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.failure
}

func panicked(p any) error {
	return &roster.Error{Kind: roster.Internal, Msg: "internal error", Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
}

// commit makes the batch durable and then visible.
func (b *batch) commit() error {
	for tenant, head := range b.changed() {
		tx := &Tx{ctx: b.ctx, db: b.c.db, conn: b.conn, tenant: tenant, write: true}
		if _, err := tx.Exec(tenantBump, head.Revision, head.Time, head.Hash[:]); err != nil {
			return errors.Join(errBroken, err)
		}
	}
	if err := b.conn.control(b.ctx, commit); err != nil {
		_ = b.rollback()
		if err := b.outcome(err); err != nil {
			return err
		}
		b.c.db.log.Warn("the connection broke during a commit that took place", "err", err)
	} else {
		b.c.ids.commit()
		b.c.db.writers.put(b.conn, false)
		b.conn = nil
	}
	b.c.db.publish(b.commits)
	if b.wakes {
		b.c.db.wake()
	}
	return nil
}

// changed is the new head of each tenant that the batch changed.
func (b *batch) changed() map[roster.TenantID]Head {
	changed := make(map[roster.TenantID]Head, 1)
	for _, c := range b.commits {
		changed[c.Tenant] = c.Head
	}
	return changed
}

// outcome finds out whether a COMMIT that failed took place all the same: nil when
// it did, errBroken when it did not, another error when that can't be told. Who
// holds the tenant's lock knows that the transaction is over, and its last
// revision's hash, which nothing else can have, is in the log or is not.
func (b *batch) outcome(cause error) error {
	if len(b.commits) == 0 {
		return unknown(cause)
	}
	last := b.commits[len(b.commits)-1]
	ctx, cancel := context.WithTimeout(b.ctx, outcomeLimit)
	defer cancel()
	conn, err := b.c.db.writers.begin(ctx, beginWrite)
	if err != nil {
		return unknown(cause, err)
	}
	tx := &Tx{ctx: ctx, db: b.c.db, conn: conn, tenant: last.Tenant}
	var hash []byte
	_, err = scanHead(tx.Row(tenantLock))
	if err == nil {
		err = tx.Row(changeHead, last.Head.Revision).Scan(&hash)
	}
	b.c.db.writers.put(conn, conn.control(ctx, rollback) != nil)
	switch {
	case err == nil && bytes.Equal(hash, last.Head.Hash[:]):
		return nil
	case err == nil, errors.Is(err, ErrNoRows):
		return errors.Join(errBroken, cause)
	}
	return unknown(cause, err)
}

func unknown(causes ...error) error {
	return &roster.Error{
		Kind: roster.Unavailable, Code: "OUTCOME_UNKNOWN", Err: errors.Join(causes...),
		Msg: "the database went away while it saved: the change may have been made or not; look before you repeat it",
	}
}
