package opsapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

func (h handlers) bookingRoutes(api *wire.API) {
	wire.Register(api, wire.Op{
		ID: "abort-booking", Method: "POST", Path: "/bookings/{id}/abort", Tag: "Bookings", Summary: "Take back a booking that can't be delivered",
		Description: "Free of charge; the customer is told by mail.", Status: 200, Extension: true, Access: wire.Needs("USER_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.abortBooking)
}

type abortBooking struct {
	IDPath

	Body *struct {
		Reason string `json:"reason,omitempty" doc:"What the customer reads."`
	}
}

type abortedOut struct {
	ETag string `header:"ETag"`
	Body view.Booking
}

func (h handlers) abortBooking(ctx context.Context, a roster.Actor, in *abortBooking) (*abortedOut, error) {
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	b, err := h.mobility.AbortBooking(ctx, a, in.ID, reason)
	if err != nil {
		return nil, err
	}
	return &abortedOut{wire.ETag(b.Revision), view.NewGroupBooking(b)}, nil
}
