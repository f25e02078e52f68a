package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/rosterhq/roster/internal/demo"
)

// call sends a request, body or none, and reads the JSON answer into out; it returns
// the status.
func (r *running) call(t *testing.T, token, method, path string, body, out any) int {
	t.Helper()
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	q, err := http.NewRequestWithContext(t.Context(), method, r.address+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(read, out); err != nil {
			t.Fatalf("%s %s answers %d %s", method, path, answer.StatusCode, read)
		}
	}
	if answer.StatusCode >= 400 {
		t.Logf("%s %s answers %d %s", method, path, answer.StatusCode, read)
	}
	return answer.StatusCode
}

// lacks is what the check of requirements says of a customer.
type lacks struct {
	Fulfilled    bool
	OperatorHint string
	Requirements []struct {
		Code      string
		Fulfilled bool
	}
}

// codes are what is not fulfilled.
func (l *lacks) codes() (codes []string) {
	for _, r := range l.Requirements {
		if !r.Fulfilled {
			codes = append(codes, r.Code)
		}
	}
	return codes
}

// supportSession plays what a support desk does when a customer writes that no vehicle
// opens: find the customer, explain the block, fix it, and see the rental start.
func supportSession(t *testing.T, s *running, facts demo.Facts) {
	const ops, front = "/v1/demo/ops-api", "/v1/demo/front"
	desk, customer := facts.Tokens["ops-support"], facts.Tokens["customer-unverified"]
	category, branch, vehicle := facts.IDs["vehicle_category"], facts.IDs["branch_a"], facts.IDs["vehicle_free"]

	rent := map[string]any{"vehicleId": vehicle, "startRentalState": "ACTIVE"}
	if status := s.call(t, customer, http.MethodPost, front+"/rentals", rent, nil); status != http.StatusBadRequest {
		t.Fatalf("the customer could rent all along: %d", status)
	}

	var found []struct {
		ID    int64
		Email string
	}
	s.call(t, desk, http.MethodGet, ops+"/customers?simple&searchText=una.new@rides", nil, &found)
	if len(found) != 1 {
		t.Fatalf("the search finds %v", found)
	}
	one := fmt.Sprintf("%s/customers/%d", ops, found[0].ID)

	var why lacks
	explain := fmt.Sprintf("%s/rental-requirements/start?customerId=%d&branchId=%v&vehicleCategoryId=%v", ops, found[0].ID, branch, category)
	s.call(t, desk, http.MethodGet, explain, nil, &why)
	if why.Fulfilled || why.OperatorHint == "" || len(why.codes()) < 3 {
		t.Fatalf("the check does not say why: %+v", why)
	}
	var details struct{ TermsAndConditionsAcceptanceState string }
	s.call(t, desk, http.MethodGet, fmt.Sprintf("%s/details?branchId=%v", one, branch), nil, &details)
	if details.TermsAndConditionsAcceptanceState != "NOT_ACCEPTED" {
		t.Errorf("the details say %+v", details)
	}

	profile := map[string]any{"lastName": "Newman", "birthdate": "1990-05-17", "emailIsVerified": true}
	if status := s.call(t, desk, http.MethodPatch, one, profile, nil); status != http.StatusOK {
		t.Fatalf("the profile can't be completed: %d", status)
	}
	s.call(t, desk, http.MethodGet, explain, nil, &why)
	if got := fmt.Sprint(why.codes()); got != "[TERMS_ACCEPTED]" {
		t.Fatalf("what lacks still is %s", got)
	}
	if status := s.call(t, desk, http.MethodPost, fmt.Sprintf("%s/accept-terms-and-conditions?branchId=%v", one, branch), map[string]any{}, nil); status != http.StatusOK {
		t.Fatalf("the terms can't be accepted: %d", status)
	}
	s.call(t, desk, http.MethodGet, explain, nil, &why)
	if !why.Fulfilled {
		t.Fatalf("the check still says %+v", why)
	}
	var rental struct {
		ID    int64
		State string
	}
	if status := s.call(t, customer, http.MethodPost, front+"/rentals", rent, &rental); status != http.StatusCreated || rental.State != "ACTIVE" {
		t.Fatalf("the rental does not start: %d %+v", status, rental)
	}
	if status := s.call(t, customer, http.MethodPost, fmt.Sprintf("%s/rentals/%d/end", front, rental.ID), map[string]any{}, nil); status != http.StatusOK {
		t.Errorf("the rental does not end: %d", status)
	}
}

// hasOperationsFacts finds what the demo promises to those who try the operations API
// (decision 2): each id is there, and shows something.
func hasOperationsFacts(t *testing.T, s *running, facts demo.Facts) {
	const ops = "/v1/demo/ops-api"
	for name, path := range map[string]string{
		"business_unit": "/business-units/%v", "business_unit_unused": "/business-units/%v", "card_new": "/customer-identity-cards/%v",
		"card_assigned": "/customer-identity-cards/%v", "terms_current": "/terms-and-conditions/%v", "verification": "/verification/%v",
		"business_group": "/invoices?accountId=%v",
	} {
		if status := s.get(t, facts.Tokens["ops-admin"], ops+fmt.Sprintf(path, facts.IDs[name]), nil); status != http.StatusOK {
			t.Errorf("%s answers %d", name, status)
		}
	}
	if facts.IDs["voucherable"] == nil {
		t.Error("there is no voucherable")
	}
	media := ops + fmt.Sprintf("/verification/media/%v", facts.IDs["verification_media"])
	for token, want := range map[string]int{"ops-admin": 200, "ops-support": 403, "ops-branch-b": 403, "ops-none": 403, "other-ops-admin": 401} {
		if status := s.get(t, facts.Tokens[token], media, nil); status != want {
			t.Errorf("%s reads the media: %d, want %d", token, status, want)
		}
	}
}
