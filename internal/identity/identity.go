package identity

import (
	"sync"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

// Identity knows the tenants' tokens and people.
type Identity struct {
	db       *store.DB
	key      *seal.Key // nil without WithKey
	failures failures  // of sign-ins
	sessions sessions
	rings    *store.Memo[struct{}, *keyRing]
	powers   KnownPowers
	headers  sync.Map // of JWTs that tenants sign, to the tenant's name
}

// Option is something that an Identity may be given.
type Option func(*Identity)

// WithKey gives the server's secret key, without which nobody signs in to mobility.
func WithKey(key *seal.Key) Option { return func(i *Identity) { i.key = key } }

// New makes the identity of db's tenants and lets it follow db.
func New(db *store.DB, options ...Option) *Identity {
	i := &Identity{db: db, sessions: sessions{tenants: map[roster.TenantID]*remembered{}}}
	for _, option := range options {
		option(i)
	}
	i.rings = store.NewMemo[struct{}, *keyRing](db, func(c store.ChangedSubject) ([]struct{}, bool) {
		return nil, c.Type == signingKeySubject
	})
	i.powers = NewKnownPowers(db)
	db.AddFollower(&i.sessions)
	return i
}
