//go:build unix

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
)

// scenario is a kind of request, with what share of a bare handler's rate it should reach.
type scenario struct {
	name     string
	requests [][]byte
	target   float64
}

// scenarios prepares the requests that are measured.
func (s *seeded) scenarios(address string) ([]scenario, error) {
	call := caller{token: s.token}
	r := rand.New(rand.NewPCG(1, 2))
	all := []scenario{
		{"check, depth 1", s.checks(r, 1), 0.7},
		{"check, depth 8", s.checks(r, 8), 0.7},
		{"check, depth 32", s.checks(r, 32), 0.7},
		{"check, no member", s.misses(r), 0},
		{"get one group", nil, 0.6},
	}
	get := &all[len(all)-1]
	for range differing {
		get.requests = append(get.requests, call.get(fmt.Sprintf("/groups/grp-%d", s.params.GroupID(r.IntN(s.params.Groups)))))
	}
	list, err := s.pages(address)
	return append(all, scenario{"list of 50 groups", list, 0.25}), err
}

// differing is how many different requests a scenario goes through.
const differing = 1000

func (s *seeded) checks(r *rand.Rand, depth int) (requests [][]byte) {
	for range differing {
		c := s.chains[r.IntN(len(s.chains))]
		group, person := c.groups[chainDepth-depth], c.people[r.IntN(len(c.people))]
		requests = append(requests, caller{token: s.token}.get(checkPath(group, person)))
	}
	return requests
}

// misses asks for people at the top of chains that they are not in.
func (s *seeded) misses(r *rand.Rand) (requests [][]byte) {
	for range differing {
		i := r.IntN(len(s.chains))
		other := s.chains[(i+1)%len(s.chains)]
		requests = append(requests, caller{token: s.token}.get(checkPath(s.chains[i].groups[0], other.people[r.IntN(len(other.people))])))
	}
	return requests
}

func checkPath(group, person int64) string {
	return fmt.Sprintf("/groups/grp-%d/check?account_id=acc-%d", group, person)
}

const readsMethod = `Sixteen keep-alive connections of one client, each in a closed loop, against the built server on SQLite
and, in turns, against net/http with a handler that looks the request's URI up in a map and returns the bytes, headers included,
that Roster answered it with. Each kind of request goes through 1,000 different ones (the list through all its pages).
The graph: %d people, %d groups, %d edges in 32 layers, and %d lines of 32 nested groups whose
lowest hold the people that are checked. The last column gives both rates, the range of the ratios of single rounds, and what an
answer costs in time of the processors: the server's and the client's.`

func (b *bench) reads() error {
	s, err := b.seed(filepath.Join(b.folder, "reads.db"), b.small)
	if err != nil {
		return err
	}
	p, err := b.serve("--database", s.database)
	if err != nil {
		return err
	}
	c := b.report.chapter("Reads over HTTP, SQLite", s.describe(readsMethod))
	return errors.Join(b.measureReads(c, s, p, ""), p.stop())
}

func (s *seeded) describe(method string) string {
	return fmt.Sprintf(method, s.params.People, s.params.Groups, s.params.Edges, chains)
}

// measureReads measures every scenario at rest, and beside a writer.
func (b *bench) measureReads(c *chapter, s *seeded, p *process, database string) (err error) {
	all, err := s.scenarios(p.address)
	if err != nil {
		return err
	}
	err = b.besideBare(p, database, all, func(s *scenario, ours, other contender) error { return b.compare(c, s, ours, other) })
	if err != nil {
		return err
	}
	w, err := newWriter(p.address, s) // whose connections would be closed if they waited for that
	if err != nil {
		return err
	}
	defer w.close()
	err = b.besideBare(p, database, all, func(s *scenario, ours, other contender) error { return b.compareBeside(c, s, w, ours, other) })
	c.note("The writer made %.0f changes a second.", w.rate())
	return err
}

// besideBare measures scenarios of the program and of a bare handler that answers as it
// does.
func (b *bench) besideBare(p *process, database string, all []scenario, measure func(s *scenario, ours, other contender) error) error {
	lists := make([][][]byte, len(all))
	for i := range all {
		lists[i] = all[i].requests
	}
	bare, err := b.capture(p.address, database, lists...)
	if err != nil {
		return err
	}
	ours, err := newTarget(p.address, connections)
	if err != nil {
		return err
	}
	defer ours.close()
	other, err := newTarget(bare.address, connections)
	if err != nil {
		return err
	}
	defer other.close()
	for i := range all {
		if err := measure(&all[i], contender{target: ours, pid: p.pid()}, contender{target: other, pid: bare.pid()}); err != nil {
			return err
		}
	}
	return bare.stop()
}

const readsBound = `an answer costs more time of the processors than the bare one, as the last column shows, and the processors are what both compete for.`

func (b *bench) compare(c *chapter, s *scenario, ours, other contender) error {
	if err := b.duel(cycle(s.requests), &ours, &other); err != nil {
		return err
	}
	c.add(ratio(s.name, describe(&ours, &other), ours.rate()/other.rate(), s.target, readsBound))
	return nil
}

func describe(ours, other *contender) string {
	return fmt.Sprintf("%.0f/s beside %.0f/s (%s); %s beside %s",
		ours.rate(), other.rate(), spread(ours, other), ours.cost(), other.cost())
}

// compareBeside has the writer run during Roster's rounds alone, and then during
// those of both.
func (b *bench) compareBeside(c *chapter, s *scenario, w *writer, ours, other contender) error {
	alike := other
	ours.beside, alike.beside = w.start, w.start
	if err := b.duel(cycle(s.requests), &ours, &other, &alike); err != nil {
		return err
	}
	c.add(ratio(s.name+", beside a writer", describe(&ours, &other), ours.rate()/other.rate(), s.target, readsBound))
	c.add(ratio(s.name+", both beside a writer", describe(&ours, &alike), ours.rate()/alike.rate(), 0, ""))
	return nil
}
