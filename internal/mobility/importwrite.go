package mobility

import (
	"fmt"
	"maps"
	"slices"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// tripWrite is the write of one chunk. It may run twice, so what it finds out counts
// once it is done.
type tripWrite struct {
	*tripImport
	next           int64 // the number of the next row that is taken
	groups         map[string]int64
	vehicles       map[string]*Vehicle
	tariffs        map[int64]*Tariff // by category
	rentals        []*Rental
	present, added int
	rejected       []RowError
}

var rentalsImported = store.Q("rental.by_external_id", `SELECT r.external_id, r.group_id FROM rentals r
		WHERE r.tenant = $1 AND r.external_id <> '' AND r.external_id IN ($2)`).In()

func (w *tripWrite) run(tx *store.Tx) error {
	tx.Housekeeping() // where all are there already
	if err := w.look(tx); err != nil {
		return err
	}
	if err := w.addVehicles(tx); err != nil {
		return err
	}
	for _, t := range w.chunk {
		if e := w.refuse(tx, &t); e != nil {
			w.rejected = append(w.rejected, *e)
			continue
		}
		if _, there := w.groups[t.ID]; there {
			w.present++
		} else {
			w.rentals = append(w.rentals, w.rental(tx, &t))
		}
		w.next++
	}
	return w.save(tx)
}

// look reads which trips are there already, the vehicles, and what they cost.
func (w *tripWrite) look(tx *store.Tx) error {
	ids, keys := make([]string, len(w.chunk)), map[string]bool{}
	for n, t := range w.chunk {
		ids[n] = t.ID
		keys[graph.Key(t.VehicleCode)] = true
	}
	w.groups = map[string]int64{}
	err := store.EachOf(tx, rentalsImported, ids, func(s store.Scanner) error {
		var id string
		var group int64
		err := s.Scan(&id, &group)
		w.groups[id] = group
		return err
	})
	if err != nil {
		return err
	}
	if w.vehicles, err = vehiclesByCode(tx, slices.Sorted(maps.Keys(keys))); err != nil {
		return err
	}
	tariffs, err := TariffsOf(tx, w.tree, w.account.BranchID)
	w.tariffs = map[int64]*Tariff{}
	for _, t := range tariffs {
		w.tariffs[t.CategoryID] = t
	}
	return err
}

// addVehicles adds those that are unknown, in the order of the file.
func (w *tripWrite) addVehicles(tx *store.Tx) error {
	var fresh []*Vehicle
	for _, t := range w.chunk {
		if w.vehicles[graph.Key(t.VehicleCode)] != nil || w.refuse(tx, &t) != nil {
			continue
		}
		v := &Vehicle{Code: t.VehicleCode, Name: t.VehicleCode, BranchID: w.account.BranchID, CategoryID: w.category, State: Available}
		w.vehicles[graph.Key(t.VehicleCode)] = v
		fresh = append(fresh, v)
	}
	w.added = len(fresh)
	if len(fresh) == 0 {
		return nil
	}
	return insertVehicles(tx, fresh)
}

// refuse says why a trip is not taken; nil where it is.
func (w *tripWrite) refuse(tx *store.Tx, t *Trip) *RowError {
	category := w.category
	if v := w.vehicles[graph.Key(t.VehicleCode)]; v != nil {
		category = v.CategoryID
	}
	group, there := w.groups[t.ID]
	switch {
	case there && group != w.account.ID:
		return &RowError{t.Line, CodeTripTaken, fmt.Sprintf("trip %q was imported for another business account", t.ID)}
	case t.End > tx.Now:
		return &RowError{t.Line, codeForm, "end_time must not be in the future"}
	case w.tariffs[category] == nil:
		return &RowError{t.Line, CodeNoCategory, "the vehicle's category has no tariff in the branch of the business account"}
	}
	return nil
}

// rental is the rental that a trip becomes, by its number among the rows that are
// taken.
func (w *tripWrite) rental(tx *store.Tx, t *Trip) *Rental {
	v := w.vehicles[graph.Key(t.VehicleCode)]
	tariff := w.tariffs[v.CategoryID]
	r := &Rental{
		PersonID: w.members[w.next%int64(len(w.members))], Type: Business, GroupID: w.account.ID, BranchID: w.account.BranchID,
		BusinessUnitID: w.unit, VehicleID: v.ID, CategoryID: v.CategoryID, Currency: tariff.Currency, Rates: tariff.Rates,
		State: Ended, StartTime: t.Start, DriveStartTime: t.Start, EndTime: t.End, StartAddress: t.StartStation, EndAddress: t.EndStation,
		ExternalID: t.ID, CreatedAt: tx.Now, UpdatedAt: tx.Now, Revision: tx.Revision,
	}
	if n := int64(len(w.costCenters)); n > 0 {
		r.CostCenterID = w.costCenters[w.next%n]
	}
	parts := tariff.Rates.price(t.Start, t.End, 0)
	parts.limit()
	r.Price = business.TaxOf(parts.Gross(), tariff.Rates.Tax)
	return r
}

// save writes the rentals and posts what they cost.
func (w *tripWrite) save(tx *store.Tx) (err error) {
	if len(w.rentals) == 0 {
		return nil
	}
	rows, charges := make([][]any, len(w.rentals)), make([]*business.Charge, len(w.rentals))
	for n, r := range w.rentals {
		if r.ID, err = tx.NextID(store.Rentals); err != nil {
			return err
		}
		tx.Record(roster.Change{Operation: "rental.import", SubjectType: "rental", SubjectID: r.ID, ObjectID: r.PersonID, After: fieldsOfRental(r)})
		rows[n], charges[n] = r.row(), r.charged()
	}
	if err := business.ReferenceUnit(tx, w.unit); err != nil {
		return err
	}
	if err := tx.ExecMany(rentalInsert, rows); err != nil {
		return err
	}
	return business.PostCharges(tx, charges)
}
