package care

import (
	"context"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

const bulkLogoutPermission = "USER_LOGOUT_BULK"

// LoggedOut is how many people, and sessions of theirs, were ended.
type LoggedOut struct{ Users, Sessions int }

// LogOutRole ends the sessions of everybody who has a role on a branch, or, where below
// is set, on one below it: of the customers who are seen there for USER, else of the
// operators to whom the role is assigned there. The actor stays signed in. Invalid for
// a role that there is not; NotFound, Forbidden as of identity.Powers.NeedAt.
func (c *Care) LogOutRole(ctx context.Context, a roster.Actor, role string, branch int64, below bool) (out LoggedOut, err error) {
	role = strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(role)), " ", "_")
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		tx.Housekeeping()
		if err := p.NeedAt(bulkLogoutPermission, branch); err != nil {
			return err
		}
		branches := []int64{branch}
		if below {
			branches = p.Tree().Below(branch)
		}
		out = LoggedOut{}
		people, kind, err := peopleOfRole(tx, role, branches)
		if err != nil {
			return err
		}
		families, err := identity.OpenFamilies(tx, kind)
		if err != nil {
			return err
		}
		ended := map[int64]bool{}
		for i := range families {
			f := &families[i]
			if !people[f.PersonID] || f.PersonID == a.PersonID {
				continue
			}
			if _, err := identity.RevokeFamily(tx, f); err != nil {
				return err
			}
			ended[f.PersonID] = true
			out.Sessions++
		}
		out.Users = len(ended)
		return nil
	})
	return out, err
}

// peopleOfRole finds those who have a role on one of the branches, and as what they
// sign in.
func peopleOfRole(tx *store.Tx, role string, branches []int64) (people map[int64]bool, kind string, err error) {
	if role == identity.RoleUser {
		people, err = customersAt(tx, branches)
		return people, identity.RoleUser, err
	}
	roles, err := identity.OperatorRoles(tx)
	if err != nil {
		return nil, "", err
	}
	if !slices.ContainsFunc(roles, func(r identity.Role) bool { return r.Name == role }) {
		return nil, "", roster.FieldError("role", "must be USER or a role of operators")
	}
	people, err = identity.AssignedTo(tx, role, branches)
	return people, identity.RoleOperator, err
}

var acceptedAt = store.Q("terms_acceptance.at_branches", `SELECT person_id FROM terms_acceptances WHERE tenant = $1 AND branch_id IN ($2)`).In()

// customersAt reads who is seen at one of the branches.
func customersAt(tx *store.Tx, branches []int64) (map[int64]bool, error) {
	people, err := identity.AtHome(tx, branches)
	if err != nil {
		return nil, err
	}
	err = tx.EachIn(acceptedAt, branches, func(s store.Scanner) error {
		var person int64
		err := s.Scan(&person)
		people[person] = true
		return err
	})
	return people, err
}
