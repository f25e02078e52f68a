package e2e

import (
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/provider/onfido/onfidotest"
	"github.com/rosterhq/roster/internal/provider/providertest"
	"github.com/rosterhq/roster/internal/provider/veriff/verifftest"
)

// verifier is a provider of verifications of the test's own.
type verifier struct {
	certificate *x509.Certificate
	flags       []string
	settings    map[string]any
	secrets     []string // among the settings
	hook        string
	next        string // what the customer is sent to
	approve     func() (body, header, signature string)
	fail        func(status int) // of the next answer
	photo       string
	shows       []string // kinds of media
	number      string   // of the document
}

func onfido(t *testing.T) verifier {
	fake := onfidotest.New(t)
	return verifier{
		certificate: fake.Certificate(), flags: []string{"--onfido-url", fake.BaseURL()},
		settings: map[string]any{
			"verification.licenseProvider": "ONFIDO", "verification.onfido.apiToken": onfidotest.Token,
			"verification.onfido.webhookToken": onfidotest.WebhookToken, "verification.onfido.workflowId": onfidotest.Workflow,
		},
		secrets: []string{onfidotest.Token, onfidotest.WebhookToken},
		hook:    "/hooks/onfido", next: "https://eu.onfido.app/l/run-1", fail: fake.Fail, photo: onfidotest.Photo,
		shows: []string{"BACK", "FACE", "FRONT", "VIDEO"}, number: "AT123456",
		approve: func() (string, string, string) {
			fake.Set("run-1", "approved")
			body, signature := onfidotest.Event("run-1", "workflow_run.completed", "approved")
			return body, "X-SHA2-Signature", signature
		},
	}
}

func veriff(t *testing.T) verifier {
	fake := verifftest.New(t)
	return verifier{
		certificate: fake.Certificate(), flags: []string{"--veriff-url", fake.URL},
		settings: map[string]any{
			"verification.licenseProvider": "VERIFF", "verification.veriff.apiKey": verifftest.Key, "verification.veriff.sharedSecret": verifftest.Secret,
		},
		secrets: []string{verifftest.Secret},
		hook:    "/hooks/veriff", next: "https://alchemy.veriff.com/v/session-1", fail: fake.Fail, photo: verifftest.Photo,
		shows: []string{"BACK", "FACE", "FRONT", "VIDEO"}, number: "B7654321",
		approve: func() (string, string, string) {
			fake.Decide("session-1", 9001, "null")
			body, signature := verifftest.Decided("session-1", 9001, "null")
			return body, "X-HMAC-SIGNATURE", signature
		},
	}
}

// The whole way of a driving license: a tenant names its provider and says its secrets,
// a customer begins, the provider's signed message has it be asked what it decided, and
// photographs are there for those alone who may see them, each look in the log.
func TestVerifiers(t *testing.T) {
	for name, start := range map[string]func(*testing.T) verifier{"onfido": onfido, "veriff": veriff} {
		t.Run(name, func(t *testing.T) {
			places(t, func(t *testing.T, at place) { testVerifier(t, at, start(t)) })
		})
	}
}

func testVerifier(t *testing.T, at place, v verifier) {
	side := freeAddress(t)
	p := serveProvided(t, at, v.certificate, append(v.flags, "--admin-listen", side)...)
	people, _ := p.demo.IDs["customers"].(map[string]any)
	id := people["customer-unverified"]
	p.do(404, "", "POST", v.hook, "{}", nil)
	p.do(200, "ops-admin", "PATCH", fmt.Sprintf("/ops-api/customers/%v", id), `{"firstName":"Olga","lastName":"Orlova"}`, nil)
	p.set(v.settings)

	var begun struct{ Next map[string]string }
	if p.do(201, "customer-unverified", "POST", "/front/me/verifications", `{"kind":"LICENSE"}`, &begun); begun.Next["url"] != v.next {
		t.Fatalf("%+v", begun)
	}
	body, header, signature := v.approve()
	p.do(401, "", "POST", v.hook, body, nil)
	p.do(401, "", "POST", v.hook, body, nil, header, strings.Repeat("0", len(signature)))
	p.do(401, "", "POST", v.hook, body+" ", nil, header, signature)
	v.fail(http.StatusInternalServerError) // it is asked again
	for range 2 {                          // it may come twice
		p.do(200, "", "POST", v.hook, body, nil, header, signature)
	}

	type shown struct {
		ID       int64
		State    string
		Attempts []struct {
			State string
			Media []struct{ FileUUID, Kind string }
		}
	}
	var all []shown
	var one shown
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		p.do(200, "ops-admin", "GET", fmt.Sprintf("/ops-api/verification?guserId=%v", id), "", &all)
		if len(all) != 1 {
			t.Fatalf("%+v", all)
		}
		p.do(200, "ops-admin", "GET", fmt.Sprintf("/ops-api/verification/%d", all[0].ID), "", &one)
		if one.State == "VERIFIED" && len(one.Attempts) == 1 && len(one.Attempts[0].Media) == len(v.shows) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v\n%s", one, p.log.Bytes())
		}
	}
	var kinds []string
	for _, m := range one.Attempts[0].Media {
		kinds = append(kinds, m.Kind)
		path := "/ops-api/verification/media/" + m.FileUUID
		want := v.photo
		if m.Kind == "VIDEO" {
			want = providertest.Video
		}
		if got := p.bytes("ops-admin", p.base+"/v1/demo"+path); got != want {
			t.Errorf("%s is %q", m.Kind, got)
		}
		p.do(403, "ops-support", "GET", path, "", nil)
		p.do(401, "", "GET", path, "", nil)
	}
	if slices.Sort(kinds); !slices.Equal(kinds, v.shows) {
		t.Errorf("there are %v, want %v", kinds, v.shows)
	}
	var looks []struct{ Operation string }
	p.do(200, "ops-admin", "GET", fmt.Sprintf("/ops-api/audit?accountId=%v&size=100", id), "", &looks)
	seen := map[string]int{}
	for _, l := range looks {
		seen[l.Operation]++
	}
	if seen["verification_media.read"] != len(v.shows) || seen["verification_media.leave_out"] != 1 {
		t.Errorf("the log has %v", seen)
	}
	var of struct{ LicenseVerificationState string }
	if p.do(200, "ops-admin", "GET", fmt.Sprintf("/ops-api/customers/%v", id), "", &of); of.LicenseVerificationState != "VERIFIED" {
		t.Errorf("%+v", of)
	}
	for _, status := range []string{"200", "201", "500"} {
		want := fmt.Sprintf(`roster_provider_requests_total{provider=%q,status=%q}`, v.settings["verification.licenseProvider"], status)
		if text := p.bytes("", "http://"+side+"/metrics"); !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	p.keeps(append(v.secrets, v.number, begun.Next["url"])...)
}

// freeAddress is one of this machine at which nobody listened a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// bytes is what a GET of a URL answers.
func (p *provided) bytes(token, url string) string {
	p.t.Helper()
	q, err := http.NewRequestWithContext(p.t.Context(), "GET", url, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+p.demo.Tokens[token])
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s: %d %s %v", url, answer.StatusCode, text, err)
	}
	return string(text)
}
