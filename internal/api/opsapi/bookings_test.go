package opsapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
)

// booking is a booking of mia's on the house's group, tomorrow.
func (h *house) booking() int64 {
	h.t.Helper()
	mia := h.cli
	mia.API, mia.PersonID = roster.UserAPI, h.person("mia")
	tomorrow := h.clock.now().Add(24 * time.Hour).UnixMicro()
	b, err := h.mobility.CreateBooking(h.t.Context(), mia, mobility.NewBooking{
		BranchID: h.branch("VIE"), CategoryID: 1, StartTime: tomorrow, EndTime: tomorrow + time.Hour.Microseconds(),
		Payer: mobility.Payer{Type: mobility.Business, GroupID: h.group},
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
