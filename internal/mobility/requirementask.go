package mobility

import (
	"context"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
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
	return m.answer(ctx, a, &ask, func(tx *store.Tx, r *rules) (q Question, err error) {
		q.Person = a.PersonID
		q.Account, err = ask.Payer.account(tx, r.tree, a.PersonID)
		return q, err
	})
}

// StartRequirements tells the same about a customer, for an operator who may see
// them: nobody (0) gives the list of what is asked. A customer outside the business
// account lacks a membership, which is a requirement. NotFound for the customer and
// the account.
func (m *Mobility) StartRequirements(ctx context.Context, a roster.Actor, ask Ask, customer int64) (*Check, error) {
	return m.answer(ctx, a, &ask, func(tx *store.Tx, _ *rules) (q Question, err error) {
		q.Person = customer
		switch p := ask.Payer; {
		case p.GroupID != 0:
			q.Account, err = business.LiveAccount(tx, p.GroupID)
		case p.GroupCode != "":
			q.Account, err = business.AccountByCode(tx, p.GroupCode)
		}
		return q, err
	})
}

// answer answers what ask asks, which it completes, of who: the person and the
// account.
func (m *Mobility) answer(ctx context.Context, a roster.Actor, ask *Ask, who func(*store.Tx, *rules) (Question, error)) (c *Check, err error) {
	if err := ask.check(); err != nil {
		return nil, err
	}
	r, err := m.rules.Get(ctx, a.Tenant.ID, struct{}{}, readRules)
	if err != nil {
		return nil, err
	}
	err = m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		q, err := who(tx, r)
		if err != nil {
			return err
		}
		if err := ask.place(tx, r.tree, &q); err != nil {
			return err
		}
		q.CostCenterID, q.BusinessReason = ask.Payer.CostCenterID, ask.Payer.BusinessReason
		q.Start, q.At, q.Until, q.Position = ask.Start, ask.From, ask.Until, ask.Position
		c, err = r.check(tx, &q)
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
		return roster.FieldError("vehicleId", "say one of vehicleId, vehicleCode, and branchId with vehicleCategoryId")
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

// place finds where the question is about, and with which vehicle.
func (ask *Ask) place(tx *store.Tx, tree *identity.Tree, q *Question) (err error) {
	switch {
	case ask.VehicleID != 0:
		q.Vehicle, err = LiveVehicle(tx, ask.VehicleID)
	case ask.VehicleCode != "":
		q.Vehicle, err = VehicleByCode(tx, ask.VehicleCode)
	default:
		if _, err := tree.Find(ask.BranchID); err != nil {
			return err
		}
		q.BranchID, q.CategoryID = ask.BranchID, ask.CategoryID
		_, err = TariffOf(tx, tree, ask.BranchID, ask.CategoryID)
	}
	if err == nil && q.Vehicle != nil {
		q.BranchID, q.CategoryID = q.Vehicle.BranchID, q.Vehicle.CategoryID
	}
	return err
}
