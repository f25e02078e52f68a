package care_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// euro is one euro.
const euro roster.Amount = 10_000

// cashback is a voucherable of one voucher in euros.
func (w *world) cashback(code string, value roster.Amount, days int64, priceType string) care.Voucherable {
	return care.Voucherable{Code: code, Name: code, BusinessUnitID: w.euros.ID, Active: true, Benefits: []care.Benefit{
		{VoucherType: "CASHBACK", Value: value, Currency: "EUR", ValidityDays: days, PriceType: priceType},
	}}
}

func (w *world) putVoucherable(v care.Voucherable) (care.Voucherable, bool) {
	w.Helper()
	var changed bool
	w.write(func(tx *store.Tx) (err error) {
		changed, err = care.PutVoucherable(tx, &v)
		return err
	})
	return v, changed
}

func TestVoucherables(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		v, changed := w.putVoucherable(w.cashback("SORRY", 5*euro, 30, ""))
		if !changed || v.ID == 0 || v.Type != care.CustomerCare {
			t.Errorf("a new one is %+v", v)
		}
		if _, changed := w.putVoucherable(w.cashback("SORRY", 5*euro, 30, "")); changed {
			t.Error("the same again is a change")
		}
		more := w.cashback("sorry", 5*euro, 30, care.TimePrice)
		more.BranchID, more.MaxPerAccount, more.ValidUntil = w.vie, 2, tomorrow(w)
		after, changed := w.putVoucherable(more)
		if !changed || after.ID != v.ID || after.CreatedAt != v.CreatedAt || after.Revision <= v.Revision {
			t.Errorf("a change made %+v of %+v", after, v)
		}
		w.write(func(tx *store.Tx) error {
			byCode, err := care.VoucherableByCode(tx, " Sorry")
			if err != nil {
				return err
			}
			byID, err := care.VoucherableByID(tx, v.ID)
			if diff := cmp.Diff(&after, byCode) + cmp.Diff(byCode, byID); diff != "" {
				t.Error(diff)
			}
			return err
		})
		for name, c := range map[string]struct {
			edit  func(*care.Voucherable)
			field string
			code  string
		}{
			"no code":       {func(v *care.Voucherable) { v.Code = "" }, "code", ""},
			"no name":       {func(v *care.Voucherable) { v.Name = "" }, "name", ""},
			"backwards":     {func(v *care.Voucherable) { v.ValidFrom, v.ValidUntil = 2, 1 }, "validUntil", ""},
			"below zero":    {func(v *care.Voucherable) { v.MaxPerAccount = -1 }, "maxPerAccount", ""},
			"no benefit":    {func(v *care.Voucherable) { v.Benefits = nil }, "benefits", ""},
			"no value":      {func(v *care.Voucherable) { v.Benefits[0].Value = 0 }, "benefits", ""},
			"no type":       {func(v *care.Voucherable) { v.Benefits[0].VoucherType = "" }, "benefits", ""},
			"no currency":   {func(v *care.Voucherable) { v.Benefits[0].Currency = "EURO" }, "benefits", ""},
			"past":          {func(v *care.Voucherable) { v.Benefits[0].ValidityDays = -1 }, "benefits", ""},
			"no such price": {func(v *care.Voucherable) { v.Benefits[0].PriceType = "LUNCH_PRICE" }, "benefits", ""},
			"nowhere":       {func(v *care.Voucherable) { v.BranchID = 999 }, "", identity.CodeNoBranch},
			"nobody bills":  {func(v *care.Voucherable) { v.BusinessUnitID = 999 }, "", business.CodeNoUnit},
		} {
			v := w.cashback("BAD", euro, 0, "")
			c.edit(&v)
			e := w.refused(w.a, func(tx *store.Tx) error {
				_, err := care.PutVoucherable(tx, &v)
				return err
			})
			if e.Field != c.field || e.Code != c.code {
				t.Errorf("%s: %+v", name, e)
			}
		}
	})
}

func (w *world) issue(of care.IssueOf) (vouchers []*care.Voucher) {
	w.Helper()
	w.write(func(tx *store.Tx) (err error) {
		vouchers, err = care.Issue(tx, of)
		return err
	})
	return vouchers
}

// vouchers lists all vouchers of an account, the newest first.
func (w *world) vouchers(account int64) []*care.Voucher {
	w.Helper()
	rider := w.a
	rider.API, rider.PersonID = roster.UserAPI, account
	all, total, err := w.care.Vouchers(w.Context(), rider, roster.Page{Limit: 1000})
	if err != nil || total != len(all) {
		w.Fatalf("%d of %d, %v", len(all), total, err)
	}
	return all
}

func TestIssue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		carla, gina := w.customer("carla@example.org", w.vie), w.customer("gina@example.org", w.grz)
		group := w.account("Acme", w.vie, carla)
		three := w.cashback("THREE", 5*euro, 30, care.TimePrice)
		three.Benefits = append(three.Benefits, care.Benefit{VoucherType: "BONUS", Value: euro, Currency: "EUR"}, three.Benefits[0])
		three.MaxPerAccount = 2
		v, _ := w.putVoucherable(three)
		for _, of := range []care.IssueOf{{CustomerID: carla}, {GroupID: group.ID}} {
			of.Voucherable, of.Reason = &v, "a flat tire"
			account := of.CustomerID + of.GroupID
			got := w.issue(of)
			slices.Reverse(got)
			if diff := cmp.Diff(got, w.vouchers(account)); diff != "" {
				t.Error("what is listed is not what was given:", diff)
			}
			bonus := got[1]
			if len(got) != 3 || bonus.Type != "BONUS" || bonus.ValidUntil != 0 || got[0].ValidUntil != got[0].CreatedAt+30*86_400_000_000 || bonus.Reason != of.Reason ||
				bonus.AccountID != account || bonus.Status != care.VoucherActive {
				t.Errorf("vouchers are %+v", bonus)
			}
			value, _ := bonus.Prices()
			if value != (roster.Price{Net: 8333, Tax: 1667, Gross: euro}) {
				t.Errorf("a euro is %+v", value)
			}
			w.issue(of)
			if e := w.refused(w.a, func(tx *store.Tx) error { _, err := care.Issue(tx, of); return err }); e.Kind != roster.Conflict || e.Code != care.CodeVoucherLimit {
				t.Errorf("beyond the limit: %+v", e)
			}
		}
		mixed := w.cashback("MIXED", euro, 0, "")
		mixed.Benefits = append(mixed.Benefits, care.Benefit{VoucherType: "CASHBACK", Value: euro, Currency: "CHF"})
		refusals := map[string]struct {
			voucherable     care.Voucherable
			customer, group int64
			kind            roster.Kind
			code            string
		}{
			"nobody":         {v, 999, 0, roster.NotFound, identity.CodeNoCustomer},
			"no group":       {v, 0, 999, roster.NotFound, business.CodeNoAccount},
			"another unit":   {v, gina, 0, roster.Invalid, care.CodeVoucherMismatch},
			"two currencies": {mixed, carla, 0, roster.Invalid, care.CodeVoucherMismatch},
			"promotion":      {care.Voucherable{Type: "Promotion"}, carla, 0, roster.Invalid, care.CodeNotCustomerCare},
			"inactive":       {care.Voucherable{}, carla, 0, roster.Invalid, care.CodeVoucherableInactive},
			"over":           {care.Voucherable{Active: true, ValidUntil: 1}, carla, 0, roster.Invalid, care.CodeVoucherableInactive},
			"not yet":        {care.Voucherable{Active: true, ValidFrom: tomorrow(w)}, carla, 0, roster.Invalid, care.CodeVoucherableInactive},
		}
		for name, c := range refusals {
			put := w.cashback(name, euro, 0, "")
			if c.voucherable.Code != "" {
				put = c.voucherable
			} else {
				put.Type, put.Active, put.ValidFrom, put.ValidUntil = c.voucherable.Type, c.voucherable.Active, c.voucherable.ValidFrom, c.voucherable.ValidUntil
			}
			put, _ = w.putVoucherable(put)
			before := len(w.vouchers(carla))
			e := w.refused(w.a, func(tx *store.Tx) error {
				_, err := care.Issue(tx, care.IssueOf{Voucherable: &put, CustomerID: c.customer, GroupID: c.group})
				return err
			})
			if e.Kind != c.kind || e.Code != c.code {
				t.Errorf("%s: %+v", name, e)
			}
			if len(w.vouchers(carla)) != before {
				t.Errorf("%s: vouchers were made", name)
			}
		}
	})
}

func TestIssueToWhoIsNotThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		carla, owner := w.customer("carla@example.org", w.vie), w.customer("olaf@example.org", w.vie)
		group := w.account("Acme", w.vie, owner)
		signup := w.cashback("SIGNUP", euro, 0, "")
		signup.Signup = true
		signup, _ = w.putVoucherable(signup)
		settled := func(person int64) (is bool) {
			w.write(func(tx *store.Tx) error {
				c, err := identity.LiveCustomer(tx, person)
				is = err == nil && c.SignupSettled
				return err
			})
			return is
		}
		w.issue(care.IssueOf{Voucherable: &signup, GroupID: group.ID})
		if settled(owner) {
			t.Error("a group's voucher settled its owner's signup fee")
		}
		w.issue(care.IssueOf{Voucherable: &signup, CustomerID: carla})
		if !settled(carla) {
			t.Error("a signup voucher settled no signup fee")
		}
		w.write(func(tx *store.Tx) error {
			_, err := business.EditAccount(tx, group.ID, nil, func(a *business.Account) error {
				a.State = business.AccountInactive
				return nil
			})
			if err != nil {
				return err
			}
			_, err = identity.UpdateCustomer(tx, carla, nil, func(c *identity.Customer) error {
				c.BlockState = identity.Deleted
				return nil
			})
			return err
		})
		for code, of := range map[string]care.IssueOf{business.CodeAccountInactive: {GroupID: group.ID}, identity.CodeCustomerDeleted: {CustomerID: carla}} {
			of.Voucherable = &signup
			if e := w.refused(w.a, func(tx *store.Tx) error { _, err := care.Issue(tx, of); return err }); e.Kind != roster.Conflict || e.Code != code {
				t.Errorf("%+v; want %s", e, code)
			}
		}
		e := w.refused(w.a, func(tx *store.Tx) error {
			_, err := care.Issue(tx, care.IssueOf{Voucherable: &signup, CustomerID: owner, Reason: string(make([]byte, 501))})
			return err
		})
		if e.Field != "reason" {
			t.Errorf("a long reason: %+v", e)
		}
	})
}

func TestVoucherLists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		owner, member := w.customer("olaf@example.org", w.vie), w.customer("mia@example.org", w.vie)
		group := w.account("Acme", w.vie, owner)
		w.write(func(tx *store.Tx) error {
			_, err := business.InsertMember(tx, group, business.NewMember{UserID: member, CreatedBy: business.BySelf})
			return err
		})
		v, _ := w.putVoucherable(w.cashback("V", euro, 0, ""))
		ids := []int64{}
		for range 3 {
			ids = append(ids, w.issue(care.IssueOf{Voucherable: &v, GroupID: group.ID})[0].ID)
		}
		rider := w.a
		rider.API = roster.UserAPI
		list := func(person int64, p roster.Page) (got []int64, total int, err error) {
			rider.PersonID = person
			all, total, err := w.care.GroupVouchers(t.Context(), rider, group.ID, p)
			for _, v := range all {
				got = append(got, v.ID)
			}
			return got, total, err
		}
		for _, c := range []struct {
			page roster.Page
			want []int64
		}{
			{roster.Page{Limit: 2}, []int64{ids[2], ids[1]}},
			{roster.Page{Limit: 2, Offset: 2}, ids[:1]},
			{roster.Page{Limit: 2, Offset: 9}, nil},
			{roster.Page{Limit: 2, Sort: []roster.Sort{{Property: "id"}}}, ids[:2]},
			{roster.Page{Limit: 1, Sort: []roster.Sort{{Property: "id", Desc: true}}}, ids[2:]},
		} {
			if got, total, err := list(owner, c.page); !slices.Equal(got, c.want) || total != 3 || err != nil {
				t.Errorf("%+v: %v of %d, %v", c.page, got, total, err)
			}
		}
		if _, _, err := list(owner, roster.Page{Limit: 1, Sort: []roster.Sort{{Property: "name"}}}); roster.AsError(err).Field != "sort" {
			t.Errorf("another order: %v", err)
		}
		if _, _, err := list(member, roster.Page{Limit: 1}); roster.AsError(err).Code != business.CodeNoPermission {
			t.Errorf("a member: %v", err)
		}
		if _, _, err := list(w.customer("sven@example.org", w.vie), roster.Page{Limit: 1}); roster.AsError(err).Code != business.CodeNoAccount {
			t.Errorf("a stranger: %v", err)
		}
	})
}
