package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// errLocked says that another process works on the data folder.
var errLocked = errors.New("another roster works on this data folder")

const lockName = "roster.lock"

// lock takes the data folder's lock, or returns errLocked. What it returns lets go
// of it; so does the end of the process, whatever ended it.
func lock(folder string) (func(), error) {
	f, err := os.OpenFile(filepath.Join(folder, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the lock of the data folder: %w", err)
	}
	if err := lockFile(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
