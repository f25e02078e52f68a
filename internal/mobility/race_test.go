package mobility

import (
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// race runs the attempts at once and fails unless one wins and the others are refused
// with a code.
func (f *fleet) race(what, code string, attempts ...func() error) {
	f.t.Helper()
	errs := make([]error, len(attempts))
	start := make(chan struct{})
	var wait sync.WaitGroup
	for i, attempt := range attempts {
		wait.Go(func() {
			<-start
			errs[i] = attempt()
		})
	}
	close(start)
	wait.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if roster.AsError(err).Code != code {
			f.t.Errorf("%s: %v, want %s", what, err, code)
		}
	}
	if won != 1 {
		f.t.Errorf("%s: %d win", what, won)
	}
}

func TestRaces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		ctx := t.Context()
		olga := f.rider()
		a := f.account(f.vie, olga, nil)
		riders := []roster.Actor{f.rider(), f.rider(), f.rider(), f.rider()}
		v := f.vehicle(f.vie, f.bikes)
		var won sync.Map
		take := func(who roster.Actor, in NewRental) func() error {
			return func() error {
				r, err := f.CreateRental(ctx, who, in)
				if err == nil {
					won.Store(r.ID, who)
				}
				return err
			}
		}
		winner := func() (id int64, who roster.Actor) {
			won.Range(func(k, w any) bool { id, who = k.(int64), w.(roster.Actor); return true })
			won.Clear()
			return id, who
		}
		var attempts []func() error
		for i, who := range riders {
			attempts = append(attempts, take(who, NewRental{VehicleID: v.ID, Start: []string{Reservation, Active}[i%2]}))
		}
		f.race("four riders for a vehicle", CodeVehicleTaken, attempts...)
		id, who := winner()
		if _, err := f.CancelRental(ctx, who, id); err != nil {
			if _, err := f.EndRental(ctx, who, id, End{}); err != nil {
				t.Fatal(err)
			}
		}
		charged := len(f.charges())

		attempts = nil
		for range 4 {
			attempts = append(attempts, take(riders[0], NewRental{VehicleID: f.vehicle(f.vie, f.bikes).ID, Start: Active}))
		}
		f.race("a rider for four vehicles", CodeActiveRental, attempts...)
		id, _ = winner()
		end := func() error { return second(f.EndRental(ctx, riders[0], id, End{})) }
		f.race("the end, four times", CodeRentalState, end, end, end, end)
		if got := len(f.charges()); got != charged+1 {
			t.Errorf("%d charges for one end", got-charged)
		}

		r, err := f.CreateRental(ctx, riders[1], NewRental{VehicleID: v.ID})
		if err != nil {
			t.Fatal(err)
		}
		f.race("start against cancel", CodeRentalState,
			func() error { return second(f.StartRental(ctx, riders[1], r.ID, nil)) }, func() error { return second(f.CancelRental(ctx, riders[1], r.ID)) })

		f.vehicle(f.vie, f.vans)
		n := f.booking(hour, Payer{})
		n.CategoryID = f.vans
		attempts = nil
		for _, who := range riders {
			attempts = append(attempts, func() error { return second(f.CreateBooking(ctx, who, n)) })
		}
		f.race("four riders for a booking", CodeNotBookable, attempts...)

		f.join(a, riders[2], business.Simple)
		f.editAccount(a, func(a *business.Account) { a.Settings.RequireBookingApproval = true })
		b := f.book(riders[2], f.booking(hour, on(a)))
		f.race("approve against decline", CodeBookingState,
			func() error { return second(f.ApproveBooking(ctx, olga, b.ID)) }, func() error { return second(f.DeclineBooking(ctx, olga, b.ID, "")) })
		b = f.book(riders[3], f.booking(hour, Payer{}))
		deliver := func() error { return second(f.CreateRental(ctx, riders[3], NewRental{BookingID: b.ID})) }
		f.race("a booking started, three times", CodeBookingState, deliver, deliver, deliver)
	})
}
