package spend

import (
	"context"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CreateBudget makes a budget and fills in what the server decides. Invalid, or
// Conflict with CodeNoUser for an owner that is none.
func (s *Spend) CreateBudget(ctx context.Context, a roster.Actor, b *Budget) (u *BudgetUsage, err error) {
	err = s.db.Write(ctx, a, func(tx *store.Tx) error {
		made := *b
		if err := budgets.insert(tx, &made); err != nil {
			return err
		}
		u, err = usage(tx, &made)
		return err
	})
	return u, err
}

// Budget reads a budget and how it stands. NotFound.
func (s *Spend) Budget(ctx context.Context, tenant roster.TenantID, id uuid.UUID) (u *BudgetUsage, err error) {
	err = s.db.Read(ctx, tenant, func(tx *store.Tx) error {
		b, err := budgets.byUUID(tx, id)
		if err != nil {
			return err
		}
		u, err = usage(tx, b)
		return err
	})
	return u, err
}

// UpdateBudget changes a budget as edit says. NotFound, Precondition, Invalid,
// Conflict with CodeCurrency (there is spend) or CodeNoUser.
func (s *Spend) UpdateBudget(ctx context.Context, a roster.Actor, id uuid.UUID, match graph.Match, edit func(*Budget) error) (u *BudgetUsage, err error) {
	err = s.db.Write(ctx, a, func(tx *store.Tx) error {
		b, err := budgets.edit(tx, id, match, edit)
		if err != nil {
			return err
		}
		u, err = usage(tx, b)
		return err
	})
	return u, err
}

// DeleteBudget deletes a budget, or archives one from which something was spent.
// NotFound, Precondition.
func (s *Spend) DeleteBudget(ctx context.Context, a roster.Actor, id uuid.UUID, match graph.Match) error {
	return s.db.Write(ctx, a, func(tx *store.Tx) error {
		b, err := budgets.matching(tx, id, match)
		if err != nil {
			return err
		}
		spent, err := tx.Exists(entryAny, b.ID)
		if err != nil {
			return err
		}
		if !spent {
			return budgets.remove(tx, b)
		}
		_, err = budgets.edit(tx, id, nil, func(b *Budget) error {
			b.Status = Archived
			return nil
		})
		return err
	})
}

// Budgets lists budgets by folded name and UUID, and how they stand: those of the
// filter between offset and offset+limit, and how many the filter takes.
func (s *Spend) Budgets(ctx context.Context, tenant roster.TenantID, f Filter, offset, limit int) (page []BudgetUsage, total int, err error) {
	err = s.db.Read(ctx, tenant, func(tx *store.Tx) error {
		all, err := budgets.list(tx, f, func(b *Budget) string { return StatusAt(b, tx.Now) })
		if err != nil {
			return err
		}
		total = len(all)
		all = all[min(offset, total):]
		page, err = usages(tx, all[:min(limit, len(all))])
		return err
	})
	return page, total, err
}
