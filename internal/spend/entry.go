package spend

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Entry is what a user spent from a budget, through a group that carries it.
type Entry struct {
	ID         int64     `json:"-"`
	UUID       uuid.UUID `json:"uuid"`
	BudgetUUID uuid.UUID `json:"budget_uuid"`
	UserUUID   uuid.UUID `json:"user_uuid"`
	GroupUUID  uuid.UUID `json:"group_uuid"`
	Amount     Money     `json:"amount"`
	Reference  string    `json:"reference"`
	OverBudget bool      `json:"over_budget"`
	CreatedAt  int64     `json:"created_at"` // µs UTC
}

const (
	entryColumns = `e.id, e.uuid, b.uuid, us.uuid, gs.uuid, e.amount, e.currency, e.reference, e.over_budget, e.created_at`
	fromEntries  = ` FROM spend_entries e
		JOIN spend_resources b ON b.tenant = $1 AND b.id = e.budget_id
		JOIN subjects us ON us.tenant = $1 AND us.id = e.user_id
		JOIN subjects gs ON gs.tenant = $1 AND gs.id = e.group_id `
)

var (
	entryInsert = store.Q("entry.insert", `INSERT INTO spend_entries (tenant, id, uuid, budget_id, user_id, group_id, amount, currency,
		reference, over_budget, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	entryByReference = store.Q("entry.by_reference", `SELECT `+entryColumns+fromEntries+`
		WHERE e.tenant = $1 AND e.budget_id = $2 AND e.reference = $3`)
	entryList = store.Q("entry.list", `SELECT `+entryColumns+fromEntries+`
		WHERE e.tenant = $1 AND e.budget_id = $2 ORDER BY e.created_at DESC, e.id DESC LIMIT $3 OFFSET $4`)
	entryCount   = store.Q("entry.count", `SELECT count(*) FROM spend_entries WHERE tenant = $1 AND budget_id = $2`)
	entryAny     = store.Q("entry.any", `SELECT 1 FROM spend_entries WHERE tenant = $1 AND budget_id = $2 LIMIT 1`)
	linkExists   = store.Q("resource.link", `SELECT 1 FROM group_resources WHERE tenant = $1 AND group_id = $2 AND kind = $3 AND resource_id = $4`)
	memberExists = store.Q("spend.member", `SELECT 1 FROM memberships WHERE tenant = $1 AND group_id = $2 AND member_id = $3
		AND recorded_to = `+live+` AND starts_at <= $4 AND (expires_at = 0 OR expires_at > $4)`)
)

func scanEntry(s store.Scanner) (*Entry, error) {
	var e Entry
	var id, budget, user, group []byte
	err := s.Scan(&e.ID, &id, &budget, &user, &group, &e.Amount.Amount, &e.Amount.Currency, &e.Reference, &e.OverBudget, &e.CreatedAt)
	copy(e.UUID[:], id)
	copy(e.BudgetUUID[:], budget)
	copy(e.UserUUID[:], user)
	copy(e.GroupUUID[:], group)
	return &e, err
}

// Spend enters what was spent; UserUUID, GroupUUID, Amount and Reference are read
// from e. The same reference again returns the entry that is there. NotFound for
// the budget, Invalid, and Conflict with CodeReference (another entry has the
// reference), CodeNotActive, CodeCurrency, CodeNoUser, CodeNoGroup,
// CodeNotAttached, CodeNotInGroup, CodeExceeded (over a hard limit), CodeOverflow.
func (s *Spend) Spend(ctx context.Context, a roster.Actor, budget uuid.UUID, e Entry) (entry *Entry, err error) {
	if err := e.Amount.check("amount"); err != nil {
		return nil, err
	}
	if e.Reference == "" {
		return nil, roster.FieldError("reference", "must not be blank")
	}
	if err := checkLength("reference", e.Reference, 255); err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, a, func(tx *store.Tx) error {
		b, err := budgets.byUUID(tx, budget)
		if err != nil {
			return err
		}
		entry, err = enter(tx, b, e)
		return err
	})
	return entry, err
}

func enter(tx *store.Tx, b *Budget, e Entry) (*Entry, error) {
	old, err := scanEntry(tx.Row(entryByReference, b.ID, e.Reference))
	if err == nil {
		if old.UserUUID != e.UserUUID || old.GroupUUID != e.GroupUUID || old.Amount != e.Amount {
			return nil, &roster.Error{Kind: roster.Conflict, Code: CodeReference, Field: "reference", Msg: "another entry of this budget has the reference"}
		}
		return old, nil
	}
	if !errors.Is(err, store.ErrNoRows) {
		return nil, err
	}
	user, group, err := spender(tx, b, &e)
	if err != nil {
		return nil, err
	}
	if err := charge(tx, b, &e); err != nil {
		return nil, err
	}
	if e.ID, err = tx.NextID(numbers); err != nil {
		return nil, err
	}
	e.UUID, e.BudgetUUID, e.CreatedAt = uuid.Must(uuid.NewV7()), b.UUID, tx.Now
	if _, err := tx.Exec(entryInsert, e.ID, e.UUID[:], b.ID, user, group, e.Amount.Amount, e.Amount.Currency,
		e.Reference, e.OverBudget, tx.Now); err != nil {
		return nil, err
	}
	tx.Record(roster.Change{Operation: "budget.spend", SubjectType: "spend_entry", SubjectID: e.ID, ObjectID: b.ID, After: &e})
	return &e, nil
}

// spender checks that the budget is open, and that the user spends through a group
// that is theirs and carries it.
func spender(tx *store.Tx, b *Budget, e *Entry) (user, group int64, err error) {
	if !open(b, tx.Now) {
		return 0, 0, roster.Errorf(roster.Conflict, CodeNotActive, "nothing can be spent from this budget: it is archived, over, or has not begun")
	}
	if e.Amount.Currency != b.Terms.Limit.Currency {
		return 0, 0, &roster.Error{
			Kind: roster.Conflict, Code: CodeCurrency, Field: "amount.currency", Msg: "the budget is in " + b.Terms.Limit.Currency,
		}
	}
	if user, _, err = userID(tx, e.UserUUID, CodeNoUser, "userUuid"); err != nil {
		return 0, 0, err
	}
	if group, err = groupID(tx, e.GroupUUID, CodeNoGroup, "groupUuid"); err != nil {
		return 0, 0, err
	}
	attached, err := tx.Exists(linkExists, group, string(BudgetKind), b.ID)
	if err != nil {
		return 0, 0, err
	}
	if !attached {
		return 0, 0, &roster.Error{Kind: roster.Conflict, Code: CodeNotAttached, Field: "groupUuid", Msg: "the group does not carry this budget"}
	}
	in, err := tx.Exists(memberExists, group, user, tx.Now)
	if err == nil && !in {
		err = &roster.Error{Kind: roster.Conflict, Code: CodeNotInGroup, Field: "userUuid", Msg: "the user is not in the group"}
	}
	return user, group, err
}

// charge decides whether the amount fits. Writes of a tenant run one after the
// other, so nobody spends between this sum and the insert.
func charge(tx *store.Tx, b *Budget, e *Entry) error {
	u, err := usage(tx, b)
	if err != nil {
		return err
	}
	total, limit := plus(u.Spent, e.Amount.Amount), b.Terms.Limit.Amount
	if total-u.Spent != e.Amount.Amount {
		return &roster.Error{Kind: roster.Conflict, Code: CodeOverflow, Field: "amount.amount", Msg: "the budget's total would be too large a number"}
	}
	e.OverBudget = total > limit
	if e.OverBudget && b.Terms.LimitType == Hard {
		return roster.Errorf(roster.Conflict, CodeExceeded, "%s", fmt.Sprintf("%d of %d %s remain", u.Remaining(b), limit, b.Terms.Limit.Currency))
	}
	return nil
}

// Entries lists what was spent from a budget, the latest first, up to limit behind
// the first offset, and how many entries there are. NotFound.
func (s *Spend) Entries(ctx context.Context, tenant roster.TenantID, budget uuid.UUID, offset, limit int) (page []*Entry, total int, err error) {
	err = s.db.Read(ctx, tenant, func(tx *store.Tx) error {
		b, err := budgets.byUUID(tx, budget)
		if err != nil {
			return err
		}
		if err := tx.Row(entryCount, b.ID).Scan(&total); err != nil {
			return err
		}
		page, err = store.All(tx, entryList, scanEntry, b.ID, limit, offset)
		return err
	})
	return page, total, err
}
