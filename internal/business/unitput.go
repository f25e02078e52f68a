package business

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// UnitFields are the fields of a business unit as the change log spells them.
type UnitFields struct {
	Name          string `json:"name"`
	Code          string `json:"code"`
	Currency      string `json:"currency"`
	CurrencyScale int64  `json:"currencyScale"`
	Tax           string `json:"taxPercentage"`
	Timezone      string `json:"timezone"`
	InvoicePrefix string `json:"invoicePrefix"`
	Gateway       string `json:"gateway"`
	Referenced    bool   `json:"referenced"`
	Charged       bool   `json:"charged"`
}

func unitFields(u *Unit) UnitFields {
	const ratePerPercent = 100 // and an amount has that many more decimals
	return UnitFields{
		u.Name, u.Code, u.Currency, u.CurrencyScale, roster.Amount(u.Tax * ratePerPercent).String(), u.Timezone, u.InvoicePrefix, u.Gateway, u.Referenced, u.Charged,
	}
}

// defaults fills in what a unit does not say.
func (u *Unit) defaults() {
	u.Name, u.Code = strings.TrimSpace(u.Name), strings.TrimSpace(u.Code)
	if u.CurrencyScale == OwnScale {
		u.CurrencyScale, _ = roster.CurrencyScale(u.Currency)
	}
	if u.Timezone == "" {
		u.Timezone = "UTC"
	}
	if u.InvoicePrefix == "" {
		u.InvoicePrefix = "INV"
	}
	if u.Gateway == "" {
		u.Gateway = ManualGateway
	}
}

var (
	prefixForm  = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,15}$`)
	gatewayForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,31}$`)
)

func (u *Unit) check() error {
	if err := checkUnitText("name", u.Name, 120); err != nil {
		return err
	}
	if err := checkUnitText("code", u.Code, 32); err != nil {
		return err
	}
	if _, ok := roster.CurrencyScale(u.Currency); !ok {
		return roster.FieldError("currency", "must be a currency of ISO 4217, such as EUR")
	}
	if u.CurrencyScale < 0 || u.CurrencyScale > 4 {
		return roster.FieldError("currencyScale", "must be between 0 and 4")
	}
	if u.Tax < 0 || u.Tax > wholeTax {
		return roster.FieldError("taxPercentage", "must be between 0 and 100")
	}
	if _, err := time.LoadLocation(u.Timezone); err != nil || u.Timezone == "Local" {
		return roster.FieldError("timezone", "must be a time zone of the IANA, such as Europe/Vienna")
	}
	if !prefixForm.MatchString(u.InvoicePrefix) {
		return roster.FieldError("invoicePrefix", "must be 1 to 16 of A-Z, 0-9 and -")
	}
	if !gatewayForm.MatchString(u.Gateway) {
		return roster.FieldError("paymentConfiguration.gateway", "must be a name such as %s", ManualGateway)
	}
	return nil
}

func checkUnitText(field, text string, most int) error {
	if n := utf8.RuneCountInString(text); n < 1 || n > most {
		return roster.FieldError(field, "must have 1 to %d characters", most)
	}
	return nil
}

// PutUnit has the business unit of u's code be as u says, and fills in what the
// server decides; it reports whether that changed anything. Errors are those of
// InsertUnit and UpdateUnit.
func PutUnit(tx *store.Tx, u *Unit) (changed bool, err error) {
	before, err := UnitByCode(tx, u.Code)
	if roster.IsKind(err, roster.NotFound) {
		return true, InsertUnit(tx, u)
	}
	if err != nil {
		return false, err
	}
	after, err := UpdateUnit(tx, before.ID, nil, func(there *Unit) error {
		there.set(u)
		return nil
	})
	if err != nil {
		return false, err
	}
	changed = *after != *before
	*u = *after
	return changed, nil
}

// set takes over from another what people say of a unit.
func (u *Unit) set(o *Unit) {
	u.Name, u.Code, u.Currency, u.CurrencyScale, u.Tax = o.Name, o.Code, o.Currency, o.CurrencyScale, o.Tax
	u.Timezone, u.InvoicePrefix, u.Gateway = o.Timezone, o.InvoicePrefix, o.Gateway
}

// InsertUnit makes a business unit and fills in what the server decides. Invalid;
// Exists with CodeUnitTaken.
func InsertUnit(tx *store.Tx, u *Unit) (err error) {
	u.defaults()
	if err := u.check(); err != nil {
		return err
	}
	if err := checkUnitCode(tx, u); err != nil {
		return err
	}
	if u.ID, err = tx.NextID(store.Units); err != nil {
		return err
	}
	u.Invoices, u.Referenced, u.Charged = 0, false, false
	u.CreatedAt, u.UpdatedAt, u.Revision = tx.Now, tx.Now, tx.Revision
	_, err = tx.Exec(unitInsert, u.ID, u.Name, u.Code, graph.Key(u.Code), u.Currency, u.CurrencyScale, u.Tax, u.Timezone,
		u.InvoicePrefix, u.Gateway, u.CreatedAt, u.Revision)
	if err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "unit.create", SubjectType: unitSubject, SubjectID: u.ID, After: unitFields(u)})
	return nil
}

func checkUnitCode(tx *store.Tx, u *Unit) error {
	other, err := UnitByCode(tx, u.Code)
	if roster.IsKind(err, roster.NotFound) || err == nil && other.ID == u.ID {
		return nil
	}
	if err != nil {
		return err
	}
	return &roster.Error{Kind: roster.Exists, Code: CodeUnitTaken, Field: "code", Msg: "another business unit has this code"}
}

// UpdateUnit changes a business unit as edit says. NotFound with CodeNoUnit,
// Precondition, Invalid, Exists with CodeUnitTaken; Conflict with CodeUnitFixed for
// the currency or scale of one that is referenced, or the time zone of one that the
// ledger knows. What changes nothing writes nothing.
func UpdateUnit(tx *store.Tx, id int64, match graph.Match, edit func(*Unit) error) (*Unit, error) {
	before, err := LiveUnit(tx, id)
	if err != nil {
		return nil, err
	}
	if match != nil {
		if err := match(before.Revision); err != nil {
			return nil, err
		}
	}
	after := *before
	if err := edit(&after); err != nil {
		return nil, err
	}
	after.defaults()
	if after == *before {
		return before, nil
	}
	if err := checkUnitChange(tx, before, &after); err != nil {
		return nil, err
	}
	after.UpdatedAt, after.Revision = tx.Now, tx.Revision
	_, err = tx.Exec(unitUpdate, id, after.Name, after.Code, graph.Key(after.Code), after.Currency, after.CurrencyScale, after.Tax,
		after.Timezone, after.InvoicePrefix, after.Gateway, after.UpdatedAt, after.Revision)
	if err != nil {
		return nil, err
	}
	tx.Record(roster.Change{Operation: "unit.update", SubjectType: unitSubject, SubjectID: id, Before: unitFields(before), After: unitFields(&after)})
	return &after, nil
}

func checkUnitChange(tx *store.Tx, before, after *Unit) error {
	if err := after.check(); err != nil {
		return err
	}
	fixed := func(field, since string) error {
		return &roster.Error{Kind: roster.Conflict, Code: CodeUnitFixed, Field: field, Msg: field + " is fixed once something " + since + " the business unit"}
	}
	const referred, billed = "refers to", "was billed by"
	switch {
	case before.Referenced && after.Currency != before.Currency:
		return fixed("currency", referred)
	case before.Referenced && after.CurrencyScale != before.CurrencyScale:
		return fixed("currencyScale", referred)
	case before.Charged && after.Timezone != before.Timezone:
		return fixed("timezone", billed)
	}
	return checkUnitCode(tx, after)
}

// DeleteUnit deletes a business unit that nothing ever referred to. NotFound with
// CodeNoUnit, Precondition, Conflict with CodeUnitReferenced.
func DeleteUnit(tx *store.Tx, id int64, match graph.Match) error {
	u, err := LiveUnit(tx, id)
	if err != nil {
		return err
	}
	if match != nil {
		if err := match(u.Revision); err != nil {
			return err
		}
	}
	if u.Referenced {
		return roster.Errorf(roster.Conflict, CodeUnitReferenced, "something refers to the business unit, or did")
	}
	if _, err := tx.Exec(unitDelete, id); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "unit.delete", SubjectType: unitSubject, SubjectID: id, Before: unitFields(u)})
	return nil
}
