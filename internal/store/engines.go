package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// openSQLite opens two pools on one file: many readers, one writer. The busy
// timeout comes first, so that the pragmas behind it wait for a lock as well.
// SQLite's other files take the mode of the first: nobody else may read them.
func openSQLite(ctx context.Context, path string) (reader, writer *sql.DB, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, nil, err
	}
	// A lock is lost when any descriptor of its file closes; there is none yet.
	if err := file.Close(); err != nil {
		return nil, nil, err
	}
	// A log of some 16 MB spares the file what is written again and again: a fifth of the
	// time of rentals that are made at once.
	writer, err = sql.Open("sqlite", sqliteDSN(path, "synchronous(FULL)", "cache_size(-16384)", "secure_delete(ON)", "wal_autocheckpoint(4000)"))
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
	return fileURI(path, q)
}

func fileURI(path string, q url.Values) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// connectLimit bounds the wait for a server that does not answer, and keepAlive
// finds within some 30 s that one is gone while a statement waits for it.
const connectLimit = 10 * time.Second

var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// openPostgres opens two pools on one database, so that readers never starve a
// committer.
func openPostgres(ctx context.Context, database string) (reader, writer *sql.DB, err error) {
	config, err := pgx.ParseConfig(database)
	if err != nil {
		return nil, nil, fmt.Errorf("the database's address: %w", err)
	}
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["application_name"] = "roster"
	// A commit that is acknowledged is on the disk, whatever the server's default.
	config.RuntimeParams["synchronous_commit"] = "on"
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectLimit
	}
	config.DialFunc = (&net.Dialer{KeepAliveConfig: keepAlive}).DialContext
	// A node that freezes in a write must not hold its tenant's lock for ever.
	writing := config.Copy()
	writing.RuntimeParams["idle_in_transaction_session_timeout"] = "60s"
	writer = stdlib.OpenDB(*writing)
	if err := writer.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("reach the database: %w", err), writer.Close())
	}
	return stdlib.OpenDB(*config), writer, nil
}
