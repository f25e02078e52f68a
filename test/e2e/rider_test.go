package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/rosterhq/roster/internal/roster"
)

// ride is a rental as the API tells it.
type ride struct {
	ID              int64   `json:"id"`
	State           string  `json:"state"`
	UserID          int64   `json:"userId"`
	StartKilometers float64 `json:"startKilometers"`
	InvoiceID       int64   `json:"invoiceId"`
	Vehicle         struct {
		ID int64 `json:"id"`
	} `json:"vehicle"`
	Price struct {
		Gross json.Number `json:"grossPrice"`
	} `json:"price"`
}

func (r *ride) open() bool { return r.State == "RESERVATION" || r.State == "ACTIVE" }

func (r *ride) ended() bool { return r.State == "ENDED" || r.State == "ENDED_NO_MOVEMENT" }

// gross is what an ended ride cost.
func (r *ride) gross() roster.Amount {
	a, err := roster.ParseAmount(r.Price.Gross.String())
	if err != nil {
		panic(err)
	}
	return a
}

// told is what of a ride does not change behind a rider's back.
func (r *ride) told() string {
	return fmt.Sprint(r.ID, " ", r.State, " ", r.Vehicle.ID, " ", r.Price.Gross)
}

// rider is a client that rides one vehicle after the other, and keeps what was
// acknowledged.
type rider struct {
	fleet   *fleet
	account *account
	name    string
	token   string
	rides   map[int64]*ride // as last told
	open    *ride           // the one under way; nil for none
	broken  *step           // the call that was not answered; nil for none
	keys    int
}

// step is one call of a rider's.
type step struct {
	path, body string
	key        string // "" for none
}

func newRider(f *fleet, a *account, name, token string) *rider {
	return &rider{fleet: f, account: a, name: name, token: token, rides: map[int64]*ride{}}
}

// ride makes one call after the other until one is not answered.
func (r *rider) ride(s *server) {
	for r.broken == nil && !r.fleet.t.Failed() {
		r.take(s, r.next())
	}
}

// next is what the rider does next; half of the time under a key, by which it may be
// said again.
func (r *rider) next() *step {
	st := &step{}
	if r.keys++; rand.IntN(2) == 0 {
		st.key = fmt.Sprintf("%s-%d", r.name, r.keys)
	}
	switch o := r.open; {
	case o == nil:
		st.path, st.body = "/rentals", fmt.Sprintf(`{"vehicleCode":"V-%d","startRentalState":%q,"userGroupId":%d`,
			rand.IntN(vehicles), []string{"ACTIVE", "RESERVATION"}[rand.IntN(2)], r.account.id)
		if n := rand.IntN(len(r.account.costCenters) + 1); n > 0 {
			st.body += fmt.Sprintf(`,"costCenterId":%d`, r.account.costCenters[n-1])
		}
		st.body += "}"
	case o.State == "RESERVATION" && rand.IntN(4) == 0:
		st.path = fmt.Sprintf("/rentals/%d/cancel", o.ID)
	case o.State == "RESERVATION":
		st.path = fmt.Sprintf("/rentals/%d/start", o.ID)
	default:
		st.path = fmt.Sprintf("/rentals/%d/end", o.ID)
		st.body = fmt.Sprintf(`{"endKilometers":%.3f}`, o.StartKilometers+float64(rand.IntN(5000))/1000)
	}
	return st
}

// take makes a call and keeps what it was answered.
func (r *rider) take(s *server, st *step) {
	status, text, err := s.send(r.token, "POST", front+st.path, st.body, st.key)
	r.fleet.answered.Add(1)
	var told struct {
		ride

		ErrorCode string `json:"errorCode"`
	}
	switch {
	case err != nil || status >= 500:
		r.broken = st
	case json.Unmarshal(text, &told) != nil:
		r.fleet.t.Errorf("%s %s: %d %s", st.path, st.body, status, text)
	case told.ErrorCode == "R902" && r.open == nil:
		// Another rider has the vehicle.
	case status != http.StatusOK && status != http.StatusCreated:
		r.fleet.t.Errorf("%s: %s %s: %d %s", r.name, st.path, st.body, status, text)
	default:
		r.keep(&told.ride)
	}
}

// keep notes what was told of a ride.
func (r *rider) keep(told *ride) {
	r.rides[told.ID], r.open = told, nil
	if told.open() {
		r.open = told
	}
}

// settle compares what is there with what was acknowledged: it is all there, and of
// more at most what the call did that was not answered. Said again under its key,
// that call is done once.
func (r *rider) settle(s *server) {
	t, st := r.fleet.t, r.broken
	t.Helper()
	r.broken = nil
	if st != nil && st.key != "" {
		if r.take(s, st); r.broken != nil {
			t.Fatalf("%s: %s was not answered though nobody died\n%s", r.name, st.path, s.log)
		}
		st = nil
	}
	var list []*ride
	r.fleet.must(s, http.StatusOK, r.token, "GET", "/rentals?size=5000", "", &list)
	there := map[int64]*ride{}
	for _, is := range list {
		there[is.ID] = is
		was := r.rides[is.ID]
		if was != nil && was.told() == is.told() {
			continue
		}
		if st == nil || was != nil && (r.open == nil || r.open.ID != is.ID) || was == nil && st.path != "/rentals" {
			t.Errorf("%s: ride %s is there, though %v was acknowledged, and %v was not answered", r.name, is.told(), was, st)
		}
		st = nil // that one call did it
		r.keep(is)
	}
	for id, was := range r.rides {
		if there[id] == nil {
			t.Errorf("%s: ride %s was acknowledged and is not there", r.name, was.told())
		}
	}
}
