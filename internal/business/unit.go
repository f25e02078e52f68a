package business

import (
	"errors"
	"sync"
	"time"
	_ "time/tzdata" // the zones of business units, on machines that have none

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// ManualGateway is the payment gateway that is always there: people pay outside, and
// somebody marks their invoices as paid.
const ManualGateway = "MANUAL"

// OwnScale, as the scale of a unit that is put, stands for the number of decimals that
// its currency has.
const OwnScale = -1

// Unit is a business unit: who bills, in which currency, at which tax and in whose
// time (contract/mobility.md §4.8). Times are µs UTC.
type Unit struct {
	ID            int64
	Name          string
	Code          string
	Currency      string // ISO 4217
	CurrencyScale int64  // decimals to show, 0 to 4
	Tax           int64  // hundredths of a percent
	Timezone      string // IANA
	InvoicePrefix string
	Gateway       string
	Invoices      int64 // how many were numbered
	Referenced    bool  // set once, and never cleared
	Charged       bool  // the ledger counts days in its time zone
	CreatedAt     int64
	UpdatedAt     int64
	Revision      int64
}

const unitColumns = `id, name, code, currency, currency_scale, tax, timezone, invoice_prefix, gateway, invoices, referenced, charged,
		created_at, updated_at, revision`

var (
	unitByID   = store.Q("unit.by_id", `SELECT `+unitColumns+` FROM business_units WHERE tenant = $1 AND id IN ($2)`).In()
	unitByCode = store.Q("unit.by_code", `SELECT `+unitColumns+` FROM business_units WHERE tenant = $1 AND code_key = $2`)
	unitAll    = store.Q("unit.all", `SELECT `+unitColumns+` FROM business_units WHERE tenant = $1 ORDER BY id`).
			Whole("a tenant has few business units")
	unitInsert = store.Q("unit.insert", `INSERT INTO business_units (tenant, id, name, code, code_key, currency, currency_scale, tax, timezone,
		invoice_prefix, gateway, invoices, referenced, charged, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, false, false, $12, $12, $13)`)
	unitUpdate = store.Q("unit.update", `UPDATE business_units SET name = $3, code = $4, code_key = $5, currency = $6, currency_scale = $7, tax = $8,
		timezone = $9, invoice_prefix = $10, gateway = $11, updated_at = $12, revision = $13 WHERE tenant = $1 AND id = $2`)
	unitReference = store.Q("unit.reference", `UPDATE business_units SET referenced = true, charged = (charged OR $3), revision = $4 WHERE tenant = $1 AND id = $2`)
	unitDelete    = store.Q("unit.delete", `DELETE FROM business_units WHERE tenant = $1 AND id = $2`)
)

func scanUnit(s store.Scanner) (*Unit, error) {
	u := &Unit{}
	return u, s.Scan(&u.ID, &u.Name, &u.Code, &u.Currency, &u.CurrencyScale, &u.Tax, &u.Timezone, &u.InvoicePrefix, &u.Gateway,
		&u.Invoices, &u.Referenced, &u.Charged, &u.CreatedAt, &u.UpdatedAt, &u.Revision)
}

// zones are the time zones that were asked for, by name.
var zones sync.Map

// Location is the unit's time zone.
func (u *Unit) Location() *time.Location {
	if zone, ok := zones.Load(u.Timezone); ok {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(u.Timezone)
	if err != nil { // no unit was put with such a zone
		zone = time.UTC
	}
	zones.Store(u.Timezone, zone)
	return zone
}

// LiveUnit reads a business unit. NotFound with CodeNoUnit.
func LiveUnit(tx *store.Tx, id int64) (*Unit, error) {
	units, err := unitsByID(tx, []int64{id})
	if err != nil {
		return nil, err
	}
	if u := units[id]; u != nil {
		return u, nil
	}
	return nil, errNoUnit()
}

func errNoUnit() error {
	return roster.Errorf(roster.NotFound, CodeNoUnit, "there is no such business unit")
}

func unitsByID(tx *store.Tx, ids []int64) (map[int64]*Unit, error) {
	units := map[int64]*Unit{}
	err := tx.EachIn(unitByID, ids, func(s store.Scanner) error {
		u, err := scanUnit(s)
		if err == nil {
			units[u.ID] = u
		}
		return err
	})
	return units, err
}

// UnitByCode finds a business unit by its code, however it is written. NotFound with
// CodeNoUnit.
func UnitByCode(tx *store.Tx, code string) (*Unit, error) {
	u, err := scanUnit(tx.Row(unitByCode, graph.Key(code)))
	if errors.Is(err, store.ErrNoRows) {
		return nil, errNoUnit()
	}
	return u, err
}

// Units lists the tenant's business units by id.
func Units(tx *store.Tx) ([]*Unit, error) { return store.All(tx, unitAll, scanUnit) }

// UnitOf reads the business unit that bills a branch: its own, or its nearest
// ancestor's. NotFound with CodeNoUnit where none does.
func UnitOf(tx *store.Tx, tree *identity.Tree, branch int64) (*Unit, error) {
	id := tree.Unit(branch)
	if id == 0 {
		return nil, roster.Errorf(roster.NotFound, CodeNoUnit, "no business unit bills this branch")
	}
	return LiveUnit(tx, id)
}

// ReferenceUnit says that something refers to a business unit, which keeps its
// currency from now on and cannot be deleted. It is for what is billed, or is to be:
// tariffs, rentals, bookings, vouchers, defaults of accounts. NotFound with CodeNoUnit.
func ReferenceUnit(tx *store.Tx, id int64) error {
	u, err := LiveUnit(tx, id)
	if err != nil {
		return err
	}
	return u.refer(tx, false)
}

// refer marks the unit as referenced, and as one by whose zone the ledger counts days.
func (u *Unit) refer(tx *store.Tx, charged bool) error {
	if u.Referenced && (u.Charged || !charged) {
		return nil
	}
	before := unitFields(u)
	u.Referenced, u.Charged, u.Revision = true, u.Charged || charged, tx.Revision
	if _, err := tx.Exec(unitReference, u.ID, charged, u.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "unit.reference", SubjectType: unitSubject, SubjectID: u.ID, Before: before, After: unitFields(u)})
	return nil
}
