package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// BenchmarkCommit sets writes of one row and its change, each durable, beside bare
// commits of one row into the same table over one connection, which is what the
// disk and the driver allow without sharing. A write is two statements of its own
// and four of the transaction that it may share: BEGIN, the tenant's row read,
// the tenant's row written, COMMIT. All but the first of a batch add SAVEPOINT and
// RELEASE.
func BenchmarkCommit(b *testing.B) {
	databases := map[string]func(*testing.B) string{
		"sqlite": func(b *testing.B) string { return storetest.SQLite(b) },
		"postgres": func(b *testing.B) string {
			c, err := pgtest.New(pgtest.Durable)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(c.Close)
			return c.Database(b)
		},
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run("db="+engine, func(b *testing.B) {
			database := databases[engine](b)
			db := storetest.Open(b, database, store.Options{})
			actor := storetest.Tenant(b, db, "a")
			var next atomic.Int64
			b.Run("raw", func(b *testing.B) { benchmarkRaw(b, database, actor, &next) })
			for _, writers := range []int{1, 16} {
				b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
					b.ReportAllocs()
					run(b, writers, func() error {
						return db.Write(context.Background(), actor, create(next.Add(1)))
					})
				})
			}
		})
	}
}

// run calls fn b.N times from so many goroutines.
func run(b *testing.B, writers int, fn func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	done := make(chan error, writers)
	b.ResetTimer()
	for range writers {
		go func() {
			for left.Add(-1) >= 0 {
				if err := fn(); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
}

func benchmarkRaw(b *testing.B, database string, actor roster.Actor, next *atomic.Int64) {
	driver, source, mark := "sqlite", "file:"+database+"?_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)", "?"
	if store.IsPostgres(database) {
		driver, source, mark = "pgx", database, "$"
	}
	raw, err := sql.Open(driver, source)
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()
	raw.SetMaxOpenConns(1)
	insert, err := raw.Prepare(fmt.Sprintf(`INSERT INTO idempotency_keys
		(tenant, key_hash, body_hash, status, headers, body, revision, created_at)
		VALUES (%[1]s1, %[1]s2, %[1]s2, 0, '', %[1]s2, 0, 0)`, mark))
	if err != nil {
		b.Fatal(err)
	}
	defer insert.Close()
	b.ReportAllocs()
	run(b, 1, func() error {
		_, err := insert.Exec(int64(actor.Tenant.ID), thingKey(next.Add(1)))
		return err
	})
}

// BenchmarkRead is what a read through SQL costs besides its own query.
func BenchmarkRead(b *testing.B) {
	db := storetest.Open(b, storetest.SQLite(b), store.Options{})
	actor := storetest.Tenant(b, db, "a")
	if err := db.Write(b.Context(), actor, create(1)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		err := db.Read(context.Background(), actor.Tenant.ID, func(tx *store.Tx) error {
			_, err := tx.Exists(hasThing, thingKey(1))
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
