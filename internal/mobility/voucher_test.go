package mobility

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Vouchers of whoever pays are used when a rental ends, each for the part that it is
// for, and the summary takes them off.
func TestVouchers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga := f.rider()
		a := f.account(f.vie, olga, nil)
		v := f.vehicle(f.vie, f.bikes)
		give := func(code string, benefits ...care.Benefit) {
			f.write(func(tx *store.Tx) error {
				made := care.Voucherable{
					Code: code, Name: code, Type: care.CustomerCare, BusinessUnitID: f.euros.ID, Active: true, Benefits: benefits,
				}
				if _, err := care.PutVoucherable(tx, &made); err != nil {
					return err
				}
				_, err := care.Issue(tx, care.IssueOf{Voucherable: &made, GroupID: a.ID})
				return err
			})
		}
		give("BOOK", care.Benefit{VoucherType: "CASHBACK", Value: 90_000, Currency: "EUR", PriceType: care.BookingPrice})
		give("TIME", care.Benefit{VoucherType: "CASHBACK", Value: 5_000, Currency: "EUR", PriceType: care.TimePrice})
		b := f.book(olga, f.booking(hour, on(a)))
		r, err := f.CreateRental(t.Context(), olga, NewRental{BookingID: b.ID})
		if err != nil {
			t.Fatal(err)
		}
		f.clock.Store(r.DriveStartTime)
		f.pass(10 * minute)
		r = f.end(olga, r, End{})
		gross := business.TaxOf(10_000+19_000+15_000, 2000)
		if r.Price != gross {
			t.Errorf("it costs %v, want %v: a rebate is no price", r.Price, gross)
		}
		off := []roster.Price{business.TaxOf(-15_000, 2000), business.TaxOf(-5_000, 2000)}
		var got []roster.Price
		for _, rebate := range r.Ledger.Rebates {
			got = append(got, rebate.Price)
		}
		if diff := cmp.Diff(off, got); diff != "" || r.Ledger.Rebates[0].Type != "CASHBACK" {
			t.Errorf("rebates: %s %+v", diff, r.Ledger.Rebates)
		}
		s, err := f.business.BillingSummary(t.Context(), olga, business.SummaryQuery{AccountID: a.ID})
		if err != nil || s.Total != gross.Plus(off[0]).Plus(off[1]) || s.Rentals.Price != gross || s.Rentals.Count != 1 {
			t.Errorf("the summary is %+v, %v", s, err)
		}
		// Her own drive is not the group's to pay.
		own := f.end(olga, f.rent(olga, v, Payer{}), End{})
		if len(own.Ledger.Rebates) != 0 {
			t.Errorf("her own: %+v", own.Ledger)
		}
	})
}
