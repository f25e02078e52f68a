package spend

import (
	"cmp"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/graph"
)

// fold brings a category or a merchant into the form that is compared.
func fold(s string) string { return graph.Key(s) }

// limitKey is what a period's limit is about: amounts of two currencies, or of two
// kinds of period, are never compared.
type limitKey struct{ currency, period string }

// Combined is what several policies say together: in each point the most
// restrictive word of any.
type Combined struct {
	// Approval is the strongest; "" where there is no policy.
	Approval string
	// Transaction, Receipt and Period hold the lowest limit for each currency.
	Transaction, Receipt map[string]int64
	Period               map[limitKey]int64
	// Restricted says that only the Allowed categories may be: those in every list
	// that is not empty. None may be, where no category is in all of them.
	Restricted                   bool
	Allowed                      map[string]bool
	BlockedCategories, Merchants map[string]bool
}

// Combine puts policies together; their order does not matter.
func Combine(all []*Policy) *Combined {
	c := &Combined{
		Transaction: map[string]int64{}, Receipt: map[string]int64{}, Period: map[limitKey]int64{},
		BlockedCategories: map[string]bool{}, Merchants: map[string]bool{},
	}
	for _, p := range all {
		t := &p.Terms
		if strength(t.Approval) > strength(c.Approval) {
			c.Approval = t.Approval
		}
		if m := t.TransactionLimit; m != nil {
			lower(c.Transaction, m.Currency, m.Amount)
		}
		if m := t.ReceiptAbove; m != nil {
			lower(c.Receipt, m.Currency, m.Amount)
		}
		if l := t.PeriodLimit; l != nil {
			lower(c.Period, limitKey{l.Currency, l.Period}, l.Amount)
		}
		c.allow(t.AllowedCategories)
		for _, s := range t.BlockedCategories {
			c.BlockedCategories[fold(s)] = true
		}
		for _, s := range t.BlockedMerchants {
			c.Merchants[fold(s)] = true
		}
	}
	return c
}

func strength(approval string) int {
	return slices.Index([]string{"", Never, AboveLimit, Always}, approval)
}

func lower[K comparable](limits map[K]int64, key K, amount int64) {
	if old, ok := limits[key]; !ok || amount < old {
		limits[key] = amount
	}
}

// allow narrows what is allowed to those in the list; an empty list says nothing.
func (c *Combined) allow(list []string) {
	if len(list) == 0 {
		return
	}
	next := map[string]bool{}
	for _, s := range list {
		if s = fold(s); !c.Restricted || c.Allowed[s] {
			next[s] = true
		}
	}
	c.Restricted, c.Allowed = true, next
}

// forbids returns why a category or a merchant may not be, or nothing. A purchase
// without a category is none of the allowed ones.
func (c *Combined) forbids(category, merchant string) (reasons []string) {
	category, merchant = fold(category), fold(merchant)
	if category != "" && c.BlockedCategories[category] {
		reasons = append(reasons, ReasonCategoryBlocked)
	}
	if c.Restricted && !c.Allowed[category] {
		reasons = append(reasons, ReasonCategoryNotAllowed)
	}
	if merchant != "" && c.Merchants[merchant] {
		reasons = append(reasons, ReasonMerchantBlocked)
	}
	return reasons
}

// exceeds returns which limits an amount is over; spent is what the user has spent
// in the current windows.
func (c *Combined) exceeds(amount Money, spent map[limitKey]int64) (reasons []string) {
	if limit, ok := c.Transaction[amount.Currency]; ok && amount.Amount > limit {
		reasons = append(reasons, ReasonLimit)
	}
	for key, limit := range c.Period {
		if key.currency == amount.Currency && plus(spent[key], amount.Amount) > limit {
			return append(reasons, ReasonPeriodLimit)
		}
	}
	return reasons
}

// windows returns the windows of the limits in a currency, by period.
func (c *Combined) windows(currency string, at time.Time) []periodWindow {
	var all []periodWindow
	for key := range c.Period {
		if key.currency == currency {
			all = append(all, periodWindow{calendarWindow(key.period, at), key})
		}
	}
	slices.SortFunc(all, func(a, b periodWindow) int { return cmp.Compare(a.key.period, b.key.period) })
	return all
}

type periodWindow struct {
	Window

	key limitKey
}
