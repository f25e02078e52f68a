package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rosterhq/roster/internal/admin"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

type backupCmd struct {
	place
	File string `arg:"" help:"The file to write, whole or not at all."`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (b *backupCmd) Run(c *console) error {
	return c.with(&b.place, rows, func(client *admin.Client) error {
		var size int64
		progress := c.bar()
		err := whole(b.File, func(f *os.File) (err error) {
			size, err = client.Backup(c.ctx, f, func(done, total int64) { progress.at("Bytes", done, total) })
			return err
		})
		progress.end()
		if err != nil {
			return err
		}
		if b.JSON {
			return printJSON(c.out, map[string]any{"file": b.File, "bytes": size})
		}
		_, err = fmt.Fprintf(c.out, "%s holds the database, %d bytes.\n%s", b.File, size, b.besides())
		return err
	})
}

// besides is what the backup needs to be whole.
func (b *backupCmd) besides() string {
	key := filepath.Join(b.Data, seal.FileName)
	if _, err := os.Stat(key); err != nil {
		return "" // the operator keeps it, or nothing is sealed yet
	}
	return fmt.Sprintf("Secrets in it open with %s alone: keep a copy of that as well, elsewhere.\n", key)
}

type restoreCmd struct {
	place
	File    string `arg:"" help:"A backup."`
	Replace bool   `help:"Replace a database that is there; it stays beside the new one, its name ending in .replaced."`
}

func (r *restoreCmd) Run(c *console) error {
	if err := r.resolve(); err != nil {
		return err
	}
	if r.postgres() {
		return usagef("a PostgreSQL database is restored by its own tools, such as pg_restore")
	}
	if err := store.CheckFile(c.ctx, r.File); err != nil {
		return err
	}
	if err := r.folder(); err != nil {
		return err
	}
	unlock, err := lock(r.Data)
	if errors.Is(err, errLocked) {
		return errors.New("a roster runs on this data folder: stop it first")
	}
	if err != nil {
		return err
	}
	defer unlock()
	if err := r.restore(c); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s holds what was in %s.\n", r.Database, r.File)
	return err
}

// restore copies the backup beside the database and puts it in its place. What the
// old database had not yet taken from its log goes aside with it.
func (r *restoreCmd) restore(c *console) error {
	there, err := r.exists()
	if err != nil {
		return err
	}
	if there && !r.Replace {
		return fmt.Errorf("there is a database, %s: --replace puts it aside", r.Database)
	}
	return whole(r.Database, func(f *os.File) error {
		if err := copyFile(c, f, r.File); err != nil {
			return err
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			err := os.Rename(r.Database+suffix, r.Database+".replaced"+suffix)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
		return nil
	})
}

func copyFile(c *console, to io.Writer, path string) error {
	from, err := os.Open(filepath.Clean(path))
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	progress, done := c.bar(), int64(0)
	defer progress.end()
	for {
		n, err := io.CopyN(to, from, 4<<20)
		done += n
		progress.at("Bytes", done, info.Size())
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
