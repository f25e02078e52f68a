package opsapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
)

// side is a group of VIE beside the house's own, that of ian.
func (h *house) side() int64 {
	h.t.Helper()
	if h.sideGroup == 0 {
		h.sideGroup = h.newGroup("VIE", "ian", "Side")
		h.agrees("ian")
	}
	return h.sideGroup
}

// agrees has somebody accept the terms of VIE.
func (h *house) agrees(name string) {
	h.as("admin").Post(h.of(name, "/accept-terms-and-conditions?branchId=%d", h.branch("VIE")), nil).Want(200)
}

// booking is a booking of ian's on his group, tomorrow, each an hour after the other.
func (h *house) booking() int64 {
	h.t.Helper()
	group := h.side()
	ian := h.cli
	ian.API, ian.PersonID = roster.UserAPI, h.person("ian")
	h.booked++
	tomorrow := h.clock.now().Add(24*time.Hour + time.Duration(h.booked)*time.Hour).UnixMicro()
	b, err := h.mobility.CreateBooking(h.t.Context(), ian, mobility.NewBooking{
		BranchID: h.branch("VIE"), CategoryID: 1, StartTime: tomorrow, EndTime: tomorrow + time.Hour.Microseconds(),
		Payer: mobility.Payer{Type: mobility.Business, GroupID: group},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return b.ID
}

// A booking that the operator can't deliver is taken back, once.
func TestAbortBooking(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden(h.as("support"), "booking_abort")
		path := fmt.Sprintf("/bookings/%d/abort", h.booking())
		g.Post(path, object{"reason": strings.Repeat("x", 501)}).Want(400)
		g.Post(path, object{"reason": "The vehicle broke down."}).Want(200)
		g.Post(path, nil).Want(409)
		g.Post("/bookings/999/abort", nil).Want(404)
	})
}
