package blob

import (
	"context"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var (
	blobPut = store.Q("blob.put", `INSERT INTO blobs (tenant, name, content, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant, name) DO UPDATE SET content = excluded.content`)
	blobGet    = store.Q("blob.get", `SELECT content FROM blobs WHERE tenant = $1 AND name = $2`)
	blobDelete = store.Q("blob.delete", `DELETE FROM blobs WHERE tenant = $1 AND name = $2`)
	blobNames  = store.Q("blob.names", `SELECT name, created_at FROM blobs WHERE tenant = $1`).Whole("a sweep looks at every file")
)

// rows is the database's table.
type rows struct{ db *store.DB }

func actor(tenant roster.TenantID) roster.Actor {
	return roster.Actor{Tenant: roster.Tenant{ID: tenant}, ID: "blob", API: roster.Background}
}

func (r rows) put(ctx context.Context, tenant roster.TenantID, name string, sealed []byte) error {
	return r.db.Write(ctx, actor(tenant), func(tx *store.Tx) error {
		tx.Housekeeping()
		_, err := tx.Exec(blobPut, name, sealed, tx.Now)
		return err
	})
}

func (r rows) get(ctx context.Context, tenant roster.TenantID, name string) (sealed []byte, err error) {
	err = r.db.Read(ctx, tenant, func(tx *store.Tx) error { return tx.Row(blobGet, name).Scan(&sealed) })
	return sealed, err
}

func (r rows) remove(ctx context.Context, tenant roster.TenantID, names []string) error {
	return r.db.Write(ctx, actor(tenant), func(tx *store.Tx) error {
		tx.Housekeeping()
		for _, name := range names {
			if _, err := tx.Exec(blobDelete, name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r rows) list(ctx context.Context, tenant roster.TenantID) (all []entry, err error) {
	err = r.db.Read(ctx, tenant, func(tx *store.Tx) error {
		all, err = store.All(tx, blobNames, func(s store.Scanner) (e entry, err error) {
			var at int64
			err = s.Scan(&e.name, &at)
			e.at = time.UnixMicro(at)
			return e, err
		})
		return err
	})
	return all, err
}
