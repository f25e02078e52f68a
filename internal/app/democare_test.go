package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/demo"
)

// What the demo promises of cards and vouchers (decision 29; issue 4, §6).
func caresForCustomers(t *testing.T, s *running, facts demo.Facts) {
	const desk = "/v1/demo/ops-api"
	admin, support := facts.Tokens["ops-admin"], facts.Tokens["ops-support"]
	customers, _ := facts.IDs["customers"].(map[string]any)
	var card struct {
		State            string
		BranchID, UserID float64 // as demo.json has them here
	}
	s.get(t, support, fmt.Sprintf("%s/customer-identity-cards/%v", desk, facts.IDs["card_new"]), &card)
	if card.State != "NEW" {
		t.Errorf("the new card is %s", card.State)
	}
	s.get(t, support, fmt.Sprintf("%s/customer-identity-cards/%v", desk, facts.IDs["card_assigned"]), &card)
	if card.State != "ASSIGNED" || card.BranchID != facts.IDs["branch_a"] || card.UserID != customers["business-member"] {
		t.Errorf("the assigned card is %+v, and not of %v", card, customers["business-member"])
	}
	var cards []struct{ State string }
	s.get(t, admin, desk+"/customer-identity-cards?size=100", &cards)
	states := map[string]int{}
	for _, c := range cards {
		states[c.State]++
	}
	if len(cards) < 30 || len(states) != 6 {
		t.Errorf("%d cards: %v", len(cards), states)
	}
	for range 10 {
		path := fmt.Sprintf("%s/customers/%v/apply-vouchers", desk, customers["customer-unverified"])
		if status := s.post(t, bearer(support), path, fmt.Sprintf(`{"voucherableId":%v}`, facts.IDs["voucherable"]), nil); status != 201 {
			t.Fatalf("a voucher: %d", status)
		}
	}
	var vouchers []struct{ Status string }
	s.get(t, support, fmt.Sprintf("%s/groups/%v/vouchers", desk, facts.IDs["business_group"]), &vouchers)
	if len(vouchers) != 2 {
		t.Errorf("the group has %v", vouchers)
	}
	if status := s.get(t, admin, fmt.Sprintf("%s/terms-and-conditions/%v", desk, facts.IDs["terms_current"]), nil); status != 200 {
		t.Errorf("the terms: %d", status)
	}
	var ratings []struct{ Status string }
	s.get(t, support, fmt.Sprintf("%s/customers/%v/ratings", desk, facts.IDs["business_group"]), &ratings)
	if len(ratings) != 2 || ratings[0].Status != "APPROVED" {
		t.Errorf("the group's ratings are %v", ratings)
	}
	var sources []struct{ Type string }
	s.get(t, admin, fmt.Sprintf("%s/groups/%v/payment-sources", desk, facts.IDs["business_group"]), &sources)
	if len(sources) != 1 || sources[0].Type != "INVOICING" {
		t.Errorf("the group pays by %v", sources)
	}
	if s.get(t, admin, fmt.Sprintf("%s/customers/%v/payment-sources", desk, customers["business-member"]), &sources); len(sources) != 2 {
		t.Errorf("the member pays by %v", sources)
	}
	var sessions []struct{ RevokedAt string }
	if s.get(t, admin, fmt.Sprintf("%s/customers/%v/refresh-tokens", desk, customers["business-member"]), &sessions); len(sessions) < 2 {
		t.Errorf("the member's sessions are %v", sessions)
	}
	timesFollow(t, s, admin, fmt.Sprintf("%s/verification/%v", desk, facts.IDs["verification"]))
	if status := s.post(t, bearer(admin), fmt.Sprintf("%s/customers/%v/ratings/queue", desk, customers["customer-free"]), "{}", nil); status != 409 {
		t.Errorf("without a provider a rating is queued: %d", status)
	}
}

// timesFollow looks whether a verification and its attempts were begun before they were
// decided, one after the other.
func timesFollow(t *testing.T, s *running, token, path string) {
	type times struct{ CreatedAt, DecidedAt, UpdatedAt time.Time }
	var v struct {
		times

		Attempts []times
	}
	s.get(t, token, path, &v)
	all := []time.Time{v.CreatedAt}
	for _, a := range v.Attempts {
		all = append(all, a.CreatedAt, a.DecidedAt)
	}
	all = append(all, v.DecidedAt, v.UpdatedAt, time.Now())
	if len(v.Attempts) != 2 || v.CreatedAt.IsZero() || !slices.IsSortedFunc(all, time.Time.Compare) {
		t.Errorf("the verification's times are %v", all)
	}
}
