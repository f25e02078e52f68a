package business

import (
	"cmp"
	"errors"
	"slices"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Types of payment sources.
const (
	CreditCard       = "CREDIT_CARD"
	ApplePay         = "APPLE_PAY"
	GooglePay        = "GOOGLE_PAY"
	PayPal           = "PAYPAL"
	SEPA             = "SEPA"
	InvoicingPayment = "INVOICING"
)

var sourceTypes = []string{CreditCard, ApplePay, GooglePay, PayPal, SEPA, InvoicingPayment}

// States of a payment source.
const (
	SourceActive  = "ACTIVE"
	SourcePending = "PENDING" // the gateway has yet to tell
	SourceExpired = "EXPIRED"
	SourceFailed  = "FAILED"
	SourceDeleted = "DELETED"
)

// SourceLife is the life of a payment source.
var SourceLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "payment source", Begins: []string{SourcePending, SourceActive}, NoStep: CodePaymentState, NotYours: CodePaymentParty,
	Steps: []roster.Step{
		{From: []string{SourcePending}, To: SourceActive, By: []string{byGateway}, When: "the gateway has it"},
		{From: []string{SourcePending}, To: SourceFailed, By: []string{byGateway}, When: "the gateway refuses it"},
		{From: []string{SourceActive}, To: SourceExpired, By: []string{byGateway}, When: "it has run out"},
		{From: []string{SourceFailed}, To: SourceActive, By: []string{byGateway}, When: "the payer tried once more, and it went well"},
		{From: []string{SourceExpired}, To: SourceActive, By: []string{byGateway}, When: "it was renewed"},
		{From: []string{SourcePending, SourceActive, SourceExpired, SourceFailed}, To: SourceDeleted, By: []string{byPayer}, When: "the payer removes it"},
	},
})

// PaymentSource is what an account pays with, a customer's own or a business
// account's (contract/mobility.md §4.7). Times are µs UTC.
type PaymentSource struct {
	ID                      int64
	AccountID               int64
	BranchID                int64
	BusinessUnitID          int64
	Type                    string
	State                   string
	IsDefault               bool
	DefaultWanted           bool // it is to be the default once the gateway has it
	Label                   string
	Brand, Last4            string
	ExpiryMonth, ExpiryYear int64 // 0 for none
	Gateway                 string
	Reference               string // the gateway's own, never shown
	CreatedAt               int64
	UpdatedAt               int64
	Revision                int64
	// Next is what the client needs to go on, where the source was just begun.
	Next map[string]string
}

const sourceColumns = `id, account_id, branch_id, business_unit_id, type, state, is_default, default_wanted, label, brand, last4, expiry_month, expiry_year,
		gateway, reference, created_at, updated_at, revision`

var (
	sourceByID        = store.Q("payment_source.by_id", `SELECT `+sourceColumns+` FROM payment_sources WHERE tenant = $1 AND id = $2`)
	sourceByReference = store.Q("payment_source.by_reference", `SELECT `+sourceColumns+` FROM payment_sources
		WHERE tenant = $1 AND gateway = $2 AND reference = $3`)
	sourcesOf = store.Q("payment_source.of_account", `SELECT `+sourceColumns+` FROM payment_sources
		WHERE tenant = $1 AND account_id = $2 AND state <> 'DELETED' ORDER BY id`)
	sourceActive = store.Q("payment_source.active", `SELECT id FROM payment_sources
		WHERE tenant = $1 AND account_id = $2 AND state = 'ACTIVE' LIMIT 1`)
	sourceInsert = store.Q("payment_source.insert", `INSERT INTO payment_sources (tenant, id, account_id, branch_id, business_unit_id, type, state,
		is_default, default_wanted, label, brand, last4, expiry_month, expiry_year, gateway, reference, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`)
	sourceUpdate = store.Q("payment_source.update", `UPDATE payment_sources SET state = $3, is_default = $4, updated_at = $5, revision = $6,
		brand = $7, last4 = $8, expiry_month = $9, expiry_year = $10, default_wanted = $11 WHERE tenant = $1 AND id = $2`)
)

func scanSource(s store.Scanner) (*PaymentSource, error) {
	p := &PaymentSource{}
	return p, s.Scan(&p.ID, &p.AccountID, &p.BranchID, &p.BusinessUnitID, &p.Type, &p.State, &p.IsDefault, &p.DefaultWanted, &p.Label, &p.Brand, &p.Last4,
		&p.ExpiryMonth, &p.ExpiryYear, &p.Gateway, &p.Reference, &p.CreatedAt, &p.UpdatedAt, &p.Revision)
}

// HasPaymentSource reports whether an account, a customer's or a business account's,
// has an active payment source.
func HasPaymentSource(tx *store.Tx, account int64) (bool, error) {
	return tx.Exists(sourceActive, account)
}

// SourcesOf reads the payment sources of an account that are not removed, by id.
func SourcesOf(tx *store.Tx, account int64) ([]*PaymentSource, error) {
	return store.All(tx, sourcesOf, scanSource, account)
}

// sourceOf reads a payment source of an account. NotFound with
// CodeUnknownPaymentSource.
func sourceOf(tx *store.Tx, account, id int64) (*PaymentSource, error) {
	p, err := scanSource(tx.Row(sourceByID, id))
	if errors.Is(err, store.ErrNoRows) || err == nil && (p.AccountID != account || p.State == SourceDeleted) {
		return nil, roster.Errorf(roster.NotFound, CodeUnknownPaymentSource, "there is no such payment source")
	}
	return p, err
}

// payingSource reads what an account pays with: its default, else its oldest active
// source; nil where it has none.
func payingSource(tx *store.Tx, account int64) (*PaymentSource, error) {
	all, err := SourcesOf(tx, account)
	if err != nil {
		return nil, err
	}
	return firstActive(all), nil
}

func firstActive(all []*PaymentSource) *PaymentSource {
	active := slices.DeleteFunc(slices.Clone(all), func(p *PaymentSource) bool { return p.State != SourceActive })
	if len(active) == 0 {
		return nil
	}
	return slices.MinFunc(active, func(a, b *PaymentSource) int {
		if a.IsDefault != b.IsDefault {
			return map[bool]int{true: -1, false: 1}[a.IsDefault]
		}
		return cmp.Compare(a.ID, b.ID)
	})
}

// SourceFields are the fields of a payment source as the change log spells them.
type SourceFields struct {
	AccountID int64  `json:"accountId"`
	Type      string `json:"type"`
	State     string `json:"state"`
	IsDefault bool   `json:"isDefault"`
	Gateway   string `json:"gateway"`
}

func sourceFields(p *PaymentSource) SourceFields {
	return SourceFields{p.AccountID, p.Type, p.State, p.IsDefault, p.Gateway}
}

func (p *PaymentSource) insert(tx *store.Tx) (err error) {
	if p.ID, err = tx.NextID(store.PaymentSources); err != nil {
		return err
	}
	p.CreatedAt, p.UpdatedAt, p.Revision = tx.Now, tx.Now, tx.Revision
	_, err = tx.Exec(sourceInsert, p.ID, p.AccountID, p.BranchID, p.BusinessUnitID, p.Type, p.State, p.IsDefault, p.DefaultWanted, p.Label, p.Brand, p.Last4,
		p.ExpiryMonth, p.ExpiryYear, p.Gateway, p.Reference, p.CreatedAt, p.UpdatedAt, p.Revision)
	if err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "payment_source.create", SubjectType: sourceSubject, SubjectID: p.ID, ObjectID: p.AccountID, After: sourceFields(p)})
	return nil
}

// set changes state and default of a payment source, and writes what is known of it.
// What changes nothing writes nothing.
func (p *PaymentSource) set(tx *store.Tx, state string, isDefault bool) error {
	if p.State == state && p.IsDefault == isDefault {
		return nil
	}
	before := sourceFields(p)
	p.State, p.IsDefault, p.UpdatedAt, p.Revision = state, isDefault, tx.Now, tx.Revision
	if _, err := tx.Exec(sourceUpdate, p.ID, p.State, p.IsDefault, p.UpdatedAt, p.Revision,
		p.Brand, p.Last4, p.ExpiryMonth, p.ExpiryYear, p.DefaultWanted); err != nil {
		return err
	}
	tx.Record(roster.Change{
		Operation: "payment_source.update", SubjectType: sourceSubject, SubjectID: p.ID, ObjectID: p.AccountID,
		Before: before, After: sourceFields(p),
	})
	return nil
}

// choose makes one of an account's sources the default: the one wanted, else the one
// that is, else the oldest active one. A default is active.
func choose(tx *store.Tx, all []*PaymentSource, wanted *PaymentSource) error {
	if wanted == nil {
		wanted = firstActive(all)
	}
	for _, p := range all { // the old one first: there is one at most
		if p != wanted {
			if err := p.set(tx, p.State, false); err != nil {
				return err
			}
		}
	}
	if wanted == nil {
		return nil
	}
	return wanted.set(tx, wanted.State, true)
}
