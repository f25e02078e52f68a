package care

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// giveVouchers is the permission of operators on vouchers; who sees an account sees
// its vouchers.
const giveVouchers = "VOUCHER_CUSTOMER_CARE_WRITE"

var (
	voucherByID   = store.Q("voucher.by_id", `SELECT `+voucherColumns+fromVouchers+` WHERE v.tenant = $1 AND v.id = $2`)
	voucherRevoke = store.Q("voucher.revoke", `UPDATE vouchers SET revoked = true, revoked_at = $3, revoked_by = $4, revoke_reason = $5, revision = $6
		WHERE tenant = $1 AND id = $2`)
)

// Gift is what an operator gives to an account: one of CustomerID and GroupID, and a
// voucherable by id, or code, or both where they agree.
type Gift struct {
	CustomerID, GroupID int64
	VoucherableID       int64
	VoucherableCode     string
	Reason              string
	RentalID, BookingID int64 // what it is about, of the account's own; 0 for nothing
}

// Receiver makes sure that an operator sees the account of a gift. NotFound with
// identity.CodeNoCustomer or business.CodeNoAccount.
func (g *Gift) Receiver(tx *store.Tx, p *identity.Powers) error {
	if g.GroupID == 0 {
		_, err := knownCustomer(tx, p, g.CustomerID, giveVouchers)
		return err
	}
	_, err := seenAccount(tx, p, g.GroupID, giveVouchers)
	return err
}

// seenAccount reads a business account that somebody sees, by that permission or as one
// who reads accounts. NotFound with business.CodeNoAccount.
func seenAccount(tx *store.Tx, p *identity.Powers, id int64, permission string) (*business.Account, error) {
	a, err := business.LiveAccount(tx, id)
	if err == nil && !p.On(readGroups, a.BranchID) && !p.On(permission, a.BranchID) {
		err = roster.Errorf(roster.NotFound, business.CodeNoAccount, "there is no such business account")
	}
	return a, err
}

const readGroups = "USER_GROUP_READ"

// Give gives it: one voucher for each benefit, all or none. Who gives needs
// VOUCHER_CUSTOMER_CARE_WRITE on the voucherable's branch, and sees it as one who reads
// accounts like the gift's there; Receiver has judged the account. NotFound with
// CodeNoVoucherable, Forbidden, Invalid where id and code disagree; else as Issue.
func (g *Gift) Give(tx *store.Tx, p *identity.Powers) ([]*Voucher, error) {
	v, err := g.voucherable(tx)
	if err != nil {
		return nil, err
	}
	seen := "USER_READ"
	if g.GroupID != 0 {
		seen = readGroups
	}
	if err := p.NeedOn(giveVouchers, seen, errNoVoucherable(), v.BranchID); err != nil {
		return nil, err
	}
	return Issue(tx, IssueOf{
		Voucherable: v, CustomerID: g.CustomerID, GroupID: g.GroupID, Reason: g.Reason, RentalID: g.RentalID, BookingID: g.BookingID,
	})
}

func (g *Gift) voucherable(tx *store.Tx) (*Voucherable, error) {
	if g.VoucherableID == 0 {
		if g.VoucherableCode == "" {
			return nil, roster.FieldError("voucherableId", "must be given, or voucherableCode")
		}
		return VoucherableByCode(tx, g.VoucherableCode)
	}
	v, err := VoucherableByID(tx, g.VoucherableID)
	if err != nil || g.VoucherableCode == "" {
		return v, err
	}
	same, err := VoucherableByCode(tx, g.VoucherableCode)
	if err == nil && same.ID != v.ID {
		err = roster.FieldError("voucherableCode", "is that of another voucherable than voucherableId")
	}
	return v, err
}

// CustomerVouchers lists a page of a customer's vouchers for an operator, and tells how
// many there are. Errors are those of CustomerFor, and Invalid as of VouchersOf.
func (c *Care) CustomerVouchers(ctx context.Context, a roster.Actor, customer int64, page roster.Page) (all []*Voucher, total int, err error) {
	err = c.readAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := CustomerFor(tx, p, customer, "USER_READ"); err != nil {
			return err
		}
		all, total, err = VouchersOf(tx, customer, page)
		return err
	})
	return all, total, err
}

// AccountVouchers lists those of a business account so. NotFound with
// business.CodeNoAccount, Invalid as of VouchersOf.
func (c *Care) AccountVouchers(ctx context.Context, a roster.Actor, account int64, page roster.Page) (all []*Voucher, total int, err error) {
	err = c.readAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := seenAccount(tx, p, account, readGroups); err != nil {
			return err
		}
		all, total, err = VouchersOf(tx, account, page)
		return err
	})
	return all, total, err
}

// RevokeVoucher takes back what is left of a voucher; a signup fee that it settled
// stays settled. VOUCHER_CUSTOMER_CARE_WRITE must hold on its voucherable's branch.
// NotFound with CodeNoVoucher, Forbidden, Conflict with CodeVoucherState, Invalid.
func (c *Care) RevokeVoucher(ctx context.Context, a roster.Actor, id int64, reason string) (v *Voucher, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if v, err = voucherFor(tx, p, id); err != nil {
			return err
		}
		return Revoke(tx, v, reason)
	})
	return v, err
}

// Revoke takes back what is left of a voucher, whoever asks. Conflict with
// CodeVoucherState, Invalid.
func Revoke(tx *store.Tx, v *Voucher, reason string) error {
	if utf8.RuneCountInString(reason) > maxReason {
		return errLongReason()
	}
	if err := VoucherLife.Check(v.statusAt(tx.Now), VoucherRevoked, byOperator); err != nil {
		return err
	}
	v.Revoked, v.RevokedAt, v.RevokedBy, v.RevokeReason, v.Revision = true, tx.Now, tx.Actor().PersonID, reason, tx.Revision
	v.Status = v.statusAt(tx.Now)
	if _, err := tx.Exec(voucherRevoke, v.ID, v.RevokedAt, v.RevokedBy, v.RevokeReason, v.Revision); err != nil {
		return err
	}
	before := voucherFields{VoucherableID: v.VoucherableID, AccountID: v.AccountID, Remaining: v.Remaining.String(), Currency: v.Currency}
	after := before
	after.Revoked, after.Reason = true, reason
	tx.Record(roster.Change{Operation: "voucher.revoke", SubjectType: "voucher", SubjectID: v.ID, ObjectID: v.AccountID, Before: before, After: after})
	return nil
}

// voucherFor reads a voucher for who may take it back. NotFound with CodeNoVoucher for
// one whose account they don't see either, Forbidden.
func voucherFor(tx *store.Tx, p *identity.Powers, id int64) (*Voucher, error) {
	missing := roster.Errorf(roster.NotFound, CodeNoVoucher, "there is no such voucher")
	v, err := scanVoucher(tx.Row(voucherByID, id))
	if errors.Is(err, store.ErrNoRows) {
		return nil, missing
	}
	if err != nil || p.At(giveVouchers, v.BranchID) {
		return v, err
	}
	if _, err = CustomerFor(tx, p, v.AccountID, "USER_READ"); roster.IsKind(err, roster.NotFound) {
		_, err = seenAccount(tx, p, v.AccountID, readGroups)
	}
	if roster.IsKind(err, roster.NotFound) {
		return nil, missing
	}
	if err == nil || roster.IsKind(err, roster.Forbidden) {
		err = errNeeds(giveVouchers, v.BranchID)
	}
	return nil, err
}
