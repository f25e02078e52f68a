package mobility

import (
	"cmp"
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// VehicleFilter narrows a list of vehicles; zero fields do not.
type VehicleFilter struct {
	BranchID   int64 // and those below it
	CategoryID int64
	Near       *Position
	Radius     int64 // meters around Near; 0 for no limit
}

// NearVehicle is a vehicle that can be rented, and how far it is.
type NearVehicle struct {
	*Vehicle
	// Distance is in meters; -1 where it was not asked for, or is not known.
	Distance int64
}

// Whoever has a vehicle has it by a rental that is open; a reservation whose time is
// over holds nothing.
const noRental = `NOT EXISTS (SELECT 1 FROM rentals r WHERE r.tenant = v.tenant AND r.vehicle_id = v.id AND ` + openRental + `)`

var vehiclesFree = store.Q("vehicle.free", `SELECT v.id, v.positioned, v.latitude, v.longitude FROM vehicles v
		WHERE v.tenant = $1 AND v.state = 'AVAILABLE' AND (v.category_id = $3 OR CAST($3 AS bigint) = 0)
		AND v.latitude BETWEEN $4 AND $5 AND v.longitude BETWEEN $6 AND $7
		AND `+noRental+` AND v.branch_id IN ($8)`).In()

// Vehicles lists the vehicles that can be rented now, and tells how many there are:
// the nearest first, then by id, unless the page sorts them by id. NotFound for an
// unknown branch.
func (m *Mobility) Vehicles(ctx context.Context, a roster.Actor, f VehicleFilter, p roster.Page) (page []NearVehicle, total int, err error) {
	err = m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		free, err := freeVehicles(tx, f)
		if err != nil {
			return err
		}
		if len(p.Sort) > 0 {
			slices.SortFunc(free, func(a, b NearVehicle) int { return p.Sort[0].Order(cmp.Compare(a.ID, b.ID)) })
		}
		total = len(free)
		page = free[min(p.Offset, total):]
		page = page[:min(p.Limit, len(page))]
		return fillVehicles(tx, page)
	})
	return page, total, err
}

// freeVehicles finds the vehicles of the filter, of which it reads id and position.
func freeVehicles(tx *store.Tx, f VehicleFilter) ([]NearVehicle, error) {
	branches, err := operationalBranches(tx, f.BranchID)
	if err != nil {
		return nil, err
	}
	within := everywhere
	if f.Near != nil && f.Radius > 0 {
		within = f.Near.around(f.Radius)
	}
	var free []NearVehicle
	err = tx.EachIn(vehiclesFree, branches, func(s store.Scanner) error {
		v, p, positioned := NearVehicle{&Vehicle{}, -1}, Position{}, false
		if err := s.Scan(&v.ID, &positioned, &p.Latitude, &p.Longitude); err != nil {
			return err
		}
		if positioned && f.Near != nil {
			v.Distance = f.Near.Distance(p)
		}
		if f.Near == nil || f.Radius == 0 || v.Distance >= 0 && v.Distance <= f.Radius {
			free = append(free, v)
		}
		return nil
	}, tx.Now, f.CategoryID, within.south, within.north, within.west, within.east)
	slices.SortFunc(free, func(a, b NearVehicle) int {
		return cmp.Or(cmp.Compare(uint64(a.Distance), uint64(b.Distance)), cmp.Compare(a.ID, b.ID)) //nolint:gosec // -1, unknown, comes last
	})
	return free, err
}

// operational is the state of a branch in which vehicles are rented.
const operational = "OPERATIONAL"

// operationalBranches lists those of a branch and the ones below it, or of all (0),
// where vehicles are rented.
func operationalBranches(tx *store.Tx, branch int64) ([]int64, error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return nil, err
	}
	ids := tree.IDs()
	if branch != 0 {
		if _, err := tree.Find(branch); err != nil {
			return nil, err
		}
		ids = tree.Below(branch)
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return tree.Branch(id).State != operational }), nil
}

// fillVehicles reads the rest of vehicles.
func fillVehicles(tx *store.Tx, page []NearVehicle) error {
	ids := make([]int64, len(page))
	for i, v := range page {
		ids[i] = v.ID
	}
	found, err := vehiclesByID(tx, ids)
	for i, v := range page {
		page[i].Vehicle = found[v.ID]
	}
	return err
}

// Tariffs lists what the categories of a branch cost there, by category. NotFound for
// an unknown branch.
func (m *Mobility) Tariffs(ctx context.Context, a roster.Actor, branch int64) (tariffs []*Tariff, err error) {
	err = m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		tree, err := identity.Branches(tx)
		if err != nil {
			return err
		}
		if _, err := tree.Find(branch); err != nil {
			return err
		}
		tariffs, err = TariffsOf(tx, tree, branch)
		return err
	})
	return tariffs, err
}

// VehicleCategories lists the tenant's categories, by id.
func (m *Mobility) VehicleCategories(ctx context.Context, a roster.Actor) (all []*Category, err error) {
	err = m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		all, err = Categories(tx)
		return err
	})
	return all, err
}
