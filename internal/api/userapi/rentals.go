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

// PayerFields say who pays for a rental or booking.
type PayerFields struct {
	UserGroupID     int64  `json:"userGroupId,omitempty" minimum:"0" doc:"The business account that pays, by its id or its code."`
	UserGroupCode   string `json:"userGroupCode,omitempty" maxLength:"64"`
	CostCenterID    int64  `json:"costCenterId,omitempty" minimum:"0" doc:"Of the business account; by default the member's own, else the group's."`
	BusinessReason  string `json:"businessReason,omitempty" maxLength:"500"`
	PaymentSourceID int64  `json:"paymentSourceId,omitempty" minimum:"0" doc:"Of the renter's own, where no business account pays; by default the one that is."`
	Additions       []any  `json:"additions,omitempty" doc:"None are offered: taken, and without effect."`
}

func (f *PayerFields) payer(kind string) mobility.Payer {
	return mobility.Payer{
		Type: kind, GroupID: f.UserGroupID, GroupCode: f.UserGroupCode, CostCenterID: f.CostCenterID,
		BusinessReason: f.BusinessReason, PaymentSourceID: f.PaymentSourceID,
	}
}

// RentalPath is the path of a rental.
type RentalPath struct {
	ID int64 `path:"id" minimum:"1"`
}

type rentalOut struct {
	ETag string `header:"ETag"`
	Body view.Rental
}

func showRental(r *mobility.RentalView, err error) (*rentalOut, error) {
	if err != nil {
		return nil, err
	}
	return &rentalOut{ETag: wire.ETag(r.Revision), Body: view.NewRental(r)}, nil
}

type createdRental struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     view.Rental
}

type createRental struct {
	Body struct {
		PayerFields

		VehicleID        int64              `json:"vehicleId,omitempty" minimum:"0" doc:"The vehicle, by its id or its code; of a booking any that is free."`
		VehicleCode      string             `json:"vehicleCode,omitempty" maxLength:"64"`
		StartRentalState string             `json:"startRentalState,omitempty" enum:"RESERVATION,ACTIVE" doc:"RESERVATION by default, ACTIVE of a booking."`
		Type             string             `json:"type,omitempty" enum:"PERSONAL,BUSINESS" doc:"BUSINESS by default where a business account is named, else PERSONAL."`
		BookingID        int64              `json:"bookingId,omitempty" minimum:"0" doc:"Extension: the booking that this rental starts."`
		Position         wire.Opt[position] `json:"position,omitzero" doc:"Where the renter is."`
	}
}

func (h handlers) createRental(ctx context.Context, a roster.Actor, in *createRental) (*createdRental, error) {
	at, err := point(in.Body.Position)
	if err != nil {
		return nil, err
	}
	b := &in.Body
	r, err := h.mobility.CreateRental(ctx, a, mobility.NewRental{
		VehicleID: b.VehicleID, VehicleCode: b.VehicleCode, Start: b.StartRentalState, Payer: b.payer(b.Type), BookingID: b.BookingID, Position: at,
	})
	out, err := showRental(r, err)
	if err != nil {
		return nil, err
	}
	return &createdRental{out.ETag, wire.Location(ctx, "/rentals/"+strconv.FormatInt(r.ID, 10)), out.Body}, nil
}

type listRentals struct {
	mobilitywire.Paging

	State []string `query:"state,explode" enum:"RESERVATION,ACTIVE,EXPIRED,CANCELLED,ENDED,ENDED_NO_MOVEMENT"`
}

func (h handlers) listRentals(ctx context.Context, a roster.Actor, in *listRentals) (*mobilitywire.List[view.Rental], error) {
	page, err := in.Page(0, "startTime")
	if err != nil {
		return nil, err
	}
	rows, total, err := h.mobility.Rentals(ctx, a, in.State, page)
	return view.PageOf(page, rows, total, view.NewRental), err
}

type getRental struct{ RentalPath }

func (h handlers) getRental(ctx context.Context, a roster.Actor, in *getRental) (*rentalOut, error) {
	return showRental(h.mobility.Rental(ctx, a, in.ID))
}

type startRental struct {
	RentalPath

	Body *struct {
		Position wire.Opt[position] `json:"position,omitzero" doc:"Where the renter is."`
	}
}

func (h handlers) startRental(ctx context.Context, a roster.Actor, in *startRental) (*rentalOut, error) {
	var at *mobility.Position
	if in.Body != nil {
		var err error
		if at, err = point(in.Body.Position); err != nil {
			return nil, err
		}
	}
	return showRental(h.mobility.StartRental(ctx, a, in.ID, at))
}

type cancelRental struct{ RentalPath }

func (h handlers) cancelRental(ctx context.Context, a roster.Actor, in *cancelRental) (*rentalOut, error) {
	return showRental(h.mobility.CancelRental(ctx, a, in.ID))
}

type endRental struct {
	RentalPath

	Body *endFields
}

type endFields struct {
	EndKilometers wire.Opt[float64]         `json:"endKilometers,omitzero" minimum:"0" maximum:"10000000" doc:"What the odometer shows."`
	EndPosition   wire.Opt[position]        `json:"endPosition,omitzero"`
	DrivingLog    wire.Opt[view.DrivingLog] `json:"drivingLog,omitzero" doc:"Needed where the business account asks for one."`
}

// end is what the renter tells, as the area takes it.
func (f *endFields) end() (e mobility.End, err error) {
	if f == nil {
		return e, nil
	}
	if km, given := f.EndKilometers.Get(); given {
		meters := metersOf(km)
		e.Odometer = &meters
	}
	if l, given := f.DrivingLog.Get(); given {
		e.Log = &mobility.DrivingLog{Purpose: l.Purpose, StartOdometer: metersOf(l.StartKilometers), EndOdometer: metersOf(l.EndKilometers), Note: l.Note}
	}
	e.Position, err = point(f.EndPosition)
	return e, err
}

func (h handlers) endRental(ctx context.Context, a roster.Actor, in *endRental) (*rentalOut, error) {
	end, err := in.Body.end()
	if err != nil {
		return nil, err
	}
	return showRental(h.mobility.EndRental(ctx, a, in.ID, end))
}

// GroupActivity is embedded in the input of what lists the rides on a group.
type GroupActivity struct {
	mobilitywire.Paging
	mobilitywire.Period

	UserGroupID  int64             `path:"userGroupId" minimum:"1"`
	UserID       wire.Param[int64] `query:"userId" minimum:"1"`
	CostCenterID wire.Param[int64] `query:"costCenterId" minimum:"1"`
}

func (in *GroupActivity) filter(states []string) mobility.Filter {
	return mobility.Filter{
		States: states, From: in.From.Moment, To: in.To.Moment, UserID: view.Number(in.UserID), CostCenterID: view.Number(in.CostCenterID),
	}
}

type listGroupRentals struct {
	GroupActivity

	State []string `query:"state,explode" enum:"RESERVATION,ACTIVE,EXPIRED,CANCELLED,ENDED,ENDED_NO_MOVEMENT"`
}

func (h handlers) listGroupRentals(ctx context.Context, a roster.Actor, in *listGroupRentals) (*mobilitywire.List[view.Rental], error) {
	page, err := in.Page(0, "startTime")
	if err != nil {
		return nil, err
	}
	rows, total, err := h.mobility.GroupRentals(ctx, a, in.UserGroupID, in.filter(in.State), page)
	return view.PageOf(page, rows, total, view.NewGroupRental), err
}
