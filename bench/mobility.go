//go:build unix

package main

import (
	"errors"
	"fmt"
	"path/filepath"
)

const mobilityMethod = `The user API on SQLite, in a tenant with %d business accounts of %d riders, %d cost centers each, requirement sets, terms and two
business units, made by the verbs that the program's commands call. Groups and requirements: as the reads above, each rider with a token of
their own, of a business rental with a cost center on a vehicle; beside a bare handler that returns the same bytes.`

// mobility measures what riders and managers do.
func (b *bench) mobility() error {
	c := b.report.chapter("Mobility, SQLite", fmt.Sprintf(mobilityMethod, companies, membersEach, centersEach))
	for _, measure := range []func(*chapter) error{b.townReads, b.rides, b.summaries, b.signIns} {
		if err := measure(c); err != nil {
			return err
		}
	}
	return nil
}

// serveTown builds a town and serves it.
func (b *bench) serveTown(name string, more ...string) (*town, *process, error) {
	t, err := b.buildTown(filepath.Join(b.folder, name))
	if err != nil {
		return nil, nil, err
	}
	p, err := b.serve(append([]string{"--database", t.database}, more...)...)
	return t, p, err
}

func (b *bench) townReads(c *chapter) error {
	t, p, err := b.serveTown("town.db")
	if err != nil {
		return err
	}
	// The bare handler tells requests apart by their addresses, so each has its own.
	groups, requirements := scenario{name: "groups of a member", target: 0.5}, scenario{name: "requirements of a business rental", target: 0.35}
	for i := range t.riders {
		r := &t.riders[i]
		groups.requests = append(groups.requests, r.get(fmt.Sprintf("/groups?rider=%d", i)))
		requirements.requests = append(requirements.requests, r.get(fmt.Sprintf("/rentals/requirements?type=BUSINESS&start=ACTIVE&userGroupId=%d&costCenterId=%d&vehicleId=%d",
			r.company.id, r.company.centers[i%centersEach], r.vehicle)))
	}
	err = b.besideBare(p, "", []scenario{groups, requirements}, func(s *scenario, ours, other contender) error { return b.compare(c, s, ours, other) })
	return errors.Join(err, p.stop())
}
