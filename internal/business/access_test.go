package business_test

import (
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// managing are all verbs of managers, on an account, a member of it by id and code, a
// request and a cost center.
func (c company) managing(t *testing.T, target *business.Member, request, center int64) map[string]func(roster.Actor) error {
	ctx, state := t.Context(), business.Decision{State: business.RequestDeclined}
	return map[string]func(roster.Actor) error{
		"get account": func(a roster.Actor) error { _, err := c.GetAccount(ctx, a, c.id); return err },
		"update account": func(a roster.Actor) error {
			_, err := c.UpdateAccount(ctx, a, c.id, nil, business.AccountPatch{Name: p("Other")})
			return err
		},
		"delete account": func(a roster.Actor) error { return c.DeleteAccount(ctx, a, c.id, nil) },
		"invite": func(a roster.Actor) error {
			_, err := c.Invite(ctx, a, c.id, []business.Invitee{{Email: "x@example.org"}})
			return err
		},
		"update membership": func(a roster.Actor) error {
			_, err := c.UpdateMembership(ctx, a, c.id, target.MemberCode, nil, business.MembershipPatch{EmployeeNumber: p("1")})
			return err
		},
		"members": func(a roster.Actor) error {
			_, _, err := c.Members(ctx, a, c.id, business.MemberFilter{}, roster.Page{})
			return err
		},
		"get member": func(a roster.Actor) error { _, err := c.GetMember(ctx, a, c.id, target.UserID); return err },
		"patch member": func(a roster.Actor) error {
			_, err := c.PatchMember(ctx, a, c.id, target.UserID, nil, business.MemberPatch{EmployeeNumber: p("1")})
			return err
		},
		"replace member": func(a roster.Actor) error {
			_, err := c.ReplaceMember(ctx, a, c.id, target.UserID, nil, business.MemberProperties{})
			return err
		},
		"requests": func(a roster.Actor) error {
			_, _, err := c.Requests(ctx, a, c.id, business.RequestFilter{}, roster.Page{})
			return err
		},
		"decide": func(a roster.Actor) error { _, _, err := c.Decide(ctx, a, c.id, request, state); return err },
		"create cost center": func(a roster.Actor) error {
			_, err := c.CreateCostCenter(ctx, a, c.id, business.CostCenterPatch{Code: p("n"), Name: p("n")})
			return err
		},
		"list cost centers": func(a roster.Actor) error {
			_, _, err := c.CostCenters(ctx, a, business.CostCenterFilter{GroupID: c.id}, roster.Page{})
			return err
		},
		"get cost center": func(a roster.Actor) error { _, err := c.GetCostCenter(ctx, a, center); return err },
		"update cost center": func(a roster.Actor) error {
			_, err := c.UpdateCostCenter(ctx, a, center, nil, business.CostCenterPatch{Name: p("m")})
			return err
		},
		"delete cost center": func(a roster.Actor) error { return c.DeleteCostCenter(ctx, a, center, nil) },
	}
}

// Every verb of managers is refused to whoever is none, and says no more than they
// may know.
func TestManagersOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c, rival := h.company("Acme"), h.company("Rival")
		request := rival.request(rival.invite(rival.owner, "a@example.org", "")) // of another account
		_ = request
		center := h.center(c.owner, c.id, "one")
		invitation := c.invite(c.owner, "b@example.org", "")
		suspended := h.verified("Suspended")
		code := h.member(suspended, c.id, business.Admin).MemberCode
		if _, err := h.UpdateMembership(t.Context(), c.owner, c.id, code, nil, business.MembershipPatch{State: p(business.MemberInactive)}); err != nil {
			t.Fatal(err)
		}
		other := storetest.Tenant(t, h.db, "other")
		other.API, other.Role, other.PersonID = roster.UserAPI, "USER", c.owner.PersonID
		hidden := func(verb string) string { // to somebody outside
			switch verb {
			case "get cost center", "update cost center", "delete cost center":
				return business.CodeNoResource
			}
			return business.CodeNoAccount
		}
		inside := func(verb string) string { // to a member who is no manager
			switch verb {
			case "list cost centers", "get cost center":
				return ""
			}
			return business.CodeNoPermission
		}
		callers := map[string]struct {
			actor roster.Actor
			want  func(verb string) string
		}{
			"a stranger":                 {h.verified("Stranger"), hidden},
			"somebody unverified":        {h.unverified("Unverified"), hidden},
			"an owner elsewhere":         {rival.owner, hidden},
			"a plain member":             {c.simple, inside},
			"a suspended admin":          {suspended, inside},
			"an owner in another tenant": {other, func(string) string { return identity.CodeNoCustomer }},
		}
		target := h.live(c.id, c.admin)
		before := revision(t, h)
		for who, caller := range callers {
			for verb, do := range c.managing(t, target, invitation, center.ID) {
				h.wants(who+": "+verb, do(caller.actor), caller.want(verb))
			}
		}
		if now := revision(t, h); now != before {
			t.Errorf("refused calls led from revision %d to %d", before, now)
		}
		for verb, do := range rival.managing(t, target, invitation, center.ID) {
			switch verb { // rival's own account, with what is of the other
			case "update membership", "get member", "patch member", "replace member":
				h.wants("across: "+verb, do(rival.owner), business.CodeNoMember)
			case "decide":
				h.wants("across: "+verb, do(rival.owner), business.CodeNoResource)
			}
		}
	})
}

func revision(t *testing.T, h *house) (n int64) {
	t.Helper()
	h.read(func(tx *store.Tx) error { n = tx.Revision; return nil })
	return n
}

// Who is blocked, or lives where business accounts are not enabled, is refused by
// every verb.
func TestGates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		center := h.center(c.owner, c.id, "one")
		invitation := c.invite(c.owner, "b@example.org", "")
		target := h.live(c.id, c.simple)
		all := c.managing(t, target, invitation, center.ID)
		ctx := t.Context()
		for verb, do := range map[string]func(roster.Actor) error{
			"groups": func(a roster.Actor) error { _, _, err := h.Groups(ctx, a, roster.Page{}); return err },
			"own requests": func(a roster.Actor) error {
				_, _, err := h.OwnRequests(ctx, a, business.RequestFilter{}, roster.Page{})
				return err
			},
			"decide own": func(a roster.Actor) error {
				_, _, err := h.DecideOwn(ctx, a, invitation, business.Decision{State: business.RequestDeclined})
				return err
			},
			"join":    func(a roster.Actor) error { _, err := h.Join(ctx, a, c.code, business.Join{}); return err },
			"leave":   func(a roster.Actor) error { _, err := h.Leave(ctx, a, c.code, ""); return err },
			"managed": func(a roster.Actor) error { _, _, err := h.Managed(ctx, a, nil, roster.Page{}); return err },
			"create": func(a roster.Actor) error {
				_, err := h.CreateAccount(ctx, a, 0, business.AccountPatch{Name: p("New")})
				return err
			},
		} {
			all[verb] = do
		}
		h.must(all["groups"](c.owner)) // remembered, and forgotten
		h.edit(c.owner, func(cu *identity.Customer) { cu.BlockState = identity.Blocked })
		for verb, do := range all {
			h.wants("blocked: "+verb, do(c.owner), business.CodeBlocked)
		}
		h.edit(c.owner, func(cu *identity.Customer) { cu.BlockState = identity.NotBlocked })
		h.must(all["groups"](c.owner))
		h.setting("businessAccounts.enabled", false)
		for verb, do := range all {
			h.wants("disabled: "+verb, do(c.owner), business.CodeDisabled)
		}
		h.setting("businessAccounts.enabled", true)
		h.must(all["groups"](c.owner))
	})
}
