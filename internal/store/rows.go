package store

import "database/sql"

// Row is the one row that a query gives.
type Row struct {
	tx   *Tx
	q    *Query
	rows *sql.Rows
	err  error
}

// Row runs a query that gives at most one row, which is to be scanned.
func (tx *Tx) Row(q *Query, args ...any) Row {
	rows, err := tx.rows(q, args)
	return Row{tx, q, rows, err}
}

// Scan reads the row; ErrNoRows when there is none.
func (r Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	found := false
	err := r.tx.drain(r.q, r.rows, func() (bool, error) {
		found = true
		return false, r.rows.Scan(dest...)
	})
	if err == nil && !found {
		return ErrNoRows
	}
	return err
}

// Scanner is a row under the cursor.
type Scanner interface{ Scan(dest ...any) error }

// Each runs a query and calls fn for each row; an error of fn ends it. fn runs
// no other query.
func (tx *Tx) Each(q *Query, fn func(Scanner) error, args ...any) error {
	rows, err := tx.rows(q, args)
	if err != nil {
		return err
	}
	return tx.drain(q, rows, func() (bool, error) { return true, fn(rows) })
}

// drain calls fn for each row until it wants no more, and closes the rows.
func (tx *Tx) drain(q *Query, rows *sql.Rows, fn func() (more bool, err error)) error {
	defer func() {
		_ = rows.Close()
		tx.open = nil
	}()
	for rows.Next() {
		tx.touched = tx.touched || q.writes
		if more, err := fn(); err != nil || !more {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return tx.failed(q, err)
	}
	return nil
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
	rows, err := tx.rows(q, args)
	if err != nil {
		return false, err
	}
	found := false
	err = tx.drain(q, rows, func() (bool, error) { found = true; return false, nil })
	return found, err
}
