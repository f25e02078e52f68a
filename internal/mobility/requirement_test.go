package mobility

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// scene is somebody who asks about a bike in Vienna, for themselves or as the member
// of an account.
type scene struct {
	*fleet
	who     roster.Actor
	account *business.Account
	q       Question
}

func (f *fleet) scene(start StartRequirements) *scene {
	f.t.Helper()
	s := &scene{fleet: f, who: f.rider()}
	s.q = Question{Person: s.who.PersonID, BranchID: f.vie, CategoryID: f.bikes, Start: Reservation}
	s.require(start)
	s.accept()
	return s
}

// require has the set of Vienna ask that.
func (f *fleet) require(start StartRequirements) {
	f.t.Helper()
	f.write(func(tx *store.Tx) error {
		_, err := PutRequirementSet(tx, &RequirementSet{Name: "Vienna", BranchIDs: []int64{f.vie}, Start: start})
		return err
	})
}

func (s *scene) customer(edit func(*identity.Customer)) {
	s.t.Helper()
	s.write(func(tx *store.Tx) error {
		_, err := identity.UpdateCustomer(tx, s.who.PersonID, nil, func(c *identity.Customer) error {
			edit(c)
			return nil
		})
		return err
	})
}

// inAccount has an account pay, of which the person is a member.
func (s *scene) inAccount() {
	s.t.Helper()
	s.account = s.fleet.account(s.vie, s.rider(), nil)
	s.join(s.account, s.who, business.Simple)
	s.q.Account = s.account
}

func (s *scene) asMember(edit func(*business.Member)) {
	s.t.Helper()
	s.fleet.member(s.account, s.who, edit)
}

// checkIn answers a question in a transaction.
func (f *fleet) checkIn(tx *store.Tx, q *Question) (*Check, error) {
	r, err := f.memory.rules(within(tx))
	if err != nil {
		return nil, err
	}
	return f.check(within(tx), r, q)
}

// ask answers the scene's question.
func (s *scene) ask() (c *Check) {
	s.t.Helper()
	s.read(func(tx *store.Tx) (err error) {
		if s.account != nil {
			if s.q.Account, err = business.LiveAccount(tx, s.account.ID); err != nil {
				return err
			}
		}
		c, err = s.checkIn(tx, &s.q)
		return err
	})
	return c
}

// row returns the requirement of a code, nil where it is not asked.
func (c *Check) row(code string) *Requirement {
	for i := range c.Requirements {
		if c.Requirements[i].Code == code {
			return &c.Requirements[i]
		}
	}
	return nil
}

var (
	testInvoice = store.Q("test.invoice", `INSERT INTO invoices (tenant, id, number, account_id, branch_id, business_unit_id, currency, period_from, period_to, net, tax, gross, items,
		state, invoice_state, created_at, due_at, paid_at, revision) VALUES ($1, $2, $3, $4, $5, $6, 'EUR', 0, 0, 0, 0, 0, 0, $7, 'OPEN', 0, $8, 0, 0)`)
	testPay    = store.Q("test.pay", `UPDATE invoices SET state = 'PAID' WHERE tenant = $1 AND account_id = $2`)
	testSource = store.Q("test.source", `INSERT INTO payment_sources (tenant, id, account_id, branch_id, business_unit_id, type, state, is_default, label, brand, last4,
		expiry_month, expiry_year, gateway, reference, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, false, '', '', '', 0, 0, 'TEST', $8, 0, 0, 0)`)
)

// number is one that no other thing of the tests has.
func (f *fleet) number() int64 { f.made++; return int64(1_000_000 + f.made) }

// invoice gives an account an invoice that is due at an instant.
func (f *fleet) invoice(tx *store.Tx, account int64, state string, due int64) error {
	tx.Housekeeping()
	_, err := tx.Exec(testInvoice, f.number(), f.name("invoice"), account, f.vie, f.euros.ID, state, due)
	return err
}

func (f *fleet) source(tx *store.Tx, account int64, kind, state string) error {
	tx.Housekeeping()
	_, err := tx.Exec(testSource, f.number(), account, f.vie, f.euros.ID, kind, state, f.name("source"))
	return err
}

func (s *scene) unpaid(account int64) {
	s.write(func(tx *store.Tx) error { return s.invoice(tx, account, "OPEN", tx.Now-hour) })
}

func (s *scene) paid(account int64) {
	s.write(func(tx *store.Tx) error {
		tx.Housekeeping()
		_, err := tx.Exec(testPay, account)
		return err
	})
}

func (s *scene) hasSource(kind string) {
	s.write(func(tx *store.Tx) error { return s.source(tx, s.who.PersonID, kind, "ACTIVE") })
}

// terms makes the terms of Vienna read anew.
func (s *scene) terms() {
	text := s.name("terms")
	s.write(func(tx *store.Tx) error {
		_, err := care.PutTerms(tx, &care.Terms{BranchID: s.at, Text: text})
		return err
	})
}

// accept has the person accept the current terms, if there are any.
func (s *scene) accept() {
	s.write(func(tx *store.Tx) error {
		_, err := care.AcceptTerms(tx, s.who.PersonID, s.vie, 0)
		if roster.IsKind(err, roster.NotFound) {
			err = nil
		}
		return err
	})
}

// providers has the tenant verify and rate, or not.
func (f *fleet) providers(on bool) {
	for setting, provider := range map[string]string{
		identity.LicenseProvider.Name: "VERIFF", identity.IDProvider.Name: "ONFIDO", identity.RatingProvider.Name: "CRIF",
	} {
		if !on {
			provider = "NONE"
		}
		f.setting(setting, `"`+provider+`"`)
	}
}

// code asks those codes, and nothing else.
func code(codes ...string) StartRequirements { return StartRequirements{Require: codes} }

func amount(a roster.Amount) *roster.Amount { return &a }

// Vienna's cathedral, and the giant wheel, 1,915 m from there.
var (
	cathedral = Position{48_208_500, 16_373_100}
	wheel     = Position{48_216_600, 16_395_900}
)

// requirementCase is a requirement, not fulfilled after fail, and fulfilled after
// pass.
type requirementCase struct {
	code       string
	start      StartRequirements
	fail, pass func(*scene)
	// of the row that is not fulfilled; Actual and Expected as JSON
	error, context, actual, expected, resolution, by string
}

// personCases are those about a person.
var personCases = []requirementCase{
	{
		"ACCOUNT_NOT_BLOCKED", code(), func(s *scene) { s.customer(func(c *identity.Customer) { c.BlockState = "BLOCKED" }) },
		func(s *scene) { s.customer(func(c *identity.Customer) { c.BlockState = "NONE" }) },
		"U131", "PERSONAL", `"BLOCKED"`, `"NONE"`, "CONTACT_SUPPORT", "OPERATOR",
	},
	{
		"TERMS_ACCEPTED", code(), (*scene).terms, (*scene).accept,
		"U690", "PERSONAL", `"NOT_ACCEPTED"`, `"ACCEPTED"`, "ACCEPT_TERMS", "CUSTOMER",
	},
	{
		"TERMS_ACCEPTED", code(), func(s *scene) { s.terms(); s.accept(); s.terms() }, (*scene).accept,
		"U690", "PERSONAL", `"OUTDATED"`, `"ACCEPTED"`, "ACCEPT_TERMS", "CUSTOMER",
	},
	{
		"NO_UNPAID_INVOICES", code(), func(s *scene) { s.unpaid(s.who.PersonID) }, func(s *scene) { s.paid(s.who.PersonID) },
		"U134", "PERSONAL", `null`, `null`, "PAY_INVOICES", "CUSTOMER",
	},
	{
		"NO_ACTIVE_RENTAL", code(), func(s *scene) { s.rent(s.who, s.fleet.vehicle(s.vie, s.bikes), Payer{}); s.q.Start = Active },
		func(s *scene) { s.q.Person = s.rider().PersonID },
		"R102.1", "PERSONAL", `null`, `null`, "END_RENTAL", "CUSTOMER",
	},
	field("EMAIL", "U130.3", func(c *identity.Customer, v string) { c.Email, c.Phone = v, "+4366012345678" }, "someone@example.org"),
	field("PHONE", "U130.4", func(c *identity.Customer, v string) { c.Phone = v }, "+4366012345679"),
	field("FIRST_NAME", "U130.5", func(c *identity.Customer, v string) { c.FirstName = v }, "Ada"),
	field("LAST_NAME", "U130.6", func(c *identity.Customer, v string) { c.LastName = v }, "Ada"),
	field("BIRTHDATE", "U130.7", func(c *identity.Customer, v string) { c.Birthdate = v }, "2000-01-01"),
	field("STREET", "U135", func(c *identity.Customer, v string) { c.Street = v }, "Ring 1"),
	field("POSTCODE", "U136", func(c *identity.Customer, v string) { c.Postcode = v }, "1010"),
	field("CITY", "U137", func(c *identity.Customer, v string) { c.City = v }, "Wien"),
	field("COUNTRY", "U138", func(c *identity.Customer, v string) { c.Country = v }, "AT"),
	{
		"EMAIL_VERIFIED", code("EMAIL_VERIFIED"), func(s *scene) { s.customer(func(c *identity.Customer) { c.EmailVerified = false }) },
		func(s *scene) { s.customer(func(c *identity.Customer) { c.EmailVerified = true }) },
		"U490", "PERSONAL", `null`, `null`, "VERIFY_EMAIL", "CUSTOMER",
	},
	{
		"PHONE_VERIFIED", code("PHONE_VERIFIED"), func(s *scene) { s.customer(func(c *identity.Customer) { c.PhoneVerified = true }) },
		func(s *scene) { s.customer(func(c *identity.Customer) { c.Phone = "+4366012345680" }) },
		"U390", "PERSONAL", `null`, `null`, "VERIFY_PHONE", "CUSTOMER",
	},
	{
		"MINIMUM_AGE", StartRequirements{MinimumAge: 18}, born("2008-03-03"), born("2008-03-02"),
		"U132", "PERSONAL", `17`, `18`, "WAIT", "CUSTOMER",
	},
	{
		"MINIMUM_AGE", StartRequirements{MinimumAge: 18}, func(*scene) {}, born("1908-03-02"),
		"U132", "PERSONAL", `null`, `18`, "COMPLETE_PROFILE", "CUSTOMER",
	},
	{
		"MAXIMUM_AGE", StartRequirements{MaximumAge: 70}, born("1955-03-02"), born("1955-03-03"),
		"U133", "PERSONAL", `71`, `70`, "CONTACT_SUPPORT", "OPERATOR",
	},
	{
		"MAXIMUM_AGE", StartRequirements{MaximumAge: 70}, func(*scene) {}, born("2020-03-03"),
		"U133", "PERSONAL", `null`, `70`, "COMPLETE_PROFILE", "CUSTOMER",
	},
	license("UNVERIFIED", "START_LICENSE_VERIFICATION", "CUSTOMER"), license("CREATED", "START_LICENSE_VERIFICATION", "CUSTOMER"),
	license("PROCESSING", "WAIT", "CUSTOMER"), license("REVIEW", "WAIT", "OPERATOR"), license("VERIFIED_BUT_NEEDS_CHECK", "WAIT", "OPERATOR"),
	license("REJECTED", "RETRY_VERIFICATION", "CUSTOMER"), license("RETRY", "RETRY_VERIFICATION", "CUSTOMER"),
	{
		"DRIVING_LICENSE_VERIFIED", StartRequirements{Require: []string{"DRIVING_LICENSE_VERIFIED"}, AcceptNeedsCheck: true},
		func(s *scene) {
			s.customer(func(c *identity.Customer) {
				c.LicenseState, c.LicenseExpires = "VERIFIED_BUT_NEEDS_CHECK", "2026-03-01"
			})
		},
		func(s *scene) { s.customer(func(c *identity.Customer) { c.LicenseExpires = "2026-03-02" }) },
		"U590.1", "PERSONAL", `"EXPIRED_LICENSE"`, `["VERIFIED","VERIFIED_BUT_NEEDS_CHECK"]`, "START_LICENSE_VERIFICATION", "CUSTOMER",
	},
	{
		"DRIVING_LICENSE_NOT_EXPIRED", code("DRIVING_LICENSE_NOT_EXPIRED"), expires("2026-03-01"), expires("2026-03-02"),
		"U590.2", "PERSONAL", `"2026-03-01"`, `"2026-03-02"`, "START_LICENSE_VERIFICATION", "CUSTOMER",
	},
	{
		"DRIVING_LICENSE_NOT_EXPIRED", code("DRIVING_LICENSE_NOT_EXPIRED"), func(s *scene) { s.q.At, s.q.Until = noon+day, noon+3*day }, expires("2026-03-05"),
		"U590.2", "PERSONAL", `null`, `"2026-03-05"`, "START_LICENSE_VERIFICATION", "CUSTOMER",
	},
	{
		"DRIVING_LICENSE_CATEGORY", StartRequirements{LicenseCategories: []string{"B", "A"}}, licensed("B"), licensed("AM", "A", "B"),
		"U590.3", "PERSONAL", `["B"]`, `["A","B"]`, "START_LICENSE_VERIFICATION", "CUSTOMER",
	},
	{
		"ID_VERIFIED", code("ID_VERIFIED"), func(*scene) {}, func(s *scene) { s.customer(func(c *identity.Customer) { c.IDState = "VERIFIED" }) },
		"U591", "PERSONAL", `"UNVERIFIED"`, `["VERIFIED"]`, "START_ID_VERIFICATION", "CUSTOMER",
	},
	{
		"ID_VERIFIED", code("ID_VERIFIED"), func(s *scene) {
			s.customer(func(c *identity.Customer) { c.IDState, c.IDExpires = "VERIFIED", "2026-03-01" })
		},
		func(s *scene) { s.customer(func(c *identity.Customer) { c.IDExpires = "2026-03-02" }) },
		"U591", "PERSONAL", `"PENDING_REVERIFICATION"`, `["VERIFIED"]`, "START_ID_VERIFICATION", "CUSTOMER",
	},
	{
		"MANUAL_VERIFIED", code("MANUAL_VERIFIED"), func(*scene) {}, func(s *scene) { s.customer(func(c *identity.Customer) { c.ManualState = "VERIFIED" }) },
		"U592", "PERSONAL", `"UNVERIFIED"`, `["VERIFIED"]`, "CONTACT_SUPPORT", "OPERATOR",
	},
	{
		"EXTERNAL_VERIFIED", code("EXTERNAL_VERIFIED"), func(s *scene) { s.customer(func(c *identity.Customer) { c.ExternalState = "PROCESSING" }) },
		func(s *scene) { s.customer(func(c *identity.Customer) { c.ExternalState = "VERIFIED" }) },
		"U592.1", "PERSONAL", `"PROCESSING"`, `["VERIFIED"]`, "WAIT", "OPERATOR",
	},
	{
		"CREDIT_STATUS_APPROVED", code("CREDIT_STATUS_APPROVED"), func(s *scene) { s.customer(func(c *identity.Customer) { c.CreditStatus = "PENDING" }) },
		func(s *scene) { s.customer(func(c *identity.Customer) { c.CreditStatus = "APPROVED" }) },
		"CR905", "PERSONAL", `"PENDING"`, `"APPROVED"`, "WAIT", "OPERATOR",
	},
	{
		"CREDIT_STATUS_APPROVED", code("CREDIT_STATUS_APPROVED"),
		func(s *scene) { s.customer(func(c *identity.Customer) { c.CreditStatus = "APPROVED" }) },
		func(s *scene) { s.editAccount(s.account, func(a *business.Account) { a.CreditStatus = "APPROVED" }) },
		"CR905", "BUSINESS", `"UNKNOWN"`, `"APPROVED"`, "CONTACT_SUPPORT", "OPERATOR",
	},
	{
		"SIGNUP_FEE_SETTLED", code("SIGNUP_FEE_SETTLED"), func(*scene) {}, func(s *scene) { s.customer(func(c *identity.Customer) { c.SignupSettled = true }) },
		"U139", "PERSONAL", `null`, `null`, "BUY_SIGNUP_PACKAGE", "CUSTOMER",
	},
	{
		"SIGNUP_FEE_SETTLED", code("SIGNUP_FEE_SETTLED"), func(s *scene) { s.customer(func(c *identity.Customer) { c.SignupFailed = true }) },
		func(s *scene) {
			s.customer(func(c *identity.Customer) { c.SignupFailed, c.SignupSettled = false, true })
		},
		"U139.1", "PERSONAL", `null`, `null`, "BUY_SIGNUP_PACKAGE", "CUSTOMER",
	},
	{
		"PAYMENT_SOURCE", code("PAYMENT_SOURCE"), func(s *scene) {
			s.write(func(tx *store.Tx) error { return s.source(tx, s.who.PersonID, "SEPA", "PENDING") })
		}, func(s *scene) { s.hasSource("SEPA") },
		"P901", "PERSONAL", `null`, `null`, "ADD_PAYMENT_SOURCE", "CUSTOMER",
	},
	{
		"CREDIT_CARD", code("CREDIT_CARD"), func(s *scene) { s.hasSource("SEPA") }, func(s *scene) { s.hasSource("CREDIT_CARD") },
		"P901", "PERSONAL", `null`, `null`, "ADD_PAYMENT_SOURCE", "CUSTOMER",
	},
	{
		"CREDIT_CARD", code("CREDIT_CARD"), func(*scene) {}, func(s *scene) { s.customer(func(c *identity.Customer) { c.PaymentState = "INVOICING" }) },
		"P901", "PERSONAL", `null`, `null`, "ADD_PAYMENT_SOURCE", "CUSTOMER",
	},
	{
		"MINIMUM_BALANCE", StartRequirements{MinimumBalanceWithout: amount(50_000), MinimumBalanceWithSource: amount(-100_000)}, balance(49_999), balance(50_000),
		"J901", "PERSONAL", `4.9999`, `5.0000`, "TOP_UP_BALANCE", "CUSTOMER",
	},
	{
		"MINIMUM_BALANCE", StartRequirements{MinimumBalanceWithSource: amount(-100_000)}, func(s *scene) { s.hasSource("SEPA"); balance(-100_001)(s) }, balance(-100_000),
		"J901", "PERSONAL", `-10.0001`, `-10.0000`, "TOP_UP_BALANCE", "CUSTOMER",
	},
	{
		"RESERVATION_MAX_DISTANCE", StartRequirements{ReservationMaximumDistance: 1_000}, placed(wheel, Reservation), placed(cathedral, Reservation),
		"R904", "VEHICLE", `1915`, `1000`, "MOVE_CLOSER", "CUSTOMER",
	},
	{
		"RENTAL_MAX_DISTANCE", StartRequirements{RentalMaximumDistance: 1_914}, placed(wheel, Active), placed(cathedral, Active),
		"R904", "VEHICLE", `1915`, `1914`, "MOVE_CLOSER", "CUSTOMER",
	},
	{
		"IDENTITY_CARD_ASSIGNED", code("IDENTITY_CARD_ASSIGNED"), card(func(s *scene) int64 { return s.grz }), card(func(s *scene) int64 { return s.at }),
		"IC906", "PERSONAL", `null`, `null`, "CONTACT_SUPPORT", "OPERATOR",
	},
}

func field(c, errorCode string, set func(c *identity.Customer, value string), value string) (of requirementCase) {
	of.code, of.start, of.error, of.context, of.actual, of.expected, of.resolution, of.by = c, code(c), errorCode, "PERSONAL", `null`, `null`, "COMPLETE_PROFILE", "CUSTOMER"
	of.fail = func(s *scene) { s.customer(func(c *identity.Customer) { set(c, "") }) }
	of.pass = func(s *scene) { s.customer(func(c *identity.Customer) { set(c, value) }) }
	return of
}

func license(state, resolution, by string) (of requirementCase) {
	of.code, of.error, of.context, of.actual, of.expected = "DRIVING_LICENSE_VERIFIED", "U590.1", "PERSONAL", `"`+state+`"`, `["VERIFIED"]`
	of.start, of.resolution, of.by = code(of.code), resolution, by
	of.fail = func(s *scene) { s.customer(func(c *identity.Customer) { c.LicenseState = state }) }
	of.pass = func(s *scene) { s.customer(func(c *identity.Customer) { c.LicenseState = "VERIFIED" }) }
	return of
}

func born(date string) func(*scene) {
	return func(s *scene) { s.customer(func(c *identity.Customer) { c.Birthdate = date }) }
}

func expires(date string) func(*scene) {
	return func(s *scene) { s.customer(func(c *identity.Customer) { c.LicenseExpires = date }) }
}

func licensed(categories ...string) func(*scene) {
	return func(s *scene) { s.customer(func(c *identity.Customer) { c.LicenseCategories = categories }) }
}

func balance(a roster.Amount) func(*scene) {
	return func(s *scene) { s.customer(func(c *identity.Customer) { c.Balance = a }) }
}

func placed(at Position, start string) func(*scene) {
	return func(s *scene) {
		s.q.Vehicle, s.q.Position, s.q.Start = &Vehicle{Position: &cathedral}, &at, start
	}
}

func card(at func(*scene) int64) func(*scene) {
	return func(s *scene) {
		s.write(func(tx *store.Tx) error {
			_, err := care.PutCard(tx, &care.Card{Number: s.name("card"), BranchID: at(s), PersonID: s.who.PersonID})
			return err
		})
	}
}

func TestRequirements(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		f.providers(true)
		seen := map[string]bool{}
		for _, c := range slices.Concat(personCases, groupCases) {
			seen[c.code] = true
			s := f.scene(c.start)
			if c.context == aboutGroup {
				s.inAccount()
			}
			c.fail(s)
			checked := s.ask()
			r := checked.row(c.code)
			if r == nil {
				t.Errorf("%s is not asked", c.code)
				continue
			}
			if r.Fulfilled || checked.Fulfilled || r.ErrorCode != c.error || r.Context != c.context || text(t, r.Actual) != c.actual || text(t, r.Expected) != c.expected ||
				r.Resolution != c.resolution || r.ResolvableBy != c.by || r.Message == "" || r.Hint == "" {
				t.Errorf("%s fails as %+v, actual %s, expected %s", c.code, *r, text(t, r.Actual), text(t, r.Expected))
			}
			c.pass(s)
			if r = s.ask().row(c.code); r == nil || !r.Fulfilled || r.ErrorCode+r.Message+r.Resolution+r.ResolvableBy+r.Hint != "" || r.Context != c.context {
				t.Errorf("%s is given as %+v", c.code, r)
			}
		}
		for i := range kinds {
			if !seen[kinds[i].code] {
				t.Errorf("no case is about %s", kinds[i].code)
			}
		}
	})
}

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
