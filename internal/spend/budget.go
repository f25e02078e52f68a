package spend

import (
	"reflect"
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Kinds of limit: over a hard one nothing is spent, over a soft one it is told.
const (
	Hard = "HARD"
	Soft = "SOFT"
)

// UserRef is a user that a resource names.
type UserRef struct {
	ID   int64     `json:"id"`
	UUID uuid.UUID `json:"uuid"`
}

// BudgetTerms say how much may be spent. Dates are days of UTC, YYYY-MM-DD.
type BudgetTerms struct {
	Limit      Money     `json:"limit"`
	Period     string    `json:"period"`
	LimitType  string    `json:"limit_type"`
	StartDate  string    `json:"start_date"`
	EndDate    string    `json:"end_date,omitempty"` // the last day; "" for none
	Owners     []UserRef `json:"owners"`
	ArchivedAt int64     `json:"archived_at,omitempty"` // µs UTC; what remained then remains
}

// Budget is one pot that all groups which carry it spend from.
type Budget = Resource[BudgetTerms]

var budgets = &kind[BudgetTerms]{name: BudgetKind, noun: "budget", check: checkBudget}

func checkBudget(tx *store.Tx, before, after *Budget) error {
	t := &after.Terms
	if err := checkName(after.Name); err != nil {
		return err
	}
	if before != nil && after.Status == Expired && StatusAt(before, tx.Now) == Expired {
		after.Status = before.Status // what GET gave, sent back
	}
	if err := checkWord("status", after.Status, Active, Archived); err != nil {
		return err
	}
	if err := t.Limit.check("limit"); err != nil {
		return err
	}
	if err := checkWord("period", t.Period, Weekly, Monthly, Quarterly, Yearly, OneTime); err != nil {
		return err
	}
	if err := checkWord("limitType", t.LimitType, Hard, Soft); err != nil {
		return err
	}
	if err := t.checkDates(); err != nil {
		return err
	}
	if before != nil && before.Terms.Limit.Currency != t.Limit.Currency {
		spent, err := tx.Exists(entryAny, before.ID)
		if err != nil {
			return err
		}
		if spent {
			return &roster.Error{
				Kind: roster.Conflict, Code: CodeCurrency, Field: "limit.currency", Msg: "the budget has spend in " + before.Terms.Limit.Currency,
			}
		}
	}
	archive(after, tx.Now)
	if before != nil && reflect.DeepEqual(before.Terms.Owners, t.Owners) {
		return nil
	}
	return t.findOwners(tx)
}

// archive notes when a budget was archived, once, and forgets it when it is active.
func archive(b *Budget, now int64) {
	switch {
	case b.Status == Active:
		b.Terms.ArchivedAt = 0
	case b.Terms.ArchivedAt == 0:
		b.Terms.ArchivedAt = now
	}
}

func (t *BudgetTerms) checkDates() error {
	start, err := time.Parse(time.DateOnly, t.StartDate)
	if err != nil || start.Year() < 1970 {
		return roster.FieldError("startDate", "must be a date from 1970 on, such as 2026-01-31")
	}
	if t.EndDate == "" {
		return nil
	}
	end, err := time.Parse(time.DateOnly, t.EndDate)
	if err != nil {
		return roster.FieldError("endDate", "must be a date, such as 2026-12-31")
	}
	if end.Before(start) {
		return roster.FieldError("endDate", "must not be before startDate")
	}
	return nil
}

const maxOwners = 100

func (t *BudgetTerms) findOwners(tx *store.Tx) error {
	if len(t.Owners) > maxOwners {
		return roster.FieldError("ownerUuids", "must have at most %d items", maxOwners)
	}
	owners, seen := []UserRef{}, map[uuid.UUID]bool{}
	for _, o := range t.Owners {
		if seen[o.UUID] {
			continue
		}
		seen[o.UUID] = true
		id, _, err := userID(tx, o.UUID, CodeNoUser, "ownerUuids")
		if err != nil {
			return err
		}
		owners = append(owners, UserRef{id, o.UUID})
	}
	t.Owners = owners
	return nil
}

// start is the midnight at which the budget begins.
func (t *BudgetTerms) start() time.Time { return midnight(t.StartDate) }

// end is the midnight at which the budget is over; zero for none.
func (t *BudgetTerms) end() time.Time {
	if t.EndDate == "" {
		return time.Time{}
	}
	return midnight(t.EndDate).AddDate(0, 0, 1)
}

// midnight reads a date that was checked when it was written.
func midnight(date string) time.Time {
	t, _ := time.Parse(time.DateOnly, date)
	return t
}

// StatusAt is the budget's status at an instant (µs UTC).
func StatusAt(b *Budget, now int64) string {
	if end := b.Terms.end(); b.Status == Active && !end.IsZero() && now >= end.UnixMicro() {
		return Expired
	}
	return b.Status
}

// open reports whether something may be spent at an instant (µs UTC).
func open(b *Budget, now int64) bool {
	return StatusAt(b, now) == Active && now >= b.Terms.start().UnixMicro()
}

// windowOf is the window that counts at an instant (µs UTC): of an archived or
// expired budget, the last one in which something could be spent.
func windowOf(b *Budget, now int64) Window {
	at := time.UnixMicro(now).UTC()
	if b.Terms.ArchivedAt != 0 {
		at = time.UnixMicro(b.Terms.ArchivedAt).UTC()
	}
	if end := b.Terms.end(); !end.IsZero() && !at.Before(end) {
		at = end.Add(-time.Microsecond)
	}
	return WindowAt(b.Terms.Period, b.Terms.start(), at)
}
