package userapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

// block blocks a rider.
func (h *house) block(name string) {
	h.T.Helper()
	h.Write(func(tx *store.Tx) error {
		_, err := identity.UpdateCustomer(tx, h.Person(name), nil, func(c *identity.Customer) error {
			c.BlockState = identity.Blocked
			return nil
		})
		return err
	})
}

// edit changes the group Acme as the operator does.
func (h *house) edit(edit func(a *business.Account)) {
	h.T.Helper()
	h.Write(func(tx *store.Tx) error {
		_, err := business.EditAccount(tx, h.group, nil, func(a *business.Account) error {
			edit(a)
			return nil
		})
		return err
	})
}

// editMember changes a member of the group Acme as the operator does.
func (h *house) editMember(name string, edit func(m *business.Member)) {
	h.T.Helper()
	person := h.Person(name)
	h.Write(func(tx *store.Tx) error {
		a, err := business.LiveAccount(tx, h.group)
		if err != nil {
			return err
		}
		m, err := business.LiveMember(tx, h.group, person)
		if err != nil {
			return err
		}
		_, err = business.EditMember(tx, a, m, nil, func(m *business.Member) error {
			edit(m)
			return nil
		})
		return err
	})
}

func TestGroups(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		center := h.costCenter("MKT")
		h.costCenter("OPS")
		h.olga.Patch(h.managed(""), object{"defaultCostCenterId": center, "settings": object{
			"requireCostCenter": true, "businessReasons": []string{"Client visit", "Fair"},
		}}).Want(200)
		g := h.golden(h.mia, "groups")
		g.Note("A member sees the group, and the cost centers that they can book to.")
		g.Get("/groups").Want(200)
		g.Note("Suspended members see it, too.")
		h.editMember("mia", func(m *business.Member) { m.State = business.MemberInactive })
		g.Get("/groups?page=0&size=1&sort=name,asc").Want(200)
		g.Note("Beyond the end of the list there is nothing.")
		g.Get("/groups?page=7").Want(200)
		g.Get("/groups?page=-1").Want(400)
		g.Get("/groups?size=0").Want(400)
		g.Get("/groups?sort=colour").Want(400)
		h.as(g, "ida").Get("/groups").Want(200)
		g.Note("Without a token, and with one that nobody made:")
		g.As("").Get("/groups").Want(401)
		g.As("rst_acme_" + strings.Repeat("x", 43)).Get("/groups").Want(401)
		g.Note("Blocked riders are refused everywhere.")
		h.block("mia")
		g.Get("/groups").Want(403)
		g.Note("So is everybody where business accounts are off.")
		h.set("businessAccounts.enabled", false)
		h.as(g, "olga").Get("/groups").Want(403)
	})
}

func TestJoin(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.block("max")
		g := h.golden(h.ida, "join")
		g.Note("The group decides: a request waits.")
		g.Post("/groups/"+strings.ToLower(h.code)+"/join", object{"message": "Hello", "superiorEmail": "olga@example.org"}).Want(202)
		g.Post("/groups/"+h.code+"/join", nil).Want(409)
		g.Note("No code, a group that takes nobody, one that is gone: all the same.")
		g.Post("/groups/NOSUCH22/join", nil).Want(404)
		h.rex.Patch(fmt.Sprintf("/groups-management/%d", h.rexGroup), object{"settings": object{"joinPolicy": "CLOSED"}}).Want(200)
		g.Post("/groups/"+h.rexCode+"/join", nil).Want(404)
		g.Note("Who is in a group joins no other.")
		h.as(g, "mia").Post("/groups/"+h.code+"/join", nil).Want(409)
		g.Note("A group may take people at once; then a cost center counts.")
		center := h.costCenter("MKT")
		h.olga.Patch(h.managed(""), object{"settings": object{"joinPolicy": "AUTO"}}).Want(200)
		u := h.as(g, "uma")
		u.Post("/groups/"+h.code+"/join", object{"costCenterId": center + 77}).Want(400)
		u.Post("/groups/"+h.code+"/join", object{"message": strings.Repeat("x", 501)}).Want(400)
		u.Post("/groups/"+h.code+"/join", object{"superiorEmail": "nobody"}).Want(400)
		u.Post("/groups/"+h.code+"/join", `{"message":`).Want(400)
		u.Post("/groups/"+h.code+"/join", object{"costCenterId": center}).Want(201)
	})
}

// An invitation that waits wins over the policy.
func TestJoinByInvitation(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.olga.Patch(h.managed(""), object{"settings": object{"joinPolicy": "CLOSED"}}).Want(200)
		h.olga.Post(h.managed("/add-members"), object{"members": []object{{"email": "ida@example.org", "role": "ADMIN"}}}).Want(200)
		g := h.golden(h.ida, "join_invited")
		g.Post("/groups/"+h.code+"/join", nil).Want(201)
	})
}

// Codes are secrets that can be guessed: whoever fails too often waits.
func TestJoinThrottle(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for i := range 20 {
			h.ida.Post(fmt.Sprintf("/groups/GUESS%d/join", i), nil).Want(404)
		}
		g := h.golden(h.ida, "join_throttled")
		if r := g.Post("/groups/"+h.code+"/join", nil).Want(429); r.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		h.uma.Post("/groups/"+h.code+"/join", nil).Want(202)
		h.Clock.Forward(time.Hour)
		h.ida.Post("/groups/"+h.code+"/join", nil).Want(202)
	})
}

func TestLeave(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.mia, "leave")
		g.Post("/groups/NOSUCH22/leave", nil).Want(404)
		g.Note("Another group's code: I am not in that one.")
		g.Post("/groups/"+h.rexCode+"/leave", nil).Want(404)
		g.Note("Not while a rental on the group is open.")
		id := number(h.mia.Post("/rentals", object{"vehicleCode": "B-1", "userGroupCode": h.code}).Want(201), "id")
		g.Post("/groups/"+h.code+"/leave", nil).Want(409)
		h.mia.Post(fmt.Sprintf("/rentals/%d/cancel", id), nil).Want(200)
		g.Post("/groups/"+h.code+"/leave", object{"reason": strings.Repeat("x", 501)}).Want(400)
		g.Post("/groups/"+h.code+"/leave", object{"reason": "A new job"}).Want(200)
		g.Get("/groups").Want(200)
		g.Note("My own member code names the group as well; a suspended member may leave.")
		h.editMember("max", func(m *business.Member) { m.State = business.MemberInactive })
		code := h.max.Get("/groups").Want(200).Text("0.memberCode")
		h.as(g, "max").Post("/groups/"+code+"/leave", nil).Want(200)
		g.Note("The owner stays.")
		h.as(g, "olga").Post("/groups/"+h.code+"/leave", nil).Want(409)
	})
}

func TestOwnRequests(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		invite := func(email string, client string) int64 {
			g := h.olga
			path := h.managed("/add-members")
			if client == "rex" {
				g, path = h.rex, fmt.Sprintf("/groups-management/%d/add-members", h.rexGroup)
			}
			return number(g.Post(path, object{"emails": []string{email}}).Want(200), "successful.0.requestId")
		}
		first := invite("ida@example.org", "olga")
		second := invite("ida@example.org", "rex")
		unverified := invite("uma@example.org", "rex")
		asked := number(h.uma.Post("/groups/"+h.code+"/join", nil).Want(202), "request.id")
		path := func(id int64) string { return fmt.Sprintf("/groups/requests/%d", id) }

		g := h.golden(h.ida, "own_requests")
		g.Get("/groups/requests?sort=id,asc").Want(200)
		g.Get("/groups/requests?type=JOIN_REQUEST").Want(200)
		g.Get("/groups/requests?state=PENDING&state=EXPIRED&size=1").Want(200)
		g.Get("/groups/requests?state=LOST").Want(400)
		g.Patch(path(first), object{}).Want(400)
		g.Patch(path(first), object{"state": "PENDING"}).Want(400)
		g.Note("An invitation is accepted or declined, a request to join is taken back.")
		g.Patch(path(first), object{"state": "CANCELLED"}).Want(403)
		g.Patch(path(second), object{"state": "DECLINED", "reason": "No, thanks"}).Want(200)
		g.Patch(path(second), object{"state": "ACCEPTED"}).Want(409)
		g.Note("Somebody else's, and one that is not there:")
		g.Patch(path(asked), object{"state": "CANCELLED"}).Want(404)
		g.Patch(path(99999), object{"state": "ACCEPTED"}).Want(404)
		g.Patch("/groups/requests/abc", object{"state": "ACCEPTED"}).Want(404)
		g.Note("An invitation to an address belongs to who has it verified.")
		u := h.as(g, "uma")
		u.Get("/groups/requests").Want(200)
		u.Patch(path(unverified), object{"state": "ACCEPTED"}).Want(404)
		u.Patch(path(asked), object{"state": "ACCEPTED"}).Want(403)
		u.Patch(path(asked), object{"state": "CANCELLED"}).Want(200)
		g.Note("A group that is not active takes nobody.")
		h.edit(func(a *business.Account) { a.State = business.AccountInactive })
		g.Patch(path(first), object{"state": "ACCEPTED"}).Want(409)
		h.edit(func(a *business.Account) { a.State = business.AccountActive })
		g.Patch(path(first), object{"state": "ACCEPTED"}).Want(200)
		g.Get("/groups/requests?state=ACCEPTED&state=DECLINED&sort=state").Want(200)
		g.Note("Who is in a group accepts no other's invitation; it is over with the first.")
		third := invite("ida@example.org", "rex")
		g.Patch(path(third), object{"state": "ACCEPTED"}).Want(409)
		g.Note("Two weeks later it has expired.")
		h.Clock.Forward(15 * 24 * time.Hour)
		g.Get("/groups/requests?state=EXPIRED").Want(200)
	})
}
