package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// vehicle is a vehicle that can be rented.
type vehicle struct {
	ID                int64     `json:"id"`
	Code              string    `json:"code"`
	Name              string    `json:"name,omitempty"`
	LicensePlate      string    `json:"licensePlate,omitempty"`
	BranchID          int64     `json:"branchId"`
	VehicleCategoryID int64     `json:"vehicleCategoryId"`
	Position          *position `json:"position,omitempty"`
	Distance          *int64    `json:"distance,omitempty" doc:"Meters from lat and lng."`
	Kilometers        float64   `json:"kilometers" doc:"What the odometer shows."`
}

func renderVehicle(v mobility.NearVehicle) vehicle {
	out := vehicle{
		v.ID, v.Code, v.Name, v.LicensePlate, v.BranchID, v.CategoryID, renderPosition(v.Position), nil, view.Kilometers(v.Odometer),
	}
	if v.Distance >= 0 {
		out.Distance = &v.Distance
	}
	return out
}

type listVehicles struct {
	mobilitywire.Paging
	Place

	BranchID          wire.Param[int64] `query:"branchId" minimum:"1" doc:"In this branch, or below it."`
	VehicleCategoryID wire.Param[int64] `query:"vehicleCategoryId" minimum:"1"`
	Radius            wire.Param[int64] `query:"radius" minimum:"1" doc:"Meters around lat and lng."`
}

func (h handlers) listVehicles(ctx context.Context, a roster.Actor, in *listVehicles) (*mobilitywire.List[vehicle], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	if len(in.Sort) == 0 {
		page.Sort = nil // the nearest first
	}
	near, err := in.point()
	if err != nil {
		return nil, err
	}
	if in.Radius.Set && near == nil {
		return nil, goesWith("lat", "radius")
	}
	rows, total, err := h.mobility.Vehicles(ctx, a, mobility.VehicleFilter{
		BranchID: view.Number(in.BranchID), CategoryID: view.Number(in.VehicleCategoryID), Near: near, Radius: view.Number(in.Radius),
	}, page)
	return view.PageOf(page, rows, total, renderVehicle), err
}

type listTariffs struct {
	mobilitywire.Paging

	BranchID int64 `query:"branchId" required:"true" minimum:"1"`
}

func (h handlers) listTariffs(ctx context.Context, a roster.Actor, in *listTariffs) (*mobilitywire.List[tariff], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	all, err := h.mobility.Tariffs(ctx, a, in.BranchID)
	return view.PageOf(page, view.PartByID(page, all, func(t *mobility.Tariff) int64 { return t.ID }), len(all), renderTariff), err
}
