package store

import (
	"context"
	"errors"
	"sync"

	"github.com/rosterhq/roster/internal/roster"
)

// Commit is one revision that this node has made durable.
type Commit struct {
	Tenant  roster.TenantID
	Head    Head
	Effects []any
}

// ChangedSubject names what a revision of another node changed.
type ChangedSubject struct {
	Type                string
	SubjectID, ObjectID int64
}

// Follower keeps in memory what a tenant's rows say. Its methods are called one
// at a time for each tenant, in the order of revisions.
type Follower interface {
	// Publish applies a commit of this node.
	Publish(Commit)
	// Follow applies what other nodes changed, read from a snapshot at head.
	Follow(tx *Tx, head Head, changed []ChangedSubject) error
	// Load builds everything anew from a snapshot at head.
	Load(tx *Tx, head Head) error
}

// publication is how far this node's memory is, for one tenant.
type publication struct {
	mu     sync.Mutex // held while followers work
	loaded bool
	head   Head

	probing sync.Mutex
	current *probe
	next    *probe
}

// AddFollower makes f follow all tenants. Before the first read or write only.
func (db *DB) AddFollower(f Follower) { db.followers = append(db.followers, f) }

// Published is the revision that this node's memory is at.
func (db *DB) Published(tenant roster.TenantID) int64 {
	p := db.publication(tenant)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.head.Revision
}

func (db *DB) publication(tenant roster.TenantID) *publication {
	db.mu.Lock()
	defer db.mu.Unlock()
	p := db.published[tenant]
	if p == nil {
		p = &publication{}
		db.published[tenant] = p
	}
	return p
}

var changedSince = Q("change.subjects_since", `SELECT DISTINCT subject_type, subject_id, object_id FROM changes
		WHERE tenant = $1 AND revision > $2`)

// LoadAll loads every tenant into the followers: the start of a node.
func (db *DB) LoadAll(ctx context.Context) error {
	tenants, err := db.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := db.Read(ctx, t.ID, func(*Tx) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// await brings this node's memory to the head of tx's snapshot, or leaves it
// where it is further already.
func (db *DB) await(tx *Tx, head Head) error {
	p := db.publication(tx.tenant)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loaded && p.head.Revision > head.Revision && db.engine == SQLite {
		return nil
	}
	return db.follow(tx, p, head)
}

// follow brings the followers to tx's snapshot; p.mu is held.
func (db *DB) follow(tx *Tx, p *publication, head Head) error {
	if p.loaded && p.head == head {
		return nil
	}
	same, err := db.continues(tx, p, head)
	if err != nil {
		return err
	}
	switch {
	case same && p.head.Revision >= head.Revision:
		return nil // the snapshot is older than what is in memory
	case same:
		err = db.catchUp(tx, p, head)
	default:
		err = db.load(tx, head)
	}
	p.loaded = err == nil
	if err == nil {
		p.head = head
	}
	return err
}

// continues reports whether the log at head holds what memory was built from. It
// does not after a failover that lost a tail: then everything is built anew.
func (db *DB) continues(tx *Tx, p *publication, head Head) (bool, error) {
	if !p.loaded {
		return false, nil
	}
	if p.head.Revision == 0 {
		return true, nil
	}
	if p.head.Revision > head.Revision {
		return db.olderSnapshot(tx, p, head)
	}
	var hash []byte
	err := tx.Row(changeHead, p.head.Revision).Scan(&hash)
	if errors.Is(err, ErrNoRows) {
		return false, nil
	}
	return err == nil && string(hash) == string(p.head.Hash[:]), err
}

// olderSnapshot tells a snapshot that was taken before the memory's revision from
// a database that went back: only the first one's tenant is ahead by now.
func (db *DB) olderSnapshot(tx *Tx, p *publication, head Head) (bool, error) {
	var now Head
	err := db.snapshot(tx.ctx, tx.tenant, func(fresh *Tx) (err error) {
		now, err = scanHead(fresh.Row(tenantHead))
		return err
	})
	return err == nil && now.Revision >= p.head.Revision && now.Revision > head.Revision, err
}

func (db *DB) catchUp(tx *Tx, p *publication, head Head) error {
	changed, err := All(tx, changedSince, func(s Scanner) (c ChangedSubject, err error) {
		err = s.Scan(&c.Type, &c.SubjectID, &c.ObjectID)
		return c, err
	}, p.head.Revision)
	if err != nil {
		return err
	}
	for _, f := range db.followers {
		if err := f.Follow(tx, head, changed); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) load(tx *Tx, head Head) error {
	for _, f := range db.followers {
		if err := f.Load(tx, head); err != nil {
			return err
		}
	}
	return nil
}

// publish applies the commits of one transaction, in order.
func (db *DB) publish(commits []Commit) {
	for _, c := range commits {
		p := db.publication(c.Tenant)
		p.mu.Lock()
		// A reader may have followed the log past this commit already, and a
		// tenant that nobody has read is loaded when someone does.
		if p.loaded && p.head.Revision < c.Head.Revision {
			for _, f := range db.followers {
				f.Publish(c)
			}
			p.head = c.Head
		}
		p.mu.Unlock()
	}
}

// probe is one question to the database about a tenant's head, shared by all
// requests that came before it was asked.
type probe struct {
	done chan struct{}
	err  error
}

// Fresh returns when this node's memory holds everything that was committed, on
// any node, before the call. On SQLite it always does.
func (db *DB) Fresh(ctx context.Context, tenant roster.TenantID) error {
	if db.engine == SQLite || joined(ctx) != nil {
		return nil
	}
	p := db.publication(tenant)
	p.probing.Lock()
	if p.next == nil {
		p.next = &probe{done: make(chan struct{})}
		if p.current == nil {
			go db.probe(tenant, p)
		}
	}
	mine := p.next
	p.probing.Unlock()
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return classify(db.engine, "tenant.head", ctx.Err())
	}
}

// probe asks as long as somebody waits for an answer.
func (db *DB) probe(tenant roster.TenantID, p *publication) {
	for {
		p.probing.Lock()
		p.current, p.next = p.next, nil
		current := p.current
		p.probing.Unlock()
		if current == nil {
			return
		}
		current.err = db.Read(db.ctx, tenant, func(*Tx) error { return nil })
		close(current.done)
	}
}
