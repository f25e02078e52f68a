package spend

import (
	"math"
	"time"

	"github.com/rosterhq/roster/internal/store"
)

// Usage is how a budget stands: Status at the time of asking, and what was spent
// in the Window that counts then, in minor units.
type Usage struct {
	Status string
	Window Window
	Spent  int64
}

// Remaining is what is left in the window, 0 where more was spent.
func (u *Usage) Remaining(b *Budget) int64 { return max(b.Terms.Limit.Amount-u.Spent, 0) }

// BudgetUsage is a budget and how it stands.
type BudgetUsage struct {
	*Budget
	Usage
}

const day = 24 * time.Hour

// Windows begin at midnight, so the sums of days add up to those of windows, and
// one statement serves many budgets whose windows differ.
var (
	entryDays = store.Q("entry.days", `SELECT budget_id, created_at / 86400000000, `+sumHalf+` FROM spend_entries
		WHERE tenant = $1 AND created_at >= $2 AND budget_id IN ($3) GROUP BY budget_id, created_at / 86400000000`).In()
	entrySumOfUser = store.Q("entry.sum_of_user", `SELECT `+sumHalf+` FROM spend_entries
		WHERE tenant = $1 AND user_id = $2 AND currency = $3 AND created_at >= $4`)
)

// usages tells how budgets stand at the transaction's time.
func usages(tx *store.Tx, bs []*Budget) ([]BudgetUsage, error) {
	all, at := make([]BudgetUsage, len(bs)), make(map[int64]*BudgetUsage, len(bs))
	ids, first := make([]int64, len(bs)), int64(math.MaxInt64)
	for i, b := range bs {
		all[i] = BudgetUsage{b, Usage{Status: StatusAt(b, tx.Now), Window: windowOf(b, tx.Now)}}
		ids[i], at[b.ID] = b.ID, &all[i]
		first = min(first, all[i].Window.From.UnixMicro())
	}
	err := tx.EachIn(entryDays, ids, func(s store.Scanner) error {
		var id, number, high, low int64
		if err := s.Scan(&id, &number, &high, &low); err != nil {
			return err
		}
		u := at[id]
		if u.Window.Contains(time.UnixMicro(number * day.Microseconds()).UTC()) {
			u.Spent = plus(u.Spent, whole(high, low))
		}
		return nil
	}, first)
	return all, err
}

func usage(tx *store.Tx, b *Budget) (*BudgetUsage, error) {
	all, err := usages(tx, []*Budget{b})
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// spentByUser sums what a user has spent in the current windows of limits.
func spentByUser(tx *store.Tx, user int64, windows []periodWindow) (map[limitKey]int64, error) {
	spent := map[limitKey]int64{}
	for _, w := range windows {
		var high, low int64
		if err := tx.Row(entrySumOfUser, user, w.key.currency, w.From.UnixMicro()).Scan(&high, &low); err != nil {
			return nil, err
		}
		spent[w.key] = whole(high, low)
	}
	return spent, nil
}
