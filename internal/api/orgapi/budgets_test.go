package orgapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func pot(name string, limit int64, more object) object {
	body := object{"name": name, "limit": mxn(limit), "period": "MONTHLY", "startDate": "2026-01-01"}
	maps.Copy(body, more)
	return body
}

func spent(user, group string, amount int64, reference string) object {
	return object{"userUuid": user, "groupUuid": group, "amount": mxn(amount), "reference": reference}
}

func TestBudgets(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		group, ann := h.group("Field"), h.user("Ann", "EMPLOYEE")
		h.member(group, ann)
		g := h.Golden("budgets")
		made := g.Post("/budgets", pot("Field", 10000, object{"limitType": "HARD", "endDate": "2026-12-31", "ownerUuids": []string{ann, ann}})).Want(201)
		path := "/budgets/" + made.Text("uuid")
		g.Put("/groups/"+group+path, nil).Want(204)
		g.Note("Spend is entered once for each reference.")
		g.Post(path+"/spend", spent(ann, group, 4000, "tx-1")).Want(201)
		g.Post(path+"/spend", spent(ann, group, 4000, "tx-1")).Want(201)
		g.Post(path+"/spend", spent(ann, group, 6001, "tx-2")).Want(422)
		g.Post(path+"/spend", spent(ann, group, 6000, "tx-3")).Want(201)
		g.Get(path).Want(200)
		g.Get(path + "/spend").Want(200)
		g.Get("/budgets?groupUuid=" + group).Want(200)
		g.Get("/groups/" + group + "/budgets").Want(200)
		g.Note("What GET gave can be sent back.")
		g.Patch(path, string(h.Get(path).Body)).Want(200)
		g.Note("A budget with spend is archived, not deleted.")
		g.Delete(path).Want(204)
		g.Get(path).Want(200)
		g.Post(path+"/spend", spent(ann, group, 1, "tx-4")).Want(422)
		g.Post(path+"/spend", spent(ann, group, 4000, "tx-1")).Want(201)
		g.Patch(path, object{"status": "ACTIVE"}).Want(200)
		g.Note("One without is deleted.")
		other := g.Post("/budgets", pot("Other", 1, object{"period": "ONE_TIME"})).Want(201).Text("uuid")
		g.Delete("/budgets/" + other).Want(204)
		g.Get("/budgets/" + other).Want(404)
	})
}

func TestSpendErrors(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		group, other := h.group("Field"), h.group("Office")
		ann, bob := h.user("Ann", "EMPLOYEE"), h.user("Bob", "EMPLOYEE")
		h.member(group, ann)
		h.member(other, ann)
		budget := h.make("budgets", pot("Field", 100, nil), group)
		path := "/budgets/" + budget + "/spend"
		g := h.Golden("spend_errors")
		g.Post(path, object{"userUuid": ann, "groupUuid": group, "amount": object{"amount": 1, "currency": "USD"}, "reference": "r"}).Want(422)
		g.Post(path, spent(bob, group, 1, "r")).Want(422)
		g.Post(path, spent(ann, other, 1, "r")).Want(422)
		g.Post(path, spent(unknown(), group, 1, "r")).Want(422)
		g.Post(path, spent(ann, unknown(), 1, "r")).Want(422)
		g.Post(path, spent("ann", group, 1, "r")).Want(400)
		g.Post(path, spent(ann, group, -1, "r")).Want(400)
		g.Post(path, spent(ann, group, 1, "")).Want(400)
		g.Post(path, object{"userUuid": ann, "groupUuid": group, "reference": "r"}).Want(400)
		g.Post("/budgets/"+unknown()+"/spend", spent(ann, group, 1, "r")).Want(404)
		g.Post(path, spent(ann, group, 1, "r")).Want(201)
		g.Note("A reference names one entry.")
		g.Post(path, spent(ann, group, 2, "r")).Want(422)
		g.Note("A budget that is to come, and one that is over.")
		early := h.make("budgets", pot("Early", 100, object{"startDate": "2026-01-16"}), group)
		over := h.make("budgets", pot("Over", 100, object{"endDate": "2026-01-14"}), group)
		g.Post("/budgets/"+early+"/spend", spent(ann, group, 1, "r")).Want(422)
		g.Post("/budgets/"+over+"/spend", spent(ann, group, 1, "r")).Want(422)
		g.Get("/budgets?status=EXPIRED").Want(200)
		g.Note("The currency of what was spent stays.")
		g.Patch("/budgets/"+budget, object{"limit": object{"amount": 5, "currency": "USD"}}).Want(422)
		for _, body := range []object{
			pot("A", 1, object{"startDate": "2026-02-30"}),
			pot("A", 1, object{"startDate": "yesterday"}),
			pot("A", 1, object{"endDate": "2025-12-31"}),
			pot("A", 1, object{"period": "DAILY"}),
			pot("A", 1, object{"limitType": "FIRM"}),
			pot("A", 1, object{"ownerUuids": []string{"ann"}}),
			pot("A", 1, object{"status": "EXPIRED"}),
			pot("A", -1, nil),
		} {
			g.Post("/budgets", body).Want(400)
		}
		g.Post("/budgets", pot("A", 1, object{"ownerUuids": []string{unknown()}})).Want(422)
		h.rival.Get("/budgets/" + budget).Want(404)
		h.rival.Post(path, spent(ann, group, 1, "s")).Want(404)
	})
}

// Only a user who is in the group now spends through it.
func TestSpendNeedsALiveMembership(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		group, ann := h.group("Field"), h.user("Ann", "EMPLOYEE")
		path := "/budgets/" + h.make("budgets", pot("Field", 100, nil), group) + "/spend"
		h.Put("/groups/"+group+"/users/"+ann, object{"startsAt": h.clock.text(time.Hour), "expiresAt": h.clock.text(2 * time.Hour)}).Want(204)
		h.Post(path, spent(ann, group, 1, "1")).Want(422)
		h.clock.forward(time.Hour)
		h.Post(path, spent(ann, group, 1, "2")).Want(201)
		h.clock.forward(time.Hour)
		h.Post(path, spent(ann, group, 1, "3")).Want(422)
	})
}

func TestSoftBudget(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, ann := h.group("Field"), h.user("Ann", "EMPLOYEE")
		h.member(group, ann)
		path := "/budgets/" + h.make("budgets", pot("Field", 100, object{"limitType": "SOFT"}), group)
		for i, over := range []bool{false, true} {
			if got := h.Post(path+"/spend", spent(ann, group, 100, strconv.Itoa(i))).Want(201).At("overBudget"); got != over {
				t.Errorf("entry %d: overBudget is %v", i, got)
			}
		}
		b := h.Get(path).Want(200)
		if b.At("spent.amount") != 200.0 || b.At("remaining.amount") != 0.0 {
			t.Errorf("after both: %s", b.Body)
		}
		const most = 1<<63 - 1
		h.Post(path+"/spend", spent(ann, group, most, "most")).Want(422)
		// The client's validator reads numbers as floating point, so these go past it.
		body, _ := json.Marshal(spent(ann, group, most-200, "rest"))
		if r := h.raw(http.MethodPost, "localhost", base+path+"/spend", h.ownerText, "application/json", string(body)); r.Code != 201 {
			t.Errorf("%d %s", r.Code, r.Body)
		}
		if r := h.raw(http.MethodGet, "localhost", base+path, h.ownerText, "", ""); !strings.Contains(r.Body.String(), `"spent":{"amount":9223372036854775807,`) {
			t.Errorf("%d %s", r.Code, r.Body)
		}
	})
}

// Several groups share one pot.
func TestSharedBudget(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		a, b, ann, bob := h.group("A"), h.group("B"), h.user("Ann", "EMPLOYEE"), h.user("Bob", "EMPLOYEE")
		h.member(a, ann)
		h.member(b, bob)
		path := "/budgets/" + h.make("budgets", pot("Both", 100, nil), a, b) + "/spend"
		h.Post(path, spent(ann, a, 60, "1")).Want(201)
		h.Post(path, spent(bob, b, 60, "2")).Want(422)
		h.Post(path, spent(bob, b, 40, "3")).Want(201)
	})
}

// Windows follow one another from the start date; a month without its day ends earlier.
func TestBudgetWindows(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, ann := h.group("Field"), h.user("Ann", "EMPLOYEE")
		h.member(group, ann)
		h.clock.set("2026-01-31T00:00:00Z")
		path := "/budgets/" + h.make("budgets", pot("Field", 100, object{"startDate": "2026-01-31"}), group)
		for i, at := range []struct{ now, from, to string }{
			{"2026-01-31T00:00:00Z", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"},
			{"2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"},
			{"2026-03-31T23:59:59Z", "2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z"},
		} {
			h.clock.set(at.now)
			h.Post(path+"/spend", spent(ann, group, 100, strconv.Itoa(i))).Want(201)
			b := h.Get(path).Want(200)
			if b.Text("windowStart") != at.from || b.Text("windowEnd") != at.to || b.At("remaining.amount") != 0.0 {
				t.Errorf("at %s: %s", at.now, b.Body)
			}
		}
		h.clock.set("2026-04-30T00:00:00Z")
		h.Patch(path, object{"endDate": "2026-04-29"}).Want(200)
		if b := h.Get(path).Want(200); b.Text("status") != "EXPIRED" || b.At("spent.amount") != 100.0 {
			t.Errorf("expired: %s", b.Body)
		}
		h.Patch(path, object{"status": "EXPIRED"}).Want(200)
		h.Patch(path, object{"status": "EXPIRED", "endDate": nil}).Want(200)
		if b := h.Get(path).Want(200); b.Text("status") != "ACTIVE" || b.At("spent.amount") != 0.0 {
			t.Errorf("open again: %s", b.Body)
		}
	})
}

// Of spends that come at once, no more succeed than a hard limit has room for.
func TestHardBudgetRace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, ann := h.group("Field"), h.user("Ann", "EMPLOYEE")
		h.member(group, ann)
		for round := range 5 {
			path := "/budgets/" + h.make("budgets", pot(strconv.Itoa(round), 100, nil), group) + "/spend"
			const spends = 8
			statuses := make([]int, spends)
			start := make(chan struct{})
			var all sync.WaitGroup
			for i := range spends {
				all.Go(func() {
					<-start
					statuses[i] = h.Do(http.MethodPost, path, spent(ann, group, 60, strconv.Itoa(i))).Status
				})
			}
			close(start)
			all.Wait()
			made := 0
			for _, s := range statuses {
				if s == 201 {
					made++
				} else if s != 422 {
					t.Errorf("status %d", s)
				}
			}
			if made != 1 {
				t.Errorf("%d of %d spends succeeded where one has room", made, spends)
			}
		}
	})
}
