package setup

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

func (w *worker) applyTerms() error {
	return each(w, "terms", w.Terms, func(_ int, t *Terms) (bool, error) {
		branch, err := w.branch("branch", t.Branch)
		if err != nil {
			return false, err
		}
		return care.PutTerms(w.tx, &care.Terms{
			BranchID: branch, Text: t.Text, URL: t.URL, PrivacyText: t.PrivacyText, PrivacyURL: t.PrivacyURL, ValidFrom: int64(t.ValidFrom),
		})
	})
}

func (w *worker) applyCards() error {
	return each(w, "identityCards", w.IdentityCards, func(_ int, c *IdentityCard) (bool, error) {
		branch, err := w.branch("branch", c.Branch)
		if err != nil {
			return false, err
		}
		card := care.Card{Number: c.CardNumber, RFIDUID: c.RFIDUID, RFIDType: c.RFIDType, BranchID: branch, Comment: c.Comment}
		if c.Customer != "" {
			customer, err := identity.CustomerByEmail(w.tx, c.Customer)
			if roster.IsKind(err, roster.NotFound) {
				return false, noSuch("customer", "customer", c.Customer)
			}
			if err != nil {
				return false, err
			}
			card.PersonID = customer.ID
		}
		return care.PutCard(w.tx, &card)
	})
}

func (w *worker) applyCustomers() error {
	return each(w, "customers", w.Customers, func(_ int, c *Customer) (bool, error) {
		home, err := w.branch("homeBranch", c.HomeBranch)
		if err != nil {
			return false, err
		}
		id, changed, err := w.putCustomer(c, home)
		if err != nil {
			return false, err
		}
		for _, code := range c.AcceptTerms {
			branch, err := w.branch("acceptedTermsOf", code)
			if err != nil {
				return false, err
			}
			state, err := care.AcceptanceState(w.tx, id, branch)
			if err != nil {
				return false, err
			}
			if state != "NOT_ACCEPTED" && state != "OUTDATED" {
				continue
			}
			if _, err := care.AcceptTerms(w.tx, id, branch, 0); err != nil {
				return false, err
			}
			changed = true
		}
		return changed, nil
	})
}

// putCustomer has a customer be as the file says. What the file leaves out of one
// who is there already stays.
func (w *worker) putCustomer(c *Customer, home int64) (id int64, changed bool, err error) {
	find, key := identity.CustomerByEmail, c.Email
	if key == "" {
		find, key = identity.CustomerByPhone, c.Phone
	}
	there, err := find(w.tx, key)
	if roster.IsKind(err, roster.NotFound) {
		fresh := &identity.Customer{Email: c.Email, HomeBranchID: home}
		c.fill(fresh)
		if err := identity.InsertCustomer(w.tx, fresh); err != nil {
			return 0, false, err
		}
		return fresh.ID, true, nil
	}
	if err != nil {
		return 0, false, err
	}
	after, err := identity.UpdateCustomer(w.tx, there.ID, nil, func(to *identity.Customer) error {
		c.fill(to)
		to.HomeBranchID = home
		return nil
	})
	if err != nil {
		return 0, false, err
	}
	return there.ID, after.Revision != there.Revision, nil
}

// fill sets what the file says of a customer.
func (c *Customer) fill(to *identity.Customer) {
	for _, f := range []struct {
		to   *string
		said string
	}{
		{&to.Phone, c.Phone}, {&to.FirstName, c.FirstName}, {&to.LastName, c.LastName}, {&to.Birthdate, c.Birthdate}, {&to.Street, c.Street},
		{&to.Postcode, c.Postcode}, {&to.City, c.City}, {&to.Country, c.Country}, {&to.Language, c.Language}, {&to.LicenseState, c.LicenseState},
		{&to.LicenseExpires, c.LicenseExpires}, {&to.IDState, c.IDState}, {&to.IDExpires, c.IDExpires},
	} {
		if f.said != "" {
			*f.to = f.said
		}
	}
	if len(c.LicenseCategories) > 0 {
		to.LicenseCategories = c.LicenseCategories
	}
	to.EmailVerified = to.EmailVerified || c.EmailVerified
	to.PhoneVerified = to.PhoneVerified || c.PhoneVerified
	to.SignupSettled = to.SignupSettled || c.SignupSettled
}

func (w *worker) applyVoucherables() error {
	return each(w, "voucherables", w.Voucherables, func(_ int, v *Voucherable) (bool, error) {
		branch, err := w.branch("branch", v.Branch)
		if err != nil {
			return false, err
		}
		u, err := business.UnitByCode(w.tx, v.BusinessUnit)
		if roster.IsKind(err, roster.NotFound) {
			return false, noSuch("businessUnit", "business unit", v.BusinessUnit)
		}
		if err != nil {
			return false, err
		}
		out := care.Voucherable{
			Code: v.Code, Name: v.Name, Description: v.Description, Type: v.Type, BranchID: branch, BusinessUnitID: u.ID, Active: !v.Inactive, ValidFrom: int64(v.ValidFrom),
			ValidUntil: int64(v.ValidUntil), MaxPerAccount: v.MaxPerAccount, Signup: v.Signup,
		}
		if out.Type == "" {
			out.Type = care.CustomerCare
		}
		for _, b := range v.Benefits {
			benefit := care.Benefit{VoucherType: b.VoucherType, Value: b.ValueGross.Amount, Currency: b.Currency, ValidityDays: b.ValidityDays, PriceType: b.ApplicablePriceType}
			if benefit.Currency == "" {
				benefit.Currency = u.Currency
			}
			out.Benefits = append(out.Benefits, benefit)
		}
		return care.PutVoucherable(w.tx, &out)
	})
}
