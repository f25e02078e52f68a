package identity_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// write runs fn in a write and fails the test on an error.
func write(t *testing.T, db *store.DB, a roster.Actor, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), a, fn); err != nil {
		t.Fatal(err)
	}
}

// branch makes a branch below another and returns its id.
func branch(t *testing.T, db *store.DB, a roster.Actor, code string, parent int64) int64 {
	t.Helper()
	b := identity.Branch{Name: code, Code: code, ParentID: parent}
	write(t, db, a, func(tx *store.Tx) error {
		_, err := identity.PutBranch(tx, &b)
		return err
	})
	return b.ID
}

func TestBranches(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		a := storetest.Tenant(t, db, "acme")
		root := branch(t, db, a, "AT", 0)
		vienna := branch(t, db, a, "VIE", root)
		graz := branch(t, db, a, "GRZ", root)
		center := branch(t, db, a, "VIE-1", vienna)
		write(t, db, a, func(tx *store.Tx) error {
			tree, err := identity.Branches(tx)
			if err != nil {
				return err
			}
			if diff := cmp.Diff([]int64{center, vienna, root}, tree.Chain(center)); diff != "" {
				t.Error("the chain of the center", diff)
			}
			if diff := cmp.Diff([]int64{root, vienna, graz, center}, tree.Below(root)); diff != "" {
				t.Error("below the root", diff)
			}
			if tree.ByCode(" vie-1 ").ID != center || tree.ByCode("nowhere") != nil || tree.Unit(center) != 0 {
				t.Error("the tree does not find what is there, or finds what is not")
			}
			if _, err := tree.Find(999); roster.AsError(err).Code != identity.CodeNoBranch {
				t.Errorf("an unknown branch is %v", err)
			}
			if len(tree.Chain(999))+len(tree.Below(999)) != 0 {
				t.Error("an unknown branch has a place")
			}
			for name, b := range map[string]identity.Branch{
				"below itself": {Name: "AT", Code: "AT", ParentID: center}, "no parent": {Name: "X", Code: "X", ParentID: 999},
				"no state": {Name: "X", Code: "X", State: "CLOSED"}, "no name": {Code: "X"},
			} {
				if _, err := identity.PutBranch(tx, &b); !roster.IsKind(err, roster.Invalid) {
					t.Errorf("%s: %v", name, err)
				}
			}
			same := identity.Branch{Name: "GRZ", Code: "grz", ParentID: root}
			if changed, err := identity.PutBranch(tx, &same); err != nil || !changed || same.ID != graz {
				t.Errorf("another spelling of the code: %v, %v, branch %d", changed, err, same.ID)
			}
			if changed, err := identity.PutBranch(tx, &same); err != nil || changed {
				t.Errorf("the same again: %v, %v", changed, err)
			}
			return nil
		})
	})
}

func TestBranchSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		a := storetest.Tenant(t, db, "acme")
		root := branch(t, db, a, "AT", 0)
		vienna, graz := branch(t, db, a, "VIE", root), branch(t, db, a, "GRZ", root)
		days := identity.InvitationValidityDays
		put := func(branch int64, value string) (changed bool) {
			write(t, db, a, func(tx *store.Tx) (err error) {
				changed, err = identity.PutBranchSetting(tx, days.Name, branch, json.RawMessage(value))
				return err
			})
			return changed
		}
		expect := func(want ...int64) {
			t.Helper()
			err := db.Read(t.Context(), a.Tenant.ID, func(tx *store.Tx) error {
				tree, err := identity.Branches(tx)
				if err != nil {
					return err
				}
				for i, at := range []int64{0, root, vienna, graz} {
					got, err := days.In(tx, tree, at)
					if err != nil || got != want[i] {
						t.Errorf("at branch %d: %d, %v; want %d", at, got, err, want[i])
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		expect(14, 14, 14, 14)
		put(vienna, "3")
		expect(14, 14, 3, 14)
		put(root, "7")
		expect(14, 7, 3, 7)
		put(0, "30")
		expect(30, 7, 3, 7)
		if put(0, "30") {
			t.Error("the same value is a change")
		}
		for _, c := range []struct {
			name   string
			branch int64
			value  string
			code   string
		}{
			{"no.such.setting", 0, "1", identity.CodeNoSetting}, {days.Name, 999, "1", identity.CodeNoBranch},
			{days.Name, 0, "0", identity.CodeBadSetting}, {days.Name, 0, `"3"`, identity.CodeBadSetting}, {days.Name, 0, "null", identity.CodeBadSetting},
			{identity.AddMembersMode.Name, 0, `"ASK"`, identity.CodeBadSetting}, {identity.SignupFee.Name, 0, `"-1"`, identity.CodeBadSetting},
		} {
			err := db.Write(t.Context(), a, func(tx *store.Tx) error {
				_, err := identity.PutBranchSetting(tx, c.name, c.branch, json.RawMessage(c.value))
				return err
			})
			if roster.AsError(err).Code != c.code {
				t.Errorf("%s at %d to %s: %v; want %s", c.name, c.branch, c.value, err, c.code)
			}
		}
	})
}

func TestDefaultsOfSettingsAreValid(t *testing.T) {
	for name, d := range identity.Definitions {
		value, err := json.Marshal(d.Default)
		if err == nil {
			err = d.Check(value)
		}
		if err != nil || d.Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRoles(t *testing.T) {
	for _, r := range identity.StandardRoles {
		if !slices.IsSorted(r.Permissions) {
			t.Errorf("the permissions of %s are not in order", r.Name)
		}
	}
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		a := storetest.Tenant(t, db, "acme")
		root := branch(t, db, a, "AT", 0)
		write(t, db, a, func(tx *store.Tx) error {
			for range 2 {
				for _, r := range identity.StandardRoles {
					if _, err := identity.PutRole(tx, r); err != nil {
						return err
					}
				}
			}
			roles, err := identity.OperatorRoles(tx)
			if err != nil || len(roles) != len(identity.StandardRoles) {
				t.Errorf("%d roles, %v", len(roles), err)
			}
			p, changed, err := identity.PutOperator(tx, "olga@example.org", "Olga")
			if err != nil || !changed || !p.Has(graph.OperatorProfile) {
				t.Errorf("a new operator: %v, %v", changed, err)
			}
			if _, changed, err := identity.PutOperator(tx, "OLGA@example.org", "Olga"); err != nil || changed {
				t.Errorf("the same operator again: %v, %v", changed, err)
			}
			to := identity.Assignee{PersonID: p.ID}
			for i, want := range []bool{true, false} {
				if changed, err := identity.AssignRole(tx, to, "ADMIN", root); err != nil || changed != want {
					t.Errorf("assignment %d: %v, %v", i, changed, err)
				}
			}
			_, unknown := identity.AssignRole(tx, to, "KING", root)
			_, nowhere := identity.AssignRole(tx, to, "ADMIN", 999)
			_, nobody := identity.AssignRole(tx, identity.Assignee{PersonID: 999}, "ADMIN", root)
			_, power := identity.PutRole(tx, identity.Role{Name: "KING", Permissions: []string{"REIGN"}})
			for _, err := range []error{unknown, power} {
				if !roster.IsKind(err, roster.Invalid) {
					t.Error(err)
				}
			}
			for _, err := range []error{nowhere, nobody} {
				if !roster.IsKind(err, roster.NotFound) {
					t.Error(err)
				}
			}
			return nil
		})
	})
}
