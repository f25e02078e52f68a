package blob

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rosterhq/roster/internal/roster"
)

// files is a folder, with one in it for each tenant.
type files struct{ folder string }

func (f files) of(tenant roster.TenantID) string {
	return filepath.Join(f.folder, strconv.FormatInt(int64(tenant), 10))
}

// put writes beside the name first, so that what has the name is whole.
func (f files) put(_ context.Context, tenant roster.TenantID, name string, sealed []byte) (err error) {
	folder := f.of(tenant)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, ".new-")
	if err != nil {
		return err
	}
	_, err = file.Write(sealed)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(folder, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncFolder(folder)
}

// syncFolder has a folder's names outlive a crash. Where folders can't be synced, they
// need not be.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

func (f files) get(_ context.Context, tenant roster.TenantID, name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(f.of(tenant), name))
}

func (f files) remove(_ context.Context, tenant roster.TenantID, names []string) error {
	for _, name := range names {
		if err := os.Remove(filepath.Join(f.of(tenant), name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (f files) list(_ context.Context, tenant roster.TenantID) (all []entry, err error) {
	listed, err := os.ReadDir(f.of(tenant))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	for _, file := range listed {
		info, err := file.Info()
		if errors.Is(err, os.ErrNotExist) {
			continue // another sweep was faster
		}
		if err != nil {
			return nil, err
		}
		all = append(all, entry{file.Name(), info.ModTime()})
	}
	return all, err
}
