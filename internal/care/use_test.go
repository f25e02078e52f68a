package care_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

var testCharges = store.Q("test.charges", `SELECT kind, part, member_id, cost_center_id, net, tax, gross FROM charges
		WHERE tenant = $1 AND account_id = $2 AND source_id = $3 ORDER BY id`)

// charged is a row of the ledger.
type charged struct {
	Kind                     string
	Part, Member, CostCenter int64
	Price                    roster.Price
}

func ledger(tx *store.Tx, account, source int64) ([]charged, error) {
	return store.All(tx, testCharges, func(s store.Scanner) (c charged, err error) {
		return c, s.Scan(&c.Kind, &c.Part, &c.Member, &c.CostCenter, &c.Price.Net, &c.Price.Tax, &c.Price.Gross)
	}, account, source)
}

// rental is the use of vouchers for a rental of a customer, or of a group's member.
func (w *world) rental(tx *store.Tx, account, member, id int64, parts ...care.Part) care.Use {
	gross := roster.Amount(0)
	for _, p := range parts {
		gross += p.Gross
	}
	return care.Use{Tax: 2000, Parts: parts, Charge: &business.Charge{
		AccountID: account, Kind: business.RentalCharge, SourceID: id, MemberID: member, CostCenterID: 7, BusinessUnitID: w.euros.ID, BranchID: w.vie,
		Currency: "EUR", Time: tx.Now, Price: business.TaxOf(gross, 2000),
	}}
}

func TestVouchersPay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		owner := w.customer("olaf@example.org", w.vie)
		group := w.account("Acme", w.vie, owner)
		give := func(code string, value roster.Amount, days int64, priceType string) int64 {
			v, _ := w.putVoucherable(w.cashback(code, value, days, priceType))
			return w.issue(care.IssueOf{Voucherable: &v, GroupID: group.ID})[0].ID
		}
		last := give("LAST", 100*euro, 0, "")
		time := give("TIME", 3*euro, 20, care.TimePrice)
		unlock := give("UNLOCK", 5*euro, 10, care.UnlockPrice)
		own, _ := w.putVoucherable(w.cashback("OWN", 100*euro, 1, ""))
		w.issue(care.IssueOf{Voucherable: &own, CustomerID: owner})
		w.write(func(tx *store.Tx) error {
			use := w.rental(tx, group.ID, owner, 1, care.Part{PriceType: care.UnlockPrice, Gross: euro}, care.Part{PriceType: care.TimePrice, Gross: 12 * euro})
			got, err := care.UseVouchers(tx, use)
			if err != nil {
				return err
			}
			want := []care.Rebate{
				{VoucherID: unlock, Name: "UNLOCK", Type: "CASHBACK", Price: business.TaxOf(-1*euro, 2000)},
				{VoucherID: time, Name: "TIME", Type: "CASHBACK", Price: business.TaxOf(-3*euro, 2000)},
				{VoucherID: last, Name: "LAST", Type: "CASHBACK", Price: business.TaxOf(-9*euro, 2000)},
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Error("the rebates:", diff)
			}
			rows, err := ledger(tx, group.ID, 1)
			if err != nil {
				return err
			}
			if len(rows) != 4 || rows[0].Kind != business.RentalCharge || rows[0].Price != use.Charge.Price {
				t.Errorf("the ledger says %+v", rows)
			}
			for i, r := range rows[1:] {
				if r.Kind != business.RebateCharge || r.Part != want[i].VoucherID || r.Price != want[i].Price || r.Member != owner || r.CostCenter != 7 {
					t.Errorf("rebate %d is %+v", i, r)
				}
			}
			return nil
		})
		left := map[int64]roster.Amount{}
		for _, v := range append(w.vouchersOfGroup(group.ID, owner), w.vouchers(owner)...) {
			left[v.ID] = v.Remaining
		}
		if left[last] != 91*euro || left[time] != 0 || left[unlock] != 4*euro || len(left) != 4 {
			t.Errorf("what is left is %v", left)
		}
	})
}

func (w *world) vouchersOfGroup(group, owner int64) []*care.Voucher {
	w.Helper()
	rider := w.a
	rider.API, rider.PersonID = roster.UserAPI, owner
	all, _, err := w.care.GroupVouchers(w.Context(), rider, group, roster.Page{Limit: 1000})
	if err != nil {
		w.Fatal(err)
	}
	return all
}

func TestVouchersDontPay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		carla := w.customer("carla@example.org", w.vie)
		v, _ := w.putVoucherable(w.cashback("V", euro, 1, ""))
		id := w.issue(care.IssueOf{Voucherable: &v, CustomerID: carla})[0].ID
		for i, c := range []struct {
			name string
			edit func(*business.Charge)
		}{
			{"before it is valid", func(c *business.Charge) { c.Time -= 86_400_000_000 }},
			{"when it has expired", func(c *business.Charge) { c.Time += 2 * 86_400_000_000 }},
			{"in francs", func(c *business.Charge) { c.Currency = "CHF" }},
			{"for another unit", func(c *business.Charge) { c.BusinessUnitID = w.francs.ID }},
			{"for nothing", func(c *business.Charge) { c.Price = roster.Price{} }},
		} {
			w.write(func(tx *store.Tx) error {
				use := w.rental(tx, carla, carla, int64(i)+1, care.Part{PriceType: care.TimePrice, Gross: euro})
				if c.edit(use.Charge); use.Charge.Price.Gross == 0 {
					use.Parts[0].Gross = 0
				}
				got, err := care.UseVouchers(tx, use)
				if len(got) > 0 {
					t.Errorf("%s: %+v", c.name, got)
				}
				return err
			})
		}
		if e := w.refused(w.a, func(tx *store.Tx) error {
			use := w.rental(tx, carla, carla, 99, care.Part{Gross: euro})
			use.Parts[0].Gross--
			_, err := care.UseVouchers(tx, use)
			return err
		}); e.Kind != roster.Internal {
			t.Errorf("parts that are not the whole: %+v", e)
		}
		if all := w.vouchers(carla); all[0].ID != id || all[0].Remaining != euro || all[0].Status != care.VoucherActive {
			t.Errorf("the voucher became %+v", all[0])
		}
	})
}

// modelVoucher is a voucher as the model of UseVouchers keeps it.
type modelVoucher struct {
	id, days  int64
	priceType string
	left      roster.Amount
}

// pay is the model: in the order of expiry each voucher takes what it can.
func pay(all []*modelVoucher, parts []care.Part) map[int64]roster.Amount {
	parts = slices.Clone(parts)
	slices.SortFunc(all, func(a, b *modelVoucher) int {
		return cmp.Or(cmp.Compare(uint64(a.days-1), uint64(b.days-1)), cmp.Compare(a.id, b.id))
	})
	paid := map[int64]roster.Amount{}
	for _, v := range all {
		for i := range parts {
			for v.priceType == "" || v.priceType == parts[i].PriceType {
				step := min(v.left, parts[i].Gross)
				if step == 0 {
					break
				}
				v.left, parts[i].Gross, paid[v.id] = v.left-step, parts[i].Gross-step, paid[v.id]+step
			}
		}
	}
	return paid
}

// Whatever vouchers there are and whatever is rented, each pays as the model says: no
// voucher falls below zero, no price does, and the ledger holds what was paid.
func TestVouchersModel(t *testing.T) {
	types := []string{"", care.UnlockPrice, care.TimePrice, care.KilometerPrice}
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		example, rentals := 0, int64(0)
		rapid.Check(t, func(t *rapid.T) {
			example++
			w.write(func(tx *store.Tx) error {
				c := identity.Customer{Email: fmt.Sprintf("carla-%d@example.org", example), HomeBranchID: w.vie}
				if err := identity.InsertCustomer(tx, &c); err != nil {
					return err
				}
				var model []*modelVoucher
				for range rapid.IntRange(0, 6).Draw(t, "vouchers") {
					v := modelVoucher{
						days: rapid.Int64Range(0, 2).Draw(t, "days"), priceType: rapid.SampledFrom(types).Draw(t, "price type"),
						left: roster.Amount(rapid.Int64Range(1, 50_000).Draw(t, "value")),
					}
					voucherable := w.cashback("MODEL", v.left, v.days, v.priceType)
					if _, err := care.PutVoucherable(tx, &voucherable); err != nil {
						return err
					}
					made, err := care.Issue(tx, care.IssueOf{Voucherable: &voucherable, CustomerID: c.ID})
					if err != nil {
						return err
					}
					v.id = made[0].ID
					model = append(model, &v)
				}
				for range rapid.IntRange(1, 4).Draw(t, "rentals") {
					rentals++
					parts := []care.Part{}
					for _, priceType := range types[1:] {
						parts = append(parts, care.Part{PriceType: priceType, Gross: roster.Amount(rapid.Int64Range(0, 40_000).Draw(t, priceType))})
					}
					want := pay(model, parts)
					if err := w.checkUse(tx, t, w.rental(tx, c.ID, c.ID, rentals, parts...), want); err != nil {
						return err
					}
				}
				all, _, err := care.VouchersOf(tx, c.ID, roster.Page{Limit: 100})
				for _, v := range all {
					i := slices.IndexFunc(model, func(m *modelVoucher) bool { return m.id == v.ID })
					if v.Remaining != model[i].left || v.Remaining < 0 {
						t.Fatalf("%s are left of a voucher; want %s", v.Remaining, model[i].left)
					}
				}
				return err
			})
		})
	})
}

func (w *world) checkUse(tx *store.Tx, t *rapid.T, use care.Use, want map[int64]roster.Amount) error {
	rebates, err := care.UseVouchers(tx, use)
	if err != nil {
		return err
	}
	rows, err := ledger(tx, use.Charge.AccountID, use.Charge.SourceID)
	if err != nil {
		return err
	}
	if len(rows) != 1+len(want) || len(rebates) != len(want) {
		t.Fatalf("%d rows and %d rebates; want %d", len(rows), len(rebates), len(want))
	}
	total := use.Charge.Price.Gross
	for i, r := range rows[1:] {
		total += r.Price.Gross
		if r.Price != business.TaxOf(-want[r.Part], use.Tax) || rebates[i].Price != r.Price || rebates[i].VoucherID != r.Part {
			t.Fatalf("voucher %d took %+v; want %s", r.Part, r.Price, want[r.Part])
		}
	}
	if total < 0 {
		t.Fatalf("the rental is paid %s too much", -total)
	}
	return nil
}
