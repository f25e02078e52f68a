package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// A copy that is taken while 4 writers write is one moment of the database.
func TestBackupWhileWriting(t *testing.T) {
	db := open(t, storetest.SQLite(t))
	actor := storetest.Tenant(t, db, "a")
	storetest.Tenant(t, db, "b")
	write(t, db, actor, func(tx *store.Tx) error { // so that there is something to copy
		for i := range int64(20_000) {
			if err := insert(tx, i); err != nil {
				return err
			}
		}
		tx.Record(roster.Change{Operation: "thing.import", SubjectType: "thing"})
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for w := range int64(4) {
		wg.Go(func() {
			for i := (w + 1) * 1_000_000; ctx.Err() == nil; i++ {
				write(t, db, actor, create(i))
			}
		})
	}
	before := db.Published(actor.Tenant.ID)
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(path, []byte("an older copy"), 0o644); err != nil {
		t.Fatal(err)
	}
	steps, last := 0, 0
	err := db.Backup(t.Context(), path, func(done, total int) {
		// Writers go on between two steps.
		write(t, db, actor, create(int64(50_000+steps)))
		if done <= last || done > total {
			t.Errorf("%d of %d pages after %d", done, total, last)
		}
		steps, last = steps+1, done
	})
	cancel()
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if steps < 2 {
		t.Errorf("%d steps", steps)
	}
	if err := store.CheckFile(t.Context(), path); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v: %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(path + "*"); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
	copied := open(t, path)
	n, r := things(t, copied, actor), revision(t, copied, actor)
	if int64(n) != 20_000+r-2 || r < before {
		t.Errorf("%d rows at revision %d", n, r)
	}
	write(t, copied, actor, create(-1))
	if err := store.CheckFile(t.Context(), path); !roster.IsKind(err, roster.Invalid) {
		t.Errorf("a database in use: %v", err)
	}
}

func TestBackupRefuses(t *testing.T) {
	database := storetest.SQLite(t)
	db := open(t, database)
	folder := t.TempDir()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range map[string]error{
		"itself":    db.Backup(t.Context(), database, nil),
		"no folder": db.Backup(t.Context(), filepath.Join(folder, "none", "copy.db"), nil),
		"cancelled": db.Backup(cancelled, filepath.Join(folder, "copy.db"), nil),
		"postgres":  open(t, pgtest.Database(t)).Backup(t.Context(), filepath.Join(folder, "copy.db"), nil),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if left, _ := filepath.Glob(folder + "/*"); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestCheckFileRefuses(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole.db")
	db := open(t, storetest.SQLite(t))
	actor := storetest.Tenant(t, db, "a")
	for i := range int64(500) {
		write(t, db, actor, create(i))
	}
	if err := db.Backup(t.Context(), whole, nil); err != nil {
		t.Fatal(err)
	}
	bytes, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		bytes []byte
		sql   string
		want  string
	}{
		{"whole", bytes, "", ""},
		{"empty", nil, "", "no database of Roster"},
		{"text", []byte(strings.Repeat("not a database\n", 100)), "", "no SQLite database"},
		{"cut", bytes[:len(bytes)/2/4096*4096], "", ""},
		{"another's", nil, `CREATE TABLE things (id integer)`, "no database of Roster"},
		{"newer", bytes, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999999, 1)`, "newer Roster"},
		{"altered", bytes, `UPDATE changes SET actor = 'other' WHERE revision = 3`, "revision 3 was altered"},
	} {
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := os.WriteFile(path, c.bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		if c.sql != "" {
			raw := storetest.Raw(t, path)
			exec(t, raw, c.sql)
			if err := raw.Close(); err != nil {
				t.Fatal(err)
			}
		}
		err := store.CheckFile(t.Context(), path)
		switch bad := c.want != "" || c.name == "cut"; {
		case !bad && err != nil, bad && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v", c.name, err)
		}
		if left, _ := filepath.Glob(path + "*"); len(left) != 1 {
			t.Errorf("%s leaves %q", c.name, left)
		}
	}
	if err := store.CheckFile(t.Context(), filepath.Join(t.TempDir(), "none.db")); !roster.IsKind(err, roster.Invalid) {
		t.Errorf("no file: %v", err)
	}
}
