package graph

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var groupByUUIDPast = store.Q("group.by_uuid_past", `SELECT `+groupColumns+` FROM subjects s
	JOIN groups g ON g.tenant = s.tenant AND g.id = s.id AND g.recorded_from <= $3 AND g.recorded_to > $3
	WHERE s.tenant = $1 AND s.uuid = $2`)

// ByUUID finds a group of one kind, now or at an instant (µs UTC; 0 for now).
// NotFound with CodeNoGroup.
func (g *Graph) ByUUID(ctx context.Context, tenant roster.TenantID, kind string, id uuid.UUID, asOf int64) (found *Group, err error) {
	if asOf == 0 {
		g.View(tenant, func(v *index.View) { found = v.GroupByUUID(id) })
	} else {
		err = g.db.Read(ctx, tenant, func(tx *store.Tx) error {
			past, err := scanGroup(tx.Row(groupByUUIDPast, id[:], min(asOf, tx.Now)))
			found = &past
			return err
		})
	}
	if errors.Is(err, store.ErrNoRows) || err == nil && (found == nil || found.Kind != kind) {
		return nil, errNoGroup()
	}
	return found, err
}

// ByName lists the groups of one kind by folded name and UUID, now or at an
// instant (µs UTC; 0 for now). The slice is shared and stays as it is.
func (g *Graph) ByName(ctx context.Context, tenant roster.TenantID, kind string, asOf int64) (all []*Group, err error) {
	if asOf == 0 {
		g.View(tenant, func(v *index.View) { all = v.GroupsByName(kind) })
		return all, nil
	}
	err = g.db.Read(ctx, tenant, func(tx *store.Tx) error {
		p := past{tx: tx, at: min(asOf, tx.Now)}
		if err := p.headers(); err != nil {
			return err
		}
		p.view(func(v *index.View) { all = slices.Clip(v.GroupsByName(kind)) })
		return nil
	})
	return all, err
}
