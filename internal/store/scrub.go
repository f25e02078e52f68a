package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"

	"github.com/rosterhq/roster/internal/roster"
)

const (
	// scrubWait bounds how long a scrub waits for readers, and so may hold up writers.
	scrubWait = `PRAGMA busy_timeout = 500`
	// scrubPages is how many pages are looked at, and scrubbed, at a time.
	scrubPages = 256
	// scrubLimit is from which page on a number may look like a page of a tree.
	scrubLimit = 1 << 25
)

// Scrub takes what was deleted, or overwritten, out of SQLite's files. secure_delete
// blanks what it frees, but not what it leaves behind where it splits or joins pages,
// and the write-ahead log holds pages as they were. So the unused parts of all pages
// are blanked, and the log is emptied into the database. Unavailable while a reader
// needs the log. PostgreSQL is not ours to scrub.
func (db *DB) Scrub(ctx context.Context) (err error) {
	if db.engine == Postgres {
		return nil
	}
	file, err := sql.Open("sqlite", sqliteDSN(db.path, "synchronous(FULL)", "cache_size(-2048)"))
	if err != nil {
		return err
	}
	file.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.ExecContext(ctx, scrubWait); err != nil {
		return classify(SQLite, "control.scrub", err)
	}
	var pages, busy, inLog, moved int64
	if err := file.QueryRowContext(ctx, `PRAGMA page_count`).Scan(&pages); err != nil {
		return classify(SQLite, "control.scrub", err)
	}
	for first := int64(1); first <= min(pages, scrubLimit); first += scrubPages {
		if err := scrubRange(ctx, file, first); err != nil {
			return classify(SQLite, "control.scrub", err)
		}
	}
	if err := file.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &inLog, &moved); err != nil {
		return classify(SQLite, "control.scrub", err)
	}
	if busy != 0 {
		return roster.Errorf(roster.Unavailable, "", "the write-ahead log is in use")
	}
	return nil
}

// scrubRange scrubs some pages: it looks first, and writes only where it must.
func scrubRange(ctx context.Context, file *sql.DB, first int64) error {
	dirty, err := dirtyPages(ctx, file.QueryContext, first)
	if err != nil || len(dirty) == 0 {
		return err
	}
	conn, err := file.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	dirty, err = dirtyPages(ctx, conn.QueryContext, first) // as they are now
	for number, page := range dirty {
		if err == nil {
			_, err = conn.ExecContext(ctx, `UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?`, page, number)
		}
	}
	if err != nil {
		_, undone := conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		return errors.Join(err, undone)
	}
	_, err = conn.ExecContext(ctx, `COMMIT`)
	return err
}

// dirtyPages reads those of some pages that hold more than their rows, scrubbed.
func dirtyPages(ctx context.Context, query func(context.Context, string, ...any) (*sql.Rows, error), first int64) (dirty map[int64][]byte, err error) {
	rows, err := query(ctx, `SELECT pgno, data FROM sqlite_dbpage WHERE pgno BETWEEN ? AND ?`, first, first+scrubPages-1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	dirty = map[int64][]byte{}
	for rows.Next() {
		var number int64
		var page []byte
		if err := rows.Scan(&number, &page); err != nil {
			return nil, err
		}
		if blankUnused(page, number == 1) {
			dirty[number] = page
		}
	}
	return dirty, rows.Err()
}

// blankUnused blanks what no row uses in a page of a tree (SQLite's file format, 1.6):
// between the list of cells and their content, and in the blocks that are free. It
// reports whether there was anything.
func blankUnused(page []byte, isFirst bool) (changed bool) {
	at := 0
	if isFirst {
		at = 100 // behind the header of the file
	}
	header := 8
	switch page[at] {
	case 2, 5:
		header = 12
	case 10, 13:
	default:
		return false // no page of a tree
	}
	number := func(at int) int { return int(binary.BigEndian.Uint16(page[at:])) }
	blank := func(from, to int) {
		if from > to || to > len(page) {
			return // no page of a tree after all
		}
		for _, b := range page[from:to] {
			if b != 0 {
				clear(page[from:to])
				changed = true
				return
			}
		}
	}
	content := number(at + 5)
	if content == 0 {
		content = 1 << 16
	}
	blank(at+header+2*number(at+3), content)
	for free, last := number(at+1), 0; free > last && free+4 <= len(page); {
		blank(free+4, free+number(free+2))
		free, last = number(free), free
	}
	return changed
}
