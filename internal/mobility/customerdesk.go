package mobility

import (
	"context"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CodeCustomerInUse says that a customer can't be deleted yet.
const CodeCustomerInUse = "U944"

// Statistics are what a customer rode.
type Statistics struct {
	Rides        int
	Meters       int64
	LastRentalAt int64 // when the newest was made, µs UTC; 0 for none
}

// carbonPerKilometer is what a private car emits on a kilometer, in grams of carbon
// dioxide: what a ride saves is counted by it.
const carbonPerKilometer = 143

// CarbonSaved is what the rides saved, in grams.
func (s *Statistics) CarbonSaved() int64 { return s.Meters * carbonPerKilometer / 1000 }

var (
	ridesOf = store.Q("rental.statistics_of_person", `SELECT count(CASE WHEN state IN ('ENDED', 'ENDED_NO_MOVEMENT') THEN 1 END),
			CAST(coalesce(sum(CASE WHEN state = 'ENDED' AND end_odometer <> 0 THEN end_odometer - start_odometer ELSE 0 END), 0) AS bigint), coalesce(max(start_time), 0)
		FROM rentals WHERE tenant = $1 AND person_id = $2`)
	rentalOpenOfPerson = store.Q("rental.open_of_person", `SELECT 1 FROM rentals r
		WHERE r.tenant = $1 AND r.person_id = $3 AND `+openRental+` LIMIT 1`)
	bookingOpenOfPerson = store.Q("booking.open_of_person", `SELECT 1 FROM bookings b
		WHERE b.tenant = $1 AND b.person_id = $3 AND `+openBooking+` LIMIT 1`)
)

// CustomerDetails are care's, with what the customer rode.
type CustomerDetails struct {
	*care.Details
	Statistics
}

// CustomerDetails reads them for an operator, or an API client, at a branch; the
// customer's home branch where it is 0. Errors are those of care.CustomerDetails.
func (m *Mobility) CustomerDetails(ctx context.Context, a roster.Actor, id, branch int64) (d *CustomerDetails, err error) {
	err = m.identity.ReadAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		d = &CustomerDetails{}
		if d.Details, err = care.CustomerDetails(tx, p, id, branch); err != nil {
			return err
		}
		return tx.Row(ridesOf, id).Scan(&d.Rides, &d.Meters, &d.LastRentalAt)
	})
	return d, err
}

// DeleteCustomer deletes a customer: anonymised, with address and number free, signed
// out, in no business account any more; cards are taken, and history and charges kept.
// NotFound, Forbidden, Precondition, Conflict with identity.CodeCustomerDeleted, or
// with CodeCustomerInUse while a rental or booking is open, an invoice is not paid, or
// they own a business account.
func (m *Mobility) DeleteCustomer(ctx context.Context, a roster.Actor, id int64, match graph.Match) error {
	return m.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		c, err := care.ChangeableFor(tx, p, id, "USER_DELETE")
		if err != nil {
			return err
		}
		if match != nil {
			if err := match(c.Revision); err != nil {
				return err
			}
		}
		open, err := either(tx, rentalOpenOfPerson, bookingOpenOfPerson, tx.Now, id)
		if err != nil {
			return err
		}
		if open {
			return roster.Errorf(roster.Conflict, CodeCustomerInUse, "a rental or booking of the customer is not over")
		}
		if err := m.business.Release(tx, c); err != nil {
			return inUse(err)
		}
		return identity.EraseCustomer(tx, id)
	})
}

// inUse says what business refuses in the words of a customer who is to be deleted.
func inUse(err error) error {
	e := roster.AsError(err)
	if e.Code != business.CodeOwnerStays && e.Code != business.CodeOpen {
		return err
	}
	copied := *e
	copied.Code = CodeCustomerInUse
	if e.Code == business.CodeOwnerStays {
		copied.Msg = "the customer owns a business account"
	}
	return &copied
}

// RequirementsFor tells an operator what a rental asks of a customer; of nobody (0) it
// is what would be asked. Errors are those of StartRequirements and care.CustomerFor;
// RENTAL_REQUIREMENT_READ must hold on the branch.
func (m *Mobility) RequirementsFor(ctx context.Context, a roster.Actor, ask Ask, customer int64) (*Check, error) {
	err := m.identity.ReadAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if customer != 0 {
			if _, err := care.CustomerFor(tx, p, customer, "USER_READ"); err != nil {
				return err
			}
		}
		if g := ask.Payer.GroupID; g != 0 {
			account, err := business.LiveAccount(tx, g)
			if err != nil {
				return err
			}
			// The account of a customer whom one sees may be named; others need be seen.
			in, _, err := business.AccountOf(tx, customer)
			if err != nil {
				return err
			}
			if (in == nil || in.ID != g) && !p.At("USER_GROUP_READ", account.BranchID) {
				return roster.Errorf(roster.NotFound, business.CodeNoAccount, "there is no such business account")
			}
		}
		return p.NeedAt("RENTAL_REQUIREMENT_READ", ask.BranchID)
	})
	if err != nil {
		return nil, err
	}
	return m.StartRequirements(ctx, a, ask, customer)
}
