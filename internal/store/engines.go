package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// openSQLite opens two pools on one file: many readers, one writer. The busy
// timeout comes first, so that the pragmas behind it wait for a lock as well.
func openSQLite(ctx context.Context, path string) (reader, writer *sql.DB, err error) {
	writer, err = sql.Open("sqlite", sqliteDSN(path, "synchronous(FULL)", "cache_size(-16384)"))
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := writer.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open %s: %w", path, err), writer.Close())
	}
	reader, err = sql.Open("sqlite", sqliteDSN(path, "query_only(ON)", "cache_size(-4096)"))
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open %s: %w", path, err), writer.Close())
	}
	return reader, writer, nil
}

func sqliteDSN(path string, pragmas ...string) string {
	q := url.Values{}
	all := append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "foreign_keys(ON)", "temp_store(MEMORY)"}, pragmas...)
	for _, p := range all {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// openPostgres opens one pool; reads and writes take their connections from
// shares of their own, so that readers never starve a committer.
func openPostgres(ctx context.Context, database string) (reader, writer *sql.DB, err error) {
	config, err := pgx.ParseConfig(database)
	if err != nil {
		return nil, nil, fmt.Errorf("the database's address: %w", err)
	}
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["application_name"] = "roster"
	// A commit that is acknowledged is on the disk, whatever the server's default.
	config.RuntimeParams["synchronous_commit"] = "on"
	writer = stdlib.OpenDB(*config)
	if err := writer.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("reach the database: %w", err), writer.Close())
	}
	return stdlib.OpenDB(*config), writer, nil
}
