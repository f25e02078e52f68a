package business

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// States of an account.
const (
	AccountActive   = "ACTIVE"
	AccountInactive = "INACTIVE"
	AccountDeleted  = "DELETED"
)

// Whether an account is blocked by the operator.
const (
	NotBlocked = "NONE"
	Blocked    = "BLOCKED"
)

// How an account takes those who have its code.
const (
	JoinByApproval = "APPROVAL" // a manager decides
	JoinAtOnce     = "AUTO"
	JoinClosed     = "CLOSED"
)

// Account is a business account (contract/mobility.md §4.1). Its id is that of its
// group in the graph.
type Account struct {
	ID                      int64
	Code, Name              string
	BranchID                int64
	State, BlockState       string
	BillingCycle            string
	CycleFrom, CycleTo      int64 // the cycle that is open, [from, to)
	PaymentState            string
	CreditStatus            string // as of when it was read; it is care's to write
	CreditUntil             int64  // from when on it is identity.CreditExpired; 0 for no end
	DefaultCostCenterID     int64
	DefaultBusinessUnitID   int64
	CheckRentalRequirements bool
	AllowedBranchIDs        []int64 // empty for all
	AllowedCategoryIDs      []int64 // empty for all
	Settings                AccountSettings
	Contact                 Contact
	Tags                    []string
	CustomProperties        map[string]string
	CreatedAt, UpdatedAt    int64
	Revision                int64 // the row's version
}

// AccountSettings are the rules that an account makes for its members.
type AccountSettings struct {
	RequireDrivingLog        bool     `json:"requireDrivingLog"`
	IgnoreBCategory          bool     `json:"shouldIgnoreBCategoryRentalRequirement"`
	JoinPolicy               string   `json:"joinPolicy"`
	RequireCostCenter        bool     `json:"requireCostCenter"`
	RequireBusinessReason    bool     `json:"requireBusinessReason"`
	RequireMemberApproval    bool     `json:"requireMemberApproval"`
	RequireBookingApproval   bool     `json:"requireBookingApproval"`
	BusinessReasons          []string `json:"businessReasons,omitempty"`          // a closed list, if any
	RequiredMemberProperties []string `json:"requiredMemberProperties,omitempty"` // superiorEmail, employeeNumber, or keys of customProperties
}

// Contact is who is billed.
type Contact struct {
	CompanyName    string  `json:"companyName,omitempty"`
	VATID          string  `json:"vatId,omitempty"`
	BillingAddress Address `json:"billingAddress,omitzero"`
	BillingEmail   string  `json:"billingEmail,omitempty"`
	Phone          string  `json:"phone,omitempty"` // E.164
}

// Address is where something is sent. Country is ISO 3166-1, two capital letters.
type Address struct {
	Street   string `json:"street,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	City     string `json:"city,omitempty"`
	Country  string `json:"country,omitempty"`
}

const accountColumns = `a.id, a.code, a.name, a.branch_id, a.state, a.block_state, a.billing_cycle, a.cycle_from, a.cycle_to, a.payment_state, a.credit_status, a.credit_until,
		coalesce(a.default_cost_center_id, 0), coalesce(a.default_business_unit_id, 0), a.check_rental_requirements, a.allowed_branch_ids, a.allowed_category_ids,
		a.settings, a.contact, a.tags, a.custom_properties, a.created_at, a.updated_at, a.revision`

var (
	accountByID   = store.Q("account.by_id", `SELECT `+accountColumns+` FROM business_accounts a WHERE a.tenant = $1 AND a.id IN ($2)`).In()
	accountByCode = store.Q("account.by_code", `SELECT `+accountColumns+` FROM business_accounts a WHERE a.tenant = $1 AND a.code = $2`)
)

func scanAccount(s store.Scanner) (*Account, error) {
	a := &Account{}
	var branches, categories, settings, contact, tags, custom string
	err := s.Scan(&a.ID, &a.Code, &a.Name, &a.BranchID, &a.State, &a.BlockState, &a.BillingCycle, &a.CycleFrom, &a.CycleTo, &a.PaymentState, &a.CreditStatus, &a.CreditUntil,
		&a.DefaultCostCenterID, &a.DefaultBusinessUnitID, &a.CheckRentalRequirements, &branches, &categories,
		&settings, &contact, &tags, &custom, &a.CreatedAt, &a.UpdatedAt, &a.Revision)
	if err != nil {
		return nil, err
	}
	return a, errors.Join(
		json.Unmarshal([]byte(branches), &a.AllowedBranchIDs), json.Unmarshal([]byte(categories), &a.AllowedCategoryIDs),
		json.Unmarshal([]byte(settings), &a.Settings), json.Unmarshal([]byte(contact), &a.Contact),
		json.Unmarshal([]byte(tags), &a.Tags), json.Unmarshal([]byte(custom), &a.CustomProperties))
}

// AccountsByID reads those of the accounts that there are, deleted ones too, by id.
func AccountsByID(tx *store.Tx, ids []int64) (map[int64]*Account, error) {
	found := map[int64]*Account{}
	err := tx.EachIn(accountByID, ids, func(s store.Scanner) error {
		a, err := scanAccount(s)
		if err == nil {
			a.CreditStatus = a.CreditAt(tx.Now)
			found[a.ID] = a
		}
		return err
	})
	return found, err
}

// CreditAt is the account's credit status at a time, µs UTC.
func (a *Account) CreditAt(now int64) string {
	return identity.CreditAt(a.CreditStatus, a.CreditUntil, now)
}

// LiveAccount reads an account that is not deleted. NotFound with CodeNoAccount.
func LiveAccount(tx *store.Tx, id int64) (*Account, error) {
	found, err := AccountsByID(tx, []int64{id})
	if err != nil {
		return nil, err
	}
	if a := found[id]; a != nil && a.State != AccountDeleted {
		return a, nil
	}
	return nil, errNoAccount()
}

// AccountByCode finds an account that is not deleted by its code, however it is
// written. NotFound with CodeNoCode.
func AccountByCode(tx *store.Tx, code string) (*Account, error) {
	a, err := scanAccount(tx.Row(accountByCode, codeKey(code)))
	if errors.Is(err, store.ErrNoRows) || err == nil && a.State == AccountDeleted {
		return nil, errNoCode()
	}
	if err == nil {
		a.CreditStatus = a.CreditAt(tx.Now)
	}
	return a, err
}

// codeKey is how codes are stored.
func codeKey(code string) string { return strings.ToUpper(strings.TrimSpace(code)) }

// AccountOf reads the account that a person is in, and what they are there; nil and
// nil for somebody in none.
func AccountOf(tx *store.Tx, person int64) (*Account, *Member, error) {
	in, err := graph.MembershipsOf(tx, person, graph.Business)
	if err != nil || len(in) == 0 {
		return nil, nil, err
	}
	a, err := LiveAccount(tx, in[0].GroupID)
	if err != nil {
		return nil, nil, err
	}
	m, err := LiveMember(tx, a.ID, person)
	if roster.IsKind(err, roster.NotFound) {
		return nil, nil, nil
	}
	return a, m, err
}
