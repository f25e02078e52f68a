// Package blob keeps files, sealed: in a folder of the data directory, or, where the
// database is shared by nodes, in the database. Names are UUIDs that the caller drew,
// never anything that came from outside.
package blob

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

// ErrNone is the error of a file that is not there.
var ErrNone = errors.New("blob: there is no such file")

// Store keeps files. It is safe for concurrent use.
type Store struct {
	key   *seal.Key
	shelf shelf
}

// shelf is where sealed bytes lie.
type shelf interface {
	put(ctx context.Context, tenant roster.TenantID, name string, sealed []byte) error
	get(ctx context.Context, tenant roster.TenantID, name string) ([]byte, error)
	remove(ctx context.Context, tenant roster.TenantID, names []string) error
	list(ctx context.Context, tenant roster.TenantID) ([]entry, error)
}

// entry is a file that lies on a shelf.
type entry struct {
	name string
	at   time.Time // when it was put there
}

// New makes a Store that seals by key, in a folder; in the database where folder is "".
func New(db *store.DB, key *seal.Key, folder string) *Store {
	if folder == "" {
		return &Store{key, rows{db}}
	}
	return &Store{key, files{folder}}
}

func sealedFor(tenant roster.TenantID, name string) seal.Context {
	return seal.Context{Tenant: tenant, Purpose: "blob." + name}
}

func checkName(name string) error {
	if id, err := uuid.Parse(name); err != nil || id.String() != name {
		return errors.New("blob: a name is a UUID")
	}
	return nil
}

// Put keeps content under a name. Once it returns the file outlives a crash.
func (s *Store) Put(ctx context.Context, tenant roster.TenantID, name string, content []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	return s.shelf.put(ctx, tenant, name, s.key.Seal(content, sealedFor(tenant, name)))
}

// Get reads a file. ErrNone.
func (s *Store) Get(ctx context.Context, tenant roster.TenantID, name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	sealed, err := s.shelf.get(ctx, tenant, name)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, store.ErrNoRows) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	return s.key.Open(sealed, sealedFor(tenant, name))
}

// Remove removes files. One that is not there is gone already.
func (s *Store) Remove(ctx context.Context, tenant roster.TenantID, names ...string) error {
	for _, name := range names {
		if err := checkName(name); err != nil {
			return err
		}
	}
	return s.shelf.remove(ctx, tenant, names)
}

// Fate is what a Sweep does to a file.
type Fate int

// The fates. A file of which nobody knows is on its way in, or was left by a crash: it
// goes once it is old.
const (
	Unknown Fate = iota
	Keep
	Drop
)

// leftAfter is when a file of which nobody knows was left by a crash.
const leftAfter = time.Hour

// Sweep removes what is to go, as fates says of the names.
func (s *Store) Sweep(ctx context.Context, tenant roster.TenantID, now time.Time, fates func(names []string) (map[string]Fate, error)) error {
	all, err := s.shelf.list(ctx, tenant)
	if err != nil || len(all) == 0 {
		return err
	}
	names := make([]string, len(all))
	for i, e := range all {
		names[i] = e.name
	}
	fate, err := fates(names)
	if err != nil {
		return err
	}
	var gone []string
	for _, e := range all {
		if fate[e.name] == Drop || fate[e.name] == Unknown && now.Sub(e.at) > leftAfter {
			gone = append(gone, e.name)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return s.shelf.remove(ctx, tenant, gone)
}
