package storetest

import (
	"database/sql"
	"testing"

	"github.com/rosterhq/roster/internal/store"
)

// Raw opens a database beside the kit, for tests that look at it or damage it.
func Raw(t testing.TB, database string) *sql.DB {
	t.Helper()
	driver, source := "sqlite", "file:"+database+"?_pragma=busy_timeout(10000)"
	if store.IsPostgres(database) {
		driver, source = "pgx", database
	}
	raw, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := raw.Close(); err != nil {
			t.Error(err)
		}
	})
	return raw
}
