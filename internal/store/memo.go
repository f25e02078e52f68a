package store

import (
	"context"
	"slices"
	"sync"

	"github.com/rosterhq/roster/internal/roster"
)

// Memo remembers values that were read of tenants, by key, until a change touches
// them on any node. It is exact: a value is never older than what memory is at.
type Memo[K comparable, V any] struct {
	db *DB
	// touches tells which keys a change makes stale, or that it makes all stale.
	touches func(ChangedSubject) (keys []K, all bool)

	mu      sync.RWMutex
	tenants map[roster.TenantID]*memory[K, V]
}

// memory is what is remembered of one tenant; dropped counts how often something
// was forgotten, so that what was read before that is not remembered after.
type memory[K comparable, V any] struct {
	dropped int64
	values  map[K]V
}

// memoLimit bounds the values of one tenant; at the limit all are forgotten.
const memoLimit = 100_000

// NewMemo makes a memo that follows db: before the first read or write only.
// touches is called for every change, so it is quick and calls nothing that waits.
func NewMemo[K comparable, V any](db *DB, touches func(ChangedSubject) (keys []K, all bool)) *Memo[K, V] {
	m := &Memo[K, V]{db: db, touches: touches, tenants: map[roster.TenantID]*memory[K, V]{}}
	db.AddFollower(memoFollower[K, V]{m})
	return m
}

// Get returns the value of a key, as read gives it, from memory where it is there.
// The value is shared: nobody changes it. In a write or a plan it is always read.
func (m *Memo[K, V]) Get(ctx context.Context, tenant roster.TenantID, key K, read func(*Tx) (V, error)) (value V, err error) {
	if tx, err := joined(ctx, tenant); tx != nil || err != nil {
		if err != nil {
			return value, err
		}
		return read(tx)
	}
	value, dropped, ok := m.recall(tenant, key)
	if ok {
		return value, nil
	}
	err = m.db.Read(ctx, tenant, func(tx *Tx) error {
		value, err = read(tx)
		return err
	})
	if err == nil {
		m.remember(tenant, key, value, dropped)
	}
	return value, err
}

// In is Get for who is in a transaction already. In a write the value holds what was
// committed before, which nobody else can change meanwhile, from memory where it is
// there; where this write, or one that shares its transaction, has recorded a change
// that touches it, it is read. So a write records what it changes before it asks.
func (m *Memo[K, V]) In(tx *Tx, key K, read func(*Tx) (V, error)) (value V, err error) {
	if !tx.write || m.changedIn(tx, key) {
		return read(tx)
	}
	value, dropped, ok := m.recall(tx.tenant, key)
	if ok {
		return value, nil
	}
	pristine := !tx.touched
	if value, err = read(tx); err == nil && pristine {
		m.remember(tx.tenant, key, value, dropped)
	}
	return value, err
}

// changedIn reports whether a change that is not committed yet touches a key.
func (m *Memo[K, V]) changedIn(tx *Tx, key K) bool {
	touched := func(changes []roster.Change) bool {
		for i := range changes {
			keys, all := m.touches(changedSubject(&changes[i]))
			if all || slices.Contains(keys, key) {
				return true
			}
		}
		return false
	}
	for i := range tx.before {
		if c := &tx.before[i]; c.Tenant == tx.tenant && touched(c.Changes) {
			return true
		}
	}
	return touched(tx.changes)
}

func changedSubject(c *roster.Change) ChangedSubject {
	return ChangedSubject{c.SubjectType, c.SubjectID, c.ObjectID}
}

func (m *Memo[K, V]) recall(tenant roster.TenantID, key K) (value V, dropped int64, ok bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	t := m.tenants[tenant]
	if t == nil {
		return value, 0, false
	}
	value, ok = t.values[key]
	return value, t.dropped, ok
}

// remember keeps a value, unless something was forgotten since it was asked for.
func (m *Memo[K, V]) remember(tenant roster.TenantID, key K, value V, dropped int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.of(tenant)
	if t.dropped != dropped {
		return
	}
	if len(t.values) >= memoLimit {
		clear(t.values)
	}
	t.values[key] = value
}

// of returns a tenant's memory, under the lock.
func (m *Memo[K, V]) of(tenant roster.TenantID) *memory[K, V] {
	t := m.tenants[tenant]
	if t == nil {
		t = &memory[K, V]{values: map[K]V{}}
		m.tenants[tenant] = t
	}
	return t
}

// forget drops what a change touches.
func (m *Memo[K, V]) forget(tenant roster.TenantID, c ChangedSubject) {
	keys, all := m.touches(c)
	if len(keys) == 0 && !all {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.of(tenant)
	t.dropped++
	if all {
		clear(t.values)
	}
	for _, key := range keys {
		delete(t.values, key)
	}
}

type memoFollower[K comparable, V any] struct{ m *Memo[K, V] }

// Publish implements Follower.
func (f memoFollower[K, V]) Publish(c Commit) {
	for i := range c.Changes {
		f.m.forget(c.Tenant, changedSubject(&c.Changes[i]))
	}
}

// Follow implements Follower.
func (f memoFollower[K, V]) Follow(tx *Tx, _ Head, changed []ChangedSubject) error {
	for _, c := range changed {
		f.m.forget(tx.tenant, c)
	}
	return nil
}

// Load implements Follower.
func (f memoFollower[K, V]) Load(tx *Tx, _ Head) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	t := f.m.of(tx.tenant)
	t.dropped++
	clear(t.values)
	return nil
}
