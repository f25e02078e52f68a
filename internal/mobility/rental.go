package mobility

import (
	"encoding/json"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Rental is one vehicle in one person's hands (contract/mobility.md §4.7). What it
// says up to Rates is captured when it is made, and never changes. Times are µs UTC,
// odometers meters; 0 is none.
type Rental struct {
	ID, PersonID    int64
	Type            string // Personal or Business
	GroupID         int64  // of a Business one
	CostCenterID    int64
	BusinessReason  string
	BranchID        int64
	BusinessUnitID  int64 // that bills it
	VehicleID       int64
	CategoryID      int64
	BookingID       int64
	PaymentSourceID int64
	Currency        string
	Rates           Rates
	State           string
	StartTime       int64 // when it was made
	DriveStartTime  int64 // from when minutes are counted
	EndTime         int64
	ExpiresAt       int64 // of a reservation
	StartOdometer   int64
	EndOdometer     int64 // 0 where it was not told
	StartAddress    string
	EndAddress      string
	Price           roster.Price // once it has ended
	DrivingLog      *DrivingLog
	ExternalID      string // the trip that was imported
	CreatedAt       int64
	UpdatedAt       int64
	Revision        int64
}

// DrivingLog is what a renter notes of a drive. Odometers are meters.
type DrivingLog struct {
	Purpose       string `json:"purpose"`
	StartOdometer int64  `json:"startOdometer,omitempty"`
	EndOdometer   int64  `json:"endOdometer,omitempty"`
	Note          string `json:"note,omitempty"`
}

// Distance is how many meters were driven; false where it is not known.
func (r *Rental) Distance() (meters int64, known bool) {
	if r.EndOdometer == 0 && r.State != EndedNoMovement {
		return 0, false
	}
	return r.EndOdometer - r.StartOdometer, true
}

// Payer is the account that the rental is charged to: the group's, or the renter's own.
func (r *Rental) Payer() int64 {
	if r.GroupID != 0 {
		return r.GroupID
	}
	return r.PersonID
}

const rentalColumns = `r.id, r.person_id, r.type, r.group_id, r.cost_center_id, r.business_reason, r.branch_id, r.business_unit_id, r.vehicle_id, r.category_id,
		r.booking_id, r.payment_source_id, r.currency, r.tax, r.unlock, r.per_minute, r.per_kilometer,
		r.state, r.start_time, r.drive_start_time, r.end_time, r.expires_at, r.start_odometer, r.end_odometer, r.start_address, r.end_address,
		r.net, r.price_tax, r.gross, r.driving_log, r.external_id, r.created_at, r.updated_at, r.revision`

var (
	rentalByID   = store.Q("rental.by_id", `SELECT `+rentalColumns+` FROM rentals r WHERE r.tenant = $1 AND r.id = $2`)
	rentalOpenOf = store.Q("rental.open_of_vehicle", `SELECT `+rentalColumns+` FROM rentals r
		WHERE r.tenant = $1 AND r.vehicle_id = $2 AND r.state IN ('RESERVATION', 'ACTIVE')`)
	rentalActiveOf = store.Q("rental.active_of_person", `SELECT r.id FROM rentals r WHERE r.tenant = $1 AND r.person_id = $2 AND r.state = 'ACTIVE'`)
	rentalInsert   = store.Q("rental.insert", `INSERT INTO rentals (tenant, id, person_id, type, group_id, cost_center_id, business_reason, branch_id, business_unit_id,
		vehicle_id, category_id, booking_id, payment_source_id, currency, tax, unlock, per_minute, per_kilometer,
		state, start_time, drive_start_time, end_time, expires_at, start_odometer, end_odometer, start_address, end_address,
		net, price_tax, gross, driving_log, external_id, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
		$28, $29, $30, $31, $32, $33, $34, $35)`).Many()
	rentalUpdate = store.Q("rental.update", `UPDATE rentals SET state = $3, drive_start_time = $4, end_time = $5, expires_at = $6, start_odometer = $7, end_odometer = $8,
		net = $9, price_tax = $10, gross = $11, driving_log = $12, updated_at = $13, revision = $14 WHERE tenant = $1 AND id = $2`)
)

func scanRental(s store.Scanner) (*Rental, error) {
	r := &Rental{}
	var log string
	err := s.Scan(&r.ID, &r.PersonID, &r.Type, &r.GroupID, &r.CostCenterID, &r.BusinessReason, &r.BranchID, &r.BusinessUnitID, &r.VehicleID, &r.CategoryID,
		&r.BookingID, &r.PaymentSourceID, &r.Currency, &r.Rates.Tax, &r.Rates.Unlock, &r.Rates.PerMinute, &r.Rates.PerKilometer,
		&r.State, &r.StartTime, &r.DriveStartTime, &r.EndTime, &r.ExpiresAt, &r.StartOdometer, &r.EndOdometer, &r.StartAddress, &r.EndAddress,
		&r.Price.Net, &r.Price.Tax, &r.Price.Gross, &log, &r.ExternalID, &r.CreatedAt, &r.UpdatedAt, &r.Revision)
	if err == nil && log != "" {
		err = json.Unmarshal([]byte(log), &r.DrivingLog)
	}
	return r, err
}

// row is a rental's row from its id on.
func (r *Rental) row() []any {
	return []any{
		r.ID, r.PersonID, r.Type, r.GroupID, r.CostCenterID, r.BusinessReason, r.BranchID, r.BusinessUnitID, r.VehicleID, r.CategoryID,
		r.BookingID, r.PaymentSourceID, r.Currency, r.Rates.Tax, int64(r.Rates.Unlock), int64(r.Rates.PerMinute), int64(r.Rates.PerKilometer),
		r.State, r.StartTime, r.DriveStartTime, r.EndTime, r.ExpiresAt, r.StartOdometer, r.EndOdometer, r.StartAddress, r.EndAddress,
		int64(r.Price.Net), int64(r.Price.Tax), int64(r.Price.Gross), r.logText(), r.ExternalID, r.CreatedAt, r.UpdatedAt, r.Revision,
	}
}

func (r *Rental) logText() string {
	if r.DrivingLog == nil {
		return ""
	}
	text, err := json.Marshal(r.DrivingLog)
	if err != nil {
		panic(err) // texts and numbers
	}
	return string(text)
}

// rentalFields are the fields of a rental as the change log spells them. Where and
// what for somebody drove is left out.
type rentalFields struct {
	Type         string `json:"type"`
	State        string `json:"state"`
	GroupID      int64  `json:"userGroupId,omitempty"`
	CostCenterID int64  `json:"costCenterId,omitempty"`
	VehicleID    int64  `json:"vehicleId"`
	BranchID     int64  `json:"branchId"`
	BookingID    int64  `json:"bookingId,omitempty"`
	StartTime    int64  `json:"startTime"`
	EndTime      int64  `json:"endTime,omitempty"`
	Gross        string `json:"grossPrice,omitempty"`
	Currency     string `json:"currency"`
}

func fieldsOfRental(r *Rental) rentalFields {
	f := rentalFields{r.Type, r.State, r.GroupID, r.CostCenterID, r.VehicleID, r.BranchID, r.BookingID, r.StartTime, r.EndTime, "", r.Currency}
	if r.State == Ended || r.State == EndedNoMovement {
		f.Gross = r.Price.Gross.String()
	}
	return f
}

// settle has a reservation whose time is over be what it is: EXPIRED, though its row
// may not say so yet.
func (r *Rental) settle(now int64) *Rental {
	if r.State == Reservation && r.ExpiresAt <= now {
		r.State, r.EndTime = Expired, r.ExpiresAt
	}
	return r
}

// insertRental adds a rental and fills in what the server decides.
func insertRental(tx *store.Tx, r *Rental) (err error) {
	if r.ID, err = tx.NextID(store.Rentals); err != nil {
		return err
	}
	r.CreatedAt, r.UpdatedAt, r.Revision = tx.Now, tx.Now, tx.Revision
	if _, err := tx.Exec(rentalInsert, r.row()...); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "rental.create", SubjectType: "rental", SubjectID: r.ID, ObjectID: r.PersonID, After: fieldsOfRental(r)})
	return nil
}

// step takes a rental to a state, as edit says, and writes it. An error of the
// lifecycle or of edit.
func (r *Rental) step(tx *store.Tx, to, by, operation string, edit func() error) error {
	if err := RentalLife.Check(r.State, to, by); err != nil {
		return err
	}
	before := fieldsOfRental(r)
	r.State, r.UpdatedAt, r.Revision = to, tx.Now, tx.Revision
	if err := edit(); err != nil {
		return err
	}
	_, err := tx.Exec(rentalUpdate, r.ID, r.State, r.DriveStartTime, r.EndTime, r.ExpiresAt, r.StartOdometer, r.EndOdometer,
		int64(r.Price.Net), int64(r.Price.Tax), int64(r.Price.Gross), r.logText(), r.UpdatedAt, r.Revision)
	if err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: operation, SubjectType: "rental", SubjectID: r.ID, ObjectID: r.PersonID, Before: before, After: fieldsOfRental(r)})
	return nil
}
