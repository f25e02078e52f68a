package spend

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// How many of a step's approvers must agree.
const (
	Any = "ANY"
	All = "ALL"
)

// Who an approver is.
const (
	UserApprover    = "USER"
	GroupApprover   = "GROUP" // its members, of any kind of group, at any depth
	ManagerApprover = "REQUESTER_MANAGER"
)

// Approver is one entry of a step; ID and UUID name the user or the group.
type Approver struct {
	Type string    `json:"type"`
	ID   int64     `json:"id,omitempty"`
	UUID uuid.UUID `json:"uuid"`
}

// Step is one round of approval; they follow one another by Order, from 1 on.
type Step struct {
	Order     int        `json:"order"`
	Mode      string     `json:"mode"`
	Approvers []Approver `json:"approvers"`
}

// RuleTerms say whose agreement a spending needs. The band is [Min, Max).
type RuleTerms struct {
	Priority   int64    `json:"priority"`    // the lowest wins
	SpendTypes []string `json:"spend_types"` // none: every type
	Min        *Money   `json:"min_amount,omitempty"`
	Max        *Money   `json:"max_amount,omitempty"`
	Steps      []Step   `json:"steps"`
}

// Rule governs the spending of the users of the groups that carry it.
type Rule = Resource[RuleTerms]

var rules = &kind[RuleTerms]{name: RuleKind, noun: "approval rule", check: checkRule, wrote: noteApprovers}

var (
	approversForget = store.Q("approver.forget_rule", `DELETE FROM approver_groups WHERE tenant = $1 AND rule_id = $2`)
	approverInsert  = store.Q("approver.insert", `INSERT INTO approver_groups (tenant, group_id, rule_id) VALUES ($1, $2, $3)`)
)

// spendType is the form of a spend type, such as CARD.
var spendType = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,63}$`)

func checkRule(tx *store.Tx, before, after *Rule) error {
	t := &after.Terms
	if err := checkName(after.Name); err != nil {
		return err
	}
	if err := checkWord("status", after.Status, Active, Inactive); err != nil {
		return err
	}
	if err := t.checkTypes(); err != nil {
		return err
	}
	if err := t.checkBand(); err != nil {
		return err
	}
	if before != nil && before.Status != after.Status {
		after.StatusReason = ""
	}
	if before != nil && slices.EqualFunc(before.Terms.Steps, t.Steps, sameStep) {
		t.Steps = before.Terms.Steps // a step that lost its approvers may stay so
		return nil
	}
	if after.StatusReason == CodeApproverGone {
		after.StatusReason = ""
	}
	return t.findApprovers(tx)
}

// sameStep compares what callers say of steps.
func sameStep(a, b Step) bool {
	return a.Order == b.Order && a.Mode == b.Mode && slices.EqualFunc(a.Approvers, b.Approvers, func(a, b Approver) bool {
		return a.Type == b.Type && a.UUID == b.UUID
	})
}

const maxTypes = 100

func (t *RuleTerms) checkTypes() error {
	if t.SpendTypes == nil {
		t.SpendTypes = []string{}
	}
	if len(t.SpendTypes) > maxTypes {
		return roster.FieldError("spendTypes", "must have at most %d items", maxTypes)
	}
	if slices.ContainsFunc(t.SpendTypes, func(s string) bool { return !spendType.MatchString(s) }) {
		return roster.FieldError("spendTypes", "must hold words of capitals, digits and underscores, such as CARD")
	}
	return nil
}

func (t *RuleTerms) checkBand() error {
	if err := checkMoney("minAmount", t.Min); err != nil {
		return err
	}
	if err := checkMoney("maxAmount", t.Max); err != nil || t.Min == nil || t.Max == nil {
		return err
	}
	if t.Min.Currency != t.Max.Currency {
		return &roster.Error{Kind: roster.Conflict, Code: CodeCurrency, Field: "maxAmount.currency", Msg: "must be that of minAmount"}
	}
	if t.Min.Amount >= t.Max.Amount {
		return roster.FieldError("maxAmount.amount", "must be more than minAmount")
	}
	return nil
}

// Bounds of a rule.
const (
	maxSteps     = 20
	maxApprovers = 100
)

// findApprovers checks the steps and finds whom they name.
func (t *RuleTerms) findApprovers(tx *store.Tx) error {
	if len(t.Steps) == 0 || len(t.Steps) > maxSteps {
		return roster.FieldError("steps", "must have 1 to %d steps", maxSteps)
	}
	t.Steps = slices.Clone(t.Steps)
	slices.SortStableFunc(t.Steps, func(a, b Step) int { return cmp.Compare(a.Order, b.Order) })
	for i := range t.Steps {
		step := &t.Steps[i]
		if step.Order != i+1 {
			return roster.FieldError("steps", "must have the orders 1 to %d, each once", len(t.Steps))
		}
		field := fmt.Sprintf("steps[%d]", i)
		if err := checkWord(field+".mode", step.Mode, Any, All); err != nil {
			return err
		}
		if len(step.Approvers) == 0 || len(step.Approvers) > maxApprovers {
			return roster.FieldError(field+".approvers", "must have 1 to %d approvers", maxApprovers)
		}
		step.Approvers = slices.Clone(step.Approvers)
		for n := range step.Approvers {
			if err := step.Approvers[n].find(tx, fmt.Sprintf("%s.approvers[%d]", field, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *Approver) find(tx *store.Tx, field string) (err error) {
	if a.Type == ManagerApprover {
		if a.UUID != uuid.Nil {
			return roster.FieldError(field+".uuid", "must be absent with REQUESTER_MANAGER")
		}
		return nil
	}
	if err := checkWord(field+".type", a.Type, UserApprover, GroupApprover, ManagerApprover); err != nil {
		return err
	}
	if a.UUID == uuid.Nil {
		return roster.FieldError(field+".uuid", "is required")
	}
	if a.Type == GroupApprover {
		a.ID, err = groupID(tx, a.UUID, CodeNoApprover, field+".uuid")
	} else {
		a.ID, _, err = userID(tx, a.UUID, CodeNoApprover, field+".uuid")
	}
	return err
}

// noteApprovers keeps which rules name which groups, for when a group goes.
func noteApprovers(tx *store.Tx, r *Rule) error {
	if _, err := tx.Exec(approversForget, r.ID); err != nil {
		return err
	}
	seen := map[int64]bool{}
	for _, step := range r.Terms.Steps {
		for _, a := range step.Approvers {
			if a.Type != GroupApprover || seen[a.ID] {
				continue
			}
			seen[a.ID] = true
			if _, err := tx.Exec(approverInsert, a.ID, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// matches reports whether a rule in force is about such a spending. A band is about
// its own currency.
func (t *RuleTerms) matches(spendType string, amount Money) bool {
	if len(t.SpendTypes) > 0 && !slices.Contains(t.SpendTypes, spendType) {
		return false
	}
	if t.Min != nil && (t.Min.Currency != amount.Currency || amount.Amount < t.Min.Amount) {
		return false
	}
	return t.Max == nil || t.Max.Currency == amount.Currency && amount.Amount < t.Max.Amount
}
