// Package storetest opens throwaway databases for tests: each test runs on SQLite
// and on PostgreSQL, and one that can't is a failure.
package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Each runs fn as a subtest on a fresh database of each engine.
func Each(t *testing.T, fn func(t *testing.T, database string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

// Postgres returns the URL of a database in which nothing is but its tables.
var Postgres = pgtest.Copies(fill)

// SQLite returns the path of a database that is yet to be made.
func SQLite(t testing.TB) string {
	return filepath.Join(t.TempDir(), "roster.db")
}

// blank is the file of a SQLite database in which nothing is but its tables. To make
// them takes long under the race detector, and a test has no need to.
var blank = sync.OnceValues(func() (content []byte, err error) {
	folder, err := os.MkdirTemp("", "roster-blank")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file := filepath.Join(folder, "roster.db")
	if err := fill(file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// fill makes the tables of a database.
func fill(database string) error {
	db, err := store.Open(context.Background(), store.Options{Database: database})
	if err != nil {
		return err
	}
	return db.Close()
}

// makeSQLite puts a blank database where there is none yet.
func makeSQLite(file string) error {
	if _, err := os.Stat(file); store.IsPostgres(file) || !errors.Is(err, os.ErrNotExist) {
		return nil
	}
	content, err := blank()
	if err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o600)
}

// Open opens a database for the length of the test. The options' database is set.
func Open(t testing.TB, database string, o store.Options, followers ...store.Follower) *store.DB {
	t.Helper()
	if err := makeSQLite(database); err != nil {
		t.Fatal(err)
	}
	o.Database = database
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, f := range followers {
		db.AddFollower(f)
	}
	return db
}

// Tenant makes a tenant and returns an actor in it.
func Tenant(t testing.TB, db *store.DB, name string) roster.Actor {
	t.Helper()
	actor := roster.Actor{ID: "test", API: roster.CLI, RequestID: "test"}
	tenant, err := db.CreateTenant(t.Context(), actor, name)
	if err != nil {
		t.Fatal(err)
	}
	actor.Tenant = tenant
	return actor
}
