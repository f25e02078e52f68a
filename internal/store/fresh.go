package store

import (
	"context"
	"errors"

	"github.com/rosterhq/roster/internal/roster"
)

// probe is one question to the database about a tenant's head, shared by all
// requests that came before it was asked.
type probe struct {
	done chan struct{}
	err  error
}

// Fresh returns when this node's memory holds everything that was committed, on
// any node, before the call. On SQLite it costs nothing: there is one node.
func (db *DB) Fresh(ctx context.Context, tenant roster.TenantID) error {
	if tx, err := joined(ctx, tenant); tx != nil || err != nil {
		return err
	}
	p := db.publication(tenant)
	if db.engine == SQLite && p.loaded.Load() {
		return nil
	}
	p.probing.Lock()
	if p.next == nil {
		p.next = &probe{done: make(chan struct{})}
		if p.current == nil {
			go db.probe(tenant, p)
		}
	}
	mine := p.next
	p.probing.Unlock()
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return classify(db.engine, "tenant.head", ctx.Err())
	}
}

// probe asks as long as somebody waits for an answer.
func (db *DB) probe(tenant roster.TenantID, p *publication) {
	for {
		p.probing.Lock()
		p.current, p.next = p.next, nil
		current := p.current
		p.probing.Unlock()
		if current == nil {
			return
		}
		if current.err = nil; !db.atHead(tenant, p) {
			current.err = db.Read(db.ctx, tenant, func(*Tx) error { return nil })
		}
		close(current.done)
	}
}

// atHead reports whether memory is at the tenant's head, by one statement outside
// any transaction. It says no as well where it can't tell: a Read then finds out.
func (db *DB) atHead(tenant roster.TenantID, p *publication) bool {
	c, err := db.readers.get(db.ctx)
	if err != nil {
		return false
	}
	head, err := scanHead((&Tx{ctx: db.ctx, db: db, conn: c, tenant: tenant}).Row(tenantHead))
	db.readers.put(c, err != nil && !errors.Is(err, ErrNoRows))
	if err != nil || p.lock(db.ctx) != nil {
		return false
	}
	defer p.unlock()
	return p.loaded.Load() && p.head == head
}
