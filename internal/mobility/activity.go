package mobility

import (
	"context"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Rentals lists the actor's own rentals, the newest first unless the page asks for
// another order (id, startTime), and counts them. Invalid.
func (m *Mobility) Rentals(ctx context.Context, a roster.Actor, states []string, p roster.Page) (page []*RentalView, total int, err error) {
	err = m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		found, n, err := read(tx, rentalsOfPerson, scanRental, states, p, a.PersonID, tx.Now)
		if err != nil {
			return err
		}
		total = n
		page, err = viewRentals(tx, found, named{})
		return err
	})
	return page, total, err
}

// Bookings lists the actor's own bookings, as Rentals does.
func (m *Mobility) Bookings(ctx context.Context, a roster.Actor, states []string, p roster.Page) (page []*BookingView, total int, err error) {
	err = m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		found, n, err := read(tx, bookingsOfPerson, scanBooking, states, p, a.PersonID, tx.Now)
		if err != nil {
			return err
		}
		total = n
		page, err = viewBookings(tx, found)
		return err
	})
	return page, total, err
}

// GroupRentals lists the rentals that were made on a group, by its members present
// and former, for a manager of it. Addresses are left out unless the setting
// businessAccounts.showAddressesToManagers is on. NotFound with
// business.CodeNoAccount, Forbidden, Invalid.
func (m *Mobility) GroupRentals(ctx context.Context, a roster.Actor, group int64, f Filter, p roster.Page) (page []*RentalView, total int, err error) {
	err = m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		account, tree, err := managed(tx, a, group)
		if err != nil {
			return err
		}
		from, to, err := f.within(tx, tree, account)
		if err != nil {
			return err
		}
		list, args := rentalsOfGroup, f.args(group, tx.Now, from, to)
		if from != 0 || to != 0 {
			list = rentalsOfGroupBetween
		}
		found, n, err := read(tx, list, scanRental, f.States, p, args...)
		if err != nil {
			return err
		}
		shown, err := identity.ShowAddressesToManagers.In(tx, tree, account.BranchID)
		if err != nil {
			return err
		}
		for _, r := range found {
			if !shown {
				r.StartAddress, r.EndAddress = "", ""
			}
		}
		total = n
		page, err = viewRentals(tx, found, named{})
		return err
	})
	return page, total, err
}

// GroupBookings lists the bookings that were made on a group, as GroupRentals does.
func (m *Mobility) GroupBookings(ctx context.Context, a roster.Actor, group int64, f Filter, p roster.Page) (page []*BookingView, total int, err error) {
	err = m.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		account, tree, err := managed(tx, a, group)
		if err != nil {
			return err
		}
		from, to, err := f.within(tx, tree, account)
		if err != nil {
			return err
		}
		list, args := bookingsOfGroup, f.args(group, tx.Now, from, to)
		if from != 0 || to != 0 {
			list = bookingsOfGroupBetween
		}
		found, n, err := read(tx, list, scanBooking, f.States, p, args...)
		if err != nil {
			return err
		}
		total = n
		page, err = viewBookings(tx, found)
		return err
	})
	return page, total, err
}

// managed reads a group that the actor manages, and the branches. Errors are those of
// business.ManagerOf.
func managed(tx *store.Tx, a roster.Actor, group int64) (*business.Account, *identity.Tree, error) {
	account, _, err := business.ManagerOf(tx, a, group)
	if err != nil {
		return nil, nil, err
	}
	tree, err := identity.Branches(tx)
	return account, tree, err
}

// within is the filter's range of time in µs UTC, 0 for an end that is open. Invalid
// where it is none.
func (f Filter) within(tx *store.Tx, tree *identity.Tree, account *business.Account) (from, to int64, err error) {
	if !f.From.Given && !f.To.Given {
		return 0, 0, nil
	}
	unit, err := business.UnitFor(tx, tree, account, account.BranchID)
	if err != nil {
		return 0, 0, err
	}
	from, to = f.From.In(unit.Location()), f.To.In(unit.Location())
	if f.To.Given && from >= to {
		err = roster.FieldError("to", "must be later than from")
	}
	return from, to, err
}
