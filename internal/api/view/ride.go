package view

import (
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Ride is what a rental and a booking have alike.
type Ride struct {
	ID                int64             `json:"id"`
	BranchID          int64             `json:"branchId"`
	BusinessUnitID    int64             `json:"businessUnitId"`
	VehicleCategoryID int64             `json:"vehicleCategoryId"`
	UserID            int64             `json:"userId"`
	User              *Person           `json:"user,omitempty"`
	UserGroupID       int64             `json:"userGroupId,omitempty"`
	UserGroupCode     string            `json:"userGroupCode,omitempty"`
	CostCenterID      int64             `json:"costCenterId,omitempty"`
	CostCenter        *NamedCostCenter  `json:"costCenter,omitempty"`
	BusinessReason    string            `json:"businessReason,omitempty"`
	PaymentSourceID   int64             `json:"paymentSourceId,omitempty"`
	Currency          string            `json:"currency"`
	AppliedRebates    []Rebate          `json:"appliedRebates"`
	InvoiceID         int64             `json:"invoiceId,omitempty"`
	InvoiceNumber     string            `json:"invoiceNumber,omitempty"`
	CreatedAt         mobilitywire.Time `json:"createdAt"`
	UpdatedAt         mobilitywire.Time `json:"updatedAt"`
	Version           int64             `json:"version"`
}

// naming fills in what a ride names.
func (r Ride) naming(n mobility.Names) Ride {
	r.UserGroupCode, r.AppliedRebates = n.GroupCode, Each(n.Ledger.Rebates, newRebate)
	r.InvoiceID, r.InvoiceNumber = n.Ledger.InvoiceID, n.Ledger.InvoiceNumber
	if c := n.CostCenter; c != nil {
		r.CostCenter = &NamedCostCenter{c.ID, c.Code, c.Name}
	}
	return r
}

// Rental is a rental (contract/mobility.md §4.7).
type Rental struct {
	Ride

	RentalID        int64              `json:"rentalId" doc:"The same as id."`
	State           string             `json:"state" enum:"RESERVATION,ACTIVE,EXPIRED,CANCELLED,ENDED,ENDED_NO_MOVEMENT"`
	Type            string             `json:"type" enum:"PERSONAL,BUSINESS"`
	StartTime       mobilitywire.Time  `json:"startTime" doc:"When it was made."`
	DriveStartTime  mobilitywire.Time  `json:"driveStartTime,omitzero"`
	EndTime         mobilitywire.Time  `json:"endTime,omitzero"`
	ExpiresAt       mobilitywire.Time  `json:"expiresAt,omitzero" doc:"Of a reservation: until when it holds the vehicle."`
	StartKilometers *float64           `json:"startKilometers,omitempty" doc:"Once it is driven."`
	EndKilometers   *float64           `json:"endKilometers,omitempty"`
	Distance        *float64           `json:"distance,omitempty" doc:"Kilometers, where they are known."`
	StartAddress    string             `json:"startAddress,omitempty"`
	EndAddress      string             `json:"endAddress,omitempty"`
	Vehicle         *RentedVehicle     `json:"vehicle,omitempty"`
	BookingID       int64              `json:"bookingId,omitempty"`
	DrivingLog      *DrivingLog        `json:"drivingLog,omitempty"`
	Price           mobilitywire.Price `json:"price"`
}

// RentedVehicle is a vehicle as its renter finds it.
type RentedVehicle struct {
	ID           int64  `json:"id"`
	Code         string `json:"code"`
	Name         string `json:"name,omitempty"`
	LicensePlate string `json:"licensePlate,omitempty"`
}

// NamedCostCenter is a cost center in few words.
type NamedCostCenter struct {
	ID   int64  `json:"id"`
	Code string `json:"code"`
	Name string `json:"name"`
}

// DrivingLog is what a renter notes of a drive.
type DrivingLog struct {
	Purpose         string  `json:"purpose"`
	StartKilometers float64 `json:"startKilometers,omitempty"`
	EndKilometers   float64 `json:"endKilometers,omitempty"`
	Note            string  `json:"note,omitempty"`
}

// Rebate is what a voucher took off a price.
type Rebate struct {
	VoucherID   int64              `json:"voucherId"`
	Type        string             `json:"type"`
	Name        string             `json:"name"`
	AmountNet   mobilitywire.Money `json:"amountNet"`
	AmountGross mobilitywire.Money `json:"amountGross"`
}

// newRebate shows a rebate as what was taken off, above zero.
func newRebate(r care.Rebate) Rebate {
	return Rebate{r.VoucherID, r.Type, r.Name, mobilitywire.Money(-r.Price.Net), mobilitywire.Money(-r.Price.Gross)}
}

// NewRental shows a rental to its renter.
func NewRental(r *mobility.RentalView) Rental {
	out := Rental{
		Ride: Ride{
			ID: r.ID, BranchID: r.BranchID, BusinessUnitID: r.BusinessUnitID, VehicleCategoryID: r.CategoryID, UserID: r.PersonID, UserGroupID: r.GroupID,
			CostCenterID: r.CostCenterID, BusinessReason: r.BusinessReason, PaymentSourceID: r.PaymentSourceID, Currency: r.Currency,
			CreatedAt: mobilitywire.Time(r.CreatedAt), UpdatedAt: mobilitywire.Time(r.UpdatedAt), Version: r.Revision,
		}.naming(r.Names),
		RentalID: r.ID, State: r.State, Type: r.Type, StartTime: mobilitywire.Time(r.StartTime), DriveStartTime: mobilitywire.Time(r.DriveStartTime),
		EndTime: mobilitywire.Time(r.EndTime), StartAddress: r.StartAddress, EndAddress: r.EndAddress, BookingID: r.BookingID, Price: mobilitywire.NewPrice(r.Price),
	}
	if v := r.Vehicle; v != nil {
		out.Vehicle = &RentedVehicle{v.ID, v.Code, v.Name, v.LicensePlate}
	}
	if l := r.DrivingLog; l != nil {
		out.DrivingLog = &DrivingLog{l.Purpose, Kilometers(l.StartOdometer), Kilometers(l.EndOdometer), l.Note}
	}
	start := Kilometers(r.StartOdometer)
	if r.DriveStartTime != 0 {
		out.StartKilometers = &start
	}
	if meters, known := r.Distance(); known {
		end, distance := Kilometers(r.StartOdometer+meters), Kilometers(meters)
		out.EndKilometers, out.Distance = &end, &distance
	}
	if r.State == mobility.Reservation {
		out.ExpiresAt = mobilitywire.Time(r.ExpiresAt)
	}
	return out
}

// NewGroupRental shows a rental to a manager of the group that pays.
func NewGroupRental(r *mobility.RentalView) Rental {
	out := NewRental(r)
	out.User = renter(r.User)
	return out
}

// Kilometers are meters as answers show them.
func Kilometers(meters int64) float64 { return float64(meters) / 1000 }

func renter(r *mobility.Renter) *Person {
	if r == nil {
		return nil
	}
	return &Person{ID: r.ID, FirstName: r.FirstName, LastName: r.LastName}
}

// Booking is a booking (§4.7).
type Booking struct {
	Ride

	State         string              `json:"state" enum:"BOOKED,APPROVED,DELIVERED,SUCCESSFUL,CANCELED,ABORTED,EXPIRED,DECLINED"`
	Type          string              `json:"type" enum:"STATION,FLOATING"`
	RentalType    string              `json:"rentalType" enum:"PERSONAL,BUSINESS"`
	StationID     int64               `json:"stationId,omitempty"`
	VehicleID     int64               `json:"vehicleId,omitempty" doc:"Once it is delivered."`
	StartTime     mobilitywire.Time   `json:"startTime"`
	EndTime       mobilitywire.Time   `json:"endTime"`
	NeedsApproval bool                `json:"needsApproval" doc:"Somebody of the group decides on it while it is BOOKED."`
	DecidedBy     int64               `json:"decidedBy,omitempty"`
	DecidedAt     mobilitywire.Time   `json:"decidedAt,omitzero"`
	DeclineReason string              `json:"declineReason,omitempty"`
	Price         mobilitywire.Price  `json:"price"`
	Charged       *mobilitywire.Price `json:"charged,omitempty"`
	RentalID      int64               `json:"rentalId,omitempty"`
}

// NewBooking shows a booking to who made it.
func NewBooking(b *mobility.BookingView) Booking {
	out := Booking{
		Ride: Ride{
			ID: b.ID, BranchID: b.BranchID, BusinessUnitID: b.BusinessUnitID, VehicleCategoryID: b.CategoryID, UserID: b.PersonID, UserGroupID: b.GroupID,
			CostCenterID: b.CostCenterID, BusinessReason: b.BusinessReason, PaymentSourceID: b.PaymentSourceID, Currency: b.Currency,
			CreatedAt: mobilitywire.Time(b.CreatedAt), UpdatedAt: mobilitywire.Time(b.UpdatedAt), Version: b.Revision,
		}.naming(b.Names),
		State: b.State, Type: b.Type, RentalType: b.RentalType, StationID: b.StationID, VehicleID: b.VehicleID,
		StartTime: mobilitywire.Time(b.StartTime), EndTime: mobilitywire.Time(b.EndTime), NeedsApproval: b.NeedsApproval, DecidedBy: b.DecidedBy,
		DecidedAt: mobilitywire.Time(b.DecidedAt), DeclineReason: b.DeclineReason, Price: mobilitywire.NewPrice(b.Price()), RentalID: b.RentalID,
	}
	if b.Charged.Gross != 0 {
		charged := mobilitywire.NewPrice(b.Charged)
		out.Charged = &charged
	}
	return out
}

// NewGroupBooking shows a booking to a manager of the group that pays, or to who
// decides on it.
func NewGroupBooking(b *mobility.BookingView) Booking {
	out := NewBooking(b)
	out.User = renter(b.User)
	return out
}
