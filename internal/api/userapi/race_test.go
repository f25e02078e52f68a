package userapi_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// atOnce makes calls at the same moment and returns their answers in order.
func atOnce(calls ...func() *wiretest.Response) []*wiretest.Response {
	answers := make([]*wiretest.Response, len(calls))
	start := make(chan struct{})
	var all sync.WaitGroup
	for i, call := range calls {
		all.Go(func() {
			<-start
			answers[i] = call()
		})
	}
	close(start)
	all.Wait()
	return answers
}

// statuses are those of answers, sorted.
func statuses(answers []*wiretest.Response) []int {
	all := []int{}
	for _, a := range answers {
		all = append(all, a.Status)
	}
	slices.Sort(all)
	return all
}

// Of two invitations that somebody accepts at once, one makes them a member; the other
// is cancelled (contract §10.1, decision 20).
func TestAcceptTwoAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range racetest.Scale(10) {
			invite := func(c *wiretest.Client, group int64) int64 {
				return number(c.Post(fmt.Sprintf("/groups-management/%d/add-members", group), object{"emails": []string{"ida@example.org"}}).Want(200), "successful.0.requestId")
			}
			requests := []int64{invite(h.olga, h.group), invite(h.rex, h.rexGroup)}
			answers := atOnce(
				func() *wiretest.Response {
					return h.ida.Patch(fmt.Sprintf("/groups/requests/%d", requests[0]), object{"state": "ACCEPTED"})
				},
				func() *wiretest.Response {
					return h.ida.Patch(fmt.Sprintf("/groups/requests/%d", requests[1]), object{"state": "ACCEPTED"})
				},
			)
			if got := statuses(answers); !slices.Equal(got, []int{200, 409}) {
				t.Fatalf("answers %v", got)
			}
			for i, a := range answers {
				state := h.ida.Get("/groups/requests?state=ACCEPTED&state=CANCELLED&state=PENDING&size=100").Want(200)
				want := map[int]string{200: "ACCEPTED", 409: "CANCELLED"}[a.Status]
				if got := stateOf(state, requests[i]); got != want {
					t.Errorf("the request that was answered %d is %s", a.Status, got)
				}
				if a.Status == 409 && a.Text("errorCode") != "UG903" {
					t.Errorf("refused: %s", a.Body)
				}
			}
			groups := h.ida.Get("/groups").Want(200)
			if groups.Len("") != 1 {
				t.Fatalf("ida is in %s", groups.Body)
			}
			h.ida.Post("/groups/"+groups.Text("0.code")+"/leave", nil).Want(200)
		}
	})
}

// stateOf is the state of a request in a list.
func stateOf(list *wiretest.Response, id int64) string {
	var all []struct {
		ID    int64
		State string
	}
	list.Into(&all)
	for _, r := range all {
		if r.ID == id {
			return r.State
		}
	}
	return "not there"
}

// Of two managers who accept a request at once, one makes the member (contract §10.2).
func TestTwoManagersAcceptAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range racetest.Scale(10) {
			request := number(h.ida.Post("/groups/"+h.code+"/join", nil).Want(202), "request.id")
			accept := func(c *wiretest.Client) func() *wiretest.Response {
				return func() *wiretest.Response {
					return c.Patch(h.managed("/requests/%d", request), object{"state": "ACCEPTED"})
				}
			}
			answers := atOnce(accept(h.olga), accept(h.adam))
			if got := statuses(answers); !slices.Equal(got, []int{200, 409}) {
				t.Fatalf("answers %v: %s, %s", got, answers[0].Body, answers[1].Body)
			}
			if n := h.olga.Get(h.managed("/members?searchText=ida")).Want(200).Len(""); n != 1 {
				t.Errorf("ida is %d members", n)
			}
			h.ida.Post("/groups/"+h.code+"/leave", nil).Want(200)
		}
	})
}

// One of two riders gets the vehicle; a rider has one active rental, however many they
// start at once; and a key's rental is made once.
func TestRentalsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		rent := func(c *wiretest.Client, vehicle, state string) func() *wiretest.Response {
			return func() *wiretest.Response {
				return c.Post("/rentals", object{"vehicleCode": vehicle, "userGroupCode": h.code, "startRentalState": state})
			}
		}
		for range racetest.Scale(5) {
			answers := atOnce(rent(h.mia, "B-1", "RESERVATION"), rent(h.max, "B-1", "RESERVATION"))
			if got := statuses(answers); !slices.Equal(got, []int{201, 400}) {
				t.Fatalf("one vehicle: %v", got)
			}
			h.cancelAll(h.mia, h.max)
			answers = atOnce(rent(h.mia, "B-1", "ACTIVE"), rent(h.mia, "B-2", "ACTIVE"), rent(h.mia, "B-3", "ACTIVE"))
			if got := statuses(answers); !slices.Equal(got, []int{201, 400, 400}) {
				t.Fatalf("one rider: %v", got)
			}
			h.endAll(h.mia)
		}
		keyed := h.mia.Set("Idempotency-Key", "at-once")
		var calls []func() *wiretest.Response
		for range 8 {
			calls = append(calls, rent(keyed, "B-1", "RESERVATION"))
		}
		for _, a := range atOnce(calls...) {
			a.Want(201)
		}
		if n := h.mia.Get("/rentals?state=RESERVATION").Want(200).Len(""); n != 1 {
			t.Errorf("one key made %d rentals", n)
		}
	})
}

func (h *house) cancelAll(riders ...*wiretest.Client) { h.step("RESERVATION", "cancel", riders) }
func (h *house) endAll(riders ...*wiretest.Client)    { h.step("ACTIVE", "end", riders) }

func (h *house) step(state, step string, riders []*wiretest.Client) {
	h.T.Helper()
	for _, c := range riders {
		for {
			open := c.Get("/rentals?state=" + state).Want(200)
			if open.Len("") == 0 {
				break
			}
			c.Post(fmt.Sprintf("/rentals/%d/%s", number(open, "0.id"), step), nil).Want(200)
		}
	}
}
