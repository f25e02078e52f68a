package mobility

import (
	"slices"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestRequirementsAsked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newFleet(t, database).scene(code("PHONE"))
		s.inAccount()
		vehicle := s.fleet.vehicle(s.vie, s.bikes)
		stranger := s.fleet.account(s.vie, s.rider(), nil)
		here := Ask{BranchID: s.vie, CategoryID: s.bikes}
		for name, ask := range map[string]Ask{
			"by id": {VehicleID: vehicle.ID}, "by code": {VehicleCode: vehicle.Code}, "by category": here,
			"on a group": {VehicleID: vehicle.ID, Payer: on(s.account)}, "as a booking": {BranchID: s.vie, CategoryID: s.bikes, From: noon, Until: noon + hour},
		} {
			c, err := s.Requirements(t.Context(), s.who, ask)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			wantType, wantGroup := Personal, int64(0)
			if ask.Payer.GroupCode != "" {
				wantType, wantGroup = Business, s.account.ID
			}
			if c.Fulfilled || !c.Evaluated || c.row("PHONE") == nil || c.BranchID != s.vie || c.CategoryID != s.bikes || c.Type != wantType || c.GroupID != wantGroup {
				t.Errorf("%s: %+v", name, c)
			}
		}
		for name, c := range map[string]struct {
			ask   Ask
			kind  roster.Kind
			code  string
			field string
		}{
			"nothing":             {Ask{}, roster.Invalid, "", "vehicleId"},
			"two ways":            {Ask{VehicleID: vehicle.ID, VehicleCode: vehicle.Code}, roster.Invalid, "", "vehicleId"},
			"a branch alone":      {Ask{BranchID: s.vie}, roster.Invalid, "", "vehicleCategoryId"},
			"a category alone":    {Ask{CategoryID: s.bikes}, roster.Invalid, "", "branchId"},
			"half a window":       {Ask{VehicleID: vehicle.ID, From: noon}, roster.Invalid, "", "bookingEnd"},
			"a window backwards":  {Ask{VehicleID: vehicle.ID, From: noon, Until: noon}, roster.Invalid, "", "bookingEnd"},
			"no start":            {Ask{VehicleID: vehicle.ID, Start: "ENDED"}, roster.Invalid, "", "start"},
			"no vehicle":          {Ask{VehicleID: 999}, roster.NotFound, CodeNoVehicle, ""},
			"no code":             {Ask{VehicleCode: "999"}, roster.NotFound, CodeNoVehicle, ""},
			"no branch":           {Ask{BranchID: 999, CategoryID: s.bikes}, roster.NotFound, identity.CodeNoBranch, ""},
			"no tariff":           {Ask{BranchID: s.grz, CategoryID: s.vans}, roster.Invalid, CodeNoCategory, "vehicleCategoryId"},
			"another's group":     {Ask{VehicleID: vehicle.ID, Payer: Payer{GroupID: stranger.ID}}, roster.NotFound, business.CodeNoAccount, ""},
			"another's code":      {Ask{VehicleID: vehicle.ID, Payer: on(stranger)}, roster.NotFound, business.CodeNoCode, ""},
			"no group":            {Ask{VehicleID: vehicle.ID, Payer: Payer{Type: Business}}, roster.Invalid, business.CodeTypeAndAccount, ""},
			"a group for oneself": {Ask{VehicleID: vehicle.ID, Payer: Payer{Type: Personal, GroupID: s.account.ID}}, roster.Invalid, business.CodeTypeAndAccount, ""},
		} {
			_, err := s.Requirements(t.Context(), s.who, c.ask)
			if e := roster.AsError(err); err == nil || e.Kind != c.kind || e.Code != c.code || e.Field != c.field {
				t.Errorf("%s: %v", name, err)
			}
		}
		// What is remembered follows the configuration.
		missing := func(want ...string) {
			t.Helper()
			c, err := s.Requirements(t.Context(), s.who, here)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range c.Requirements {
				if !r.Fulfilled {
					got = append(got, r.Code)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("missing are %v; want %v", got, want)
			}
		}
		missing("PHONE")
		s.terms()
		missing("TERMS_ACCEPTED", "PHONE")
		s.setting(identity.TermsAcceptanceRequired.Name, "false")
		missing("PHONE")
		s.require(code("CITY"))
		missing("CITY")
		s.customer(func(c *identity.Customer) { c.City = "Wien" })
		missing()
		// Who left is told so, a stranger is not.
		if _, err := s.business.Leave(t.Context(), s.who, s.account.Code, ""); err != nil {
			t.Fatal(err)
		}
		c, err := s.Requirements(t.Context(), s.who, Ask{VehicleID: vehicle.ID, Payer: on(s.account)})
		if err != nil || c.row("GROUP_MEMBERSHIP_ACTIVE").ErrorCode != business.CodeInactiveMember || c.row("GROUP_MEMBER_APPROVED") != nil {
			t.Errorf("a former member: %+v, %v", c, err)
		}
		_, err = s.Requirements(t.Context(), s.rider(), Ask{VehicleID: vehicle.ID, Payer: on(s.account)})
		s.refused("a stranger", err, roster.NotFound, business.CodeNoCode)
	})
}

// Operators ask about a customer, in or outside the account, or about nobody.
func TestStartRequirements(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newFleet(t, database).scene(StartRequirements{
			Require: []string{"PHONE", "CREDIT_STATUS_APPROVED"}, MinimumAge: 18, LicenseCategories: []string{"B"}, MinimumBalanceWithSource: amount(1), RentalMaximumDistance: 7,
		})
		s.providers(true)
		s.terms()
		s.inAccount()
		edit(func(a *business.Account) {
			a.Settings.RequireCostCenter, a.Settings.RequireBusinessReason, a.Settings.RequiredMemberProperties = true, true, []string{"desk"}
		})(s)
		ask := Ask{BranchID: s.vie, CategoryID: s.bikes, Start: Active}
		for _, c := range []struct {
			name     string
			payer    Payer
			customer int64
			want     []string
		}{
			{"nobody", Payer{}, 0, []string{
				"ACCOUNT_NOT_BLOCKED", "TERMS_ACCEPTED", "NO_UNPAID_INVOICES", "NO_ACTIVE_RENTAL", "PHONE", "MINIMUM_AGE", "DRIVING_LICENSE_CATEGORY",
				"CREDIT_STATUS_APPROVED", "MINIMUM_BALANCE", "RENTAL_MAX_DISTANCE",
			}},
			{"nobody, on a group", on(s.account), 0, []string{
				"ACCOUNT_NOT_BLOCKED", "TERMS_ACCEPTED", "NO_ACTIVE_RENTAL", "PHONE", "MINIMUM_AGE", "DRIVING_LICENSE_CATEGORY", "RENTAL_MAX_DISTANCE",
				"GROUP_MEMBERSHIP_ACTIVE", "GROUP_MEMBER_APPROVED", "GROUP_PAYMENT_CONFIGURED", "GROUP_NO_UNPAID_INVOICES", "GROUP_BRANCH_CATEGORY_PERMITTED",
				"CREDIT_STATUS_APPROVED", "COST_CENTER_SELECTED", "BUSINESS_REASON_GIVEN", "MEMBER_PROPERTY",
			}},
			{"a customer", Payer{}, s.who.PersonID, []string{
				"ACCOUNT_NOT_BLOCKED", "TERMS_ACCEPTED", "NO_UNPAID_INVOICES", "NO_ACTIVE_RENTAL", "PHONE", "MINIMUM_AGE", "DRIVING_LICENSE_CATEGORY", "CREDIT_STATUS_APPROVED",
			}},
			{"an outsider", Payer{GroupID: s.account.ID}, s.rider().PersonID, []string{
				"ACCOUNT_NOT_BLOCKED", "TERMS_ACCEPTED", "NO_ACTIVE_RENTAL", "PHONE", "MINIMUM_AGE", "DRIVING_LICENSE_CATEGORY",
				"GROUP_MEMBERSHIP_ACTIVE", "GROUP_PAYMENT_CONFIGURED", "GROUP_NO_UNPAID_INVOICES", "GROUP_BRANCH_CATEGORY_PERMITTED",
				"CREDIT_STATUS_APPROVED", "BUSINESS_REASON_GIVEN",
			}},
		} {
			ask.Payer = c.payer
			got, err := s.StartRequirements(t.Context(), s.cli, ask, c.customer)
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, r := range got.Requirements {
				codes = append(codes, r.Code)
				if r.Fulfilled && !got.Evaluated || (r.Hint == "" || r.Resolution == "" || r.ResolvableBy == "") && !r.Fulfilled {
					t.Errorf("%s: %+v", c.name, r)
				}
			}
			if !slices.Equal(codes, c.want) || got.Evaluated != (c.customer != 0) {
				t.Errorf("%s: %v", c.name, codes)
			}
		}
		ask.Payer = Payer{}
		_, err := s.StartRequirements(t.Context(), s.cli, ask, 999)
		s.refused("an unknown customer", err, roster.NotFound, identity.CodeNoCustomer)
		ask.Payer = Payer{GroupID: 999}
		_, err = s.StartRequirements(t.Context(), s.cli, ask, 0)
		s.refused("an unknown group", err, roster.NotFound, business.CodeNoAccount)
		// The rider's answer is the operator's.
		ask.Payer = on(s.account)
		theirs, err := s.StartRequirements(t.Context(), s.cli, ask, s.who.PersonID)
		if err != nil {
			t.Fatal(err)
		}
		mine, err := s.Requirements(t.Context(), s.who, ask)
		if err != nil || text(t, mine) != text(t, theirs) {
			t.Errorf("the rider is told %s, the operator %s, %v", text(t, mine), text(t, theirs), err)
		}
	})
}

func TestRefusal(t *testing.T) {
	bad := func(code string) Requirement { return Requirement{Code: code, ErrorCode: code, Message: "no " + code} }
	good := Requirement{Code: "GOOD", Fulfilled: true}
	for _, c := range []struct {
		rows              []Requirement
		code, field, text string
		details           int
	}{
		{[]Requirement{good}, "", "", "", 0},
		{nil, "", "", "", 0},
		{[]Requirement{good, bad("U590.1")}, "U590.1", "", "no U590.1", 1},
		{[]Requirement{bad("U131"), good, bad("U590.1")}, CodeRequirements, "", "requirements are not fulfilled", 2},
		{[]Requirement{bad("U131"), bad(CodeActiveRental)}, CodeActiveRental, "", "no R102.1", 2},
		{[]Requirement{bad(business.CodeCostCenter)}, business.CodeCostCenter, "costCenterId", "no UG914", 1},
		{[]Requirement{bad("U131"), bad(business.CodeCostCenter), bad("UG916")}, business.CodeCostCenter, "costCenterId", "no UG914", 3},
	} {
		err := (&Check{Requirements: c.rows}).Refusal()
		if c.code == "" {
			if err != nil {
				t.Errorf("%v: %v", c.rows, err)
			}
			continue
		}
		e := roster.AsError(err)
		details, _ := e.Details.(Unfulfilled)
		if e.Kind != roster.Invalid || e.Code != c.code || e.Field != c.field || e.Msg != c.text || len(details.Requirements) != c.details {
			t.Errorf("%v: %+v", c.rows, e)
		}
	}
}

func TestAgeOn(t *testing.T) {
	for _, c := range []struct {
		birth, day string
		want       int64
	}{
		{"2000-06-15", "2018-06-14", 17}, {"2000-06-15", "2018-06-15", 18}, {"2000-06-15", "2018-12-01", 18}, {"2000-02-29", "2018-02-28", 17},
		{"2000-02-29", "2018-03-01", 18}, {"2000-02-29", "2020-02-29", 20}, {"2000-12-31", "2001-01-01", 0}, {"2030-01-01", "2026-01-01", -4},
	} {
		if got := ageOn(c.birth, c.day); got != c.want {
			t.Errorf("born %s, on %s: %d; want %d", c.birth, c.day, got, c.want)
		}
	}
}

// A day of the start, an age and a license count in the zone of the branch.
func TestDaysAreTheBranches(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newFleet(t, database).scene(StartRequirements{MinimumAge: 18})
		born("2008-03-03")(s)
		for at, want := range map[int64]int64{noon + 11*hour - 1: 17, noon + 11*hour: 18} { // midnight of March 3 in Vienna
			s.q.At = at
			if r := s.ask().row("MINIMUM_AGE"); r.Actual != want {
				t.Errorf("at %s: %v", time.UnixMicro(at), r.Actual)
			}
		}
		s.write(func(tx *store.Tx) error {
			_, err := business.UpdateUnit(tx, s.euros.ID, nil, func(u *business.Unit) error {
				u.Timezone = "UTC"
				return nil
			})
			return err
		})
		s.q.At = noon + 11*hour
		if r := s.ask().row("MINIMUM_AGE"); r.Actual != int64(17) {
			t.Errorf("in UTC: %v", r.Actual)
		}
	})
}

func TestPeriods(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		day, err := time.ParseInLocation("2006-01-02 15:04", text, vienna)
		if err != nil {
			t.Fatal(err)
		}
		return day
	}
	for _, c := range []struct{ period, at, from, to string }{
		{"DAY", "2026-03-29 12:00", "2026-03-29 00:00", "2026-03-30 00:00"}, // 23 hours
		{"WEEK", "2026-03-29 23:59", "2026-03-23 00:00", "2026-03-30 00:00"},
		{"WEEK", "2026-03-30 00:00", "2026-03-30 00:00", "2026-04-06 00:00"},
		{"WEEK", "2026-01-01 09:00", "2025-12-29 00:00", "2026-01-05 00:00"},
		{"MONTH", "2026-10-31 23:00", "2026-10-01 00:00", "2026-11-01 00:00"},
		{"MONTH", "2026-12-31 23:00", "2026-12-01 00:00", "2027-01-01 00:00"},
	} {
		from, to := period(c.period, at(c.at))
		if !from.Equal(at(c.from)) || !to.Equal(at(c.to)) {
			t.Errorf("%s of %s is %s to %s", c.period, c.at, from, to)
		}
	}
}
