package identity

import (
	"sync"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Identity knows the tenants' tokens and people.
type Identity struct {
	db       *store.DB
	failures failures // of sign-ins

	mu        sync.RWMutex
	forgotten int64 // how often
	tokens    map[roster.TenantID]map[[32]byte]*session
}

// New makes the identity of db's tenants and lets it follow db.
func New(db *store.DB) *Identity {
	i := &Identity{db: db, tokens: map[roster.TenantID]map[[32]byte]*session{}}
	db.AddFollower(follower{i})
	return i
}

// accessChanged is the effect of a write after which a token may mean something else.
type accessChanged struct{}

// follower forgets what tokens mean when that may have changed.
type follower struct{ i *Identity }

// Publish forgets after a commit of this node.
func (f follower) Publish(c store.Commit) {
	for _, e := range c.Effects {
		if _, ok := e.(accessChanged); ok {
			f.i.forget(c.Tenant)
			return
		}
	}
}

// Follow forgets after commits of other nodes.
func (f follower) Follow(tx *store.Tx, _ store.Head, changed []store.ChangedSubject) error {
	for _, c := range changed {
		switch c.Type {
		case "token", "user", "person":
			f.i.forget(tx.Tenant())
			return nil
		}
	}
	return nil
}

// Load forgets, since anything may have changed.
func (f follower) Load(tx *store.Tx, _ store.Head) error {
	f.i.forget(tx.Tenant())
	return nil
}

func (i *Identity) forget(tenant roster.TenantID) {
	i.mu.Lock()
	i.forgotten++
	delete(i.tokens, tenant)
	i.mu.Unlock()
}
