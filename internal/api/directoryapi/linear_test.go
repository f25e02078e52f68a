package directoryapi_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// The register of the history below is an account in an inner group that is nested
// in an outer one: two edges, of which each is added and removed, and the question
// whether the account is in the outer group.
type step struct {
	what   int // addAccount, …
	status int // that was answered
	member bool
}

const (
	addAccount = iota
	removeAccount
	nest
	unnest
	check
	count
)

// edges are the two edges that there are.
type edges struct{ account, nested bool }

// apply judges a step by what was there, and says what is there then.
func (s edges) apply(o step) (bool, edges) {
	edge, adds, removes := &s.account, o.what == addAccount, o.what == removeAccount
	if o.what == nest || o.what == unnest {
		edge, adds, removes = &s.nested, o.what == nest, o.what == unnest
	}
	switch {
	case adds && o.status == 201:
		ok := !*edge
		*edge = true
		return ok, s
	case adds:
		return o.status == 409 && *edge, s
	case removes && o.status == 204:
		ok := *edge
		*edge = false
		return ok, s
	case removes:
		return o.status == 404 && !*edge, s
	default:
		return o.status == 200 && o.member == (s.account && s.nested), s
	}
}

// Adds, removes, checks and counts, at once and on every node, are as if they had
// come one after the other, each between its question and its answer.
func TestLinearizable(t *testing.T) {
	eachDeployment(t, func(t *testing.T, clients []*wiretest.Client) {
		h := houseOf(t, clients[0])
		model := porcupine.Model{
			Init: func() any { return edges{} },
			Step: func(state, input, output any) (bool, any) {
				o := output.(step)
				o.what = input.(int)
				return state.(edges).apply(o)
			},
		}
		for round := range 3 {
			outer, inner, ann := h.group("outer"), h.group("inner"), h.account("ann"+string(rune('a'+round)))
			paths := map[int]func(c *wiretest.Client) *wiretest.Response{
				addAccount: func(c *wiretest.Client) *wiretest.Response { return c.Post("/groups/"+inner+"/members", ref(ann)) },
				removeAccount: func(c *wiretest.Client) *wiretest.Response {
					return c.Delete("/groups/" + inner + "/members/" + ann)
				},
				nest:   func(c *wiretest.Client) *wiretest.Response { return c.Post("/groups/"+outer+"/members", ref(inner)) },
				unnest: func(c *wiretest.Client) *wiretest.Response { return c.Delete("/groups/" + outer + "/members/" + inner) },
				check: func(c *wiretest.Client) *wiretest.Response {
					return c.Get("/groups/" + outer + "/check?account_id=" + ann)
				},
				count: func(c *wiretest.Client) *wiretest.Response { return c.Get("/groups/" + outer) },
			}
			var mu sync.Mutex
			var history []porcupine.Operation
			var callers []func()
			begin := time.Now()
			for caller := range 6 {
				random := rand.New(rand.NewPCG(uint64(round), uint64(caller)))
				callers = append(callers, func() {
					for range racetest.Scale(40) {
						what := random.IntN(6)
						call := time.Since(begin)
						r := paths[what](clients[caller%len(clients)])
						end := time.Since(begin)
						o := step{what: what, status: r.Status}
						if r.Status == 200 {
							o.member = r.At("member") == true || r.At("member_count") == 1.
						}
						mu.Lock()
						history = append(history, porcupine.Operation{ClientId: caller, Input: what, Call: int64(call), Output: o, Return: int64(end)})
						mu.Unlock()
					}
				})
			}
			together(callers...)
			if result := porcupine.CheckOperationsTimeout(model, history, time.Minute); result != porcupine.Ok {
				t.Fatalf("the history of %d calls is %s", len(history), result)
			}
		}
	})
}
