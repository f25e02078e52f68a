package spend

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

var (
	someMoney = rapid.Custom(func(t *rapid.T) Money {
		return Money{rapid.Int64Range(0, 5).Draw(t, "amount"), rapid.SampledFrom([]string{"MXN", "USD"}).Draw(t, "currency")}
	})
	maybeMoney = rapid.Custom(func(t *rapid.T) *Money {
		if rapid.Bool().Draw(t, "none") {
			return nil
		}
		m := someMoney.Draw(t, "money")
		return &m
	})
	someWords  = rapid.SliceOfN(rapid.SampledFrom([]string{"A", "b", "B ", "C"}), 0, 3)
	someUUID   = rapid.Custom(func(t *rapid.T) uuid.UUID { return uuid.UUID{15: rapid.Byte().Draw(t, "uuid")} })
	somePolicy = rapid.Custom(func(t *rapid.T) *Policy {
		terms := PolicyTerms{
			TransactionLimit: maybeMoney.Draw(t, "per transaction"), ReceiptAbove: maybeMoney.Draw(t, "receipt"),
			AllowedCategories: someWords.Draw(t, "allowed"), BlockedCategories: someWords.Draw(t, "blocked"),
			BlockedMerchants: someWords.Draw(t, "merchants"), Approval: rapid.SampledFrom([]string{Never, AboveLimit, Always}).Draw(t, "approval"),
		}
		if m := maybeMoney.Draw(t, "per period"); m != nil {
			terms.PeriodLimit = &PeriodLimit{*m, rapid.SampledFrom(periods[:2]).Draw(t, "period")}
		}
		return &Policy{UUID: someUUID.Draw(t, "policy"), Status: Active, Terms: terms}
	})
	someSpent = rapid.Custom(func(t *rapid.T) map[limitKey]int64 {
		spent := map[limitKey]int64{}
		for _, currency := range []string{"MXN", "USD"} {
			for _, p := range periods[:2] {
				spent[limitKey{currency, p}] = rapid.Int64Range(0, 3).Draw(t, currency+p)
			}
		}
		return spent
	})
)

// verdict is what the policies say of one spending, each asked by itself: what any
// forbids is forbidden, what any finds too much is too much, and the strongest word
// on approval counts.
type verdict struct {
	Forbidden, Over bool
	Approval        string
}

func naiveVerdict(all []*Policy, q Question, spent map[limitKey]int64) (v verdict) {
	same := func(list []string, word string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(word)) })
	}
	for _, p := range all {
		t := &p.Terms
		if q.Category != "" && same(t.BlockedCategories, q.Category) || q.Merchant != "" && same(t.BlockedMerchants, q.Merchant) {
			v.Forbidden = true
		}
		if len(t.AllowedCategories) > 0 && !same(t.AllowedCategories, q.Category) {
			v.Forbidden = true
		}
		if m := t.TransactionLimit; m != nil && m.Currency == q.Amount.Currency && q.Amount.Amount > m.Amount {
			v.Over = true
		}
		if l := t.PeriodLimit; l != nil && l.Currency == q.Amount.Currency && spent[limitKey{l.Currency, l.Period}]+q.Amount.Amount > l.Amount {
			v.Over = true
		}
		switch {
		case t.Approval == Always:
			v.Approval = Always
		case t.Approval == AboveLimit && v.Approval != Always:
			v.Approval = AboveLimit
		case v.Approval == "":
			v.Approval = t.Approval
		}
	}
	return v
}

var someQuestion = rapid.Custom(func(t *rapid.T) Question {
	words := rapid.SampledFrom([]string{"", "a", "B", "c", "D"})
	return Question{
		SpendType: rapid.SampledFrom([]string{"CARD", "REIMBURSEMENT"}).Draw(t, "type"), Amount: someMoney.Draw(t, "amount"),
		Category: words.Draw(t, "category"), Merchant: words.Draw(t, "merchant"),
	}
})

func TestCombinedIsTheMostRestrictive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(somePolicy, 0, 4).Draw(t, "policies")
		q, spent := someQuestion.Draw(t, "question"), someSpent.Draw(t, "spent")
		c := Combine(all)
		got := verdict{len(c.forbids(q.Category, q.Merchant)) > 0, len(c.exceeds(q.Amount, spent)) > 0, c.Approval}
		if want := naiveVerdict(all, q, spent); got != want {
			t.Fatalf("together they say %+v, each by itself %+v", got, want)
		}
		slices.Reverse(all)
		if diff := cmp.Diff(fmt.Sprint(*c), fmt.Sprint(*Combine(all))); diff != "" {
			t.Fatalf("the order matters:\n%s", diff)
		}
	})
}

// Allow lists without a category in common allow nothing.
func TestEmptyIntersectionAllowsNothing(t *testing.T) {
	c := Combine([]*Policy{
		{Terms: PolicyTerms{AllowedCategories: []string{"TRAVEL"}}}, {Terms: PolicyTerms{AllowedCategories: []string{"FOOD"}}}, {Terms: PolicyTerms{}},
	})
	for _, category := range []string{"TRAVEL", "FOOD", "OTHER", ""} {
		if len(c.forbids(category, "")) == 0 {
			t.Errorf("%q is allowed", category)
		}
	}
}
