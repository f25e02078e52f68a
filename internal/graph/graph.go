package graph

import (
	"context"
	"sync"

	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Graph answers what the tenants' graphs say. It follows the database that it was
// made with.
type Graph struct {
	db *store.DB

	mu      sync.RWMutex
	indexes map[roster.TenantID]*index.Index
}

// New makes the graph of db's tenants and lets it follow db.
func New(db *store.DB) *Graph {
	g := &Graph{db: db, indexes: map[roster.TenantID]*index.Index{}}
	db.AddFollower(follower{g})
	return g
}

func (g *Graph) index(tenant roster.TenantID) *index.Index {
	g.mu.RLock()
	x := g.indexes[tenant]
	g.mu.RUnlock()
	if x != nil {
		return x
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.indexes[tenant] == nil {
		g.indexes[tenant] = index.New()
	}
	return g.indexes[tenant]
}

// View calls fn with the tenant's graph as it is now. fn calls nothing that waits.
func (g *Graph) View(tenant roster.TenantID, fn func(*index.View)) {
	g.index(tenant).View(g.db.Now(), fn)
}

// Scope says what of the graph a question is about, and at which instant.
type Scope struct {
	// AsOf is an instant in the past, µs UTC; 0 for now.
	AsOf int64
	// Below are the groups whose members, at any depth, are asked for.
	Below []int64
	// Above are the people whose groups, at any height, are asked for.
	Above []int64
	// Around are the groups whose parents are asked for.
	Around []int64
}

// Read calls fn with what the scope is about: of the present from memory, of the
// past from the rows that were live then. An instant later than the tenant's last
// change reads the present.
func (g *Graph) Read(ctx context.Context, tenant roster.TenantID, s Scope, fn func(*index.View)) error {
	if s.AsOf == 0 {
		g.View(tenant, fn)
		return nil
	}
	return g.db.Read(ctx, tenant, func(tx *store.Tx) error {
		p := past{tx: tx, at: min(s.AsOf, tx.Now)}
		if err := p.below(s.Below); err != nil {
			return err
		}
		if err := p.above(s.Above); err != nil {
			return err
		}
		if err := p.around(s.Around); err != nil {
			return err
		}
		p.view(fn)
		return nil
	})
}

// CountedGroup is a group with its number of effective people.
type CountedGroup struct {
	*Group
	Members int
}

// Groups lists up to limit groups behind a place in the order of creation, and
// whether more follow.
func (g *Graph) Groups(ctx context.Context, tenant roster.TenantID, asOf int64, f index.Filter, after index.Cursor, limit int) (page []CountedGroup, more bool, err error) {
	collect := func(v *index.View) {
		groups := v.Groups(f, after, limit+1)
		if more = len(groups) > limit; more {
			groups = groups[:limit]
		}
		page = make([]CountedGroup, len(groups))
		for i, group := range groups {
			page[i] = CountedGroup{group, v.Count(group.ID)}
		}
	}
	if asOf == 0 {
		g.View(tenant, collect)
		return page, more, nil
	}
	err = g.db.Read(ctx, tenant, func(tx *store.Tx) error {
		p := past{tx: tx, at: min(asOf, tx.Now)}
		if err := p.headers(); err != nil {
			return err
		}
		p.view(collect)
		ids := make([]int64, len(page))
		for i := range page {
			ids[i] = page[i].ID
		}
		if err := p.below(ids); err != nil {
			return err
		}
		p.view(collect)
		return nil
	})
	return page, more, err
}
