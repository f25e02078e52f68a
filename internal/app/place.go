package app

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

// place says where a node's data is. Every command that touches data takes it.
type place struct {
	Data     string `placeholder:"DIR" setting:"" help:"Folder of the data; ./data unless told otherwise."`
	Database string `placeholder:"FILE|URL" setting:"" help:"SQLite file, or postgres://…; DIR/roster.db unless told otherwise."`

	key *secretFlags // of a command that needs the secret key where no server runs
}

// resolve fills in what was left out.
func (p *place) resolve() error {
	switch {
	case p.Database == "":
		if p.Data == "" {
			p.Data = "data"
		}
		p.Database = filepath.Join(p.Data, "roster.db")
	case store.IsPostgres(p.Database):
		if p.Data == "" {
			p.Data = "data"
		}
	case p.Data == "":
		p.Data = filepath.Dir(p.Database)
	case filepath.Clean(p.Data) != filepath.Dir(p.Database):
		return usagef("--database names a SQLite file outside of --data: give one of them")
	}
	return nil
}

// secretKey is the key of a command's own node; nil for a command that needs none.
func (p *place) secretKey(c *console, db *store.DB) (*seal.Key, error) {
	if p.key == nil {
		return nil, nil
	}
	return seal.Load(c.ctx, db, p.key.source(c, p.Data), c.log(slog.LevelError, false))
}

func (p *place) postgres() bool { return store.IsPostgres(p.Database) }

// blobs is the folder of files; "" where they lie in the database.
func (p *place) blobs() string {
	if p.postgres() {
		return ""
	}
	return filepath.Join(p.Data, "blobs")
}

// folder makes the data folder, for its owner's eyes alone. One that is there and
// open to others is closed to them if it is Roster's own; any other is refused,
// since what else lies in it may be meant for others.
func (p *place) folder() error {
	if err := os.MkdirAll(p.Data, 0o700); err != nil {
		return fmt.Errorf("the data folder: %w", err)
	}
	info, err := os.Stat(p.Data)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	own, err := p.own(info)
	if err != nil {
		return err
	}
	if !own {
		return fmt.Errorf("%s is open to others and holds other files: give a folder of its own, by --data", p.Data)
	}
	if err := os.Chmod(p.Data, 0o700); err != nil { //nolint:gosec // a folder needs its x
		return fmt.Errorf("others may read the data folder, and it can't be closed to them: %w", err)
	}
	return nil
}

// own reports whether the data folder is empty or was Roster's before. One in
// which everybody may write is nobody's.
func (p *place) own(info os.FileInfo) (bool, error) {
	if info.Mode()&os.ModeSticky != 0 {
		return false, nil
	}
	entries, err := os.ReadDir(p.Data)
	for _, e := range entries {
		if e.Name() == lockName {
			return true, err
		}
	}
	return len(entries) == 0, err
}

// exists reports whether there is a database to work on.
func (p *place) exists() (bool, error) {
	if p.postgres() {
		return true, nil
	}
	_, err := os.Stat(p.Database)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
