package mobility

import (
	"context"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Ask is a Question as a client puts it: about one vehicle, by id or code, or about a
// category in a branch.
type Ask struct {
	VehicleID            int64
	VehicleCode          string
	BranchID, CategoryID int64
	Payer                Payer
	Start                string // Reservation or Active; "" for Reservation
	From, Until          int64  // of a booking, µs UTC; 0 for a rental that begins now
	Position             *Position
}

// Requirements tells what the rider must fulfill before a rental or booking, and what
// of it they do: creation is refused if and only if that is not all. Invalid for what
// makes no sense; NotFound for the vehicle, the branch, or a business account that is
// not theirs; Invalid with CodeNoCategory.
func (m *Mobility) Requirements(ctx context.Context, a roster.Actor, ask Ask) (*Check, error) {
	if err := ask.check(); err != nil {
		return nil, err
	}
	return m.requirements(asker{ctx: ctx, tenant: a.Tenant.ID, now: m.db.Now()}, a.PersonID, &ask)
}

func (m *Mobility) requirements(a asker, person int64, ask *Ask) (*Check, error) {
	r, err := m.memory.rules(a)
	if err != nil {
		return nil, err
	}
	q := Question{Person: person}
	if q.Account, err = m.memory.payer(a, r, person, &ask.Payer); err != nil {
		return nil, err
	}
	var v *Vehicle
	if ask.VehicleID != 0 || ask.VehicleCode != "" {
		if v, err = m.memory.vehicle(a, ask.VehicleID, ask.VehicleCode); err != nil {
			return nil, err
		}
	}
	if err := ask.question(r, &q, v); err != nil {
		return nil, err
	}
	return m.check(a, r, &q)
}

// StartRequirements tells the same about a customer, for an operator who may see
// them: nobody (0) gives the list of what is asked. A customer outside the business
// account lacks a membership, which is a requirement. NotFound for the customer and
// the account.
func (m *Mobility) StartRequirements(ctx context.Context, a roster.Actor, ask Ask, customer int64) (c *Check, err error) {
	if err := ask.check(); err != nil {
		return nil, err
	}
	err = m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		r, err := readRules(tx)
		if err != nil {
			return err
		}
		q := Question{Person: customer}
		switch p := ask.Payer; {
		case p.GroupID != 0:
			q.Account, err = business.LiveAccount(tx, p.GroupID)
		case p.GroupCode != "":
			q.Account, err = business.AccountByCode(tx, p.GroupCode)
		}
		if err != nil {
			return err
		}
		var v *Vehicle
		switch {
		case ask.VehicleID != 0:
			v, err = LiveVehicle(tx, ask.VehicleID)
		case ask.VehicleCode != "":
			v, err = VehicleByCode(tx, ask.VehicleCode)
		}
		if err != nil {
			return err
		}
		if err := ask.question(r, &q, v); err != nil {
			return err
		}
		c, err = m.check(within(tx), r, &q)
		return err
	})
	return c, err
}

// check judges what can be judged of the input alone, and fills in what it implies.
func (ask *Ask) check() error {
	ways := 0
	for _, way := range []bool{ask.VehicleID != 0, ask.VehicleCode != "", ask.BranchID != 0 || ask.CategoryID != 0} {
		if way {
			ways++
		}
	}
	switch {
	case ways != 1:
		return roster.FieldError("vehicleId", "must be given, or vehicleCode, or branchId with vehicleCategoryId: one of them")
	case ask.VehicleID == 0 && ask.VehicleCode == "" && ask.BranchID == 0:
		return roster.FieldError("branchId", "goes with vehicleCategoryId")
	case ask.VehicleID == 0 && ask.VehicleCode == "" && ask.CategoryID == 0:
		return roster.FieldError("vehicleCategoryId", "goes with branchId")
	case (ask.From == 0) != (ask.Until == 0) || ask.Until < ask.From || ask.From != 0 && ask.Until == ask.From:
		return roster.FieldError("bookingEnd", "goes with bookingStart, and is later")
	}
	switch ask.Start {
	case "":
		ask.Start = Reservation
	case Reservation, Active:
	default:
		return roster.FieldError("start", "must be %s or %s", Reservation, Active)
	}
	if ask.From != 0 {
		ask.Start = Booked
	}
	return ask.Payer.settle()
}

// question completes a question: where it is about, with which vehicle, if any, and
// when.
func (ask *Ask) question(r *rules, q *Question, v *Vehicle) error {
	q.Vehicle, q.BranchID, q.CategoryID = v, ask.BranchID, ask.CategoryID
	q.CostCenterID, q.BusinessReason = ask.Payer.CostCenterID, ask.Payer.BusinessReason
	q.Start, q.At, q.Until, q.Position = ask.Start, ask.From, ask.Until, ask.Position
	if v != nil {
		q.BranchID, q.CategoryID = v.BranchID, v.CategoryID
		return nil
	}
	if _, err := r.tree.Find(ask.BranchID); err != nil {
		return err
	}
	_, err := r.tariff(ask.BranchID, ask.CategoryID)
	return err
}
