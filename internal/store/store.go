package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

// Options says which database to open and how.
type Options struct {
	// Database is a path of a SQLite file, or postgres://…
	Database string
	// Readers is how many connections read at once; 0 for a default.
	Readers int
	Clock   roster.Clock // nil for the machine's
	Log     *slog.Logger // nil for none
}

// DB is an open database.
type DB struct {
	engine  Engine
	path    string
	clock   roster.Clock
	log     *slog.Logger
	readers *pool
	writers *pool
	stop    context.CancelFunc
	ctx     context.Context // of committers: ends with the DB, never with a request
	working sync.WaitGroup

	mu         sync.Mutex
	committers map[roster.TenantID]*committer
	tenants    map[string]roster.Tenant
	published  map[roster.TenantID]*publication
	followers  []Follower
	wakers     []func()
	closed     bool
}

// Open opens the database, brings its schema up to date and returns it.
func Open(ctx context.Context, o Options) (*DB, error) {
	db := newDB(o)
	open := openSQLite
	if IsPostgres(o.Database) {
		db.engine, open = Postgres, openPostgres
	}
	reader, writer, err := open(ctx, o.Database)
	if err != nil {
		return nil, err
	}
	err = migrate(ctx, writer, db.engine)
	if err == nil && db.engine == SQLite {
		err = writeStatistics(ctx, writer)
	}
	if err != nil {
		return nil, errors.Join(err, writer.Close(), reader.Close())
	}
	db.pools(reader, writer, o.Readers)
	return db, nil
}

func newDB(o Options) *DB {
	db := &DB{
		path: o.Database, clock: o.Clock, log: o.Log,
		committers: map[roster.TenantID]*committer{},
		tenants:    map[string]roster.Tenant{},
		published:  map[roster.TenantID]*publication{},
	}
	if db.clock == nil {
		db.clock = time.Now
	}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	db.ctx, db.stop = context.WithCancel(context.Background())
	return db
}

// IsPostgres reports whether a database's name is one of PostgreSQL.
func IsPostgres(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

func (db *DB) pools(reader, writer *sql.DB, readers int) {
	if readers == 0 {
		readers = 8
	}
	writers := 1
	if db.engine == Postgres {
		writers = 8
	}
	db.readers = newPool(reader, db.engine, readers)
	db.writers = newPool(writer, db.engine, writers)
}

// Engine is the kind of database behind db.
func (db *DB) Engine() Engine { return db.engine }

// Clock is the clock that db was opened with.
func (db *DB) Clock() roster.Clock { return db.clock }

// Now is the clock's time in µs UTC.
func (db *DB) Now() int64 { return db.clock().UnixMicro() }

// Close waits for the reads and writes under way, refuses others, and closes the
// database.
func (db *DB) Close() error {
	db.mu.Lock()
	closed := db.closed
	db.closed = true
	db.mu.Unlock()
	if closed {
		return nil
	}
	db.stop()
	db.working.Wait()
	return errors.Join(db.readers.close(), db.writers.close())
}

// Ping asks the database whether it answers.
func (db *DB) Ping(ctx context.Context) error {
	c, err := db.readers.get(ctx)
	if err != nil {
		return err
	}
	err = c.raw.PingContext(ctx)
	db.readers.put(c, err != nil)
	return err
}
