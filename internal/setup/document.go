package setup

// Document is the file: YAML, or JSON, which is YAML too.
type Document struct {
	BusinessUnits     []BusinessUnit   `yaml:"businessUnits,omitempty"`
	Branches          []Branch         `yaml:"branches,omitempty"`
	Settings          []Setting        `yaml:"settings,omitempty"`
	VehicleCategories []Category       `yaml:"vehicleCategories,omitempty"`
	Vehicles          []Vehicle        `yaml:"vehicles,omitempty"`
	Tariffs           []Tariff         `yaml:"tariffs,omitempty"`
	RequirementSets   []RequirementSet `yaml:"requirementSets,omitempty"`
	Terms             []Terms          `yaml:"terms,omitempty"`
	Voucherables      []Voucherable    `yaml:"voucherables,omitempty"`
	Roles             []Role           `yaml:"roles,omitempty"`
	Operators         []Operator       `yaml:"operators,omitempty"`
	Customers         []Customer       `yaml:"customers,omitempty"`
	IdentityCards     []IdentityCard   `yaml:"identityCards,omitempty"`
	APIClients        []APIClient      `yaml:"apiClients,omitempty"`
	Organization      []Employee       `yaml:"organizationUsers,omitempty"`
}

// BusinessUnit bills branches. Without paymentConfiguration invoices are paid by hand.
type BusinessUnit struct {
	Code                 string  `yaml:"code"`
	Name                 string  `yaml:"name"`
	Currency             string  `yaml:"currency"`
	CurrencyScale        *int64  `yaml:"currencyScale,omitempty"` // 2 unless told
	TaxPercentage        Percent `yaml:"taxPercentage"`
	Timezone             string  `yaml:"timezone,omitempty"`      // UTC unless told
	InvoicePrefix        string  `yaml:"invoicePrefix,omitempty"` // INV unless told
	PaymentConfiguration struct {
		Gateway string `yaml:"gateway"`
	} `yaml:"paymentConfiguration,omitempty"`
}

// Branch is a place. A parent stands before its children in the file.
type Branch struct {
	Code         string `yaml:"code"`
	Name         string `yaml:"name"`
	Parent       string `yaml:"parent,omitempty"`
	BusinessUnit string `yaml:"businessUnit,omitempty"`
	State        string `yaml:"state,omitempty"` // OPERATIONAL unless told
}

// Setting sets a setting at a branch, or for the whole tenant.
type Setting struct {
	Key    string `yaml:"key"`
	Branch string `yaml:"branch,omitempty"`
	Value  any    `yaml:"value"`
}

// Category is a kind of vehicle.
type Category struct {
	Code string `yaml:"code"`
	Name string `yaml:"name"`
}

// Vehicle is one vehicle.
type Vehicle struct {
	Code         string    `yaml:"code"`
	Name         string    `yaml:"name,omitempty"`
	LicensePlate string    `yaml:"licensePlate,omitempty"`
	Branch       string    `yaml:"branch"`
	Category     string    `yaml:"category"`
	State        string    `yaml:"state,omitempty"` // AVAILABLE unless told
	Position     *Position `yaml:"position,omitempty"`
	Kilometers   Amount    `yaml:"kilometers,omitempty"`
}

// Position is a place on earth, in degrees.
type Position struct {
	Latitude  float64 `yaml:"lat"`
	Longitude float64 `yaml:"lng"`
}

// Tariff is what a category costs where a business unit bills.
type Tariff struct {
	Category          string   `yaml:"category"`
	BusinessUnit      string   `yaml:"businessUnit"`
	UnlockPrice       Amount   `yaml:"unlockPrice,omitempty"`
	PricePerMinute    Amount   `yaml:"pricePerMinute,omitempty"`
	PricePerKilometer Amount   `yaml:"pricePerKilometer,omitempty"`
	BookingPrice      Amount   `yaml:"bookingPrice,omitempty"`
	Currency          string   `yaml:"currency,omitempty"`      // the business unit's unless told
	TaxPercentage     *Percent `yaml:"taxPercentage,omitempty"` // the business unit's unless told
}

// RequirementSet is what a rental asks in some branches, for some categories or,
// without any, for all. Branches below inherit it.
type RequirementSet struct {
	Name              string            `yaml:"name"`
	Branches          []string          `yaml:"branches"`
	VehicleCategories []string          `yaml:"vehicleCategories,omitempty"`
	Start             RequirementsStart `yaml:"start"`
}

// RequirementsStart are the requirements at a rental's start; 0 is none.
type RequirementsStart struct {
	MinimumAge                      int64    `yaml:"minimumAge,omitempty"`
	MaximumAge                      int64    `yaml:"maximumAge,omitempty"`
	ReservationMaximumDistance      int64    `yaml:"reservationMaximumDistance,omitempty"` // meters
	RentalMaximumDistance           int64    `yaml:"rentalMaximumDistance,omitempty"`      // meters
	MinimumBalanceWithPaymentSource *Amount  `yaml:"minimumBalanceWithPaymentSource,omitempty"`
	MinimumBalanceWithout           *Amount  `yaml:"minimumBalanceWithoutPaymentSource,omitempty"`
	Require                         []string `yaml:"require,omitempty"`
	LicenseCategories               []string `yaml:"licenseCategories,omitempty"`
	AcceptNeedsCheck                bool     `yaml:"acceptVerifiedButNeedsCheck,omitempty"`
}

// Terms are terms and conditions. Another text than the current one is a new version.
type Terms struct {
	Branch      string  `yaml:"branch"`
	Text        string  `yaml:"termsAndConditionsText"`
	URL         string  `yaml:"termsAndConditionsUrl"`
	PrivacyText string  `yaml:"privacyGuidelinesText,omitempty"`
	PrivacyURL  string  `yaml:"privacyGuidelinesUrl,omitempty"`
	ValidFrom   Instant `yaml:"validFrom,omitempty"` // at once unless told
}

// Voucherable is what vouchers are made from.
type Voucherable struct {
	Code          string    `yaml:"code"`
	Name          string    `yaml:"name"`
	Description   string    `yaml:"description,omitempty"`
	Type          string    `yaml:"type,omitempty"`   // CustomerCare unless told
	Branch        string    `yaml:"branch,omitempty"` // the root unless told
	BusinessUnit  string    `yaml:"businessUnit"`
	Inactive      bool      `yaml:"inactive,omitempty"`
	ValidFrom     Instant   `yaml:"validFrom,omitempty"`
	ValidUntil    Instant   `yaml:"validUntil,omitempty"`
	MaxPerAccount int64     `yaml:"maxPerAccount,omitempty"`
	Signup        bool      `yaml:"signup,omitempty"`
	Benefits      []Benefit `yaml:"benefits"`
}

// Benefit is one voucher that a voucherable gives.
type Benefit struct {
	VoucherType         string `yaml:"voucherType"`
	ValueGross          Amount `yaml:"valueGross"`
	Currency            string `yaml:"currency,omitempty"` // the business unit's unless told
	ValidityDays        int64  `yaml:"validityDays,omitempty"`
	ApplicablePriceType string `yaml:"applicablePriceType,omitempty"` // every price unless told
}

// Role is a set of permissions.
type Role struct {
	Name        string   `yaml:"name"`
	Permissions []string `yaml:"permissions"`
}

// Operator is a person of the back office. Operators sign in after a password reset.
type Operator struct {
	Email       string       `yaml:"email"`
	Name        string       `yaml:"name"`
	Assignments []Assignment `yaml:"assignments,omitempty"`
}

// Assignment is a role on a branch and those below it.
type Assignment struct {
	Role   string `yaml:"role"`
	Branch string `yaml:"branch"`
}

// Customer is a rider. What a state leaves out is as for a new customer.
type Customer struct {
	Email             string   `yaml:"email,omitempty"`
	EmailVerified     bool     `yaml:"emailIsVerified,omitempty"`
	Phone             string   `yaml:"phone,omitempty"`
	PhoneVerified     bool     `yaml:"phoneIsVerified,omitempty"`
	FirstName         string   `yaml:"firstName,omitempty"`
	LastName          string   `yaml:"lastName,omitempty"`
	Birthdate         string   `yaml:"birthdate,omitempty"`
	Street            string   `yaml:"street,omitempty"`
	Postcode          string   `yaml:"postcode,omitempty"`
	City              string   `yaml:"city,omitempty"`
	Country           string   `yaml:"country,omitempty"`
	Language          string   `yaml:"language,omitempty"`
	HomeBranch        string   `yaml:"homeBranch"`
	LicenseState      string   `yaml:"licenseVerificationState,omitempty"`
	LicenseExpires    string   `yaml:"licenseExpirationDate,omitempty"`
	LicenseCategories []string `yaml:"drivingLicenseCategories,omitempty"`
	IDState           string   `yaml:"idVerificationState,omitempty"`
	IDExpires         string   `yaml:"idExpirationDate,omitempty"`
	SignupSettled     bool     `yaml:"signupSettled,omitempty"`
	AcceptTerms       []string `yaml:"acceptedTermsOf,omitempty"` // branches
}

// IdentityCard is a customer card.
type IdentityCard struct {
	CardNumber string `yaml:"cardNumber"`
	RFIDUID    string `yaml:"rfidUid,omitempty"`
	RFIDType   string `yaml:"rfidType,omitempty"`
	Branch     string `yaml:"branch"`
	Customer   string `yaml:"customer,omitempty"` // an address; who it is assigned to
	Comment    string `yaml:"comment,omitempty"`
}

// APIClient is a program with credentials of its own; its id is
// rst_<tenant>_<name>, and its key is told once, when it is made.
type APIClient struct {
	Name        string       `yaml:"name"`
	API         string       `yaml:"api"`
	Role        string       `yaml:"role,omitempty"` // API_CLIENT in the user and operations APIs
	Assignments []Assignment `yaml:"assignments,omitempty"`
}

// Employee is a user of the organization API.
type Employee struct {
	Email string `yaml:"email"`
	Name  string `yaml:"name"`
	Role  string `yaml:"role"`
}
