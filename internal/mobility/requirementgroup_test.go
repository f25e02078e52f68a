package mobility

import (
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func edit(fn func(*business.Account)) func(*scene) {
	return func(s *scene) { s.editAccount(s.account, fn) }
}

func asMember(fn func(*business.Member)) func(*scene) {
	return func(s *scene) { s.asMember(fn) }
}

// groupCases are those about a business account.
var groupCases = []requirementCase{
	{
		"GROUP_MEMBERSHIP_ACTIVE", code(), asMember(func(m *business.Member) { m.State = business.MemberInactive }), asMember(func(m *business.Member) { m.State = business.MemberActive }),
		"UG917", "BUSINESS", `"INACTIVE"`, `"ACTIVE"`, "CONTACT_SUPPORT", "GROUP_MANAGER",
	},
	{
		"GROUP_MEMBERSHIP_ACTIVE", code(), edit(func(a *business.Account) { a.State = business.AccountInactive }), edit(func(a *business.Account) { a.State = business.AccountActive }),
		"UG917", "BUSINESS", `"INACTIVE"`, `"ACTIVE"`, "CONTACT_SUPPORT", "OPERATOR",
	},
	{
		"GROUP_MEMBERSHIP_ACTIVE", code(), edit(func(a *business.Account) { a.BlockState = business.Blocked }), edit(func(a *business.Account) { a.BlockState = business.NotBlocked }),
		"UG917", "BUSINESS", `"BLOCKED"`, `"ACTIVE"`, "CONTACT_SUPPORT", "OPERATOR",
	},
	{
		"GROUP_MEMBERSHIP_ACTIVE", code(), func(s *scene) { s.q.Person = s.rider().PersonID }, func(s *scene) { s.q.Person = s.who.PersonID },
		"UG917", "BUSINESS", `"NONE"`, `"ACTIVE"`, "CONTACT_SUPPORT", "GROUP_MANAGER",
	},
	{
		"GROUP_MEMBER_APPROVED", code(), func(s *scene) {
			edit(func(a *business.Account) { a.Settings.RequireMemberApproval = true })(s)
			s.asMember(func(m *business.Member) { m.Approval.State = business.ApprovalPending })
		}, asMember(func(m *business.Member) { m.Approval.State = business.Approved }),
		"UG918", "BUSINESS", `"PENDING"`, `["APPROVED","NOT_REQUIRED"]`, "WAIT", "GROUP_MANAGER",
	},
	{
		"GROUP_MEMBER_APPROVED", code(), func(s *scene) {
			edit(func(a *business.Account) { a.Settings.RequireMemberApproval = true })(s)
			s.asMember(func(m *business.Member) { m.Approval.State = business.Rejected })
		}, edit(func(a *business.Account) { a.Settings.RequireMemberApproval = false }),
		"UG918", "BUSINESS", `"REJECTED"`, `["APPROVED","NOT_REQUIRED"]`, "REQUEST_APPROVAL", "GROUP_MANAGER",
	},
	{
		"GROUP_PAYMENT_CONFIGURED", code(), edit(func(a *business.Account) { a.PaymentState = business.PushCompleted }), edit(func(a *business.Account) { a.PaymentState = business.SourceAdded }),
		"UG919", "BUSINESS", `"PUSH_COMPLETED"`, `["SOURCE_ADDED","INVOICING"]`, "ADD_PAYMENT_SOURCE", "GROUP_MANAGER",
	},
	{
		"GROUP_NO_UNPAID_INVOICES", code(), func(s *scene) { s.unpaid(s.account.ID) }, func(s *scene) { s.paid(s.account.ID) },
		"UG920", "BUSINESS", `null`, `null`, "PAY_INVOICES", "GROUP_MANAGER",
	},
	{
		"GROUP_BRANCH_CATEGORY_PERMITTED", code(), func(s *scene) {
			s.editAccount(s.account, func(a *business.Account) { a.AllowedBranchIDs = []int64{s.grz} })
		},
		func(s *scene) {
			s.editAccount(s.account, func(a *business.Account) { a.AllowedBranchIDs = []int64{s.grz, s.at} })
		},
		"UG921", "BUSINESS", `null`, `null`, "CONTACT_SUPPORT", "OPERATOR",
	},
	{
		"GROUP_BRANCH_CATEGORY_PERMITTED", code(), func(s *scene) {
			s.editAccount(s.account, func(a *business.Account) { a.AllowedCategoryIDs = []int64{s.vans} })
		},
		func(s *scene) { s.q.CategoryID = s.vans },
		"UG921", "BUSINESS", `null`, `null`, "CONTACT_SUPPORT", "OPERATOR",
	},
	{
		"CREDIT_STATUS_APPROVED", code("CREDIT_STATUS_APPROVED"), func(s *scene) { s.customer(func(c *identity.Customer) { c.CreditStatus = "APPROVED" }) },
		edit(func(a *business.Account) { a.CreditStatus = "APPROVED" }),
		"CR905", "BUSINESS", `"UNKNOWN"`, `"APPROVED"`, "CONTACT_SUPPORT", "OPERATOR",
	},
	{
		"COST_CENTER_SELECTED", code(), edit(func(a *business.Account) { a.Settings.RequireCostCenter = true }), func(s *scene) {
			id := s.costCenter(s.account)
			s.editAccount(s.account, func(a *business.Account) { a.DefaultCostCenterID = id })
		},
		"UG915", "BUSINESS", `null`, `[]`, "CONTACT_SUPPORT", "GROUP_MANAGER",
	},
	{
		"BUSINESS_REASON_GIVEN", code(), edit(func(a *business.Account) { a.Settings.RequireBusinessReason = true }), func(s *scene) { s.q.BusinessReason = "lunch" },
		"UG916", "BUSINESS", `null`, `null`, "ENTER_REASON", "CUSTOMER",
	},
	{
		"BUSINESS_REASON_GIVEN", code(), func(s *scene) {
			s.editAccount(s.account, func(a *business.Account) { a.Settings.BusinessReasons = []string{"client", "site"} })
			s.q.BusinessReason = "lunch"
		}, func(s *scene) { s.q.BusinessReason = "site" },
		"UG916", "BUSINESS", `"lunch"`, `["client","site"]`, "ENTER_REASON", "CUSTOMER",
	},
	{
		"MEMBER_PROPERTY", code(), func(s *scene) {
			s.editAccount(s.account, func(a *business.Account) {
				a.Settings.RequiredMemberProperties = []string{"superiorEmail", "employeeNumber", "desk"}
			})
			s.asMember(func(m *business.Member) { m.EmployeeNumber = "7" })
		}, asMember(func(m *business.Member) {
			m.SuperiorEmail, m.CustomProperties = "boss@example.org", map[string]string{"desk": "9"}
		}),
		"UG931", "BUSINESS", `["employeeNumber"]`, `["superiorEmail","employeeNumber","desk"]`, "COMPLETE_PROFILE", "GROUP_MANAGER",
	},
	{
		"SPENDING_LIMIT", code(), func(s *scene) {
			s.asMember(func(m *business.Member) { m.Limit = business.Limit{Amount: 250_000, Currency: "EUR", Period: "MONTH"} })
			s.spend(s.q.Person, 250_000, noon)
		}, asMember(func(m *business.Member) { m.Limit.Amount++ }),
		"UG930", "BUSINESS", `25.0000`, `{"amount":25.0000,"currency":"EUR","period":"MONTH"}`, "CONTACT_SUPPORT", "GROUP_MANAGER",
	},
}

// spend charges the account for a member.
func (s *scene) spend(member int64, gross roster.Amount, at int64) {
	s.write(func(tx *store.Tx) error {
		return business.PostCharges(tx, []*business.Charge{{
			AccountID: s.account.ID, Kind: business.RentalCharge, SourceID: s.number(), MemberID: member, BusinessUnitID: s.euros.ID, BranchID: s.vie,
			Currency: "EUR", Time: at, Price: business.TaxOf(gross, 2000),
		}})
	})
}

// The cost center is the one that was chosen, else the member's default, else the
// account's; it must be active, valid at the start, and in the member's access.
func TestCostCenterOfRental(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newFleet(t, database).scene(code())
		s.inAccount()
		a, b, c := s.costCenter(s.account), s.costCenter(s.account), s.costCenter(s.account)
		foreign := s.costCenter(s.fleet.account(s.vie, s.rider(), nil))
		expect := func(what string, chosen, want int64, errorCode, expected string) {
			t.Helper()
			s.q.CostCenterID = chosen
			checked := s.ask()
			r := checked.row("COST_CENTER_SELECTED")
			switch {
			case checked.CostCenterID != want:
				t.Errorf("%s: cost center %d; want %d", what, checked.CostCenterID, want)
			case expected == "" && r != nil:
				t.Errorf("%s: asked as %+v", what, r)
			case expected != "" && (r == nil || r.Fulfilled != (errorCode == "") || r.ErrorCode != errorCode || text(t, r.Expected) != expected):
				t.Errorf("%s: %+v", what, r)
			}
		}
		all := text(t, []int64{a, b, c})
		expect("none, and none needed", 0, 0, "", "")
		expect("chosen", b, b, "", all)
		expect("of another account", foreign, 0, "UG914", all)
		expect("of nobody", 999, 0, "UG914", all)
		edit(func(acc *business.Account) { acc.DefaultCostCenterID = a })(s)
		expect("the account's default", 0, a, "", "")
		s.asMember(func(m *business.Member) { m.DefaultCostCenterID = b })
		expect("the member's default", 0, b, "", "")
		s.setting(identity.RequireCostCenter.Name, "true")
		expect("the member's default, required", 0, b, "", all)
		s.asMember(func(m *business.Member) {
			m.DefaultCostCenterID, m.AccessMode, m.AccessIDs = 0, business.AccessList, []int64{c}
		})
		expect("a default beyond access", 0, 0, "UG915", text(t, []int64{c}))
		expect("chosen beyond access", a, 0, "UG914", text(t, []int64{c}))
		expect("chosen within access", c, c, "", text(t, []int64{c}))
		s.write(func(tx *store.Tx) error {
			found, err := business.CostCentersByID(tx, []int64{c})
			if err != nil {
				return err
			}
			_, err = business.EditCostCenter(tx, s.account, found[c], nil, func(c *business.CostCenter) error {
				c.ValidFrom = noon + hour
				return nil
			})
			return err
		})
		expect("not yet valid", c, 0, "UG914", "[]")
		s.q.At = noon + 2*hour
		expect("valid when it starts", c, c, "", text(t, []int64{c}))
	})
}

// Whatever a set asks of a person is left out where the account says so; what is asked
// of everybody is not.
func TestAccountWithoutRequirements(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newFleet(t, database).scene(StartRequirements{
			Require: []string{"PHONE", "MANUAL_VERIFIED", "PAYMENT_SOURCE"}, LicenseCategories: []string{"A", "B"}, MinimumAge: 18, RentalMaximumDistance: 10,
		})
		s.providers(true)
		s.terms()
		s.inAccount()
		s.customer(func(c *identity.Customer) { c.BlockState = "BLOCKED" })
		placed(wheel, Active)(s)
		codes := func() (all []string) {
			for _, r := range s.ask().Requirements {
				if !r.Fulfilled {
					all = append(all, r.Code)
				}
			}
			return all
		}
		hard := []string{"ACCOUNT_NOT_BLOCKED", "TERMS_ACCEPTED"}
		want := append(append([]string{}, hard...), "PHONE", "MINIMUM_AGE", "DRIVING_LICENSE_CATEGORY", "MANUAL_VERIFIED", "RENTAL_MAX_DISTANCE")
		if got := codes(); text(t, got) != text(t, want) {
			t.Errorf("asked are %v; want %v", got, want)
		}
		edit(func(a *business.Account) { a.CheckRentalRequirements = false })(s)
		want = append(hard, "RENTAL_MAX_DISTANCE")
		if got := codes(); text(t, got) != text(t, want) {
			t.Errorf("asked are %v; want %v", got, want)
		}
	})
}

// An account may do without category B of a driving license, and without nothing else.
func TestIgnoredCategoryB(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newFleet(t, database).scene(StartRequirements{
			Require: []string{"DRIVING_LICENSE_NOT_EXPIRED", "DRIVING_LICENSE_VERIFIED"}, LicenseCategories: []string{"A", "B"},
		})
		s.providers(true)
		s.inAccount()
		edit(func(a *business.Account) { a.Settings.IgnoreBCategory = true })(s)
		r := s.ask().row("DRIVING_LICENSE_CATEGORY")
		if r == nil || r.Fulfilled || text(t, r.Expected) != `["A"]` {
			t.Errorf("A is asked as %+v", r)
		}
		licensed("A")(s)
		if r := s.ask().row("DRIVING_LICENSE_CATEGORY"); r == nil || !r.Fulfilled {
			t.Errorf("A is given as %+v", r)
		}
		for _, other := range []string{"DRIVING_LICENSE_NOT_EXPIRED", "DRIVING_LICENSE_VERIFIED"} {
			if r := s.ask().row(other); r == nil || r.Fulfilled {
				t.Errorf("%s: %+v", other, r)
			}
		}
		s.require(StartRequirements{LicenseCategories: []string{"B"}})
		if r := s.ask().row("DRIVING_LICENSE_CATEGORY"); r != nil {
			t.Errorf("B alone is asked as %+v", r)
		}
		s.q.Account, s.account = nil, nil
		if r := s.ask().row("DRIVING_LICENSE_CATEGORY"); r == nil || r.Fulfilled {
			t.Errorf("B is asked of the person as %+v", r)
		}
	})
}

// What needs a provider is asked only where there is one.
func TestRequirementsWithoutProviders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		needs := []string{"DRIVING_LICENSE_VERIFIED", "DRIVING_LICENSE_NOT_EXPIRED", "DRIVING_LICENSE_CATEGORY", "ID_VERIFIED", "CREDIT_STATUS_APPROVED"}
		s := newFleet(t, database).scene(StartRequirements{Require: needs, LicenseCategories: []string{"B"}})
		for _, on := range []bool{false, true, false} {
			s.providers(on)
			checked := s.ask()
			for _, c := range needs {
				if (checked.row(c) != nil) != on {
					t.Errorf("providers: %v; %s: %v", on, c, checked.row(c))
				}
			}
		}
	})
}

func TestSpendingWindows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newFleet(t, database).scene(code())
		s.inAccount()
		// Noon is a Monday's in Vienna; an hour before midnight UTC is the next day there.
		s.spend(s.q.Person, 10_000, noon)
		s.spend(s.q.Person, 20_000, noon-12*hour)   // Monday, 1:00
		s.spend(s.q.Person, 40_000, noon-13*hour-1) // Sunday still
		s.spend(s.q.Person, 80_000, noon-2*day)     // February
		s.spend(s.rider().PersonID, 160_000, noon)  // somebody else
		for _, c := range []struct {
			period string
			at     int64
			want   string
		}{
			{"DAY", 0, "3.0000"}, {"WEEK", 0, "3.0000"}, {"MONTH", 0, "7.0000"}, {"DAY", noon - 14*hour, "4.0000"}, {"WEEK", noon - 14*hour, "12.0000"},
			{"MONTH", noon - 2*day, "8.0000"}, {"DAY", noon + day, "0.0000"}, {"WEEK", noon + 6*day, "3.0000"}, {"WEEK", noon + 7*day, "0.0000"},
		} {
			s.asMember(func(m *business.Member) { m.Limit = business.Limit{Amount: 1, Currency: "EUR", Period: c.period} })
			s.q.At = c.at
			if r := s.ask().row("SPENDING_LIMIT"); r == nil || text(t, r.Actual) != c.want {
				t.Errorf("%s at %d: %+v; want %s", c.period, c.at, r, c.want)
			}
		}
		s.asMember(func(m *business.Member) { m.Limit = business.Limit{Amount: 1, Currency: "CHF", Period: "MONTH"} })
		if r := s.ask().row("SPENDING_LIMIT"); !r.Fulfilled {
			t.Errorf("another currency: %+v", r)
		}
	})
}
