package mobility

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/rosterhq/roster/internal/business"
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
	before := i.done.Added
	i.done.Added += len(w.rentals)
	i.done.Present += w.present
	i.done.Vehicles += w.added
	i.done.Rejected = append(i.done.Rejected, w.rejected...)
	if before < importAtOnce && i.done.Added >= importAtOnce { // the first of many
		return i.db.Learn(ctx, "rentals", "charges", "charge_sums", "vehicles")
	}
	return nil
}
