package care

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// holder is the account that gets vouchers, and the business unit that bills it.
type holder struct {
	id   int64
	unit *business.Unit
}

func holderOf(tx *store.Tx, of IssueOf) (h holder, err error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return h, err
	}
	unit := int64(0)
	if of.GroupID != 0 {
		a, err := business.LiveAccount(tx, of.GroupID)
		if err != nil {
			return h, err
		}
		if a.State != business.AccountActive {
			return h, errInactiveAccount()
		}
		h.id, unit = a.ID, a.DefaultBusinessUnitID
		if unit == 0 {
			unit = tree.Unit(a.BranchID)
		}
	} else {
		c, err := livingCustomer(tx, of.CustomerID)
		if err != nil {
			return h, err
		}
		h.id, unit = c.ID, tree.Unit(c.HomeBranchID)
	}
	if unit == 0 {
		return h, nil
	}
	h.unit, err = business.LiveUnit(tx, unit)
	return h, err
}

func errInactiveAccount() error {
	return roster.Errorf(roster.Conflict, business.CodeAccountInactive, "the business account is not active")
}

// issuable judges whether an account can get vouchers of a voucherable now.
func issuable(tx *store.Tx, v *Voucherable, h holder) error {
	switch {
	case v.Type != CustomerCare:
		return roster.Errorf(roster.Invalid, CodeNotCustomerCare, "the voucherable is not for customer care")
	case !v.Active || v.ValidFrom > tx.Now || v.ValidUntil != 0 && v.ValidUntil <= tx.Now:
		return roster.Errorf(roster.Invalid, CodeVoucherableInactive, "the voucherable is not active, or not valid now")
	case h.unit == nil || h.unit.ID != v.BusinessUnitID:
		return roster.Errorf(roster.Invalid, CodeVoucherMismatch, "another business unit bills the account")
	}
	for _, b := range v.Benefits {
		if b.Currency != h.unit.Currency {
			return roster.Errorf(roster.Invalid, CodeVoucherMismatch, "the business unit bills in %s, and a benefit is in %s", h.unit.Currency, b.Currency)
		}
	}
	if v.MaxPerAccount == 0 {
		return nil
	}
	// What was given at once has one time, since a write has a time of its own.
	times := map[int64]bool{}
	err := tx.Each(vouchersGiven, func(s store.Scanner) error {
		var at int64
		err := s.Scan(&at)
		times[at] = true
		return err
	}, v.ID, h.id)
	if err == nil && int64(len(times)) >= v.MaxPerAccount {
		err = roster.Errorf(roster.Conflict, CodeVoucherLimit, "the account had this as often as it may: %d", len(times))
	}
	return err
}

// voucherFields are the fields of a voucher as the change log spells them.
type voucherFields struct {
	VoucherableID int64  `json:"voucherableId"`
	AccountID     int64  `json:"accountId"`
	Type          string `json:"voucherType,omitempty"`
	Value         string `json:"valueGross,omitempty"`
	Remaining     string `json:"remainingValueGross"`
	Currency      string `json:"currency"`
	Revoked       bool   `json:"revoked,omitempty"`
	Reason        string `json:"reason,omitempty"`
	RentalID      int64  `json:"rentalId,omitempty"`
	BookingID     int64  `json:"bookingId,omitempty"`
}

func insertVoucher(tx *store.Tx, v *Voucher) (err error) {
	if v.ID, err = tx.NextID(voucherIDs); err != nil {
		return err
	}
	if _, err := tx.Exec(voucherInsert, v.ID, v.VoucherableID, v.AccountID, nullable(v.BranchID), v.BusinessUnitID, v.Name, v.Type, v.PriceType,
		v.Currency, int64(v.Value), v.Signup, v.ValidFrom, v.ValidUntil, v.Reason, v.RentalID, v.BookingID, v.CreatedBy, v.CreatedAt, v.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "voucher.create", SubjectType: "voucher", SubjectID: v.ID, ObjectID: v.AccountID, After: voucherFields{
		VoucherableID: v.VoucherableID, AccountID: v.AccountID, Type: v.Type, Value: v.Value.String(), Remaining: v.Remaining.String(), Currency: v.Currency,
		Reason: v.Reason, RentalID: v.RentalID, BookingID: v.BookingID,
	}})
	return nil
}

func settleSignup(tx *store.Tx, customer int64) error {
	_, err := identity.UpdateCustomer(tx, customer, nil, func(c *identity.Customer) error {
		c.SignupSettled, c.SignupFailed = true, false
		return nil
	})
	return err
}
