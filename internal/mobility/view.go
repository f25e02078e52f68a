package mobility

import (
	"maps"
	"slices"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

// RentalView is a rental and what it names.
type RentalView struct {
	*Rental
	Names

	Vehicle *Vehicle
}

// BookingView is a booking and what it names.
type BookingView struct {
	*Booking
	Names
}

// Names are what rentals and bookings name alike.
type Names struct {
	GroupCode  string               // of a business one
	CostCenter *business.CostCenter // nil for none
	User       *Renter              // nil for one who was deleted
	Ledger     Ledger
}

// Renter is who rents, as managers of a group see them.
type Renter struct {
	ID                  int64
	FirstName, LastName string
}

// Ledger is what the ledger says of a rental or booking: the invoice that took its
// charge, if any did, and what vouchers took off.
type Ledger struct {
	InvoiceID     int64
	InvoiceNumber string
	Rebates       []care.Rebate
}

var ledgerOf = store.Q("charge.ledger_of", `SELECT c.source_id, c.invoice_id, coalesce(i.number, ''), c.part, coalesce(v.name, ''), coalesce(v.voucher_type, ''), c.net, c.tax, c.gross
		FROM charges c
		LEFT JOIN invoices i ON i.tenant = c.tenant AND i.id = c.invoice_id
		LEFT JOIN vouchers v ON v.tenant = c.tenant AND v.id = c.part
		WHERE c.tenant = $1 AND c.kind = $2 AND c.source_id IN ($3) ORDER BY c.source_id, c.part`).In()

// ledgers reads what the ledger says of charges of a kind, and of their rebates.
// Rentals and bookings draw their ids from one sequence, so no rebate is another's.
func ledgers(tx *store.Tx, kind string, ids []int64) (map[int64]Ledger, error) {
	all := map[int64]Ledger{}
	for _, k := range []string{kind, business.RebateCharge} {
		err := tx.EachIn(ledgerOf, ids, func(s store.Scanner) error {
			var source, invoice int64
			var number string
			var r care.Rebate
			if err := s.Scan(&source, &invoice, &number, &r.VoucherID, &r.Name, &r.Type, &r.Price.Net, &r.Price.Tax, &r.Price.Gross); err != nil {
				return err
			}
			l := all[source]
			if k == kind {
				l.InvoiceID, l.InvoiceNumber = invoice, number
			} else {
				l.Rebates = append(l.Rebates, r)
			}
			all[source] = l
			return nil
		}, k)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// named are the things that rentals or bookings name, by their ids.
type named struct {
	ledgers     map[int64]Ledger // by rental or booking
	groups      map[int64]*business.Account
	costCenters map[int64]*business.CostCenter
	people      map[int64]*identity.Customer
	vehicles    map[int64]*Vehicle
}

// naming collects ids; zero is none. Sources are what was charged, of a kind.
type naming struct {
	kind                                           string
	sources, groups, costCenters, people, vehicles []int64
}

func (n *naming) add(charged bool, source, group, costCenter, person int64) {
	if charged {
		n.sources = append(n.sources, source)
	}
	n.people = append(n.people, person)
	if group != 0 {
		n.groups = append(n.groups, group)
	}
	if costCenter != 0 {
		n.costCenters = append(n.costCenters, costCenter)
	}
}

// read reads what is named, each kind at once, but for what has been seen.
func (n *naming) read(tx *store.Tx, seen named) (d named, err error) {
	readLedgers := func(tx *store.Tx, ids []int64) (map[int64]Ledger, error) { return ledgers(tx, n.kind, ids) }
	if d.ledgers, err = unseen(tx, seen.ledgers, n.sources, readLedgers); err != nil {
		return d, err
	}
	if d.groups, err = unseen(tx, seen.groups, n.groups, business.AccountsByID); err != nil {
		return d, err
	}
	if d.costCenters, err = unseen(tx, seen.costCenters, n.costCenters, business.CostCentersByID); err != nil {
		return d, err
	}
	if d.people, err = unseen(tx, seen.people, n.people, identity.CustomersByID); err != nil {
		return d, err
	}
	d.vehicles, err = unseen(tx, seen.vehicles, n.vehicles, vehiclesByID)
	return d, err
}

// unseen reads what is not among the seen, and returns both.
func unseen[T any](tx *store.Tx, seen map[int64]T, ids []int64, read func(*store.Tx, []int64) (map[int64]T, error)) (map[int64]T, error) {
	ids = slices.DeleteFunc(ids, func(id int64) bool { _, ok := seen[id]; return ok })
	if len(ids) == 0 {
		return seen, nil
	}
	found, err := read(tx, ids)
	if err == nil {
		maps.Copy(found, seen)
	}
	return found, err
}

func (d *named) names(id, group, costCenter, person int64) Names {
	n := Names{CostCenter: d.costCenters[costCenter], User: d.renter(person), Ledger: d.ledgers[id]}
	if a := d.groups[group]; a != nil {
		n.GroupCode = a.Code
	}
	return n
}

func (d *named) renter(person int64) *Renter {
	c := d.people[person]
	if c == nil || c.BlockState == identity.Deleted {
		return nil
	}
	return &Renter{c.ID, c.FirstName, c.LastName}
}

// viewRentals reads what rentals name, but for what has been seen.
func viewRentals(tx *store.Tx, rentals []*Rental, seen named) ([]*RentalView, error) {
	n := naming{kind: business.RentalCharge}
	for _, r := range rentals {
		n.add(r.State == Ended || r.State == EndedNoMovement, r.ID, r.GroupID, r.CostCenterID, r.PersonID)
		n.vehicles = append(n.vehicles, r.VehicleID)
	}
	d, err := n.read(tx, seen)
	if err != nil {
		return nil, err
	}
	views := make([]*RentalView, len(rentals))
	for i, r := range rentals {
		views[i] = &RentalView{r.settle(tx.Now), d.names(r.ID, r.GroupID, r.CostCenterID, r.PersonID), d.vehicles[r.VehicleID]}
	}
	return views, nil
}

func viewRental(tx *store.Tx, r *Rental, seen named) (*RentalView, error) {
	views, err := viewRentals(tx, []*Rental{r}, seen)
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// viewBookings reads what bookings name.
func viewBookings(tx *store.Tx, bookings []*Booking) ([]*BookingView, error) {
	n := naming{kind: business.BookingCharge}
	for _, b := range bookings {
		n.add(b.Charged.Gross != 0, b.ID, b.GroupID, b.CostCenterID, b.PersonID)
	}
	d, err := n.read(tx, named{})
	if err != nil {
		return nil, err
	}
	views := make([]*BookingView, len(bookings))
	for i, b := range bookings {
		views[i] = &BookingView{b.settle(tx.Now), d.names(b.ID, b.GroupID, b.CostCenterID, b.PersonID)}
	}
	return views, nil
}

func viewBooking(tx *store.Tx, b *Booking) (*BookingView, error) {
	views, err := viewBookings(tx, []*Booking{b})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}
