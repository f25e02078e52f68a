package graph

import "github.com/rosterhq/roster/internal/store"

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
