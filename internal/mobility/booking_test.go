package mobility

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// booking is one of bikes in Vienna, an hour long, that begins so much later.
func (f *fleet) booking(later int64, p Payer) NewBooking {
	now := f.clock.Load()
	return NewBooking{BranchID: f.vie, CategoryID: f.bikes, StartTime: now + later, EndTime: now + later + hour, Payer: p}
}

func (f *fleet) book(who roster.Actor, n NewBooking) *BookingView {
	f.t.Helper()
	b, err := f.CreateBooking(f.t.Context(), who, n)
	if err != nil {
		f.t.Fatal(err)
	}
	return b
}

// A booking from its making to the end of its rental, which is charged with its price.
func TestBooking(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga, mia := f.rider(), f.rider()
		a := f.account(f.vie, olga, func(a *business.Account) { a.Settings.RequireBusinessReason = true })
		f.join(a, mia, business.Simple)
		center, later := f.costCenter(a), f.costCenter(a)
		f.vehicle(f.vie, f.vans)
		v := f.vehicle(f.vie, f.bikes)
		n := f.booking(2*hour, Payer{GroupCode: strings.ToLower(a.Code), CostCenterID: center, BusinessReason: "a client"})
		b := f.book(mia, n)
		if b.State != Booked || b.Waits() || b.Type != Floating || b.RentalType != Business || b.GroupCode != a.Code || b.CostCenter.ID != center ||
			b.Price() != business.TaxOf(15_000, 2000) || b.GraceUntil != n.StartTime+hour || b.Charged != (roster.Price{}) {
			t.Errorf("booked: %+v", b.Booking)
		}
		f.editAccount(a, func(a *business.Account) { a.DefaultCostCenterID = later })
		for what, p := range map[string]Payer{
			"another type": {Type: Personal}, "another group": {GroupID: a.ID + 1}, "another cost center": {CostCenterID: later}, "another reason": {BusinessReason: "x"},
			"a source": {PaymentSourceID: 1}, "another code": {GroupCode: "ZZZZZZ"},
		} {
			if _, err := f.CreateRental(t.Context(), mia, NewRental{BookingID: b.ID, Payer: p}); err == nil {
				t.Errorf("%s than was booked is taken", what)
			}
		}
		_, err := f.CreateRental(t.Context(), olga, NewRental{BookingID: b.ID})
		f.refused("somebody else's booking", err, roster.NotFound, business.CodeNoResource)
		f.clock.Store(n.StartTime + 10*minute)
		r, err := f.CreateRental(t.Context(), mia, NewRental{BookingID: b.ID, Payer: Payer{GroupCode: a.Code, BusinessReason: "a client"}})
		if err != nil {
			t.Fatal(err)
		}
		if r.State != Active || r.VehicleID != v.ID || r.CostCenterID != center || r.BusinessReason != "a client" || r.GroupID != a.ID || r.BookingID != b.ID {
			t.Errorf("delivered: %+v", r.Rental)
		}
		b, err = f.Booking(t.Context(), mia, b.ID)
		if err != nil || b.State != Delivered || b.RentalID != r.ID || b.VehicleID != v.ID {
			t.Errorf("the booking is %+v, %v", b.Booking, err)
		}
		_, err = f.CreateRental(t.Context(), mia, NewRental{BookingID: b.ID})
		f.refused("started twice", err, roster.Conflict, CodeBookingState)
		_, err = f.CancelBooking(t.Context(), mia, b.ID)
		f.refused("cancelled while driven", err, roster.Conflict, CodeBookingState)
		f.clock.Store(r.DriveStartTime)
		f.pass(10 * minute)
		r = f.end(mia, r, End{})
		b, err = f.Booking(t.Context(), mia, b.ID)
		if err != nil || b.State != Successful || b.Charged.Gross != 0 {
			t.Errorf("the booking is %+v, %v", b.Booking, err)
		}
		price := business.TaxOf(10_000+10*1_900+15_000, 2000)
		want := []posted{{a.ID, business.RentalCharge, r.ID, mia.PersonID, center, f.euros.ID, "EUR", r.EndTime, price}}
		if diff := cmp.Diff(want, f.charges()); diff != "" {
			t.Error(diff)
		}
		s, err := f.business.BillingSummary(t.Context(), olga, business.SummaryQuery{AccountID: a.ID})
		if err != nil || s.Rentals.Count != 1 || s.Bookings.Count != 0 || s.Total != price {
			t.Errorf("the summary is %+v, %v", s, err)
		}
	})
}

func TestBookingInput(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		rita := f.rider()
		f.vehicle(f.vie, f.bikes)
		now := f.clock.Load() + minute
		max := maxWindow.Microseconds()
		for _, c := range []struct {
			name string
			edit func(*NewBooking)
			kind roster.Kind
			code string
		}{
			{"now", func(n *NewBooking) { n.StartTime = 1 }, roster.Invalid, CodeWindow},
			{"no end", func(n *NewBooking) { n.EndTime = 0 }, roster.Invalid, CodeWindow},
			{"empty", func(n *NewBooking) { n.EndTime = n.StartTime }, roster.Invalid, CodeWindow},
			{"too far", func(n *NewBooking) { n.StartTime, n.EndTime = now+max+hour, now+max+2*hour }, roster.Invalid, CodeWindow},
			{"too long", func(n *NewBooking) { n.EndTime = n.StartTime + max + 1 }, roster.Invalid, CodeWindow},
			{"no branch", func(n *NewBooking) { n.BranchID = 0 }, roster.Invalid, ""},
			{"unknown branch", func(n *NewBooking) { n.BranchID = 99 }, roster.NotFound, "B901"},
			{"no category", func(n *NewBooking) { n.CategoryID = 0 }, roster.Invalid, ""},
			{"unknown category", func(n *NewBooking) { n.CategoryID = 99 }, roster.Invalid, CodeNoCategory},
			{"no vehicles", func(n *NewBooking) { n.CategoryID = f.vans }, roster.Invalid, CodeNotBookable},
			{"no type", func(n *NewBooking) { n.Type = "HERE" }, roster.Invalid, ""},
			{"no payer", func(n *NewBooking) { n.Payer.Type = Business }, roster.Invalid, business.CodeTypeAndAccount},
			{"no source", func(n *NewBooking) { n.Payer.PaymentSourceID = 5 }, roster.NotFound, business.CodeUnknownPaymentSource},
		} {
			n := f.booking(hour, Payer{})
			c.edit(&n)
			_, err := f.CreateBooking(t.Context(), rita, n)
			f.refused(c.name, err, c.kind, c.code)
		}
		n := f.booking(hour, Payer{})
		n.StationID, n.EndTime = 7, n.StartTime+max
		if b := f.book(rita, n); b.Type != Station || b.StationID != 7 || b.RentalType != Personal {
			t.Errorf("%+v", b.Booking)
		}
	})
}

// As many bookings fit as there are vehicles at each instant.
func TestBookable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		rita := f.rider()
		f.vehicle(f.vie, f.bikes)
		broken := f.vehicle(f.vie, f.bikes)
		f.vehicle(f.grz, f.bikes)
		f.vehicle(f.vie, f.vans)
		start := f.clock.Load() + hour
		try := func(from, to int64) error {
			_, err := f.CreateBooking(t.Context(), rita, NewBooking{BranchID: f.vie, CategoryID: f.bikes, StartTime: start + from*hour, EndTime: start + to*hour})
			return err
		}
		for _, c := range []struct {
			from, to int64
			fits     bool
		}{
			{0, 2, true}, {2, 4, true}, {0, 4, true}, {1, 2, false}, {3, 5, false}, {4, 5, true}, {4, 6, true}, {5, 6, true}, {5, 7, false}, {6, 7, true},
		} {
			if err := try(c.from, c.to); (err == nil) != c.fits {
				t.Errorf("from %d to %d: %v", c.from, c.to, err)
			}
		}
		broken.State = OutOfService
		f.write(func(tx *store.Tx) error { _, err := PutVehicle(tx, broken); return err })
		f.refused("where one is broken", try(6, 7), roster.Invalid, CodeNotBookable)
		page, _, err := f.Bookings(t.Context(), rita, nil, roster.Page{Limit: 99})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page {
			if _, err := f.CancelBooking(t.Context(), rita, b.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := try(0, 7); err != nil {
			t.Errorf("when all are cancelled: %v", err)
		}
	})
}

// A vehicle is kept for whoever has booked it and may come yet.
func TestKeptForBookings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		rita, next := f.rider(), f.rider()
		v := f.vehicle(f.vie, f.bikes)
		other := f.vehicle(f.vie, f.bikes)
		b := f.book(rita, f.booking(hour, Payer{}))
		f.clock.Store(b.StartTime - 20*minute)
		first := f.rent(next, v, Payer{}) // long before
		f.end(next, first, End{})
		f.clock.Store(b.StartTime)
		first = f.rent(next, v, Payer{}) // one is left
		_, err := f.CreateRental(t.Context(), f.rider(), NewRental{VehicleID: other.ID})
		f.refused("the last one", err, roster.Invalid, CodeVehicleTaken)
		if _, err := f.CreateRental(t.Context(), rita, NewRental{BookingID: b.ID, VehicleID: v.ID}); roster.AsError(err).Code != CodeVehicleTaken {
			t.Errorf("one that somebody has: %v", err)
		}
		wrong := f.vehicle(f.vie, f.vans)
		_, err = f.CreateRental(t.Context(), rita, NewRental{BookingID: b.ID, VehicleID: wrong.ID})
		f.refused("another category", err, roster.Invalid, "")
		r, err := f.CreateRental(t.Context(), rita, NewRental{BookingID: b.ID})
		if err != nil || r.VehicleID != other.ID {
			t.Fatalf("it is not kept: %v", err)
		}
		f.end(rita, r, End{})
		f.end(next, first, End{})
		late := f.book(rita, f.booking(hour, Payer{}))
		f.clock.Store(late.GraceUntil)
		f.rent(next, v, Payer{})
		f.rent(f.rider(), other, Payer{}) // nobody has come
	})
}

// A booking that is started before its time takes nothing that others wait for.
func TestBookingsThatAreDueComeFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		for range 2 {
			f.vehicle(f.vie, f.bikes)
		}
		early, first, second := f.rider(), f.rider(), f.rider()
		due := []*BookingView{f.book(first, f.booking(hour, Payer{})), f.book(second, f.booking(hour, Payer{}))}
		far := f.book(early, f.booking(30*day, Payer{}))
		f.clock.Store(due[0].StartTime)
		_, err := f.CreateRental(t.Context(), early, NewRental{BookingID: far.ID})
		f.refused("30 days early", err, roster.Invalid, CodeVehicleTaken)
		for i, who := range []roster.Actor{first, second} {
			r, err := f.CreateRental(t.Context(), who, NewRental{BookingID: due[i].ID})
			if err != nil {
				t.Fatal(err)
			}
			f.end(who, r, End{})
		}
		if _, err := f.CreateRental(t.Context(), early, NewRental{BookingID: far.ID}); err != nil {
			t.Errorf("nobody waits any more: %v", err)
		}
	})
}

// What is given up late costs its price, and so does what nobody started; and once.
func TestBookingCharges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga, rita := f.rider(), f.rider()
		a := f.account(f.vie, olga, nil)
		for range 5 {
			f.vehicle(f.vie, f.bikes)
		}
		early, late, never, pending := f.book(olga, f.booking(2*hour, on(a))), f.book(olga, f.booking(2*hour, on(a))), f.book(rita, f.booking(2*hour, Payer{})), f.book(rita, f.booking(9*hour, Payer{}))
		f.clock.Store(early.StartTime - 60*minute - minute)
		if b, err := f.CancelBooking(t.Context(), olga, early.ID); err != nil || b.State != Canceled || b.Charged.Gross != 0 {
			t.Errorf("early: %+v, %v", b, err)
		}
		f.clock.Store(late.StartTime - 30*minute)
		b, err := f.CancelBooking(t.Context(), olga, late.ID)
		if err != nil || b.State != Canceled || b.Charged != business.TaxOf(15_000, 2000) {
			t.Errorf("late: %+v, %v", b, err)
		}
		cancelled := b.UpdatedAt
		f.clock.Store(never.GraceUntil + 5*minute)
		if b, err := f.Booking(t.Context(), rita, never.ID); err != nil || b.State != Expired {
			t.Errorf("when its time is over it is %+v, %v", b, err)
		}
		_, err = f.CancelBooking(t.Context(), rita, never.ID)
		f.refused("to cancel what is over", err, roster.Conflict, CodeBookingState)
		_, err = f.CreateRental(t.Context(), rita, NewRental{BookingID: never.ID})
		f.refused("to start what is over", err, roster.Conflict, CodeBookingState)
		f.run()
		f.run()
		f.read(func(tx *store.Tx) error {
			b, err := one(tx, scanBooking, bookingByID, never.ID)
			if err == nil && (b.State != Expired || b.Charged != business.TaxOf(15_000, 2000)) {
				t.Errorf("its row is %+v", b)
			}
			return err
		})
		price := business.TaxOf(15_000, 2000)
		want := []posted{
			{a.ID, business.BookingCharge, late.ID, olga.PersonID, 0, f.euros.ID, "EUR", cancelled, price},
			{rita.PersonID, business.BookingCharge, never.ID, rita.PersonID, 0, f.euros.ID, "EUR", never.GraceUntil, price},
		}
		if diff := cmp.Diff(want, f.charges()); diff != "" {
			t.Error(diff)
		}
		if b, err := f.Booking(t.Context(), rita, pending.ID); err != nil || b.State != Booked {
			t.Errorf("what is to come is %+v, %v", b, err)
		}
		s, err := f.business.BillingSummary(t.Context(), olga, business.SummaryQuery{AccountID: a.ID})
		if err != nil || s.Rentals.Count != 0 || s.Bookings.Count != 1 || s.Total != price {
			t.Errorf("the summary is %+v, %v", s, err)
		}
	})
}

func TestApproval(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga, adam, mia, ann, sue, stranger := f.rider(), f.rider(), f.rider(), f.rider(), f.rider(), f.rider()
		a := f.account(f.vie, olga, func(a *business.Account) { a.Settings.RequireBookingApproval = true })
		f.join(a, adam, business.Admin)
		f.join(a, mia, business.Simple)
		f.join(a, ann, business.Simple)
		for range 20 {
			f.vehicle(f.vie, f.bikes)
		}
		book := func(who roster.Actor) *BookingView { return f.book(who, f.booking(3*hour, on(a))) }
		decide := func(b *BookingView, what string, kind roster.Kind, code string, who roster.Actor) {
			t.Helper()
			_, err := f.ApproveBooking(t.Context(), who, b.ID)
			f.refused(what, err, kind, code)
		}

		// Without an approver the owner decides; the owner's own waits for the others.
		b := book(mia)
		if !b.Waits() {
			t.Errorf("it does not wait: %+v", b.Booking)
		}
		_, err := f.CreateRental(t.Context(), mia, NewRental{BookingID: b.ID})
		f.refused("to start what waits", err, roster.Conflict, CodeBookingState)
		decide(b, "oneself", roster.Forbidden, business.CodeNoPermission, mia)
		decide(b, "another manager", roster.Forbidden, business.CodeNoPermission, adam)
		decide(b, "another member", roster.NotFound, business.CodeNoResource, ann)
		decide(b, "a stranger", roster.NotFound, business.CodeNoResource, stranger)
		if b, err = f.ApproveBooking(t.Context(), olga, b.ID); err != nil || b.State != Approved || b.DecidedBy != olga.PersonID || b.DecidedAt == 0 {
			t.Fatalf("approved: %+v, %v", b, err)
		}
		decide(b, "twice", roster.Conflict, CodeBookingState, olga)
		own := book(olga)
		decide(own, "the owner's own", roster.Forbidden, business.CodeNoPermission, olga)
		if own, err = f.ApproveBooking(t.Context(), adam, own.ID); err != nil || own.State != Approved {
			t.Errorf("the owner's own: %+v, %v", own, err)
		}

		// Approvers decide where there are some, and superiors, members or not.
		f.member(a, ann, func(m *business.Member) { m.BillingRole = business.Approver })
		f.member(a, mia, func(m *business.Member) { m.SuperiorEmail = "rider-5@example.org" })
		b = book(mia)
		decide(b, "the owner beside approvers", roster.Forbidden, business.CodeNoPermission, olga)
		if b, err = f.DeclineBooking(t.Context(), sue, b.ID, " no budget "); err != nil || b.State != Declined || b.DeclineReason != "no budget" || b.DecidedBy != sue.PersonID {
			t.Errorf("declined: %+v, %v", b, err)
		}
		_, err = f.DeclineBooking(t.Context(), ann, b.ID, "")
		f.refused("twice", err, roster.Conflict, CodeBookingState)
		_, err = f.DeclineBooking(t.Context(), ann, b.ID, strings.Repeat("x", 501))
		f.refused("with a long reason", err, roster.Invalid, "")
		if b, err = f.ApproveBooking(t.Context(), ann, book(mia).ID); err != nil || b.State != Approved {
			t.Errorf("an approver: %+v, %v", b, err)
		}
		r, err := f.CreateRental(t.Context(), mia, NewRental{BookingID: b.ID})
		if err != nil || r.GroupID != a.ID {
			t.Errorf("started: %v", err)
		}

		// What waits costs nothing, however it ends.
		expired, cancelled := book(mia), book(mia)
		f.clock.Store(expired.StartTime - minute)
		if cancelled, err = f.CancelBooking(t.Context(), mia, cancelled.ID); err != nil || cancelled.State != Canceled {
			t.Errorf("cancelled: %v", err)
		}
		f.clock.Store(expired.GraceUntil)
		decide(expired, "too late", roster.Conflict, CodeBookingState, ann)
		before := len(f.charges())
		f.run()
		for _, c := range f.charges()[before:] {
			if c.Source == expired.ID || c.Source == cancelled.ID {
				t.Errorf("charged: %+v", c)
			}
		}
	})
}

// Whoever is alone in a group has nobody to ask.
func TestApprovalOfNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga := f.rider()
		a := f.account(f.vie, olga, func(a *business.Account) { a.Settings.RequireBookingApproval = true })
		f.vehicle(f.vie, f.bikes)
		if b := f.book(olga, f.booking(hour, on(a))); b.Waits() {
			t.Error("it waits for nobody")
		}
	})
}

func TestApprovalMails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga, mia, ann := f.rider(), f.rider(), f.rider()
		a := f.account(f.vie, olga, func(a *business.Account) { a.Settings.RequireBookingApproval = true })
		f.join(a, mia, business.Simple)
		f.join(a, ann, business.Simple)
		f.member(a, ann, func(m *business.Member) { m.BillingRole = business.Approver })
		f.member(a, mia, func(m *business.Member) { m.SuperiorEmail = "boss@elsewhere.example" })
		f.vehicle(f.vie, f.bikes)
		f.vehicle(f.vie, f.bikes)
		n := f.booking(3*hour, on(a))
		n.Payer.BusinessReason = "the fair"
		b, gone := f.book(mia, n), f.book(mia, f.booking(3*hour, on(a)))
		if _, err := f.CancelBooking(t.Context(), mia, gone.ID); err != nil {
			t.Fatal(err)
		}
		f.run()
		var to []string
		for _, m := range f.box.Mails() {
			to = append(to, m.To)
			for _, part := range []string{a.Name, "rider-2 Rider", "16:00 CET to 2026-03-02 17:00 CET", "1.5000 EUR", "the fair", fmt.Sprint(b.ID)} {
				if !strings.Contains(m.Text, part) {
					t.Errorf("the mail does not say %q:\n%s", part, m.Text)
				}
			}
		}
		if diff := cmp.Diff([]string{"boss@elsewhere.example", "rider-3@example.org"}, sorted(to)); diff != "" {
			t.Error(diff)
		}
		if _, err := f.DeclineBooking(t.Context(), ann, b.ID, "no budget"); err != nil {
			t.Fatal(err)
		}
		f.run()
		m := f.box.Last("rider-2@example.org")
		if !strings.Contains(m.Text, "declined") || !strings.Contains(m.Text, "no budget") {
			t.Errorf("the renter is told %q", m.Text)
		}
	})
}
