package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// likelyRows is how many rows an index is said to hold: more than the million that
// SQLite expects of a recursive query, which is thus walked from its own rows.
const likelyRows = 1_000_000_000

// writeStatistics tells SQLite's planner what is true of our tables: the tenant, the
// first column of every index, picks no rows, and each further column picks few. It
// guesses otherwise: that any first column picks ten rows, so that it reads a whole
// tenant by the primary key where another index knows the row. Statistics of our own
// also keep plans the same on every database, and those that the tests saw.
func writeStatistics(ctx context.Context, db *sql.DB) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	// The first ANALYZE makes the tables, the last one makes the planner read them.
	for _, text := range []string{`ANALYZE sqlite_schema`, `DELETE FROM sqlite_stat1`, `DELETE FROM sqlite_stat4`} {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	indexes, err := readIndexes(ctx, tx)
	if err != nil {
		return err
	}
	for _, i := range indexes {
		if _, err := tx.ExecContext(ctx, `INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)`, i.table, i.name, i.statistics()); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `ANALYZE sqlite_schema`); err != nil {
		return err
	}
	return tx.Commit()
}

// indexShape is an index of SQLite; a primary key goes by its table's name.
type indexShape struct {
	table, name string
	unique      bool
	columns     int
}

func readIndexes(ctx context.Context, tx *sql.Tx) (all []indexShape, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT t.name, CASE l.origin WHEN 'pk' THEN t.name ELSE l.name END, l."unique",
			(SELECT count(*) FROM pragma_index_info(l.name))
		FROM pragma_table_list t JOIN pragma_index_list(t.name) l WHERE t.schema = 'main' AND t.wr = 1`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var i indexShape
		if err := rows.Scan(&i.table, &i.name, &i.unique, &i.columns); err != nil {
			return nil, err
		}
		all = append(all, i)
	}
	return all, rows.Err()
}

// statistics are the number of rows, and how many of them share the first column,
// the first two, and so on.
func (i indexShape) statistics() string {
	shared := []int{likelyRows, 20, 5, 2}
	numbers := []string{fmt.Sprint(likelyRows)}
	for n := range i.columns {
		rows := shared[min(n, len(shared)-1)]
		if i.unique && n == i.columns-1 {
			rows = 1
		}
		numbers = append(numbers, fmt.Sprint(rows))
	}
	return strings.Join(numbers, " ")
}
