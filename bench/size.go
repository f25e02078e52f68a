//go:build unix

package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

const sizeMethod = `The server on SQLite with the graph of the reads loaded (%d people, %d groups, %d edges; %d lines), VmRSS of the process: when it is
ready, and after 20,000 checks and lists. All members of one group in one answer, from the request's first byte to the answer's last, by one client.`

// membersOf is the size of the group whose members are all listed.
const membersOf = 45_000

func (b *bench) size() error {
	s, err := b.seed(filepath.Join(b.folder, "size.db"), b.small)
	if err != nil {
		return err
	}
	p, err := b.serve("--database", s.database)
	if err != nil {
		return err
	}
	c := b.report.chapter("Size, and large answers", s.describe(sizeMethod))
	return errors.Join(b.measureSize(c, s, p), p.stop())
}

func (b *bench) measureSize(c *chapter, s *seeded, p *process) error {
	const bound = `the index, the text of names and addresses in it, and the memory that the garbage collector keeps ahead of it.`
	ready, err := p.resident("VmRSS")
	if err != nil {
		return err
	}
	peak, err := p.resident("VmHWM")
	if err != nil {
		return err
	}
	c.add(below("resident when ready", fmt.Sprintf("at most %.0f MB until then", peak*mb), ready*mb, "MB", 150, bound))
	if err := b.warm(s, p.address); err != nil {
		return err
	}
	worked, err := p.resident("VmRSS")
	if err != nil {
		return err
	}
	c.add(below("resident after 20,000 reads", "", worked*mb, "MB", 150, bound))
	group, members, err := s.nearest(p.address, min(membersOf, s.params.People/2))
	if err != nil {
		return err
	}
	took, bytes, err := b.listAll(s, p.address, group)
	if err != nil {
		return err
	}
	c.add(below(fmt.Sprintf("all %d members of a group", members), fmt.Sprintf("%.1f MB of JSON; median of %d", float64(bytes)/1e6, listings),
		took.Seconds()*1000, "ms", 50, `people are gathered, sorted by name and written as JSON by one goroutine.`))
	after, err := p.resident("VmRSS")
	if err != nil {
		return err
	}
	c.add(below("resident after that", "", after*mb, "MB", 0, ""))
	return nil
}

// mb is how many MB one MiB is.
const mb = 1.048576

func (b *bench) warm(s *seeded, address string) error {
	all, err := s.scenarios(address)
	if err != nil {
		return err
	}
	c, err := dial(address)
	if err != nil {
		return err
	}
	defer c.Close()
	for i := range 20_000 {
		requests := all[i%len(all)].requests
		if _, err := c.do(requests[i%len(requests)]); err != nil {
			return err
		}
	}
	return nil
}

// listings is how often all members are listed.
const listings = 21

func (b *bench) listAll(s *seeded, address string, group int64) (took time.Duration, size int, err error) {
	c, err := dial(address)
	if err != nil {
		return 0, 0, err
	}
	defer c.Close()
	request := caller{token: s.token}.get(fmt.Sprintf("/groups/grp-%d/members", group))
	var times []time.Duration
	for range listings {
		began := time.Now()
		a, err := c.do(request)
		if err != nil {
			return 0, 0, err
		}
		times, size = append(times, time.Since(began)), len(a.body)
	}
	return quantile(times, 0.5), size, nil
}

// nearest finds the group whose number of members is closest to n.
func (s *seeded) nearest(address string, n int) (group int64, members int, err error) {
	requests, err := s.pages(address)
	if err != nil {
		return 0, 0, err
	}
	c, err := dial(address)
	if err != nil {
		return 0, 0, err
	}
	defer c.Close()
	for _, request := range requests {
		groups, err := c.groups(request)
		if err != nil {
			return 0, 0, err
		}
		for _, g := range groups {
			if off := max(g.Members-n, n-g.Members); group == 0 || off < max(members-n, n-members) {
				group, members = g.number(), g.Members
			}
		}
	}
	return group, members, nil
}
