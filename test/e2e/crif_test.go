package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/provider/crif/criftest"
)

// The whole way of a rating: a tenant names its provider and says its secrets, an
// operator queues a rating, CRIF is asked, and the credit status follows. Neither the
// secret nor what was asked stands in the log.
func TestCRIF(t *testing.T) { places(t, testCRIF) }

func testCRIF(t *testing.T, at place) {
	fake := criftest.New(t)
	p := serveProvided(t, at, fake.Certificate(), "--crif-url", fake.URL+"/CrifSS/CrifSoapServiceV1")
	do := func(want int, method, path, body string, out any) {
		t.Helper()
		p.do(want, "ops-admin", method, "/ops-api"+path, body, out)
	}
	p.set(map[string]any{"rating.provider": "CRIF", "rating.crif.user": criftest.User, "rating.crif.password": criftest.Password})
	people, _ := p.demo.IDs["customers"].(map[string]any)
	customer := fmt.Sprintf("/customers/%v", people["customer-free"])
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
	p.keeps(criftest.Password, "Penn Avenue", "no report of")
}
