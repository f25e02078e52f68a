package mobility

import (
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// NewBooking is what a booking is made from. Times are µs UTC.
type NewBooking struct {
	BranchID, CategoryID int64
	Type                 string // Station or Floating; "" for Station where one is named
	StationID            int64
	StartTime, EndTime   int64
	Payer                Payer
	Position             *Position // where the renter is
}

func (n *NewBooking) settle() error {
	if n.Type == "" {
		n.Type = Floating
		if n.StationID != 0 {
			n.Type = Station
		}
	}
	if n.Type != Station && n.Type != Floating {
		return roster.FieldError("type", "must be %s or %s", Station, Floating)
	}
	if n.BranchID == 0 {
		return roster.FieldError("branchId", "must be given")
	}
	if n.CategoryID == 0 {
		return roster.FieldError("vehicleCategoryId", "must be given")
	}
	return nil
}

// checkWindow judges the window. Invalid with CodeWindow.
func (n *NewBooking) checkWindow(now int64) error {
	wrong := func(field, msg string) error {
		return &roster.Error{Kind: roster.Invalid, Code: CodeWindow, Field: field, Msg: msg}
	}
	switch {
	case n.StartTime <= now:
		return wrong("startTime", "must be in the future")
	case n.StartTime > now+maxWindow.Microseconds():
		return wrong("startTime", "must be within 400 days")
	case n.EndTime <= n.StartTime:
		return wrong("endTime", "must be later than startTime")
	case n.EndTime > n.StartTime+maxWindow.Microseconds():
		return wrong("endTime", "must be within 400 days of startTime")
	}
	return nil
}

// book makes a booking: who pays, then whether a vehicle is left, then what is asked
// of the renter, and what all that says is captured. It refuses if and only if one of
// the three does.
func (m *Mobility) book(tx *store.Tx, person int64, n NewBooking) (*Booking, error) {
	if err := n.settle(); err != nil {
		return nil, err
	}
	if err := n.checkWindow(tx.Now); err != nil {
		return nil, err
	}
	rules, err := m.memory.rules(within(tx))
	if err != nil {
		return nil, err
	}
	branch, err := rules.tree.Find(n.BranchID)
	if err != nil {
		return nil, err
	}
	if err := n.Payer.settle(); err != nil {
		return nil, err
	}
	account, err := m.memory.payer(within(tx), rules, person, &n.Payer)
	if err != nil {
		return nil, err
	}
	if err := checkSource(tx, person, n.Payer.PaymentSourceID); err != nil {
		return nil, err
	}
	tariff, err := rules.tariff(n.BranchID, n.CategoryID)
	if err != nil {
		return nil, err
	}
	left, err := bookable(tx, n.BranchID, n.CategoryID, window{n.StartTime, n.EndTime})
	if err != nil {
		return nil, err
	}
	if !left || branch.State != operational {
		return nil, roster.Errorf(roster.Invalid, CodeNotBookable, "no vehicle of the category is left in the branch in that window")
	}
	checked, err := m.check(within(tx), rules, &Question{
		Person: person, BranchID: n.BranchID, CategoryID: n.CategoryID, Account: account, CostCenterID: n.Payer.CostCenterID,
		BusinessReason: n.Payer.BusinessReason, Start: Booked, At: n.StartTime, Until: n.EndTime, Position: n.Position,
	})
	if err != nil {
		return nil, err
	}
	if err := checked.Refusal(); err != nil {
		return nil, err
	}
	return n.begin(tx, rules, person, account, tariff, checked.CostCenterID)
}

// begin captures what the booking says and writes it.
func (n *NewBooking) begin(tx *store.Tx, r *rules, person int64, account *business.Account, t *Tariff, costCenter int64) (*Booking, error) {
	grace, err := identity.BookingGraceMinutes.At(r.settings, r.tree, n.BranchID)
	if err != nil {
		return nil, err
	}
	unit, err := r.bills(tx, account, n.BranchID)
	if err != nil {
		return nil, err
	}
	b := &Booking{
		PersonID: person, Type: n.Type, RentalType: n.Payer.Type, CostCenterID: costCenter, BranchID: n.BranchID, StationID: n.StationID,
		BusinessUnitID: unit, CategoryID: n.CategoryID, PaymentSourceID: n.Payer.PaymentSourceID,
		Currency: t.Currency, Tax: t.Rates.Tax, Fee: t.Booking, StartTime: n.StartTime, EndTime: n.EndTime,
		GraceUntil: n.StartTime + grace*time.Minute.Microseconds(), State: Booked,
	}
	var asked []int64
	if account != nil {
		b.GroupID, b.BusinessReason = account.ID, n.Payer.BusinessReason
		if account.Settings.RequireBookingApproval {
			if asked, err = deciders(tx, b); err != nil {
				return nil, err
			}
			b.NeedsApproval = len(asked) > 0
		}
	}
	if err := insertBooking(tx, b); err != nil {
		return nil, err
	}
	return b, askApproval(tx, b, asked)
}

// cancel ends a booking that the renter wants no longer, and charges it where that
// comes late.
func (b *Booking) cancel(tx *store.Tx) error {
	if err := BookingLife.Check(b.State, Canceled, renter); err != nil {
		return err
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	free, err := identity.FreeCancellationMinutes.In(tx, tree, b.BranchID)
	if err != nil {
		return err
	}
	if tx.Now > b.StartTime-free*time.Minute.Microseconds() {
		if err := b.charge(tx, tx.Now); err != nil {
			return err
		}
	}
	return b.step(tx, Canceled, renter, "booking.cancel", func() error { return nil })
}

// expire ends a booking that nobody started in time, and charges it.
func (b *Booking) expire(tx *store.Tx) error {
	if err := b.charge(tx, b.GraceUntil); err != nil {
		return err
	}
	return b.step(tx, Expired, clock, "booking.expire", func() error { return nil })
}
