package userapi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
)

func TestPersonalRental(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.ida.Post("/me/payment-sources", object{"type": "CREDIT_CARD", "label": "My card"}).Want(201)
		g := h.golden(h.ida, "personal_rental")
		g.Get("/rentals").Want(200)
		id := number(g.Post("/rentals", object{"vehicleCode": "b-1", "additions": []string{}, "position": object{"lat": 48.2, "lng": 16.37}}).Want(201), "id")
		path := fmt.Sprintf("/rentals/%d", id)
		g.Get(path).Want(200)
		h.Clock.Forward(2 * time.Minute)
		g.Post(path+"/start", nil).Want(200)
		g.Note("12 minutes and a bit are 13; 1.00 and 13 × 0.19.")
		h.Clock.Forward(12*time.Minute + time.Second)
		g.Post(path+"/end", object{"endKilometers": 16.25, "endPosition": object{"lat": 48.21, "lng": 16.38}}).Want(200)
		g.Note("A second: started at once, and ended where it stood.")
		now := number(g.Post("/rentals", object{"vehicleCode": "B-2", "startRentalState": "ACTIVE", "type": "PERSONAL"}).Want(201), "id")
		g.Post(fmt.Sprintf("/rentals/%d/end", now), object{"endKilometers": 0}).Want(200)
		g.Note("A third: given up.")
		last := number(g.Post("/rentals", object{"vehicleCode": "B-1"}).Want(201), "id")
		g.Post(fmt.Sprintf("/rentals/%d/cancel", last), nil).Want(200)
		g.Get("/rentals?state=ENDED&state=CANCELLED&sort=startTime,desc").Want(200)
	})
}

func TestRentalErrors(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.ida, "rental_errors")
		g.Note("One requirement that is not fulfilled gives its own code.")
		g.Post("/rentals", object{"vehicleCode": "B-1"}).Want(400)
		g.Note("Several give R903; all are told.")
		g.Post("/rentals", object{"vehicleCode": "C-1"}).Want(400)
		h.ida.Post("/me/payment-sources", object{"type": "SEPA"}).Want(201)
		g.Post("/rentals", object{}).Want(400)
		g.Post("/rentals", object{"vehicleCode": "NONE"}).Want(404)
		g.Post("/rentals", object{"vehicleId": 99}).Want(404)
		g.Post("/rentals", object{"vehicleId": 1, "vehicleCode": "B-1"}).Want(400)
		g.Post("/rentals", object{"vehicleCode": "B-1", "startRentalState": "ENDED"}).Want(400)
		g.Post("/rentals", object{"vehicleCode": "B-1", "position": object{"lat": 91, "lng": 0}}).Want(400)
		g.Post("/rentals", object{"vehicleCode": "B-1", "paymentSourceId": 99}).Want(404)
		g.Post("/rentals", object{"vehicleCode": "B-1", "costCenterId": 1}).Want(400)
		g.Post("/rentals", object{"bookingId": 99}).Want(404)
		g.Note("Who pays must be said without contradiction.")
		g.Post("/rentals", object{"vehicleCode": "B-1", "type": "BUSINESS"}).Want(400)
		g.Post("/rentals", object{"vehicleCode": "B-1", "type": "PERSONAL", "userGroupCode": h.code}).Want(400)
		g.Post("/rentals", object{"vehicleCode": "B-1", "userGroupCode": h.code, "paymentSourceId": 1}).Want(400)
		g.Note("A group that is not mine is not there.")
		g.Post("/rentals", object{"vehicleCode": "B-1", "userGroupCode": h.code}).Want(404)
		g.Post("/rentals", object{"vehicleCode": "B-1", "userGroupId": h.group}).Want(404)
		g.Post("/rentals", object{"vehicleCode": "B-1", "userGroupCode": "NOSUCH22"}).Want(404)
		g.Note("A vehicle is one rider's at a time, and an active rental the rider's only one.")
		id := number(h.mia.Post("/rentals", object{"vehicleCode": "B-1", "userGroupCode": h.code}).Want(201), "id")
		g.Post("/rentals", object{"vehicleCode": "B-1"}).Want(400)
		own := number(h.ida.Post("/rentals", object{"vehicleCode": "B-2", "startRentalState": "ACTIVE"}).Want(201), "id")
		g.Post("/rentals", object{"vehicleCode": "B-3", "startRentalState": "ACTIVE"}).Want(400)
		g.Note("Somebody else's rental is not there.")
		g.Get(fmt.Sprintf("/rentals/%d", id)).Want(404)
		g.Post(fmt.Sprintf("/rentals/%d/start", id), nil).Want(404)
		g.Post(fmt.Sprintf("/rentals/%d/end", id), nil).Want(404)
		g.Post(fmt.Sprintf("/rentals/%d/cancel", id), nil).Want(404)
		g.Note("Steps that a rental's state does not allow:")
		g.Post(fmt.Sprintf("/rentals/%d/start", own), object{"position": object{"lat": 0, "lng": 0}}).Want(409)
		g.Post(fmt.Sprintf("/rentals/%d/cancel", own), nil).Want(409)
		g.Post(fmt.Sprintf("/rentals/%d/end", own), object{"endKilometers": -1}).Want(400)
		h.ida.Post(fmt.Sprintf("/rentals/%d/end", own), nil).Want(200)
		g.Post(fmt.Sprintf("/rentals/%d/end", own), nil).Want(409)
		g.Get("/rentals?state=LOST").Want(400)
		g.Get("/rentals?sort=price").Want(400)
		g.Note("Too far from the vehicle:")
		g.Post("/rentals", object{"vehicleCode": "B-3", "position": object{"lat": 47.08, "lng": 15.44}}).Want(400)
		h.ida.Set("Roster-Plan", "true").Post("/rentals", object{"vehicleCode": "B-3", "position": object{"lat": 47.071, "lng": 15.44}}).Want(200)
		g.Note("Terms that are not accepted:")
		h.as(g, "uma").Post("/rentals", object{"vehicleCode": "B-3"}).Want(400)
	})
}

func TestBusinessRental(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		center, other := h.costCenter("MKT"), h.costCenter("OPS")
		h.olga.Patch(h.managed(""), object{"settings": object{
			"requireCostCenter": true, "requireBusinessReason": true, "businessReasons": []string{"Fair"}, "requireDrivingLog": true,
		}}).Want(200)
		g := h.golden(h.mia, "business_rental")
		g.Note("The check says what creation will.")
		g.Get("/rentals/requirements?vehicleCode=C-1&userGroupCode=" + h.code).Want(200)
		g.Post("/rentals", object{"vehicleCode": "C-1", "userGroupCode": h.code, "type": "BUSINESS"}).Want(400)
		g.Post("/rentals", object{"vehicleCode": "C-1", "userGroupCode": h.code, "costCenterId": center, "businessReason": "Fun"}).Want(400)
		g.Post("/rentals", object{"vehicleCode": "C-1", "userGroupCode": h.code, "costCenterId": 99, "businessReason": "Fair"}).Want(400)
		id := number(g.Post("/rentals", object{
			"vehicleCode": "C-1", "userGroupCode": h.code, "userGroupId": h.group, "type": "BUSINESS", "costCenterId": center, "businessReason": "Fair", "startRentalState": "ACTIVE",
		}).Want(201), "id")
		path := fmt.Sprintf("/rentals/%d", id)
		g.Note("What is captured stays, whatever becomes of the group's rules.")
		h.olga.Patch(h.managed(""), object{"defaultCostCenterId": other}).Want(200)
		h.Clock.Forward(10 * time.Minute)
		g.Post(path+"/end", object{"endKilometers": 1020}).Want(400)
		g.Post(path+"/end", object{"drivingLog": object{"purpose": "Fair", "startKilometers": 1000, "endKilometers": 1020.5, "note": "Traffic"}}).Want(200)
		g.Note("Its vouchers pay first: 2.00 + 10 × 0.30 + 20.5 × 0.25, less 5.00.")
		h.voucher(h.group)
		again := number(g.Post("/rentals", object{"vehicleCode": "C-2", "userGroupId": h.group, "businessReason": "Fair", "startRentalState": "ACTIVE"}).Want(201), "id")
		h.Clock.Forward(20 * time.Minute)
		g.Post(fmt.Sprintf("/rentals/%d/end", again), object{"drivingLog": object{"purpose": "Fair"}}).Want(200)
		g.Get(fmt.Sprintf("/rentals/%d", again)).Want(200)
		g.Note("A manager sees who drove, and where only if the operator shows that.")
		h.as(g, "adam").Get(fmt.Sprintf("/rentals/user-group/%d", h.group)).Want(200)
	})
}

// Each refusal of a business rental has its own code, and nothing is made (contract
// §10.7, §10.8).
func TestBusinessRentalRefusals(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		rent := func(name string, more object) object {
			body := object{"vehicleCode": "B-1", "userGroupCode": h.code}
			for k, v := range more {
				body[k] = v
			}
			var out object
			h.nobody.As(h.tokens[name]).Post("/rentals", body).Want(400).Into(&out)
			return out
		}
		want := func(name, code string, more object) {
			t.Helper()
			if got := rent(name, more)["errorCode"]; got != code {
				t.Errorf("%s is refused with %v, want %s", name, got, code)
			}
		}
		want("mia", business.CodePersonalSource, object{"paymentSourceId": 1})
		want("mia", business.CodeTypeAndAccount, object{"type": "PERSONAL"})
		want("mia", business.CodeTypeAndAccount, object{"userGroupCode": "", "type": "BUSINESS"})
		want("mia", business.CodeCostCenter, object{"costCenterId": 99})
		h.editMember("mia", func(m *business.Member) { m.State = business.MemberInactive })
		want("mia", business.CodeInactiveMember, nil)
		h.editMember("mia", func(m *business.Member) { m.State = business.MemberActive })
		h.olga.Patch(h.managed(""), object{"settings": object{"requireMemberApproval": true}}).Want(200)
		for _, state := range []string{business.ApprovalPending, business.Rejected} {
			h.olga.Patch(h.managed("/members/%d", h.Person("mia")), object{"approval": object{"state": state}}).Want(200)
			want("mia", business.CodeNotApproved, nil)
		}
		h.olga.Patch(h.managed("/members/%d", h.Person("mia")), object{"approval": object{"state": "APPROVED"}}).Want(200)
		h.edit(func(a *business.Account) { a.PaymentState = business.NoPayment })
		want("mia", business.CodeNoPayment, nil)
		h.edit(func(a *business.Account) {
			a.PaymentState, a.AllowedBranchIDs = business.Invoicing, []int64{h.Branch("GRZ")}
		})
		want("mia", business.CodeNotPermitted, nil)
		h.edit(func(a *business.Account) { a.AllowedBranchIDs = nil })
		h.olga.Patch(h.managed("/members/%d", h.Person("mia")), object{"spendingLimit": object{"amount": 0, "currency": "EUR", "period": "DAY"}}).Want(200)
		want("mia", business.CodeSpendingLimit, nil)
		h.olga.Patch(h.managed("/members/%d", h.Person("mia")), object{"spendingLimit": nil}).Want(200)
		h.olga.Patch(h.managed(""), object{"settings": object{"requiredMemberProperties": []string{"employeeNumber"}}}).Want(200)
		if details := rent("mia", nil)["details"]; details == nil {
			t.Error("a missing property is not told")
		}
		h.olga.Patch(h.managed(""), object{"settings": object{"requiredMemberProperties": []string{}}}).Want(200)
		h.max.Post("/groups/"+h.code+"/leave", nil).Want(200)
		h.editMember("mia", func(m *business.Member) { m.State = business.MemberInactive })
		want("max", business.CodeInactiveMember, nil)
		for _, name := range []string{"mia", "max"} {
			if n := h.nobody.As(h.tokens[name]).Get("/rentals").Want(200).Len(""); n != 0 {
				t.Errorf("%s has %d rentals", name, n)
			}
		}
		h.editMember("mia", func(m *business.Member) { m.State = business.MemberActive })
		h.mia.Post("/rentals", object{"vehicleCode": "B-1", "userGroupCode": h.code}).Want(201)
	})
}

// One rental is made, however often the call is repeated with its key.
func TestRentalIdempotency(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		body := object{"vehicleCode": "B-1", "userGroupCode": h.code}
		keyed := h.mia.Set("Idempotency-Key", "rent-1")
		first := keyed.Post("/rentals", body).Want(201)
		for range 3 {
			again := keyed.Post("/rentals", body).Want(201)
			if string(again.Body) != string(first.Body) || again.Header.Get("Location") != first.Header.Get("Location") || again.Header.Get("ETag") != first.Header.Get("ETag") {
				t.Errorf("again: %s", again.Body)
			}
		}
		if n := h.mia.Get("/rentals").Want(200).Len(""); n != 1 {
			t.Errorf("%d rentals", n)
		}
		g := h.golden(h.mia, "rental_idempotency")
		g.Note("The same key with another body:")
		g.Set("Idempotency-Key", "rent-1").Post("/rentals", object{"vehicleCode": "B-2", "userGroupCode": h.code}).Want(409)
		g.Note("A refusal is judged anew.")
		g.Set("Idempotency-Key", "rent-2").Post("/rentals", body).Want(400)
		h.mia.Post(fmt.Sprintf("/rentals/%d/cancel", number(first, "id")), nil).Want(200)
		h.mia.Set("Idempotency-Key", "rent-2").Post("/rentals", body).Want(201)
		// Another rider's key of that name is another key.
		h.max.Set("Idempotency-Key", "rent-1").Post("/rentals", object{"vehicleCode": "B-2", "userGroupCode": h.code}).Want(201)
	})
}
