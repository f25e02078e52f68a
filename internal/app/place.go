package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rosterhq/roster/internal/store"
)

// place says where a node's data is. Every command that touches data takes it.
type place struct {
	Data     string `placeholder:"DIR" setting:"" help:"Folder of the data; ./data unless told otherwise."`
	Database string `placeholder:"FILE|URL" setting:"" help:"SQLite file, or postgres://…; DIR/roster.db unless told otherwise."`
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

func (p *place) postgres() bool { return store.IsPostgres(p.Database) }

// folder makes the data folder, for its owner's eyes alone.
func (p *place) folder() error {
	if err := os.MkdirAll(p.Data, 0o700); err != nil {
		return fmt.Errorf("the data folder: %w", err)
	}
	info, err := os.Stat(p.Data)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := os.Chmod(p.Data, 0o700); err != nil { //nolint:gosec // a folder needs its x
		return fmt.Errorf("others may read the data folder, and it can't be closed to them: %w", err)
	}
	return nil
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
