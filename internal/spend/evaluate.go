package spend

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Outcomes of an evaluation.
const (
	Approve     = "APPROVAL_REQUIRED"
	AutoApprove = "AUTO_APPROVED"
	Block       = "BLOCKED"
)

// Reasons of an outcome.
const (
	ReasonCategoryBlocked    = "CATEGORY_BLOCKED"
	ReasonCategoryNotAllowed = "CATEGORY_NOT_ALLOWED"
	ReasonMerchantBlocked    = "MERCHANT_BLOCKED"
	ReasonLimit              = "TRANSACTION_LIMIT_EXCEEDED"
	ReasonPeriodLimit        = "PERIOD_LIMIT_EXCEEDED"
	ReasonBudget             = "BUDGET_EXCEEDED"
	ReasonUserDisabled       = "USER_DISABLED"
	ReasonRule               = "RULE_MATCHED"
	ReasonFallback           = "APPROVER_FALLBACK"
	ReasonNoApprover         = "NO_APPROVER"
	ReasonDefaultApprovers   = "DEFAULT_APPROVERS"
	ReasonReceipt            = "RECEIPT_REQUIRED"
)

// Question is a spending that somebody wants to make.
type Question struct {
	User               uuid.UUID
	SpendType          string
	Amount             Money
	Category, Merchant string // "" where it is not known
}

// Decision is what the policies, budgets and rules of the user's groups say.
type Decision struct {
	Outcome  string
	Rule     uuid.UUID // uuid.Nil for none
	Policies []uuid.UUID
	Budgets  []uuid.UUID
	Chain    []ChainStep
	Reasons  []string
}

var groupsOfUser = store.Q("spend.groups_of_user", `SELECT m.group_id FROM memberships m WHERE m.tenant = $1 AND m.member_id = $3
	AND m.group_kind = 'organization' AND `+during)

// Evaluate decides on a spending at this instant, and changes nothing. Invalid for
// the amount or the spend type, Conflict with CodeNoUser.
func (s *Spend) Evaluate(ctx context.Context, tenant roster.TenantID, q Question) (d *Decision, err error) {
	if err := q.Amount.check("amount"); err != nil {
		return nil, err
	}
	if !spendType.MatchString(q.SpendType) {
		return nil, roster.FieldError("spendType", "must be a word of capitals, digits and underscores, such as CARD")
	}
	err = s.db.Read(ctx, tenant, func(tx *store.Tx) error {
		d, err = evaluate(tx, q)
		return err
	})
	return d, err
}

// circumstances are all that a decision depends on.
type circumstances struct {
	requester int64
	disabled  bool
	policies  []*Policy // active ones of the user's groups
	spent     map[limitKey]int64
	budgets   []BudgetUsage // open ones of the user's groups, in the currency
	rules     []*Rule       // active ones of the user's groups
	// find returns who may approve by a rule; nil is no rule.
	find func(r *Rule) (*approvers, error)
}

func evaluate(tx *store.Tx, q Question) (*Decision, error) {
	user, status, err := userID(tx, q.User, CodeNoUser, "userUuid")
	if err != nil {
		return nil, err
	}
	c := circumstances{requester: user, disabled: status != Active}
	groups, err := store.All(tx, groupsOfUser, func(s store.Scanner) (id int64, err error) {
		err = s.Scan(&id)
		return id, err
	}, tx.Now, user)
	if err != nil {
		return nil, err
	}
	if err := c.read(tx, groups, q); err != nil {
		return nil, err
	}
	c.find = func(r *Rule) (*approvers, error) { return findApprovers(tx, r, user) }
	return c.decide(q)
}

// read gathers what the user's groups carry.
func (c *circumstances) read(tx *store.Tx, groups []int64, q Question) (err error) {
	if c.policies, err = policies.ofGroups(tx, groups); err != nil {
		return err
	}
	c.policies = slices.DeleteFunc(c.policies, func(p *Policy) bool { return p.Status != Active })
	at := time.UnixMicro(tx.Now).UTC()
	if c.spent, err = spentByUser(tx, c.requester, Combine(c.policies).windows(q.Amount.Currency, at)); err != nil {
		return err
	}
	all, err := budgets.ofGroups(tx, groups)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(b *Budget) bool {
		return !open(b, tx.Now) || b.Terms.Limit.Currency != q.Amount.Currency
	})
	if c.budgets, err = usages(tx, all); err != nil {
		return err
	}
	c.rules, err = rules.ofGroups(tx, groups)
	c.rules = slices.DeleteFunc(c.rules, func(r *Rule) bool { return r.Status != Active })
	return err
}

// decide follows the order of contract/groups.md §2.4: policies, budgets, the one
// rule that wins and its chain, and without a rule the policies' word on approval.
func (c *circumstances) decide(q Question) (*Decision, error) {
	d := &Decision{Policies: idsOf(c.policies), Budgets: []uuid.UUID{}, Chain: []ChainStep{}, Reasons: []string{}}
	for _, b := range c.budgets {
		d.Budgets = append(d.Budgets, b.UUID)
	}
	combined := Combine(c.policies)
	if limit, ok := combined.Receipt[q.Amount.Currency]; ok && q.Amount.Amount > limit {
		d.Reasons = append(d.Reasons, ReasonReceipt)
	}
	over := combined.exceeds(q.Amount, c.spent)
	if blocked := c.blocks(combined, q, over); len(blocked) > 0 {
		d.Outcome, d.Reasons = Block, append(d.Reasons, blocked...)
		return d, nil
	}
	rule := c.winner(q)
	d.Reasons = append(d.Reasons, over...)
	if rule == nil && combined.approvesAlone(over) {
		d.Outcome = AutoApprove
		return d, nil
	}
	who, err := c.find(rule)
	if err != nil {
		return nil, err
	}
	d.Outcome = Approve
	d.approval(rule, who, c.requester)
	return d, nil
}

// blocks returns why the spending may not be at all, or nothing.
func (c *circumstances) blocks(combined *Combined, q Question, over []string) []string {
	reasons := combined.forbids(q.Category, q.Merchant)
	if combined.Approval != AboveLimit {
		reasons = append(reasons, over...)
	}
	if c.disabled {
		reasons = append(reasons, ReasonUserDisabled)
	}
	if slices.ContainsFunc(c.budgets, func(b BudgetUsage) bool {
		return b.Terms.LimitType == Hard && plus(b.Spent, q.Amount.Amount) > b.Terms.Limit.Amount
	}) {
		reasons = append(reasons, ReasonBudget)
	}
	return reasons
}

// approvesAlone reports whether the policies let a spending pass without anybody:
// only where there is one.
func (c *Combined) approvesAlone(over []string) bool {
	return len(over) == 0 && (c.Approval == Never || c.Approval == AboveLimit)
}

// winner is the rule that governs: the lowest priority, then the oldest, then by
// UUID; nil for none.
func (c *circumstances) winner(q Question) *Rule {
	var best *Rule
	for _, r := range c.rules {
		if r.Terms.matches(q.SpendType, q.Amount) && (best == nil || before(r, best) < 0) {
			best = r
		}
	}
	return best
}

func before(a, b *Rule) int {
	return cmp.Or(cmp.Compare(a.Terms.Priority, b.Terms.Priority), cmp.Compare(a.CreatedAt, b.CreatedAt), bytes.Compare(a.UUID[:], b.UUID[:]))
}

// approval fills in the chain: that of the rule, or one step of all owners.
func (d *Decision) approval(rule *Rule, who *approvers, requester int64) {
	if rule == nil {
		d.Reasons = append(d.Reasons, ReasonDefaultApprovers)
		d.Chain = who.chain([]Step{{Order: 1, Mode: Any}}, requester)
	} else {
		d.Rule, d.Reasons = rule.UUID, append(d.Reasons, ReasonRule)
		d.Chain = who.chain(rule.Terms.Steps, requester)
	}
	if rule != nil && slices.ContainsFunc(d.Chain, func(s ChainStep) bool { return s.Fallback }) {
		d.Reasons = append(d.Reasons, ReasonFallback)
	}
	if slices.ContainsFunc(d.Chain, func(s ChainStep) bool { return len(s.Approvers) == 0 }) {
		d.Reasons = append(d.Reasons, ReasonNoApprover)
	}
}

func idsOf[T any](rs []*Resource[T]) []uuid.UUID {
	ids := make([]uuid.UUID, len(rs))
	for i, r := range rs {
		ids[i] = r.UUID
	}
	return ids
}
