package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Writers and readers on two nodes at once: the log has no gap, and each node's
// memory holds every revision, in order, at latest when a read begins.
func TestNodesFollowEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		memories := []*memory{{}}
		nodes := []*store.DB{storetest.Open(t, database, store.Options{Readers: 2}, memories[0])}
		if store.IsPostgres(database) {
			memories = append(memories, &memory{})
			nodes = append(nodes, storetest.Open(t, database, store.Options{Readers: 2}, memories[1]))
		}
		actor := storetest.Tenant(t, nodes[0], "a")
		const writers, each = 6, 25
		var wg sync.WaitGroup
		for n, db := range nodes {
			for w := range writers {
				wg.Go(func() {
					for i := range each {
						id := int64((n*writers+w)*each + i + 1)
						if err := db.Write(t.Context(), actor, emit(id)); err != nil {
							t.Errorf("write: %v", err)
							return
						}
						// Every node must show it from now on.
						on := (n + i) % len(nodes)
						if err := nodes[on].Fresh(t.Context(), actor.Tenant.ID); err != nil {
							t.Errorf("fresh: %v", err)
						}
						if !memories[on].has(id) {
							t.Errorf("thing %d of node %d is acknowledged, and node %d lacks it", id, n, on)
						}
						reads(t, nodes[on], memories[on], actor)
					}
				})
			}
		}
		wg.Wait()
		want := int64(1 + len(nodes)*writers*each)
		for n, db := range nodes {
			if r := revision(t, db, actor); r != want {
				t.Errorf("the log ends at %d, want %d", r, want)
			}
			memories[n].check(t, want)
			if !slices.Equal(memories[n].subjects(), wholeLog(t, db, actor)) {
				t.Errorf("node %d remembers another log", n)
			}
			if p := db.Published(actor.Tenant.ID); p != want {
				t.Errorf("node %d published %d of %d", n, p, want)
			}
			if memories[n].loads > 1 {
				t.Errorf("node %d was built %d times", n, memories[n].loads)
			}
		}
	})
}

// reads checks that memory is at a snapshot's revision or later.
func reads(t *testing.T, db *store.DB, m *memory, actor roster.Actor) {
	err := db.Read(t.Context(), actor.Tenant.ID, func(tx *store.Tx) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.head.Revision < tx.Revision {
			t.Errorf("memory is at %d, the snapshot at %d", m.head.Revision, tx.Revision)
		}
		return nil
	})
	if err != nil {
		t.Errorf("read: %v", err)
	}
}

// More readers than connections, while writes go on: nobody waits for a connection
// that is held by who waits for memory.
func TestReadersDoNotStarve(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		m := &memory{}
		db := storetest.Open(t, database, store.Options{Readers: 1}, m)
		actor := storetest.Tenant(t, db, "a")
		var wg sync.WaitGroup
		for w := range 12 {
			wg.Go(func() {
				for i := range 20 {
					if w < 4 {
						if err := db.Write(t.Context(), actor, emit(int64(w*20+i+1))); err != nil {
							t.Errorf("write: %v", err)
						}
						continue
					}
					reads(t, db, m, actor)
					if err := db.Fresh(t.Context(), actor.Tenant.ID); err != nil {
						t.Errorf("fresh: %v", err)
					}
				}
			})
		}
		wg.Wait()
		m.check(t, 81)
	})
}

// A failover that lost a tail takes revisions back, which may be given anew: the
// node finds out by the hash and builds its memory anew before it answers.
func TestDatabaseWentBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		m := &memory{}
		db := open(t, database, m)
		for _, c := range []struct {
			name  string
			anew  int64 // revisions that another node has made since
			write bool  // the node finds out by a write
		}{{"back", 0, false}, {"back-write", 0, true}, {"same", 3, false}, {"same-write", 3, true}, {"further", 5, false}, {"further-write", 5, true}} {
			actor := storetest.Tenant(t, db, c.name)
			*m = memory{}
			for i := range int64(5) {
				write(t, db, actor, emit(i+1))
			}
			if err := db.Fresh(t.Context(), actor.Tenant.ID); err != nil {
				t.Fatal(err)
			}
			*m = memory{head: m.head, known: m.known}
			want := []int64{1, 2}
			rewind(t, database, actor, 3)
			if c.anew > 0 {
				node := open(t, database)
				for i := range c.anew {
					write(t, node, actor, create(100+i))
					want = append(want, 100+i)
				}
				if err := node.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if c.write {
				write(t, db, actor, emit(50))
				want = append(want, 50)
			} else {
				reads(t, db, m, actor)
			}
			m.check(t, int64(len(want)+1))
			if m.loads != 1 || !slices.Equal(m.subjects(), want) {
				t.Errorf("%s: built %d times, holds %v, want %v", c.name, m.loads, m.subjects(), want)
			}
			revision(t, db, actor)
		}
	})
}

// rewind takes a tenant back to an earlier revision, as a failover may.
func rewind(t *testing.T, database string, actor roster.Actor, to int64) {
	t.Helper()
	raw := storetest.Raw(t, database)
	for _, text := range []string{
		`UPDATE tenants SET revision = $2, head = (SELECT head FROM changes WHERE tenant = $1 AND revision = $2 AND seq = 0),
			changed_at = (SELECT time FROM changes WHERE tenant = $1 AND revision = $2 AND seq = 0) WHERE tenant = $1`,
		`DELETE FROM changes WHERE tenant = $1 AND revision > $2`,
		`DELETE FROM idempotency_keys WHERE tenant = $1 AND revision > $2`,
	} {
		if _, err := raw.ExecContext(t.Context(), text, actor.Tenant.ID, to); err != nil {
			t.Fatal(err)
		}
	}
}

// Memory that fails to take a commit, or to load, is built anew by the next read.
func TestMemoryThatFails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		m := &memory{}
		db := open(t, database, m)
		actor := storetest.Tenant(t, db, "a")
		write(t, db, actor, emit(1))
		m.onTell = func() { panic("a slip") }
		write(t, db, actor, emit(2)) // durable all the same
		m.onTell = nil
		m.onLoad = func() error { return errors.New("no memory left") }
		for range 2 {
			if err := db.Fresh(t.Context(), actor.Tenant.ID); err == nil {
				t.Error("fresh, though memory lacks a commit")
			}
			if err := db.Write(t.Context(), actor, emit(3)); err == nil {
				t.Error("written, though memory cannot follow")
			}
		}
		m.onLoad = nil
		if err := db.Fresh(t.Context(), actor.Tenant.ID); err != nil {
			t.Error(err)
		}
		write(t, db, actor, emit(3))
		m.check(t, 4)
		if !slices.Equal(m.subjects(), []int64{1, 2, 3}) {
			t.Errorf("memory holds %v", m.subjects())
		}
	})
}

// Who waits for memory to be built may give up.
func TestWaitForMemoryEndsWithContext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		m := &memory{}
		db := open(t, database, m)
		actor := storetest.Tenant(t, db, "a")
		building, build := make(chan struct{}), make(chan struct{})
		m.onLoad = func() error { close(building); <-build; return nil }
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := db.Fresh(t.Context(), actor.Tenant.ID); err != nil {
				t.Error(err)
			}
		})
		<-building
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for name, err := range map[string]error{
			"read":  db.Read(ctx, actor.Tenant.ID, func(*store.Tx) error { return nil }),
			"fresh": db.Fresh(ctx, actor.Tenant.ID),
			"write": db.Write(ctx, actor, func(*store.Tx) error { return nil }),
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if db.Published(actor.Tenant.ID) != 1 {
			t.Errorf("published %d", db.Published(actor.Tenant.ID))
		}
		close(build)
		wg.Wait()
	})
}
