package userapi_test

import (
	"fmt"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

func TestManagedGroups(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.ida, "managed_groups")
		g.Get("/groups-management").Want(200)
		made := g.Post("/groups-management", object{
			"name": " Ida & Co ", "companyName": "Ida Ltd", "vatId": "ATU12345678", "billingEmail": "bills@example.org", "phone": "+43 660 1112223",
			"billingAddress":   object{"street": "Ring 1", "postcode": "1010", "city": "Vienna", "country": "AT"},
			"settings":         object{"joinPolicy": "AUTO", "requireMemberApproval": true, "businessReasons": []string{"Fair"}},
			"customProperties": object{"sector": "film"},
		}).Want(201)
		path := fmt.Sprintf("/groups-management/%d", number(made, "id"))
		g.Get(path).Want(200)
		g.Get("/groups-management?role=OWNER").Want(200)
		g.Get("/groups-management?role=ADMIN").Want(200)
		g.Get("/groups-management?role=MEMBER").Want(400)
		g.Note("A merge patch: what is null is cleared, what is absent stays.")
		g.Patch(path, object{
			"name": "Ida", "vatId": nil, "billingAddress": object{"street": "Ring 2"}, "customProperties": object{"sector": nil, "size": "small"},
			"settings": object{"businessReasons": []string{}, "requireDrivingLog": true, "requiredMemberProperties": []string{"employeeNumber"}},
		}).Want(200)
		g.Patch(path, object{"billingAddress": nil, "phone": nil}).Want(200)
		g.Note("Nothing that is known, and what the server makes: nothing changes.")
		g.Patch(path, object{"colour": "red", "id": 1, "membersCount": 7, "version": 1, "branchId": 99, "code": "ZZZZZZ"}).Want(200)
		g.Note("If-Match: an old version is refused.")
		g.Set("If-Match", `"1"`).Patch(path, object{"name": "Late"}).Want(412)
		g.Set("If-Match", g.Get(path).Want(200).Header.Get("ETag")).Patch(path, object{"name": "Ida II"}).Want(200)
		g.Set("If-Match", `"1"`).Delete(path).Want(412)
		g.Delete(path).Want(204)
		g.Get(path).Want(404)
		g.Delete(path).Want(404)
		g.Note("The group is gone from every list; its members are free.")
		g.Get("/groups").Want(200)
		g.Get("/groups-management").Want(200)
	})
}

func TestManagedGroupErrors(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.ida, "managed_group_errors")
		g.Post("/groups-management", object{}).Want(400)
		g.Post("/groups-management", object{"name": "  "}).Want(400)
		g.Post("/groups-management", object{"name": "Ida", "branchId": 99}).Want(404)
		g.Post("/groups-management", object{"name": "acme"}).Want(409)
		g.Post("/groups-management", object{"name": "Ida", "settings": object{"joinPolicy": "MAYBE"}}).Want(400)
		g.Post("/groups-management", object{"name": "Ida", "billingAddress": object{"country": "Austria"}}).Want(400)
		g.Post("/groups-management", object{"name": "Ida", "billingEmail": "nobody"}).Want(400)
		g.Post("/groups-management", object{"name": "Ida", "customProperties": object{"": "x"}}).Want(400)
		g.Post("/groups-management", object{"name": "Ida", "defaultCostCenterId": 5}).Want(400)
		g.Post("/groups-management", `{"name":"Ida","name":"Ida"}`).Want(400)
		g.Note("The operator's fields are not mine, in POST as in PATCH.")
		g.Post("/groups-management", object{"name": "Ida", "paymentState": "INVOICING"}).Want(403)
		g.Post("/groups-management", object{"name": "Ida", "code": "IDAIDA22"}).Want(403)
		g.Note("Who is in a group makes no other.")
		h.as(g, "mia").Post("/groups-management", object{"name": "Mia"}).Want(409)
		g.Note("A branch may leave creation to the operator.")
		h.set("businessAccounts.selfServiceCreation", false)
		g.Post("/groups-management", object{"name": "Ida"}).Want(403)

		o := h.as(g, "olga")
		o.Patch(h.managed(""), object{"name": nil}).Want(400)
		o.Patch(h.managed(""), object{"name": "Rex"}).Want(409)
		o.Patch(h.managed(""), object{"settings": nil}).Want(400)
		o.Patch(h.managed(""), object{"settings": object{"requireCostCenter": nil}}).Want(400)
		o.Patch(h.managed(""), object{"customProperties": nil}).Want(400)
		o.Patch(h.managed(""), object{"defaultCostCenterId": 99}).Want(400)
		o.Patch(h.managed(""), object{"name": 7}).Want(400)
		o.Set("Content-Type", "text/plain").Patch(h.managed(""), "name=x").Want(415)
		g.Note("A plain member is refused, a stranger finds nothing, a malformed id neither.")
		h.as(g, "mia").Get(h.managed("")).Want(403)
		h.as(g, "rex").Get(h.managed("")).Want(404)
		o.Get("/groups-management/one").Want(404)
		g.Note("An administrator manages, and does not delete; nobody does while something is open.")
		a := h.as(g, "adam")
		a.Get("/groups-management?role=ADMIN&role=OWNER&sort=createdAt,desc").Want(200)
		a.Delete(h.managed("")).Want(403)
		h.mia.Post("/rentals", object{"vehicleCode": "B-1", "userGroupCode": h.code}).Want(201)
		o.Delete(h.managed("")).Want(409)
	})
}

// Each field that the operator alone writes is refused by name, and nothing else of the
// call is done.
func TestOperatorsFields(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		refused := func(r *wiretest.Response, code, field string) {
			if r.Want(403).Text("errorCode") != code || r.Text("fieldErrors.0.field") != field {
				t.Errorf("%s: %s", field, r.Body)
			}
		}
		for field, value := range map[string]any{
			"state": "INACTIVE", "blockState": "BLOCKED", "ownerId": 1, "billingCycle": "DAILY", "paymentState": "INVOICING", "defaultBusinessUnitId": 1,
			"checkRentalRequirements": false, "allowedBranchIds": []int{1}, "allowedVehicleCategoryIds": []int{1}, "tags": []string{"vip"},
		} {
			refused(h.olga.Patch(h.managed(""), object{"name": "Other", field: value}), business.CodeNotWritable, field)
			refused(h.adam.Patch(h.managed(""), object{field: nil}), business.CodeNotWritable, field)
		}
		refused(h.olga.Patch(h.managed(""), object{"settings": object{"shouldIgnoreBCategoryRentalRequirement": true}}),
			business.CodeNotWritable, "settings.shouldIgnoreBCategoryRentalRequirement")
		for field, value := range map[string]any{
			"emailIsVerified": true, "phoneIsVerified": true, "homeBranchId": 1, "blockState": "NONE", "blockReason": "", "paymentState": "NONE",
			"licenseVerificationState": "VERIFIED", "licenseExpirationDate": "2040-01-01", "licenseNumber": "1", "drivingLicenseCategories": []string{"B"},
			"idVerificationState": "VERIFIED", "idExpirationDate": "2040-01-01", "idDocumentType": "PASSPORT", "manualVerificationState": "VERIFIED",
			"customExternalVerificationState": "VERIFIED", "annotations": []string{"x"}, "tags": []string{"x"},
		} {
			refused(h.ida.Patch("/me", object{"firstName": "Other", field: value}), "U120", field)
		}
		if name := h.olga.Get(h.managed("")).Want(200).Text("name"); name != "Acme" {
			t.Errorf("the name became %s", name)
		}
		if name := h.ida.Get("/me").Want(200).Text("firstName"); name != "Ida" {
			t.Errorf("the first name became %s", name)
		}
		// Others who find nothing, or may not, are told that first.
		for client, status := range map[*wiretest.Client]int{h.rex: 404, h.mia: 403} {
			if code := client.Patch(h.managed(""), object{"billingCycle": "DAILY"}).Want(status).Text("errorCode"); code == business.CodeNotWritable {
				t.Errorf("%d %s", status, code)
			}
		}
	})
}
