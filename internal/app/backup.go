package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rosterhq/roster/internal/admin"
	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

type backupCmd struct {
	place
	File string `arg:"" help:"The file to write, whole or not at all. Files beside the database, such as photographs of licenses, go into a folder of that name and .blobs."`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (b *backupCmd) Run(c *console) error {
	return c.with(&b.place, rows, func(client *admin.Client) error {
		size, files, err := b.write(c, client)
		if err != nil {
			return err
		}
		if b.JSON {
			out := map[string]any{"file": b.File, "bytes": size}
			if files > 0 {
				out["blobs"], out["blobFiles"] = blobsOf(b.File), files
			}
			return printJSON(c.out, out)
		}
		_, err = fmt.Fprintf(c.out, "%s holds the database, %d bytes.\n%s%s", b.File, size, holdsFiles(blobsOf(b.File), files), b.besides())
		return err
	})
}

// blobsOf is the folder beside a backup, or a database that is put aside, with the files
// that lie outside of the database.
func blobsOf(file string) string { return file + ".blobs" }

func holdsFiles(folder string, n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s holds the files beside it, %d.\n", folder, n)
}

// write writes the backup. Files are copied before the database and after it, so that
// all are there that it knows of: one that was added meanwhile, and one that went since.
func (b *backupCmd) write(c *console, client *admin.Client) (size int64, files int, err error) {
	part, err := os.MkdirTemp(filepath.Dir(b.File), "."+filepath.Base(b.File)+".part-") // 0700
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(part)) }()
	blobs := filepath.Join(part, "blobs")
	copyBlobs := func() error {
		if b.blobs() == "" {
			return nil
		}
		return blob.Copy(c.ctx, blobs, b.blobs())
	}
	if err := copyBlobs(); err != nil {
		return 0, 0, err
	}
	progress := c.bar()
	err = whole(b.File, func(f *os.File) (err error) {
		size, err = client.Backup(c.ctx, f, func(done, total int64) { progress.at("Bytes", done, total) })
		if err != nil {
			return err
		}
		if err := copyBlobs(); err != nil {
			return err
		}
		if files, err = blob.Count(blobs); err != nil {
			return err
		}
		return replaceFolder(blobsOf(b.File), blobs)
	})
	progress.end()
	return size, files, err
}

// replaceFolder has a folder be another one, or be gone where that is not there.
func replaceFolder(path, by string) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	if err := os.Rename(by, path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
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
	File    string `arg:"" help:"A backup, with the folder .blobs beside it where it has one."`
	Replace bool   `help:"Replace a database that is there, and its files; they stay beside the new ones, their names ending in .replaced."`
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
	files, err := blob.Count(r.blobs())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s holds what was in %s.\n%s", r.Database, r.File, holdsFiles(r.blobs(), files))
	return err
}

// restore copies the backup beside the database and puts it in its place, and its files
// in theirs. What the old database had not yet taken from its log goes aside with it.
func (r *restoreCmd) restore(c *console) error {
	there, err := r.exists()
	if err != nil {
		return err
	}
	files, err := blob.Count(r.blobs())
	if err != nil {
		return err
	}
	if (there || files > 0) && !r.Replace {
		return fmt.Errorf("there is a database, %s, or files of one, %s: --replace puts them aside", r.Database, r.blobs())
	}
	part, err := os.MkdirTemp(r.Data, ".restore-") // 0700
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(part) }()
	blobs := filepath.Join(part, "blobs")
	if err := blob.Copy(c.ctx, blobs, blobsOf(r.File)); err != nil {
		return err
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
		if there || files > 0 {
			if err := replaceFolder(r.blobs()+".replaced", r.blobs()); err != nil {
				return err
			}
		}
		return replaceFolder(r.blobs(), blobs)
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
