package business_test

import (
	"slices"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// A code that a member has, that stands in a path, or that comes twice is drawn again,
// and drawing ends.
func TestMemberCodesAreFree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c, rival := h.company("Acme"), h.company("Rival")
		taken, elsewhere := h.live(c.id, c.simple).MemberCode, h.live(rival.id, rival.simple).MemberCode
		in := func(names ...string) (fresh []*business.Member) {
			for _, name := range names {
				fresh = append(fresh, &business.Member{GroupID: c.id, UserID: h.verified(name).PersonID, Role: business.Simple, State: business.MemberActive,
					Approval: business.Approval{State: business.ApprovalNotRequired}, BillingRole: business.NoBilling, AccessMode: business.AccessAll, CreatedBy: business.ByOperator})
			}
			return fresh
		}
		drawing := func(codes ...string) func() string {
			return func() string {
				code := codes[0]
				if len(codes) > 1 {
					codes = codes[1:]
				}
				return code
			}
		}
		members := in("One", "Two", "Three")
		h.write(func(tx *store.Tx) error {
			tx.Housekeeping()
			return business.InsertFresh(tx, c.id, slices.Clone(members), drawing(taken, "SAME", "SAME", "members", elsewhere, "LAST"))
		})
		var got []string
		for _, m := range members {
			got = append(got, m.MemberCode)
		}
		if want := []string{"LAST", "SAME", elsewhere}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		late := in("Four")
		if err := h.try(func(tx *store.Tx) error { return business.InsertFresh(tx, c.id, late, drawing(taken)) }); err == nil {
			t.Error("a code was given twice")
		}
	})
}
