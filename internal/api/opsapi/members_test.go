package opsapi_test

import (
	"fmt"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

// index is a path into the rows of a list.
func index(i int, path string) string { return fmt.Sprintf("%d.%s", i, path) }

// block blocks a customer.
func (h *house) block(name string) {
	h.T.Helper()
	id := h.Person(name)
	h.Write(func(tx *store.Tx) error {
		_, err := identity.UpdateCustomer(tx, id, nil, func(c *identity.Customer) error {
			c.BlockState = "BLOCKED"
			return nil
		})
		return err
	})
}

func TestMembers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		center := h.costCenter("MKT")
		g := h.golden(h.as("support"), "members")
		g.Get(on(h.group, "/members?sort=name,asc")).Want(200)
		g.Post(on(h.group, "/add-member"), object{"userId": h.Person("ida"), "role": "ADMIN", "defaultCostCenterId": center, "superiorEmail": "boss@example.org"}).Want(201)
		g.Get(on(h.group, "/members/%d", h.Person("ida"))).Want(200)
		g.Put(on(h.group, "/members/%d", h.Person("ida")), object{"role": "MEMBER", "state": "INACTIVE", "employeeNumber": "E-1"}).Want(200)
		for query, want := range map[string]int{
			"": 5, "?state=INACTIVE": 1, "?role=ADMIN": 1, "?role=OWNER&role=ADMIN": 2, "?searchText=ida@": 1, "?costCenterId=" + text(center): 0, "?includeFormer": 5,
		} {
			if n := h.as("support").Get(on(h.group, "/members") + query).Want(200).Len(""); n != want {
				t.Errorf("%s lists %d, want %d", query, n, want)
			}
		}
		g.Note("Refusals.")
		g.Post(on(h.group, "/add-member"), object{"userId": h.Person("mia")}).Want(409)
		g.Note("One in an account that the caller does not see, and one whom they do not see.")
		g.Post(on(h.group, "/add-member"), object{"userId": h.Person("rex")}).Want(409)
		g.Post(on(h.group, "/add-member"), object{"userId": h.Person("gus")}).Want(404)
		g.Post(on(h.group, "/add-member"), object{"userId": h.Person("ian"), "role": "OWNER"}).Want(400)
		g.Post(on(h.group, "/add-member"), object{"userId": h.Person("ian"), "defaultCostCenterId": 999}).Want(400)
		g.Post(on(h.group, "/add-member"), object{}).Want(400)
		g.Put(on(h.group, "/members/%d", h.Person("mia")), object{"role": "OWNER", "state": "ACTIVE"}).Want(400)
		g.Put(on(h.group, "/members/%d", h.Person("olga")), object{"role": "ADMIN", "state": "ACTIVE"}).Want(400)
		g.Put(on(h.group, "/members/%d", h.Person("olga")), object{"role": "OWNER", "state": "INACTIVE"}).Want(400)
		g.Put(on(h.group, "/members/%d", h.Person("olga")), object{"role": "OWNER", "state": "ACTIVE", "employeeNumber": "1"}).Want(200)
		g.Put(on(h.group, "/members/%d", h.Person("ian")), object{"role": "MEMBER", "state": "ACTIVE"}).Want(404)
		g.Get(on(h.group, "/members/%d", h.Person("ian"))).Want(404)
		h.as("admin").Patch(on(h.group, ""), object{"state": "INACTIVE"}).Want(200)
		g.Post(on(h.group, "/add-member"), object{"userId": h.Person("ian")}).Want(409)
	})
}

// Rows of a bulk call stand for themselves: each kind that is refused is told, and the
// good ones stay (contract §10.3).
func TestBulk(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.costCenter("MKT")
		ida, ian, uma, gus, rex, mia, olga, max := h.Person("ida"), h.Person("ian"), h.Person("uma"), h.Person("gus"), h.Person("rex"), h.Person("mia"), h.Person("olga"), h.Person("max")
		g := h.golden(h.as("admin"), "bulk")
		g.Note("Free, in another account, unknown, twice, in this account, free.")
		g.Post(on(h.group, "/add-members"), object{"userIds": []int64{ida, rex, 999, ida, mia, ian}, "role": "MEMBER"}).Want(200)
		if n := h.as("admin").Get(on(h.group, "/members")).Want(200).Len(""); n != 6 {
			t.Errorf("%d members", n)
		}
		g.Note("The whole call is refused for what it says of all.")
		g.Post(on(h.group, "/add-members"), object{"userIds": []int64{uma}, "role": "OWNER"}).Want(400)
		g.Post(on(h.group, "/add-members"), object{"userIds": []int64{uma}, "defaultCostCenterId": 999}).Want(400)
		g.Post(on(h.group, "/add-members"), object{"userIds": []int64{}}).Want(400)
		g.Post(on(h.group, "/add-members"), object{"userIds": make([]int64, 501)}).Want(400)
		g.Post(on(999, "/add-members"), object{"userIds": []int64{uma}}).Want(404)
		g.Note("Invitations: unknown, in an account, free, by an address of somebody in one, by one of nobody, twice.")
		g.Post(on(h.group, "/create-join-requests"), object{
			"userIds": []int64{999, rex, uma, uma}, "emails": []string{"rex@example.org", "new@example.org", "NEW@example.org"}, "message": "Come in",
		}).Want(200)
		g.Post(on(h.group, "/create-join-requests"), object{"userIds": []int64{uma}, "emails": []string{"new@example.org"}}).Want(200)
		g.Post(on(h.group, "/create-join-requests"), object{"emails": []string{"new"}}).Want(400)
		g.Post(on(h.group, "/create-join-requests"), object{"userIds": []int64{gus}, "role": "OWNER"}).Want(400)
		g.Post(on(h.group, "/create-join-requests"), object{}).Want(400)
		g.Note("Removals: free now, no member, the owner, one with an open rental.")
		h.Business.SetGuard(business.Guard{OpenOfMember: func(_ *store.Tx, _, person int64) (bool, error) { return person == max, nil }})
		g.Post(on(h.group, "/remove-members"), object{"userIds": []int64{ida, uma, 999, olga, max, ida}}).Want(200)
		g.Post(on(h.group, "/remove-members"), object{"userIds": []int64{}}).Want(400)
		g.Get(on(h.group, "/members?includeFormer&searchText=ida")).Want(200)
		if n := h.as("admin").Get(on(h.group, "/members")).Want(200).Len(""); n != 5 {
			t.Errorf("%d members stay", n)
		}
	})
}

// A bulk call whose rows are all refused answers 200, and changes nothing.
func TestBulkOfNone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, path := range []string{"/add-members", "/remove-members", "/create-join-requests"} {
			before := h.as("admin").Get(on(h.group, "")).Header.Get("Roster-Revision")
			a := h.as("admin").Post(on(h.group, "")+path, object{"userIds": []int64{999}}).Want(200)
			if a.Len("successfulIds") != 0 || number(a, "unsuccessfulIds.0") != 999 {
				t.Errorf("%s: %s", path, a.Body)
			}
			if after := h.as("admin").Get(on(h.group, "")).Header.Get("Roster-Revision"); after != before {
				t.Errorf("%s: revision %s after %s", path, after, before)
			}
		}
	})
}
