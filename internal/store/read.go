package store

import (
	"context"
	"errors"

	"github.com/rosterhq/roster/internal/roster"
)

var errNoTenant = roster.Errorf(roster.NotFound, "", "there is no such tenant")

// Read runs fn on one snapshot of a tenant. What lies in memory is at the
// snapshot's revision, or later, when fn starts, so that an answer that needs
// both is never half of yesterday.
func (db *DB) Read(ctx context.Context, tenant roster.TenantID, fn func(*Tx) error) error {
	tx, err := joined(ctx, tenant)
	if err != nil {
		return err
	}
	if tx != nil {
		return fn(tx)
	}
	for {
		if err = db.read(ctx, tenant, fn); !errors.Is(err, errOld) {
			return err
		}
	}
}

func (db *DB) read(ctx context.Context, tenant roster.TenantID, fn func(*Tx) error) error {
	p := db.publication(tenant)
	if err := p.lock(ctx); err != nil {
		return classify(db.engine, "tenant.head", err)
	}
	since := p.mark
	p.unlock()
	return db.snapshot(ctx, tenant, func(tx *Tx) error {
		head, err := scanHead(tx.Row(tenantHead))
		if errors.Is(err, ErrNoRows) {
			return errNoTenant
		}
		if err != nil {
			return err
		}
		tx.Revision = head.Revision
		tx.Now = max(tx.Now, head.Time)
		if err := p.lock(ctx); err != nil {
			return classify(db.engine, "tenant.head", err)
		}
		err = db.follow(tx, p, since, head)
		p.unlock()
		if err != nil {
			return err
		}
		return fn(tx)
	})
}

// snapshot runs fn in a read transaction; of a tenant, or of none (0).
func (db *DB) snapshot(ctx context.Context, tenant roster.TenantID, fn func(*Tx) error) error {
	c, err := db.readers.begin(ctx, beginRead)
	if err != nil {
		return err
	}
	broken := true // by a panic of fn
	defer func() { db.readers.put(c, broken) }()
	tx := &Tx{ctx: ctx, db: db, conn: c, tenant: tenant, Now: db.Now()}
	err = fn(tx)
	broken = c.control(context.WithoutCancel(ctx), rollback) != nil
	return err
}
