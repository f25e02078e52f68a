package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/demo"
)

// post sends JSON and reads the JSON answer into out; nil reads nothing.
func (r *running) post(t *testing.T, headers map[string]string, path, body string, out any) int {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.address+path, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		q.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			t.Fatalf("POST %s answers %d %s", path, answer.StatusCode, text)
		}
	}
	return answer.StatusCode
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

// What the demo promises of its riders and business accounts (decision 29).
func keepsPromises(t *testing.T, s *running, facts demo.Facts) {
	const front = "/v1/demo/front"
	vehicle, code := facts.IDs["vehicle_free"], facts.IDs["business_group_code"]
	var check struct{ Fulfilled bool }
	s.get(t, facts.Tokens["business-member"], fmt.Sprintf("%s/rentals/requirements?vehicleId=%v&userGroupCode=%v", front, vehicle, code), &check)
	if !check.Fulfilled {
		t.Error("the member does not meet every requirement")
	}
	for _, name := range []string{"customer-free", "customer-free-2", "customer-free-3"} {
		var rental struct {
			ID    int64
			State string
		}
		if status := s.post(t, bearer(facts.Tokens[name]), front+"/rentals", fmt.Sprintf(`{"vehicleId":%v,"startRentalState":"ACTIVE"}`, vehicle), &rental); status != 201 {
			t.Errorf("%s can't rent: %d", name, status)
			continue
		}
		if status := s.post(t, bearer(facts.Tokens[name]), fmt.Sprintf("%s/rentals/%d/end", front, rental.ID), "{}", nil); status != 200 {
			t.Errorf("%s can't end: %d", name, status)
		}
	}
	if status := s.post(t, bearer(facts.Tokens["customer-unverified"]), front+"/rentals", fmt.Sprintf(`{"vehicleId":%v}`, vehicle), nil); status != 400 {
		t.Errorf("who is not verified gets %d", status)
	}
	var rentals []struct{ CostCenterID int64 }
	s.get(t, facts.Tokens["business-owner"], fmt.Sprintf("%s/rentals/user-group/%v?size=100&costCenterId=%v", front, facts.IDs["business_group"], facts.IDs["cost_center_1"]), &rentals)
	if len(rentals) < 60 {
		t.Errorf("%d rentals under the first cost center", len(rentals))
	}
	if s.get(t, facts.Tokens["rival-owner"], fmt.Sprintf("%s/rentals/user-group/%v", front, facts.IDs["rival_group"]), &rentals); len(rentals) != 0 {
		t.Errorf("the rivals have %d rentals", len(rentals))
	}
	demoSignIns(t, s, facts.Credentials)
}

// demoSignIns signs everybody in whom the file names, and the client for its customer.
func demoSignIns(t *testing.T, s *running, credentials map[string]any) {
	t.Helper()
	var session struct{ AccessToken string }
	for name, values := range credentials {
		login, _ := values.(map[string]any)
		body, _ := json.Marshal(login)
		path := "/v1/demo/auth/sign-in-email"
		switch {
		case name == "api_client":
			path = "/v1/demo/auth/sign-in-api-client"
		case strings.HasPrefix(name, "other-"):
			path = "/v1/other/auth/sign-in-email"
		case login["email"] == nil || name == "property-owner":
			continue
		}
		if status := s.post(t, nil, path, string(body), &session); status != 200 {
			t.Errorf("%s can't sign in: %d", name, status)
		}
	}
	body, _ := json.Marshal(credentials["api_client"])
	s.post(t, nil, "/v1/demo/auth/sign-in-api-client", string(body), &session)
	var me struct{ UUID string }
	var own struct{ AccessToken string }
	login, _ := json.Marshal(credentials["customer-free-3"])
	s.post(t, nil, "/v1/demo/auth/sign-in-email", string(login), &own)
	s.get(t, own.AccessToken, "/v1/demo/front/me", &me)
	headers := bearer(session.AccessToken)
	headers["GoUrban-Impersonate"] = me.UUID
	if status := s.post(t, headers, "/v1/demo/front/groups/NOSUCHCODE/join", "{}", nil); status != 404 {
		t.Errorf("the client acts for its customer and gets %d", status)
	}
	delete(headers, "GoUrban-Impersonate")
	if status := s.post(t, headers, "/v1/demo/front/groups/NOSUCHCODE/join", "{}", nil); status != 403 {
		t.Errorf("the client alone gets %d", status)
	}
}
