package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
)

// ErrNoRows is what Scan returns when a query that should give a row gave none.
var ErrNoRows = sql.ErrNoRows

// errEnded is what a Tx answers to who kept it.
var errEnded = errors.New("store: the transaction has ended")

// Tx is one transaction of one tenant: a write, or a read of one snapshot. It is
// not for concurrent use, and a query's rows are read to their end before the
// next query. A statement that fails dooms what it stands in, the write or the
// verb nested in it, on both engines: later statements return its error.
type Tx struct {
	// Now is the transaction's time, µs UTC. Of a write it is the time of its
	// changes, later than that of any revision before it.
	Now int64
	// Revision is the one that this write makes, or that this snapshot is at.
	Revision int64

	ctx          context.Context
	db           *DB
	conn         *conn
	actor        roster.Actor
	tenant       roster.TenantID
	ids          *idBlocks
	before       []Commit // of the writes before it that share its transaction
	changes      []roster.Change
	effects      []any
	touched      bool
	housekeeping bool
	permission   string // what was judged last, and where: see Permitted
	branch       int64
	wakes        bool
	write        bool
	failure      error  // of the statement that doomed it
	open         *Query // whose rows are being read
	buffer       []any  // the arguments of a statement
}

type txKey struct{}

// WithTx returns a context whose writes and reads join tx.
// Only the HTTP kit uses it, for keyed and planned requests.
func WithTx(ctx context.Context, tx *Tx) context.Context {
	return context.WithValue(ctx, txKey{}, tx)
}

// joined returns the transaction that the context brings, or nil. One of another
// tenant is an error.
func joined(ctx context.Context, tenant roster.TenantID) (*Tx, error) {
	tx, _ := ctx.Value(txKey{}).(*Tx)
	if tx != nil && tx.tenant != tenant {
		return nil, errors.New("store: a transaction is joined from another tenant")
	}
	return tx, nil
}

// Tenant is the tenant that the transaction belongs to.
func (tx *Tx) Tenant() roster.TenantID { return tx.tenant }

// Actor is who writes.
func (tx *Tx) Actor() roster.Actor { return tx.actor }

// Record adds a change to the log. Every write that touches a row records one.
func (tx *Tx) Record(c roster.Change) {
	if c.Permission == "" {
		c.Permission, c.BranchID = tx.permission, tx.branch
	}
	tx.changes = append(tx.changes, c)
}

// Permitted says that a permission was asked for and held on a branch (0: every root),
// for the changes that are recorded from here on. What lets something only be seen does
// not take the place of what lets it be changed.
func (tx *Tx) Permitted(permission string, branch int64) {
	if !tx.write || sees(permission) && tx.permission != "" && !sees(tx.permission) {
		return
	}
	tx.permission, tx.branch = permission, branch
}

// sees reports whether a permission lets nothing be changed.
func sees(permission string) bool {
	return strings.HasSuffix(permission, "_READ") || strings.HasSuffix(permission, "_LIST") || strings.HasSuffix(permission, "_EXPORT")
}

// Reached is the revision that the log is at when this write ends here: its own
// once it has recorded a change.
func (tx *Tx) Reached() int64 {
	if len(tx.changes) == 0 {
		return tx.Revision - 1
	}
	return tx.Revision
}

// Emit hands an effect to the followers, to be applied when the write is durable.
// A write that emits records a change.
func (tx *Tx) Emit(effect any) { tx.effects = append(tx.effects, effect) }

// Housekeeping says that this write changes nothing that the log is about.
func (tx *Tx) Housekeeping() { tx.housekeeping = true }

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(q *Query, args ...any) (int64, error) {
	if !tx.write {
		return 0, errors.New("store: " + q.Name + " writes in a read transaction")
	}
	st, err := tx.prepare(q)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(tx.ctx, tx.args(q, args)...)
	if err != nil {
		return 0, tx.failed(q, err)
	}
	n, err := res.RowsAffected()
	tx.touched = tx.touched || q.writes && n > 0
	return n, err
}

// rows starts a query; tx.open says so until its rows are closed.
func (tx *Tx) rows(q *Query, args []any) (*sql.Rows, error) {
	if q.writes && !tx.write {
		return nil, errors.New("store: " + q.Name + " writes in a read transaction")
	}
	st, err := tx.prepare(q)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(tx.ctx, tx.args(q, args)...)
	if err != nil {
		return nil, tx.failed(q, err)
	}
	tx.open = q
	return rows, nil
}

// prepare refuses what PostgreSQL would refuse, so that SQLite does too.
func (tx *Tx) prepare(q *Query) (*sql.Stmt, error) {
	if tx.failure != nil {
		return nil, tx.failure
	}
	if tx.open != nil {
		return nil, fmt.Errorf("store: %s runs while rows of %s are open", q.Name, tx.open.Name)
	}
	st, err := tx.conn.stmt(tx.ctx, q)
	if err != nil {
		return nil, tx.failed(q, err)
	}
	return st, nil
}

// args are the arguments of one statement, valid until the next.
func (tx *Tx) args(q *Query, args []any) []any {
	if q.global != "" {
		return args
	}
	tx.buffer = append(append(tx.buffer[:0], int64(tx.tenant)), args...)
	return tx.buffer
}

func (tx *Tx) failed(q *Query, err error) error {
	tx.failure = classify(tx.conn.engine, q.Name, err)
	return tx.failure
}
