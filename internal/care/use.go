package care

import (
	"fmt"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Use is what vouchers are used for: a rental that ended, or a booking that is
// charged.
type Use struct {
	// Charge is its charge, yet to be posted; its account is whose vouchers count.
	Charge *business.Charge
	// Tax is at what rate its price was taxed, in hundredths of a percent.
	Tax int64
	// Parts are what its price is made of; they add up to the charge's gross.
	Parts []Part
}

// Part is a part of a price, gross.
type Part struct {
	PriceType string
	Gross     roster.Amount
}

// Rebate is what one voucher took off a price.
type Rebate struct {
	VoucherID  int64
	Name, Type string
	Price      roster.Price // below zero
}

// UseVouchers posts a charge and, with it, a rebate for each of the account's
// vouchers that pays for some of it: those of the charge's business unit and
// currency that are valid at its time, by the end of their validity, those without
// end last, then by id. Each pays for the parts that it is for until it is used up;
// what is paid is not paid twice. Errors are those of business.PostCharges.
func UseVouchers(tx *store.Tx, u Use) ([]Rebate, error) {
	c := u.Charge
	left := make([]roster.Amount, len(u.Parts))
	sum := roster.Amount(0)
	for i, p := range u.Parts {
		left[i] = p.Gross
		sum += p.Gross
	}
	if sum != c.Price.Gross {
		return nil, fmt.Errorf("care: the parts of a price are %s, and not %s", sum, c.Price.Gross)
	}
	var vouchers []*Voucher
	if sum > 0 {
		var err error
		if vouchers, err = store.All(tx, vouchersUsable, scanVoucher, c.AccountID, c.BusinessUnitID, c.Currency, c.Time); err != nil {
			return nil, err
		}
	}
	var rebates []Rebate
	charges := []*business.Charge{c}
	for _, v := range vouchers {
		used := v.spend(u.Parts, left)
		if used == 0 {
			continue
		}
		if err := useVoucher(tx, v, used); err != nil {
			return nil, err
		}
		rebate := *c
		rebate.Kind, rebate.Part, rebate.Price = business.RebateCharge, v.ID, business.TaxOf(-used, u.Tax)
		charges = append(charges, &rebate)
		rebates = append(rebates, Rebate{v.ID, v.Name, v.Type, rebate.Price})
	}
	return rebates, business.PostCharges(tx, charges)
}

// spend takes off what is left of parts what the voucher pays, and returns how much
// that is.
func (v *Voucher) spend(parts []Part, left []roster.Amount) (used roster.Amount) {
	for i, p := range parts {
		if v.PriceType != "" && v.PriceType != p.PriceType {
			continue
		}
		pays := min(v.Remaining-used, left[i])
		left[i] -= pays
		used += pays
	}
	return used
}

func useVoucher(tx *store.Tx, v *Voucher, used roster.Amount) error {
	if _, err := tx.Exec(voucherUse, v.ID, int64(used), tx.Revision); err != nil {
		return err
	}
	before := voucherFields{VoucherableID: v.VoucherableID, AccountID: v.AccountID, Remaining: v.Remaining.String(), Currency: v.Currency}
	after := before
	after.Remaining = (v.Remaining - used).String()
	tx.Record(roster.Change{Operation: "voucher.use", SubjectType: "voucher", SubjectID: v.ID, ObjectID: v.AccountID, Before: before, After: after})
	return nil
}
