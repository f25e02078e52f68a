package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type getRequirements struct {
	Place

	VehicleID         wire.Param[int64]   `query:"vehicleId" minimum:"1" doc:"What is to be rented: one of vehicleId, vehicleCode, and branchId with vehicleCategoryId."`
	VehicleCode       string              `query:"vehicleCode" maxLength:"64"`
	BranchID          wire.Param[int64]   `query:"branchId" minimum:"1"`
	VehicleCategoryID wire.Param[int64]   `query:"vehicleCategoryId" minimum:"1"`
	Type              string              `query:"type" enum:"PERSONAL,BUSINESS" doc:"BUSINESS by default where a business account is named, else PERSONAL."`
	UserGroupID       wire.Param[int64]   `query:"userGroupId" minimum:"1"`
	UserGroupCode     string              `query:"userGroupCode" maxLength:"64"`
	CostCenterID      wire.Param[int64]   `query:"costCenterId" minimum:"1"`
	BusinessReason    string              `query:"businessReason" maxLength:"500"`
	Start             string              `query:"start" enum:"RESERVATION,ACTIVE" doc:"The state in which the rental would begin; RESERVATION by default."`
	BookingStart      mobilitywire.Moment `query:"bookingStart" doc:"Of a booking instead: its window, RFC 3339."`
	BookingEnd        mobilitywire.Moment `query:"bookingEnd"`
}

func (in *getRequirements) ask() (ask mobility.Ask, err error) {
	ask = mobility.Ask{
		VehicleID: view.Number(in.VehicleID), VehicleCode: in.VehicleCode, BranchID: view.Number(in.BranchID), CategoryID: view.Number(in.VehicleCategoryID), Start: in.Start,
		Payer: mobility.Payer{
			Type: in.Type, GroupID: view.Number(in.UserGroupID), GroupCode: in.UserGroupCode, CostCenterID: view.Number(in.CostCenterID), BusinessReason: in.BusinessReason,
		},
	}
	if ask.Position, err = in.point(); err != nil {
		return ask, err
	}
	if ask.From, err = exactly("bookingStart", in.BookingStart); err != nil {
		return ask, err
	}
	ask.Until, err = exactly("bookingEnd", in.BookingEnd)
	return ask, err
}

type requirementsOut struct{ Body view.Requirements }

func (h handlers) getRequirements(ctx context.Context, a roster.Actor, in *getRequirements) (*requirementsOut, error) {
	ask, err := in.ask()
	if err != nil {
		return nil, err
	}
	c, err := h.mobility.Requirements(ctx, a, ask)
	if err != nil {
		return nil, err
	}
	return &requirementsOut{view.NewRequirements(c)}, nil
}
