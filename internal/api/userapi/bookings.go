package userapi

import (
	"context"
	"strconv"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// BookingPath is the path of a booking.
type BookingPath struct {
	ID int64 `path:"id" minimum:"1"`
}

type bookingOut struct {
	ETag string `header:"ETag"`
	Body view.Booking
}

// showBooking answers with a booking; others than who made it see who that is.
func showBooking(a roster.Actor, b *mobility.BookingView, err error) (*bookingOut, error) {
	if err != nil {
		return nil, err
	}
	out := &bookingOut{ETag: wire.ETag(b.Revision), Body: view.NewBooking(b)}
	if b.PersonID != a.PersonID {
		out.Body = view.NewGroupBooking(b)
	}
	return out, nil
}

type createdBooking struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     view.Booking
}

type createBooking struct {
	Body struct {
		PayerFields

		BranchID          int64              `json:"branchId" minimum:"1"`
		VehicleCategoryID int64              `json:"vehicleCategoryId" minimum:"1"`
		StationID         int64              `json:"stationId,omitempty" minimum:"0"`
		StartTime         mobilitywire.Time  `json:"startTime"`
		EndTime           mobilitywire.Time  `json:"endTime"`
		Type              string             `json:"type,omitempty" enum:"STATION,FLOATING" doc:"STATION by default where one is named, else FLOATING."`
		RentalType        string             `json:"rentalType,omitempty" enum:"PERSONAL,BUSINESS" doc:"BUSINESS by default where a business account is named, else PERSONAL."`
		Position          wire.Opt[position] `json:"position,omitzero" doc:"Where the renter is."`
	}
}

func (h handlers) createBooking(ctx context.Context, a roster.Actor, in *createBooking) (*createdBooking, error) {
	at, err := point(in.Body.Position)
	if err != nil {
		return nil, err
	}
	b := &in.Body
	made, err := h.mobility.CreateBooking(ctx, a, mobility.NewBooking{
		BranchID: b.BranchID, CategoryID: b.VehicleCategoryID, Type: b.Type, StationID: b.StationID,
		StartTime: int64(b.StartTime), EndTime: int64(b.EndTime), Payer: b.payer(b.RentalType), Position: at,
	})
	out, err := showBooking(a, made, err)
	if err != nil {
		return nil, err
	}
	return &createdBooking{out.ETag, wire.Location(ctx, "/bookings/"+strconv.FormatInt(made.ID, 10)), out.Body}, nil
}

type listBookings struct {
	mobilitywire.Paging

	State []string `query:"state,explode" enum:"BOOKED,APPROVED,DELIVERED,SUCCESSFUL,CANCELED,ABORTED,EXPIRED,DECLINED"`
}

func (h handlers) listBookings(ctx context.Context, a roster.Actor, in *listBookings) (*mobilitywire.List[view.Booking], error) {
	page, err := in.Page(0, "startTime")
	if err != nil {
		return nil, err
	}
	rows, total, err := h.mobility.Bookings(ctx, a, in.State, page)
	return view.PageOf(page, rows, total, view.NewBooking), err
}

type getBooking struct{ BookingPath }

func (h handlers) getBooking(ctx context.Context, a roster.Actor, in *getBooking) (*bookingOut, error) {
	b, err := h.mobility.Booking(ctx, a, in.ID)
	return showBooking(a, b, err)
}

type cancelBooking struct{ BookingPath }

func (h handlers) cancelBooking(ctx context.Context, a roster.Actor, in *cancelBooking) (*bookingOut, error) {
	b, err := h.mobility.CancelBooking(ctx, a, in.ID)
	return showBooking(a, b, err)
}

type approveBooking struct{ BookingPath }

func (h handlers) approveBooking(ctx context.Context, a roster.Actor, in *approveBooking) (*bookingOut, error) {
	b, err := h.mobility.ApproveBooking(ctx, a, in.ID)
	return showBooking(a, b, err)
}

type declineBooking struct {
	BookingPath

	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

func (h handlers) declineBooking(ctx context.Context, a roster.Actor, in *declineBooking) (*bookingOut, error) {
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	b, err := h.mobility.DeclineBooking(ctx, a, in.ID, reason)
	return showBooking(a, b, err)
}

type listGroupBookings struct {
	GroupActivity

	State []string `query:"state,explode" enum:"BOOKED,APPROVED,DELIVERED,SUCCESSFUL,CANCELED,ABORTED,EXPIRED,DECLINED"`
}

func (h handlers) listGroupBookings(ctx context.Context, a roster.Actor, in *listGroupBookings) (*mobilitywire.List[view.Booking], error) {
	page, err := in.Page(0, "startTime")
	if err != nil {
		return nil, err
	}
	rows, total, err := h.mobility.GroupBookings(ctx, a, in.UserGroupID, in.filter(in.State), page)
	return view.PageOf(page, rows, total, view.NewGroupBooking), err
}
