package mobility

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// End is what a renter tells when a rental ends; all of it may be missing, but for
// the log where the group asks for one.
type End struct {
	Odometer *int64 // meters
	Position *Position
	Log      *DrivingLog
}

// check judges what is told of a rental's end, and fills in what the log tells.
func (e *End) check(r *Rental) error {
	if l := e.Log; l != nil {
		l.Purpose, l.Note = strings.TrimSpace(l.Purpose), strings.TrimSpace(l.Note)
		switch {
		case utf8.RuneCountInString(l.Purpose) > maxReason:
			return roster.FieldError("drivingLog.purpose", "must have at most %d characters", maxReason)
		case utf8.RuneCountInString(l.Note) > maxReason:
			return roster.FieldError("drivingLog.note", "must have at most %d characters", maxReason)
		case l.StartOdometer < 0 || l.EndOdometer != 0 && l.EndOdometer < l.StartOdometer:
			return roster.FieldError("drivingLog.endKilometers", "must not be below startKilometers")
		}
		if e.Odometer == nil && l.EndOdometer != 0 {
			e.Odometer = &l.EndOdometer
		}
	}
	switch o := e.Odometer; {
	case o == nil:
	case *o < r.StartOdometer:
		return roster.FieldError("endKilometers", "must not be below those at the start")
	case *o > maxOdometer:
		return roster.FieldError("endKilometers", "must be at most %d", maxOdometer/1000)
	}
	return nil
}

// end ends a rental: it says what the drive costs, counts the kilometers on the
// vehicle, and posts the price. All of it or none. It returns what it has seen of what
// the rental names.
func (m *Mobility) end(tx *store.Tx, r *Rental, e End) (seen named, err error) {
	if err := RentalLife.Check(r.State, Ended, renter); err != nil {
		return seen, err
	}
	if err := e.check(r); err != nil {
		return seen, err
	}
	if seen, err = m.memory.named(within(tx), r); err != nil {
		return seen, err
	}
	if err := r.requireLog(tx, seen.groups[r.GroupID], e.Log); err != nil {
		return seen, err
	}
	b, err := r.booking(tx)
	if err != nil {
		return seen, err
	}
	parts, err := r.stop(tx, e, b)
	if err != nil {
		return seen, err
	}
	if b != nil {
		if err := b.step(tx, Successful, renter, "booking.succeed", func() error { return nil }); err != nil {
			return seen, err
		}
	}
	if err := driven(tx, seen.vehicles, r.VehicleID, e); err != nil {
		return seen, err
	}
	seen.ledgers, err = r.charge(tx, parts)
	return seen, err
}

// stop has the rental be ended, of a booking if b is one, and returns what its price
// is made of.
func (r *Rental) stop(tx *store.Tx, e End, b *Booking) (Parts, error) {
	to, meters := Ended, int64(0)
	if e.Odometer != nil {
		if meters = *e.Odometer - r.StartOdometer; meters == 0 {
			to = EndedNoMovement
		}
	}
	parts := r.Rates.price(r.DriveStartTime, tx.Now, meters)
	if b != nil {
		parts.Booking = b.Fee
	}
	parts.limit()
	return parts, r.step(tx, to, renter, "rental.end", func() error {
		r.EndTime, r.DrivingLog, r.Price = tx.Now, e.Log, business.TaxOf(parts.Gross(), r.Rates.Tax)
		if e.Odometer != nil {
			r.EndOdometer = *e.Odometer
		}
		return nil
	})
}

// requireLog refuses an end without the log that the group asks for: Invalid with
// CodeNoDrivingLog.
func (r *Rental) requireLog(tx *store.Tx, group *business.Account, log *DrivingLog) error {
	if group == nil || !group.Settings.RequireDrivingLog || log != nil && log.Purpose != "" {
		return nil
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	asked, err := identity.DrivingLogEnabled.In(tx, tree, r.BranchID)
	if err == nil && asked {
		err = &roster.Error{Kind: roster.Invalid, Code: CodeNoDrivingLog, Field: "drivingLog", Msg: "must be given with a purpose: the business account asks for it"}
	}
	return err
}

// booking reads the booking that the rental was started from, if any.
func (r *Rental) booking(tx *store.Tx) (b *Booking, err error) {
	if r.BookingID != 0 {
		b, err = one(tx, scanBooking, bookingByID, r.BookingID)
	}
	return b, err
}

var vehicleDriven = store.Q("vehicle.driven", `UPDATE vehicles SET odometer = $3, positioned = $4, latitude = $5, longitude = $6, updated_at = $7, revision = $8
		WHERE tenant = $1 AND id = $2`)

// driven notes where a vehicle was left, and what its odometer showed. The log does
// not say where: it would tell where the renter went. The vehicle is among the seen.
func driven(tx *store.Tx, seen map[int64]*Vehicle, id int64, e End) error {
	if e.Odometer == nil && e.Position == nil {
		return nil
	}
	v := *seen[id]
	seen[id] = &v
	v.UpdatedAt, v.Revision = tx.Now, tx.Revision
	if e.Odometer != nil {
		v.Odometer = *e.Odometer
	}
	p := Position{}
	if e.Position != nil {
		v.Position = e.Position
	}
	if v.Position != nil {
		p = *v.Position
	}
	if _, err := tx.Exec(vehicleDriven, id, v.Odometer, v.Position != nil, p.Latitude, p.Longitude, v.UpdatedAt, v.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "vehicle.drive", SubjectType: "vehicle", SubjectID: id, After: map[string]int64{"odometer": v.Odometer}})
	return nil
}

// charge posts the price, uses vouchers for it, and returns what the ledger says then.
// What did not move and costs nothing is no business of the ledger.
func (r *Rental) charge(tx *store.Tx, parts Parts) (map[int64]Ledger, error) {
	if r.State == EndedNoMovement && r.Price.Gross == 0 {
		return map[int64]Ledger{r.ID: {}}, nil
	}
	rebates, err := care.UseVouchers(tx, care.Use{Charge: r.charged(), Tax: r.Rates.Tax, Parts: parts.forVouchers()})
	slices.SortFunc(rebates, func(a, b care.Rebate) int { return cmp.Compare(a.VoucherID, b.VoucherID) })
	return map[int64]Ledger{r.ID: {Rebates: rebates}}, err
}

// charged is the rental's charge.
func (r *Rental) charged() *business.Charge {
	return &business.Charge{
		AccountID: r.Payer(), Kind: business.RentalCharge, SourceID: r.ID, MemberID: r.PersonID, CostCenterID: r.CostCenterID,
		BusinessUnitID: r.BusinessUnitID, BranchID: r.BranchID, Currency: r.Currency, Time: r.EndTime, Price: r.Price,
	}
}

// forVouchers are the parts that vouchers may be for.
func (p Parts) forVouchers() []care.Part {
	return []care.Part{{PriceType: care.UnlockPrice, Gross: p.Unlock}, {PriceType: care.TimePrice, Gross: p.Time}, {PriceType: care.KilometerPrice, Gross: p.Kilometer}, {PriceType: care.BookingPrice, Gross: p.Booking}}
}
