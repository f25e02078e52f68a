package blob

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Copy copies a Store's folder, sealed as its files are, into another one, which it
// makes for its owner's eyes alone. What is there already stays: a file never changes.
// A folder that is not there has no files, and no copy. Once Copy returns the copy
// outlives a crash.
func Copy(ctx context.Context, to, from string) error {
	tenants, err := os.ReadDir(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, tenant := range tenants {
		if tenant.IsDir() {
			if err := copyFolder(ctx, filepath.Join(to, tenant.Name()), filepath.Join(from, tenant.Name())); err != nil {
				return err
			}
		}
	}
	return syncFolder(to)
}

// copyFolder copies what has a name that a Store gives: no file that is half there.
func copyFolder(ctx context.Context, to, from string) error {
	listed, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, file := range listed {
		if err := ctx.Err(); err != nil {
			return err
		}
		if checkName(file.Name()) != nil {
			continue
		}
		err := copyFile(filepath.Join(to, file.Name()), filepath.Join(from, file.Name()))
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, os.ErrExist) { // it was swept away, or is there
			return err
		}
	}
	return syncFolder(to)
}

func copyFile(to, from string) (err error) {
	in, err := os.Open(from) //nolint:gosec // a name of ours, in a folder that the operator names
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // so
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

// Count counts the files in a Store's folder, or in a copy of it.
func Count(folder string) (n int, err error) {
	tenants, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	for _, tenant := range tenants {
		listed, err := os.ReadDir(filepath.Join(folder, tenant.Name()))
		if err != nil {
			return 0, err
		}
		for _, file := range listed {
			if checkName(file.Name()) == nil {
				n++
			}
		}
	}
	return n, err
}
