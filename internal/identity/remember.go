package identity

import (
	"sync"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// session is what a good token stands for.
type session struct {
	actor     roster.Actor
	expiresAt int64 // µs UTC
	blocked   bool  // the customer is
	token     subject
}

// subject is a row that a session stands on: a token, a session (a family of
// refresh tokens) or a person.
type subject struct {
	noun string
	id   int64
}

func (s *session) standsOn() []subject {
	if s.actor.PersonID == 0 {
		return []subject{s.token}
	}
	return []subject{s.token, {personSubject, s.actor.PersonID}}
}

// The nouns of changes by which a token may come to mean something else.
const (
	tokenSubject   = "token"
	sessionSubject = "session"
	personSubject  = "person"
	clientSubject  = "client"
)

// stands tells which subject a change is about, or that it may be about any; "" is
// none that a session stands on.
func stands(c store.ChangedSubject) (s subject, all bool) {
	switch c.Type {
	case tokenSubject, sessionSubject, personSubject:
		return subject{c.Type, c.SubjectID}, false
	case "user", "customer":
		return subject{personSubject, c.SubjectID}, false
	}
	return subject{}, c.Type == clientSubject
}

// sessions remembers what tokens stand for, by their hash, until a change touches
// what that stands on, on any node. It follows the store.
type sessions struct {
	mu      sync.RWMutex
	tenants map[roster.TenantID]*remembered
}

// remembered are the sessions of one tenant; dropped counts how often something was
// forgotten, so that what was read before that is not remembered after.
type remembered struct {
	dropped int64
	byHash  map[[32]byte]*session
	of      map[subject]map[[32]byte]struct{}
}

// maxRemembered bounds the sessions of one tenant; at the limit all are forgotten.
const maxRemembered = 100_000

// recall returns the session of a token, or nil, and what to remember one by.
func (m *sessions) recall(tenant roster.TenantID, hash [32]byte) (s *session, dropped int64) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if r := m.tenants[tenant]; r != nil {
		return r.byHash[hash], r.dropped
	}
	return nil, 0
}

// remember keeps a session, unless something was forgotten since recall: then what
// it says may be out of date.
func (m *sessions) remember(tenant roster.TenantID, hash [32]byte, s *session, dropped int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.tenant(tenant)
	if r.dropped != dropped {
		return
	}
	if len(r.byHash) >= maxRemembered {
		r.clear()
	}
	r.byHash[hash] = s
	for _, on := range s.standsOn() {
		if r.of[on] == nil {
			r.of[on] = map[[32]byte]struct{}{}
		}
		r.of[on][hash] = struct{}{}
	}
}

// tenant returns what is remembered of a tenant, under the lock.
func (m *sessions) tenant(tenant roster.TenantID) *remembered {
	r := m.tenants[tenant]
	if r == nil {
		r = &remembered{}
		r.clear()
		m.tenants[tenant] = r
	}
	return r
}

func (r *remembered) clear() {
	r.dropped++
	r.byHash, r.of = map[[32]byte]*session{}, map[subject]map[[32]byte]struct{}{}
}

// touch forgets what stands on the subject of a change.
func (m *sessions) touch(tenant roster.TenantID, c store.ChangedSubject) {
	on, all := stands(c)
	if on.noun == "" && !all {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.tenant(tenant)
	if all {
		r.clear()
		return
	}
	r.dropped++
	for hash := range r.of[on] {
		s := r.byHash[hash]
		delete(r.byHash, hash)
		for _, other := range s.standsOn() {
			if other == on {
				continue
			}
			if delete(r.of[other], hash); len(r.of[other]) == 0 {
				delete(r.of, other)
			}
		}
	}
	delete(r.of, on)
}

// Publish implements store.Follower.
func (m *sessions) Publish(c store.Commit) {
	for i := range c.Changes {
		m.touch(c.Tenant, store.ChangedSubject{Type: c.Changes[i].SubjectType, SubjectID: c.Changes[i].SubjectID})
	}
}

// Follow implements store.Follower.
func (m *sessions) Follow(tx *store.Tx, _ store.Head, changed []store.ChangedSubject) error {
	for _, c := range changed {
		m.touch(tx.Tenant(), c)
	}
	return nil
}

// Load implements store.Follower: anything may have changed.
func (m *sessions) Load(tx *store.Tx, _ store.Head) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tenant(tx.Tenant()).clear()
	return nil
}
