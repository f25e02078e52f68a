package mobility

import (
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// NewRental is what a rental is made from.
type NewRental struct {
	// VehicleID or VehicleCode names the vehicle; of a booking none may be named,
	// and any that is free is taken.
	VehicleID   int64
	VehicleCode string
	Start       string // Reservation or Active; "" for Reservation, or Active of a booking
	Payer       Payer  // of a booking, what it says stands
	BookingID   int64
	Position    *Position // where the renter is
}

func (n *NewRental) settle() error {
	if n.Start == "" {
		n.Start = Reservation
		if n.BookingID != 0 {
			n.Start = Active
		}
	}
	switch {
	case n.Start != Reservation && n.Start != Active:
		return roster.FieldError("startRentalState", "must be %s or %s", Reservation, Active)
	case n.BookingID != 0 && n.Start != Active:
		return roster.FieldError("startRentalState", "a booking is started, and needs no reservation")
	case n.VehicleID != 0 && n.VehicleCode != "":
		return roster.FieldError("vehicleCode", "must be left out beside vehicleId")
	case n.VehicleID == 0 && n.VehicleCode == "" && n.BookingID == 0:
		return roster.FieldError("vehicleId", "must be given, or vehicleCode")
	}
	return nil
}

// creation is a rental in the making.
type creation struct {
	NewRental
	rules   *rules
	booking *Booking          // nil for none
	account *business.Account // nil for a personal one
	vehicle *Vehicle
}

// create makes a rental: who pays, then the vehicle, then what is asked of the
// renter, and what all that says is captured. It refuses if and only if one of the
// three does.
func (m *Mobility) create(tx *store.Tx, person int64, n NewRental) (r *Rental, seen named, err error) {
	c := creation{NewRental: n}
	if err := c.settle(); err != nil {
		return nil, seen, err
	}
	if c.rules, err = m.memory.rules(within(tx)); err != nil {
		return nil, seen, err
	}
	if err := c.pay(tx, &m.memory, person); err != nil {
		return nil, seen, err
	}
	if err := c.take(tx, &m.memory); err != nil {
		return nil, seen, err
	}
	tariff, err := c.rules.tariff(c.vehicle.BranchID, c.vehicle.CategoryID)
	if err != nil {
		return nil, seen, err
	}
	checked, err := m.check(within(tx), c.rules, &Question{
		Person: person, BranchID: c.vehicle.BranchID, CategoryID: c.vehicle.CategoryID, Vehicle: c.vehicle, Account: c.account,
		CostCenterID: c.Payer.CostCenterID, BusinessReason: c.Payer.BusinessReason, Start: c.Start, Position: c.Position,
	})
	if err != nil {
		return nil, seen, err
	}
	if err := checked.Refusal(); err != nil {
		return nil, seen, err
	}
	r = c.rental(person, tariff, checked.CostCenterID)
	if err := c.begin(tx, r); err != nil {
		return nil, seen, err
	}
	return r, checked.seen(), c.deliver(tx, r)
}

// pay finds out who pays: of a booking whoever it says.
func (c *creation) pay(tx *store.Tx, m *memory, person int64) (err error) {
	if c.BookingID != 0 {
		if c.booking, err = ownBooking(tx, person, c.BookingID); err != nil {
			return err
		}
		if err := c.booking.startable(); err != nil {
			return err
		}
		if c.Payer, err = c.booking.payer(c.Payer); err != nil {
			return err
		}
	}
	if err := c.Payer.settle(); err != nil {
		return err
	}
	if c.account, err = m.payer(within(tx), c.rules, person, &c.Payer); err != nil {
		return err
	}
	return checkSource(tx, person, c.Payer.PaymentSourceID)
}

// payer is who pays for a rental of the booking: what was captured, which the client
// may say again. Invalid where it says otherwise.
func (b *Booking) payer(said Payer) (Payer, error) {
	captured := Payer{b.RentalType, b.GroupID, "", b.CostCenterID, b.BusinessReason, b.PaymentSourceID}
	switch {
	case said.Type != "" && said.Type != b.RentalType, said.GroupID != 0 && said.GroupID != b.GroupID, said.GroupCode != "" && b.GroupID == 0:
		return captured, roster.Errorf(roster.Invalid, business.CodeTypeAndAccount, "the booking says who pays")
	case said.CostCenterID != 0 && said.CostCenterID != b.CostCenterID:
		return captured, roster.FieldError("costCenterId", "the booking has another cost center")
	case said.BusinessReason != "" && said.BusinessReason != b.BusinessReason:
		return captured, roster.FieldError("businessReason", "the booking has another reason")
	case said.PaymentSourceID != 0 && said.PaymentSourceID != b.PaymentSourceID && b.GroupID == 0:
		return captured, roster.FieldError("paymentSourceId", "the booking has another payment source")
	}
	captured.GroupCode, captured.PaymentSourceID = said.GroupCode, max(said.PaymentSourceID, b.PaymentSourceID)
	return captured, nil
}

// startable refuses what no rental can be started of. Conflict.
func (b *Booking) startable() error {
	if b.Waits() {
		return roster.Errorf(roster.Conflict, CodeBookingState, "the booking waits for approval")
	}
	return BookingLife.Check(b.State, Delivered, renter)
}

// take finds the vehicle, and sees to it that nobody has it. NotFound with
// CodeNoVehicle, Invalid with CodeVehicleTaken.
func (c *creation) take(tx *store.Tx, m *memory) (err error) {
	if c.VehicleID == 0 && c.VehicleCode == "" {
		if c.VehicleID, err = anyVehicle(tx, c.booking.BranchID, c.booking.CategoryID); err != nil {
			return err
		}
	}
	v, err := m.vehicle(within(tx), c.VehicleID, c.VehicleCode)
	if err != nil {
		return err
	}
	c.vehicle = v
	if c.booking != nil && (v.BranchID != c.booking.BranchID || v.CategoryID != c.booking.CategoryID) {
		return roster.FieldError("vehicleId", "is of another branch or category than was booked")
	}
	if v.State != Available || c.rules.tree.Branch(v.BranchID).State != operational {
		return errVehicleTaken()
	}
	open, err := one(tx, scanRental, rentalOpenOf, v.ID)
	if err != nil {
		return err
	}
	if open != nil {
		if open.settle(tx.Now).State != Expired {
			return errVehicleTaken()
		}
		if err := open.expire(tx); err != nil {
			return err
		}
	}
	if c.booking != nil && c.booking.StartTime <= tx.Now {
		return nil
	}
	kept, err := keptForBookings(tx, v)
	if err == nil && kept {
		err = errVehicleTaken()
	}
	return err
}

func errVehicleTaken() error {
	return &roster.Error{Kind: roster.Invalid, Code: CodeVehicleTaken, Field: "vehicleId", Msg: "names a vehicle that is not available"}
}

// anyVehicle finds the first vehicle of a category in a branch that nobody has.
func anyVehicle(tx *store.Tx, branch, category int64) (id int64, err error) {
	free, err := vehiclesIn(tx, branch, category)
	if err != nil {
		return 0, err
	}
	if len(free) == 0 {
		return 0, errVehicleTaken()
	}
	return free[0], nil
}

// rental is what the creation makes, and what the rental captures.
func (c *creation) rental(person int64, t *Tariff, costCenter int64) *Rental {
	r := &Rental{
		PersonID: person, Type: c.Payer.Type, CostCenterID: costCenter, BranchID: c.vehicle.BranchID,
		VehicleID: c.vehicle.ID, CategoryID: c.vehicle.CategoryID,
		BookingID: c.BookingID, PaymentSourceID: c.Payer.PaymentSourceID, Currency: t.Currency, Rates: t.Rates, State: c.Start,
	}
	if c.account != nil {
		r.GroupID, r.BusinessReason = c.account.ID, c.Payer.BusinessReason
	}
	if c.booking != nil {
		r.CostCenterID, r.BusinessUnitID = c.booking.CostCenterID, c.booking.BusinessUnitID
	}
	return r
}

// begin writes the rental.
func (c *creation) begin(tx *store.Tx, r *Rental) error {
	r.StartTime = tx.Now
	if r.State == Active {
		r.DriveStartTime, r.StartOdometer = tx.Now, c.vehicle.Odometer
	} else {
		minutes, err := identity.ReservationMinutes.At(c.rules.settings, c.rules.tree, r.BranchID)
		if err != nil {
			return err
		}
		r.ExpiresAt = tx.Now + minutes*time.Minute.Microseconds()
	}
	if r.BusinessUnitID == 0 { // a booking's is marked already
		var err error
		if r.BusinessUnitID, err = c.rules.bills(tx, c.account, r.BranchID); err != nil {
			return err
		}
	}
	return insertRental(tx, r)
}

// deliver notes at the booking, if it was one, that it became a rental.
func (c *creation) deliver(tx *store.Tx, r *Rental) error {
	if c.booking == nil {
		return nil
	}
	return c.booking.step(tx, Delivered, renter, "booking.deliver", func() error {
		c.booking.RentalID, c.booking.VehicleID = r.ID, r.VehicleID
		return nil
	})
}

var sourceOf = store.Q("payment_source.usable", `SELECT 1 FROM payment_sources
		WHERE tenant = $1 AND id = $2 AND account_id = $3 AND state = 'ACTIVE'`)

// checkSource finds a payment source that a person named. NotFound with
// business.CodeUnknownPaymentSource.
func checkSource(tx *store.Tx, person, source int64) error {
	if source == 0 {
		return nil
	}
	usable, err := tx.Exists(sourceOf, source, person)
	if err == nil && !usable {
		err = roster.Errorf(roster.NotFound, business.CodeUnknownPaymentSource, "you have no such payment source")
	}
	return err
}
