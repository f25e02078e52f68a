package spend

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// The people of the model are 1 to 5; each one's UUID is the number.
func personOf(n int64) person { return person{n, uuid.UUID{15: byte(n)}} }

var (
	someOne    = rapid.Int64Range(1, 5)
	someOnes   = rapid.SliceOfNDistinct(someOne, 0, 3, rapid.ID[int64])
	someBudget = rapid.Custom(func(t *rapid.T) BudgetUsage {
		b := &Budget{UUID: someUUID.Draw(t, "budget"), Terms: BudgetTerms{
			Limit: Money{rapid.Int64Range(0, 6).Draw(t, "limit"), "MXN"}, LimitType: rapid.SampledFrom([]string{Hard, Soft}).Draw(t, "hard or soft"),
		}}
		return BudgetUsage{b, Usage{Spent: rapid.Int64Range(0, 3).Draw(t, "spent")}}
	})
	someApprover = rapid.Custom(func(t *rapid.T) Approver {
		kind := rapid.SampledFrom([]string{UserApprover, GroupApprover, ManagerApprover}).Draw(t, "kind")
		return Approver{Type: kind, ID: someOne.Draw(t, "who")}
	})
	someRule = rapid.Custom(func(t *rapid.T) *Rule {
		r := &Rule{UUID: someUUID.Draw(t, "rule"), CreatedAt: rapid.Int64Range(1, 2).Draw(t, "made")}
		r.Terms = RuleTerms{
			Priority: rapid.Int64Range(0, 1).Draw(t, "priority"), SpendTypes: rapid.SliceOfN(rapid.SampledFrom([]string{"CARD", "REIMBURSEMENT"}), 0, 1).Draw(t, "types"),
			Min: maybeMoney.Draw(t, "min"), Max: maybeMoney.Draw(t, "max"),
		}
		for i := range rapid.IntRange(1, 2).Draw(t, "steps") {
			r.Terms.Steps = append(r.Terms.Steps, Step{i + 1, rapid.SampledFrom([]string{Any, All}).Draw(t, "mode"), rapid.SliceOfN(someApprover, 0, 2).Draw(t, "approvers")})
		}
		return r
	})
)

// cast is who the approvers of a case are.
type cast struct {
	active, owners []int64
	manager        int64 // 0 for none
	groups         map[int64][]int64
}

var someCast = rapid.Custom(func(t *rapid.T) cast {
	c := cast{active: someOnes.Draw(t, "active"), owners: someOnes.Draw(t, "owners"), manager: rapid.Int64Range(0, 5).Draw(t, "manager"), groups: map[int64][]int64{}}
	for g := range int64(5) {
		c.groups[g+1] = someOnes.Draw(t, "members")
	}
	return c
})

func (c *cast) approvers() *approvers {
	a := &approvers{users: map[int64]person{}, groups: map[int64][]person{}}
	for _, n := range c.active {
		a.users[n] = personOf(n)
	}
	for _, n := range c.owners {
		a.owners = append(a.owners, personOf(n))
	}
	for g, members := range c.groups {
		for _, n := range members {
			a.groups[g] = append(a.groups[g], personOf(n))
		}
	}
	if c.manager != 0 {
		a.manager = []person{personOf(c.manager)}
	}
	return a
}

const requester = 1

// naive decides by the contract's five steps, as plainly as they can be said.
func naive(q Question, policies []*Policy, spent map[limitKey]int64, bs []BudgetUsage, rs []*Rule, who cast) (outcome string, rule uuid.UUID, chain []ChainStep) {
	v := naiveVerdict(policies, q, spent)
	if v.Forbidden || v.Over && v.Approval != AboveLimit {
		return Block, rule, nil
	}
	for _, b := range bs {
		if b.Terms.LimitType == Hard && b.Spent+q.Amount.Amount > b.Terms.Limit.Amount {
			return Block, rule, nil
		}
	}
	var matching []*Rule
	for _, r := range rs {
		t := r.Terms
		typed := len(t.SpendTypes) == 0 || slices.Contains(t.SpendTypes, q.SpendType)
		above := t.Min == nil || t.Min.Currency == q.Amount.Currency && t.Min.Amount <= q.Amount.Amount
		below := t.Max == nil || t.Max.Currency == q.Amount.Currency && t.Max.Amount > q.Amount.Amount
		if typed && above && below {
			matching = append(matching, r)
		}
	}
	slices.SortFunc(matching, func(a, b *Rule) int {
		return cmp.Or(cmp.Compare(a.Terms.Priority, b.Terms.Priority), cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.UUID.String(), b.UUID.String()))
	})
	steps := []Step{{Order: 1, Mode: Any}}
	if len(matching) > 0 {
		rule, steps = matching[0].UUID, matching[0].Terms.Steps
	} else if !v.Over && (v.Approval == Never || v.Approval == AboveLimit) {
		return AutoApprove, rule, nil
	}
	for _, s := range steps {
		chain = append(chain, naiveStep(s, who))
	}
	return Approve, rule, chain
}

func naiveStep(s Step, who cast) ChainStep {
	out := ChainStep{Order: s.Order, Mode: s.Mode}
	collect := func(may func(n int64) bool) {
		out.Approvers = []uuid.UUID{}
		for n := int64(1); n <= 5; n++ {
			if n != requester && may(n) {
				out.Approvers = append(out.Approvers, personOf(n).UUID)
			}
		}
	}
	collect(func(n int64) bool {
		return slices.ContainsFunc(s.Approvers, func(a Approver) bool {
			switch a.Type {
			case UserApprover:
				return a.ID == n && slices.Contains(who.active, n)
			case GroupApprover:
				return slices.Contains(who.groups[a.ID], n)
			default:
				return who.manager == n
			}
		})
	})
	if len(out.Approvers) == 0 {
		out.Fallback = true
		collect(func(n int64) bool { return slices.Contains(who.owners, n) })
	}
	return out
}

func TestDecideIsTheNaiveOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, who := someQuestion.Draw(t, "question"), someCast.Draw(t, "cast")
		c := circumstances{
			requester: requester, policies: rapid.SliceOfN(somePolicy, 0, 2).Draw(t, "policies"), spent: someSpent.Draw(t, "spent"),
			budgets: rapid.SliceOfN(someBudget, 0, 2).Draw(t, "budgets"), rules: rapid.SliceOfN(someRule, 0, 3).Draw(t, "rules"),
			find: func(*Rule) (*approvers, error) { return who.approvers(), nil },
		}
		d, err := c.decide(q)
		if err != nil {
			t.Fatal(err)
		}
		outcome, rule, chain := naive(q, c.policies, c.spent, c.budgets, c.rules, who)
		if d.Outcome != outcome || d.Rule != rule {
			t.Fatalf("%s by %v because of %v, want %s by %v", d.Outcome, d.Rule, d.Reasons, outcome, rule)
		}
		if diff := gocmp.Diff(chain, d.Chain, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("the chain (-want +got):\n%s", diff)
		}
		for _, s := range d.Chain {
			if slices.Contains(s.Approvers, personOf(requester).UUID) {
				t.Fatal("the requester approves for themself")
			}
		}
		if d.Outcome == AutoApprove && len(c.policies) == 0 {
			t.Fatal("it passes though no policy says so")
		}
	})
}
