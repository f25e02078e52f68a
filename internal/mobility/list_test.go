package mobility

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestLists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga, mia := f.rider(), f.rider()
		a := f.account(f.vie, olga, nil)
		f.join(a, mia, business.Simple)
		center := f.costCenter(a)
		v, w := f.vehicle(f.vie, f.bikes), f.vehicle(f.vie, f.bikes)
		var ids, starts []int64
		note := func(r *RentalView) *RentalView {
			ids, starts = append(ids, r.ID), append(starts, r.StartTime)
			f.pass(hour)
			return r
		}
		f.end(mia, note(f.rent(mia, v, on(a))), End{})                                            // 0
		f.end(olga, note(f.rent(olga, v, Payer{GroupCode: a.Code, CostCenterID: center})), End{}) // 1
		f.end(mia, note(f.rent(mia, v, Payer{})), End{})                                          // 2, her own
		note(f.rent(mia, v, Payer{GroupCode: a.Code, CostCenterID: center}))                      // 3, driven
		r, err := f.CreateRental(t.Context(), mia, NewRental{VehicleID: w.ID, Payer: on(a)})
		if err != nil {
			t.Fatal(err)
		}
		note(r) // 4, expired
		all := roster.Page{Limit: 99}
		by := func(property string, desc bool) roster.Page {
			return roster.Page{Limit: 99, Sort: []roster.Sort{{Property: property, Desc: desc}}}
		}
		moment := roster.MomentAt
		for _, c := range []struct {
			name  string
			own   bool
			f     Filter
			p     roster.Page
			want  []int
			total int
		}{
			{"own", true, Filter{}, all, []int{4, 3, 2, 0}, 4},
			{"own, up", true, Filter{}, by("id", false), []int{0, 2, 3, 4}, 4},
			{"own by time", true, Filter{}, by("startTime", true), []int{4, 3, 2, 0}, 4},
			{"own by time, up", true, Filter{}, by("startTime", false), []int{0, 2, 3, 4}, 4},
			{"own, a page", true, Filter{}, roster.Page{Offset: 1, Limit: 2}, []int{3, 2}, 4},
			{"own that ended", true, Filter{States: []string{Ended}}, all, []int{2, 0}, 2},
			{"own, two states", true, Filter{States: []string{Expired, Active}}, all, []int{4, 3}, 2},
			{"own, a page beyond", true, Filter{}, roster.Page{Offset: 9, Limit: 2}, nil, 4},
			{"group", false, Filter{}, all, []int{4, 3, 1, 0}, 4},
			{"group by time, up", false, Filter{}, by("startTime", false), []int{0, 1, 3, 4}, 4},
			{"group of a user", false, Filter{UserID: mia.PersonID}, all, []int{4, 3, 0}, 3},
			{"group of a cost center", false, Filter{CostCenterID: center}, all, []int{3, 1}, 2},
			{"group, expired", false, Filter{States: []string{Expired}}, all, []int{4}, 1},
			{"group, reserved", false, Filter{States: []string{Reservation}}, all, nil, 0},
			{"group from", false, Filter{From: moment(starts[1])}, all, []int{4, 3, 1}, 3},
			{"group to", false, Filter{To: moment(starts[1])}, all, []int{0}, 1},
			{"group between", false, Filter{From: moment(starts[0] + 1), To: moment(starts[3] + 1)}, by("id", false), []int{1, 3}, 2},
			{"group between, of both", false, Filter{From: moment(starts[0]), To: moment(starts[4]), UserID: mia.PersonID, CostCenterID: center, States: []string{Active}}, all, []int{3}, 1},
			{"group of a day", false, Filter{From: roster.Moment{Date: "2026-03-03", Given: true}}, all, nil, 0},
			{"group until a day", false, Filter{To: roster.Moment{Date: "2026-03-03", Given: true}}, roster.Page{Limit: 1}, []int{4}, 4},
		} {
			var page []*RentalView
			var total int
			if c.own {
				page, total, err = f.Rentals(t.Context(), mia, c.f.States, c.p)
			} else {
				page, total, err = f.GroupRentals(t.Context(), olga, a.ID, c.f, c.p)
			}
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			var got, want []int64
			for _, r := range page {
				got = append(got, r.ID)
			}
			for _, i := range c.want {
				want = append(want, ids[i])
			}
			if diff := cmp.Diff(want, got); diff != "" || total != c.total {
				t.Errorf("%s: %d, %s", c.name, total, diff)
			}
		}
		page, _, err := f.GroupRentals(t.Context(), olga, a.ID, Filter{}, all)
		if err != nil || page[1].User.FirstName != "rider-2" || page[1].CostCenter.ID != center || page[1].Vehicle.ID != v.ID || page[1].GroupCode != a.Code {
			t.Errorf("named: %+v, %v", page, err)
		}
	})
}

func TestGroupListsAreForManagers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga, adam, mia, rival := f.rider(), f.rider(), f.rider(), f.rider()
		a := f.account(f.vie, olga, nil)
		f.join(a, adam, business.Admin)
		f.join(a, mia, business.Simple)
		f.account(f.vie, rival, nil)
		for _, c := range []struct {
			name string
			who  roster.Actor
			f    Filter
			p    roster.Page
			kind roster.Kind
			code string
		}{
			{"stranger", f.rider(), Filter{}, roster.Page{Limit: 1}, roster.NotFound, business.CodeNoAccount},
			{"rival", rival, Filter{}, roster.Page{Limit: 1}, roster.NotFound, business.CodeNoAccount},
			{"member", mia, Filter{}, roster.Page{Limit: 1}, roster.Forbidden, business.CodeNoPermission},
			{"from after to", adam, Filter{From: roster.MomentAt(5), To: roster.MomentAt(5)}, roster.Page{Limit: 1}, roster.Invalid, ""},
			{"no state", adam, Filter{States: []string{"GONE"}}, roster.Page{Limit: 1}, roster.Invalid, ""},
			{"no order", adam, Filter{}, roster.Page{Limit: 1, Sort: []roster.Sort{{Property: "price"}}}, roster.Invalid, ""},
		} {
			_, _, err := f.GroupRentals(t.Context(), c.who, a.ID, c.f, c.p)
			f.refused("rentals: "+c.name, err, c.kind, c.code)
			_, _, err = f.GroupBookings(t.Context(), c.who, a.ID, c.f, c.p)
			f.refused("bookings: "+c.name, err, c.kind, c.code)
		}
		_, _, err := f.GroupRentals(t.Context(), olga, 999, Filter{}, roster.Page{Limit: 1})
		f.refused("unknown", err, roster.NotFound, business.CodeNoAccount)
	})
}

// Managers see where their members were only if the operator says so, and renters
// their own.
func TestAddresses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga := f.rider()
		a := f.account(f.vie, olga, nil)
		f.trips(a, "1,b1,2026-02-01T10:00:00Z,2026-02-01T10:05:00Z,300,Here,There,Customer\n")
		for _, shown := range []bool{false, true} {
			page, _, err := f.GroupRentals(t.Context(), olga, a.ID, Filter{}, roster.Page{Limit: 1})
			if err != nil || (page[0].StartAddress == "Here") != shown || (page[0].EndAddress == "There") != shown {
				t.Errorf("shown %v: %+v, %v", shown, page, err)
			}
			f.setting(identity.ShowAddressesToManagers.Name, "true")
		}
		own, _, err := f.Rentals(t.Context(), olga, nil, roster.Page{Limit: 1})
		if err != nil || own[0].StartAddress != "Here" || own[0].EndAddress != "There" {
			t.Errorf("her own: %+v, %v", own, err)
		}
	})
}

func TestBookingLists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga, mia := f.rider(), f.rider()
		a := f.account(f.vie, olga, nil)
		f.join(a, mia, business.Simple)
		for range 4 {
			f.vehicle(f.vie, f.bikes)
		}
		late := f.book(mia, f.booking(5*hour, on(a)))
		soon := f.book(olga, f.booking(hour, on(a)))
		own := f.book(mia, f.booking(3*hour, Payer{}))
		if _, err := f.CancelBooking(t.Context(), mia, own.ID); err != nil {
			t.Fatal(err)
		}
		f.clock.Store(soon.GraceUntil)
		list := func(page []*BookingView, total int, err error) (ids []int64) {
			t.Helper()
			if err != nil || total != len(page) {
				t.Errorf("%d of %d, %v", len(page), total, err)
			}
			for _, b := range page {
				ids = append(ids, b.ID)
			}
			return ids
		}
		all := roster.Page{Limit: 9}
		for _, c := range []struct {
			name      string
			got, want []int64
		}{
			{"own", list(f.Bookings(t.Context(), mia, nil, all)), []int64{own.ID, late.ID}},
			{"own that wait", list(f.Bookings(t.Context(), mia, []string{Booked, Approved}, all)), []int64{late.ID}},
			{"group", list(f.GroupBookings(t.Context(), olga, a.ID, Filter{}, all)), []int64{soon.ID, late.ID}},
			{"group, expired", list(f.GroupBookings(t.Context(), olga, a.ID, Filter{States: []string{Expired}}, all)), []int64{soon.ID}},
			{"group from", list(f.GroupBookings(t.Context(), olga, a.ID, Filter{From: roster.MomentAt(late.StartTime)}, all)), []int64{late.ID}},
			{
				"group by time", list(f.GroupBookings(t.Context(), olga, a.ID, Filter{}, roster.Page{Limit: 9, Sort: []roster.Sort{{Property: "startTime"}}})),
				[]int64{soon.ID, late.ID},
			},
		} {
			if diff := cmp.Diff(c.want, c.got); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}
		b, err := f.Booking(t.Context(), olga, late.ID)
		if err != nil || b.User.FirstName != "rider-2" {
			t.Errorf("a manager reads %+v, %v", b, err)
		}
		_, err = f.Booking(t.Context(), olga, own.ID)
		f.refused("a member's own", err, roster.NotFound, business.CodeNoResource)
		_, err = f.Booking(t.Context(), f.rider(), late.ID)
		f.refused("a stranger", err, roster.NotFound, business.CodeNoResource)
	})
}

// Nobody leaves a group, and no group is deleted, while something is under way.
func TestGuard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga, mia := f.rider(), f.rider()
		a := f.account(f.vie, olga, nil)
		f.join(a, mia, business.Simple)
		center := f.costCenter(a)
		v := f.vehicle(f.vie, f.bikes)
		open := func(what string, want bool) {
			t.Helper()
			f.read(func(tx *store.Tx) error {
				mias, err := openOfMember(tx, a.ID, mia.PersonID)
				if err != nil {
					return err
				}
				olgas, err := openOfMember(tx, a.ID, olga.PersonID)
				if err != nil {
					return err
				}
				group, err := openOfGroup(tx, a.ID)
				if mias != want || group != want || olgas {
					t.Errorf("%s: of her %v, of the owner %v, of the group %v", what, mias, olgas, group)
				}
				return err
			})
		}
		used := func(want bool) {
			t.Helper()
			f.read(func(tx *store.Tx) error {
				got, err := costCenterUsed(tx, center)
				if got != want {
					t.Errorf("the cost center is used: %v", got)
				}
				return err
			})
		}
		open("nothing", false)
		r, err := f.CreateRental(t.Context(), mia, NewRental{VehicleID: v.ID, Payer: on(a)})
		if err != nil {
			t.Fatal(err)
		}
		open("a reservation", true)
		f.clock.Store(r.ExpiresAt)
		open("an expired one", false)
		r = f.rent(mia, v, on(a))
		open("a rental", true)
		_, err = f.business.Leave(t.Context(), mia, a.Code, "")
		f.refused("to leave", err, roster.Conflict, business.CodeOpen)
		f.refused("to delete", f.business.DeleteAccount(t.Context(), olga, a.ID, nil), roster.Conflict, business.CodeOpen)
		f.end(mia, r, End{})
		open("one that ended", false)
		used(false)
		b := f.book(mia, f.booking(2*hour, Payer{GroupCode: a.Code, CostCenterID: center}))
		used(true)
		open("a booking", true)
		f.clock.Store(b.GraceUntil)
		open("an expired booking", false)
		f.end(mia, f.rent(mia, v, Payer{}), End{})
		open("her own", false)
		if _, err := f.business.Leave(t.Context(), mia, a.Code, ""); err != nil {
			t.Errorf("to leave: %v", err)
		}
	})
}
