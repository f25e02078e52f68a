package mobility

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// drawn is all that bears on requirements, as a model of them reads it: a person, an
// account or none, what is configured, and what is asked.
type drawn struct {
	set      StartRequirements
	settings map[string]bool // by name
	// The person.
	blocked, unpaid, active, cardHere, cardElsewhere bool
	terms                                            string // "", or how they stand to them
	profile                                          map[string]bool
	emailVerified, phoneVerified                     bool
	age                                              int64 // 0 for unknown
	license, licenseDay, licensed                    string
	id, idDay, manual, external, credit              string
	signup, signupFailed, invoicing                  bool
	source, creditCard                               bool
	balance                                          roster.Amount
	// The account, and what the person is in it.
	business                                  bool
	state, blockState, payment, accountCredit string
	groupUnpaid, trusted, ignoreB             bool
	branches, categories                      string // which are allowed
	costCenter, reason, approvals             bool   // are required
	reasons, properties                       []string
	member, approval, access                  string
	accountDefault, memberDefault             int // the cost center, from 1
	has                                       map[string]bool
	limit, spent                              roster.Amount // no limit is 0
	// The question.
	start    string
	later    bool // in two days
	distance int  // 0 unknown, 1 near, 2 far
	chosen   int  // the cost center; 3 is another account's
	given    string
}

var (
	flags        = strings.Fields("EMAIL PHONE FIRST_NAME LAST_NAME BIRTHDATE STREET POSTCODE CITY COUNTRY")
	checkFlags   = strings.Fields("EMAIL_VERIFIED PHONE_VERIFIED DRIVING_LICENSE_VERIFIED DRIVING_LICENSE_NOT_EXPIRED ID_VERIFIED MANUAL_VERIFIED EXTERNAL_VERIFIED CREDIT_STATUS_APPROVED SIGNUP_FEE_SETTLED PAYMENT_SOURCE CREDIT_CARD IDENTITY_CARD_ASSIGNED")
	modelSetting = map[string][2]string{
		identity.TermsAcceptanceRequired.Name: {"false", "true"}, identity.AcceptNeedsCheck.Name: {"false", "true"}, identity.SignupFeeRequired.Name: {"false", "true"},
		identity.IdentityCardsEnabled.Name: {"false", "true"}, identity.RequireCostCenter.Name: {"false", "true"},
		identity.IDProvider.Name: {`"NONE"`, `"ONFIDO"`}, identity.LicenseProvider.Name: {`"NONE"`, `"VERIFF"`}, identity.RatingProvider.Name: {`"NONE"`, `"CRIF"`},
	}
)

// draw draws an example, in which half the time whatever may be asked is given.
func draw(t *rapid.T) *drawn {
	d := drawAll(t)
	if rapid.Bool().Draw(t, "is all given") {
		d.giveAll()
	}
	return d
}

func (d *drawn) giveAll() {
	d.blocked, d.unpaid, d.active, d.cardHere, d.terms = false, false, false, true, care.Accepted
	for _, f := range flags {
		d.profile[f] = true
	}
	d.emailVerified, d.phoneVerified, d.age, d.license, d.licenseDay, d.licensed = true, true, 18, verified, "2026-03-04", "A,B"
	d.id, d.idDay, d.manual, d.external, d.credit, d.signup, d.creditCard, d.balance = verified, "", verified, verified, "APPROVED", true, true, 1
	d.distance = min(d.distance, 1)
	if !d.business {
		return
	}
	d.state, d.blockState, d.payment, d.accountCredit, d.groupUnpaid = "ACTIVE", "NONE", business.Invoicing, "APPROVED", false
	d.branches, d.categories, d.member, d.approval, d.access = "AT", "bikes", "ACTIVE", "APPROVED", "ALL"
	d.memberDefault, d.chosen, d.given, d.spent = 1, min(d.chosen, 1), "site", 0
	for _, p := range d.properties {
		d.has[p] = true
	}
}

func drawAll(t *rapid.T) *drawn {
	yes := func(name string) bool { return rapid.Bool().Draw(t, name) }
	seldom := func(name string) bool { return rapid.IntRange(0, 3).Draw(t, name) == 0 }
	mostly := func(name string) bool { return !seldom(name) }
	of := func(name string, words ...string) string { return rapid.SampledFrom(words).Draw(t, name) }
	some := func(name string, words []string, with func(string) bool) (all []string) {
		for _, w := range words {
			if with(name + " " + w) {
				all = append(all, w)
			}
		}
		return all
	}
	d := &drawn{settings: map[string]bool{}, profile: map[string]bool{}, has: map[string]bool{}}
	for name := range modelSetting {
		d.settings[name] = yes(name)
	}
	d.set = StartRequirements{
		Require: some("asks", append(slices.Clone(flags), checkFlags...), seldom), LicenseCategories: some("asks license", []string{"A", "B"}, seldom),
		MinimumAge: rapid.SampledFrom([]int64{0, 0, 18}).Draw(t, "minimum age"), MaximumAge: rapid.SampledFrom([]int64{0, 0, 70}).Draw(t, "maximum age"),
		ReservationMaximumDistance: rapid.SampledFrom([]int64{0, 1_000}).Draw(t, "reservation distance"), RentalMaximumDistance: rapid.SampledFrom([]int64{0, 1_000}).Draw(t, "rental distance"),
		AcceptNeedsCheck: seldom("accept needs check"),
	}
	if seldom("minimum with") {
		d.set.MinimumBalanceWithSource = amount(-1)
	}
	if seldom("minimum without") {
		d.set.MinimumBalanceWithout = amount(1)
	}
	d.blocked, d.unpaid, d.active, d.cardHere, d.cardElsewhere = seldom("blocked"), seldom("unpaid"), seldom("active"), yes("card"), yes("card elsewhere")
	d.terms = of("terms", "", care.Accepted, care.Outdated, care.NotAccepted)
	for _, f := range flags {
		d.profile[f] = mostly("has " + f)
	}
	d.emailVerified, d.phoneVerified = mostly("email verified"), mostly("phone verified")
	d.age = rapid.SampledFrom([]int64{17, 18, 70, 71}).Draw(t, "age")
	d.license = of("license", verified, verified, needsCheck, "REJECTED", "PROCESSING")
	days := []string{"", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"}
	d.licenseDay, d.idDay, d.licensed = of("license expires", days...), of("id expires", days...), of("licensed", "", "A", "B", "A,B", "A,AM,B")
	d.id, d.manual, d.external = of("id", verified, "RETRY"), of("manual", verified, "RETRY"), of("external", verified, "UNVERIFIED")
	d.credit, d.signup, d.signupFailed, d.invoicing = of("credit", "APPROVED", "REJECTED"), yes("signup"), seldom("signup failed"), seldom("invoicing")
	d.source, d.creditCard = yes("source"), yes("credit card")
	d.balance = roster.Amount(rapid.Int64Range(-2, 1).Draw(t, "balance"))
	d.start, d.distance = of("start", Reservation, Active, Booked), rapid.IntRange(0, 2).Draw(t, "distance")
	d.later = d.start == Booked && yes("later")
	if d.business = mostly("business"); !d.business {
		return d
	}
	d.state, d.blockState = of("state", "ACTIVE", "ACTIVE", "ACTIVE", "INACTIVE"), of("block state", "NONE", "NONE", "NONE", "BLOCKED")
	d.payment, d.accountCredit = of("payment", "SOURCE_ADDED", "INVOICING", "INVOICING", "PUSH_COMPLETED"), of("account credit", "APPROVED", "UNKNOWN")
	d.groupUnpaid, d.trusted, d.ignoreB = seldom("group unpaid"), seldom("trusted"), yes("ignore B")
	d.branches, d.categories = of("branches", "", "AT", "VIE", "GRZ", "GRZ,VIE"), of("categories", "", "", "bikes", "vans")
	d.costCenter, d.reason, d.approvals = yes("cost center"), seldom("reason"), yes("approvals")
	d.reasons, d.properties = some("reasons", []string{"site"}, seldom), some("properties", []string{"superiorEmail", "employeeNumber", "desk"}, seldom)
	d.member, d.approval = of("member", "ACTIVE", "ACTIVE", "ACTIVE", "INACTIVE", ""), of("approval", "NOT_REQUIRED", "APPROVED", "APPROVED", "PENDING", "REJECTED")
	d.access = of("access", "ALL", "1", "2")
	d.accountDefault, d.memberDefault = rapid.IntRange(0, 2).Draw(t, "account default"), rapid.IntRange(0, 2).Draw(t, "member default")
	if d.access != "ALL" && d.access != fmt.Sprint(d.memberDefault) {
		d.memberDefault = 0
	}
	for _, p := range d.properties {
		d.has[p] = mostly("has " + p)
	}
	d.limit, d.spent = rapid.SampledFrom([]roster.Amount{0, 0, 5, 6}).Draw(t, "limit"), rapid.SampledFrom([]roster.Amount{0, 5}).Draw(t, "spent")
	d.chosen, d.given = rapid.SampledFrom([]int{0, 0, 1, 2, 3}).Draw(t, "chosen"), of("given", "", "site", "lunch")
	return d
}

// modelRow is a requirement as the contract has it: under which condition it is asked,
// whether it is given, and the error where it is not.
type modelRow struct {
	code        string
	asked, good bool
	error       string
}

// model is the table of contract/mobility.md §6 over what was drawn.
func (d *drawn) model() []modelRow {
	asks := func(code string) bool { return slices.Contains(d.set.Require, code) && (!d.business || !d.trusted) }
	personal := func(is bool) bool { return is && (!d.business || !d.trusted) }
	last := "2026-03-02"
	if d.later {
		last = "2026-03-04"
	}
	license := d.settings[identity.LicenseProvider.Name]
	state := d.license
	if (state == verified || state == needsCheck) && d.licenseDay == "2026-03-01" {
		state = "EXPIRED_LICENSE"
	}
	lenient := d.settings[identity.AcceptNeedsCheck.Name] || d.set.AcceptNeedsCheck
	wanted := slices.Clone(d.set.LicenseCategories)
	if d.business && d.ignoreB {
		wanted = slices.DeleteFunc(wanted, func(c string) bool { return c == "B" })
	}
	lacks := slices.ContainsFunc(wanted, func(c string) bool { return !slices.Contains(strings.Split(d.licensed, ","), c) })
	source := d.source || d.creditCard
	least := d.set.MinimumBalanceWithout
	if source {
		least = d.set.MinimumBalanceWithSource
	}
	signupError := "U139"
	if d.signupFailed {
		signupError = "U139.1"
	}
	born := d.profile["BIRTHDATE"]
	age := d.age
	rows := []modelRow{
		{"ACCOUNT_NOT_BLOCKED", true, !d.blocked, "U131"},
		{"TERMS_ACCEPTED", d.terms != "" && d.settings[identity.TermsAcceptanceRequired.Name], d.terms == care.Accepted, "U690"},
		{"NO_UNPAID_INVOICES", !d.business, !d.unpaid, "U134"},
		{"NO_ACTIVE_RENTAL", d.start == Active, !d.active, "R102.1"},
	}
	for i, f := range flags {
		rows = append(rows, modelRow{f, asks(f), d.profile[f], []string{"U130.3", "U130.4", "U130.5", "U130.6", "U130.7", "U135", "U136", "U137", "U138"}[i]})
	}
	rows = append(rows, []modelRow{
		{"EMAIL_VERIFIED", asks("EMAIL_VERIFIED"), d.profile["EMAIL"] && d.emailVerified, "U490"},
		{"PHONE_VERIFIED", asks("PHONE_VERIFIED"), d.profile["PHONE"] && d.phoneVerified, "U390"},
		{"MINIMUM_AGE", personal(d.set.MinimumAge > 0), born && age >= d.set.MinimumAge, "U132"},
		{"MAXIMUM_AGE", personal(d.set.MaximumAge > 0), born && age <= d.set.MaximumAge, "U133"},
		{"DRIVING_LICENSE_VERIFIED", asks("DRIVING_LICENSE_VERIFIED") && license, state == verified || lenient && state == needsCheck, "U590.1"},
		{"DRIVING_LICENSE_NOT_EXPIRED", asks("DRIVING_LICENSE_NOT_EXPIRED") && license, d.licenseDay >= last, "U590.2"},
		{"DRIVING_LICENSE_CATEGORY", personal(len(wanted) > 0) && license, !lacks, "U590.3"},
		{"ID_VERIFIED", asks("ID_VERIFIED") && d.settings[identity.IDProvider.Name], d.id == verified && d.idDay != "2026-03-01", "U591"},
		{"MANUAL_VERIFIED", asks("MANUAL_VERIFIED"), d.manual == verified, "U592"},
		{"EXTERNAL_VERIFIED", asks("EXTERNAL_VERIFIED"), d.external == verified, "U592.1"},
		{"CREDIT_STATUS_APPROVED", !d.business && asks("CREDIT_STATUS_APPROVED") && d.settings[identity.RatingProvider.Name], d.credit == "APPROVED", "CR905"},
		{"SIGNUP_FEE_SETTLED", asks("SIGNUP_FEE_SETTLED") || personal(d.settings[identity.SignupFeeRequired.Name]), d.signup, signupError},
		{"IDENTITY_CARD_ASSIGNED", asks("IDENTITY_CARD_ASSIGNED") && d.settings[identity.IdentityCardsEnabled.Name], d.cardHere, "IC906"},
		{"PAYMENT_SOURCE", !d.business && asks("PAYMENT_SOURCE"), source || d.invoicing, "P901"},
		{"CREDIT_CARD", !d.business && asks("CREDIT_CARD"), d.creditCard || d.invoicing, "P901"},
		{"MINIMUM_BALANCE", !d.business && least != nil, least != nil && d.balance >= *least, "J901"},
		{"RESERVATION_MAX_DISTANCE", d.start == Reservation && d.set.ReservationMaximumDistance > 0 && d.distance > 0, d.distance == 1, "R904"},
		{"RENTAL_MAX_DISTANCE", d.start == Active && d.set.RentalMaximumDistance > 0 && d.distance > 0, d.distance == 1, "R904"},
	}...)
	if d.business {
		rows = append(rows, d.modelOfGroup()...)
	}
	return slices.DeleteFunc(rows, func(r modelRow) bool { return !r.asked })
}

func (d *drawn) modelOfGroup() []modelRow {
	in := d.member != ""
	id := d.modelCostCenter()
	costCenterError := "UG915"
	if d.chosen != 0 {
		costCenterError = "UG914"
	}
	given := d.given != "" && (len(d.reasons) == 0 || d.given == "site")
	return []modelRow{
		{"GROUP_MEMBERSHIP_ACTIVE", true, d.state == "ACTIVE" && d.blockState == "NONE" && d.member == "ACTIVE", "UG917"},
		{"GROUP_MEMBER_APPROVED", in, d.approval == "APPROVED" || d.approval == "NOT_REQUIRED" || !d.approvals, "UG918"},
		{"GROUP_PAYMENT_CONFIGURED", true, d.payment != "PUSH_COMPLETED", "UG919"},
		{"GROUP_NO_UNPAID_INVOICES", true, !d.groupUnpaid, "UG920"},
		{"GROUP_BRANCH_CATEGORY_PERMITTED", true, d.branches != "GRZ" && d.categories != "vans", "UG921"},
		{"CREDIT_STATUS_APPROVED", slices.Contains(d.set.Require, "CREDIT_STATUS_APPROVED") && d.settings[identity.RatingProvider.Name], d.accountCredit == "APPROVED", "CR905"},
		{"COST_CENTER_SELECTED", in && (d.chosen != 0 || d.costCenter || d.settings[identity.RequireCostCenter.Name]), id != 0, costCenterError},
		{"BUSINESS_REASON_GIVEN", d.reason || d.given != "" && len(d.reasons) > 0, given, "UG916"},
		{"MEMBER_PROPERTY", in && len(d.properties) > 0, !slices.ContainsFunc(d.properties, func(p string) bool { return !d.has[p] }), "UG931"},
		{"SPENDING_LIMIT", in && d.limit != 0, d.spent < d.limit, "UG930"},
	}
}

// modelCostCenter is the cost center that is captured: 1, 2 or none. The second is
// valid in two days only.
func (d *drawn) modelCostCenter() int {
	available := func(n int) bool {
		return n == 1 && d.access != "2" || n == 2 && d.access != "1" && d.later
	}
	switch {
	case d.member == "":
		return 0
	case d.chosen != 0:
		if available(d.chosen) {
			return d.chosen
		}
		return 0
	case d.memberDefault != 0 && available(d.memberDefault):
		return d.memberDefault
	case d.accountDefault != 0 && available(d.accountDefault):
		return d.accountDefault
	}
	return 0
}

// The engine says what the model says, whatever is configured and whoever asks, and a
// rental or booking is made if and only if all of it is given.
func TestRequirementsModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		made, refused := 0, 0
		rapid.Check(t, func(t *rapid.T) {
			d := draw(t)
			f.write(func(tx *store.Tx) error {
				s, err := f.stage(tx, d)
				if err != nil {
					return err
				}
				checked, err := f.checkIn(tx, s.question(tx.Now))
				if err != nil {
					return err
				}
				s.compare(t, checked)
				if s.business && s.drawn.member == "" {
					return nil // to a stranger there is no such account
				}
				err = s.create(tx)
				if created := err == nil; created != checked.Fulfilled {
					t.Fatalf("the check says %v, and creation %v", checked.Fulfilled, err)
				}
				made, refused = made+1, refused+1
				if err == nil {
					refused--
					return nil
				}
				made--
				if want := roster.AsError(checked.Refusal()); roster.AsError(err).Code != want.Code {
					t.Fatalf("creation refuses with %v; want %v", err, want)
				}
				return nil
			})
		})
		if made == 0 || refused == 0 {
			t.Errorf("%d were made, %d refused", made, refused)
		}
	})
}

func (s *staged) compare(t *rapid.T, checked *Check) {
	var got, want []string
	fulfilled := true
	for _, r := range checked.Requirements {
		got = append(got, r.Code+" "+r.ErrorCode)
		if r.Fulfilled != (r.ErrorCode == "") {
			t.Fatalf("%+v", r)
		}
	}
	for _, r := range s.model() {
		if r.good {
			r.error = ""
		}
		want = append(want, r.code+" "+r.error)
		fulfilled = fulfilled && r.good
	}
	if !slices.Equal(got, want) {
		t.Fatalf("the engine says\n%s\nthe model\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	center := int64(0)
	if s.business {
		center = s.centers[s.modelCostCenter()]
	}
	if checked.Fulfilled != fulfilled || checked.CostCenterID != center {
		t.Fatalf("fulfilled is %v, the cost center %d; want %v and %d", checked.Fulfilled, checked.CostCenterID, fulfilled, center)
	}
}

// create makes what the question is about.
func (s *staged) create(tx *store.Tx) error {
	p := Payer{}
	if s.business {
		p = Payer{GroupID: s.account.ID, CostCenterID: s.centers[s.chosen], BusinessReason: s.given}
	}
	if s.start == Booked {
		from := tx.Now + 1
		if s.later {
			from = tx.Now + 2*day
		}
		_, err := s.Mobility.book(tx, s.person, NewBooking{BranchID: s.branch, CategoryID: s.bikes, StartTime: from, EndTime: from + 1, Payer: p})
		return err
	}
	_, _, err := s.Mobility.create(tx, s.person, NewRental{VehicleID: s.vehicle.ID, Start: s.start, Payer: p, Position: []*Position{nil, &cathedral, &wheel}[s.distance]})
	return err
}
