package userapi_test

import (
	"os"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/api/apitest"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// guide is every call that the guide names in its tables (seeds/000), and the three that
// its text asks for: the check before a rental or booking, and the creation of either.
var guide = []string{
	"GET /groups", "GET /groups/requests", "PATCH /groups/requests/{requestId}", "POST /groups/{groupCode}/join", "POST /groups/{code}/leave",
	"GET /groups-management", "POST /groups-management", "GET /groups-management/{userGroupId}", "PATCH /groups-management/{userGroupId}",
	"DELETE /groups-management/{userGroupId}", "POST /groups-management/{userGroupId}/add-members", "PATCH /groups-management/{userGroupId}/{memberCode}",
	"GET /groups-management/{userGroupId}/members", "GET /groups-management/{userGroupId}/members/{userId}",
	"PATCH /groups-management/{userGroupId}/members/{userId}", "PUT /groups-management/{userGroupId}/members/{userId}",
	"GET /groups-management/{userGroupId}/requests", "PATCH /groups-management/{userGroupId}/requests/{requestId}",
	"GET /cost-centers", "POST /cost-centers", "GET /cost-centers/{costCenterId}", "PATCH /cost-centers/{costCenterId}", "DELETE /cost-centers/{costCenterId}",
	"GET /bookings/user-group/{userGroupId}", "GET /rentals/user-group/{userGroupId}", "GET /groups-management/{userGroupId}/billing-summary",
	"GET /rentals/requirements", "POST /rentals", "POST /bookings",
}

// The calls of the guide are there under its names, and what is more is marked.
func TestGuideCalls(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	apitest.GuideCalls(t, h.server, h.nobody, "/v1/{tenant}/front", guide)
}

// The screen before a rental, as the guide describes it: a group is an option beside
// one's own payment; what is asked depends on which is chosen; the rental names the
// group's code, and no payment source of one's own.
func TestRentalStartScreen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		source := number(h.mia.Post("/me/payment-sources", object{"type": "CREDIT_CARD"}).Want(201), "id")
		h.costCenter("MKT")
		h.edit(func(a *business.Account) { a.Settings.RequireCostCenter, a.Settings.RequireBusinessReason = true, true })

		group := h.mia.Get("/groups").Want(200)
		code, center := group.Text("0.code"), number(group, "0.costCenters.0.id")
		if group.Text("0.membershipState") != "ACTIVE" || group.Text("0.paymentState") != "INVOICING" || group.At("0.settings.requireBusinessReason") != true {
			t.Errorf("the option says %s", group.Body)
		}
		if r := h.mia.Get("/rentals/requirements?vehicleCode=B-1").Want(200); r.At("fulfilled") != true {
			t.Errorf("on my own: %s", r.Body)
		}
		if r := h.mia.Get("/rentals/requirements?vehicleCode=B-1&userGroupCode=" + code).Want(200); r.At("fulfilled") != false || r.Text("type") != "BUSINESS" {
			t.Errorf("on the group: %s", r.Body)
		}
		body := object{"vehicleCode": "B-1", "type": "BUSINESS", "userGroupCode": code, "costCenterId": center, "businessReason": "Visit"}
		body["paymentSourceId"] = source
		if code := h.mia.Post("/rentals", body).Want(400).Text("errorCode"); code != business.CodePersonalSource {
			t.Errorf("with a source of one's own: %s", code)
		}
		delete(body, "paymentSourceId")
		if r := h.mia.Post("/rentals", body).Want(201); number(r, "userGroupId") != h.group || r.At("paymentSourceId") != nil {
			t.Errorf("the rental is %s", r.Body)
		}
	})
}

// The page shows the lives of what riders and managers decide on, as the areas have them.
func TestPageShowsLives(t *testing.T) {
	text, err := os.ReadFile("../../../docs/user.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, life := range map[string]*roster.Lifecycle{
		"request to join": business.JoinRequestLife, "invitation": business.InvitationLife, "rental": mobility.RentalLife, "booking": mobility.BookingLife,
	} {
		if table := life.Markdown(); !strings.Contains(string(text), table) {
			t.Errorf("the page does not show the life of a %s:\n%s", name, table)
		}
	}
}
