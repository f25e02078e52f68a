package mobility

import "github.com/rosterhq/roster/internal/roster"

// Codes of errors (contract/mobility.md §2.2; 9xx where no public number is known).
// Those of groups, and of what is not there or not permitted, are business's; those
// of people and branches identity's.
const (
	CodeActiveRental = "R102.1" // the renter has an active rental
	CodeNoVehicle    = "R901"
	CodeVehicleTaken = "R902" // not available
	CodeRequirements = "R903" // several requirements are unfulfilled
	CodeTooFar       = "R904"
	CodeNoDrivingLog = "R905"
	CodeRentalState  = "R906" // the rental's state does not allow it
	CodeTripTaken    = "R907" // an imported trip is another group's
	CodeNoCategory   = "B902" // unknown, or without a tariff in the branch
	CodeWindow       = "S901" // the booking's window is none
	CodeNotBookable  = "S902" // too few vehicles in the window
	CodeBookingState = "S903" // the booking's state does not allow it
)

func errNoCategory() error {
	return &roster.Error{Kind: roster.Invalid, Code: CodeNoCategory, Field: "vehicleCategoryId", Msg: "must be a vehicle category of the branch"}
}
