package view

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Invoice is a bill (contract/mobility.md §4.7).
type Invoice struct {
	ID             int64              `json:"id"`
	InvoiceID      string             `json:"invoiceId" doc:"Its number, as people quote it."`
	Type           string             `json:"type" enum:"INVOICE"`
	AccountID      int64              `json:"accountId" doc:"Whose it is: a customer's, or a business account's."`
	UserGroupID    int64              `json:"userGroupId,omitempty" doc:"Of a business account."`
	CostCenterID   int64              `json:"costCenterId,omitempty" doc:"Where all its lines are of one cost center."`
	BranchID       int64              `json:"branchId"`
	BusinessUnitID int64              `json:"businessUnitId"`
	State          string             `json:"state" enum:"OPEN,PAID,FAILED,CANCELLED,REFUNDED"`
	InvoiceState   string             `json:"invoiceState" enum:"OPEN,PENDING,SETTLED,VOID"`
	PaymentID      int64              `json:"paymentId,omitempty" doc:"Of the payment by a gateway that paid it."`
	Retryable      bool               `json:"retryable" doc:"Whether the gateway may be asked for the money again."`
	Price          mobilitywire.Price `json:"price"`
	Currency       string             `json:"currency"`
	Items          int64              `json:"items" doc:"How many rentals, bookings and rebates it bills."`
	PeriodFrom     mobilitywire.Time  `json:"periodFrom,omitzero"`
	PeriodTo       mobilitywire.Time  `json:"periodTo,omitzero" doc:"Itself left out."`
	InvoiceDate    mobilitywire.Time  `json:"invoiceDate"`
	DueDate        mobilitywire.Time  `json:"dueDate"`
	PaidAt         mobilitywire.Time  `json:"paidAt,omitzero"`
	CreatedAt      mobilitywire.Time  `json:"createdAt"`
	Lines          []InvoiceLine      `json:"lines,omitempty" doc:"Not in lists."`
	Version        int64              `json:"version"`
}

// InvoiceLine is what an invoice bills to a cost center and member.
type InvoiceLine struct {
	CostCenterID int64              `json:"costCenterId,omitempty"`
	UserID       int64              `json:"userId,omitempty"`
	Rentals      int64              `json:"rentals"`
	Bookings     int64              `json:"bookings"`
	Price        mobilitywire.Price `json:"price"`
}

// NewInvoice shows an invoice without its lines.
func NewInvoice(i *business.Invoice) Invoice {
	return Invoice{
		ID: i.ID, InvoiceID: i.Number, Type: "INVOICE", AccountID: i.AccountID, UserGroupID: i.GroupID, CostCenterID: i.CostCenterID, PaymentID: i.PaymentID, BranchID: i.BranchID, BusinessUnitID: i.BusinessUnitID,
		State: i.State, InvoiceState: i.Settlement, Retryable: i.State == business.InvoiceFailed,
		Price: mobilitywire.NewPrice(i.Price), Currency: i.Currency, Items: i.Items,
		PeriodFrom: mobilitywire.Time(i.PeriodFrom), PeriodTo: mobilitywire.Time(i.PeriodTo),
		InvoiceDate: mobilitywire.Time(i.CreatedAt), DueDate: mobilitywire.Time(i.DueAt), PaidAt: mobilitywire.Time(i.PaidAt),
		CreatedAt: mobilitywire.Time(i.CreatedAt), Version: i.Revision,
	}
}

// NewWholeInvoice shows an invoice with its lines.
func NewWholeInvoice(i *business.Invoice, lines []business.InvoiceLine) Invoice {
	v := NewInvoice(i)
	v.Lines = Each(lines, func(l business.InvoiceLine) InvoiceLine {
		return InvoiceLine{l.CostCenterID, l.MemberID, l.Rentals, l.Bookings, mobilitywire.NewPrice(l.Price)}
	})
	return v
}
