package mobility

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// modelRental and modelBooking are what the model knows, by words of the contract.
type modelRental struct {
	id, vehicle, expires, booking int64
	who                           int
	group                         bool
	state                         string
}

type modelBooking struct {
	id, start, end, grace int64
	who                   int
	group, waits          bool
	approved              bool
	state                 string
}

// model is a naive model of one branch with two bikes and three riders: the owner of
// a group that asks for approval, a member of it, and one who is in none.
type model struct {
	*fleet
	rt       *rapid.T
	riders   []roster.Actor
	account  *business.Account
	vehicles []*Vehicle
	rentals  []*modelRental
	bookings []*modelBooking
	ledger   map[string]int64 // gross, by payer, kind and source
}

// now is the time, which is past every expiry or before it by seconds.
func (m *model) now() int64 { return m.clock.Load() }

// expire has what has run out be over.
func (m *model) expire() {
	for _, r := range m.rentals {
		if r.state == Reservation && r.expires <= m.now() {
			r.state = Expired
		}
	}
	for _, b := range m.bookings {
		if (b.state == Booked || b.state == Approved) && b.grace <= m.now() {
			b.state = Expired
		}
	}
}

// busy reports whether somebody has a vehicle.
func (m *model) busy(vehicle int64) bool {
	return slices.ContainsFunc(m.rentals, func(r *modelRental) bool {
		return r.vehicle == vehicle && (r.state == Active || r.state == Reservation)
	})
}

func (m *model) drives(who int) bool {
	return slices.ContainsFunc(m.rentals, func(r *modelRental) bool { return r.who == who && r.state == Active })
}

// due is how many bookings have begun and can still be started.
func (m *model) due() (n int) {
	for _, b := range m.bookings {
		if (b.state == Booked || b.state == Approved) && b.start <= m.now() {
			n++
		}
	}
	return n
}

func (m *model) free() (free []*Vehicle) {
	for _, v := range m.vehicles {
		if !m.busy(v.ID) {
			free = append(free, v)
		}
	}
	return free
}

// pays draws who pays for a rider's next thing: in a group only who is in it.
func (m *model) pays(who int) (Payer, bool) {
	if who < 2 && rapid.Bool().Draw(m.rt, "on the group") {
		return on(m.account), true
	}
	return Payer{}, false
}

func (m *model) who() int { return rapid.IntRange(0, 2).Draw(m.rt, "who") }

// owed notes what the ledger must say.
func (m *model) owed(kind string, source int64, who int, group bool, gross int64) {
	payer := m.riders[who].PersonID
	if group {
		payer = m.account.ID
	}
	m.ledger[fmt.Sprintf("%d owes for %s %d", payer, kind, source)] = gross
}

// agree fails unless the program refuses as the model does: "" is no refusal.
func (m *model) agree(what, want string, err error) {
	got := ""
	if err != nil {
		got = roster.AsError(err).Code
	}
	if got != want {
		m.rt.Fatalf("%s: %q (%v), and the model says %q", what, got, err, want)
	}
}

func (m *model) create() {
	who, v, start := m.who(), rapid.SampledFrom(m.vehicles).Draw(m.rt, "vehicle"), rapid.SampledFrom([]string{Reservation, Active}).Draw(m.rt, "start")
	pay, group := m.pays(who)
	want := ""
	switch {
	case m.busy(v.ID), m.due() > 0 && len(m.free()) <= m.due():
		want = CodeVehicleTaken
	case start == Active && m.drives(who):
		want = CodeActiveRental
	}
	r, err := m.CreateRental(m.t.Context(), m.riders[who], NewRental{VehicleID: v.ID, Start: start, Payer: pay})
	m.agree("create", want, err)
	if err == nil {
		m.rentals = append(m.rentals, &modelRental{r.ID, v.ID, r.ExpiresAt, 0, who, group, start})
	}
}

// rental draws a rental and somebody who may act on it, mostly its renter.
func (m *model) rental() (*modelRental, int) {
	if len(m.rentals) == 0 {
		m.rt.Skip("no rental")
	}
	r := rapid.SampledFrom(m.rentals).Draw(m.rt, "rental")
	if rapid.IntRange(0, 9).Draw(m.rt, "a stranger") == 0 {
		return r, m.who()
	}
	return r, r.who
}

// onRental is what a step of a rental is refused with.
func onRental(r *modelRental, who int, from string) string {
	switch {
	case who != r.who:
		return business.CodeNoResource
	case r.state != from:
		return CodeRentalState
	}
	return ""
}

func (m *model) start() {
	r, who := m.rental()
	want := onRental(r, who, Reservation)
	if want == "" && m.drives(who) {
		want = CodeActiveRental
	}
	_, err := m.StartRental(m.t.Context(), m.riders[who], r.id, nil)
	m.agree("start", want, err)
	if err == nil {
		r.state = Active
	}
}

func (m *model) cancel() {
	r, who := m.rental()
	_, err := m.CancelRental(m.t.Context(), m.riders[who], r.id)
	m.agree("cancel", onRental(r, who, Reservation), err)
	if err == nil {
		r.state = Cancelled
	}
}

func (m *model) finish() {
	r, who := m.rental()
	end, state := End{}, Ended
	if rapid.Bool().Draw(m.rt, "no movement") {
		end, state = End{Odometer: at(0)}, EndedNoMovement
	}
	view, err := m.EndRental(m.t.Context(), m.riders[who], r.id, end)
	m.agree("end", onRental(r, who, Active), err)
	if err != nil {
		return
	}
	r.state = state
	gross := int64(10_000)
	for driven := view.EndTime - view.DriveStartTime; driven > 0; driven -= minute {
		gross += 1_900
	}
	for _, b := range m.bookings {
		if b.id == r.booking {
			b.state = Successful
			gross += 15_000
		}
	}
	m.owed(business.RentalCharge, r.id, who, r.group, gross)
}

func (m *model) book() {
	who := m.who()
	pay, group := m.pays(who)
	later, long := rapid.Int64Range(1, 120).Draw(m.rt, "later"), rapid.Int64Range(1, 120).Draw(m.rt, "long")
	from := m.now() + later*minute
	to := from + long*minute
	// At each instant at which one begins, so many are booked.
	most := 0
	for _, at := range append(m.begins(from, to), from) {
		booked := 0
		for _, b := range m.bookings {
			if (b.state == Booked || b.state == Approved || b.state == Delivered) && b.start <= at && at < b.end {
				booked++
			}
		}
		most = max(most, booked)
	}
	want := ""
	if most >= len(m.vehicles) {
		want = CodeNotBookable
	}
	b, err := m.CreateBooking(m.t.Context(), m.riders[who], NewBooking{BranchID: m.vie, CategoryID: m.bikes, StartTime: from, EndTime: to, Payer: pay})
	m.agree("book", want, err)
	if err != nil {
		return
	}
	// The owner has nobody to ask: the member is no manager.
	waits := group && who != 0
	if b.Waits() != waits {
		m.rt.Fatalf("it waits: %v", b.Waits())
	}
	m.bookings = append(m.bookings, &modelBooking{b.ID, from, to, from + hour, who, group, waits, false, Booked})
}

func (m *model) begins(from, to int64) (all []int64) {
	for _, b := range m.bookings {
		if b.start >= from && b.start < to {
			all = append(all, b.start)
		}
	}
	return all
}

func (m *model) booked() *modelBooking {
	if len(m.bookings) == 0 {
		m.rt.Skip("no booking")
	}
	return rapid.SampledFrom(m.bookings).Draw(m.rt, "booking")
}

func (m *model) deliver() {
	b := m.booked()
	want := ""
	switch {
	case b.waits && b.state == Booked, b.state != Booked && b.state != Approved:
		want = CodeBookingState
	case len(m.free()) == 0, b.start > m.now() && m.due() > 0 && len(m.free()) <= m.due():
		want = CodeVehicleTaken
	case m.drives(b.who):
		want = CodeActiveRental
	}
	r, err := m.CreateRental(m.t.Context(), m.riders[b.who], NewRental{BookingID: b.id})
	m.agree("deliver", want, err)
	if err == nil {
		b.state = Delivered
		m.rentals = append(m.rentals, &modelRental{r.ID, m.free()[0].ID, 0, b.id, b.who, b.group, Active})
	}
}

func (m *model) unbook() {
	b := m.booked()
	want := ""
	if b.state != Booked && b.state != Approved {
		want = CodeBookingState
	}
	_, err := m.CancelBooking(m.t.Context(), m.riders[b.who], b.id)
	m.agree("cancel a booking", want, err)
	if err != nil {
		return
	}
	if m.now() > b.start-hour && !(b.waits && b.state == Booked) {
		m.owed(business.BookingCharge, b.id, b.who, b.group, 15_000)
	}
	b.state = Canceled
}

func (m *model) decide() {
	b, who := m.booked(), m.who()
	want := ""
	switch {
	case who == b.who:
		want = business.CodeNoPermission
	case !b.group, who != 0:
		want = business.CodeNoResource
	case b.state != Booked || !b.waits:
		want = CodeBookingState
	}
	var err error
	to := rapid.SampledFrom([]string{Approved, Declined}).Draw(m.rt, "to")
	if to == Approved {
		_, err = m.ApproveBooking(m.t.Context(), m.riders[who], b.id)
	} else {
		_, err = m.DeclineBooking(m.t.Context(), m.riders[who], b.id, "no")
	}
	m.agree("decide", want, err)
	if err == nil {
		b.state, b.approved = to, to == Approved
	}
}

// sweep has the jobs write down, and charge, what is over.
func (m *model) sweep() {
	m.run()
	for _, b := range m.bookings {
		if b.state == Expired && !(b.waits && !b.approved) {
			m.owed(business.BookingCharge, b.id, b.who, b.group, 15_000)
		}
	}
}

// look compares all that is there with the model.
func (m *model) look() {
	want, got := map[int64]string{}, map[int64]string{}
	for _, r := range m.rentals {
		want[r.id] = r.state
	}
	for _, b := range m.bookings {
		want[b.id] = b.state
	}
	for _, who := range m.riders {
		rentals, _, err := m.Rentals(m.t.Context(), who, nil, roster.Page{Limit: 999})
		if err != nil {
			m.rt.Fatal(err)
		}
		for _, r := range rentals {
			got[r.ID] = r.State
		}
		bookings, _, err := m.Bookings(m.t.Context(), who, nil, roster.Page{Limit: 999})
		if err != nil {
			m.rt.Fatal(err)
		}
		for _, b := range bookings {
			got[b.ID] = b.State
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		m.rt.Fatalf("states differ: %s", diff)
	}
	free, _, err := m.Vehicles(m.t.Context(), m.riders[0], VehicleFilter{}, roster.Page{Limit: 9})
	if err != nil || len(free) != len(m.free()) {
		m.rt.Fatalf("%d vehicles are free, and the model says %d; %v", len(free), len(m.free()), err)
	}
}

// Whatever riders, deciders and time do, states and refusals are those of the model,
// and the ledger has each price once.
func TestModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		base, n := newFleet(t, database), 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			base.clock.Store(noon)
			m := &model{fleet: base.found(t, fmt.Sprintf("model-%d", n)), rt: rt, ledger: map[string]int64{}}
			m.riders = []roster.Actor{m.rider(), m.rider(), m.rider()}
			m.account = m.fleet.account(m.vie, m.riders[0], func(a *business.Account) { a.Settings.RequireBookingApproval = true })
			m.join(m.account, m.riders[1], business.Simple)
			m.vehicles = []*Vehicle{m.vehicle(m.vie, m.bikes), m.vehicle(m.vie, m.bikes)}
			step := func(do func()) func(*rapid.T) {
				return func(rt *rapid.T) {
					m.rt = rt
					m.pass(1_000_000)
					m.expire()
					do()
				}
			}
			rt.Repeat(map[string]func(*rapid.T){
				"create": step(m.create), "start": step(m.start), "end": step(m.finish), "cancel": step(m.cancel),
				"book": step(m.book), "deliver": step(m.deliver), "unbook": step(m.unbook), "decide": step(m.decide), "look": step(m.look),
				"pass": step(func() { m.pass(rapid.Int64Range(1, 90).Draw(m.rt, "minutes") * minute) }),
			})
			m.rt = rt
			m.pass(3 * hour)
			m.expire()
			m.sweep()
			m.look()
			got := map[string]int64{}
			for _, c := range m.charges() {
				got[fmt.Sprintf("%d owes for %s %d", c.Account, c.Kind, c.Source)] = int64(c.Price.Gross)
			}
			if diff := cmp.Diff(m.ledger, got); diff != "" || len(got) != len(m.charges()) {
				rt.Fatalf("the ledger differs: %s", diff)
			}
			if s, err := m.business.BillingSummary(t.Context(), m.riders[0], business.SummaryQuery{AccountID: m.account.ID}); err != nil || int64(s.Total.Gross) != m.groupOwes() {
				rt.Fatalf("the summary says %+v, %v; the model %d", s, err, m.groupOwes())
			}
		})
	})
}

// groupOwes is what the model says the group owes.
func (m *model) groupOwes() (sum int64) {
	prefix := fmt.Sprintf("%d owes", m.account.ID)
	for key, gross := range m.ledger {
		if strings.HasPrefix(key, prefix) {
			sum += gross
		}
	}
	return sum
}
