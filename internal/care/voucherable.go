package care

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CustomerCare is the type of the voucherables that operators give to accounts.
const CustomerCare = "CustomerCare"

// Parts of a price that a voucher may reduce; "" stands for all.
const (
	UnlockPrice    = "UNLOCK_PRICE"
	TimePrice      = "TIME_PRICE"
	KilometerPrice = "KILOMETER_PRICE"
	BookingPrice   = "BOOKING_PRICE"
)

var priceTypes = []string{"", UnlockPrice, TimePrice, KilometerPrice, BookingPrice}

// Voucherable is what vouchers are made from. Times are µs UTC; 0 for none.
type Voucherable struct {
	ID                    int64
	Code                  string // unique, however it is written
	Type                  string
	Name                  string
	Description           string
	BranchID              int64 // 0: the whole tenant
	BusinessUnitID        int64
	Active                bool
	ValidFrom, ValidUntil int64 // when vouchers can be made
	MaxPerAccount         int64 // how often one account can get it; 0 for no limit
	// Signup settles a customer's signup fee.
	Signup    bool
	Benefits  []Benefit
	CreatedAt int64
	UpdatedAt int64
	Revision  int64
}

// Benefit is one voucher that a voucherable gives.
type Benefit struct {
	VoucherType  string        `json:"voucherType"`
	Value        roster.Amount `json:"valueGross"` // ten-thousandths
	Currency     string        `json:"currency"`
	ValidityDays int64         `json:"validityDays,omitempty"`        // from when it is given; 0 for no end
	PriceType    string        `json:"applicablePriceType,omitempty"` // what it reduces
}

const voucherableColumns = `v.id, v.code, v.type, v.name, v.description, coalesce(v.branch_id, 0), v.business_unit_id, v.active, v.valid_from, v.valid_until, v.max_per_account,
		v.signup, v.benefits, v.created_at, v.updated_at, v.revision`

var (
	voucherableByID   = store.Q("voucherable.by_id", `SELECT `+voucherableColumns+` FROM voucherables v WHERE v.tenant = $1 AND v.id = $2`)
	voucherableByCode = store.Q("voucherable.by_code", `SELECT `+voucherableColumns+` FROM voucherables v WHERE v.tenant = $1 AND v.code_key = $2`)
	voucherableInsert = store.Q("voucherable.insert", `INSERT INTO voucherables (tenant, id, code, code_key, type, name, description, branch_id, business_unit_id, active,
		valid_from, valid_until, max_per_account, signup, benefits, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`)
	voucherableUpdate = store.Q("voucherable.update", `UPDATE voucherables SET code = $3, code_key = $4, type = $5, name = $6, description = $7, branch_id = $8, business_unit_id = $9,
		active = $10, valid_from = $11, valid_until = $12, max_per_account = $13, signup = $14, benefits = $15, created_at = $16, updated_at = $17, revision = $18
		WHERE tenant = $1 AND id = $2`)
)

func scanVoucherable(s store.Scanner) (*Voucherable, error) {
	v := &Voucherable{}
	var benefits string
	err := s.Scan(&v.ID, &v.Code, &v.Type, &v.Name, &v.Description, &v.BranchID, &v.BusinessUnitID, &v.Active, &v.ValidFrom, &v.ValidUntil, &v.MaxPerAccount,
		&v.Signup, &benefits, &v.CreatedAt, &v.UpdatedAt, &v.Revision)
	if err != nil {
		return nil, err
	}
	return v, json.Unmarshal([]byte(benefits), &v.Benefits)
}

// row is a voucherable's row from its id on.
func (v *Voucherable) row() []any {
	benefits, err := json.Marshal(v.Benefits)
	if err != nil {
		panic(err) // texts and numbers are always JSON
	}
	return []any{
		v.ID, v.Code, graph.Key(v.Code), v.Type, v.Name, v.Description, nullable(v.BranchID), v.BusinessUnitID, v.Active,
		v.ValidFrom, v.ValidUntil, v.MaxPerAccount, v.Signup, string(benefits), v.CreatedAt, v.UpdatedAt, v.Revision,
	}
}

// VoucherableByID reads a voucherable. NotFound with CodeNoVoucherable.
func VoucherableByID(tx *store.Tx, id int64) (*Voucherable, error) {
	return oneVoucherable(tx, voucherableByID, id)
}

// VoucherableByCode reads a voucherable by its code, however that is written.
// NotFound with CodeNoVoucherable.
func VoucherableByCode(tx *store.Tx, code string) (*Voucherable, error) {
	return oneVoucherable(tx, voucherableByCode, graph.Key(code))
}

func oneVoucherable(tx *store.Tx, q *store.Query, key any) (*Voucherable, error) {
	v, err := scanVoucherable(tx.Row(q, key))
	if errors.Is(err, store.ErrNoRows) {
		return nil, errNoVoucherable()
	}
	return v, err
}

func errNoVoucherable() error {
	return roster.Errorf(roster.NotFound, CodeNoVoucherable, "there is no such voucherable")
}

// voucherableFields are the fields of a voucherable as the change log spells them.
type voucherableFields struct {
	Code           string          `json:"code"`
	Type           string          `json:"type"`
	Name           string          `json:"name"`
	Description    string          `json:"description,omitempty"`
	BranchID       int64           `json:"branchId,omitempty"`
	BusinessUnitID int64           `json:"businessUnitId"`
	Active         bool            `json:"active"`
	ValidFrom      int64           `json:"validFrom,omitempty"`  // µs UTC
	ValidUntil     int64           `json:"validUntil,omitempty"` // µs UTC
	MaxPerAccount  int64           `json:"maxPerAccount,omitempty"`
	Signup         bool            `json:"signup"`
	Benefits       []benefitFields `json:"benefits"`
}

type benefitFields struct {
	Benefit

	Value string `json:"valueGross"` // as the log has all amounts
}

func fieldsOf(v *Voucherable) voucherableFields {
	benefits := make([]benefitFields, len(v.Benefits))
	for i, b := range v.Benefits {
		benefits[i] = benefitFields{b, b.Value.String()}
	}
	return voucherableFields{v.Code, v.Type, v.Name, v.Description, v.BranchID, v.BusinessUnitID, v.Active, v.ValidFrom, v.ValidUntil, v.MaxPerAccount, v.Signup, benefits}
}

// PutVoucherable has the voucherable of v's code be as v says, and fills in what the
// server decides; vouchers that were made stay as they are. It reports whether that
// changed anything. NotFound for the branch or the business unit, Invalid.
func PutVoucherable(tx *store.Tx, v *Voucherable) (changed bool, err error) {
	if v.Type == "" {
		v.Type = CustomerCare
	}
	if err := checkVoucherable(tx, v); err != nil {
		return false, err
	}
	before, err := VoucherableByCode(tx, v.Code)
	if err != nil && !roster.IsKind(err, roster.NotFound) {
		return false, err
	}
	change := roster.Change{Operation: "voucherable.create", SubjectType: "voucherable", After: fieldsOf(v)}
	if before != nil {
		v.ID, v.CreatedAt, v.UpdatedAt, v.Revision = before.ID, before.CreatedAt, before.UpdatedAt, before.Revision
		if slices.Equal(before.row(), v.row()) {
			return false, nil
		}
		change.Operation, change.Before = "voucherable.update", fieldsOf(before)
	} else if v.ID, err = tx.NextID(voucherableIDs); err != nil {
		return false, err
	}
	v.UpdatedAt, v.Revision = tx.Now, tx.Revision
	query := voucherableUpdate
	if before == nil {
		query, v.CreatedAt = voucherableInsert, tx.Now
	}
	if _, err := tx.Exec(query, v.row()...); err != nil {
		return false, err
	}
	change.SubjectID = v.ID
	tx.Record(change)
	return true, business.ReferenceUnit(tx, v.BusinessUnitID)
}

// maxVoucher bounds a voucher's value, so that the sum of many fits.
const maxVoucher = 1_000_000 * 10_000

func checkVoucherable(tx *store.Tx, v *Voucherable) error {
	switch {
	case v.Code == "" || utf8.RuneCountInString(v.Code) > 64:
		return roster.FieldError("code", "must have 1 to 64 characters")
	case v.Name == "" || utf8.RuneCountInString(v.Name) > 120:
		return roster.FieldError("name", "must have 1 to 120 characters")
	case utf8.RuneCountInString(v.Description) > 1000:
		return roster.FieldError("description", "must have at most 1000 characters")
	case v.ValidUntil != 0 && v.ValidUntil <= v.ValidFrom:
		return roster.FieldError("validUntil", "must be later than validFrom")
	case v.MaxPerAccount < 0:
		return roster.FieldError("maxPerAccount", "must not be negative")
	case len(v.Benefits) == 0:
		return roster.FieldError("benefits", "a voucherable has one at least")
	}
	for _, b := range v.Benefits {
		if err := b.check(); err != nil {
			return err
		}
	}
	if v.BranchID != 0 {
		tree, err := identity.Branches(tx)
		if err != nil {
			return err
		}
		if _, err := tree.Find(v.BranchID); err != nil {
			return err
		}
	}
	_, err := business.LiveUnit(tx, v.BusinessUnitID)
	return err
}

func (b Benefit) check() error {
	_, known := roster.CurrencyScale(b.Currency)
	switch {
	case b.VoucherType == "" || len(b.VoucherType) > 64:
		return roster.FieldError("benefits", "a benefit has a voucherType of 1 to 64 characters")
	case b.Value <= 0 || b.Value > maxVoucher:
		return roster.FieldError("benefits", "a benefit's valueGross must be above 0 and at most %s", roster.Amount(maxVoucher))
	case !known:
		return roster.FieldError("benefits", "there is no currency %q of ISO 4217", b.Currency)
	case b.ValidityDays < 0 || b.ValidityDays > 36_500:
		return roster.FieldError("benefits", "a benefit's validityDays must be between 0 and 36500")
	case !slices.Contains(priceTypes, b.PriceType):
		return roster.FieldError("benefits", "a benefit's applicablePriceType must be one of %s", strings.Join(priceTypes[1:], ", "))
	}
	return nil
}
