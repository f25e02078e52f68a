package userapi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
)

// window is the body of a booking of a car in VIE, from in some hours for some.
func (h *house) window(in, hours time.Duration, more object) object {
	body := object{
		"branchId": h.Branch("VIE"), "vehicleCategoryId": 2,
		"startTime": h.Clock.Text(in * time.Hour), "endTime": h.Clock.Text((in + hours) * time.Hour),
	}
	for k, v := range more {
		body[k] = v
	}
	return body
}

func TestBookings(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		center := h.costCenter("MKT")
		g := h.golden(h.mia, "bookings")
		g.Get("/bookings").Want(200)
		id := number(g.Post("/bookings", h.window(24, 3, object{"userGroupCode": h.code, "costCenterId": center, "businessReason": "Fair"})).Want(201), "id")
		path := fmt.Sprintf("/bookings/%d", id)
		g.Get(path).Want(200)
		g.Note("One of my own is given up in time, free of charge.")
		h.mia.Post("/me/payment-sources", object{"type": "SEPA"}).Want(201)
		own := number(g.Post("/bookings", h.window(24, 3, object{"stationId": 7, "rentalType": "PERSONAL"})).Want(201), "id")
		g.Post(fmt.Sprintf("/bookings/%d/cancel", own), nil).Want(200)
		g.Note("A late one costs its price.")
		late := number(g.Post("/bookings", h.window(2, 1, object{"type": "FLOATING"})).Want(201), "id")
		h.Clock.Forward(90 * time.Minute)
		g.Post(fmt.Sprintf("/bookings/%d/cancel", late), nil).Want(200)
		g.Note("The first is started by a rental, which captures group, cost center and reason.")
		h.Clock.Forward(22*time.Hour + 35*time.Minute)
		rental := number(g.Post("/rentals", object{"bookingId": id}).Want(201), "id")
		g.Get(path).Want(200)
		h.Clock.Forward(time.Hour)
		g.Post(fmt.Sprintf("/rentals/%d/end", rental), object{"endKilometers": 1010}).Want(200)
		g.Get(path).Want(200)
		g.Get("/bookings?state=SUCCESSFUL&state=CANCELED&sort=startTime,asc").Want(200)
		g.Note("A manager sees those on the group, and none of the member's own.")
		h.as(g, "olga").Get(fmt.Sprintf("/bookings/user-group/%d", h.group)).Want(200)
	})
}

func TestBookingErrors(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.mia, "booking_errors")
		g.Hide(`"(?:startTime|endTime)":"([^"]+)"`, "instant")
		book := func(more object) object {
			body := h.window(24, 3, object{"userGroupCode": h.code})
			for k, v := range more {
				body[k] = v
			}
			return body
		}
		g.Post("/bookings", object{"userGroupCode": h.code}).Want(400)
		g.Post("/bookings", book(object{"startTime": "tomorrow"})).Want(400)
		g.Post("/bookings", book(object{"startTime": h.Clock.Text(-time.Hour)})).Want(400)
		g.Post("/bookings", book(object{"endTime": h.Clock.Text(time.Hour)})).Want(400)
		g.Post("/bookings", book(object{"branchId": 99})).Want(404)
		g.Post("/bookings", book(object{"vehicleCategoryId": 99})).Want(400)
		g.Note("Graz has no cars, and Vienna two.")
		g.Post("/bookings", book(object{"branchId": h.Branch("GRZ")})).Want(400)
		h.mia.Post("/bookings", book(nil)).Want(201)
		h.mia.Post("/bookings", book(nil)).Want(201)
		g.Post("/bookings", book(nil)).Want(400)
		later := object{"startTime": h.Clock.Text(48 * time.Hour), "endTime": h.Clock.Text(49 * time.Hour)}
		g.Post("/bookings", book(object{"startTime": later["startTime"], "endTime": later["endTime"], "rentalType": "PERSONAL"})).Want(400)
		g.Post("/bookings", book(object{"startTime": later["startTime"], "endTime": later["endTime"], "paymentSourceId": 1})).Want(400)
		g.Post("/bookings", book(object{"startTime": later["startTime"], "endTime": later["endTime"], "userGroupCode": "NOSUCH22"})).Want(404)
		g.Note("Max has no license.")
		h.as(g, "max").Post("/bookings", book(later)).Want(400)
		id := number(h.mia.Post("/bookings", book(later)).Want(201), "id")
		g.Note("Somebody else's is not there; a manager sees it, and does not decide where nobody has to.")
		i := h.as(g, "ida")
		i.Get(fmt.Sprintf("/bookings/%d", id)).Want(404)
		i.Post(fmt.Sprintf("/bookings/%d/cancel", id), nil).Want(404)
		i.Post(fmt.Sprintf("/bookings/%d/approve", id), nil).Want(404)
		o := h.as(g, "olga")
		o.Get(fmt.Sprintf("/bookings/%d", id)).Want(200)
		o.Post(fmt.Sprintf("/bookings/%d/cancel", id), nil).Want(404)
		o.Post(fmt.Sprintf("/bookings/%d/approve", id), nil).Want(409)
		h.mia.Post(fmt.Sprintf("/bookings/%d/cancel", id), nil).Want(200)
		g.Post(fmt.Sprintf("/bookings/%d/cancel", id), nil).Want(409)
		g.Post("/rentals", object{"bookingId": id}).Want(409)
		g.Get("/bookings?state=LOST").Want(400)
	})
}

func TestBookingApproval(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.olga.Patch(h.managed(""), object{"settings": object{"requireBookingApproval": true}}).Want(200)
		h.olga.Patch(h.managed("/members/%d", h.Person("max")), object{"billingRole": "APPROVER"}).Want(200)
		h.editMember("mia", func(m *business.Member) { m.SuperiorEmail = "ida@example.org" })
		id := number(h.mia.Post("/bookings", h.window(24, 3, object{"userGroupCode": h.code})).Want(201), "id")
		other := number(h.mia.Post("/bookings", h.window(30, 3, object{"userGroupCode": h.code})).Want(201), "id")
		path := func(id int64, rest string) string { return fmt.Sprintf("/bookings/%d%s", id, rest) }
		g := h.golden(h.mia, "booking_approval")
		g.Note("It waits, and nobody decides on their own.")
		g.Get(path(id, "")).Want(200)
		g.Post(path(id, "/approve"), nil).Want(403)
		g.Post("/rentals", object{"bookingId": id}).Want(409)
		g.Note("The owner does not decide where there are approvers; a stranger finds nothing.")
		h.as(g, "olga").Post(path(id, "/approve"), nil).Want(403)
		h.as(g, "rex").Post(path(id, "/approve"), nil).Want(404)
		g.Note("The superior, who need not be a member, and an approver decide.")
		i := h.as(g, "ida")
		i.Get(path(id, "")).Want(200)
		i.Post(path(id, "/approve"), nil).Want(200)
		i.Post(path(id, "/decline"), nil).Want(409)
		m := h.as(g, "max")
		m.Post(path(other, "/decline"), object{"reason": 7}).Want(400)
		m.Post(path(other, "/decline"), object{"reason": "Take the train"}).Want(200)
	})
}
