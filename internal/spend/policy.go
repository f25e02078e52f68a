package spend

import (
	"slices"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// What a policy says about approval, from the weakest to the strongest.
const (
	Never      = "NEVER"
	AboveLimit = "ABOVE_LIMIT"
	Always     = "ALWAYS"
)

// PeriodLimit is how much a user may spend in a week, month, quarter or year of
// the calendar (UTC), from all budgets.
type PeriodLimit struct {
	Money

	Period string `json:"period"`
}

// PolicyTerms say what may be spent. Categories and merchants are compared
// whatever their case.
type PolicyTerms struct {
	Description       string       `json:"description,omitempty"`
	TransactionLimit  *Money       `json:"per_transaction_limit,omitempty"`
	PeriodLimit       *PeriodLimit `json:"period_limit,omitempty"`
	AllowedCategories []string     `json:"allowed_categories"` // none: every category
	BlockedCategories []string     `json:"blocked_categories"`
	BlockedMerchants  []string     `json:"blocked_merchants"`
	ReceiptAbove      *Money       `json:"receipt_required_above,omitempty"`
	Approval          string       `json:"approval"`
}

// Policy says what the users of the groups that carry it may spend.
type Policy = Resource[PolicyTerms]

var policies = &kind[PolicyTerms]{name: PolicyKind, noun: "policy", check: checkPolicy}

func checkPolicy(_ *store.Tx, _, after *Policy) error {
	t := &after.Terms
	if err := checkName(after.Name); err != nil {
		return err
	}
	if err := checkLength("description", t.Description, 1000); err != nil {
		return err
	}
	if err := checkWord("status", after.Status, Active, Inactive); err != nil {
		return err
	}
	if err := checkWord("approval", t.Approval, Always, AboveLimit, Never); err != nil {
		return err
	}
	if err := checkMoney("perTransactionLimit", t.TransactionLimit); err != nil {
		return err
	}
	if err := checkMoney("receiptRequiredAbove", t.ReceiptAbove); err != nil {
		return err
	}
	if p := t.PeriodLimit; p != nil {
		if err := p.check("periodLimit"); err != nil {
			return err
		}
		if err := checkWord("periodLimit.period", p.Period, Weekly, Monthly, Quarterly, Yearly); err != nil {
			return err
		}
	}
	return checkLists(t)
}

// Bounds of a policy's lists.
const (
	maxListed = 1000
	maxWord   = 255
)

func checkLists(t *PolicyTerms) error {
	for field, list := range map[string]*[]string{
		"allowedCategories": &t.AllowedCategories, "blockedCategories": &t.BlockedCategories, "blockedMerchants": &t.BlockedMerchants,
	} {
		if *list == nil {
			*list = []string{}
		}
		if len(*list) > maxListed {
			return roster.FieldError(field, "must have at most %d items", maxListed)
		}
		if slices.ContainsFunc(*list, func(s string) bool { return fold(s) == "" || len(s) > maxWord }) {
			return roster.FieldError(field, "must hold words of 1 to %d characters", maxWord)
		}
	}
	return nil
}
