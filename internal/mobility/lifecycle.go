package mobility

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
)

// Who pays for a rental or booking.
const (
	Personal = "PERSONAL" // the renter
	Business = "BUSINESS" // a group that the renter is in
)

// States of a rental.
const (
	Reservation     = "RESERVATION"
	Active          = "ACTIVE"
	Expired         = "EXPIRED" // of a booking too
	Cancelled       = "CANCELLED"
	Ended           = "ENDED"
	EndedNoMovement = "ENDED_NO_MOVEMENT"
)

// States of a booking.
const (
	Booked     = "BOOKED"
	Approved   = "APPROVED"
	Delivered  = "DELIVERED"
	Successful = "SUCCESSFUL"
	Canceled   = "CANCELED"
	Aborted    = "ABORTED"
	Declined   = "DECLINED"
)

// Who takes the steps of rentals and bookings.
const (
	renter   = "renter"
	decider  = "decider" // of the group that pays: never the renter
	operator = "operator"
	clock    = "time"
)

// RentalLife is the life of a rental.
var RentalLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "rental", NoStep: CodeRentalState, NotYours: business.CodeNoPermission,
	Begins: []string{Reservation, Active, Ended},
	Steps: []roster.Step{
		{From: []string{Reservation}, To: Active, By: []string{renter}, When: "the renter starts to drive what they reserved"},
		{From: []string{Reservation}, To: Cancelled, By: []string{renter}, When: "the renter wants it no longer; free of charge"},
		{From: []string{Reservation}, To: Expired, By: []string{clock}, When: "`rental.reservationMinutes` have passed; free of charge"},
		{From: []string{Active}, To: Ended, By: []string{renter}, When: "the renter gives the vehicle back; charged"},
		{From: []string{Active}, To: EndedNoMovement, By: []string{renter}, When: "so, and the kilometers given are those at the start; charged all the same"},
	},
})

// BookingLife is the life of a booking.
var BookingLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "booking", NoStep: CodeBookingState, NotYours: business.CodeNoPermission,
	Begins: []string{Booked},
	Steps: []roster.Step{
		{From: []string{Booked}, To: Approved, By: []string{decider}, When: "the group asks for approval (`requireBookingApproval`), and somebody who may approves"},
		{From: []string{Booked}, To: Declined, By: []string{decider}, When: "so, and they decline; free of charge"},
		{From: []string{Booked, Approved}, To: Delivered, By: []string{renter}, When: "the renter starts a rental of it; not while it waits for approval"},
		{From: []string{Delivered}, To: Successful, By: []string{renter}, When: "that rental ends, and is charged with the booking's price in it"},
		{From: []string{Booked, Approved}, To: Canceled, By: []string{renter}, When: "the renter wants it no longer; charged later than `booking.freeCancellationMinutes` before its start, unless it waits for approval"},
		{From: []string{Booked, Approved}, To: Expired, By: []string{clock}, When: "nobody started it for `booking.graceMinutes` after its start; charged, unless it waits for approval"},
		{From: []string{Booked, Approved}, To: Aborted, By: []string{operator}, When: "the operator cannot deliver; free of charge"},
	},
})
