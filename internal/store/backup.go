package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"modernc.org/sqlite"

	"github.com/rosterhq/roster/internal/roster"
)

// backupStep is how many pages are copied between two looks at the context.
const backupStep = 128

// Backup copies the database, as it is at one moment, into one file of mode 0600
// while it serves. A file of that name is replaced once the copy is whole and on
// the disk. progress, if set, hears of pages. Invalid on PostgreSQL, which has
// pg_dump for this.
func (db *DB) Backup(ctx context.Context, path string, progress func(done, total int)) (err error) {
	if db.engine == Postgres {
		return roster.Errorf(roster.Invalid, "", "a PostgreSQL database is backed up by its own tools, such as pg_dump")
	}
	if sameFile(path, db.path) {
		return roster.Errorf(roster.Invalid, "", "%s is the database itself", path)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".partial-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp.Name())) }()
	if progress == nil {
		progress = func(int, int) {}
	}
	err = db.snapshot(ctx, 0, func(tx *Tx) error {
		// The first read takes the snapshot, which the copy then stays at.
		if _, err := tx.Exists(tenantAll); err != nil {
			return err
		}
		return tx.conn.raw.Raw(func(driver any) error { return copyPages(ctx, driver, temp.Name(), progress) })
	})
	// Before the rename: some systems rename no file that is open.
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// copyPages copies a connection's database into an empty file.
func copyPages(ctx context.Context, driver any, to string, progress func(done, total int)) (err error) {
	source, ok := driver.(interface {
		NewBackup(uri string) (*sqlite.Backup, error)
	})
	if !ok {
		return fmt.Errorf("store: %T copies no database", driver)
	}
	// Nothing of a copy that breaks off is kept, so it needs no journal and no sync.
	b, err := source.NewBackup(fileURI(to, url.Values{"_pragma": {"journal_mode(OFF)", "synchronous(OFF)"}}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Finish()) }()
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return classify(SQLite, "control.backup", err)
		}
		if more, err = b.Step(backupStep); err != nil {
			return err
		}
		progress(b.PageCount()-b.Remaining(), b.PageCount())
	}
	return nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// syncFolder makes a rename in it durable; Windows knows no such call.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// CheckFile reads a backup from end to end: that it is a SQLite file in good
// order, of Roster, no newer than this program, and that the change log of each
// tenant verifies. Invalid, with the reason, when one of these is not so.
func CheckFile(ctx context.Context, path string) (err error) {
	if _, err := os.Stat(path); err != nil {
		return roster.Errorf(roster.Invalid, "", "%v", err)
	}
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		return roster.Errorf(roster.Invalid, "", "%s is in use, or was not closed: %s-wal holds a part of it", path, path)
	}
	file, err := sql.Open("sqlite", fileURI(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}))
	if err != nil {
		return err
	}
	db := newDB(Options{Database: path})
	db.readers = newPool(file, SQLite, 1)
	defer func() { err = errors.Join(err, db.readers.close()) }()
	if err := checkSchema(ctx, file); err != nil {
		return &roster.Error{Kind: roster.Invalid, Msg: path + " " + err.Error()}
	}
	tenants, err := db.Tenants(ctx)
	for _, t := range tenants {
		if err == nil {
			_, err = db.Verify(ctx, t.ID, nil)
		}
	}
	return err
}

// checkSchema returns what is wrong with the file, as the end of a sentence.
func checkSchema(ctx context.Context, file *sql.DB) error {
	var verdict string
	if err := file.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return fmt.Errorf("is no SQLite database: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("is damaged: %s", verdict)
	}
	var version, tenants int64
	err := file.QueryRowContext(ctx, `SELECT max(version_id), (SELECT count(*) FROM tenants) FROM goose_db_version`).Scan(&version, &tenants)
	if err != nil {
		return fmt.Errorf("is no database of Roster: %w", err)
	}
	all, err := steps(SQLite)
	if err != nil {
		return err
	}
	if newest := all[len(all)-1].Version; version > newest {
		return fmt.Errorf("was written by a newer Roster: its schema has number %d, this program knows %d", version, newest)
	}
	return nil
}
