package opsapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/jobs/post/posttest"
	"github.com/rosterhq/roster/internal/mobility"
)

// side is a group of VIE beside the house's own, that of ian.
func (h *house) side() int64 {
	h.T.Helper()
	if h.sideGroup == 0 {
		h.sideGroup = h.NewGroup("VIE", "ian", "Side").ID
		h.agrees("ian")
	}
	return h.sideGroup
}

// agrees has somebody accept the terms of VIE.
func (h *house) agrees(name string) {
	h.as("admin").Post(h.of(name, "/accept-terms-and-conditions?branchId=%d", h.Branch("VIE")), nil).Want(200)
}

// booking is a booking of ian's on his group, tomorrow, each an hour after the other.
func (h *house) booking() int64 {
	h.T.Helper()
	group := h.side()
	h.booked++
	tomorrow := h.Clock.Now().Add(24*time.Hour + time.Duration(h.booked)*time.Hour).UnixMicro()
	b, err := h.Mobility.CreateBooking(h.T.Context(), h.rider(h.Person("ian")), mobility.NewBooking{
		BranchID: h.Branch("VIE"), CategoryID: 1, StartTime: tomorrow, EndTime: tomorrow + time.Hour.Microseconds(),
		Payer: mobility.Payer{Type: mobility.Business, GroupID: group},
	})
	if err != nil {
		h.T.Fatal(err)
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

// The renter is told by mail that their booking was taken back, once, and why.
func TestAbortMail(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var box posttest.Box
		runner := jobs.New(h.DB, jobs.Options{})
		h.Mobility.RegisterJobs(runner, &box)
		abort := func(body any, says ...string) {
			t.Helper()
			id, before := h.booking(), len(box.Mails())
			path := fmt.Sprintf("/bookings/%d/abort", id)
			h.as("support").Post(path, body).Want(200)
			h.as("support").Post(path, body).Want(409)
			if err := runner.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if sent := box.Mails()[before:]; len(sent) != 1 || sent[0].To != "ian@example.org" {
				t.Fatalf("the mails are %+v", sent)
			}
			m := box.Last("ian@example.org")
			if m.Subject != fmt.Sprintf("Your booking %d is aborted", id) {
				t.Errorf("its subject is %q", m.Subject)
			}
			for _, part := range append(says, "business account Side is aborted", "Vehicle: ", "Branch: ", "2026-03-03 ") {
				if !strings.Contains(m.Text, part) {
					t.Errorf("the mail does not say %q:\n%s", part, m.Text)
				}
			}
			if len(says) == 0 && strings.Contains(m.Text, "Reason") {
				t.Errorf("the mail gives a reason:\n%s", m.Text)
			}
		}
		abort(object{"reason": "The vehicle broke down."}, "Reason: The vehicle broke down.")
		abort(nil)
	})
}

// What was delivered is the renter's: neither then nor when the ride is over is it
// taken back, and nobody is told anything.
func TestAbortDelivered(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var box posttest.Box
		runner := jobs.New(h.DB, jobs.Options{})
		h.Mobility.RegisterJobs(runner, &box)
		id := h.booking()
		ian := h.rider(h.Person("ian"))
		h.Clock.Forward(25 * time.Hour)
		ride, err := h.Mobility.CreateRental(t.Context(), ian, mobility.NewRental{BookingID: id, Start: mobility.Active})
		if err != nil {
			t.Fatal(err)
		}
		refused := func(state string) {
			t.Helper()
			b, err := h.Mobility.Booking(t.Context(), ian, id)
			if err != nil || b.State != state {
				t.Fatalf("the booking is %+v, %v", b, err)
			}
			if code := h.as("support").Post(fmt.Sprintf("/bookings/%d/abort", id), object{"reason": "too late"}).Want(409).Text("errorCode"); code != mobility.CodeBookingState {
				t.Errorf("refused by %s", code)
			}
			after, err := h.Mobility.Booking(t.Context(), ian, id)
			if err != nil || after.State != state || after.Revision != b.Revision || after.DeclineReason != "" {
				t.Errorf("the booking is %+v, %v", after, err)
			}
		}
		refused(mobility.Delivered)
		h.Clock.Forward(10 * time.Minute)
		if _, err := h.Mobility.EndRental(t.Context(), ian, ride.ID, mobility.End{}); err != nil {
			t.Fatal(err)
		}
		refused(mobility.Successful)
		if err := runner.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if sent := box.Mails(); len(sent) != 0 {
			t.Errorf("the mails are %+v", sent)
		}
	})
}
