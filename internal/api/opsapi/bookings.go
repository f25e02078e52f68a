package opsapi

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
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

// aborted is a booking that was taken back.
type aborted struct {
	ID        int64             `json:"id"`
	State     string            `json:"state" enum:"ABORTED"`
	UserID    int64             `json:"userId"`
	BranchID  int64             `json:"branchId"`
	StartTime mobilitywire.Time `json:"startTime"`
	EndTime   mobilitywire.Time `json:"endTime"`
	Reason    string            `json:"reason,omitempty"`
	Version   int64             `json:"version"`
}

type abortedOut struct{ Body aborted }

func (h handlers) abortBooking(ctx context.Context, a roster.Actor, in *abortBooking) (*abortedOut, error) {
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	b, err := h.mobility.AbortBooking(ctx, a, in.ID, reason)
	if err != nil {
		return nil, err
	}
	return &abortedOut{aborted{b.ID, b.State, b.PersonID, b.BranchID, mobilitywire.Time(b.StartTime), mobilitywire.Time(b.EndTime), b.DeclineReason, b.Revision}}, nil
}
