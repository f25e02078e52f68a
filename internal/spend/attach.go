package spend

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Kind names a kind of resource.
type Kind string

// The kinds of resource.
const (
	PolicyKind Kind = "policy"
	BudgetKind Kind = "budget"
	RuleKind   Kind = "approval_rule"
)

// carried is what groups carry, of any kind.
type carried interface {
	attach(tx *store.Tx, g *graph.Group, id uuid.UUID, match graph.Match) (version int64, err error)
	detach(tx *store.Tx, g *graph.Group, id uuid.UUID, match graph.Match) (version int64, err error)
}

var carriedBy = map[Kind]carried{PolicyKind: policies, BudgetKind: budgets, RuleKind: rules}

var (
	linkInsert = store.Q("resource.attach", `INSERT INTO group_resources (tenant, group_id, kind, resource_id) VALUES ($1, $2, $3, $4)`)
	linkDelete = store.Q("resource.detach", `DELETE FROM group_resources
		WHERE tenant = $1 AND group_id = $2 AND kind = $3 AND resource_id = $4`)
)

// Attach has a group of the organization carry a resource; if it does already,
// nothing changes. It returns the resource's version. NotFound for either, with
// graph.CodeNoGroup for the group; Precondition.
func (s *Spend) Attach(ctx context.Context, a roster.Actor, group int64, what Kind, id uuid.UUID, match graph.Match) (version int64, err error) {
	return s.link(ctx, a, group, func(tx *store.Tx, g *graph.Group) (int64, error) {
		return carriedBy[what].attach(tx, g, id, match)
	})
}

// Detach has a group carry a resource no more; if it did not, nothing changes.
// Otherwise as Attach.
func (s *Spend) Detach(ctx context.Context, a roster.Actor, group int64, what Kind, id uuid.UUID, match graph.Match) (version int64, err error) {
	return s.link(ctx, a, group, func(tx *store.Tx, g *graph.Group) (int64, error) {
		return carriedBy[what].detach(tx, g, id, match)
	})
}

func (s *Spend) link(ctx context.Context, a roster.Actor, group int64, change func(*store.Tx, *graph.Group) (int64, error)) (version int64, err error) {
	err = s.db.Write(ctx, a, func(tx *store.Tx) error {
		g, err := organizationGroup(tx, group)
		if err == nil {
			version, err = change(tx, g)
		}
		return err
	})
	return version, err
}

func (k *kind[T]) attach(tx *store.Tx, g *graph.Group, id uuid.UUID, match graph.Match) (int64, error) {
	r, err := k.matching(tx, id, match)
	if err != nil || r.carriedBy(g.UUID) {
		return r.version(), err
	}
	if _, err := tx.Exec(linkInsert, g.ID, string(k.name), r.ID); err != nil {
		return 0, err
	}
	after := *r
	after.Groups = append(slices.Clone(r.Groups), GroupRef{g.ID, g.UUID})
	sortGroups(after.Groups)
	return tx.Revision, k.save(tx, "attach", r, &after)
}

func (k *kind[T]) detach(tx *store.Tx, g *graph.Group, id uuid.UUID, match graph.Match) (int64, error) {
	r, err := k.matching(tx, id, match)
	if err != nil || !r.carriedBy(g.UUID) {
		return r.version(), err
	}
	after := *r
	return tx.Revision, k.unlink(tx, g.ID, r, &after)
}

// unlink takes a group off a resource, of which after may differ in other points.
func (k *kind[T]) unlink(tx *store.Tx, group int64, before, after *Resource[T]) error {
	if _, err := tx.Exec(linkDelete, group, string(k.name), before.ID); err != nil {
		return err
	}
	after.Groups = slices.DeleteFunc(slices.Clone(before.Groups), func(g GroupRef) bool { return g.ID == group })
	return k.save(tx, "detach", before, after)
}

// carriedBy reports whether a group carries the resource.
func (r *Resource[T]) carriedBy(group uuid.UUID) bool {
	return slices.ContainsFunc(r.Groups, func(g GroupRef) bool { return g.UUID == group })
}

// version is the row's; 0 of none.
func (r *Resource[T]) version() int64 {
	if r == nil {
		return 0
	}
	return r.Revision
}
