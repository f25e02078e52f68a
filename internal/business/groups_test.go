package business_test

import (
	"fmt"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// What members see lies in memory, and is there as soon as it is written.
func TestGroups(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		ctx := t.Context()
		one, two := h.center(c.owner, c.id, "one"), h.center(c.owner, c.id, "two")
		code := h.live(c.id, c.simple).MemberCode
		see := func() string {
			t.Helper()
			own, total, err := h.Groups(ctx, c.simple, roster.Page{Limit: 10, Sort: []roster.Sort{{Property: "id", Desc: true}}})
			h.must(err)
			if total != len(own) {
				t.Errorf("%d of %d", len(own), total)
			}
			if len(own) == 0 {
				return "none"
			}
			g := own[0]
			standard := ""
			if g.DefaultCostCenter != nil {
				standard = g.DefaultCostCenter.Code
			}
			centers := ""
			for _, cc := range g.CostCenters {
				centers += cc.Code + ","
			}
			return fmt.Sprint(g.Name, " ", g.Member.Role, " ", g.Member.State, " ", g.CanManage, " ", centers, " ", standard, " ", g.Settings.RequireCostCenter)
		}
		member := func(in business.MemberPatch) func() error {
			return func() error { _, err := h.PatchMember(ctx, c.owner, c.id, c.simple.PersonID, nil, in); return err }
		}
		membership := func(in business.MembershipPatch) func() error {
			return func() error { _, err := h.UpdateMembership(ctx, c.owner, c.id, code, nil, in); return err }
		}
		account := func(in business.AccountPatch) func() error {
			return func() error { _, err := h.UpdateAccount(ctx, c.owner, c.id, nil, in); return err }
		}
		center := func(id int64, in business.CostCenterPatch) func() error {
			return func() error { _, err := h.UpdateCostCenter(ctx, c.owner, id, nil, in); return err }
		}
		if got := see(); got != "Acme MEMBER ACTIVE false one,two,  false" {
			t.Fatal(got)
		}
		for _, x := range []struct {
			what string
			do   func() error
			want string
		}{
			{"a name", account(business.AccountPatch{Name: p("Acme 2")}), "Acme 2 MEMBER ACTIVE false one,two,  false"},
			{"a default", account(business.AccountPatch{DefaultCostCenterID: &one.ID}), "Acme 2 MEMBER ACTIVE false one,two, one false"},
			{"a setting", account(business.AccountPatch{Settings: business.SettingsPatch{RequireCostCenter: p(true)}}), "Acme 2 MEMBER ACTIVE false one,two, one true"},
			{"their own default", member(business.MemberPatch{DefaultCostCenterID: &two.ID}), "Acme 2 MEMBER ACTIVE false one,two, two true"},
			{"a list", member(business.MemberPatch{AccessMode: p(business.AccessList), AccessIDs: &[]int64{two.ID}}), "Acme 2 MEMBER ACTIVE false two, two true"},
			{"a new code", center(two.ID, business.CostCenterPatch{Code: p("deux")}), "Acme 2 MEMBER ACTIVE false deux, deux true"},
			{"an end to come", center(two.ID, business.CostCenterPatch{ValidUntil: p(h.db.Now() + day.Microseconds())}), "Acme 2 MEMBER ACTIVE false deux, deux true"},
			{"the end", func() error { h.pass(2 * day); return nil }, "Acme 2 MEMBER ACTIVE false  deux true"},
			{"suspension", membership(business.MembershipPatch{State: p(business.MemberInactive)}), "Acme 2 MEMBER INACTIVE false  deux true"},
			{"a role", membership(business.MembershipPatch{Role: p(business.Admin)}), "Acme 2 ADMIN INACTIVE false  deux true"},
			{"its end", membership(business.MembershipPatch{State: p(business.MemberActive)}), "Acme 2 ADMIN ACTIVE true  deux true"},
			{"leaving", func() error { _, err := h.Leave(ctx, c.simple, c.code, ""); return err }, "none"},
		} {
			h.must(x.do())
			if got := see(); got != x.want {
				t.Errorf("after %s: %q, want %q", x.what, got, x.want)
			}
		}
		// A plan, or a call with a key, reads its own transaction.
		err := h.db.Write(ctx, h.cli, func(tx *store.Tx) error {
			acc, err := business.LiveAccount(tx, c.id)
			if err != nil {
				return err
			}
			if _, err := business.InsertMember(tx, acc, business.NewMember{UserID: c.simple.PersonID, CreatedBy: business.BySelf}); err != nil {
				return err
			}
			own, _, err := h.Groups(store.WithTx(ctx, tx), c.simple, roster.Page{})
			if err != nil || len(own) != 1 {
				t.Errorf("inside: %v, %v", own, err)
			}
			return errTakenBack
		})
		if err == nil || see() != "none" {
			t.Errorf("taken back: %v, %s", err, see())
		}
	})
}

var errTakenBack = roster.Errorf(roster.Conflict, "", "taken back")

// Another node sees at once what this one has written.
func TestGroupsOfAnotherNode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		other := h.twin(t, database)
		for _, name := range []string{"Acme", "Acme 2", "Acme 3"} {
			h.update(c.owner, c.id, business.AccountPatch{Name: &name})
			h.must(other.db.Read(t.Context(), h.cli.Tenant.ID, func(*store.Tx) error { return nil })) // as each request does
			own, _, err := other.Groups(t.Context(), c.simple, roster.Page{})
			if err != nil || len(own) != 1 || own[0].Name != name {
				t.Errorf("%v, %v, want %s", own, err, name)
			}
		}
	})
}
