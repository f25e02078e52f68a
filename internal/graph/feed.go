package graph

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// LogPlace is a place in the change log: behind a change.
type LogPlace = store.FeedCursor

// LoggedChange is one change of the log.
type LoggedChange = store.LoggedChange

// ChangePage is a page of the change log.
type ChangePage struct {
	Changes []LoggedChange
	// More tells that visible changes may follow.
	More bool
	// Through is the revision up to which every visible change was given.
	Through int64
}

// feedChunk is how many rows of the log are read at a time: most are visible.
const feedChunk = 500

// History returns up to limit changes of a group and of its memberships behind a
// place in the log, those that visible takes.
func (g *Graph) History(ctx context.Context, tenant roster.TenantID, group int64, after LogPlace, limit int, visible func(*LoggedChange) bool) (ChangePage, error) {
	return g.page(ctx, tenant, after, limit, visible, func(tx *store.Tx, after LogPlace, n int) ([]LoggedChange, error) {
		return tx.History(GroupSubject, "membership", group, after, n)
	})
}

// Changes returns up to limit changes of the tenant behind a place in the log,
// those that visible takes.
func (g *Graph) Changes(ctx context.Context, tenant roster.TenantID, after LogPlace, limit int, visible func(*LoggedChange) bool) (ChangePage, error) {
	return g.page(ctx, tenant, after, limit, visible, (*store.Tx).Feed)
}

func (g *Graph) page(ctx context.Context, tenant roster.TenantID, after LogPlace, limit int, visible func(*LoggedChange) bool,
	read func(*store.Tx, LogPlace, int) ([]LoggedChange, error),
) (page ChangePage, err error) {
	err = g.db.Read(ctx, tenant, func(tx *store.Tx) error {
		for {
			chunk, err := read(tx, after, feedChunk)
			if err != nil {
				return err
			}
			for i := range chunk {
				c := &chunk[i]
				after = LogPlace{Revision: c.Revision, Seq: c.Seq}
				if !visible(c) {
					continue
				}
				if len(page.Changes) == limit {
					page.More, page.Through = true, c.Revision-1
					return nil
				}
				page.Changes = append(page.Changes, *c)
			}
			if len(chunk) < feedChunk {
				page.Through = tx.Revision
				return nil
			}
		}
	})
	return page, err
}
