package opsapi_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/care"
)

// provider has acme rate credit by a provider.
func (h *house) provider() {
	h.T.Helper()
	h.Apply(h.CLI, "settings:\n- {key: rating.provider, value: CRIF}\n")
}

// Rate implements care.Rater: it answers as the test says, or else approves.
func (h *house) Rate(_ context.Context, q care.RatingQuery) (care.RatingAnswer, error) {
	if h.rating != nil {
		return h.rating(q)
	}
	score := int64(710)
	return care.RatingAnswer{Status: care.RatingApproved, Score: &score, Reason: "GREEN", Reference: "A-" + q.Key}, nil
}

// drain runs the jobs that are due.
func (h *house) drain() {
	h.T.Helper()
	if err := h.Jobs.Drain(h.T.Context()); err != nil {
		h.T.Fatal(err)
	}
}

func TestRatings(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.as("admin"), "ratings")
		ratings := h.of("ida", "/ratings")
		g.Get(ratings).Want(200)
		g.Post(ratings, object{"status": "PENDING", "reason": "New here."}).Want(201)
		if status := h.as("admin").Get(h.of("ida", "")).Want(200).Text("creditStatus"); status != "PENDING" {
			h.T.Errorf("it is %s", status)
		}
		g.Note("Approving decides the pending one; once more changes nothing.")
		g.Post(ratings+"/approve", object{"reason": "Pays in time.", "validUntil": "2026-06-01T00:00:00Z"}).Want(200)
		g.Post(ratings+"/approve", nil).Want(200)
		g.Get(h.of("ida", "")).Want(200)
		g.Post(ratings+"/reject", object{"reason": "Does not."}).Want(200)
		g.Post(ratings, object{"status": "APPROVED", "score": 650, "validUntil": "2026-04-01T00:00:00Z"}).Want(201)
		g.Get(ratings + "?size=1").Want(200)
		h.Clock.Forward(31 * 24 * time.Hour)
		g.Note("A month later it has expired, in each list too; approving makes another.")
		g.Get(ratings).Want(200)
		g.Get(h.of("ida", "/details")).Want(200)
		g.Post(ratings+"/approve", object{}).Want(200)
		g.Note("What is refused:")
		g.Post(ratings, object{"status": "EXPIRED"}).Want(400)
		g.Post(ratings, object{"reason": "Why not?"}).Want(400)
		g.Post(ratings, object{"status": "APPROVED", "score": 1001}).Want(400)
		g.Post(ratings, object{"status": "APPROVED", "validUntil": "2026-01-01T00:00:00Z"}).Want(400)
		g.Post(ratings+"/reject", object{"validUntil": "2026-01-01T00:00:00Z"}).Want(400)
		g.Get(ratings + "?sort=score").Want(400)
		g.Get("/customers/987654/ratings").Want(404)
		g.Post("/customers/987654/ratings", object{"status": "APPROVED"}).Want(404)
		g.Delete(h.of("ian", "")).Want(204)
		ian := fmt.Sprintf("/customers/%d/ratings", h.deleted())
		g.Get(ian).Want(200)
		g.Post(ian, object{"status": "APPROVED"}).Want(409)
		g.Note("From VIE by support, who may read alone; and from GRZ, where neither is seen.")
		g.As(h.tokens["support"]).Post(ratings, object{"status": "APPROVED"}).Want(403)
		g.As(h.tokens["branch-b"]).Get(ratings).Want(404)
		g.Note("As a plan:")
		g.Set("Roster-Plan", "true").Post(ratings, object{"status": "REJECTED"}).Want(200)
	})
}

// deleted is the id of the only customer of VIE who is deleted.
func (h *house) deleted() int64 {
	h.T.Helper()
	return number(h.as("admin").Get(fmt.Sprintf("/customers?branchId=%d&simple&blockState=DELETED", h.Branch("VIE"))).Want(200), "0.id")
}

// A business account is rated through the same paths.
func TestGroupRatings(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.provider()
		g := h.golden(h.as("admin"), "ratings_group")
		ratings := fmt.Sprintf("/customers/%d/ratings", h.group)
		g.Get(ratings).Want(200)
		g.Post(ratings+"/reject", object{"reason": "Bankrupt."}).Want(200)
		g.Get(on(h.group, "")).Want(200)
		g.Post(ratings+"/queue", nil).Want(202)
		var asked care.RatingQuery
		h.rating = func(q care.RatingQuery) (care.RatingAnswer, error) {
			asked = q
			return care.RatingAnswer{Status: care.RatingPending, Reason: "YELLOW"}, nil
		}
		h.drain()
		if asked.AccountType != care.RatedGroup || asked.CompanyName != "Acme" || asked.LastName != "" {
			h.T.Errorf("asked for %+v", asked)
		}
		g.Get(ratings).Want(200)
		g.Get(fmt.Sprintf("/groups?branchId=%d", h.Branch("VIE"))).Want(200)
		g.Post(ratings+"/approve", nil).Want(200)
		g.As(h.tokens["branch-b"]).Get(ratings).Want(404)
		g.As(h.tokens["support"]).Post(ratings+"/approve", nil).Want(403)
		g.Note("The rules of the account's members do not reach here: nobody below an operator calls this.")
		h.nobody.As(h.tokens["rider"]).Get(ratings).Want(403)
	})
}

// Contract §10.20: who may not trigger is refused, without a provider it is a conflict,
// and so is, where the settings say so, an active rating unless the call is forced.
func TestQueueRating(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden(h.as("admin"), "ratings_queue")
		queue := h.of("ida", "/ratings/queue")
		g.As(h.tokens["accounting"]).Post(queue, nil).Want(403)
		g.Post(queue, nil).Want(409)
		h.provider()
		g.Note("With a provider:")
		g.Post(queue, object{"reason": "Wants a car."}).Want(202)
		g.Post(queue, nil).Want(409)
		g.Note("There is nothing to approve before it answers.")
		g.Post(h.of("ida", "/ratings/approve"), nil).Want(409)
		g.Get(h.of("ida", "/details")).Want(200)
		h.drain()
		g.Get(h.of("ida", "/ratings")).Want(200)
		g.Note("While a rating is active there is a warning, and it goes on to count.")
		g.Post(queue, object{}).Want(202)
		if status := h.as("admin").Get(h.of("ida", "")).Want(200).Text("creditStatus"); status != "APPROVED" {
			t.Errorf("it is %s", status)
		}
		h.rating = func(care.RatingQuery) (care.RatingAnswer, error) {
			return care.RatingAnswer{}, care.RatingRefused("the address is incomplete")
		}
		if err := h.Jobs.Drain(t.Context()); err == nil {
			t.Error("no error")
		}
		g.Get(h.of("ida", "/ratings")).Want(200)
		h.Apply(h.CLI, "settings:\n- {key: rating.refuseWhileActive, value: true}\n")
		g.Note("Where the settings refuse that:")
		g.Post(queue, nil).Want(409)
		g.Set("Idempotency-Key", "once").Post(queue, object{"force": true}).Want(202)
		g.Set("Idempotency-Key", "once").Post(queue, object{"force": true}).Want(202)
		g.Set("Idempotency-Key", "once").Post(queue, object{"force": true, "reason": "Other."}).Want(409)
		g.Post("/customers/987654/ratings/queue", nil).Want(404)
		g.Post(queue, object{"force": "yes"}).Want(400)
	})
}

// Of two calls at once that queue a rating one does, and of two ratings at once one is
// active.
func TestRatingsRace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.provider()
		for name, c := range map[string]struct {
			path string
			body object
			want map[int]int
		}{
			"ida": {"/ratings/queue", object{"force": true}, map[int]int{202: 1, 409: 3}},
			"mia": {"/ratings", object{"status": "APPROVED"}, map[int]int{201: 4}},
			"max": {"/ratings/reject", object{}, map[int]int{200: 4}},
		} {
			path, token := h.of(name, "%s", c.path), h.as("admin")
			statuses := make(chan int, 4)
			var running sync.WaitGroup
			for range 4 {
				running.Go(func() { statuses <- token.On(t).Post(path, c.body).Status })
			}
			running.Wait()
			close(statuses)
			got := map[int]int{}
			for status := range statuses {
				got[status]++
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s: %v, want %v", c.path, got, c.want)
			}
			list := h.as("admin").Get(h.of(name, "/ratings")).Want(200)
			active := 0
			for i := range list.Len("") {
				if list.At(fmt.Sprintf("%d.active", i)) == true {
					active++
				}
			}
			if want := map[string]int{"mia": 1, "max": 1}[name]; active != want {
				t.Errorf("%s: %d are active, want %d", c.path, active, want)
			}
		}
	})
}

// A provider's failure is tried again, and in the end told, with nothing of the person.
func TestRatingFails(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.provider()
		h.rating = func(q care.RatingQuery) (care.RatingAnswer, error) {
			return care.RatingAnswer{}, errors.New("500 for " + q.LastName)
		}
		h.as("admin").Post(h.of("ida", "/ratings/queue"), nil).Want(202)
		tries := 0
		for ; tries < 20; tries++ {
			if h.as("admin").Get(h.of("ida", "/ratings")).Text("0.status") != "QUEUED" {
				break
			}
			if h.Jobs.Drain(t.Context()) == nil {
				t.Fatal("no error")
			}
			h.Clock.Forward(2 * time.Hour)
		}
		last := h.as("admin").Get(h.of("ida", "/ratings")).Want(200)
		if tries != 8 || last.Text("0.status") != "FAILED" || last.Text("0.reason") != "the provider gave no rating: error" {
			t.Errorf("after %d tries: %s", tries, last.Body)
		}
		if status := h.as("admin").Get(h.of("ida", "")).Text("creditStatus"); status != "UNKNOWN" {
			t.Errorf("it is %s", status)
		}
	})
}

// What a rental asks follows the ratings at once, and their end without a write; it is
// asked where the branch requires it and a provider rates, and nowhere else.
func TestCreditRequirement(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		asked := func(query string) string {
			path := fmt.Sprintf("/rental-requirements/start?branchId=%d&vehicleCategoryId=1&customerId=%d", h.Branch("VIE"), h.Person("mia"))
			answer := h.as("admin").Get(path + query).Want(200)
			for i := range answer.Len("requirements") {
				if row := fmt.Sprintf("requirements.%d.", i); answer.Text(row+"code") == "CREDIT_STATUS_APPROVED" {
					return fmt.Sprint(answer.At(row+"fulfilled"), " ", answer.Text(row+"actual"))
				}
			}
			return "not asked"
		}
		of := func(group bool) string {
			if group {
				return asked(fmt.Sprintf("&userGroupId=%d", h.group))
			}
			return asked("")
		}
		for _, group := range []bool{false, true} {
			ratings := h.of("mia", "/ratings")
			if group {
				ratings = fmt.Sprintf("/customers/%d/ratings", h.group)
			}
			expect := func(want string) {
				t.Helper()
				if got := of(group); got != want {
					t.Errorf("%s: %s, want %s", ratings, got, want)
				}
			}
			if !group {
				expect("not asked")
				h.Apply(h.CLI, "requirementSets:\n- {name: Bikes, branches: [AT], vehicleCategories: [bike], start: {require: [CREDIT_STATUS_APPROVED]}}\n")
				expect("not asked")
				h.provider()
			}
			expect("false UNKNOWN")
			h.as("admin").Post(ratings+"/queue", nil).Want(202)
			expect("false PENDING")
			h.drain()
			expect("true APPROVED")
			h.as("admin").Post(ratings+"/reject", nil).Want(200)
			expect("false REJECTED")
			until := h.Clock.Now().Add(time.Hour).Format(time.RFC3339)
			h.as("admin").Post(ratings, object{"status": "APPROVED", "validUntil": until}).Want(201)
			expect("true APPROVED")
			h.Clock.Forward(2 * time.Hour)
			expect("false EXPIRED")
		}
	})
}
