package store

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/rosterhq/roster/internal/roster"
)

// Commit is one revision that this node has made durable.
type Commit struct {
	Tenant  roster.TenantID
	Head    Head
	Effects []any
	Changes []roster.Change
}

// ChangedSubject names what a revision of another node changed.
type ChangedSubject struct {
	Type                string
	SubjectID, ObjectID int64
}

// Follower keeps in memory what a tenant's rows say. Its methods are called one
// at a time for each tenant, in the order of revisions. They query through their
// tx alone: a Read or a Write of the DB would wait for them for ever.
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
	held chan struct{} // holds a token while followers work or mark is read
	mark

	loaded   atomic.Bool  // whether memory is what mark says
	revision atomic.Int64 // mark's, for those who do not wait

	probing sync.Mutex
	current *probe
	next    *probe
}

// mark is where memory stands; not loaded, where it must stand at least.
type mark struct {
	head  Head
	loads int // how often it was built anew
}

// lock waits until no follower works.
func (p *publication) lock(ctx context.Context) error {
	select {
	case p.held <- struct{}{}:
		return nil
	default:
	}
	select {
	case p.held <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *publication) unlock() { <-p.held }

// AddFollower makes f follow all tenants. Before the first read or write only.
func (db *DB) AddFollower(f Follower) { db.followers = append(db.followers, f) }

// Published is the revision that this node's memory is at.
func (db *DB) Published(tenant roster.TenantID) int64 {
	return db.publication(tenant).revision.Load()
}

func (db *DB) publication(tenant roster.TenantID) *publication {
	db.mu.Lock()
	defer db.mu.Unlock()
	p := db.published[tenant]
	if p == nil {
		p = &publication{held: make(chan struct{}, 1)}
		db.published[tenant] = p
	}
	return p
}

var changedSince = Q("change.subjects_since", `SELECT DISTINCT subject_type, subject_id, object_id FROM changes
		WHERE tenant = $1 AND revision > $2 AND operation NOT LIKE '%.read'`)

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

// errOld refuses a snapshot that memory cannot be built from, since this node has
// seen later commits.
var errOld = errors.New("store: the snapshot is older than memory")

// follow brings the followers to tx's snapshot, or leaves them where they are
// further already; p is locked. since is where memory stood before the snapshot
// was taken: what memory has seen since then, the snapshot may lack. A snapshot
// that lacks what memory held before it shows a database that went back.
func (db *DB) follow(tx *Tx, p *publication, since mark, head Head) error {
	loaded := p.loaded.Load()
	older := p.head.Revision > head.Revision && (since.loads != p.loads || since.head.Revision <= head.Revision)
	switch {
	case loaded && (older || p.head == head):
		return nil
	case older:
		return errOld
	}
	same, err := p.leadsTo(tx, head)
	switch {
	case err != nil:
		return err
	case same:
		err = db.catchUp(tx, p.head, head)
	default:
		p.loads++
		err = db.tellFollowers(func(f Follower) error { return f.Load(tx, head) })
	}
	p.loaded.Store(err == nil)
	if err == nil {
		p.moved(head)
	}
	return err
}

func (p *publication) moved(head Head) {
	p.head = head
	p.revision.Store(head.Revision)
}

// leadsTo reports whether the log that ends at head holds what memory was built
// from. It does not after a failover that lost a tail.
func (p *publication) leadsTo(tx *Tx, head Head) (bool, error) {
	if !p.loaded.Load() || p.head.Revision > head.Revision {
		return false, nil
	}
	if p.head.Revision == 0 {
		return true, nil
	}
	var hash []byte
	err := tx.Row(changeHead, p.head.Revision).Scan(&hash)
	if errors.Is(err, ErrNoRows) {
		return false, nil
	}
	return bytes.Equal(hash, p.head.Hash[:]), err
}

func (db *DB) catchUp(tx *Tx, from, head Head) error {
	changed, err := All(tx, changedSince, func(s Scanner) (c ChangedSubject, err error) {
		err = s.Scan(&c.Type, &c.SubjectID, &c.ObjectID)
		return c, err
	}, from.Revision)
	if err != nil {
		return err
	}
	return db.tellFollowers(func(f Follower) error { return f.Follow(tx, head, changed) })
}

// publish applies the commits of one transaction, in order.
func (db *DB) publish(commits []Commit) {
	for _, c := range commits {
		p := db.publication(c.Tenant)
		_ = p.lock(context.Background())
		// A reader may have followed the log past this commit already.
		if p.head.Revision < c.Head.Revision {
			next := p.head.Revision+1 == c.Head.Revision
			p.loaded.Store(p.loaded.Load() && next && db.takes(c))
			p.moved(c.Head)
		}
		p.unlock()
	}
}

// takes reports whether the followers took a commit. Where one did not,
// memory is built anew by the next read.
func (db *DB) takes(c Commit) bool {
	err := db.tellFollowers(func(f Follower) error { f.Publish(c); return nil })
	if err != nil {
		db.log.Error("memory does not take a commit", "tenant", c.Tenant, "revision", c.Head.Revision, "err", err)
	}
	return err == nil
}

// tellFollowers turns a follower's panic into an error, so that it can't end a
// committer.
func (db *DB) tellFollowers(tell func(Follower) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	for _, f := range db.followers {
		if err := tell(f); err != nil {
			return err
		}
	}
	return nil
}
