package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rosterhq/roster/internal/store/storetest"
)

// front is the base of the user API of the tenant acme.
const front = "/v1/acme/front"

// fleet is the tenant acme: an operator with few vehicles for many riders, who ride
// on two business accounts. The one is billed for each rental at once, the other when
// somebody closes its bill.
type fleet struct {
	t        *testing.T
	p        place
	accounts []*account
	riders   []*rider
	answered atomic.Int64 // calls of riders
	rows     *sql.DB      // the database, behind the program's back
}

// account is a business account.
type account struct {
	owner       string // the token
	id          int64
	code        string
	costCenters []int64
}

const (
	ridersEach = 5
	vehicles   = 8
)

// town is what the operator has, but for vehicles and people.
const town = `
businessUnits:
- {code: at, name: Austria, currency: EUR, taxPercentage: 20, timezone: Europe/Vienna}
branches:
- {code: AT, name: Austria, businessUnit: at}
- {code: VIE, name: Vienna, parent: AT}
- {code: GRZ, name: Graz, parent: AT}
settings:
- {key: businessAccounts.addMembersMode, value: DIRECT}
- {key: businessAccounts.defaultBillingCycle, branch: GRZ, value: PER_USAGE}
vehicleCategories: [{code: bike, name: Bike}]
tariffs:
- {category: bike, businessUnit: at, unlockPrice: 1, pricePerMinute: 0.19, pricePerKilometer: 0.0333}
requirementSets:
- {name: Bikes, branches: [AT], start: {minimumAge: 16, require: [EMAIL_VERIFIED]}}
terms:
- {branch: AT, termsAndConditionsText: Be kind., termsAndConditionsUrl: "https://example.org/terms"}
`

// newFleet makes the tenant with the program's own commands, and its accounts over
// HTTP.
func newFleet(t *testing.T, p place) *fleet {
	t.Helper()
	f := &fleet{t: t, p: p}
	f.open()
	var b strings.Builder
	b.WriteString(town + "vehicles:\n")
	for i := range vehicles {
		fmt.Fprintf(&b, "- {code: V-%d, branch: VIE, category: bike, kilometers: %d}\n", i, 100*i)
	}
	b.WriteString("customers:\n")
	branches := []string{"GRZ", "VIE"}
	tokens := map[string]string{}
	for i, branch := range branches {
		for n := range ridersEach + 1 {
			name := riderName(i, n)
			tokens[name] = ""
			fmt.Fprintf(&b, "- {email: %s@example.org, emailIsVerified: true, birthdate: 1990-05-01, homeBranch: %s, acceptedTermsOf: [VIE]}\n", name, branch)
		}
	}
	file := filepath.Join(t.TempDir(), "town.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p.roster(t, "tenant", "create", "acme")
	p.roster(t, "apply", "--tenant", "acme", file)
	s := p.serve(t)
	defer s.kill()
	for name := range tokens {
		tokens[name] = p.roster(t, "token", "create", "--tenant", "acme", "--api", "user", "--role", "USER", "--email", name+"@example.org")
	}
	for i := range branches {
		a := f.newAccount(s, i, tokens[riderName(i, 0)])
		for n := 1; n <= ridersEach; n++ {
			f.riders = append(f.riders, newRider(f, a, riderName(i, n), tokens[riderName(i, n)]))
		}
	}
	return f
}

// open looks into the database, and lets go of it each time: the program is alone
// with its file.
func (f *fleet) open() {
	f.t.Helper()
	database := f.p.database
	if database == "" {
		database = filepath.Join(f.p.data, "roster.db")
	}
	f.rows = storetest.Raw(f.t, database)
	f.rows.SetMaxIdleConns(-1)
}

// riderName names the rider n of an account, of which 0 is the owner.
func riderName(account, n int) string { return fmt.Sprintf("rider-%d-%d", account, n) }

// newAccount makes a business account that has something to pay with, cost centers
// and riders.
func (f *fleet) newAccount(s *server, i int, owner string) *account {
	f.t.Helper()
	a := &account{owner: owner}
	var made struct {
		ID           int64  `json:"id"`
		Code         string `json:"code"`
		BillingCycle string `json:"billingCycle"`
	}
	f.must(s, http.StatusCreated, owner, "POST", "/groups-management", fmt.Sprintf(`{"name":"Couriers %d"}`, i), &made)
	if want := []string{"PER_USAGE", "MONTHLY"}[i]; made.BillingCycle != want {
		f.t.Fatalf("the account is billed %s, not %s", made.BillingCycle, want)
	}
	a.id, a.code = made.ID, made.Code
	f.accounts = append(f.accounts, a)
	f.must(s, http.StatusCreated, owner, "POST", a.managed("/payment-sources"), `{"type":"SEPA"}`, nil)
	var addresses []string
	for n := 1; n <= ridersEach; n++ {
		addresses = append(addresses, fmt.Sprintf(`"%s@example.org"`, riderName(i, n)))
	}
	var added struct{ Successful []any }
	f.must(s, http.StatusOK, owner, "POST", a.managed("/add-members"), `{"emails":[`+strings.Join(addresses, ",")+`]}`, &added)
	if len(added.Successful) != ridersEach {
		f.t.Fatalf("%d of %d riders were added", len(added.Successful), ridersEach)
	}
	for n := range 3 {
		var center struct{ ID int64 }
		f.must(s, http.StatusCreated, owner, "POST", "/cost-centers", fmt.Sprintf(`{"userGroupId":%d,"code":"C%d","name":"Center %d"}`, a.id, n, n), &center)
		a.costCenters = append(a.costCenters, center.ID)
	}
	return a
}

// managed is a path of the account's under management.
func (a *account) managed(path string) string {
	return fmt.Sprintf("/groups-management/%d%s", a.id, path)
}

// must makes a call of the user API that answers with that status, and reads its
// answer.
func (f *fleet) must(s *server, want int, token, method, path, body string, into any) {
	f.t.Helper()
	status, text, err := s.send(token, method, front+path, body, "")
	if err != nil || status != want {
		f.t.Fatalf("%s %s %s: %d %s %v, want %d\n%s", method, path, body, status, text, err, want, s.log)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		f.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
}
