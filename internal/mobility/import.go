package mobility

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Imported is what became of a file of trips.
type Imported struct {
	Rows     int        // read
	Added    int        // rentals made of them
	Present  int        // rows that an earlier import made a rental of
	Vehicles int        // that were unknown, and were added
	Rejected []RowError // in the order of the file
}

// importAtOnce is how many rows one write takes: others get their turn in between.
const importAtOnce = 1000

// ImportTrips makes each trip an ended rental of a business account, priced by the
// tariff of its branch, and charges it. Nobody is named by the file, so row i of those
// that are taken, from 0, is driven by member i mod n of the n active ones, by id, and
// booked to cost center i mod m of the m active ones, if any. Unknown vehicles join
// the account's branch, in its first category.
//
// A trip is known by its id: importing the file again adds nothing, and an import that
// was cut off goes on where it was. What a row is rejected for concerns that row
// alone. It is for the command line, and for what the server does by itself: others
// are Forbidden. NotFound with business.CodeNoCode; Conflict with
// business.CodeAccountInactive, or where the account has no active member; Invalid
// with CodeNoCategory; else what rows fails with.
func (m *Mobility) ImportTrips(ctx context.Context, a roster.Actor, code string, rows iter.Seq2[Trip, error]) (*Imported, error) {
	if a.API != roster.CLI && a.API != roster.Background {
		return nil, roster.Errorf(roster.Forbidden, business.CodeNoPermission, "trips are imported by the command line")
	}
	i := tripImport{db: m.db, seen: map[string]bool{}, done: &Imported{}}
	if err := m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error { return i.prepare(tx, code) }); err != nil {
		return nil, err
	}
	for t, err := range rows {
		i.done.Rows++
		if err := i.take(t, err); err != nil {
			return i.done, err
		}
		if len(i.chunk) == importAtOnce {
			if err := i.flush(ctx, a); err != nil {
				return i.done, err
			}
		}
	}
	err := i.flush(ctx, a)
	slices.SortStableFunc(i.done.Rejected, func(a, b RowError) int { return a.Line - b.Line })
	return i.done, err
}

// tripImport is an import under way.
type tripImport struct {
	db          *store.DB
	account     *business.Account
	tree        *identity.Tree
	unit        int64 // the business unit that bills
	category    int64 // of unknown vehicles
	members     []int64
	costCenters []int64
	seen        map[string]bool // the trips of the file so far
	taken       int64           // rows, by whose number the next is handed out
	chunk       []Trip
	done        *Imported
}

var membersActive = store.Q("member.active", `SELECT m.member_id FROM memberships m JOIN member_properties p
		ON p.tenant = m.tenant AND p.group_id = m.group_id AND p.person_id = m.member_id
		WHERE m.tenant = $1 AND m.group_id = $2 AND m.recorded_to = 9223372036854775807 AND m.state = 'ACTIVE' AND p.left_at = 0 ORDER BY m.member_id`)

func (i *tripImport) prepare(tx *store.Tx, code string) (err error) {
	if i.account, err = business.AccountByCode(tx, code); err != nil {
		return err
	}
	if i.account.State != business.AccountActive {
		return roster.Errorf(roster.Conflict, business.CodeAccountInactive, "the business account is not active")
	}
	if i.members, err = store.All(tx, membersActive, scanID, i.account.ID); err != nil {
		return err
	}
	if len(i.members) == 0 {
		return roster.Errorf(roster.Conflict, business.CodeInactiveMember, "the business account has no active member who could have driven")
	}
	costCenters, err := business.CostCentersOf(tx, i.account.ID)
	if err != nil {
		return err
	}
	for _, c := range costCenters {
		if c.Active {
			i.costCenters = append(i.costCenters, c.ID)
		}
	}
	if i.tree, err = identity.Branches(tx); err != nil {
		return err
	}
	unit, err := business.UnitFor(tx, i.tree, i.account, i.account.BranchID)
	if err != nil {
		return err
	}
	i.unit = unit.ID
	tariffs, err := TariffsOf(tx, i.tree, i.account.BranchID)
	if err != nil {
		return err
	}
	if len(tariffs) == 0 {
		return errNoCategory()
	}
	i.category = tariffs[0].CategoryID
	return nil
}

// take adds a row to the chunk, or to what is rejected; an error of the file itself
// ends the import.
func (i *tripImport) take(t Trip, err error) error {
	var row *RowError
	switch {
	case errors.As(err, &row):
		i.done.Rejected = append(i.done.Rejected, *row)
	case err != nil:
		i.done.Rows--
		return err
	case i.seen[t.ID]:
		i.done.Rejected = append(i.done.Rejected, RowError{t.Line, codeForm, fmt.Sprintf("the file has trip %q twice", t.ID)})
	default:
		i.seen[t.ID] = true
		i.chunk = append(i.chunk, t)
	}
	return nil
}

// flush writes the chunk.
func (i *tripImport) flush(ctx context.Context, a roster.Actor) error {
	if len(i.chunk) == 0 {
		return nil
	}
	var w tripWrite
	err := i.db.Write(ctx, a, func(tx *store.Tx) error {
		w = tripWrite{tripImport: i, next: i.taken}
		return w.run(tx)
	})
	if err != nil {
		return err
	}
	i.taken, i.chunk = w.next, i.chunk[:0]
	i.done.Added += len(w.rentals)
	i.done.Present += w.present
	i.done.Vehicles += w.added
	i.done.Rejected = append(i.done.Rejected, w.rejected...)
	return nil
}

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
	if w.vehicles, err = vehiclesByCode(tx, sortedTexts(keys)); err != nil {
		return err
	}
	tariffs, err := TariffsOf(tx, w.tree, w.account.BranchID)
	w.tariffs = map[int64]*Tariff{}
	for _, t := range tariffs {
		w.tariffs[t.CategoryID] = t
	}
	return err
}

func sortedTexts(set map[string]bool) []string {
	all := make([]string, 0, len(set))
	for text := range set {
		all = append(all, text)
	}
	slices.Sort(all)
	return all
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
