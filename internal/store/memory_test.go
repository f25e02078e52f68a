package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// memory is a follower that keeps the subjects of the log of one tenant, and
// checks that it is told of every revision, in order and once.
type memory struct {
	mu     sync.Mutex
	head   store.Head
	known  []int64 // subjects of things, in the order of revisions
	loads  int
	faults []string
	onLoad func() error
	onTell func() // before a commit is published
}

func (m *memory) Publish(c store.Commit) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.onTell != nil {
		m.onTell()
	}
	if c.Head.Revision != m.head.Revision+1 {
		m.fault("revision %d is published at %d", c.Head.Revision, m.head.Revision)
	}
	for _, e := range c.Effects {
		m.known = append(m.known, e.(int64))
	}
	m.head = c.Head
}

func (m *memory) Follow(tx *store.Tx, head store.Head, changed []store.ChangedSubject) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if head.Revision <= m.head.Revision {
		m.fault("it follows to revision %d at %d", head.Revision, m.head.Revision)
	}
	rows, err := tx.Feed(store.FeedCursor{Revision: m.head.Revision, Seq: 1 << 30}, 1<<20)
	if err != nil {
		return err
	}
	told := map[int64]bool{}
	for _, c := range changed {
		told[c.SubjectID] = true
	}
	for _, row := range rows {
		if !told[row.SubjectID] {
			m.fault("it is not told of %d", row.SubjectID)
		}
	}
	m.take(rows)
	m.head = head
	return nil
}

func (m *memory) Load(tx *store.Tx, head store.Head) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loads++
	if m.onLoad != nil {
		if err := m.onLoad(); err != nil {
			return err
		}
	}
	if tx.Tenant() == 0 {
		m.fault("no tenant is loaded")
	}
	rows, err := tx.Feed(store.FeedCursor{}, 1<<20)
	m.known = nil
	m.take(rows)
	m.head = head
	return err
}

func (m *memory) take(rows []store.LoggedChange) {
	for _, row := range rows {
		if row.SubjectType == "thing" {
			m.known = append(m.known, row.SubjectID)
		}
	}
}

func (m *memory) fault(format string, args ...any) {
	m.faults = append(m.faults, fmt.Sprintf(format, args...))
}

func (m *memory) subjects() []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]int64(nil), m.known...)
}

// has reports whether memory knows a thing.
func (m *memory) has(id int64) bool {
	for _, known := range m.subjects() {
		if known == id {
			return true
		}
	}
	return false
}

// check compares memory with the log's end.
func (m *memory) check(t testing.TB, revision int64) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.faults {
		t.Error(f)
	}
	if m.head.Revision != revision {
		t.Errorf("memory is at revision %d, want %d", m.head.Revision, revision)
	}
}

// emit is create, with the effect that memory applies.
func emit(id int64) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		tx.Emit(id)
		return create(id)(tx)
	}
}

// wholeLog reads the subjects of a tenant's things from the log.
func wholeLog(t testing.TB, db *store.DB, actor roster.Actor) []int64 {
	t.Helper()
	m := &memory{}
	err := db.Read(t.Context(), actor.Tenant.ID, func(tx *store.Tx) error { return m.Load(tx, store.Head{}) })
	if err != nil {
		t.Fatal(err)
	}
	return m.known
}
