package store_test

import (
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Closing waits for what has begun, and refuses the rest: nobody waits for ever,
// and what was acknowledged is there when the database opens again.
func TestCloseWhileWriting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		m := &memory{}
		db := open(t, database, m)
		actor := storetest.Tenant(t, db, "a")
		var mu sync.Mutex
		acknowledged := 0
		var wg sync.WaitGroup
		enough := make(chan struct{})
		for w := range 16 {
			wg.Go(func() {
				for i := 0; ; i++ {
					err := db.Write(t.Context(), actor, create(int64(w*1_000_000+i)))
					if err == nil {
						err = db.Fresh(t.Context(), actor.Tenant.ID)
						mu.Lock()
						if acknowledged++; acknowledged == 50 {
							close(enough)
						}
						mu.Unlock()
					}
					if err != nil {
						if !roster.IsKind(err, roster.Unavailable) {
							t.Errorf("writer %d: %v", w, err)
						}
						return
					}
				}
			})
		}
		<-enough
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
		for name, err := range map[string]error{
			"write": db.Write(t.Context(), actor, create(1)),
			"read":  db.Read(t.Context(), actor.Tenant.ID, func(*store.Tx) error { return nil }),
			"ping":  db.Ping(t.Context()),
		} {
			if !roster.IsKind(err, roster.Unavailable) {
				t.Errorf("%s after closing: %v", name, err)
			}
		}
		db = open(t, database)
		if n, r := things(t, db, actor), revision(t, db, actor); n < acknowledged || r != int64(1+n) {
			t.Errorf("%d rows at revision %d, %d acknowledged", n, r, acknowledged)
		}
	})
}
