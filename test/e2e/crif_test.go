package e2e

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/provider/crif/criftest"
)

// The whole way of a rating: a tenant names its provider and says its secrets, an
// operator queues a rating, CRIF is asked, and the credit status follows. Neither the
// secret nor what was asked stands in the log.
func TestCRIF(t *testing.T) {
	fake := criftest.New(t)
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: fake.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", roots)
	var log bytes.Buffer
	p := place{data: t.TempDir(), log: &log}
	s := p.serve(t, "--demo", "--address-rate=-1", "--crif-url", fake.URL+"/CrifSS/CrifSoapServiceV1", "--allow-egress", "127.0.0.0/8")
	var facts demoFacts
	text, err := os.ReadFile(filepath.Join(p.data, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &facts); err != nil {
		t.Fatal(err)
	}
	do := func(want int, method, path, body string, out any) {
		t.Helper()
		q, err := http.NewRequestWithContext(t.Context(), method, s.base+"/v1/demo/ops-api"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Authorization", "Bearer "+facts.Tokens["ops-admin"])
		q.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != want {
			t.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, text)
		}
		if out != nil {
			if err := json.Unmarshal(text, out); err != nil {
				t.Fatal(err)
			}
		}
	}
	people, _ := facts.IDs["customers"].(map[string]any)
	customer := fmt.Sprintf("/customers/%v", people["customer-free"])
	for key, value := range map[string]string{"rating.provider": "CRIF", "rating.crif.user": criftest.User, "rating.crif.password": criftest.Password} {
		do(200, "PUT", "/settings-management/"+key, fmt.Sprintf(`{"value":%q}`, value), nil)
	}
	do(200, "PATCH", customer, `{"street":"Penn Avenue 1000","postcode":"15222","city":"Pittsburgh","country":"US"}`, nil)
	rated := func(name string) (last struct{ Status, Reason string }) {
		t.Helper()
		fake.Judge(func(string) string { return name })
		do(202, "POST", customer+"/ratings/queue", `{"force":true}`, nil)
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			var all []struct{ Status, Reason string }
			if do(200, "GET", customer+"/ratings?size=1", "", &all); all[0].Status != "QUEUED" || time.Now().After(deadline) {
				return all[0]
			}
		}
	}
	for _, c := range []struct{ name, status, credit string }{
		{criftest.Yellow, "PENDING", "PENDING"}, {criftest.Green, "APPROVED", "APPROVED"}, {criftest.Refused, "FAILED", "APPROVED"}, {criftest.Red, "REJECTED", "REJECTED"},
	} {
		if last := rated(c.name); last.Status != c.status {
			t.Errorf("%s: %+v", c.name, last)
		}
		var of struct{ CreditStatus string }
		if do(200, "GET", customer, "", &of); of.CreditStatus != c.credit {
			t.Errorf("%s: the credit status is %s", c.name, of.CreditStatus)
		}
	}
	q := fake.Asked()[0]
	if q.LastName != "Brooks" || q.Street != "Penn Avenue" || q.HouseNumber != "1000" || q.Country != "USA" || !strings.HasPrefix(q.Reference, "rating-demo-") {
		t.Errorf("asked %+v", q)
	}
	s.kill()
	for _, secret := range []string{criftest.Password, "Penn Avenue", "no report of"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q stands in the log:\n%s", secret, log.String())
		}
	}
}
