package view

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// PaymentSource is what an account pays with (contract/mobility.md §4.7).
type PaymentSource struct {
	ID             int64             `json:"id"`
	AccountID      int64             `json:"accountId"`
	BranchID       int64             `json:"branchId"`
	BusinessUnitID int64             `json:"businessUnitId"`
	Type           string            `json:"type" enum:"CREDIT_CARD,APPLE_PAY,GOOGLE_PAY,PAYPAL,SEPA,INVOICING"`
	State          string            `json:"state" enum:"ACTIVE,PENDING,EXPIRED,FAILED,DELETED"`
	IsDefault      bool              `json:"isDefault"`
	Label          string            `json:"label,omitempty"`
	Brand          string            `json:"brand,omitempty"`
	Last4          string            `json:"last4,omitempty"`
	ExpiryMonth    int64             `json:"expiryMonth,omitempty"`
	ExpiryYear     int64             `json:"expiryYear,omitempty"`
	Gateway        string            `json:"gateway"`
	Next           map[string]string `json:"next,omitempty" doc:"What the client needs to complete a source that is PENDING, in the gateway's own words; on creation alone."`
	CreatedAt      mobilitywire.Time `json:"createdAt"`
	UpdatedAt      mobilitywire.Time `json:"updatedAt"`
	Version        int64             `json:"version"`
}

// NewPaymentSource shows a payment source.
func NewPaymentSource(s *business.PaymentSource) PaymentSource {
	return PaymentSource{
		s.ID, s.AccountID, s.BranchID, s.BusinessUnitID, s.Type, s.State, s.IsDefault, s.Label, s.Brand, s.Last4, s.ExpiryMonth, s.ExpiryYear, s.Gateway, s.Next,
		mobilitywire.Time(s.CreatedAt), mobilitywire.Time(s.UpdatedAt), s.Revision,
	}
}

// Voucher is credit for rentals (§4.7).
type Voucher struct {
	ID                  int64              `json:"id"`
	Type                string             `json:"type" enum:"ConstraintVoucher"`
	VoucherableID       int64              `json:"voucherableId"`
	VoucherableCode     string             `json:"voucherableCode"`
	AccountID           int64              `json:"accountId"`
	BranchID            int64              `json:"branchId,omitempty"`
	BusinessUnitID      int64              `json:"businessUnitId"`
	Name                string             `json:"name"`
	Description         string             `json:"description,omitempty"`
	VoucherType         string             `json:"voucherType" example:"CASHBACK"`
	Currency            string             `json:"currency"`
	ValueNet            mobilitywire.Money `json:"valueNet"`
	RemainingValueNet   mobilitywire.Money `json:"remainingValueNet"`
	ValueGross          mobilitywire.Money `json:"valueGross"`
	RemainingValueGross mobilitywire.Money `json:"remainingValueGross"`
	ApplicablePriceType string             `json:"applicablePriceType,omitempty" doc:"The part of a price that it pays for; absent: all."`
	Signup              bool               `json:"signup"`
	Status              string             `json:"status" enum:"ACTIVE,USED_UP,EXPIRED,REVOKED,SCHEDULED"`
	ValidFrom           mobilitywire.Time  `json:"validFrom"`
	ValidUntil          mobilitywire.Time  `json:"validUntil,omitzero"`
	CreatedAt           mobilitywire.Time  `json:"createdAt"`
}

// NewVoucher shows a voucher.
func NewVoucher(v *care.Voucher) Voucher {
	value, remaining := v.Prices()
	return Voucher{
		ID: v.ID, Type: "ConstraintVoucher", VoucherableID: v.VoucherableID, VoucherableCode: v.VoucherableCode, AccountID: v.AccountID, BranchID: v.BranchID,
		BusinessUnitID: v.BusinessUnitID, Name: v.Name, Description: v.Description, VoucherType: v.Type, Currency: v.Currency,
		ValueNet: mobilitywire.Money(value.Net), RemainingValueNet: mobilitywire.Money(remaining.Net),
		ValueGross: mobilitywire.Money(value.Gross), RemainingValueGross: mobilitywire.Money(remaining.Gross),
		ApplicablePriceType: v.PriceType, Signup: v.Signup, Status: v.Status,
		ValidFrom: mobilitywire.Time(v.ValidFrom), ValidUntil: mobilitywire.Time(v.ValidUntil), CreatedAt: mobilitywire.Time(v.CreatedAt),
	}
}
