package mobility

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Where a booked vehicle is fetched.
const (
	Station  = "STATION"
	Floating = "FLOATING"
)

// Booking keeps a vehicle of a category for a window of time (contract/mobility.md
// §4.7). What it says up to GraceUntil is captured when it is made, and never
// changes. Times are µs UTC; 0 is none.
type Booking struct {
	ID, PersonID    int64
	Type            string // Station or Floating
	RentalType      string // Personal or Business
	GroupID         int64  // of a Business one
	CostCenterID    int64
	BusinessReason  string
	BranchID        int64
	StationID       int64
	BusinessUnitID  int64 // that bills it
	CategoryID      int64
	PaymentSourceID int64
	Currency        string
	Tax             int64         // hundredths of a percent
	Fee             roster.Amount // the tariff's booking price, gross
	StartTime       int64
	EndTime         int64
	NeedsApproval   bool
	GraceUntil      int64 // when it expires unless it was started
	State           string
	VehicleID       int64        // once it is delivered
	RentalID        int64        // so
	Charged         roster.Price // for itself; a rental of it is charged with Fee in it
	DecidedBy       int64        // who approved or declined
	DecidedAt       int64
	DeclineReason   string
	CreatedAt       int64
	UpdatedAt       int64
	Revision        int64
}

// Price is what the booking costs.
func (b *Booking) Price() roster.Price { return business.TaxOf(b.Fee, b.Tax) }

// Waits reports whether the booking waits for somebody of its group to approve it.
func (b *Booking) Waits() bool { return b.NeedsApproval && b.State == Booked }

// Payer is the account that the booking is charged to: the group's, or the renter's own.
func (b *Booking) Payer() int64 {
	if b.GroupID != 0 {
		return b.GroupID
	}
	return b.PersonID
}

const bookingColumns = `b.id, b.person_id, b.type, b.rental_type, b.group_id, b.cost_center_id, b.business_reason, b.branch_id, b.station_id, b.business_unit_id,
		b.category_id, b.payment_source_id, b.currency, b.tax, b.price, b.start_time, b.end_time, b.needs_approval, b.grace_until,
		b.state, b.vehicle_id, b.rental_id, b.net, b.price_tax, b.gross, b.decided_by, b.decided_at, b.decline_reason, b.created_at, b.updated_at, b.revision`

var (
	bookingByID   = store.Q("booking.by_id", `SELECT `+bookingColumns+` FROM bookings b WHERE b.tenant = $1 AND b.id = $2`)
	bookingInsert = store.Q("booking.insert", `INSERT INTO bookings (tenant, id, person_id, type, rental_type, group_id, cost_center_id, business_reason, branch_id, station_id,
		business_unit_id, category_id, payment_source_id, currency, tax, price, start_time, end_time, needs_approval, grace_until,
		state, vehicle_id, rental_id, net, price_tax, gross, decided_by, decided_at, decline_reason, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
		$28, $29, $30, $31, $32)`)
	bookingUpdate = store.Q("booking.update", `UPDATE bookings SET state = $3, vehicle_id = $4, rental_id = $5, net = $6, price_tax = $7, gross = $8,
		decided_by = $9, decided_at = $10, decline_reason = $11, updated_at = $12, revision = $13 WHERE tenant = $1 AND id = $2`)
)

func scanBooking(s store.Scanner) (*Booking, error) {
	b := &Booking{}
	return b, s.Scan(&b.ID, &b.PersonID, &b.Type, &b.RentalType, &b.GroupID, &b.CostCenterID, &b.BusinessReason, &b.BranchID, &b.StationID, &b.BusinessUnitID,
		&b.CategoryID, &b.PaymentSourceID, &b.Currency, &b.Tax, &b.Fee, &b.StartTime, &b.EndTime, &b.NeedsApproval, &b.GraceUntil,
		&b.State, &b.VehicleID, &b.RentalID, &b.Charged.Net, &b.Charged.Tax, &b.Charged.Gross, &b.DecidedBy, &b.DecidedAt, &b.DeclineReason,
		&b.CreatedAt, &b.UpdatedAt, &b.Revision)
}

// bookingFields are the fields of a booking as the change log spells them.
type bookingFields struct {
	RentalType   string `json:"rentalType"`
	State        string `json:"state"`
	GroupID      int64  `json:"userGroupId,omitempty"`
	CostCenterID int64  `json:"costCenterId,omitempty"`
	BranchID     int64  `json:"branchId"`
	CategoryID   int64  `json:"vehicleCategoryId"`
	StartTime    int64  `json:"startTime"`
	EndTime      int64  `json:"endTime"`
	RentalID     int64  `json:"rentalId,omitempty"`
	DecidedBy    int64  `json:"decidedBy,omitempty"`
	Decline      string `json:"declineReason,omitempty"`
	Gross        string `json:"grossPrice,omitempty"` // that was charged
	Currency     string `json:"currency"`
}

func fieldsOfBooking(b *Booking) bookingFields {
	f := bookingFields{
		b.RentalType, b.State, b.GroupID, b.CostCenterID, b.BranchID, b.CategoryID, b.StartTime, b.EndTime, b.RentalID, b.DecidedBy, b.DeclineReason, "",
		b.Currency,
	}
	if b.Charged.Gross != 0 {
		f.Gross = b.Charged.Gross.String()
	}
	return f
}

// settle has a booking that nobody started in time be what it is: EXPIRED, though
// its row may not say so yet.
func (b *Booking) settle(now int64) *Booking {
	if (b.State == Booked || b.State == Approved) && b.GraceUntil <= now {
		b.State = Expired
	}
	return b
}

// insertBooking adds a booking and fills in what the server decides.
func insertBooking(tx *store.Tx, b *Booking) (err error) {
	if b.ID, err = tx.NextID(store.Rentals); err != nil {
		return err
	}
	b.CreatedAt, b.UpdatedAt, b.Revision = tx.Now, tx.Now, tx.Revision
	_, err = tx.Exec(bookingInsert, b.ID, b.PersonID, b.Type, b.RentalType, b.GroupID, b.CostCenterID, b.BusinessReason, b.BranchID, b.StationID,
		b.BusinessUnitID, b.CategoryID, b.PaymentSourceID, b.Currency, b.Tax, int64(b.Fee), b.StartTime, b.EndTime, b.NeedsApproval, b.GraceUntil,
		b.State, b.VehicleID, b.RentalID, 0, 0, 0, b.DecidedBy, b.DecidedAt, b.DeclineReason, b.CreatedAt, b.UpdatedAt, b.Revision)
	if err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "booking.create", SubjectType: "booking", SubjectID: b.ID, ObjectID: b.PersonID, After: fieldsOfBooking(b)})
	return nil
}

// step takes a booking to a state, as edit says, and writes it. An error of the
// lifecycle or of edit.
func (b *Booking) step(tx *store.Tx, to, by, operation string, edit func() error) error {
	if err := BookingLife.Check(b.State, to, by); err != nil {
		return err
	}
	before := fieldsOfBooking(b)
	if err := edit(); err != nil {
		return err
	}
	b.State, b.UpdatedAt, b.Revision = to, tx.Now, tx.Revision
	_, err := tx.Exec(bookingUpdate, b.ID, b.State, b.VehicleID, b.RentalID, int64(b.Charged.Net), int64(b.Charged.Tax), int64(b.Charged.Gross),
		b.DecidedBy, b.DecidedAt, b.DeclineReason, b.UpdatedAt, b.Revision)
	if err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: operation, SubjectType: "booking", SubjectID: b.ID, ObjectID: b.PersonID, Before: before, After: fieldsOfBooking(b)})
	return nil
}

// charge posts the booking's own price, of an instant (µs UTC). A booking that waits
// for approval was never promised, and costs nothing.
func (b *Booking) charge(tx *store.Tx, at int64) error {
	if b.Fee == 0 || b.Waits() {
		return nil
	}
	b.Charged = b.Price()
	return business.PostCharges(tx, []*business.Charge{{
		AccountID: b.Payer(), Kind: business.BookingCharge, SourceID: b.ID, MemberID: b.PersonID, CostCenterID: b.CostCenterID,
		BusinessUnitID: b.BusinessUnitID, BranchID: b.BranchID, Currency: b.Currency, Time: at, Price: b.Charged,
	}})
}
