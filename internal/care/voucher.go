package care

import (
	"time"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Voucher is credit that an account has for rentals. The amounts are gross. Times
// are µs UTC; 0 for none.
type Voucher struct {
	ID               int64
	VoucherableID    int64
	VoucherableCode  string
	AccountID        int64 // a customer's or a business account's
	BranchID         int64 // 0: the whole tenant
	BusinessUnitID   int64
	Tax              int64 // the business unit's, hundredths of a percent
	Name             string
	Description      string // the voucherable's
	Type             string // such as CASHBACK
	PriceType        string // what it reduces, "" for all
	Currency         string
	Value, Remaining roster.Amount
	Revoked          bool
	Signup           bool
	ValidFrom        int64
	ValidUntil       int64
	Reason           string
	RentalID         int64 // what it is about; 0 for none
	BookingID        int64
	CreatedBy        int64 // a person; 0 for none
	CreatedAt        int64
	RevokedAt        int64
	RevokedBy        int64 // a person; 0 for none
	RevokeReason     string
	Revision         int64
	Status           string // when it was read
}

const (
	voucherColumns = `v.id, v.voucherable_id, a.code, v.account_id, coalesce(v.branch_id, 0), v.business_unit_id, u.tax, v.name, a.description, v.voucher_type, v.price_type,
		v.currency, v.value, v.remaining, v.revoked, v.signup, v.valid_from, v.valid_until, v.reason, v.rental_id, v.booking_id, v.created_by, v.created_at,
		v.revoked_at, v.revoked_by, v.revoke_reason, v.revision`
	fromVouchers = ` FROM vouchers v
		JOIN voucherables a ON a.tenant = v.tenant AND a.id = v.voucherable_id
		JOIN business_units u ON u.tenant = v.tenant AND u.id = v.business_unit_id `
)

var (
	vouchersNewest = store.Q("voucher.newest", `SELECT `+voucherColumns+fromVouchers+`
		WHERE v.tenant = $1 AND v.account_id = $2 ORDER BY v.id DESC LIMIT $3 OFFSET $4`)
	vouchersOldest = store.Q("voucher.oldest", `SELECT `+voucherColumns+fromVouchers+`
		WHERE v.tenant = $1 AND v.account_id = $2 ORDER BY v.id LIMIT $3 OFFSET $4`)
	vouchersCount  = store.Q("voucher.count", `SELECT count(*) FROM vouchers WHERE tenant = $1 AND account_id = $2`)
	vouchersUsable = store.Q("voucher.usable", `SELECT `+voucherColumns+fromVouchers+`
		WHERE v.tenant = $1 AND v.account_id = $2 AND v.business_unit_id = $3 AND v.currency = $4 AND v.remaining > 0 AND NOT v.revoked
		AND v.valid_from <= $5 AND (v.valid_until = 0 OR v.valid_until > $5)
		ORDER BY CASE WHEN v.valid_until = 0 THEN 1 ELSE 0 END, v.valid_until, v.id`)
	vouchersGiven = store.Q("voucher.given", `SELECT created_at FROM vouchers WHERE tenant = $1 AND voucherable_id = $2 AND account_id = $3`)
	voucherInsert = store.Q("voucher.insert", `INSERT INTO vouchers (tenant, id, voucherable_id, account_id, branch_id, business_unit_id, name, voucher_type, price_type,
		currency, value, remaining, revoked, signup, valid_from, valid_until, reason, rental_id, booking_id, created_by, created_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, false, $12, $13, $14, $15, $16, $17, $18, $19, $20)`)
	voucherUse = store.Q("voucher.use", `UPDATE vouchers SET remaining = remaining - $3, revision = $4 WHERE tenant = $1 AND id = $2`)
)

func scanVoucher(s store.Scanner) (*Voucher, error) {
	v := &Voucher{}
	return v, s.Scan(&v.ID, &v.VoucherableID, &v.VoucherableCode, &v.AccountID, &v.BranchID, &v.BusinessUnitID, &v.Tax, &v.Name, &v.Description, &v.Type, &v.PriceType,
		&v.Currency, &v.Value, &v.Remaining, &v.Revoked, &v.Signup, &v.ValidFrom, &v.ValidUntil, &v.Reason, &v.RentalID, &v.BookingID,
		&v.CreatedBy, &v.CreatedAt, &v.RevokedAt, &v.RevokedBy, &v.RevokeReason, &v.Revision)
}

// Prices split what the voucher was worth, and what of it is left, at the tax of its
// business unit.
func (v *Voucher) Prices() (value, remaining roster.Price) {
	return business.TaxOf(v.Value, v.Tax), business.TaxOf(v.Remaining, v.Tax)
}

// VouchersOf reads a page of an account's vouchers, the newest first unless the page
// says id, ascending, and how many there are. Invalid for another order.
func VouchersOf(tx *store.Tx, account int64, p roster.Page) (page []*Voucher, total int, err error) {
	query := vouchersNewest
	for _, s := range p.Sort {
		if s.Property != "id" {
			return nil, 0, roster.FieldError("sort", "vouchers are sorted by id")
		}
	}
	if len(p.Sort) > 0 && !p.Sort[0].Desc {
		query = vouchersOldest
	}
	if err := tx.Row(vouchersCount, account).Scan(&total); err != nil {
		return nil, 0, err
	}
	page, err = store.All(tx, query, scanVoucher, account, p.Limit, p.Offset)
	for _, v := range page {
		v.Status = v.statusAt(tx.Now)
	}
	return page, total, err
}

// IssueOf says what to give to whom: one of CustomerID and GroupID.
type IssueOf struct {
	Voucherable         *Voucherable
	CustomerID, GroupID int64
	Reason              string
	RentalID, BookingID int64 // what it is about; 0 for nothing
}

// Issue gives an account one voucher for each benefit of a voucherable, all or none.
// One that is for signups settles a customer's signup fee. NotFound for the
// account; Conflict for a deleted customer or an inactive account; Invalid with
// CodeNotCustomerCare, CodeVoucherableInactive or CodeVoucherMismatch; Conflict with
// CodeVoucherLimit.
func Issue(tx *store.Tx, of IssueOf) ([]*Voucher, error) {
	if utf8.RuneCountInString(of.Reason) > maxReason {
		return nil, errLongReason()
	}
	h, err := holderOf(tx, of)
	if err != nil {
		return nil, err
	}
	v := of.Voucherable
	if err := issuable(tx, v, h); err != nil {
		return nil, err
	}
	vouchers := make([]*Voucher, len(v.Benefits))
	for i, b := range v.Benefits {
		vouchers[i] = &Voucher{
			VoucherableID: v.ID, VoucherableCode: v.Code, AccountID: h.id, BranchID: v.BranchID, BusinessUnitID: v.BusinessUnitID, Tax: h.unit.Tax,
			Name: v.Name, Description: v.Description, Type: b.VoucherType, PriceType: b.PriceType, Currency: b.Currency, Value: b.Value, Remaining: b.Value, Signup: v.Signup,
			ValidFrom: tx.Now, Reason: of.Reason, RentalID: of.RentalID, BookingID: of.BookingID, CreatedBy: tx.Actor().PersonID, CreatedAt: tx.Now, Revision: tx.Revision, Status: VoucherActive,
		}
		if b.ValidityDays > 0 {
			vouchers[i].ValidUntil = tx.Now + b.ValidityDays*(24*time.Hour).Microseconds()
		}
		if err := insertVoucher(tx, vouchers[i]); err != nil {
			return nil, err
		}
	}
	if err := business.ReferenceUnit(tx, v.BusinessUnitID); err != nil {
		return nil, err
	}
	if v.Signup && of.CustomerID != 0 {
		return vouchers, settleSignup(tx, of.CustomerID)
	}
	return vouchers, nil
}

// maxReason bounds what is said about a voucher, in characters.
const maxReason = 500

func errLongReason() error {
	return roster.FieldError("reason", "must have at most %d characters", maxReason)
}
