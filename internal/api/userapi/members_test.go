package userapi_test

import (
	"fmt"
	"testing"

	"github.com/rosterhq/roster/internal/business"
)

// memberCode is a member's code in the group Acme.
func (h *house) memberCode(name string) string {
	h.T.Helper()
	return h.olga.Get(h.managed("/members?searchText=%s", name)).Want(200).Text("0.memberCode")
}

func TestAddMembers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		center := h.costCenter("MKT")
		g := h.golden(h.olga, "add_members")
		g.Note("Known, in another group, unknown, twice: all look alike.")
		g.Post(h.managed("/add-members"), object{"members": []object{
			{"email": "ida@example.org", "role": "ADMIN", "defaultCostCenterId": center, "superiorEmail": "olga@example.org", "message": "Welcome"},
			{"email": "rex@example.org"}, {"email": "nobody@example.org"}, {"email": "NOBODY@example.org"},
		}, "emails": []string{"more@example.org"}}).Want(200)
		g.Note("What waits already, a cost center that is none, and nobody's code are errors of their row.")
		uma := h.uma.Get("/me").Want(200).Text("uuid")
		g.Post(h.managed("/add-members"), object{"members": []object{
			{"email": "ida@example.org"}, {"email": "new@example.org", "defaultCostCenterId": 99},
			{"userCode": "00000000-0000-4000-8000-000000000000"}, {"userCode": uma},
		}}).Want(200)
		g.Post(h.managed("/add-members"), object{}).Want(400)
		g.Post(h.managed("/add-members"), object{"emails": []string{"nobody"}}).Want(400)
		g.Post(h.managed("/add-members"), object{"members": []object{{"role": "MEMBER"}}}).Want(400)
		g.Post(h.managed("/add-members"), object{"members": []object{{"userCode": "7"}}}).Want(400)
		g.Post(h.managed("/add-members"), object{"members": []object{{"email": "x@example.org", "role": "OWNER"}}}).Want(400)
		g.Note("An administrator makes no other.")
		h.as(g, "adam").Post(h.managed("/add-members"), object{"members": []object{{"email": "x@example.org", "role": "ADMIN"}}}).Want(403)
		h.as(g, "mia").Post(h.managed("/add-members"), object{"emails": []string{"x@example.org"}}).Want(403)
		g.Note("A branch may have members added at once.")
		h.set("businessAccounts.addMembersMode", "DIRECT")
		g.Post(h.managed("/add-members"), object{"members": []object{
			{"email": "ida@example.org"}, {"email": "rex@example.org"}, {"email": "later@example.org"}, {"email": "mia@example.org"},
		}}).Want(200)

		many := make([]string, 101)
		for i := range many {
			many[i] = fmt.Sprintf("user%d@example.org", i)
		}
		if code := h.olga.Post(h.managed("/add-members"), object{"emails": many}).Want(400).Text("errorCode"); code != business.CodeTooManyItems {
			t.Error(code)
		}
		if n := h.olga.Post(h.managed("/add-members"), object{"emails": many[:100]}).Want(200).Len("successful"); n != 100 {
			t.Errorf("%d were invited", n)
		}
		h.edit(func(a *business.Account) { a.State = business.AccountInactive })
		h.olga.Post(h.managed("/add-members"), object{"emails": many[:1]}).Want(409)
	})
}

func TestMembers(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		center := h.costCenter("MKT")
		h.editMember("mia", func(m *business.Member) { m.DefaultCostCenterID = center })
		g := h.golden(h.adam, "members")
		g.Get(h.managed("/members?sort=name,asc")).Want(200)
		g.Get(h.managed("/members?searchText=MIA")).Want(200)
		g.Get(h.managed("/members?role=OWNER&role=ADMIN&sort=joinedAt,desc&size=1&page=1")).Want(200)
		g.Get(h.managed("/members?state=INACTIVE")).Want(200)
		g.Get(h.managed("/members?costCenterId=%d", center)).Want(200)
		g.Get(h.managed("/members?role=BOSS")).Want(400)
		g.Get(h.managed("/members?sort=salary")).Want(400)
		h.as(g, "mia").Get(h.managed("/members")).Want(403)
		h.as(g, "ida").Get(h.managed("/members")).Want(404)
	})
}

func TestMembership(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		center := h.costCenter("MKT")
		path := h.managed("/%s", h.memberCode("mia"))
		g := h.golden(h.olga, "membership")
		g.Patch(path, object{"role": "ADMIN", "defaultCostCenterId": center, "superiorEmail": "olga@example.org", "employeeNumber": "E-7"}).Want(200)
		g.Patch(path, object{"role": "MEMBER", "state": "INACTIVE", "defaultCostCenterId": nil, "superiorEmail": nil, "employeeNumber": nil}).Want(200)
		g.Patch(path, object{"state": "ACTIVE"}).Want(200)
		g.Note("Nothing that is known: nothing changes.")
		g.Patch(path, object{"colour": "red"}).Want(200)
		g.Patch(path, object{"role": "OWNER"}).Want(400)
		g.Patch(path, object{"role": "BOSS"}).Want(400)
		g.Patch(path, object{"state": "GONE"}).Want(400)
		g.Patch(path, object{"defaultCostCenterId": center + 9}).Want(400)
		g.Patch(path, object{"superiorEmail": "nobody"}).Want(400)
		g.Set("If-Match", `"1"`).Patch(path, object{"state": "INACTIVE"}).Want(412)
		g.Patch(h.managed("/NOSUCH22"), object{"state": "INACTIVE"}).Want(404)
		g.Note("The owner stays what they are; nobody changes themselves.")
		g.Patch(h.managed("/%s", h.memberCode("olga")), object{"state": "INACTIVE"}).Want(403)
		a := h.as(g, "adam")
		a.Patch(h.managed("/%s", h.memberCode("olga")), object{"role": "MEMBER"}).Want(403)
		a.Patch(h.managed("/%s", h.memberCode("adam")), object{"role": "MEMBER"}).Want(403)
		a.Patch(path, object{"role": "ADMIN"}).Want(403)
		a.Patch(path, object{"employeeNumber": "E-8"}).Want(200)
		h.as(g, "max").Patch(path, object{"state": "INACTIVE"}).Want(403)
		h.as(g, "rex").Patch(path, object{"state": "INACTIVE"}).Want(404)
	})
}

func TestMemberProperties(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		center, other := h.costCenter("MKT"), h.costCenter("OPS")
		path := h.managed("/members/%d", h.Person("mia"))
		g := h.golden(h.olga, "member_properties")
		g.Get(path).Want(200)
		g.Patch(path, object{
			"billingRole": "APPROVER", "costCenterAccess": object{"mode": "LIST", "costCenterIds": []int64{center, other}}, "defaultCostCenterId": center,
			"superiorEmail": "adam@example.org", "employeeNumber": "E-1", "spendingLimit": object{"amount": 250.5, "currency": "EUR", "period": "MONTH"},
			"customProperties": object{"desk": "12", "floor": "3"},
		}).Want(200)
		g.Note("Merged: a limit's amount alone, one property less, all cost centers.")
		g.Patch(path, object{
			"spendingLimit": object{"amount": 99.99}, "customProperties": object{"desk": nil}, "costCenterAccess": object{"mode": "ALL"}, "superiorEmail": nil,
		}).Want(200)
		g.Patch(path, object{"spendingLimit": nil, "costCenterAccess": nil, "defaultCostCenterId": nil}).Want(200)
		g.Note("What GET gave can be sent back.")
		g.Put(path, g.Get(path).Want(200).At("")).Want(200)
		g.Note("PUT replaces: what is left out is as with a new member.")
		g.Put(path, object{"role": "MEMBER", "employeeNumber": "E-2", "customProperties": object{"desk": "9"}}).Want(200)
		g.Put(path, object{}).Want(200)
		g.Put(path, object{"role": "ADMIN"}).Want(400)
		g.Put(path, object{"costCenterAccess": object{"mode": "LIST", "costCenterIds": []int64{}}}).Want(400)
		g.Set("If-Match", `"1"`).Put(path, object{}).Want(412)
		g.Set("If-Match", `"1"`).Patch(path, object{"employeeNumber": "E-3"}).Want(412)
		g.Note("Role and state are changed by the member code.")
		g.Patch(path, object{"role": "ADMIN"}).Want(403)
		g.Patch(path, object{"role": "MEMBER", "state": "ACTIVE"}).Want(200)
		g.Patch(path, object{"approval": nil}).Want(400)
		g.Patch(path, object{"billingRole": "BOSS"}).Want(400)
		g.Patch(path, object{"spendingLimit": object{"amount": -1, "currency": "EUR", "period": "DAY"}}).Want(400)
		g.Patch(path, object{"spendingLimit": object{"amount": 1, "currency": "XXL", "period": "DAY"}}).Want(400)
		g.Patch(path, object{"spendingLimit": object{"amount": 1.23456}}).Want(400)
		g.Patch(path, object{"spendingLimit": object{"amount": nil, "currency": "EUR", "period": "DAY"}}).Want(400)
		g.Patch(path, object{"costCenterAccess": object{"mode": "LIST", "costCenterIds": []int64{other}}, "defaultCostCenterId": center}).Want(400)
		g.Patch(path, object{"costCenterAccess": object{"mode": "LIST", "costCenterIds": []int64{99}}}).Want(400)
		g.Patch(h.managed("/members/99999"), object{}).Want(404)
		g.Note("A member reads their own, and writes nothing.")
		m := h.as(g, "mia")
		m.Get(path).Want(200)
		m.Patch(path, object{"employeeNumber": "E-9"}).Want(403)
		m.Get(h.managed("/members/%d", h.Person("max"))).Want(403)
		h.as(g, "rex").Get(path).Want(404)
	})
}

func TestApproval(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		path := h.managed("/members/%d", h.Person("ida"))
		g := h.golden(h.olga, "approval")
		g.Note("Approval counts where the group asks for it; then new members wait.")
		g.Patch(h.managed("/members/%d", h.Person("mia")), object{"approval": object{"state": "APPROVED"}}).Want(400)
		g.Patch(h.managed(""), object{"settings": object{"requireMemberApproval": true, "joinPolicy": "AUTO"}}).Want(200)
		h.ida.Post("/groups/"+h.code+"/join", nil).Want(201)
		g.Get(path).Want(200)
		g.Patch(path, object{"approval": object{"state": "APPROVED", "comment": "Knows the way"}}).Want(200)
		g.Note("The comment is for managers alone.")
		h.as(g, "ida").Get(path).Want(200)
		h.as(g, "ida").Get("/groups").Want(200)
		g.Patch(path, object{"approval": object{"state": "REJECTED", "comment": nil}}).Want(200)
		g.Patch(path, object{"approval": object{"state": "NOT_REQUIRED"}}).Want(400)
		g.Put(path, object{"approval": object{"state": "APPROVED"}}).Want(200)
		g.Note("Nobody decides on themselves, or on who stands above them.")
		h.as(g, "adam").Patch(h.managed("/members/%d", h.Person("adam")), object{"approval": object{"state": "APPROVED"}}).Want(403)
		h.as(g, "adam").Patch(h.managed("/members/%d", h.Person("olga")), object{"billingRole": "NONE"}).Want(403)
	})
}

func TestGroupRequests(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		center := h.costCenter("MKT")
		asked := number(h.ida.Post("/groups/"+h.code+"/join", object{"message": "Please"}).Want(202), "request.id")
		invited := number(h.olga.Post(h.managed("/add-members"), object{"emails": []string{"uma@example.org"}}).Want(200), "successful.0.requestId")
		foreign := number(h.rex.Post(fmt.Sprintf("/groups-management/%d/add-members", h.rexGroup), object{"emails": []string{"x@example.org"}}).
			Want(200), "successful.0.requestId")
		path := func(id int64) string { return h.managed("/requests/%d", id) }
		g := h.golden(h.adam, "group_requests")
		g.Note("Who asks is shown by name, who is invited by the address alone.")
		g.Get(h.managed("/requests?sort=createdAt,asc")).Want(200)
		g.Get(h.managed("/requests?type=INVITATION&state=PENDING&state=CANCELLED")).Want(200)
		g.Get(h.managed("/requests?state=LOST")).Want(400)
		g.Patch(path(asked), object{}).Want(400)
		g.Patch(path(asked), object{"state": "CANCELLED"}).Want(403)
		g.Patch(path(invited), object{"state": "ACCEPTED"}).Want(403)
		g.Patch(path(asked), object{"state": "ACCEPTED", "role": "ADMIN"}).Want(403)
		g.Patch(path(asked), object{"state": "ACCEPTED", "role": "OWNER"}).Want(400)
		g.Patch(path(asked), object{"state": "ACCEPTED", "defaultCostCenterId": center + 9}).Want(400)
		g.Patch(path(foreign), object{"state": "CANCELLED"}).Want(404)
		g.Patch(path(99999), object{"state": "ACCEPTED"}).Want(404)
		g.Patch(path(asked), object{"state": "ACCEPTED", "role": "MEMBER", "defaultCostCenterId": center}).Want(200)
		g.Patch(path(asked), object{"state": "DECLINED"}).Want(409)
		g.Patch(path(invited), object{"state": "CANCELLED"}).Want(200)
		g.Get(h.managed("/requests?state=ACCEPTED&state=CANCELLED&sort=id,asc")).Want(200)
		again := number(h.uma.Post("/groups/"+h.code+"/join", nil).Want(202), "request.id")
		g.Patch(path(again), object{"state": "DECLINED", "reason": "We are full"}).Want(200)
		g.Note("Who has joined another group meanwhile is in that one.")
		last := number(h.uma.Post("/groups/"+h.code+"/join", nil).Want(202), "request.id")
		h.newGroupOf("uma", "Uma")
		g.Patch(path(last), object{"state": "ACCEPTED"}).Want(409)
		h.as(g, "mia").Get(h.managed("/requests")).Want(403)
		h.as(g, "rex").Get(h.managed("/requests")).Want(404)
	})
}

// newGroupOf makes a group by the API.
func (h *house) newGroupOf(owner, name string) int64 {
	h.T.Helper()
	return number(h.nobody.As(h.tokens[owner]).Post("/groups-management", object{"name": name}).Want(201), "id")
}
