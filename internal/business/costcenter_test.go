package business_test

import (
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func (h *house) centers(a roster.Actor, f business.CostCenterFilter, by string) string {
	h.t.Helper()
	all, total, err := h.CostCenters(h.t.Context(), a, f, roster.Page{Sort: []roster.Sort{{Property: by}}})
	h.must(err)
	if total != len(all) {
		h.t.Errorf("%d of %d", len(all), total)
	}
	codes := make([]string, len(all))
	for i, c := range all {
		codes[i] = c.Code
	}
	return strings.Join(codes, " ")
}

func TestCostCenters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c, rival := h.company("Acme"), h.company("Rival")
		ctx := t.Context()
		create := func(by roster.Actor, in business.CostCenterPatch) (*business.CostCenter, error) {
			return h.CreateCostCenter(ctx, by, 0, in)
		}
		long := strings.Repeat("x", 501)
		for what, x := range map[string]struct {
			by   roster.Actor
			in   business.CostCenterPatch
			code string
		}{
			"no code":            {c.owner, business.CostCenterPatch{Name: p("n")}, "invalid code"},
			"no name":            {c.owner, business.CostCenterPatch{Code: p("c")}, "invalid name"},
			"a long code":        {c.owner, business.CostCenterPatch{Code: p(long[:33]), Name: p("n")}, "invalid code"},
			"a long description": {c.owner, business.CostCenterPatch{Code: p("c"), Name: p("n"), Description: &long}, "invalid description"},
			"a long reference":   {c.owner, business.CostCenterPatch{Code: p("c"), Name: p("n"), ExternalReference: p(long[:65])}, "invalid externalReference"},
			"no time":            {c.owner, business.CostCenterPatch{Code: p("c"), Name: p("n"), ValidFrom: p(int64(5)), ValidUntil: p(int64(5))}, "invalid validUntil"},
			"by a member":        {c.simple, business.CostCenterPatch{Code: p("c"), Name: p("n")}, business.CodeNoPermission},
			"by a stranger":      {h.verified("Free"), business.CostCenterPatch{Code: p("c"), Name: p("n")}, business.CodeNoPermission},
		} {
			_, err := create(x.by, x.in)
			h.wants(what, err, x.code)
		}
		now := h.db.Now()
		one, err := create(c.admin, business.CostCenterPatch{
			Code: p(" Mkt "), Name: p(" Marketing "), Description: p("d"), ExternalReference: p("r"), ValidFrom: p(now), ValidUntil: p(now + day.Microseconds()),
		})
		h.must(err)
		if got, err := h.GetCostCenter(ctx, c.owner, one.ID); err != nil || *got != *one || one.Code != "Mkt" || one.Name != "Marketing" || !one.Active || one.GroupID != c.id {
			t.Errorf("%+v, %+v, %v", got, one, err)
		}
		_, err = create(c.owner, business.CostCenterPatch{Code: p("mKT"), Name: p("n")})
		h.wants("a taken code", err, business.CodeCostCenterTaken)
		theirs := h.center(rival.owner, rival.id, "MKT") // another account's may have it
		two, idle := h.center(c.owner, c.id, "b"), h.center(c.owner, c.id, "a")

		update := func(by roster.Actor, id int64, in business.CostCenterPatch) error {
			_, err := h.UpdateCostCenter(ctx, by, id, nil, in)
			return err
		}
		h.must(update(c.owner, idle.ID, business.CostCenterPatch{Active: p(false), Code: p("A"), GroupID: &c.id}))
		h.wants("another account", update(c.owner, idle.ID, business.CostCenterPatch{GroupID: &rival.id}), business.CodeNotWritable)
		h.wants("a taken code", update(c.owner, idle.ID, business.CostCenterPatch{Code: p("B")}), business.CodeCostCenterTaken)
		h.wants("across", update(c.owner, theirs.ID, business.CostCenterPatch{Name: p("x")}), business.CodeNoResource)
		h.wants("by a member who sees it", update(c.simple, two.ID, business.CostCenterPatch{Name: p("x")}), business.CodeNoPermission)
		h.wants("by a member who does not", update(c.simple, idle.ID, business.CostCenterPatch{Name: p("x")}), business.CodeNoResource)
		h.wants("delete by a member who sees it", h.DeleteCostCenter(ctx, c.simple, two.ID, nil), business.CodeNoPermission)
		h.wants("delete by a member who does not", h.DeleteCostCenter(ctx, c.simple, idle.ID, nil), business.CodeNoResource)
		_, err = h.UpdateCostCenter(ctx, c.owner, two.ID, stale, business.CostCenterPatch{Name: p("x")})
		h.wants("another version", err, "precondition")
		h.wants("delete of another version", h.DeleteCostCenter(ctx, c.owner, two.ID, stale), "precondition")

		// A plain member sees what is active and theirs to use.
		_, err = h.PatchMember(ctx, c.owner, c.id, c.simple.PersonID, nil, business.MemberPatch{AccessMode: p(business.AccessList), AccessIDs: &[]int64{one.ID, idle.ID}})
		h.must(err)
		for _, x := range []struct {
			what string
			by   roster.Actor
			f    business.CostCenterFilter
			sort string
			want string
		}{
			{"the owner", c.owner, business.CostCenterFilter{}, "code", "A b Mkt"},
			{"an admin", c.admin, business.CostCenterFilter{GroupID: c.id}, "id", "Mkt b A"},
			{"a member", c.simple, business.CostCenterFilter{GroupID: c.id}, "id", "Mkt"},
			{"somebody free", h.verified("Nobody"), business.CostCenterFilter{}, "id", ""},
			{"active", c.owner, business.CostCenterFilter{Active: p(true)}, "id", "Mkt b"},
			{"inactive", c.owner, business.CostCenterFilter{Active: p(false)}, "id", "A"},
			{"inactive, to a member", c.simple, business.CostCenterFilter{Active: p(false)}, "id", ""},
			{"found by name", c.owner, business.CostCenterFilter{Search: "MARK"}, "id", "Mkt"},
		} {
			if got := h.centers(x.by, x.f, x.sort); got != x.want {
				t.Errorf("%s: %q, want %q", x.what, got, x.want)
			}
		}
		_, err = h.GetCostCenter(ctx, c.simple, two.ID)
		h.wants("one outside their access", err, business.CodeNoResource)
		_, _, err = h.CostCenters(ctx, c.owner, business.CostCenterFilter{}, roster.Page{Sort: []roster.Sort{{Property: "x"}}})
		h.wants("an order", err, "invalid sort")
	})
}

// A cost center that somebody needs is neither made inactive nor deleted.
func TestCostCenterInUse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		ctx := t.Context()
		used := false
		h.SetGuard(business.Guard{CostCenterUsed: func(*store.Tx, int64) (bool, error) { return used, nil }})
		spare := h.center(c.owner, c.id, "spare")
		deactivate := func(id int64) error {
			_, err := h.UpdateCostCenter(ctx, c.owner, id, nil, business.CostCenterPatch{Active: p(false)})
			return err
		}
		remove := func(id int64) error { return h.DeleteCostCenter(ctx, c.owner, id, nil) }
		member := func(in business.MemberPatch) {
			t.Helper()
			_, err := h.PatchMember(ctx, c.owner, c.id, c.simple.PersonID, nil, in)
			h.must(err)
		}
		list := func(ids ...int64) business.MemberPatch {
			return business.MemberPatch{AccessMode: p(business.AccessList), AccessIDs: &ids}
		}
		all := business.MemberPatch{AccessMode: p(business.AccessAll), AccessIDs: &[]int64{}, DefaultCostCenterID: p(int64(0))}
		for _, x := range []struct {
			what               string
			use                func(id int64)
			undo               func()
			deactivate, delete string
		}{
			{
				"the account's default",
				func(id int64) { h.update(c.owner, c.id, business.AccountPatch{DefaultCostCenterID: &id}) },
				func() { h.update(c.owner, c.id, business.AccountPatch{DefaultCostCenterID: p(int64(0))}) },
				business.CodeCostCenterUsed, business.CodeCostCenterUsed,
			},
			{
				"a member's default", func(id int64) { member(business.MemberPatch{DefaultCostCenterID: &id}) }, func() { member(all) },
				business.CodeCostCenterUsed, business.CodeCostCenterUsed,
			},
			{"a member's only one", func(id int64) { member(list(id)) }, func() { member(all) }, business.CodeCostCenterUsed, business.CodeCostCenterUsed},
			{"one of a member's", func(id int64) { member(list(id, spare.ID)) }, func() { member(all) }, "", business.CodeCostCenterUsed},
			{"booked", func(int64) { used = true }, func() { used = false }, "", business.CodeCostCenterUsed},
			{"nobody's", func(int64) {}, func() {}, "", ""},
		} {
			one := h.center(c.owner, c.id, x.what)
			x.use(one.ID)
			h.wants("delete "+x.what, remove(one.ID), x.delete)
			if x.delete == "" {
				one = h.center(c.owner, c.id, x.what)
			}
			h.wants("deactivate "+x.what, deactivate(one.ID), x.deactivate)
			x.undo()
			h.must(remove(one.ID))
			_, err := h.GetCostCenter(ctx, c.owner, one.ID)
			h.wants("deleted", err, business.CodeNoResource)
		}
		// The last active one stays while rides need one.
		h.settle(c.owner, c.id, business.SettingsPatch{RequireCostCenter: p(true)})
		h.wants("deactivate the last", deactivate(spare.ID), business.CodeCostCenterUsed)
		h.wants("delete the last", remove(spare.ID), business.CodeCostCenterUsed)
		other := h.center(c.owner, c.id, "other")
		h.must(deactivate(spare.ID))
		h.must(remove(spare.ID))

		// What former members and requests say of one holds nobody back.
		member(business.MemberPatch{AccessMode: p(business.AccessList), AccessIDs: &[]int64{other.ID}, DefaultCostCenterID: &other.ID})
		done, err := h.Invite(ctx, c.owner, c.id, []business.Invitee{{Email: "late@example.org", DefaultCostCenterID: other.ID}})
		h.must(err)
		_, err = h.Leave(ctx, c.simple, c.code, "")
		h.must(err)
		h.settle(c.owner, c.id, business.SettingsPatch{RequireCostCenter: p(false)})
		h.must(remove(other.ID))
		late := h.verified("Late")
		_, m, err := h.DecideOwn(ctx, late, done[0].Request.ID, decision(business.RequestAccepted))
		if err != nil || m.DefaultCostCenterID != 0 {
			t.Errorf("%+v, %v", m, err)
		}
	})
}

func TestAvailableCostCenters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		now := h.db.Now()
		for code, edit := range map[string]func(*business.CostCenterPatch){
			"a": func(*business.CostCenterPatch) {},
			"b": func(p *business.CostCenterPatch) { off := false; p.Active = &off },
			"c": func(p *business.CostCenterPatch) { at := now + day.Microseconds(); p.ValidFrom = &at },
			"d": func(p *business.CostCenterPatch) { at := now + day.Microseconds(); p.ValidUntil = &at },
		} {
			in := business.CostCenterPatch{Code: &code, Name: &code}
			edit(&in)
			_, err := h.CreateCostCenter(t.Context(), c.owner, c.id, in)
			h.must(err)
		}
		ids := map[string]int64{}
		all, _, err := h.CostCenters(t.Context(), c.owner, business.CostCenterFilter{}, roster.Page{})
		h.must(err)
		for _, cc := range all {
			ids[cc.Code] = cc.ID
		}
		_, err = h.PatchMember(t.Context(), c.owner, c.id, c.simple.PersonID, nil, business.MemberPatch{
			AccessMode: p(business.AccessList), AccessIDs: p([]int64{ids["b"], ids["c"], ids["d"]}),
		})
		h.must(err)
		for _, x := range []struct {
			who  roster.Actor
			at   int64
			want string
		}{
			{c.owner, now, "ad"}, {c.owner, now + day.Microseconds(), "ac"}, {c.simple, now, "d"}, {c.simple, now + 2*day.Microseconds(), "c"},
		} {
			h.read(func(tx *store.Tx) error {
				acc, m, err := business.AccountOf(tx, x.who.PersonID)
				if err != nil {
					return err
				}
				available, err := business.AvailableCostCenters(tx, acc, m, x.at)
				got := map[string]bool{}
				for _, cc := range available {
					got[cc.Code] = true
				}
				for _, code := range "abcd" {
					if got[string(code)] != strings.ContainsRune(x.want, code) {
						t.Errorf("%d at %d: %v, want %s", x.who.PersonID, x.at, got, x.want)
					}
				}
				return err
			})
		}
	})
}
