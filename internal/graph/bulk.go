package graph

import (
	"slices"

	"github.com/rosterhq/roster/internal/store"
)

// Kinds tells the kind of each of the subjects that live.
func Kinds(tx *store.Tx, ids []int64) (map[int64]string, error) {
	kinds := make(map[int64]string, len(ids))
	err := tx.EachIn(subjectKinds, ids, func(s store.Scanner) error {
		var id int64
		var kind string
		err := s.Scan(&id, &kind)
		kinds[id] = kind
		return err
	})
	return kinds, err
}

// Part is what one group gets of AddParts, whose caller has looked up what is there.
type Part struct {
	Group *Group                // it lives
	There map[int64]*Membership // as LiveMemberships gives it, of the rows' members
	Rows  []Membership
	Errs  []error // of each row; AddParts fills it
}

// AddParts is AddMembers for many groups in few statements. kinds has the kind of
// each member that lives.
func AddParts(tx *store.Tx, kinds map[int64]string, parts []Part) error {
	var inserts [][]any
	for i := range parts {
		p := &parts[i]
		nests := slices.ContainsFunc(p.Rows, func(m Membership) bool { return kinds[m.MemberID] == GroupSubject })
		if nests { // whether that closes a cycle is asked of the tables
			if err := tx.ExecMany(membershipInsert, inserts); err != nil {
				return err
			}
			inserts = nil
		}
		rows, err := p.add(tx, kinds)
		if err != nil {
			return err
		}
		inserts = append(inserts, rows...)
	}
	return tx.ExecMany(membershipInsert, inserts)
}

func (p *Part) add(tx *store.Tx, kinds map[int64]string) ([][]any, error) {
	a := adding{tx: tx, group: p.Group, rule: Rules[p.Group.Kind], kinds: kinds, live: p.There}
	ids := make([]int64, len(p.Rows))
	for i := range p.Rows {
		ids[i] = p.Rows[i].MemberID
	}
	if err := a.lookBusiness(ids); err != nil {
		return nil, err
	}
	p.Errs = make([]error, len(p.Rows))
	return a.add(p.Rows, p.Errs)
}

// LiveGroups reads those of the groups that live, by id.
func LiveGroups(tx *store.Tx, ids []int64) (map[int64]*Group, error) {
	found := make(map[int64]*Group, len(ids))
	err := tx.EachIn(groupHeadersLive, ids, func(s store.Scanner) error {
		g, err := scanGroup(s)
		found[g.ID] = &g
		return err
	})
	return found, err
}

// LiveMemberships reads those of a group's memberships of these members that are
// there, by member; one may have expired (Ended).
func LiveMemberships(tx *store.Tx, group int64, members []int64) (map[int64]*Membership, error) {
	return liveMemberships(tx, group, members)
}

// Ended reports whether the membership is over at an instant (µs UTC): as good as
// removed.
func (m *Membership) Ended(now int64) bool { return m.ended(now) }

var membershipPeople = store.Q("membership.people", `SELECT member_id FROM memberships
	WHERE tenant = $1 AND group_id = $2 AND member_kind = 'person' AND recorded_to = `+live+` ORDER BY member_id`)

// People reads who stands in a group directly, in the order of ids.
func People(tx *store.Tx, group int64) ([]int64, error) {
	return store.All(tx, membershipPeople, scanID, group)
}
