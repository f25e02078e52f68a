package graph

import "github.com/rosterhq/roster/internal/store"

// LiveMemberships reads those of a group's memberships of these members that are
// there, by member; one may have expired (Ended).
func LiveMemberships(tx *store.Tx, group int64, members []int64) (map[int64]*Membership, error) {
	return liveMemberships(tx, group, members)
}

// Ended reports whether the membership is over at an instant (µs UTC): as good as
// removed.
func (m *Membership) Ended(now int64) bool { return m.ended(now) }
