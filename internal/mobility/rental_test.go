package mobility

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func at(meters int64) *int64 { return &meters }

// A rental from its reservation to the ledger.
func TestRental(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		rita, v := f.rider(), f.vehicle(f.vie, f.vans)
		f.write(func(tx *store.Tx) error {
			return driven(tx, map[int64]*Vehicle{v.ID: v}, v.ID, End{Odometer: at(5_000)})
		})
		r, err := f.CreateRental(t.Context(), rita, NewRental{VehicleCode: " " + v.Code})
		if err != nil {
			t.Fatal(err)
		}
		if r.State != Reservation || r.Type != Personal || r.Vehicle.ID != v.ID || r.User.FirstName != "rider-1" || r.ExpiresAt != r.StartTime+15*minute ||
			r.DriveStartTime != 0 || r.Price != (roster.Price{}) || r.Currency != "EUR" || r.BusinessUnitID != f.euros.ID {
			t.Errorf("reserved: %+v", r.Rental)
		}
		f.pass(14 * minute)
		if r, err = f.StartRental(t.Context(), rita, r.ID, nil); err != nil {
			t.Fatal(err)
		}
		if r.State != Active || r.DriveStartTime <= r.StartTime || r.StartOdometer != 5_000 {
			t.Errorf("started: %+v", r.Rental)
		}
		f.clock.Store(r.DriveStartTime)
		f.pass(37*minute + 12_000_000)
		end := Position{48_200_000, 16_370_000}
		r = f.end(rita, r, End{Odometer: at(17_345), Position: &end, Log: &DrivingLog{Purpose: " a visit ", Note: "it rained"}})
		meters, known := r.Distance()
		if r.State != Ended || meters != 12_345 || !known || r.DrivingLog.Purpose != "a visit" {
			t.Errorf("ended: %+v", r.Rental)
		}
		price := business.TaxOf(25_000+114_000+48_146, 2000)
		if r.Price != price {
			t.Errorf("it costs %v, want %v", r.Price, price)
		}
		want := []posted{{rita.PersonID, business.RentalCharge, r.ID, rita.PersonID, 0, f.euros.ID, "EUR", r.EndTime, price}}
		if diff := cmp.Diff(want, f.charges()); diff != "" {
			t.Error(diff)
		}
		if r.Vehicle.Odometer != 17_345 || *r.Vehicle.Position != end {
			t.Errorf("the vehicle is left at %+v", r.Vehicle)
		}
		again, err := f.Rental(t.Context(), rita, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Error("read again:", diff)
		}
		_, err = f.Rental(t.Context(), f.rider(), r.ID)
		f.refused("somebody else's rental", err, roster.NotFound, business.CodeNoResource)
	})
}

// What is captured stands, whatever becomes of what it was captured from.
func TestRentalCaptures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga, mia := f.rider(), f.rider()
		a := f.account(f.vie, olga, nil)
		f.join(a, mia, business.Simple)
		first, second := f.costCenter(a), f.costCenter(a)
		f.editAccount(a, func(a *business.Account) { a.DefaultCostCenterID = first })
		r := f.rent(mia, f.vehicle(f.grz, f.bikes), Payer{GroupID: a.ID, BusinessReason: " a client "})
		f.editAccount(a, func(a *business.Account) { a.DefaultCostCenterID, a.DefaultBusinessUnitID = second, f.euros.ID })
		f.write(func(tx *store.Tx) error {
			_, err := PutTariff(tx, &Tariff{CategoryID: f.bikes, BusinessUnitID: f.francs.ID, Currency: "CHF", Rates: Rates{Tax: 2000, Unlock: 1}})
			return err
		})
		f.clock.Store(r.DriveStartTime)
		f.pass(3 * minute)
		r = f.end(mia, r, End{})
		price := business.TaxOf(12_345+3*2_501, 810)
		if r.GroupID != a.ID || r.GroupCode != a.Code || r.CostCenter.ID != first || r.BusinessReason != "a client" || r.Price != price || r.State != Ended {
			t.Errorf("%+v", r.Rental)
		}
		want := []posted{{a.ID, business.RentalCharge, r.ID, mia.PersonID, first, f.francs.ID, "CHF", r.EndTime, price}}
		if diff := cmp.Diff(want, f.charges()); diff != "" {
			t.Error(diff)
		}
		// The next one captures anew: another unit bills it, in the branch's currency.
		r = f.rent(mia, f.vehicle(f.grz, f.bikes), on(a))
		if r.CostCenterID != second || r.BusinessUnitID != f.euros.ID || r.Currency != "CHF" || r.Rates.Unlock != 1 {
			t.Errorf("the next one: %+v", r.Rental)
		}
	})
}

// What makes no sense has its own code, whatever requirements say.
func TestRentalInput(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga, mia, stranger := f.rider(), f.rider(), f.rider()
		a := f.account(f.vie, olga, nil)
		f.join(a, mia, business.Simple)
		other := f.account(f.vie, stranger, nil)
		foreign := f.costCenter(other)
		free, broken, taken, closed := f.vehicle(f.vie, f.bikes), f.vehicle(f.vie, f.bikes), f.vehicle(f.vie, f.bikes), f.vehicle(f.grz, f.vans)
		broken.State = OutOfService
		f.write(func(tx *store.Tx) error { _, err := PutVehicle(tx, broken); return err })
		f.rent(f.rider(), taken, Payer{})
		for _, c := range []struct {
			name string
			in   NewRental
			kind roster.Kind
			code string
		}{
			{"no vehicle", NewRental{}, roster.Invalid, ""},
			{"two vehicles", NewRental{VehicleID: free.ID, VehicleCode: free.Code}, roster.Invalid, ""},
			{"unknown vehicle", NewRental{VehicleID: 999}, roster.NotFound, CodeNoVehicle},
			{"unknown code", NewRental{VehicleCode: "nowhere"}, roster.NotFound, CodeNoVehicle},
			{"out of service", NewRental{VehicleID: broken.ID}, roster.Invalid, CodeVehicleTaken},
			{"taken", NewRental{VehicleID: taken.ID}, roster.Invalid, CodeVehicleTaken},
			{"no tariff", NewRental{VehicleID: closed.ID}, roster.Invalid, CodeNoCategory},
			{"no state", NewRental{VehicleID: free.ID, Start: Ended}, roster.Invalid, ""},
			{"no type", NewRental{VehicleID: free.ID, Payer: Payer{Type: "FREE"}}, roster.Invalid, ""},
			{"business without group", NewRental{VehicleID: free.ID, Payer: Payer{Type: Business}}, roster.Invalid, business.CodeTypeAndAccount},
			{"group and personal", NewRental{VehicleID: free.ID, Payer: Payer{Type: Personal, GroupCode: a.Code}}, roster.Invalid, business.CodeTypeAndAccount},
			{"source and group", NewRental{VehicleID: free.ID, Payer: Payer{GroupCode: a.Code, PaymentSourceID: 1}}, roster.Invalid, business.CodePersonalSource},
			{"unknown group", NewRental{VehicleID: free.ID, Payer: Payer{GroupID: 999}}, roster.NotFound, business.CodeNoAccount},
			{"unknown code of a group", NewRental{VehicleID: free.ID, Payer: Payer{GroupCode: "ZZZZZZ"}}, roster.NotFound, business.CodeNoCode},
			{"another's group", NewRental{VehicleID: free.ID, Payer: Payer{GroupID: other.ID}}, roster.NotFound, business.CodeNoAccount},
			{"another's group by code", NewRental{VehicleID: free.ID, Payer: Payer{GroupCode: other.Code}}, roster.NotFound, business.CodeNoCode},
			{"two groups", NewRental{VehicleID: free.ID, Payer: Payer{GroupCode: a.Code, GroupID: other.ID}}, roster.Invalid, ""},
			{"another's cost center", NewRental{VehicleID: free.ID, Payer: Payer{GroupCode: a.Code, CostCenterID: foreign}}, roster.Invalid, business.CodeCostCenter},
			{"cost center and personal", NewRental{VehicleID: free.ID, Payer: Payer{CostCenterID: foreign}}, roster.Invalid, ""},
			{"unknown source", NewRental{VehicleID: free.ID, Payer: Payer{PaymentSourceID: 9}}, roster.NotFound, business.CodeUnknownPaymentSource},
			{"unknown booking", NewRental{BookingID: 9}, roster.NotFound, business.CodeNoResource},
			{"reservation of a booking", NewRental{BookingID: 9, Start: Reservation}, roster.Invalid, ""},
		} {
			_, err := f.CreateRental(t.Context(), mia, c.in)
			f.refused(c.name, err, c.kind, c.code)
		}
		_, err := f.CreateRental(t.Context(), f.cli, NewRental{VehicleID: free.ID})
		f.refused("nobody", err, roster.Forbidden, business.CodeNoPermission)
		f.setting("businessAccounts.enabled", "false")
		_, err = f.CreateRental(t.Context(), mia, NewRental{VehicleID: free.ID, Payer: on(a)})
		f.refused("business accounts off", err, roster.Forbidden, business.CodeDisabled)
		if n := f.count(mia); n != 0 {
			t.Errorf("%d rentals were made all the same", n)
		}
	})
}

// count is how many rentals somebody has.
func (f *fleet) count(who roster.Actor) int {
	f.t.Helper()
	_, total, err := f.Rentals(f.t.Context(), who, nil, roster.Page{Limit: 1})
	if err != nil {
		f.t.Fatal(err)
	}
	return total
}

// A group that one has left, or may not use, is refused with its code.
func TestRentalOnAGroup(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga, mia := f.rider(), f.rider()
		a := f.account(f.vie, olga, nil)
		f.join(a, mia, business.Simple)
		f.editAccount(a, func(a *business.Account) { a.Settings.RequireMemberApproval = true })
		v := f.vehicle(f.vie, f.bikes)
		for _, c := range []struct {
			code         string
			spoil, mend  func(*business.Member)
			group, again func(*business.Account)
		}{
			{code: business.CodeInactiveMember, spoil: func(m *business.Member) { m.State = business.MemberInactive }, mend: func(m *business.Member) { m.State = business.MemberActive }},
			{
				code:  business.CodeNotApproved,
				spoil: func(m *business.Member) { m.Approval.State = business.ApprovalPending }, mend: func(m *business.Member) { m.Approval.State = business.ApprovalNotRequired },
			},
			{code: business.CodeNoReason, group: func(a *business.Account) { a.Settings.RequireBusinessReason = true }, again: func(a *business.Account) { a.Settings.RequireBusinessReason = false }},
			{code: business.CodeInactiveMember, group: func(a *business.Account) { a.State = business.AccountInactive }, again: func(a *business.Account) { a.State = business.AccountActive }},
		} {
			if c.spoil != nil {
				f.member(a, mia, c.spoil)
			} else {
				f.editAccount(a, c.group)
			}
			_, err := f.CreateRental(t.Context(), mia, NewRental{VehicleID: v.ID, Payer: on(a)})
			f.refused(c.code, err, roster.Invalid, c.code)
			if c.spoil != nil {
				f.member(a, mia, c.mend)
			} else {
				f.editAccount(a, c.again)
			}
		}
		if _, err := f.business.Leave(t.Context(), mia, a.Code, ""); err != nil {
			t.Fatal(err)
		}
		_, err := f.CreateRental(t.Context(), mia, NewRental{VehicleID: v.ID, Payer: on(a)})
		f.refused("one that was left", err, roster.Invalid, business.CodeInactiveMember)
		if n := f.count(mia); n != 0 {
			t.Errorf("%d rentals were made all the same", n)
		}
	})
}

func TestEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga := f.rider()
		a := f.account(f.vie, olga, func(a *business.Account) { a.Settings.RequireDrivingLog = true })
		v := f.vehicle(f.vie, f.bikes)
		f.write(func(tx *store.Tx) error {
			return driven(tx, map[int64]*Vehicle{v.ID: v}, v.ID, End{Odometer: at(1_000)})
		})
		log := &DrivingLog{Purpose: "a client"}
		long := make([]byte, 501)
		for i := range long {
			long[i] = 'x'
		}
		r := f.rent(olga, v, on(a))
		for _, c := range []struct {
			name, code string
			end        End
		}{
			{"no log", CodeNoDrivingLog, End{}},
			{"a log without purpose", CodeNoDrivingLog, End{Log: &DrivingLog{Purpose: " "}}},
			{"backwards", "", End{Odometer: at(999), Log: log}},
			{"beyond", "", End{Odometer: at(maxOdometer + 1), Log: log}},
			{"a log backwards", "", End{Log: &DrivingLog{Purpose: "x", StartOdometer: 2, EndOdometer: 1}}},
			{"a long purpose", "", End{Log: &DrivingLog{Purpose: string(long)}}},
			{"a long note", "", End{Log: &DrivingLog{Purpose: "x", Note: string(long)}}},
			{"below by the log", "", End{Log: &DrivingLog{Purpose: "x", EndOdometer: 500}}},
		} {
			_, err := f.EndRental(t.Context(), olga, r.ID, c.end)
			f.refused(c.name, err, roster.Invalid, c.code)
		}
		ended := f.end(olga, r, End{Log: &DrivingLog{Purpose: "a client", EndOdometer: 2_500}})
		if meters, known := ended.Distance(); meters != 1_500 || !known {
			t.Errorf("the log says %d m, %v", meters, known)
		}
		_, err := f.EndRental(t.Context(), olga, r.ID, End{Log: log})
		f.refused("ended twice", err, roster.Conflict, CodeRentalState)
		if len(f.charges()) != 1 {
			t.Errorf("the ledger has %+v", f.charges())
		}
		f.setting("drivingLog.enabled", "false")
		still := f.end(olga, f.rent(olga, v, on(a)), End{Odometer: at(2_500)})
		if meters, known := still.Distance(); still.State != EndedNoMovement || meters != 0 || !known {
			t.Errorf("without a move it is %s, %d m", still.State, meters)
		}
		if still.Price != business.TaxOf(10_000+1_900, 2000) || len(f.charges()) != 2 {
			t.Errorf("it costs %v", still.Price)
		}
		unknown := f.end(olga, f.rent(olga, v, Payer{}), End{})
		if _, known := unknown.Distance(); known || unknown.State != Ended {
			t.Errorf("without kilometers: %+v", unknown.Rental)
		}
	})
}

// What costs nothing is in the ledger if it was driven, and is not if it was not.
func TestEndForNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		rita, v := f.rider(), f.vehicle(f.vie, f.bikes)
		f.write(func(tx *store.Tx) error {
			_, err := PutTariff(tx, &Tariff{CategoryID: f.bikes, BusinessUnitID: f.euros.ID, Currency: "EUR"})
			return err
		})
		f.end(rita, f.rent(rita, v, Payer{}), End{Odometer: at(0)})
		if got := f.charges(); len(got) != 0 {
			t.Errorf("what did not move is charged: %+v", got)
		}
		r := f.end(rita, f.rent(rita, v, Payer{}), End{Odometer: at(100)})
		if got := f.charges(); len(got) != 1 || got[0].Source != r.ID || got[0].Price.Gross != 0 {
			t.Errorf("the ledger has %+v", got)
		}
	})
}

// A reservation is over when its time is, whatever its row says.
func TestReservationExpires(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		rita, next, v := f.rider(), f.rider(), f.vehicle(f.vie, f.bikes)
		reserve := func(who roster.Actor) *RentalView {
			r, err := f.CreateRental(t.Context(), who, NewRental{VehicleID: v.ID})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		first := reserve(rita)
		f.clock.Store(first.ExpiresAt - 1)
		if _, total, err := f.Vehicles(t.Context(), rita, VehicleFilter{}, roster.Page{Limit: 9}); err != nil || total != 0 {
			t.Errorf("%d vehicles are free: %v", total, err)
		}
		f.clock.Store(first.ExpiresAt)
		if got, err := f.Rental(t.Context(), rita, first.ID); err != nil || got.State != Expired || got.EndTime != first.ExpiresAt {
			t.Errorf("when its time is over it is %+v, %v", got.Rental, err)
		}
		if page, total, err := f.Rentals(t.Context(), rita, []string{Expired}, roster.Page{Limit: 9}); err != nil || total != 1 || page[0].State != Expired {
			t.Errorf("listed as expired: %d, %v", total, err)
		}
		if _, total, err := f.Rentals(t.Context(), rita, []string{Reservation}, roster.Page{Limit: 9}); err != nil || total != 0 {
			t.Errorf("listed as reservation: %d, %v", total, err)
		}
		if page, total, err := f.Vehicles(t.Context(), rita, VehicleFilter{}, roster.Page{Limit: 9}); err != nil || total != 1 || page[0].ID != v.ID {
			t.Errorf("%d vehicles are free: %v", total, err)
		}
		_, err := f.StartRental(t.Context(), rita, first.ID, nil)
		f.refused("to start it", err, roster.Conflict, CodeRentalState)
		_, err = f.CancelRental(t.Context(), rita, first.ID)
		f.refused("to cancel it", err, roster.Conflict, CodeRentalState)
		second := reserve(next) // which writes down that the first is over
		f.clock.Store(second.ExpiresAt)
		f.run()
		for id, who := range map[int64]roster.Actor{first.ID: rita, second.ID: next} {
			f.read(func(tx *store.Tx) error {
				r, err := one(tx, scanRental, rentalByID, id)
				if err == nil && (r.State != Expired || r.EndTime != r.ExpiresAt || r.PersonID != who.PersonID) {
					t.Errorf("its row is %+v", r)
				}
				return err
			})
		}
		if len(f.charges()) != 0 {
			t.Error("it was charged")
		}
	})
}

func TestCancelRental(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		rita, v := f.rider(), f.vehicle(f.vie, f.bikes)
		r, err := f.CreateRental(t.Context(), rita, NewRental{VehicleID: v.ID})
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.EndRental(t.Context(), rita, r.ID, End{})
		f.refused("to end a reservation", err, roster.Conflict, CodeRentalState)
		_, err = f.CancelRental(t.Context(), f.rider(), r.ID)
		f.refused("to cancel somebody else's", err, roster.NotFound, business.CodeNoResource)
		if r, err = f.CancelRental(t.Context(), rita, r.ID); err != nil || r.State != Cancelled || r.EndTime == 0 {
			t.Fatalf("cancelled: %+v, %v", r, err)
		}
		for what, err := range map[string]error{
			"cancel": second(f.CancelRental(t.Context(), rita, r.ID)), "start": second(f.StartRental(t.Context(), rita, r.ID, nil)),
			"end": second(f.EndRental(t.Context(), rita, r.ID, End{})),
		} {
			f.refused("to "+what+" what is cancelled", err, roster.Conflict, CodeRentalState)
		}
		active := f.rent(rita, v, Payer{})
		_, err = f.CancelRental(t.Context(), rita, active.ID)
		f.refused("to cancel what is driven", err, roster.Conflict, CodeRentalState)
		_, err = f.CreateRental(t.Context(), rita, NewRental{VehicleID: f.vehicle(f.vie, f.bikes).ID, Start: Active})
		f.refused("to drive two", err, roster.Invalid, CodeActiveRental)
	})
}

func second[T any](_ T, err error) error { return err }
