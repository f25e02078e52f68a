package business_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Who may change role, state and the rest of whom, by member code.
func TestUpdateMembership(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c, rival := h.company("Acme"), h.company("Rival")
		other := h.verified("Other")
		h.member(other, c.id, business.Admin)
		mine, theirs := h.center(c.owner, c.id, "one"), h.center(rival.owner, rival.id, "two")
		role := func(r string) business.MembershipPatch { return business.MembershipPatch{Role: &r} }
		state := func(s string) business.MembershipPatch { return business.MembershipPatch{State: &s} }
		number := business.MembershipPatch{EmployeeNumber: p("7")}
		for _, x := range []struct {
			what       string
			by, target roster.Actor
			in         business.MembershipPatch
			code       string
		}{
			{"an admin makes an admin", c.admin, c.simple, role(business.Admin), business.CodeManagerLimit},
			{"an admin makes an owner", c.admin, c.simple, role(business.Owner), business.CodeOwnerRole},
			{"an owner makes an owner", c.owner, c.admin, role(business.Owner), business.CodeOwnerRole},
			{"an admin demotes themselves", c.admin, c.admin, role(business.Simple), business.CodeManagerLimit},
			{"an admin suspends themselves", c.admin, c.admin, state(business.MemberInactive), business.CodeManagerLimit},
			{"an admin demotes another", c.admin, other, role(business.Simple), business.CodeManagerLimit},
			{"an admin suspends another", c.admin, other, state(business.MemberInactive), business.CodeManagerLimit},
			{"an admin numbers another", c.admin, other, number, business.CodeManagerLimit},
			{"an admin demotes the owner", c.admin, c.owner, role(business.Simple), business.CodeManagerLimit},
			{"an admin suspends the owner", c.admin, c.owner, state(business.MemberInactive), business.CodeManagerLimit},
			{"an admin numbers the owner", c.admin, c.owner, number, business.CodeManagerLimit},
			{"the owner demotes themselves", c.owner, c.owner, role(business.Admin), business.CodeManagerLimit},
			{"the owner suspends themselves", c.owner, c.owner, state(business.MemberInactive), business.CodeManagerLimit},
			{"no role", c.owner, c.simple, role("BOSS"), "invalid role"},
			{"no state", c.owner, c.simple, state("GONE"), "invalid state"},
			{"a foreign cost center", c.owner, c.simple, business.MembershipPatch{DefaultCostCenterID: &theirs.ID}, business.CodeCostCenter},
			{"no address", c.owner, c.simple, business.MembershipPatch{SuperiorEmail: p("boss")}, "invalid superiorEmail"},
			{"a long number", c.owner, c.simple, business.MembershipPatch{EmployeeNumber: p(strings.Repeat("1", 65))}, "invalid employeeNumber"},
			{"what is not theirs", c.owner, c.simple, business.MembershipPatch{NotYours: "billingRole"}, business.CodeNotWritable},

			{"an admin numbers themselves", c.admin, c.admin, number, ""},
			{"the owner numbers themselves", c.owner, c.owner, number, ""},
			{"an admin suspends a member", c.admin, c.simple, state(business.MemberInactive), ""},
			{"an admin brings them back", c.admin, c.simple, state(business.MemberActive), ""},
			{"the owner makes an admin", c.owner, c.simple, role(business.Admin), ""},
			{"and a member again", c.owner, c.simple, role(business.Simple), ""},
			{"no change of the owner", c.owner, c.owner, role(business.Owner), ""},
			{"all at once", c.owner, c.simple, business.MembershipPatch{
				Role: p(business.Admin), State: p(business.MemberInactive), DefaultCostCenterID: &mine.ID, SuperiorEmail: p("boss@example.org"), EmployeeNumber: p("9"),
			}, ""},
		} {
			before := h.live(c.id, x.target)
			got, err := h.UpdateMembership(t.Context(), x.by, c.id, before.MemberCode, nil, x.in)
			h.wants(x.what, err, x.code)
			after := h.live(c.id, x.target)
			if err != nil {
				if diff := cmp.Diff(before, after); diff != "" {
					t.Errorf("%s changed %s", x.what, diff)
				}
				continue
			}
			if diff := cmp.Diff(got.Member, after); diff != "" {
				t.Errorf("%s: %s", x.what, diff)
			}
		}
		m := h.live(c.id, c.simple)
		if m.Role != business.Admin || m.State != business.MemberInactive || m.DefaultCostCenterID != mine.ID || m.SuperiorEmail != "boss@example.org" || m.EmployeeNumber != "9" {
			t.Errorf("%+v", m)
		}
		got, err := h.UpdateMembership(t.Context(), c.owner, c.id, strings.ToLower(m.MemberCode), func(v int64) error {
			if v != m.Revision {
				t.Errorf("the version is %d, not %d", v, m.Revision)
			}
			return nil
		}, business.MembershipPatch{DefaultCostCenterID: p(int64(0)), SuperiorEmail: p(""), EmployeeNumber: p("")})
		if err != nil || got.DefaultCostCenterID != 0 || got.SuperiorEmail != "" || got.EmployeeNumber != "" || got.Revision <= m.Revision {
			t.Errorf("cleared: %+v, %v", got, err)
		}
		same, err := h.UpdateMembership(t.Context(), c.owner, c.id, m.MemberCode, nil, business.MembershipPatch{})
		if err != nil || same.Revision != got.Revision {
			t.Errorf("no change: %+v, %v", same, err)
		}
		_, err = h.UpdateMembership(t.Context(), c.owner, c.id, m.MemberCode, stale, number)
		h.wants("another version", err, "precondition")
		_, err = h.UpdateMembership(t.Context(), c.owner, c.id, h.live(rival.id, rival.simple).MemberCode, nil, number)
		h.wants("a code of another account", err, business.CodeNoMember)
		for _, word := range []string{"members", "REQUESTS", ""} {
			_, err = h.UpdateMembership(t.Context(), c.owner, c.id, word, nil, number)
			h.wants("no code", err, business.CodeNoMember)
		}
	})
}

func TestPatchMember(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c, rival := h.company("Acme"), h.company("Rival")
		one, two, theirs := h.center(c.owner, c.id, "one"), h.center(c.owner, c.id, "two"), h.center(rival.owner, rival.id, "x")
		limit := func(amount roster.Amount, currency, period string) business.LimitPatch {
			return business.LimitPatch{Amount: &amount, Currency: &currency, Period: &period}
		}
		long := strings.Repeat("x", 600)
		for _, x := range []struct {
			what       string
			by, target roster.Actor
			in         business.MemberPatch
			code       string
		}{
			{"a role", c.owner, c.simple, business.MemberPatch{Role: p(business.Admin)}, business.CodeNotWritable},
			{"a state", c.owner, c.simple, business.MemberPatch{State: p(business.MemberInactive)}, business.CodeNotWritable},
			{"what is not theirs", c.owner, c.simple, business.MemberPatch{NotYours: "x"}, business.CodeNotWritable},
			{"an approval that nobody asks for", c.owner, c.simple, business.MemberPatch{ApprovalState: p(business.Approved)}, "invalid approval.state"},
			{"a comment on none", c.owner, c.simple, business.MemberPatch{ApprovalComment: p("fine")}, "invalid approval.state"},
			{"their own limit", c.owner, c.owner, business.MemberPatch{Limit: limit(1, "EUR", "DAY")}, business.CodeManagerLimit},
			{"an admin's own limit", c.admin, c.admin, business.MemberPatch{Limit: limit(1, "EUR", "DAY")}, business.CodeManagerLimit},
			{"the owner's limit", c.admin, c.owner, business.MemberPatch{Limit: limit(1, "EUR", "DAY")}, business.CodeManagerLimit},
			{"a limit below zero", c.owner, c.simple, business.MemberPatch{Limit: limit(-1, "EUR", "DAY")}, "invalid spendingLimit.amount"},
			{"a limit in no currency", c.owner, c.simple, business.MemberPatch{Limit: limit(1, "EURO", "DAY")}, "invalid spendingLimit.currency"},
			{"a limit for no period", c.owner, c.simple, business.MemberPatch{Limit: limit(1, "EUR", "YEAR")}, "invalid spendingLimit.period"},
			{"half a limit", c.owner, c.simple, business.MemberPatch{Limit: business.LimitPatch{Amount: p(roster.Amount(1))}}, "invalid spendingLimit.currency"},
			{"a billing role", c.owner, c.simple, business.MemberPatch{BillingRole: p("BOSS")}, "invalid billingRole"},
			{"an empty list", c.owner, c.simple, business.MemberPatch{AccessMode: p(business.AccessList)}, "invalid costCenterAccess.costCenterIds"},
			{"a list of all", c.owner, c.simple, business.MemberPatch{AccessIDs: &[]int64{one.ID}}, "invalid costCenterAccess.mode"},
			{"a foreign entry", c.owner, c.simple, business.MemberPatch{AccessMode: p(business.AccessList), AccessIDs: &[]int64{one.ID, theirs.ID}}, business.CodeCostCenter},
			{"a default outside", c.owner, c.simple, business.MemberPatch{
				AccessMode: p(business.AccessList), AccessIDs: &[]int64{one.ID}, DefaultCostCenterID: &two.ID,
			}, business.CodeCostCenter},
			{"a long comment", c.owner, c.simple, business.MemberPatch{ApprovalComment: &long}, "invalid approval.state"},
			{"a long property", c.owner, c.simple, business.MemberPatch{CustomProperties: map[string]*string{"a": &long}}, "invalid customProperties"},
			{"nothing", c.owner, c.simple, business.MemberPatch{Role: p(business.Simple), State: p(business.MemberActive)}, ""},
		} {
			before := h.live(c.id, x.target)
			_, err := h.PatchMember(t.Context(), x.by, c.id, x.target.PersonID, nil, x.in)
			h.wants(x.what, err, x.code)
			if diff := cmp.Diff(before, h.live(c.id, x.target)); diff != "" {
				t.Errorf("%s changed %s", x.what, diff)
			}
		}
		patch := func(by, target roster.Actor, in business.MemberPatch) *business.MemberView {
			t.Helper()
			v, err := h.PatchMember(t.Context(), by, c.id, target.PersonID, nil, in)
			h.must(err)
			return v
		}
		v := patch(c.admin, c.simple, business.MemberPatch{
			BillingRole: p(business.BillingContact), AccessMode: p(business.AccessList), AccessIDs: &[]int64{two.ID, one.ID, two.ID}, DefaultCostCenterID: &two.ID,
			SuperiorEmail: p("boss@example.org"), EmployeeNumber: p("7"), Limit: limit(125_000, "EUR", "MONTH"), CustomProperties: map[string]*string{"a": p("1"), "b": p("2")},
		})
		want := *v.Member
		want.BillingRole, want.AccessMode, want.AccessIDs, want.DefaultCostCenterID = business.BillingContact, business.AccessList, []int64{one.ID, two.ID}, two.ID
		want.SuperiorEmail, want.EmployeeNumber, want.Limit = "boss@example.org", "7", business.Limit{Amount: 125_000, Currency: "EUR", Period: "MONTH"}
		want.CustomProperties = map[string]string{"a": "1", "b": "2"}
		if diff := cmp.Diff(&want, h.live(c.id, c.simple)); diff != "" {
			t.Error(diff)
		}
		v = patch(c.owner, c.simple, business.MemberPatch{Limit: business.LimitPatch{Amount: p(roster.Amount(5))}, CustomProperties: map[string]*string{"a": nil, "c": p("3")}})
		if v.Limit != (business.Limit{Amount: 5, Currency: "EUR", Period: "MONTH"}) || !cmp.Equal(v.CustomProperties, map[string]string{"b": "2", "c": "3"}) {
			t.Errorf("merged: %+v", v.Member)
		}
		_, err := h.PatchMember(t.Context(), c.owner, c.id, c.simple.PersonID, nil, business.MemberPatch{AccessIDs: &[]int64{one.ID}})
		h.wants("a list without the default", err, business.CodeCostCenter)
		v = patch(c.owner, c.simple, business.MemberPatch{Limit: business.LimitPatch{Clear: true}, AccessMode: p(business.AccessAll), AccessIDs: &[]int64{}})
		if v.Limit != (business.Limit{}) || v.AccessMode != business.AccessAll || len(v.AccessIDs) != 0 || len(h.live(c.id, c.simple).AccessIDs) != 0 {
			t.Errorf("cleared: %+v", v.Member)
		}
		_, err = h.PatchMember(t.Context(), c.owner, c.id, c.simple.PersonID, stale, business.MemberPatch{EmployeeNumber: p("8")})
		h.wants("another version", err, "precondition")
		_, err = h.PatchMember(t.Context(), c.owner, c.id, rival.simple.PersonID, nil, business.MemberPatch{})
		h.wants("no member", err, business.CodeNoMember)
	})
}

func TestApproval(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		h.settle(c.owner, c.id, business.SettingsPatch{RequireMemberApproval: p(true), JoinPolicy: p(business.JoinAtOnce)})
		if m := h.live(c.id, c.simple); m.Approval.State != business.ApprovalNotRequired {
			t.Errorf("who was in before is %s", m.Approval.State)
		}
		late := h.verified("Late")
		_, err := h.Join(t.Context(), late, c.code, business.Join{})
		h.must(err)
		if m := h.live(c.id, late); m.Approval.State != business.ApprovalPending {
			t.Errorf("who comes later is %s", m.Approval.State)
		}
		decide := func(by, target roster.Actor, state, comment string) error {
			_, err := h.PatchMember(t.Context(), by, c.id, target.PersonID, nil, business.MemberPatch{ApprovalState: &state, ApprovalComment: &comment})
			return err
		}
		h.must(decide(c.admin, late, business.Approved, "welcome"))
		m := h.live(c.id, late)
		if m.Approval.State != business.Approved || m.Approval.DecidedBy != c.admin.PersonID || m.Approval.DecidedAt == 0 || m.Approval.Comment != "welcome" {
			t.Errorf("%+v", m.Approval)
		}
		own, err := h.GetMember(t.Context(), late, c.id, late.PersonID)
		if err != nil || own.Approval.Comment != "" || own.Approval.State != business.Approved {
			t.Errorf("to themselves: %+v, %v", own, err)
		}
		_, err = h.GetMember(t.Context(), late, c.id, c.simple.PersonID)
		h.wants("another's", err, business.CodeNoPermission)
		managed, err := h.GetMember(t.Context(), c.owner, c.id, late.PersonID)
		if err != nil || managed.Approval.Comment != "welcome" {
			t.Errorf("to the owner: %+v, %v", managed, err)
		}
		h.must(decide(c.owner, late, business.ApprovalPending, ""))
		if m := h.live(c.id, late); m.Approval != (business.Approval{State: business.ApprovalPending}) {
			t.Errorf("%+v", m.Approval)
		}
		h.must(decide(c.owner, late, business.Rejected, "no"))
		for what, x := range map[string]struct {
			err  error
			code string
		}{
			"not required":     {decide(c.owner, late, business.ApprovalNotRequired, ""), "invalid approval.state"},
			"no state":         {decide(c.owner, late, "MAYBE", ""), "invalid approval.state"},
			"a long comment":   {decide(c.owner, late, business.Approved, strings.Repeat("x", 501)), "invalid approval.comment"},
			"an admin's own":   {decide(c.admin, c.admin, business.Approved, ""), business.CodeManagerLimit},
			"the owner's own":  {decide(c.owner, c.owner, business.Approved, ""), business.CodeManagerLimit},
			"the owner's":      {decide(c.admin, c.owner, business.Rejected, ""), business.CodeManagerLimit},
			"by a member":      {decide(c.simple, late, business.Approved, ""), business.CodeNoPermission},
			"what it is":       {decide(c.owner, c.owner, business.ApprovalNotRequired, ""), ""},
			"a comment beside": {decide(c.owner, late, business.Rejected, "still no"), ""},
		} {
			h.wants(what, x.err, x.code)
		}
	})
}

func TestReplaceMember(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		one := h.center(c.owner, c.id, "one")
		full := business.MemberProperties{
			Role: p(business.Simple), State: p(business.MemberActive), BillingRole: business.Approver, AccessMode: business.AccessList, AccessIDs: []int64{one.ID},
			DefaultCostCenterID: one.ID, SuperiorEmail: "boss@example.org", EmployeeNumber: "7", Limit: business.Limit{Amount: 1, Currency: "EUR", Period: "DAY"},
			CustomProperties: map[string]string{"a": "1"}, Approval: &business.ApprovalSet{State: business.ApprovalNotRequired},
		}
		replace := func(by, target roster.Actor, in business.MemberProperties) (*business.MemberView, error) {
			return h.ReplaceMember(t.Context(), by, c.id, target.PersonID, nil, in)
		}
		fresh := h.live(c.id, c.simple)
		v, err := replace(c.admin, c.simple, full)
		h.must(err)
		if v.BillingRole != business.Approver || v.DefaultCostCenter == nil || v.DefaultCostCenter.ID != one.ID || v.Limit != full.Limit || v.User.FirstName != "AcmeMember" {
			t.Errorf("%+v", v)
		}
		for what, x := range map[string]struct {
			by, target roster.Actor
			edit       func(*business.MemberProperties)
			code       string
		}{
			"another role":           {c.owner, c.simple, func(m *business.MemberProperties) { m.Role = p(business.Admin) }, "invalid role"},
			"another state":          {c.owner, c.simple, func(m *business.MemberProperties) { m.State = p(business.MemberInactive) }, "invalid state"},
			"an approval":            {c.owner, c.simple, func(m *business.MemberProperties) { m.Approval.State = business.Approved }, "invalid approval.state"},
			"a list without entries": {c.owner, c.simple, func(m *business.MemberProperties) { m.AccessIDs = nil }, "invalid costCenterAccess.costCenterIds"},
			"entries without a list": {c.owner, c.simple, func(m *business.MemberProperties) { m.AccessMode = "" }, "invalid costCenterAccess.mode"},
			"an admin's own limit":   {c.admin, c.admin, func(m *business.MemberProperties) { m.Role = p(business.Admin) }, business.CodeManagerLimit},
			"by a member":            {c.simple, c.simple, func(*business.MemberProperties) {}, business.CodeNoPermission},
			"of the owner":           {c.admin, c.owner, func(m *business.MemberProperties) { m.Role = p(business.Owner) }, business.CodeManagerLimit},
		} {
			in := full
			in.Approval = &business.ApprovalSet{State: business.ApprovalNotRequired}
			x.edit(&in)
			_, err := replace(x.by, x.target, in)
			h.wants(what, err, x.code)
		}
		_, err = replace(c.owner, c.simple, business.MemberProperties{CustomProperties: map[string]string{"b": "2"}})
		h.must(err)
		fresh.CustomProperties = map[string]string{"b": "2"}
		after := h.live(c.id, c.simple)
		fresh.Revision = after.Revision
		if diff := cmp.Diff(fresh, after); diff != "" {
			t.Errorf("what is left out is not as with a new member: %s", diff)
		}

		h.settle(c.owner, c.id, business.SettingsPatch{RequireMemberApproval: p(true)})
		state := func(target roster.Actor) string { return h.live(c.id, target).Approval.State }
		_, err = replace(c.owner, c.simple, business.MemberProperties{Approval: &business.ApprovalSet{State: business.Approved}})
		h.must(err)
		if got := state(c.simple); got != business.Approved {
			t.Error(got)
		}
		_, err = replace(c.admin, c.simple, business.MemberProperties{})
		h.must(err)
		_, err = replace(c.admin, c.admin, business.MemberProperties{EmployeeNumber: "1"})
		h.must(err)
		if state(c.simple) != business.ApprovalPending || state(c.admin) != business.ApprovalNotRequired {
			t.Errorf("left out: %s of a member, %s of themselves", state(c.simple), state(c.admin))
		}
		_, err = replace(c.owner, c.simple, business.MemberProperties{Approval: &business.ApprovalSet{State: business.Rejected, Comment: "no"}})
		h.must(err)
		h.settle(c.owner, c.id, business.SettingsPatch{RequireMemberApproval: p(false)})
		_, err = replace(c.owner, c.simple, business.MemberProperties{})
		h.must(err)
		if state(c.simple) != business.Rejected {
			t.Errorf("what can't be written became %s", state(c.simple))
		}
	})
}

// A member leaves and comes back: with the same code, and nothing else of what was.
func TestLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c, rival := h.company("Acme"), h.company("Rival")
		h.settle(c.owner, c.id, business.SettingsPatch{JoinPolicy: p(business.JoinAtOnce)})
		one := h.center(c.owner, c.id, "one")
		open := false
		h.SetGuard(business.Guard{OpenOfMember: func(_ *store.Tx, account, person int64) (bool, error) {
			return open && account == c.id && person == c.simple.PersonID, nil
		}})
		_, err := h.ReplaceMember(t.Context(), c.owner, c.id, c.simple.PersonID, nil, business.MemberProperties{
			AccessMode: business.AccessList, AccessIDs: []int64{one.ID}, DefaultCostCenterID: one.ID, EmployeeNumber: "7", Limit: business.Limit{Amount: 1, Currency: "EUR", Period: "DAY"},
		})
		h.must(err)
		before := h.live(c.id, c.simple)
		leave := func(a roster.Actor, code string) error {
			_, err := h.Leave(t.Context(), a, code, "moving")
			return err
		}
		h.wants("the owner", leave(c.owner, c.code), business.CodeOwnerStays)
		h.wants("no code", leave(c.simple, "NOSUCHCD"), business.CodeNoCode)
		h.wants("another account", leave(c.simple, rival.code), business.CodeNoMember)
		h.wants("a stranger", leave(h.verified("Free"), c.code), business.CodeNoMember)
		_, err = h.Leave(t.Context(), c.simple, c.code, strings.Repeat("x", 501))
		h.wants("a long reason", err, "invalid reason")
		open = true
		h.wants("with a rental", leave(c.simple, c.code), business.CodeOpen)
		open = false
		at, err := h.Leave(t.Context(), c.simple, strings.ToLower(c.code), "moving")
		h.must(err)
		if at < before.JoinedAt {
			t.Errorf("left at %d", at)
		}
		h.wants("twice", leave(c.simple, c.code), business.CodeNoMember)
		_, err = h.GetMember(t.Context(), c.owner, c.id, c.simple.PersonID)
		h.wants("who left", err, business.CodeNoMember)

		back, err := h.Join(t.Context(), c.simple, c.code, business.Join{})
		h.must(err)
		want := business.Member{
			GroupID: c.id, UserID: c.simple.PersonID, MemberCode: before.MemberCode, Role: business.Simple, State: business.MemberActive,
			Approval: business.Approval{State: business.ApprovalNotRequired}, BillingRole: business.NoBilling, AccessMode: business.AccessAll,
			CustomProperties: map[string]string{}, JoinedAt: back.Member.JoinedAt, CreatedBy: business.BySelf, Revision: back.Member.Revision,
		}
		if diff := cmp.Diff(&want, h.live(c.id, c.simple)); diff != "" || want.JoinedAt <= before.JoinedAt {
			t.Error(diff)
		}
		_, err = h.UpdateMembership(t.Context(), c.owner, c.id, before.MemberCode, nil, business.MembershipPatch{State: p(business.MemberInactive)})
		h.must(err)
		h.wants("suspended, by member code", leave(c.simple, before.MemberCode), "")
	})
}

func TestMembers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		one, two := h.center(c.owner, c.id, "one"), h.center(c.owner, c.id, "two")
		actors := map[string]roster.Actor{"owner": c.owner, "admin": c.admin, "simple": c.simple}
		for _, name := range []string{"Zoe", "Ádám", "anna"} {
			actors[name] = h.verified(name)
			h.member(actors[name], c.id, business.Simple)
		}
		h.edit(actors["Zoe"], func(cu *identity.Customer) { cu.LastName, cu.Phone = "Abel", "+4366012345678" })
		patch := func(name string, in business.MemberPatch) {
			_, err := h.PatchMember(t.Context(), c.owner, c.id, actors[name].PersonID, nil, in)
			h.must(err)
		}
		patch("Zoe", business.MemberPatch{DefaultCostCenterID: &one.ID})
		patch("anna", business.MemberPatch{AccessMode: p(business.AccessList), AccessIDs: &[]int64{one.ID, two.ID}})
		code := h.live(c.id, actors["Ádám"]).MemberCode
		_, err := h.UpdateMembership(t.Context(), c.owner, c.id, code, nil, business.MembershipPatch{State: p(business.MemberInactive)})
		h.must(err)
		names := map[int64]string{}
		for name, a := range actors {
			names[a.PersonID] = name
		}
		by := func(property string, desc bool) roster.Page {
			return roster.Page{Sort: []roster.Sort{{Property: property, Desc: desc}, {Property: "id"}}}
		}
		page := by("joinedAt", false)
		page.Offset, page.Limit = 1, 2
		for _, x := range []struct {
			what string
			f    business.MemberFilter
			p    roster.Page
			want string
		}{
			{"all by name", business.MemberFilter{}, by("name", false), "Zoe admin simple owner anna Ádám 6"},
			{"backwards", business.MemberFilter{}, by("name", true), "Ádám anna owner simple admin Zoe 6"},
			{"by id", business.MemberFilter{}, by("id", false), "owner admin simple Zoe Ádám anna 6"},
			{"a page", business.MemberFilter{}, page, "admin simple 6"},
			{"active", business.MemberFilter{States: []string{business.MemberActive}}, by("id", false), "owner admin simple Zoe anna 5"},
			{"suspended", business.MemberFilter{States: []string{business.MemberInactive}}, by("id", false), "Ádám 1"},
			{"managers", business.MemberFilter{Roles: []string{business.Owner, business.Admin}}, by("id", false), "owner admin 2"},
			{"with a cost center", business.MemberFilter{CostCenterID: one.ID}, by("id", false), "Zoe anna 2"},
			{"with a listed one", business.MemberFilter{CostCenterID: two.ID}, by("id", false), "anna 1"},
			{"by full name", business.MemberFilter{Search: "zoe AB"}, by("id", false), "Zoe 1"},
			{"by last name first", business.MemberFilter{Search: "abel z"}, by("id", false), "Zoe 1"},
			{"folded", business.MemberFilter{Search: "áDÁM"}, by("id", false), "Ádám 1"},
			{"by address", business.MemberFilter{Search: "anna@EXAMPLE"}, by("id", false), "anna 1"},
			{"by code", business.MemberFilter{Search: strings.ToLower(code[2:])}, by("id", false), "Ádám 1"},
			{"nobody", business.MemberFilter{Search: "%"}, by("id", false), "0"},
		} {
			got, total, err := h.Members(t.Context(), c.admin, c.id, x.f, x.p)
			h.must(err)
			var line strings.Builder
			for _, m := range got {
				line.WriteString(names[m.UserID] + " ")
			}
			fmt.Fprint(&line, total)
			if line.String() != x.want {
				t.Errorf("%s: %s, want %s", x.what, &line, x.want)
			}
		}
		got, _, err := h.Members(t.Context(), c.admin, c.id, business.MemberFilter{Search: "zoe"}, roster.Page{})
		h.must(err)
		if u := got[0].User; u.Email != "zoe@example.org" || u.Phone != "+43********678" || got[0].DefaultCostCenter.Code != "one" {
			t.Errorf("%+v %+v", got[0], u)
		}
		for what, f := range map[string]business.MemberFilter{"invalid state": {States: []string{"X"}}, "invalid role": {Roles: []string{"X"}}} {
			_, _, err := h.Members(t.Context(), c.admin, c.id, f, roster.Page{})
			h.wants(what, err, what)
		}
	})
}

// Whoever joins an account is at once in the directory's group that holds it, and was
// not a moment before; whoever is suspended is not.
func TestAccountInDirectoryGroup(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		h.settle(c.owner, c.id, business.SettingsPatch{JoinPolicy: p(business.JoinAtOnce)})
		g := graph.Group{Kind: graph.Directory, Name: "All"}
		h.write(func(tx *store.Tx) error {
			if err := graph.CreateGroup(tx, &g); err != nil {
				return err
			}
			_, err := graph.AddMember(tx, g.ID, graph.Membership{MemberID: c.id})
			return err
		})
		rider := h.verified("Rider")
		in := func(asOf int64) (in bool) {
			t.Helper()
			h.must(h.graph.Read(t.Context(), h.cli.Tenant.ID, graph.Scope{AsOf: asOf, Above: []int64{rider.PersonID}}, func(v *index.View) {
				in = v.IsMember(g.ID, rider.PersonID)
			}))
			return in
		}
		if in(0) {
			t.Fatal("in before joining")
		}
		joined, err := h.Join(t.Context(), rider, c.code, business.Join{})
		h.must(err)
		if !in(0) {
			t.Error("not in after joining")
		}
		if in(joined.Member.JoinedAt-1) || !in(joined.Member.JoinedAt) {
			t.Error("not in from the moment of joining on")
		}
		state := func(s string) {
			t.Helper()
			_, err := h.UpdateMembership(t.Context(), c.owner, c.id, joined.Member.MemberCode, nil, business.MembershipPatch{State: &s})
			h.must(err)
		}
		state(business.MemberInactive)
		if in(0) {
			t.Error("in while suspended")
		}
		state(business.MemberActive)
		if !in(0) {
			t.Error("not in after the suspension")
		}
		h.must(h.DeleteAccount(t.Context(), c.owner, c.id, nil))
		if in(0) {
			t.Error("in after the account is gone")
		}
	})
}
