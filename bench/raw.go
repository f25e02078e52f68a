//go:build unix

package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// openRaw opens a SQLite file by its driver alone, on one connection, with the
// settings of Roster's writer but for those that are given last.
func openRaw(file string, pragmas ...string) (*sql.DB, error) {
	q := url.Values{}
	for _, p := range append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-16384)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	db, err := sql.Open("sqlite", "file:"+file+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// insertRows spells an INSERT of many rows.
func insertRows(table string, columns, rows int) string {
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	return fmt.Sprintf("INSERT INTO %s VALUES %s%s", table, row, strings.Repeat(", "+row, rows-1))
}
