package directoryapi_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/api/directoryapi"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// eachDeployment runs fn with clients of one node on each engine, and of two nodes
// on one PostgreSQL database. All are acme's administrator.
func eachDeployment(t *testing.T, fn func(t *testing.T, clients []*wiretest.Client)) {
	t.Helper()
	run := func(name string, nodes int, database func(t testing.TB) string) {
		t.Run(name, func(t *testing.T) {
			url, token := database(t), ""
			var clients []*wiretest.Client
			for range nodes {
				n := newNode(t, url, time.Now, noLimits)
				if token == "" {
					actor := storetest.Tenant(t, n.db, "acme")
					_, token = n.token(t, actor, roster.DirectoryAPI, directoryapi.Administrator, time.Now().Add(time.Hour))
				}
				clients = append(clients, wiretest.New(t, n.server, base).As(token))
			}
			fn(t, clients)
		})
	}
	run("sqlite", 1, storetest.SQLite)
	run("postgres", 1, pgtest.Database)
	run("two nodes on postgres", 2, pgtest.Database)
}

// houseOf lets a test of several clients use the words of a house.
func houseOf(t testing.TB, c *wiretest.Client) *house { return &house{Client: c, t: t} }

// together runs the functions at once and returns when all are done.
func together(all ...func()) {
	var ready, done sync.WaitGroup
	begin := make(chan struct{})
	for _, fn := range all {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-begin
			fn()
		})
	}
	ready.Wait()
	close(begin)
	done.Wait()
}

// Of A into B and B into A at once, exactly one comes to be, whichever node each
// was asked of.
func TestMutualNesting(t *testing.T) {
	eachDeployment(t, func(t *testing.T, clients []*wiretest.Client) {
		first, last := clients[0], clients[len(clients)-1]
		h := houseOf(t, first)
		won := [2]int{}
		for i := range racetest.Scale(30) {
			a, b, between := h.group(fmt.Sprint("a", i)), h.group(fmt.Sprint("b", i)), h.group("between")
			if i%2 == 1 {
				h.add(b, between) // then A into B goes by way of a third
			} else {
				between = b
			}
			var answers [2]*wiretest.Response
			together(
				func() { answers[0] = first.Post("/groups/"+a+"/members", ref(b)) },
				func() { answers[1] = last.Post("/groups/"+between+"/members", ref(a)) },
			)
			winner := 0
			if answers[0].Status == 409 {
				winner = 1
			}
			if answers[winner].Status != 201 || answers[1-winner].Status != 409 || answers[1-winner].At("error.code") != "CYCLE_DETECTED" {
				t.Fatalf("%d %s and %d %s", answers[0].Status, answers[0].Body, answers[1].Status, answers[1].Body)
			}
			won[winner]++
			for _, c := range clients {
				h := houseOf(t, c)
				inA, inB := h.Get("/groups/"+a+"/groups").Want(200).At("count"), h.Get("/groups/"+between+"/groups").Want(200).At("count")
				if inA == inB {
					t.Fatalf("A holds %v and B %v groups", inA, inB)
				}
			}
		}
		t.Logf("A won %d times, B %d times", won[0], won[1])
	})
}

// Of the same edge added at once by many, one is made.
func TestSameMemberAtOnce(t *testing.T) {
	eachDeployment(t, func(t *testing.T, clients []*wiretest.Client) {
		h := houseOf(t, clients[0])
		for i := range racetest.Scale(10) {
			group, ann := h.group("g"), h.account(fmt.Sprint("ann", i))
			var made, refused, removed atomic.Int32
			var adds, removes []func()
			for j := range 6 {
				c := clients[j%len(clients)]
				adds = append(adds, func() {
					switch c.Post("/groups/"+group+"/members", ref(ann)).Status {
					case 201:
						made.Add(1)
					case 409:
						refused.Add(1)
					}
				})
				removes = append(removes, func() {
					if c.Delete("/groups/"+group+"/members/"+ann).Status == 204 {
						removed.Add(1)
					}
				})
			}
			together(adds...)
			if made.Load() != 1 || refused.Load() != 5 || h.count(group, "") != 1 {
				t.Fatalf("%d made, %d refused", made.Load(), refused.Load())
			}
			together(removes...)
			if removed.Load() != 1 || h.count(group, "") != 0 {
				t.Fatalf("%d removed", removed.Load())
			}
		}
	})
}

// A walk by cursors sees each row that stays once, in order, whatever comes and
// goes meanwhile.
func TestWalkWhileRowsComeAndGo(t *testing.T) {
	eachDeployment(t, func(t *testing.T, clients []*wiretest.Client) {
		h, other := houseOf(t, clients[0]), houseOf(t, clients[len(clients)-1])
		for _, list := range []string{"groups", "accounts"} {
			n := 0
			create := func() string {
				n++
				return h.Post("/"+list, object{"name": fmt.Sprint(list, n), "email": fmt.Sprintf("%s%d@example.org", list, n)}).Want(201).Text("id")
			}
			var stable, passing []string
			for range racetest.Scale(40) {
				stable, passing = append(stable, create()), append(passing, create())
			}
			var done atomic.Bool
			together(
				func() {
					defer done.Store(true)
					for _, id := range passing {
						h.Delete("/" + list + "/" + id)
						h.Post("/"+list, object{"name": "new " + id, "email": id + "@new.example.org"})
					}
				},
				func() {
					for walks := 0; walks < 2 || !done.Load(); walks++ {
						checkWalk(t, other, list, stable)
					}
				},
			)
		}
	})
}

func checkWalk(t *testing.T, h *house, list string, stable []string) {
	var seen, stayed []string
	for after := ""; ; {
		page := h.Get("/" + list + "?limit=7&after=" + after)
		if page.Status != 200 {
			t.Errorf("%s", page.Body)
			return
		}
		seen = append(seen, ids(page, list)...)
		if page.At("pageInfo.hasNextPage") != true {
			break
		}
		after = page.At("pageInfo.endCursor").(string)
	}
	for _, id := range seen {
		if slices.Contains(stable, id) {
			stayed = append(stayed, id)
		}
	}
	if !slices.Equal(stayed, stable) {
		t.Errorf("of %d %s that stay the walk saw %d", len(stable), list, len(stayed))
	}
	slices.Sort(seen)
	if len(slices.Compact(slices.Clone(seen))) != len(seen) {
		t.Errorf("the walk saw something twice")
	}
}
