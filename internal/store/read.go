package store

import (
	"context"
	"errors"

	"github.com/rosterhq/roster/internal/roster"
)

// Read runs fn on one snapshot of a tenant. What lies in memory is at the
// snapshot's revision, or later, when fn starts, so that an answer that needs
// both is never half of yesterday.
func (db *DB) Read(ctx context.Context, tenant roster.TenantID, fn func(*Tx) error) error {
	if tx := joined(ctx); tx != nil {
		return fn(tx)
	}
	return db.snapshot(ctx, tenant, func(tx *Tx) error {
		head, err := scanHead(tx.Row(tenantHead))
		if errors.Is(err, ErrNoRows) {
			return roster.Errorf(roster.NotFound, "", "there is no such tenant")
		}
		if err != nil {
			return err
		}
		tx.Revision = head.Revision
		tx.Now = max(db.Now(), head.Time)
		if err := db.await(tx, head); err != nil {
			return err
		}
		return fn(tx)
	})
}

// snapshot runs fn in a read transaction; of a tenant, or of none (0).
func (db *DB) snapshot(ctx context.Context, tenant roster.TenantID, fn func(*Tx) error) (err error) {
	c, err := db.readers.get(ctx)
	if err != nil {
		return classify(db.engine, "control.begin_read", err)
	}
	broken := true
	defer func() { db.readers.put(c, broken) }()
	if err := c.control(ctx, beginRead); err != nil {
		return classify(db.engine, "control.begin_read", err)
	}
	tx := &Tx{ctx: ctx, db: db, conn: c, tenant: tenant, Now: db.Now()}
	err = fn(tx)
	broken = c.control(context.WithoutCancel(ctx), rollback) != nil
	return err
}
