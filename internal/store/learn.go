package store

import (
	"context"
	"strings"
)

// Learn has PostgreSQL look at tables into which a bulk load just wrote its first rows.
// Until it does, which by itself is up to a minute later, it plans as if they were
// empty, and reads each of them whole for every statement. SQLite has no need of it.
func (db *DB) Learn(ctx context.Context, tables ...string) error {
	if db.engine != Postgres {
		return nil
	}
	c, err := db.writers.get(ctx)
	if err != nil {
		return err
	}
	_, err = c.raw.ExecContext(ctx, "ANALYZE "+strings.Join(tables, ", "))
	db.writers.put(c, err != nil)
	if err != nil {
		return classify(db.engine, "control.learn", err)
	}
	return nil
}
