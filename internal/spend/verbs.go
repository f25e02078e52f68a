package spend

import (
	"context"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Filter narrows a list of resources; zero fields do not.
type Filter struct {
	Group  uuid.UUID // that carries it; one that is not there carries nothing
	Status string
}

// takes reports whether the filter takes a resource that has a status.
func takes[T any](f Filter, r *Resource[T], status string) bool {
	if f.Status != "" && f.Status != status {
		return false
	}
	return f.Group == uuid.Nil || r.carriedBy(f.Group)
}

// list reads those that the filter takes, by folded name and UUID. A tenant has few
// policies, budgets and rules, so they are told apart here.
func (k *kind[T]) list(tx *store.Tx, f Filter, status func(*Resource[T]) string) ([]*Resource[T], error) {
	all, err := k.all(tx)
	if err != nil {
		return nil, err
	}
	if err := k.addGroups(tx, all); err != nil {
		return nil, err
	}
	taken := all[:0]
	for _, r := range all {
		if takes(f, r, status(r)) {
			taken = append(taken, r)
		}
	}
	return taken, nil
}

func statusOf[T any](r *Resource[T]) string { return r.Status }

// create, get, update and remove are the verbs that policies and rules have alike.

func create[T any](ctx context.Context, s *Spend, k *kind[T], a roster.Actor, r *Resource[T]) (made *Resource[T], err error) {
	err = s.db.Write(ctx, a, func(tx *store.Tx) error {
		fresh := *r
		made = &fresh
		return k.insert(tx, made)
	})
	return made, err
}

func get[T any](ctx context.Context, s *Spend, k *kind[T], tenant roster.TenantID, id uuid.UUID) (r *Resource[T], err error) {
	err = s.db.Read(ctx, tenant, func(tx *store.Tx) error {
		r, err = k.byUUID(tx, id)
		return err
	})
	return r, err
}

func list[T any](ctx context.Context, s *Spend, k *kind[T], tenant roster.TenantID, f Filter) (all []*Resource[T], err error) {
	err = s.db.Read(ctx, tenant, func(tx *store.Tx) error {
		all, err = k.list(tx, f, statusOf)
		return err
	})
	return all, err
}

func update[T any](ctx context.Context, s *Spend, k *kind[T], a roster.Actor, id uuid.UUID, match graph.Match, edit func(*Resource[T]) error) (r *Resource[T], err error) {
	err = s.db.Write(ctx, a, func(tx *store.Tx) error {
		r, err = k.edit(tx, id, match, edit)
		return err
	})
	return r, err
}

// CreatePolicy makes a policy of name, status and terms. Invalid.
func (s *Spend) CreatePolicy(ctx context.Context, a roster.Actor, p *Policy) (*Policy, error) {
	return create(ctx, s, policies, a, p)
}

// Policy reads a policy. NotFound.
func (s *Spend) Policy(ctx context.Context, tenant roster.TenantID, id uuid.UUID) (*Policy, error) {
	return get(ctx, s, policies, tenant, id)
}

// Policies lists policies by folded name and UUID.
func (s *Spend) Policies(ctx context.Context, tenant roster.TenantID, f Filter) ([]*Policy, error) {
	return list(ctx, s, policies, tenant, f)
}

// UpdatePolicy changes a policy as edit says. NotFound, Precondition, Invalid.
func (s *Spend) UpdatePolicy(ctx context.Context, a roster.Actor, id uuid.UUID, match graph.Match, edit func(*Policy) error) (*Policy, error) {
	return update(ctx, s, policies, a, id, match, edit)
}

// DeletePolicy deletes a policy. NotFound, Precondition.
func (s *Spend) DeletePolicy(ctx context.Context, a roster.Actor, id uuid.UUID, match graph.Match) error {
	return s.db.Write(ctx, a, func(tx *store.Tx) error {
		p, err := policies.matching(tx, id, match)
		if err != nil {
			return err
		}
		return policies.remove(tx, p)
	})
}

// CreateRule makes an approval rule of name, status and terms. Invalid, or Conflict
// with CodeNoApprover or CodeCurrency.
func (s *Spend) CreateRule(ctx context.Context, a roster.Actor, r *Rule) (*Rule, error) {
	return create(ctx, s, rules, a, r)
}

// Rule reads an approval rule. NotFound.
func (s *Spend) Rule(ctx context.Context, tenant roster.TenantID, id uuid.UUID) (*Rule, error) {
	return get(ctx, s, rules, tenant, id)
}

// Rules lists approval rules by folded name and UUID.
func (s *Spend) Rules(ctx context.Context, tenant roster.TenantID, f Filter) ([]*Rule, error) {
	return list(ctx, s, rules, tenant, f)
}

// UpdateRule changes a rule as edit says. NotFound, Precondition, Invalid, Conflict
// with CodeNoApprover or CodeCurrency.
func (s *Spend) UpdateRule(ctx context.Context, a roster.Actor, id uuid.UUID, match graph.Match, edit func(*Rule) error) (*Rule, error) {
	return update(ctx, s, rules, a, id, match, edit)
}

// DeleteRule deletes an approval rule. NotFound, Precondition.
func (s *Spend) DeleteRule(ctx context.Context, a roster.Actor, id uuid.UUID, match graph.Match) error {
	return s.db.Write(ctx, a, func(tx *store.Tx) error {
		r, err := rules.matching(tx, id, match)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(approversForget, r.ID); err != nil {
			return err
		}
		return rules.remove(tx, r)
	})
}
