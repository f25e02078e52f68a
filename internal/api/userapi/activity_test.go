package userapi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// drive makes a rental on the group Acme, or the rider's own (""), that takes minutes.
func (h *house) drive(name, vehicle, code string, minutes int, more object) int64 {
	h.T.Helper()
	body := object{"vehicleCode": vehicle, "startRentalState": "ACTIVE"}
	if code != "" {
		body["userGroupCode"] = code
	}
	for k, v := range more {
		body[k] = v
	}
	rider := h.nobody.As(h.tokens[name])
	id := number(rider.Post("/rentals", body).Want(201), "id")
	h.Clock.Forward(time.Duration(minutes) * time.Minute)
	rider.Post(fmt.Sprintf("/rentals/%d/end", id), nil).Want(200)
	return id
}

func ids(r *wiretest.Response) string {
	var all []struct{ ID int64 }
	r.Want(200).Into(&all)
	text := ""
	for _, v := range all {
		text += fmt.Sprint(v.ID, " ")
	}
	return text
}

// A group's lists show what was booked on the group, of members present and former,
// and nothing of their own.
func TestGroupActivity(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		center := h.costCenter("MKT")
		h.mia.Post("/me/payment-sources", object{"type": "SEPA"}).Want(201)
		first := h.drive("mia", "B-1", h.code, 5, object{"costCenterId": center})
		second := h.Clock.Text(0)
		own := h.drive("mia", "B-1", "", 5, nil)
		third := h.drive("max", "B-2", h.code, 5, nil)
		open := number(h.mia.Post("/rentals", object{"vehicleCode": "B-1", "userGroupCode": h.code}).Want(201), "id")
		h.max.Post("/groups/"+h.code+"/leave", nil).Want(200)
		path := fmt.Sprintf("/rentals/user-group/%d", h.group)
		for query, want := range map[string][]int64{
			"": {open, third, first}, "?sort=startTime,asc": {first, third, open}, "?state=ENDED": {third, first},
			"?state=RESERVATION&state=ACTIVE": {open}, "?costCenterId=" + fmt.Sprint(center): {first},
			"?userId=" + fmt.Sprint(h.Person("max")): {third}, "?userId=" + fmt.Sprint(h.Person("ida")): {},
			"?from=" + second: {open, third}, "?to=" + second: {first}, "?from=2026-03-02&to=2026-03-03": {open, third, first},
			"?from=2026-03-03": {}, "?size=1&page=1": {third},
		} {
			text := ""
			for _, id := range want {
				text += fmt.Sprint(id, " ")
			}
			if got := ids(h.olga.Get(path + query)); got != text {
				t.Errorf("%s: %s, want %s", query, got, text)
			}
		}
		if got := ids(h.mia.Get("/rentals?sort=id,asc")); got != fmt.Sprint(first, " ", own, " ", open, " ") {
			t.Errorf("mia's own list: %s", got)
		}
		g := h.golden(h.olga, "group_activity")
		for _, kind := range []string{"rentals", "bookings"} {
			path := fmt.Sprintf("/%s/user-group/%d", kind, h.group)
			g.Get(path + "?from=2026-03-03&to=2026-03-02").Want(400)
			g.Get(path + "?from=yesterday").Want(400)
			g.Get(path + "?state=LOST").Want(400)
			g.Get(path + "?userId=me").Want(400)
			g.Get(path + "?size=0").Want(400)
			h.as(g, "mia").Get(path).Want(403)
			h.as(g, "ida").Get(path).Want(404)
		}
	})
}
