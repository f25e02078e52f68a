package mobility

import (
	"slices"
	"strconv"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
)

// Codes of errors that only requirements give (contract/mobility.md §2.2).
const (
	codeUnpaid          = "U134"
	codeSignupMissing   = "U139"
	codeSignupFailed    = "U139.1"
	codePhone           = "U390"
	codeEmail           = "U490"
	codeLicense         = "U590.1"
	codeLicenseExpired  = "U590.2"
	codeLicenseCategory = "U590.3"
	codeID              = "U591"
	codeManual          = "U592"
	codeExternal        = "U592.1"
	codeCredit          = "CR905"
	codeBalance         = "J901"
	codeMemberProperty  = "UG931"
)

// alwaysKinds are asked of everybody, whatever is configured.
var alwaysKinds = []kind{
	{
		code: "ACCOUNT_NOT_BLOCKED", context: aboutPerson, errorCode: identity.CodeCustomerBlocked,
		expected: always(identity.NotBlocked),
		judge: func(f *facts, r *Requirement) bool {
			return r.told(f.customer.BlockState, f.customer.BlockState == identity.NotBlocked)
		},
		message: "your account is blocked", hint: "the customer is blocked", resolution: contactSupport, with: byOperator,
	},
	{
		code: "TERMS_ACCEPTED", context: aboutPerson, errorCode: care.CodeTermsNotAccepted,
		when:     func(f *facts) bool { return f.said.termsRequired && f.terms != nil },
		expected: always(care.Accepted),
		judge: func(f *facts, r *Requirement) bool {
			state := f.termsState()
			return r.told(state, state == care.Accepted)
		},
		message: "the current terms and conditions are not accepted", hint: "the customer has yet to accept the current terms of the branch",
		resolution: acceptTerms, with: byCustomer,
	},
	{
		code: "NO_UNPAID_INVOICES", context: aboutPerson, errorCode: codeUnpaid,
		when:    func(f *facts) bool { return f.q.Account == nil },
		judge:   func(f *facts, _ *Requirement) bool { return !f.unpaid(f.person.blockedFrom) },
		message: "there are unpaid invoices", hint: "an invoice of the customer is overdue", resolution: payInvoices, with: byCustomer,
	},
	{
		code: "NO_ACTIVE_RENTAL", context: aboutPerson, errorCode: CodeActiveRental,
		when:    func(f *facts) bool { return f.q.Start == Active },
		judge:   func(f *facts, _ *Requirement) bool { return !f.active },
		message: "you've already got an active rental", hint: "the customer has an active rental", resolution: endRental, with: byCustomer,
	},
}

// profile is a requirement that something is known of the person.
func profile(code, errorCode, noun string, of func(*identity.Customer) string) kind {
	return kind{
		code: code, context: aboutPerson, errorCode: errorCode, settable: true,
		judge:   func(f *facts, _ *Requirement) bool { return of(f.customer) != "" },
		message: "your " + noun + " is missing", hint: "the customer's " + noun + " is missing", resolution: completeProfile, with: byCustomer,
	}
}

// profileKinds are what a set may ask of a person's profile.
var profileKinds = []kind{
	profile("EMAIL", "U130.3", "email address", func(c *identity.Customer) string { return c.Email }),
	profile("PHONE", "U130.4", "phone number", func(c *identity.Customer) string { return c.Phone }),
	profile("FIRST_NAME", "U130.5", "first name", func(c *identity.Customer) string { return c.FirstName }),
	profile("LAST_NAME", "U130.6", "last name", func(c *identity.Customer) string { return c.LastName }),
	profile("BIRTHDATE", "U130.7", "date of birth", func(c *identity.Customer) string { return c.Birthdate }),
	profile("STREET", "U135", "street", func(c *identity.Customer) string { return c.Street }),
	profile("POSTCODE", "U136", "postcode", func(c *identity.Customer) string { return c.Postcode }),
	profile("CITY", "U137", "city", func(c *identity.Customer) string { return c.City }),
	profile("COUNTRY", "U138", "country", func(c *identity.Customer) string { return c.Country }),
	{
		code: "EMAIL_VERIFIED", context: aboutPerson, errorCode: codeEmail, settable: true,
		judge:   func(f *facts, _ *Requirement) bool { return f.customer.Email != "" && f.customer.EmailVerified },
		message: "your email address is not verified", hint: "the customer has yet to follow the code sent by email", resolution: verifyEmail, with: byCustomer,
	},
	{
		code: "PHONE_VERIFIED", context: aboutPerson, errorCode: codePhone, settable: true,
		judge:   func(f *facts, _ *Requirement) bool { return f.customer.Phone != "" && f.customer.PhoneVerified },
		message: "your phone number is not verified", hint: "the customer has yet to follow the code sent to the phone", resolution: verifyPhone, with: byCustomer,
	},
	{
		code: "MINIMUM_AGE", context: aboutPerson, errorCode: "U132", settable: true,
		bound:    func(s *StartRequirements) bool { return s.MinimumAge > 0 },
		expected: func(f *facts) any { return f.start.MinimumAge },
		judge:    func(f *facts, r *Requirement) bool { return f.judgeAge(r) >= f.start.MinimumAge },
		message:  "you are too young", hint: "the customer is younger than the set allows, or the date of birth is missing", resolution: wait, with: byCustomer,
	},
	{
		code: "MAXIMUM_AGE", context: aboutPerson, errorCode: "U133", settable: true,
		bound:    func(s *StartRequirements) bool { return s.MaximumAge > 0 },
		expected: func(f *facts) any { return f.start.MaximumAge },
		judge: func(f *facts, r *Requirement) bool {
			age := f.judgeAge(r)
			return age >= 0 && age <= f.start.MaximumAge
		},
		message: "you are too old", hint: "the customer is older than the set allows, or the date of birth is missing", resolution: contactSupport, with: byOperator,
	},
}

// judgeAge returns the person's age on the day of the start, -1 where it is not known,
// and says what somebody of none is to do.
func (f *facts) judgeAge(r *Requirement) int64 {
	if f.customer.Birthdate == "" {
		r.Message = "your date of birth is missing"
		r.by(completeProfile, byCustomer)
		return -1
	}
	age := ageOn(f.customer.Birthdate, f.day)
	r.Actual = age
	return age
}

// ageOn is how many birthdays after birth there were on a day; both are YYYY-MM-DD. Who
// is born on February 29 has it on March 1 in other years.
func ageOn(birthdate, day string) int64 {
	year := func(date string) int64 {
		n, _ := strconv.ParseInt(date[:4], 10, 64)
		return n
	}
	age := year(day) - year(birthdate)
	if day[4:] < birthdate[4:] {
		age--
	}
	return age
}

const (
	verified     = "VERIFIED"
	needsCheck   = "VERIFIED_BUT_NEEDS_CHECK"
	expiredState = "EXPIRED_LICENSE"
	reverify     = "PENDING_REVERIFICATION"
)

// licenseKinds are what a set may ask of a driving license.
var licenseKinds = []kind{
	{
		code: "DRIVING_LICENSE_VERIFIED", context: aboutPerson, errorCode: codeLicense, settable: true, when: hasLicenseProvider,
		expected: func(f *facts) any { return f.goodLicenses() },
		judge: func(f *facts, r *Requirement) bool {
			return r.verification(f.licenseState(), f.goodLicenses(), verifyLicense, byCustomer)
		},
		message: "your driving license is not verified", hint: "the customer's driving license is not verified",
	},
	{
		code: "DRIVING_LICENSE_NOT_EXPIRED", context: aboutPerson, errorCode: codeLicenseExpired, settable: true, when: hasLicenseProvider,
		expected: func(f *facts) any { return f.lastDay },
		judge: func(f *facts, r *Requirement) bool {
			return r.told(f.customer.LicenseExpires, f.customer.LicenseExpires >= f.lastDay)
		},
		message: "your driving license expires too early", hint: "the driving license must be valid until the end of the rental, and its date known",
		resolution: verifyLicense, with: byCustomer,
	},
	{
		code: "DRIVING_LICENSE_CATEGORY", context: aboutPerson, errorCode: codeLicenseCategory, settable: true,
		bound:    func(s *StartRequirements) bool { return len(s.LicenseCategories) > 0 },
		when:     func(f *facts) bool { return f.said.licenseProvider && len(f.licenseCategories()) > 0 },
		expected: func(f *facts) any { return f.licenseCategories() },
		judge: func(f *facts, r *Requirement) bool {
			if len(f.customer.LicenseCategories) > 0 {
				r.Actual = f.customer.LicenseCategories
			}
			for _, category := range f.licenseCategories() {
				if !slices.Contains(f.customer.LicenseCategories, category) {
					return false
				}
			}
			return true
		},
		message: "your driving license lacks a category", hint: "the customer's driving license lacks a category that the set asks",
		resolution: verifyLicense, with: byCustomer,
	},
}

func hasLicenseProvider(f *facts) bool { return f.said.licenseProvider }

// licenseCategories are those that are asked: all of them, but for B where the group
// does without.
func (f *facts) licenseCategories() []string {
	if f.q.Account == nil || !f.q.Account.Settings.IgnoreBCategory {
		return f.start.LicenseCategories
	}
	return slices.DeleteFunc(slices.Clone(f.start.LicenseCategories), func(c string) bool { return c == "B" })
}

func (f *facts) goodLicenses() []string {
	if f.said.acceptNeedsCheck || f.start.AcceptNeedsCheck {
		return []string{verified, needsCheck}
	}
	return []string{verified}
}

// licenseState is the state of the person's license today: one that was verified and
// is past its date is so no longer.
func (f *facts) licenseState() string {
	c := f.customer
	if (c.LicenseState == verified || c.LicenseState == needsCheck) && c.LicenseExpires != "" && c.LicenseExpires < f.today {
		return expiredState
	}
	return c.LicenseState
}

// verification judges the state of a verification, and says how it could go on.
func (r *Requirement) verification(state string, good []string, start, with string) bool {
	switch state {
	case "REJECTED", "RETRY":
		r.by(verifyAgain, byCustomer)
	case "PROCESSING":
		r.by(wait, with)
	case "REVIEW", needsCheck:
		r.by(wait, byOperator)
	default:
		r.by(start, with)
	}
	return r.told(state, slices.Contains(good, state))
}

// standingKinds are what a set may ask of who the person is, and how they stand.
var standingKinds = []kind{
	{
		code: "ID_VERIFIED", context: aboutPerson, errorCode: codeID, settable: true,
		when:     func(f *facts) bool { return f.said.idProvider },
		expected: always([]string{verified}),
		judge: func(f *facts, r *Requirement) bool {
			return r.verification(f.idState(), []string{verified}, verifyID, byCustomer)
		},
		message: "your identity is not verified", hint: "the customer's identity document is not verified",
	},
	{
		code: "MANUAL_VERIFIED", context: aboutPerson, errorCode: codeManual, settable: true,
		expected: always([]string{verified}),
		judge: func(f *facts, r *Requirement) bool {
			return r.verification(f.customer.ManualState, []string{verified}, contactSupport, byOperator)
		},
		message: "you are not verified", hint: "an operator has yet to verify the customer",
	},
	{
		code: "EXTERNAL_VERIFIED", context: aboutPerson, errorCode: codeExternal, settable: true,
		expected: always([]string{verified}),
		judge: func(f *facts, r *Requirement) bool {
			return r.verification(f.customer.ExternalState, []string{verified}, contactSupport, byOperator)
		},
		message: "you are not verified", hint: "the external verification of the customer is not complete",
	},
	{
		code: "CREDIT_STATUS_APPROVED", context: aboutPerson, errorCode: codeCredit, settable: true,
		when:     func(f *facts) bool { return f.said.creditProvider && f.q.Account == nil },
		expected: always(identity.CreditApproved),
		judge:    func(f *facts, r *Requirement) bool { return r.credit(f.customer.CreditAt(f.now)) },
		message:  "your credit is not approved", hint: "the customer has no approved credit rating", resolution: contactSupport, with: byOperator,
	},
	{
		code: "SIGNUP_FEE_SETTLED", context: aboutPerson, errorCode: codeSignupMissing, settable: true,
		judge: func(f *facts, r *Requirement) bool {
			if f.customer.SignupFailed {
				r.ErrorCode, r.Message = codeSignupFailed, "the payment of your signup package failed"
			}
			return f.customer.SignupSettled
		},
		message: "you have no signup package", hint: "the customer has yet to buy a signup package, or to get a voucher for it",
		resolution: buySignup, with: byCustomer,
	},
	{
		code: "IDENTITY_CARD_ASSIGNED", context: aboutPerson, errorCode: care.CodeNoCardAssigned, settable: true,
		when:    func(f *facts) bool { return f.said.cards },
		judge:   func(f *facts, _ *Requirement) bool { return f.hasCard() },
		message: "you have no identity card", hint: "no identity card of the branch is assigned to the customer", resolution: contactSupport, with: byOperator,
	},
}

// idState is the state of the person's identity document today.
func (f *facts) idState() string {
	if c := f.customer; c.IDState == verified && c.IDExpires != "" && c.IDExpires < f.today {
		return reverify
	}
	return f.customer.IDState
}

// credit judges a credit status.
func (r *Requirement) credit(status string) bool {
	if status == identity.CreditPending {
		r.by(wait, byOperator)
	}
	return r.told(status, status == identity.CreditApproved)
}
