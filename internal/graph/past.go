package graph

import (
	"slices"

	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/store"
)

// An edge of the past was live when recorded_from <= at < recorded_to; whether it
// had started or was over, the index judges as it does for the present.
const (
	pastEdges = `m.recorded_from <= $2 AND m.recorded_to > $2`

	belowGroups = `WITH RECURSIVE below (id) AS (
			SELECT id FROM subjects WHERE tenant = $1 AND id IN ($3)
			UNION SELECT m.member_id FROM below JOIN memberships m ON m.tenant = $1 AND m.group_id = below.id
				AND m.member_kind = 'group' AND ` + pastEdges + `)`

	abovePeople = `WITH RECURSIVE above (id) AS (
			SELECT id FROM subjects WHERE tenant = $1 AND id IN ($3)
			UNION SELECT m.group_id FROM above JOIN memberships m ON m.tenant = $1 AND m.member_id = above.id
				AND ` + pastEdges + `)`

	edgeColumns = `m.group_id, m.member_id, m.role, m.state, m.starts_at, m.expires_at, m.added_at`
)

var (
	groupsPast = store.Q("group.all_past", `SELECT `+groupColumns+fromGroups+`
		WHERE g.tenant = $1 AND g.recorded_from <= $2 AND g.recorded_to > $2`).Whole("a list of the past goes through all groups")
	groupsBelowPast = store.Q("group.below_past", belowGroups+` SELECT `+groupColumns+` FROM below
		JOIN groups g ON g.tenant = $1 AND g.id = below.id AND g.recorded_from <= $2 AND g.recorded_to > $2
		JOIN subjects s ON s.tenant = $1 AND s.id = below.id`).In()
	peopleBelowPast = store.Q("person.below_past", belowGroups+` SELECT DISTINCT `+headerColumns+` FROM below
		JOIN memberships m ON m.tenant = $1 AND m.group_id = below.id AND m.member_kind = 'person' AND `+pastEdges+`
		JOIN people p ON p.tenant = $1 AND p.id = m.member_id AND p.recorded_from <= $2 AND p.recorded_to > $2
		JOIN subjects s ON s.tenant = $1 AND s.id = m.member_id`).In()
	propertiesBelowPast = store.Q("property.below_past", belowGroups+` SELECT DISTINCT p.id, s.uuid, p.title FROM below
		JOIN memberships m ON m.tenant = $1 AND m.group_id = below.id AND m.member_kind = 'property' AND `+pastEdges+`
		JOIN properties p ON p.tenant = $1 AND p.id = m.member_id AND p.recorded_from <= $2 AND p.recorded_to > $2
		JOIN subjects s ON s.tenant = $1 AND s.id = m.member_id`).In()
	edgesBelowPast = store.Q("membership.below_past", belowGroups+` SELECT `+edgeColumns+` FROM below
		JOIN memberships m ON m.tenant = $1 AND m.group_id = below.id AND `+pastEdges).In()
	peoplePast = store.Q("person.past", `SELECT `+headerColumns+fromPeople+`
		WHERE p.tenant = $1 AND p.recorded_from <= $2 AND p.recorded_to > $2 AND p.id IN ($3)`).In()
	groupsAbovePast = store.Q("group.above_past", abovePeople+` SELECT `+groupColumns+` FROM above
		JOIN groups g ON g.tenant = $1 AND g.id = above.id AND g.recorded_from <= $2 AND g.recorded_to > $2
		JOIN subjects s ON s.tenant = $1 AND s.id = above.id`).In()
	edgesAbovePast = store.Q("membership.above_past", abovePeople+` SELECT `+edgeColumns+` FROM above
		JOIN memberships m ON m.tenant = $1 AND m.member_id = above.id AND `+pastEdges).In()
	parentsPast = store.Q("membership.parents_past", `SELECT m.group_id FROM memberships m
		WHERE m.tenant = $1 AND `+pastEdges+` AND m.member_id IN ($3)`).In()
)

// past gathers what was live at an instant.
type past struct {
	tx     *store.Tx
	at     int64
	deltas []index.Delta
}

func (p *past) yield(d index.Delta) { p.deltas = append(p.deltas, d) }

// headers gathers all groups.
func (p *past) headers() error {
	return p.tx.Each(groupsPast, yielding(scanGroup, index.PutGroup, p.yield), p.at)
}

// below gathers groups with everything in them.
func (p *past) below(groups []int64) error {
	for _, part := range []struct {
		q    *store.Query
		read func(store.Scanner) error
	}{
		{groupsBelowPast, yielding(scanGroup, index.PutGroup, p.yield)},
		{peopleBelowPast, yielding(scanHeader, index.PutPerson, p.yield)},
		{propertiesBelowPast, yielding(scanPropertyHeader, index.PutProperty, p.yield)},
		{edgesBelowPast, yielding(scanEdge, index.PutEdge, p.yield)},
	} {
		if err := p.tx.EachIn(part.q, groups, part.read, p.at); err != nil {
			return err
		}
	}
	return nil
}

// above gathers people with every group that they were in.
func (p *past) above(people []int64) error {
	if err := p.tx.EachIn(peoplePast, people, yielding(scanHeader, index.PutPerson, p.yield), p.at); err != nil {
		return err
	}
	if err := p.tx.EachIn(groupsAbovePast, people, yielding(scanGroup, index.PutGroup, p.yield), p.at); err != nil {
		return err
	}
	return p.tx.EachIn(edgesAbovePast, people, yielding(scanEdge, index.PutEdge, p.yield), p.at)
}

// around gathers groups and what holds them, with everything in it.
func (p *past) around(groups []int64) error {
	ids := slices.Clone(groups)
	err := p.tx.EachIn(parentsPast, groups, func(s store.Scanner) error {
		id, err := scanID(s)
		ids = append(ids, id)
		return err
	}, p.at)
	if err != nil {
		return err
	}
	return p.below(ids)
}

// view shows what was gathered, as the present is shown.
func (p *past) view(fn func(*index.View)) {
	x := index.New()
	x.Apply(p.at, 0, [32]byte{}, p.deltas)
	x.View(p.at, fn)
}
