package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// migrations hold the schema once, in PostgreSQL's spelling, so that both
// engines have the same by construction.
//
//go:embed migrations/*.sql
var migrations embed.FS

// onSQLite spells the schema for SQLite: strict tables, clustered by their key, and
// triggers that refuse by themselves.
var onSQLite = strings.NewReplacer(
	" bytea", " blob", " bigint", " integer", " boolean", " integer",
	"\n);", "\n) STRICT, WITHOUT ROWID;",
	"CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'what was captured never changes'; END $$;", "",
	"EXECUTE FUNCTION refuse_change();", "BEGIN SELECT RAISE(ABORT, 'what was captured never changes'); END;",
)

// migrate brings the schema up to date. On PostgreSQL a session lock lets nodes
// that start at once take turns.
func migrate(ctx context.Context, db *sql.DB, e Engine) error {
	steps, err := steps(e)
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(steps...)}
	dialect := goose.DialectSQLite3
	if e == Postgres {
		dialect = goose.DialectPostgres
		options = append(options, goose.WithSessionLocker(sessionLock{}))
	}
	provider, err := goose.NewProvider(dialect, db, nil, options...)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", err)
	}
	return nil
}

// sessionLock is held by the node that changes the schema. The others wait for it in
// PostgreSQL, where goose's own would ask every few seconds.
type sessionLock struct{}

const schemaLock = 0x726f73746572 // "roster"

// SessionLock implements lock.SessionLocker.
func (sessionLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, schemaLock)
	return err
}

// SessionUnlock implements lock.SessionLocker.
func (sessionLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, schemaLock)
	return err
}

func steps(e Engine) ([]*goose.Migration, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	steps := make([]*goose.Migration, 0, len(files))
	for _, file := range files {
		text, err := migrations.ReadFile(file)
		if err != nil {
			return nil, err
		}
		number, _, _ := strings.Cut(strings.TrimPrefix(file, "migrations/"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", file, err)
		}
		ddl := string(text)
		if e == SQLite {
			ddl = onSQLite.Replace(ddl)
		}
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, ddl)
			return err
		}}, nil))
	}
	return steps, nil
}
