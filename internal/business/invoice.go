package business

import (
	"errors"
	"slices"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// States of an invoice: what became of it.
const (
	InvoiceOpen      = "OPEN"
	InvoicePaid      = "PAID"
	InvoiceFailed    = "FAILED"    // the gateway refused; it may be tried again
	InvoiceCancelled = "CANCELLED" // its charges are unbilled again
	InvoiceRefunded  = "REFUNDED"
)

// States of an invoice's settlement.
const (
	SettlementOpen    = "OPEN"
	SettlementPending = "PENDING" // the gateway is asked
	Settled           = "SETTLED"
	SettlementVoid    = "VOID"
)

// Who takes an invoice from one state to another.
const (
	byFinance = "finance"
	byGateway = "gateway"
)

// InvoiceLife is the life of an invoice.
var InvoiceLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "invoice", Begins: []string{InvoiceOpen, InvoicePaid}, NoStep: CodeInvoiceState, NotYours: CodeInvoiceParty,
	Steps: []roster.Step{
		{From: []string{InvoiceOpen}, To: InvoicePaid, By: []string{byGateway, byFinance}, When: "the gateway has the money, or finance says so"},
		{From: []string{InvoiceOpen}, To: InvoiceFailed, By: []string{byGateway}, When: "the gateway refuses"},
		{From: []string{InvoiceFailed}, To: InvoicePaid, By: []string{byGateway, byFinance}, When: "it is paid after all"},
		{From: []string{InvoiceFailed}, To: InvoiceOpen, By: []string{byFinance}, When: "the gateway is to be asked again"},
		{From: []string{InvoiceOpen, InvoiceFailed}, To: InvoiceCancelled, By: []string{byFinance}, When: "it was wrong; the next invoice takes its charges"},
		{From: []string{InvoicePaid}, To: InvoiceRefunded, By: []string{byFinance}, When: "the money went back"},
	},
})

// Invoice is a bill: the charges of one account that one business unit bills in one
// currency. Times are µs UTC; 0 is none.
type Invoice struct {
	ID             int64
	Number         string
	AccountID      int64
	GroupID        int64 // the account's, where it is a business account's; when completed
	CostCenterID   int64 // that all its lines are of; when completed
	PaymentID      int64 // that paid it; when completed
	BranchID       int64
	BusinessUnitID int64
	Currency       string
	PeriodFrom     int64
	PeriodTo       int64
	Price          roster.Price
	Items          int64 // how many charges
	State          string
	Settlement     string
	CreatedAt      int64
	DueAt          int64
	PaidAt         int64
	Revision       int64
}

// Unpaid reports whether somebody still has to pay.
func (i *Invoice) Unpaid() bool { return i.State == InvoiceOpen || i.State == InvoiceFailed }

const invoiceColumns = `id, number, account_id, branch_id, business_unit_id, currency, period_from, period_to, net, tax, gross, items,
		state, invoice_state, created_at, due_at, paid_at, revision`

var (
	invoiceByID    = store.Q("invoice.by_id", `SELECT `+invoiceColumns+` FROM invoices WHERE tenant = $1 AND id IN ($2)`).In()
	invoiceOverdue = store.Q("invoice.overdue", `SELECT DISTINCT branch_id FROM invoices
		WHERE tenant = $1 AND account_id = $2 AND state IN ('OPEN', 'FAILED') AND due_at < $3`)
	invoiceUpdate = store.Q("invoice.update", `UPDATE invoices SET state = $3, invoice_state = $4, paid_at = $5, revision = $6 WHERE tenant = $1 AND id = $2`)
)

func scanInvoice(s store.Scanner) (*Invoice, error) {
	i := &Invoice{}
	return i, s.Scan(&i.ID, &i.Number, &i.AccountID, &i.BranchID, &i.BusinessUnitID, &i.Currency, &i.PeriodFrom, &i.PeriodTo,
		&i.Price.Net, &i.Price.Tax, &i.Price.Gross, &i.Items, &i.State, &i.Settlement, &i.CreatedAt, &i.DueAt, &i.PaidAt, &i.Revision)
}

// InvoicesByID reads invoices by id.
func InvoicesByID(tx *store.Tx, ids []int64) (map[int64]*Invoice, error) {
	found := map[int64]*Invoice{}
	err := tx.EachIn(invoiceByID, ids, func(s store.Scanner) error {
		i, err := scanInvoice(s)
		if err == nil {
			found[i.ID] = i
		}
		return err
	})
	return found, err
}

// invoiceOf reads an invoice. NotFound with CodeNoInvoice.
func invoiceOf(tx *store.Tx, id int64) (*Invoice, error) {
	found, err := InvoicesByID(tx, []int64{id})
	if err != nil {
		return nil, err
	}
	if i := found[id]; i != nil {
		return i, nil
	}
	return nil, errNoInvoice()
}

// HasUnpaid reports whether an account, a customer's or a business account's, is
// blocked at an instant by an invoice that is unpaid and overdue: where the branch
// that it belongs to has the setting payment.unpaidInvoiceBlocks.
func HasUnpaid(tx *store.Tx, account, now int64) (bool, error) {
	branches, err := store.All(tx, invoiceOverdue, func(s store.Scanner) (branch int64, err error) {
		err = s.Scan(&branch)
		return branch, err
	}, account, now)
	if err != nil || len(branches) == 0 {
		return false, err
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return false, err
	}
	var failures []error
	blocked := slices.ContainsFunc(branches, func(branch int64) bool {
		blocks, err := identity.UnpaidInvoiceBlocks.In(tx, tree, branch)
		failures = append(failures, err)
		return blocks
	})
	return blocked, errors.Join(failures...)
}

// InvoiceFields are the fields of an invoice as the change log spells them.
type InvoiceFields struct {
	Number     string `json:"invoiceId"`
	AccountID  int64  `json:"accountId"`
	Currency   string `json:"currency"`
	Gross      string `json:"grossPrice"`
	Items      int64  `json:"items"`
	State      string `json:"state"`
	Settlement string `json:"invoiceState"`
	DueAt      int64  `json:"dueAt"`
}

func invoiceFields(i *Invoice) InvoiceFields {
	return InvoiceFields{i.Number, i.AccountID, i.Currency, i.Price.Gross.String(), i.Items, i.State, i.Settlement, i.DueAt}
}

// settlements are the settlement's state in each state of an invoice.
var settlements = map[string]string{
	InvoiceOpen: SettlementOpen, InvoicePaid: Settled, InvoiceFailed: SettlementOpen,
	InvoiceCancelled: SettlementVoid, InvoiceRefunded: Settled,
}

// move takes an invoice to another state and writes what follows from that.
func (i *Invoice) move(tx *store.Tx, to, by string) error {
	if err := InvoiceLife.Check(i.State, to, by); err != nil {
		return err
	}
	before := *i
	i.State, i.Settlement, i.Revision = to, settlements[to], tx.Revision
	if to == InvoicePaid {
		i.PaidAt = tx.Now
	}
	if err := i.save(tx, &before); err != nil {
		return err
	}
	if to == InvoiceCancelled {
		return i.release(tx)
	}
	return nil
}

func (i *Invoice) save(tx *store.Tx, before *Invoice) error {
	if _, err := tx.Exec(invoiceUpdate, i.ID, i.State, i.Settlement, i.PaidAt, i.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{
		Operation: "invoice.update", SubjectType: invoiceSubject, SubjectID: i.ID, ObjectID: i.AccountID,
		Before: invoiceFields(before), After: invoiceFields(i),
	})
	return nil
}

func errNoInvoice() error {
	return roster.Errorf(roster.NotFound, CodeNoInvoice, "there is no such invoice")
}
