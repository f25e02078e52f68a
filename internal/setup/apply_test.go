package setup_test

import (
	"os"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/setup"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// whole has something of every list.
const whole = `
businessUnits:
- {code: at, name: Austria, currency: EUR, taxPercentage: 20, timezone: Europe/Vienna, invoicePrefix: AT}
branches:
- {code: AT, name: Austria, businessUnit: at}
- {code: VIE, name: Vienna, parent: AT}
vehicleCategories:
- {code: bike, name: Bike}
tariffs:
- {category: bike, businessUnit: at, unlockPrice: 1, pricePerMinute: 0.19}
vehicles:
- {code: B-1, branch: VIE, category: Bike, position: {lat: 48.2082, lng: 16.3738}, kilometers: 12.5}
requirementSets:
- name: Bikes
  branches: [AT]
  vehicleCategories: [bike]
  start: {minimumAge: 18, require: [EMAIL_VERIFIED, PAYMENT_SOURCE], minimumBalanceWithoutPaymentSource: -5}
settings:
- {key: businessAccounts.invitationValidityDays, branch: VIE, value: 3}
- {key: terms.operatorAcceptanceAllowed, value: true}
terms:
- {branch: AT, termsAndConditionsText: Be kind., termsAndConditionsUrl: "https://example.org/terms"}
voucherables:
- code: SORRY-5
  name: Sorry
  businessUnit: at
  benefits: [{voucherType: CASHBACK, valueGross: 5, validityDays: 30}]
operators:
- {email: olga@example.org, name: Olga, assignments: [{role: ADMIN, branch: AT}, {role: CUSTOMER_SUPPORT, branch: VIE}]}
customers:
- {email: rita@example.org, firstName: Rita, lastName: Rider, homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE]}
- {phone: "+4366012345678", firstName: Paul, homeBranch: VIE}
identityCards:
- {cardNumber: C-1, branch: AT, customer: rita@example.org}
apiClients:
- {name: maas, api: user}
- {name: desk, api: operations, assignments: [{role: CUSTOMER_SUPPORT, branch: VIE}]}
organizationUsers:
- {email: olga@example.org, name: Olga, role: COMPANY_OWNER}
`

// tenant is a database with one tenant.
type tenant struct {
	*testing.T

	db *store.DB
	a  roster.Actor
}

func newTenant(t *testing.T, database string) *tenant {
	db := storetest.Open(t, database, store.Options{})
	graph.New(db)
	identity.New(db)
	return &tenant{t, db, storetest.Tenant(t, db, "acme")}
}

func (t *tenant) apply(text string) (report *setup.Report, err error) {
	t.Helper()
	d, err := setup.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	a := setup.New(d)
	err = t.db.Write(t.Context(), t.a, func(tx *store.Tx) error {
		report, err = a.Apply(tx)
		return err
	})
	return report, err
}

func (t *tenant) revision() int64 { return t.db.Published(t.a.Tenant.ID) }

func TestApply(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newTenant(t, database)
		report, err := h.apply(whole)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range report.Counts {
			if c.Changed == 0 || c.Same != 0 {
				t.Errorf("the first time: %+v", c)
			}
		}
		if len(report.Clients) != 2 || report.Clients[0].ClientID != "rst_acme_maas" || len(report.Clients[0].ClientKey) < 40 {
			t.Errorf("clients: %+v", report.Clients)
		}
		before := h.revision()
		if report, err = h.apply(whole); err != nil {
			t.Fatal(err)
		}
		for _, c := range report.Counts {
			if c.Changed != 0 {
				t.Errorf("the second time: %+v", c)
			}
		}
		if len(report.Clients) != 0 || h.revision() != before {
			t.Errorf("the second time: %+v, revision %d after %d", report.Clients, h.revision(), before)
		}
		// A part of the file changes that part alone.
		report, err = h.apply("branches:\n- {code: vie, name: Wien, parent: at}\n- {code: GRZ, name: Graz, parent: AT}\n")
		if err != nil || report.Counts[0].Changed != 2 {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// Every reference that names nothing is told, with its place, and nothing is done.
func TestApplyTellsAllProblems(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newTenant(t, database)
		before := h.revision()
		_, err := h.apply(`
branches:
- {code: AT, name: Austria, businessUnit: nowhere}
- {code: VIE, name: Vienna, parent: XX}
- {code: GRZ, name: Graz, state: SLEEPING}
vehicleCategories:
- {code: bike, name: Bike}
vehicles:
- {code: B-1, branch: LNZ, category: bike}
- {code: B-2, branch: LNZ, category: car, position: {lat: 91, lng: 0}}
settings:
- {key: no.such.key, value: 1}
- {key: businessAccounts.invitationValidityDays, value: soon}
operators:
- {email: olga, name: Olga}
customers:
- {email: rita@example.org, homeBranch: LNZ}
apiClients:
- {name: Maas, api: user}
- {name: desk, api: telepathy}
`)
		if !roster.IsKind(err, roster.Invalid) {
			t.Fatal(err)
		}
		for _, want := range []string{
			`branches[0].businessUnit: there is no business unit "nowhere"`, `branches[1].parent: there is no branch "XX"`, `branches[2].state: `,
			`vehicles[0].branch: there is no branch "LNZ"`, `settings[0]: there is no setting "no.such.key"`, `settings[1].value: `,
			`operators[0].email: `, `customers[0].homeBranch: `, `apiClients[0].name: `, `apiClients[1].api: `,
		} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not told in\n%v", want, err)
			}
		}
		if h.revision() != before {
			t.Error("something was changed")
		}
	})
}
