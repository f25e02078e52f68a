package opsapi_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// gifts are what acme's operators can give.
const gifts = `
voucherables:
- code: SORRY-5
  name: For the trouble
  description: Five euros, where something went wrong.
  branch: VIE
  businessUnit: at
  benefits: [{voucherType: CASHBACK, valueGross: 5, validityDays: 30}]
- code: THREE
  name: Three
  branch: VIE
  businessUnit: at
  benefits:
  - {voucherType: CASHBACK, valueGross: 1, applicablePriceType: UNLOCK_PRICE}
  - {voucherType: CASHBACK, valueGross: 2.5, applicablePriceType: TIME_PRICE, validityDays: 90}
  - {voucherType: CASHBACK, valueGross: 3}
- code: MIXED
  name: Two of ours, and one in francs
  branch: VIE
  businessUnit: at
  benefits:
  - {voucherType: CASHBACK, valueGross: 1}
  - {voucherType: CASHBACK, valueGross: 2}
  - {voucherType: CASHBACK, valueGross: 3, currency: CHF}
- {code: ONCE, name: Once each, branch: VIE, businessUnit: at, maxPerAccount: 1, benefits: [{voucherType: CASHBACK, valueGross: 1}, {voucherType: CASHBACK, valueGross: 2}]}
- {code: WELCOME, name: Welcome, branch: VIE, businessUnit: at, signup: true, benefits: [{voucherType: CASHBACK, valueGross: 1}]}
- {code: PROMO, name: Promotion, type: Promotion, branch: VIE, businessUnit: at, benefits: [{voucherType: CASHBACK, valueGross: 1}]}
- {code: GONE, name: No longer, branch: VIE, businessUnit: at, inactive: true, benefits: [{voucherType: CASHBACK, valueGross: 1}]}
- {code: LATER, name: Later, branch: VIE, businessUnit: at, validFrom: "2027-01-01T00:00:00Z", benefits: [{voucherType: CASHBACK, valueGross: 1}]}
- {code: GRAZ, name: In Graz, branch: GRZ, businessUnit: at, benefits: [{voucherType: CASHBACK, valueGross: 1}]}
- {code: ALL, name: Everywhere, businessUnit: at, benefits: [{voucherType: CASHBACK, valueGross: 1}]}
`

// voucherable is the id of one of the gifts.
func (h *house) voucherable(code string) (id int64) {
	h.T.Helper()
	h.Apply(h.CLI, gifts)
	h.Read(h.CLI, func(tx *store.Tx) error {
		v, err := care.VoucherableByCode(tx, code)
		if err == nil {
			id = v.ID
		}
		return err
	})
	return id
}

// voucher gives a customer a voucher of 5.00 and returns its id.
func (h *house) voucher(name string) int64 {
	h.T.Helper()
	return number(h.as("admin").Post(h.of(name, "/apply-vouchers"), object{"voucherableId": h.voucherable("SORRY-5")}).Want(201), "0.id")
}

// deprecates looks at what the older form says of itself wherever it is refused.
func (h *house) deprecates(of string) {
	h.T.Helper()
	for _, c := range []struct {
		who, of, code string
		status        int
	}{
		{"", of, "THREE", 401}, {"accounting", of, "THREE", 403}, {"support", of, "PROMO", 400}, {"support", of, "NONE", 404},
		{"support", of[:strings.LastIndex(of, "/")] + "/999", "THREE", 404}, {"support", of, "MIXED", 400},
	} {
		client := h.nobody
		if c.who != "" {
			client = h.as(c.who)
		}
		r := client.Post(c.of+"/voucher", object{"voucherableCode": c.code}).Want(c.status)
		if link := "</v1/acme/ops-api" + c.of + `/apply-vouchers>; rel="successor-version"`; r.Header.Get("Deprecation") != "true" || r.Header.Get("Link") != link {
			h.T.Errorf("%s %s: its headers are %v", c.who, c.of, r.Header)
		}
	}
}

func TestVouchers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		sorry := h.voucherable("SORRY-5")
		support := h.as("support")
		mia, group := h.of("mia", "/apply-vouchers"), on(h.group, "/apply-vouchers")
		g := h.golden(support, "vouchers")
		g.Note("By id, by code, or both; one voucher for each benefit.")
		g.Post(mia, object{"voucherableId": sorry, "reason": "The lock did not open."}).Want(201)
		g.Post(mia, object{"voucherableCode": "three"}).Want(201)
		g.Post(group, object{"voucherableId": sorry, "voucherableCode": "SORRY-5"}).Want(201)
		g.Get(h.of("mia", "/vouchers?size=2")).Want(200)
		g.Get(on(h.group, "/vouchers?sort=id,asc")).Want(200)
		g.Get(h.of("mia", "/vouchers?sort=value")).Want(400)

		g.Note("The older form does the same, and answers with the first.")
		older := g.Post(h.of("mia", "/voucher"), object{"voucherableCode": "THREE"}).Want(201)
		g.Post(on(h.group, "/voucher"), object{"voucherableId": sorry}).Want(201)
		link := fmt.Sprintf("</v1/acme/ops-api%s>; rel=\"successor-version\"", mia)
		if older.Header.Get("Deprecation") != "true" || older.Header.Get("Link") != link {
			t.Errorf("its headers are %v", older.Header)
		}
		h.deprecates(h.of("mia", ""))
		h.deprecates(on(h.group, ""))
		if n := support.Get(h.of("mia", "/vouchers")).Want(200).Len(""); n != 7 {
			t.Errorf("she has %d", n)
		}

		g.Note("What is refused:")
		g.Post(mia, object{}).Want(400)
		g.Post(mia, object{"voucherableId": sorry, "voucherableCode": "THREE"}).Want(400)
		g.Post(mia, object{"voucherableId": sorry, "reason": strings.Repeat("x", 501)}).Want(400)
		g.Post(mia, object{"voucherableId": 99}).Want(404)
		g.Post(mia, object{"voucherableCode": "NONE"}).Want(404)
		g.Post(mia, object{"voucherableCode": "PROMO"}).Want(400)
		g.Post(mia, object{"voucherableCode": "GONE"}).Want(400)
		g.Post(mia, object{"voucherableCode": "LATER"}).Want(400)
		g.Note("Its third benefit is in another currency: none of the three is made.")
		g.Post(mia, object{"voucherableCode": "MIXED"}).Want(400)
		g.Note("As often as it says, and no more.")
		g.Post(mia, object{"voucherableCode": "ONCE"}).Want(201)
		g.Post(mia, object{"voucherableCode": "ONCE"}).Want(409)
		g.Note("Of a branch that the caller does not see, and of the whole tenant.")
		g.Post(mia, object{"voucherableCode": "GRAZ"}).Want(404)
		g.Post(mia, object{"voucherableCode": "ALL"}).Want(404)
		g.Note("Whom they do not see, and what is not the account's own.")
		g.Post(h.of("gus", "/apply-vouchers"), object{"voucherableId": sorry}).Want(404)
		g.Post("/customers/99/apply-vouchers", object{"voucherableId": sorry}).Want(404)
		g.Post(on(h.rexGroup, "/apply-vouchers"), object{"voucherableId": sorry}).Want(404)
		g.Post(mia, object{"voucherableId": sorry, "rentalId": 99}).Want(404)
		g.Post(group, object{"voucherableId": sorry, "bookingId": 99}).Want(404)
		g.As(h.tokens["accounting"]).Post(mia, object{"voucherableId": sorry}).Want(403)
		if n := support.Get(h.of("mia", "/vouchers")).Want(200).Len(""); n != 9 {
			t.Errorf("she has %d: a refusal left some", n)
		}
		h.as("admin").Patch(on(h.group, ""), object{"state": "INACTIVE"}).Want(200)
		g.Note("Accounts that get nothing.")
		g.Post(group, object{"voucherableId": sorry}).Want(409)
		uma := h.of("uma", "")
		h.as("admin").Delete(uma).Want(204)
		g.Post(uma+"/apply-vouchers", object{"voucherableId": sorry}).Want(409)
		g.Post(uma+"/apply-vouchers", object{"voucherableCode": "NONE"}).Want(404)
		g.Note("Of a branch where the caller sees customers, and may not give.")
		h.role("support", "GRZ", "USER_READ")
		g.Post(mia, object{"voucherableCode": "GRAZ"}).Want(403)
		g.Post(uma+"/apply-vouchers", object{"voucherableCode": "GRAZ"}).Want(403)
		h.as("admin").Post(mia, object{"voucherableCode": "ALL"}).Want(201)
	})
}

// An answer that was lost is asked for again, and gives the same vouchers
// (contract §10.18).
func TestVouchersOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.voucherable("THREE")
		for _, form := range []string{"/apply-vouchers", "/voucher"} {
			client := h.as("support").Set("Idempotency-Key", "give"+form)
			first := client.Post(h.of("mia", "%s", form), object{"voucherableCode": "THREE"}).Want(201)
			again := client.Post(h.of("mia", "%s", form), object{"voucherableCode": "THREE"}).Want(201)
			if string(first.Body) != string(again.Body) || again.Header.Get("Deprecation") != first.Header.Get("Deprecation") || again.Header.Get("Link") != first.Header.Get("Link") {
				t.Errorf("%s: first %v %s, then %v %s", form, first.Header, first.Body, again.Header, again.Body)
			}
			client.Post(h.of("mia", "%s", form), object{"voucherableCode": "ONCE"}).Want(409)
		}
		for length, status := range map[int]int{128: 404, 129: 400} {
			r := h.as("support").Set("Idempotency-Key", strings.Repeat("k", length)).Post(h.of("mia", "/apply-vouchers"), object{"voucherableCode": "NONE"}).Want(status)
			if status == 400 && r.Text("fieldErrors.0.field") != "Idempotency-Key" {
				t.Errorf("a key too long is refused by %s", r.Body)
			}
		}
		if n := h.as("support").Get(h.of("mia", "/vouchers")).Want(200).Len(""); n != 6 {
			t.Errorf("she has %d vouchers", n)
		}
	})
}

// A plan shows what would become of cards and vouchers, and changes nothing.
func TestCarePlan(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.voucherable("SORRY-5")
		card := h.card("P-1", "")
		id := h.voucher("mia")
		g := h.golden(h.as("support"), "care_plan").Set("Roster-Plan", "true")
		g.Post(cardList, object{"cardNumber": "P-2", "rfidUid": "04A2", "rfidType": "NTAG", "branchId": h.Branch("VIE")}).Want(200)
		g.Post(card+"/assign", object{"userId": h.Person("mia")}).Want(200)
		g.Post(h.of("mia", "/apply-vouchers"), object{"voucherableCode": "SORRY-5", "reason": "Rain."}).Want(200)
		g.Post(fmt.Sprintf("/vouchers/%d/revoke", id), object{"reason": "Sun."}).Want(200)
		if h.as("support").Get(card).Want(200).Text("state") != "NEW" || h.as("support").Get(h.of("mia", "/vouchers")).Want(200).Len("") != 1 {
			t.Error("a plan changed something")
		}
	})
}

// What an account may have once, of four who give it at once, one gives.
func TestVoucherLimitRace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.voucherable("ONCE")
		for _, path := range []string{h.of("mia", "/apply-vouchers"), on(h.group, "/apply-vouchers")} {
			statuses := make([]int, 4)
			var running sync.WaitGroup
			for i := range statuses {
				client := h.as("support")
				running.Go(func() { statuses[i] = client.On(t).Post(path, object{"voucherableCode": "ONCE"}).Status })
			}
			running.Wait()
			if slices.Sort(statuses); !slices.Equal(statuses, []int{201, 409, 409, 409}) {
				t.Errorf("%s: %v", path, statuses)
			}
		}
	})
}

// How a voucher stands follows from its dates and from what became of it.
func TestVoucherLife(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.voucherable("SORRY-5")
		support := h.as("support")
		path := func(id int64) string { return fmt.Sprintf("/vouchers/%d/revoke", id) }
		first, second := h.voucher("mia"), h.voucher("mia")
		g := h.golden(support, "voucher_revoke")
		g.Post(path(first), object{"reason": "Given to the wrong one."}).Want(200)
		g.Post(path(first), nil).Want(409)
		g.Post(path(99), nil).Want(404)
		g.Post(path(second), object{"reason": strings.Repeat("x", 501)}).Want(400)
		g.Note("Of a branch where the caller may not give: of a customer whom they see, and of one whom they do not.")
		there := h.as("admin").Post(h.of("rex", "/apply-vouchers"), object{"voucherableCode": "GRAZ"}).Want(201)
		hidden := h.as("admin").Post(h.of("gus", "/apply-vouchers"), object{"voucherableCode": "GRAZ"}).Want(201)
		g.Post(path(number(there, "0.id")), nil).Want(403)
		g.Post(path(number(hidden, "0.id")), nil).Want(404)
		h.Clock.Forward(31 * 24 * time.Hour)
		g.Note("After its time it has expired, and there is nothing to take back.")
		g.Post(path(second), object{}).Want(409)
		g.Get(h.of("mia", "/vouchers")).Want(200)
	})
}

// A voucher for signups settles the fee, which stays settled.
func TestSignupVoucher(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.voucherable("WELCOME")
		h.Apply(h.CLI, "settings:\n- {key: signup.feeRequired, value: true}\n")
		admin := h.as("admin")
		if admin.Get(h.of("ida", "")).Want(200).At("signupSettled") != false {
			t.Error("it is settled before")
		}
		id := number(admin.Post(h.of("ida", "/apply-vouchers"), object{"voucherableCode": "WELCOME"}).Want(201), "0.id")
		admin.Post(fmt.Sprintf("/vouchers/%d/revoke", id), nil).Want(200)
		if admin.Get(h.of("ida", "")).Want(200).At("signupSettled") != true {
			t.Error("it is not settled")
		}
	})
}

// What an operator gave is taken off what the next rental costs, the group's off what
// the group pays; what was taken back is not.
func TestVoucherPaysForRental(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		support := h.as("support")
		h.voucherable("SORRY-5")
		mia := h.Person("mia")
		_, err := h.Business.AddPaymentSource(t.Context(), h.rider(mia), mia, business.NewSource{Type: business.CreditCard, Label: "Card"})
		if err != nil {
			t.Fatal(err)
		}
		revoked := h.voucher("mia")
		support.Post(fmt.Sprintf("/vouchers/%d/revoke", revoked), nil).Want(200)
		h.Clock.Forward(time.Minute)
		first := h.rides(mia, 0)
		if len(first.Ledger.Rebates) != 0 {
			t.Errorf("a voucher that was taken back paid %+v", first.Ledger.Rebates)
		}
		g := h.golden(support, "voucher_rental")
		g.Note("For a rental of hers: 5.00 off the next ones.")
		given := g.Post(h.of("mia", "/apply-vouchers"), object{"voucherableCode": "SORRY-5", "reason": "Rain.", "rentalId": first.ID}).Want(201)
		g.Note("A rental is the account's own.")
		g.Post(h.of("max", "/apply-vouchers"), object{"voucherableCode": "SORRY-5", "rentalId": first.ID}).Want(404)
		g.Post(on(h.group, "/apply-vouchers"), object{"voucherableCode": "SORRY-5", "rentalId": first.ID}).Want(404)
		second := h.rides(mia, 0)
		if r := second.Ledger.Rebates; len(r) != 1 || r[0].Price.Gross != -second.Price.Gross || r[0].Price.Gross == 0 {
			t.Errorf("the rental costs %+v, and vouchers paid %+v", second.Price, r)
		}
		left := roster.Amount(50_000) - second.Price.Gross
		if got := h.voucherLeft("mia", number(given, "0.id")); got != left.String() {
			t.Errorf("%s is left, want %s", got, left)
		}
		for range 20 {
			h.rides(mia, 0)
		}
		g.Note("Used up:")
		g.Get(h.of("mia", "/vouchers?size=1")).Want(200)
		g.Post(fmt.Sprintf("/vouchers/%d/revoke", number(given, "0.id")), nil).Want(409)

		g.Note("The group's pays for the group's.")
		own := h.rides(mia, h.group)
		g.Post(on(h.group, "/apply-vouchers"), object{"voucherableCode": "SORRY-5", "rentalId": own.ID}).Want(201)
		if r := h.rides(mia, h.group).Ledger.Rebates; len(r) != 1 {
			t.Errorf("the group's voucher paid %+v", r)
		}
		if r := h.rides(mia, 0).Ledger.Rebates; len(r) != 0 {
			t.Errorf("the group's voucher paid %+v for her own", r)
		}
	})
}

// rider is a customer in the user API.
func (h *house) rider(person int64) roster.Actor {
	return roster.Actor{Tenant: h.CLI.Tenant, ID: fmt.Sprintf("person:%d", person), PersonID: person, API: roster.UserAPI, Role: identity.RoleUser}
}

// rides has somebody ride for ten minutes, on the cost of a group, or of their own (0),
// and returns the rental as it ended.
func (h *house) rides(person, group int64) *mobility.RentalView {
	h.T.Helper()
	rider := h.rider(person)
	payer := mobility.Payer{Type: mobility.Personal}
	if group != 0 {
		payer = mobility.Payer{Type: mobility.Business, GroupID: group}
	}
	r, err := h.Mobility.CreateRental(h.T.Context(), rider, mobility.NewRental{VehicleCode: "B-1", Payer: payer, Start: mobility.Active})
	if err != nil {
		h.T.Fatalf("%+v", roster.AsError(err))
	}
	h.Clock.Forward(10 * time.Minute)
	if r, err = h.Mobility.EndRental(h.T.Context(), rider, r.ID, mobility.End{}); err != nil {
		h.T.Fatal(err)
	}
	return r
}

// voucherLeft is what is left of a customer's voucher.
func (h *house) voucherLeft(name string, id int64) (left string) {
	h.T.Helper()
	person := h.Person(name)
	h.Read(h.CLI, func(tx *store.Tx) error {
		all, _, err := care.VouchersOf(tx, person, roster.Page{Limit: 100})
		for _, v := range all {
			if v.ID == id {
				left = v.Remaining.String()
			}
		}
		return err
	})
	return left
}
