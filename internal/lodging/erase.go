package lodging

import (
	"slices"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

func init() { identity.OnErase(erase) } //nolint:gochecknoinits // whoever links this area has its rows erased

var (
	everHomes         = store.Q("lodging.homes_of", `SELECT DISTINCT group_id FROM memberships WHERE tenant = $1 AND member_id = $2 AND group_kind = 'property'`)
	invitedHomes      = store.Q("lodging.homes_inviting", `SELECT group_id FROM group_invitations WHERE tenant = $1 AND person_id = 0 AND email_key IN ($2)`).In()
	invitationsToDrop = store.Q("lodging.erase_invitations", `DELETE FROM group_invitations WHERE tenant = $1 AND person_id = 0 AND email_key = $2`)
)

// erase takes the addresses of somebody who is deleted, and has no other profile, out
// of invitations.
func erase(tx *store.Tx, e *identity.Erasure) error {
	if !e.Last {
		return nil
	}
	scan := func(s store.Scanner) (id int64, err error) { return id, s.Scan(&id) }
	homes, err := store.All(tx, everHomes, scan, e.ID)
	if err != nil {
		return err
	}
	err = store.EachOf(tx, invitedHomes, e.Addresses, func(s store.Scanner) error {
		id, err := scan(s)
		homes = append(homes, id)
		return err
	})
	if err != nil {
		return err
	}
	for _, address := range e.Addresses {
		if _, err := tx.Exec(invitationsToDrop, address); err != nil {
			return err
		}
	}
	slices.Sort(homes)
	return e.Mentions("group_user", slices.Compact(homes), e.Said)
}
