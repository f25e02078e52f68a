package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/rosterhq/roster/internal/roster"
)

// ErrNoRows is what Scan returns when a query that should give a row gave none.
var ErrNoRows = sql.ErrNoRows

// Tx is one transaction of one tenant: a write, or a read of one snapshot.
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
	changes      []roster.Change
	effects      []any
	touched      bool
	housekeeping bool
	write        bool
}

type txKey struct{}

// WithTx returns a context whose writes and reads join tx.
// Only the HTTP kit uses it, for keyed and planned requests.
func WithTx(ctx context.Context, tx *Tx) context.Context {
	return context.WithValue(ctx, txKey{}, tx)
}

func joined(ctx context.Context) *Tx {
	tx, _ := ctx.Value(txKey{}).(*Tx)
	return tx
}

// Tenant is the tenant that the transaction belongs to.
func (tx *Tx) Tenant() roster.TenantID { return tx.tenant }

// Actor is who writes.
func (tx *Tx) Actor() roster.Actor { return tx.actor }

// Record adds a change to the log. Every write that touches a row records one.
func (tx *Tx) Record(c roster.Change) { tx.changes = append(tx.changes, c) }

// Emit hands an effect to the followers, to be applied when the write is durable.
func (tx *Tx) Emit(effect any) { tx.effects = append(tx.effects, effect) }

// Housekeeping says that this write changes nothing that the log is about.
func (tx *Tx) Housekeeping() { tx.housekeeping = true }

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(q *Query, args ...any) (int64, error) {
	if !tx.write {
		return 0, errors.New("store: " + q.Name + " writes in a read transaction")
	}
	st, err := tx.conn.stmt(tx.ctx, q)
	if err != nil {
		return 0, tx.failed(q, err)
	}
	res, err := st.ExecContext(tx.ctx, tx.args(q, args)...)
	if err != nil {
		return 0, tx.failed(q, err)
	}
	n, err := res.RowsAffected()
	tx.touched = tx.touched || n > 0
	return n, err
}

// ExecMany runs an INSERT prepared by Many once for each row of arguments, many
// rows a statement.
func (tx *Tx) ExecMany(q *Query, rows [][]any) error {
	for len(rows) >= manyRows {
		args := make([]any, 0, manyRows*len(rows[0]))
		for _, row := range rows[:manyRows] {
			args = append(args, row...)
		}
		if _, err := tx.Exec(q.many, args...); err != nil {
			return err
		}
		rows = rows[manyRows:]
	}
	for _, row := range rows {
		if _, err := tx.Exec(q, row...); err != nil {
			return err
		}
	}
	return nil
}

// Row is the one row that a query gives.
type Row struct {
	rows *sql.Rows
	err  error
}

// Scan reads the row; ErrNoRows when there is none.
func (r Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer func() { _ = r.rows.Close() }()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Close()
}

// Row runs a query that gives at most one row.
func (tx *Tx) Row(q *Query, args ...any) Row {
	rows, err := tx.rows(q, args)
	return Row{rows, err}
}

// Scanner is a row under the cursor.
type Scanner interface{ Scan(dest ...any) error }

// Each runs a query and calls fn for each row; an error of fn ends it.
func (tx *Tx) Each(q *Query, fn func(Scanner) error, args ...any) error {
	rows, err := tx.rows(q, args)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// EachIn runs a query prepared by In for all ids, many a statement, and calls fn
// for each row. The ids come last among the query's parameters.
func (tx *Tx) EachIn(q *Query, ids []int64, fn func(Scanner) error, args ...any) error {
	for len(ids) > 0 {
		list, n := inList(q, ids)
		all := append(append(make([]any, 0, len(args)+n), args...), padded(ids, n)...)
		if err := tx.Each(list, fn, all...); err != nil {
			return err
		}
		ids = ids[min(n, len(ids)):]
	}
	return nil
}

// ExecIn runs a statement prepared by In for all ids and returns how many rows it
// changed.
func (tx *Tx) ExecIn(q *Query, ids []int64, args ...any) (int64, error) {
	var changed int64
	for len(ids) > 0 {
		list, n := inList(q, ids)
		all := append(append(make([]any, 0, len(args)+n), args...), padded(ids, n)...)
		rows, err := tx.Exec(list, all...)
		if err != nil {
			return changed, err
		}
		changed += rows
		ids = ids[min(n, len(ids)):]
	}
	return changed, nil
}

func inList(q *Query, ids []int64) (*Query, int) {
	if len(ids) <= inSizes[0] {
		return q.lists[0], inSizes[0]
	}
	return q.lists[1], inSizes[1]
}

// padded repeats the last id to the length of the list: IN does not mind.
func padded(ids []int64, n int) []any {
	all := make([]any, n)
	for i := range all {
		all[i] = ids[min(i, len(ids)-1)]
	}
	return all
}

// All runs a query and returns its rows as scan reads them.
func All[T any](tx *Tx, q *Query, scan func(Scanner) (T, error), args ...any) ([]T, error) {
	var all []T
	err := tx.Each(q, func(s Scanner) error {
		v, err := scan(s)
		all = append(all, v)
		return err
	}, args...)
	return all, err
}

// Exists reports whether a query gives a row.
func (tx *Tx) Exists(q *Query, args ...any) (bool, error) {
	found := false
	err := tx.Each(q, func(Scanner) error { found = true; return nil }, args...)
	return found, err
}

func (tx *Tx) rows(q *Query, args []any) (*sql.Rows, error) {
	st, err := tx.conn.stmt(tx.ctx, q)
	if err != nil {
		return nil, tx.failed(q, err)
	}
	rows, err := st.QueryContext(tx.ctx, tx.args(q, args)...)
	if err != nil {
		return nil, tx.failed(q, err)
	}
	return rows, nil
}

func (tx *Tx) args(q *Query, args []any) []any {
	if q.global != "" {
		return args
	}
	all := make([]any, len(args)+1)
	all[0] = int64(tx.tenant)
	copy(all[1:], args)
	return all
}

func (tx *Tx) failed(q *Query, err error) error {
	return classify(tx.conn.engine, q.Name, err)
}

// nested runs fn in a savepoint of a write that is under way.
func (tx *Tx) nested(fn func(*Tx) error) error {
	if err := tx.conn.control(tx.ctx, savepointInner); err != nil {
		return err
	}
	changes, effects := len(tx.changes), len(tx.effects)
	err := fn(tx)
	if err == nil {
		return tx.conn.control(tx.ctx, releaseInner)
	}
	tx.changes, tx.effects = tx.changes[:changes], tx.effects[:effects]
	tx.ids.forget(tx.tenant)
	if rerr := tx.conn.control(tx.ctx, rollbackInner); rerr != nil {
		return errors.Join(err, errBroken, rerr)
	}
	return err
}

func control(name, text string) *Query {
	return Global("control."+name, text, "it controls the transaction and reads no table")
}

var (
	beginWrite = control("begin_write", "BEGIN").On(SQLite, "BEGIN IMMEDIATE")
	beginRead  = control("begin_read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").On(SQLite, "BEGIN")
	commit     = control("commit", "COMMIT")
	rollback   = control("rollback", "ROLLBACK")
	// One savepoint is that of a write among those that share a transaction, the
	// inner one that of a verb inside a keyed or planned request.
	savepoint      = control("savepoint", "SAVEPOINT write_of_batch")
	release        = control("release", "RELEASE SAVEPOINT write_of_batch")
	rollbackTo     = control("rollback_to", "ROLLBACK TO SAVEPOINT write_of_batch")
	savepointInner = control("savepoint_inner", "SAVEPOINT verb_of_write")
	releaseInner   = control("release_inner", "RELEASE SAVEPOINT verb_of_write")
	rollbackInner  = control("rollback_inner", "ROLLBACK TO SAVEPOINT verb_of_write")
)

var errBroken = errors.New("store: the transaction is gone")
