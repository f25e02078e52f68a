package identity_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// operatorOf makes an operator who has no role yet, and the standard roles.
func operatorOf(t *testing.T, db *store.DB, a roster.Actor) roster.Actor {
	t.Helper()
	operator := a
	operator.API, operator.Role = roster.OperationsAPI, identity.RoleOperator
	write(t, db, a, func(tx *store.Tx) error {
		for _, r := range identity.StandardRoles {
			if _, err := identity.PutRole(tx, r); err != nil {
				return err
			}
		}
		p, _, err := identity.PutOperator(tx, "olga@example.org", "Olga")
		operator.PersonID = p.ID
		return err
	})
	return operator
}

// A role reaches the branches below its own, and no sibling; what it says changes
// what an operator may at once.
func TestPowers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		i := identity.New(db)
		a := storetest.Tenant(t, db, "acme")
		root := branch(t, db, a, "AT", 0)
		vienna, graz := branch(t, db, a, "VIE", root), branch(t, db, a, "GRZ", root)
		center := branch(t, db, a, "VIE-1", vienna)
		operator := operatorOf(t, db, a)
		powers := func() *identity.Powers {
			t.Helper()
			p, err := i.PowersOf(t.Context(), operator)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		assign := func(role string, branch int64) {
			write(t, db, a, func(tx *store.Tx) error {
				_, err := identity.AssignRole(tx, identity.Assignee{PersonID: operator.PersonID}, role, branch)
				return err
			})
		}
		refusal := func(err error) string {
			if err == nil {
				return ""
			}
			return roster.AsError(err).Code
		}
		if p := powers(); p.Anywhere("USER_READ") || refusal(p.Need("USER_READ")) != identity.CodeNoPermission {
			t.Error("an operator without a role may read customers")
		}
		assign("CUSTOMER_SUPPORT", vienna)
		p := powers()
		if !p.HasRole("CUSTOMER_SUPPORT") || p.HasRole("ADMIN") {
			t.Error("the roles are others")
		}
		if diff := cmp.Diff([]int64{vienna, center}, p.Branches("USER_READ")); diff != "" {
			t.Error(diff)
		}
		for branch, want := range map[int64]string{vienna: "", center: "", graz: identity.CodeBranchOfOther, root: identity.CodeBranchOfOther, 999: identity.CodeNoBranch, 0: identity.CodeNoPermission} {
			if got := refusal(p.NeedAt("USER_WRITE", branch)); got != want {
				t.Errorf("USER_WRITE at %d: %q, want %q", branch, got, want)
			}
		}
		if got := refusal(p.NeedAt("USER_DELETE", vienna)); got != identity.CodeNoPermission {
			t.Errorf("a permission that the role lacks: %q", got)
		}
		assign("ADMIN", root)
		if p := powers(); !p.At("USER_DELETE", graz) || !p.At("USER_DELETE", 0) {
			t.Error("an admin at the root may not everywhere")
		}
		write(t, db, a, func(tx *store.Tx) error {
			_, err := identity.PutRole(tx, identity.Role{Name: "ADMIN", Permissions: []string{"USER_READ"}})
			return err
		})
		if powers().Anywhere("USER_DELETE") {
			t.Error("a permission outlives its role's")
		}
	})
}
