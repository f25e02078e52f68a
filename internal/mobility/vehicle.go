package mobility

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// States of a vehicle: what the operator says, not whether somebody drives it.
const (
	Available    = "AVAILABLE"
	OutOfService = "OUT_OF_SERVICE"
)

// Vehicle is one vehicle.
type Vehicle struct {
	ID                 int64
	Code               string
	Name, LicensePlate string
	BranchID           int64
	CategoryID         int64
	State              string
	Position           *Position // nil where it is unknown
	Odometer           int64     // meters
	CreatedAt          int64
	UpdatedAt          int64
	Revision           int64
}

const vehicleColumns = `v.id, v.code, v.name, v.license_plate, v.branch_id, v.category_id, v.state, v.positioned, v.latitude, v.longitude, v.odometer,
		v.created_at, v.updated_at, v.revision`

var (
	vehicleByID   = store.Q("vehicle.by_id", `SELECT `+vehicleColumns+` FROM vehicles v WHERE v.tenant = $1 AND v.id IN ($2)`).In()
	vehicleByCode = store.Q("vehicle.by_code", `SELECT `+vehicleColumns+` FROM vehicles v WHERE v.tenant = $1 AND v.code_key IN ($2)`).In()
	vehicleInsert = store.Q("vehicle.insert", `INSERT INTO vehicles (tenant, id, code, code_key, name, license_plate, branch_id, category_id, state,
		positioned, latitude, longitude, odometer, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`).Many()
	vehicleUpdate = store.Q("vehicle.update", `UPDATE vehicles SET code = $3, code_key = $4, name = $5, license_plate = $6, branch_id = $7, category_id = $8, state = $9,
		positioned = $10, latitude = $11, longitude = $12, odometer = $13, created_at = $14, updated_at = $15, revision = $16 WHERE tenant = $1 AND id = $2`)
)

func scanVehicle(s store.Scanner) (*Vehicle, error) {
	v, p, positioned := &Vehicle{}, Position{}, false
	err := s.Scan(&v.ID, &v.Code, &v.Name, &v.LicensePlate, &v.BranchID, &v.CategoryID, &v.State, &positioned, &p.Latitude, &p.Longitude, &v.Odometer,
		&v.CreatedAt, &v.UpdatedAt, &v.Revision)
	if positioned {
		v.Position = &p
	}
	return v, err
}

// row is a vehicle's row from its id on.
func (v *Vehicle) row() []any {
	p := Position{}
	if v.Position != nil {
		p = *v.Position
	}
	return []any{
		v.ID, v.Code, graph.Key(v.Code), v.Name, v.LicensePlate, v.BranchID, v.CategoryID, v.State, v.Position != nil, p.Latitude, p.Longitude, v.Odometer,
		v.CreatedAt, v.UpdatedAt, v.Revision,
	}
}

// vehicleFields are the fields of a vehicle as the change log spells them. Where it
// stands is left out: it says where somebody went.
type vehicleFields struct {
	Code         string `json:"code"`
	Name         string `json:"name"`
	LicensePlate string `json:"licensePlate,omitempty"`
	BranchID     int64  `json:"branchId"`
	CategoryID   int64  `json:"vehicleCategoryId"`
	State        string `json:"state"`
}

func fieldsOfVehicle(v *Vehicle) vehicleFields {
	return vehicleFields{v.Code, v.Name, v.LicensePlate, v.BranchID, v.CategoryID, v.State}
}

// vehiclesByID reads vehicles, by id.
func vehiclesByID(tx *store.Tx, ids []int64) (map[int64]*Vehicle, error) {
	return byID(tx, scanVehicle, func(v *Vehicle) int64 { return v.ID }, vehicleByID, ids)
}

// LiveVehicle reads a vehicle. NotFound with CodeNoVehicle.
func LiveVehicle(tx *store.Tx, id int64) (*Vehicle, error) {
	found, err := vehiclesByID(tx, []int64{id})
	if err != nil {
		return nil, err
	}
	if v := found[id]; v != nil {
		return v, nil
	}
	return nil, errNoVehicle()
}

// VehicleByCode finds a vehicle by its code, however that is written. NotFound with
// CodeNoVehicle.
func VehicleByCode(tx *store.Tx, code string) (*Vehicle, error) {
	found, err := vehiclesByCode(tx, []string{graph.Key(code)})
	if err != nil {
		return nil, err
	}
	if v := found[graph.Key(code)]; v != nil {
		return v, nil
	}
	return nil, errNoVehicle()
}

// vehiclesByCode reads vehicles by the keys of their codes.
func vehiclesByCode(tx *store.Tx, keys []string) (map[string]*Vehicle, error) {
	found := make(map[string]*Vehicle, len(keys))
	err := store.EachOf(tx, vehicleByCode, keys, func(s store.Scanner) error {
		v, err := scanVehicle(s)
		if err == nil {
			found[graph.Key(v.Code)] = v
		}
		return err
	})
	return found, err
}

func errNoVehicle() error {
	return roster.Errorf(roster.NotFound, CodeNoVehicle, "there is no such vehicle")
}

// PutVehicle has the vehicle of v's code be as v says, and fills in its id; it
// reports whether that changed anything. Position and odometer count for a new one
// only: later they are where it was driven. Invalid, NotFound for an unknown branch.
func PutVehicle(tx *store.Tx, v *Vehicle) (changed bool, err error) {
	if v.State == "" {
		v.State = Available
	}
	if err := checkVehicle(tx, v); err != nil {
		return false, err
	}
	found, err := vehiclesByCode(tx, []string{graph.Key(v.Code)})
	if err != nil {
		return false, err
	}
	before := found[graph.Key(v.Code)]
	if before == nil {
		return true, insertVehicles(tx, []*Vehicle{v})
	}
	v.ID, v.Position, v.Odometer, v.CreatedAt = before.ID, before.Position, before.Odometer, before.CreatedAt
	if fieldsOfVehicle(v) == fieldsOfVehicle(before) {
		*v = *before
		return false, nil
	}
	v.UpdatedAt, v.Revision = tx.Now, tx.Revision
	tx.Record(roster.Change{Operation: "vehicle.update", SubjectType: "vehicle", SubjectID: v.ID, Before: fieldsOfVehicle(before), After: fieldsOfVehicle(v)})
	_, err = tx.Exec(vehicleUpdate, v.row()...)
	return true, err
}

func checkVehicle(tx *store.Tx, v *Vehicle) error {
	if v.Name == "" {
		v.Name = v.Code
	}
	if err := checkNamed(v.Code, v.Name); err != nil {
		return err
	}
	switch {
	case len(v.LicensePlate) > maxCode:
		return roster.FieldError("licensePlate", "must have at most %d characters", maxCode)
	case v.State != Available && v.State != OutOfService:
		return roster.FieldError("state", "there is no state %q of a vehicle", v.State)
	case v.Odometer < 0 || v.Odometer > maxOdometer:
		return roster.FieldError("odometer", "must be between 0 and %d meters", maxOdometer)
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	if _, err := tree.Find(v.BranchID); err != nil {
		return err
	}
	category, err := one(tx, scanCategory, categoryByID, v.CategoryID)
	if err == nil && category == nil {
		err = roster.FieldError("vehicleCategoryId", "there is no vehicle category %d", v.CategoryID)
	}
	return err
}

// insertVehicles adds vehicles and fills in what the server decides.
func insertVehicles(tx *store.Tx, vehicles []*Vehicle) (err error) {
	rows := make([][]any, len(vehicles))
	for i, v := range vehicles {
		if v.ID, err = tx.NextID(store.Vehicles); err != nil {
			return err
		}
		v.CreatedAt, v.UpdatedAt, v.Revision = tx.Now, tx.Now, tx.Revision
		tx.Record(roster.Change{Operation: "vehicle.create", SubjectType: "vehicle", SubjectID: v.ID, After: fieldsOfVehicle(v)})
		rows[i] = v.row()
	}
	return tx.ExecMany(vehicleInsert, rows)
}
