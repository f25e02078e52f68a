//go:build unix

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/pgtest"
)

const operationsMethod = `The operations API, called by an operator with the role of an administrator at the root, in a tenant with %d customers in %d branches,
each of whom accepted the terms there, and %d business accounts of %d members. Two customers and an account are made by the program's verbs, all
others are rows like theirs that the driver inserts. A get of a customer: as the reads above, %d different ones, beside a bare handler that
returns the same bytes. All others are timed one by one, from the request's first byte to the answer's last, by one client, or by eight
at once, each in a closed loop.

Searches: GET /customers of the root and all branches below it by a whole name, telephone number, address or id, a page of 50. They go
through memory, the same on both databases: a copy of each customer's names, number, address and id beside a mark of 512 bits, of which each
run of three bytes sets one. Marks lie on their sides, so a search reads of them its own bits alone, and of the texts those whose marks have
all of these; memory follows the change log, so no search misses what was written before.

Lists of business accounts: pages of 50 at random of all, by name; the members and owners of a page are counted by one statement for all
of its rows. POST /groups/{id}/add-members: 500 customers who are in no account, one call each after the other, into one account.`

// operations measures what the back office does.
func (b *bench) operations() error {
	customers, groups := 1_000_000, 10_000
	if b.quick {
		customers, groups = 20_000, 500
	}
	cluster, err := pgtest.New(pgtest.Durable)
	if err != nil {
		return err
	}
	defer cluster.Close()
	for _, engine := range []struct {
		name, database, bare string
		postgres             bool
	}{
		{"SQLite", filepath.Join(b.folder, "operations.db"), "", false},
		{"PostgreSQL", cluster.URL(), cluster.URL(), true},
	} {
		c := b.report.chapter("Operations, "+engine.name, fmt.Sprintf(operationsMethod, customers, crowdBranches, groups, membersOfEach, differing))
		if engine.postgres {
			c.method = "As on SQLite; the bare handler asks PostgreSQL one SELECT 1 for each request, as above."
		}
		began := time.Now()
		t, err := b.buildCrowd(engine.database, engine.postgres, customers, groups)
		if err != nil {
			return err
		}
		filled := time.Since(began)
		p, err := b.serve("--database", t.database)
		if err != nil {
			return err
		}
		c.note("The database was filled in %s; the server was ready after %s.", filled.Round(time.Second), p.took.Round(100*time.Millisecond))
		for _, measure := range []func(*chapter, *crowd, *process) error{b.searches, b.lists, b.additions} {
			if err := measure(c, t, p); err != nil {
				return err
			}
		}
		if err := errors.Join(b.customerGets(c, t, p, engine.bare), p.stop()); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) customerGets(c *chapter, t *crowd, p *process, database string) error {
	get := scenario{name: "get one customer", target: 0.5}
	random := rand.New(rand.NewPCG(1, 2))
	for range differing {
		get.requests = append(get.requests, t.admin.get(fmt.Sprintf("/customers/%d", t.first+random.Int64N(int64(t.customers)))))
	}
	return b.besideBare(p, database, []scenario{get}, func(s *scenario, ours, other contender) error { return b.compare(c, s, ours, other) })
}

// atOnce is how many clients search and list at once.
const atOnce = 8

const searchBound = `the marks of all customers are read by one goroutine for each search, and searches at once share two processors with their clients.`

func (b *bench) searches(c *chapter, t *crowd, p *process) error {
	for _, kind := range []struct {
		name   string
		text   func(i int) string
		target float64
	}{
		{"name", func(i int) string { return firstName(i) + " " + lastName(i) }, 20},
		{"telephone number", phone, 20},
		{"address", mail, 20},
		{"id", func(i int) string { return fmt.Sprint(t.first + int64(i)) }, 20},
		{"first name", firstName, 0},
		{"what all have", func(int) string { return "example.org" }, 0},
	} {
		requests := t.prepared(func(i int) []byte {
			return t.admin.get(fmt.Sprintf("/customers?branchId=%d&size=50&searchText=%s", t.root, url.QueryEscape(kind.text(i))))
		})
		for _, clients := range []int{1, atOnce} {
			if err := b.latencies(c, p, "search by "+kind.name, clients, requests, kind.target, searchBound); err != nil {
				return err
			}
		}
	}
	return nil
}

// prepared are requests about customers at random.
func (t *crowd) prepared(request func(i int) []byte) (all [][]byte) {
	random := rand.New(rand.NewPCG(5, 6))
	for range differing {
		all = append(all, request(random.IntN(t.customers)))
	}
	return all
}

func (b *bench) lists(c *chapter, t *crowd, p *process) error {
	requests := t.prepared(func(i int) []byte {
		return t.admin.get(fmt.Sprintf("/groups?branchId=%d&size=50&sort=name,asc&page=%d", t.root, i%(t.groups/50)))
	})
	for _, m := range []struct {
		clients int
		target  float64
	}{{1, 10}, {atOnce, 0}} {
		if err := b.latencies(c, p, "page of 50 business accounts", m.clients, requests, m.target, `the accounts, owners, members and cost centers of a page are read by a statement each.`); err != nil {
			return err
		}
	}
	return nil
}

// latencies times requests of as many clients one by one.
func (b *bench) latencies(c *chapter, p *process, what string, clients int, requests [][]byte, target float64, bound string) error {
	t, err := newTarget(p.address, clients)
	if err != nil {
		return err
	}
	defer t.close()
	for _, counts := range []bool{false, true} { // the first round warms up
		period := b.period
		if counts {
			period *= 3
		}
		all, err := t.timeAll(requests, period)
		if err != nil {
			return err
		}
		if counts {
			q := quantiles(all)
			c.add(below(fmt.Sprintf("%s, %s, p99", what, people(clients)), fmt.Sprintf("%s; %d", q, len(all)), millis(q.Most), "ms", target, bound))
		}
	}
	return nil
}

func people(clients int) string {
	if clients == 1 {
		return "one client"
	}
	return fmt.Sprintf("%d clients", clients)
}

func millis(d time.Duration) float64 { return d.Seconds() * 1000 }

const addedAtOnce = 500

// additions adds customers to an account, 500 at once, of those who are in none.
func (b *bench) additions(c *chapter, t *crowd, p *process) error {
	calls := 50
	if b.quick {
		calls = 5
	}
	conn, err := dial(p.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	var took []time.Duration
	next := t.groups * membersOfEach
	for i := range calls + 3 {
		var ids []string
		for range addedAtOnce {
			ids = append(ids, fmt.Sprint(t.first+int64(next)))
			next++
		}
		body := fmt.Sprintf(`{"userIds":[%s]}`, strings.Join(ids, ","))
		request := t.admin.request("POST", fmt.Sprintf("/groups/%d/add-members", t.group), body)
		began := time.Now()
		a, err := conn.do(request)
		if err == nil && (a.status/100 != 2 || strings.Count(string(a.body), ",") < addedAtOnce-1) {
			err = fmt.Errorf("an addition was answered with %d: %s", a.status, a.body)
		}
		if err != nil {
			return err
		}
		if i >= 3 { // the first ones warm up
			took = append(took, time.Since(began))
		}
	}
	q := quantiles(took)
	c.add(below("add 500 members, p99", q.String(), millis(q.Most), "ms", 150, `each is checked, becomes a row of a membership, of its properties and of the log, and the statements run one after the other.`))
	return nil
}
