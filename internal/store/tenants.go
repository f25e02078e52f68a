package store

import (
	"context"
	"errors"
	"regexp"

	"github.com/rosterhq/roster/internal/roster"
)

var (
	tenantByName = Global("tenant.by_name", `SELECT tenant, name FROM tenants WHERE name = $1`,
		"a tenant is found by its name before there is one to supply")
	tenantAll = Global("tenant.all", `SELECT tenant, name FROM tenants ORDER BY tenant`,
		"the start and the command line list all tenants").Whole("there are few tenants, and all are wanted")
	tenantInsert = Global("tenant.insert", `INSERT INTO tenants (tenant, name, revision, changed_at, head, created_at)
		SELECT coalesce(max(tenant), 0) + 1, $1, 0, 0, $2, $3 FROM tenants RETURNING tenant`,
		"it makes the tenant").Whole("the next number is one above the greatest")
	tenantsLock = Global("tenant.lock_all", `LOCK TABLE tenants IN SHARE ROW EXCLUSIVE MODE`,
		"two nodes may make a tenant at once").On(SQLite, `SELECT 1`)
)

var tenantName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// Tenant returns the tenant of that name; NotFound when there is none.
func (db *DB) Tenant(ctx context.Context, name string) (roster.Tenant, error) {
	db.mu.Lock()
	t, ok := db.tenants[name]
	db.mu.Unlock()
	if ok {
		return t, nil
	}
	if !tenantName.MatchString(name) {
		return t, roster.Errorf(roster.NotFound, "", "there is no tenant %q", name)
	}
	err := db.ReadGlobal(ctx, func(tx *Tx) (err error) {
		t, err = scanTenant(tx.Row(tenantByName, name))
		return err
	})
	if errors.Is(err, ErrNoRows) {
		return t, roster.Errorf(roster.NotFound, "", "there is no tenant %q", name)
	}
	if err == nil {
		db.mu.Lock()
		db.tenants[name] = t
		db.mu.Unlock()
	}
	return t, err
}

// Tenants returns all tenants in the order of their making.
func (db *DB) Tenants(ctx context.Context) (all []roster.Tenant, err error) {
	err = db.ReadGlobal(ctx, func(tx *Tx) (err error) {
		all, err = All(tx, tenantAll, scanTenant)
		return err
	})
	return all, err
}

func scanTenant(s Scanner) (t roster.Tenant, err error) {
	err = s.Scan(&t.ID, &t.Name)
	return t, err
}

// CreateTenant makes a tenant. Exists when the name is taken; Invalid unless it is
// 1 to 63 lower-case letters, digits and hyphens, the first a letter.
func (db *DB) CreateTenant(ctx context.Context, actor roster.Actor, name string) (roster.Tenant, error) {
	t := roster.Tenant{Name: name}
	if !tenantName.MatchString(name) {
		return t, roster.FieldError("name", "a tenant's name is 1 to 63 lower-case letters, digits and hyphens, the first a letter")
	}
	actor.Tenant = roster.Tenant{}
	err := db.Write(ctx, actor, func(tx *Tx) error {
		if _, err := tx.Exec(tenantsLock); err != nil {
			return err
		}
		taken, err := tx.Exists(tenantByName, name)
		if err != nil {
			return err
		}
		if taken {
			return &roster.Error{Kind: roster.Exists, Field: "name", Msg: "there is a tenant of that name"}
		}
		if err := tx.Row(tenantInsert, name, make([]byte, 32), tx.Now).Scan(&t.ID); err != nil {
			return err
		}
		tx.tenant = t.ID // its own log says who made it
		tx.Record(roster.Change{Operation: "tenant.create", SubjectType: "tenant", After: map[string]any{"name": name}})
		return nil
	})
	return t, err
}

// ReadGlobal runs fn on one snapshot of all tenants, for Global queries. It says
// nothing about what lies in memory.
func (db *DB) ReadGlobal(ctx context.Context, fn func(*Tx) error) error {
	return db.snapshot(ctx, 0, fn)
}
