package mobility

import (
	"slices"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

// Question asks whether somebody may start a rental, or make a booking.
type Question struct {
	Person               int64 // 0: nobody; what would be asked
	BranchID, CategoryID int64
	Vehicle              *Vehicle          // nil for any of the category
	Account              *business.Account // who pays; nil for the person
	CostCenterID         int64             // the one that was chosen; 0 for none
	BusinessReason       string
	// Start is the state in which the rental begins, Reservation or Active; Booked
	// asks for a booking.
	Start string
	// At is when it begins, Until when it ends, µs UTC; 0 for now, and for At.
	At, Until int64
	Position  *Position // where the person is; nil where that is unknown
}

func (q *Question) kind() string {
	if q.Account != nil {
		return Business
	}
	return Personal
}

// Check answers a Question.
type Check struct {
	Fulfilled bool // all requirements are
	Evaluated bool // false where the question was about nobody
	// Type is Personal or Business.
	Type                          string
	BranchID, CategoryID, GroupID int64 // no GroupID for Personal
	// CostCenterID is the one that the rental captures; 0 for none.
	CostCenterID int64
	Requirements []Requirement

	facts *facts // by which it was judged
}

// Requirement is one thing that is asked, and whether it is given. What stands below
// Expected is "" where it is.
type Requirement struct {
	Code      string `json:"code"`
	Fulfilled bool   `json:"fulfilled"`
	Context   string `json:"context"` // what it is about: PERSONAL, BUSINESS or VEHICLE
	// Actual and Expected are JSON values, where telling them helps.
	Actual       any    `json:"actual,omitempty"`
	Expected     any    `json:"expected,omitempty"`
	ErrorCode    string `json:"errorCode,omitempty"`
	Message      string `json:"userMessage,omitempty"`
	Resolution   string `json:"resolution,omitempty"`
	ResolvableBy string `json:"resolvableBy,omitempty"`
	Hint         string `json:"-"` // for operators
}

// What a requirement is about.
const (
	aboutPerson  = "PERSONAL"
	aboutGroup   = "BUSINESS"
	aboutVehicle = "VEHICLE"
)

// Who can have a requirement fulfilled.
const (
	byCustomer = "CUSTOMER"
	byManager  = "GROUP_MANAGER"
	byOperator = "OPERATOR"
)

// What fulfills a requirement. The last three are an extension of the contract's.
const (
	completeProfile  = "COMPLETE_PROFILE"
	verifyEmail      = "VERIFY_EMAIL"
	verifyPhone      = "VERIFY_PHONE"
	acceptTerms      = "ACCEPT_TERMS"
	addPaymentSource = "ADD_PAYMENT_SOURCE"
	buySignup        = "BUY_SIGNUP_PACKAGE"
	verifyLicense    = "START_LICENSE_VERIFICATION"
	verifyAgain      = "RETRY_VERIFICATION"
	wait             = "WAIT"
	payInvoices      = "PAY_INVOICES"
	topUpBalance     = "TOP_UP_BALANCE"
	selectCostCenter = "SELECT_COST_CENTER"
	enterReason      = "ENTER_REASON"
	requestApproval  = "REQUEST_APPROVAL"
	contactSupport   = "CONTACT_SUPPORT"
	verifyID         = "START_ID_VERIFICATION"
	endRental        = "END_RENTAL"
	moveCloser       = "MOVE_CLOSER"
)

// Unfulfilled is the detail of a refusal: the requirements that are not fulfilled.
type Unfulfilled struct {
	Requirements []Requirement `json:"requirements"`
}

// inputCodes are those of requirements that fail because of what was asked: a
// refusal keeps them, whatever else is unfulfilled, and names the field.
var inputCodes = map[string]string{business.CodeCostCenter: "costCenterId", CodeActiveRental: ""}

// Refusal is nil where all requirements are fulfilled. Else it is Invalid: with the
// code of the one that is not, CodeRequirements where several are not. Its details
// are Unfulfilled.
func (c *Check) Refusal() error {
	failed := slices.DeleteFunc(slices.Clone(c.Requirements), func(r Requirement) bool { return r.Fulfilled })
	if len(failed) == 0 {
		return nil
	}
	e := &roster.Error{Kind: roster.Invalid, Code: CodeRequirements, Msg: "requirements are not fulfilled", Details: Unfulfilled{failed}}
	one := 0
	if i := slices.IndexFunc(failed, func(r Requirement) bool { _, ok := inputCodes[r.ErrorCode]; return ok }); i >= 0 {
		one = i
	} else if len(failed) > 1 {
		return e
	}
	e.Code, e.Msg, e.Field = failed[one].ErrorCode, failed[one].Message, inputCodes[failed[one].ErrorCode]
	return e
}

// check answers a question: inside the write that creates a rental or booking it is the
// rule, and before it the same answer. NotFound for the person.
func (m *Mobility) check(a asker, r *rules, q *Question) (*Check, error) {
	f, err := m.gather(a, r, q)
	if err != nil {
		return nil, err
	}
	return f.check(), nil
}

// check judges the facts.
func (f *facts) check() *Check {
	q := f.q
	c := &Check{
		Fulfilled: true, Evaluated: q.Person != 0, Type: q.kind(), BranchID: q.BranchID, CategoryID: q.CategoryID,
		CostCenterID: f.costCenter(), Requirements: f.judge(), facts: f,
	}
	if q.Account != nil {
		c.GroupID = q.Account.ID
	}
	for i := range c.Requirements {
		c.Fulfilled = c.Fulfilled && c.Requirements[i].Fulfilled
	}
	return c
}

// seen is what the check has seen of what a rental would name.
func (c *Check) seen() named {
	f := c.facts
	seen := named{people: map[int64]*identity.Customer{f.customer.ID: f.customer}, costCenters: f.group.costCenters(c.CostCenterID)}
	if f.q.Account != nil {
		seen.groups = map[int64]*business.Account{f.q.Account.ID: f.q.Account}
	}
	if f.q.Vehicle != nil {
		seen.vehicles = map[int64]*Vehicle{f.q.Vehicle.ID: f.q.Vehicle}
	}
	return seen
}
