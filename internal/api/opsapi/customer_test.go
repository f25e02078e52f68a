package opsapi_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// of is a path below a customer.
func (h *house) of(name, path string, args ...any) string {
	return fmt.Sprintf("/customers/%d", h.Person(name)) + fmt.Sprintf(path, args...)
}

func TestSearchCustomers(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.as("support"), "customers_search")
		vie, at := h.Branch("VIE"), h.Branch("AT")
		g.Note("By accepted terms: Ian and Uma accepted none.")
		g.Get(fmt.Sprintf("/customers?branchId=%d&sort=id,asc&size=2", vie)).Want(200)
		g.Get(fmt.Sprintf("/customers?branchId=%d&searchText=MIA%%20memb", vie)).Want(200)
		g.Get(fmt.Sprintf("/customers?branchId=%d&searchText=%%2B43%%20660%%2012", vie)).Want(200)
		g.Get(fmt.Sprintf("/customers?branchId=%d&searchText=%%25&signupSettled=false", vie)).Want(200)
		g.Note("In few fields, and by the branch of home, too.")
		g.Get("/customers?simple&searchText=ian").Want(200)
		g.Get(fmt.Sprintf("/customers?simple&userGroupId=%d&sort=id,asc", h.group)).Want(200)
		g.Get("/customers?simple=&hasUserGroup=false&excludeBlocked&excludeImpersonatedUsers&sort=id,asc").Want(200)
		g.Get("/customers?simple&includeOperatorsOnly").Want(200)
		g.Get("/customers?simple&excludeBlockState=NONE").Want(200)
		g.Get("/customers").Want(400)
		g.Get(fmt.Sprintf("/customers?branchId=%d&sort=name", vie)).Want(400)
		g.Get(fmt.Sprintf("/customers?branchId=%d&blockState=GONE", vie)).Want(400)
		g.Get("/customers?branchId=99").Want(404)
		g.Get(fmt.Sprintf("/customers?branchId=%d", at)).Want(403)
		g.As(h.tokens["none"]).Get("/customers").Want(403)
	})
}

func TestReadCustomer(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.Write(func(tx *store.Tx) error {
			vie := h.branchIn(tx, "VIE")
			_, err := care.PutCard(tx, &care.Card{Number: "C-1", BranchID: vie, PersonID: h.idIn(tx, "mia")})
			return err
		})
		g := h.golden(h.as("support"), "customer")
		g.Get(h.of("mia", "")).Want(200)
		g.Get(h.of("mia", "/details?branchId=%d", h.Branch("VIE"))).Want(200)
		g.Get(h.of("uma", "/details")).Want(200)
		g.Get(h.of("mia", "/details?branchId=%d", h.Branch("GRZ"))).Want(403)
		g.Get(h.of("mia", "/details?branchId=99")).Want(404)
		g.Get(h.of("mia", "/groups")).Want(200)
		g.Get(h.of("ida", "/groups")).Want(200)
		g.Get(h.of("mia", "/payment-sources")).Want(200)
		g.Get(h.of("mia", "/payment-sources?branchId=%d", h.Branch("GRZ"))).Want(403)
		g.Note("Who is at home elsewhere, and accepted no terms here, is not there.")
		g.Get(h.of("gus", "")).Want(404)
		g.Get(h.of("gus", "/details")).Want(404)
		g.Get("/customers/99").Want(404)
		g.Get("/customers/mia").Want(404)
	})
}

func TestCreateCustomer(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.as("support"), "customer_create")
		g.Post("/customers", object{
			"authenticationType": "EMAIL_PASSWORD", "email": "new@example.org", "firstName": "New", "lastName": "Comer", "birthdate": "1990-01-31",
			"licenseVerificationState": "VERIFIED", "licenseExpirationDate": "2030-01-01", "drivingLicenseCategories": []string{"B"}, "language": "de",
			"newsletter": true, "sendResetPasswordEmail": true, "customProperties": object{"shoe": "38"},
		}).Want(201)
		g.Note("Way to sign in and home follow where there is one choice.")
		g.Post("/customers", object{"phone": "+436607654321"}).Want(201)
		g.Note("An existing person gets the profile, and no way to sign in.")
		g.Post("/customers", object{"email": "none@example.org"}).Want(201)
		g.Post("/customers", object{}).Want(400)
		g.Post("/customers", object{"authenticationType": "EMAIL_CODE"}).Want(400)
		g.Post("/customers", object{"email": "a@example.org", "phone": "+436607654322"}).Want(400)
		g.Post("/customers", object{"authenticationType": "PHONE_CODE", "email": "a@example.org"}).Want(400)
		g.Post("/customers", object{"authenticationType": "EMAIL_CODE", "phone": "+436607654322"}).Want(400)
		g.Post("/customers", object{"authenticationType": "MAGIC", "phone": "+436607654322"}).Want(400)
		g.Post("/customers", object{"email": "nobody"}).Want(400)
		g.Post("/customers", object{"email": "MIA@example.org"}).Want(409)
		g.Post("/customers", object{"phone": "+436601234567"}).Want(409)
		g.Post("/customers", object{"email": "a@example.org", "branchId": 99}).Want(404)
		g.Post("/customers", object{"email": "a@example.org", "branchId": h.Branch("GRZ")}).Want(403)
		h.role("support", "GRZ", "USER_WRITE")
		g.Post("/customers", object{"email": "a@example.org"}).Want(400)
	})
}

func TestPatchCustomer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden(h.as("support"), "customer_patch")
		g.Patch(h.of("ida", ""), object{
			"firstName": "Idalia", "email": "idalia@example.org", "annotations": []any{"calls often"}, "customProperties": object{"shoe": "38"}, "colour": "red",
			"idVerificationState": "VERIFIED", "drivingLicenseCategories": []string{"B", "BE"},
		}).Want(200)
		ida := fmt.Sprintf("/customers/%d", h.Person("idalia"))
		g.Patch(ida, object{
			"annotations": []any{object{"id": 1, "text": "calls less often"}, "likes bikes"}, "emailIsVerified": true, "street": nil,
			"tags": []string{}, "creditStatus": "UNKNOWN",
		}).Want(200)
		g.Patch(ida, object{}).Want(200)
		g.Note("The address they have, written in another way, stays verified.")
		g.Patch(ida, object{"email": "Idalia@Example.org"}).Want(200)
		g.Set("If-Match", `"1"`).Patch(ida, object{"city": "Graz"}).Want(412)
		g.Patch(ida, object{"blockState": "DELETED"}).Want(400)
		g.Patch(ida, object{"blockState": nil}).Want(400)
		g.Patch(ida, object{"licenseVerificationState": "SUPER"}).Want(400)
		g.Patch(ida, object{"drivingLicenseCategories": []string{"X"}}).Want(400)
		g.Patch(ida, object{"annotations": []any{""}}).Want(400)
		g.Patch(ida, object{"annotations": []any{7}}).Want(400)
		g.Patch(ida, object{"email": "mia@example.org"}).Want(409)
		g.Patch(ida, object{"phone": "+436601234567"}).Want(409)
		g.Patch(ida, object{"homeBranchId": h.Branch("GRZ")}).Want(403)
		g.Note("Fields that others write.")
		g.Patch(ida, object{"creditStatus": "APPROVED"}).Want(403)
		g.Patch(ida, object{"tags": []string{"vip"}}).Want(403)
		g.Patch(ida, object{"paymentState": "INVOICING"}).Want(403)
		accounting := g.As(h.tokens["accounting"])
		accounting.Patch(ida, object{"paymentState": "INVOICING"}).Want(200)
		accounting.Patch(ida, object{"firstName": "Other"}).Want(403)
		g.Patch(h.of("gus", ""), object{"firstName": "Other"}).Want(404)
		g.Note("Who is more than a customer keeps address and number.")
		none := h.as("support").Post("/customers", object{"email": "none@example.org"}).Want(201)
		g.Patch(fmt.Sprintf("/customers/%d", number(none, "id")), object{"email": "mine@example.org"}).Want(403)
		g.Put(ida+fmt.Sprintf("/tags?branchId=%d", h.Branch("VIE")), object{"tags": []string{" vip ", "VIP", "late"}}).Want(200)
		g.Put(ida+fmt.Sprintf("/tags?branchId=%d", h.Branch("VIE")), []string{}).Want(200)
		g.Put(ida+fmt.Sprintf("/tags?branchId=%d", h.Branch("VIE")), []string{""}).Want(400)
		g.Put(ida+"/tags", []string{"vip"}).Want(400)
	})
}

func TestDeleteCustomer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		mia, olga := h.of("mia", ""), h.of("olga", "")
		g := h.golden(h.as("admin"), "customer_delete")
		g.Note("The owner of a business account stays.")
		g.Delete(olga).Want(409)
		g.Set("If-Match", `"1"`).Delete(mia).Want(412)
		g.Delete(mia).Want(204)
		g.Get(mia).Want(200)
		g.Get(mia + "/details").Want(200)
		g.Get(mia + "/groups").Want(200)
		g.Get(mia + "/groups?includeFormer").Want(200)
		g.Note("What is deleted is not changed.")
		g.Delete(mia).Want(409)
		g.Patch(mia, object{"firstName": "Other"}).Want(409)
		g.Post(mia+"/add-email-sign-in-method", object{"email": "mia@example.org"}).Want(409)
		g.Patch(mia+"/logout", nil).Want(409)
		g.Post(mia+"/accept-terms-and-conditions", nil).Want(409)
		g.Put(mia+fmt.Sprintf("/tags?branchId=%d", h.Branch("VIE")), []string{"vip"}).Want(409)
		g.Note("Only where it is asked for, lists show it.")
		g.Get(fmt.Sprintf("/customers?branchId=%d&blockState=DELETED", h.Branch("VIE"))).Want(200)
		if n := h.as("admin").Get("/customers?simple&searchText=mia").Want(200).Len(""); n != 0 {
			t.Errorf("the deleted customer is found by name")
		}
		g.Note("The address is free.")
		g.Post("/customers", object{"email": "mia@example.org", "branchId": h.Branch("VIE")}).Want(201)
	})
}

// Somebody who lives on by another profile is a customer again, with nothing of before.
func TestDeletedCustomerComesBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		made := h.as("admin").Post("/customers", object{"email": "none@example.org", "firstName": "Nora", "branchId": h.Branch("VIE")}).Want(201)
		path := fmt.Sprintf("/customers/%d", number(made, "id"))
		h.as("admin").Delete(path).Want(204)
		if state := h.as("admin").Get(path).Want(200).Text("blockState"); state != "DELETED" {
			t.Errorf("it is %s", state)
		}
		again := h.as("admin").Post("/customers", object{"email": "none@example.org", "branchId": h.Branch("VIE")}).Want(201)
		if again.At("firstName") != nil || again.Text("blockState") != "NONE" || number(again, "id") != number(made, "id") {
			t.Errorf("it is %s", again.Body)
		}
	})
}

// Of a delete and a start of a rental at once, one is refused.
func TestDeleteRacesRental(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.CLI
		a.API, a.Role, a.PersonID = roster.UserAPI, identity.RoleUser, h.Person("ida")
		h.Write(func(tx *store.Tx) error { return business.SetPaymentState(tx, a.PersonID, business.Invoicing) })
		path := h.of("ida", "")
		var wait sync.WaitGroup
		var rented error
		wait.Go(func() { _, rented = h.Mobility.CreateRental(t.Context(), a, mobility.NewRental{VehicleCode: "B-1"}) })
		status := h.as("admin").Delete(path).Status
		wait.Wait()
		if (status == 204) == (rented == nil) {
			t.Errorf("deleted: %d, and rented: %v", status, rented)
		}
	})
}

// Of two edits by the same version one is refused.
func TestEditsRace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		path := h.of("ida", "")
		version := number(h.as("admin").Get(path).Want(200), "version")
		var wait sync.WaitGroup
		var statuses [2]int
		for i := range statuses {
			wait.Go(func() {
				statuses[i] = h.as("admin").Set("If-Match", fmt.Sprintf(`"%d"`, version)).Patch(path, object{"city": fmt.Sprint("City ", i)}).Status
			})
		}
		wait.Wait()
		if statuses != [2]int{200, 412} && statuses != [2]int{412, 200} {
			t.Errorf("they answer %v", statuses)
		}
	})
}

// Whom an operator finds they may read, and no one else: by get, details and the lists.
func TestVisibility(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		random := rand.New(rand.NewPCG(3, 5))
		codes := []string{"AT", "VIE", "GRZ"}
		for i := range racetest.Scale(20) {
			home := codes[random.IntN(3)]
			made := h.as("admin").Post("/customers", object{"email": fmt.Sprintf("drawn%d@example.org", i), "branchId": h.Branch(home)}).Want(201)
			path := fmt.Sprintf("/customers/%d", number(made, "id"))
			in := map[string]bool{home: true}
			accepted := map[string]bool{}
			for range random.IntN(3) {
				code := codes[random.IntN(3)]
				h.as("admin").Post(path+fmt.Sprintf("/accept-terms-and-conditions?branchId=%d", h.Branch(code)), nil).Want(200)
				in[code], accepted[code] = true, true
			}
			for name, code := range map[string]string{"support": "VIE", "branch-b": "GRZ"} {
				want := 404
				if in[code] {
					want = 200
				}
				h.as(name).Get(path).Want(want)
				h.as(name).Get(path + "/details").Want(want)
				simple := h.as(name).Get(fmt.Sprintf("/customers?simple&searchText=drawn%d@", i)).Want(200).Len("")
				full := h.as(name).Get(fmt.Sprintf("/customers?branchId=%d&searchText=drawn%d@", h.Branch(code), i)).Want(200).Len("")
				if (simple == 1) != in[code] || (full == 1) != accepted[code] {
					t.Errorf("%s of %v, accepted %v: %d by ?simple and %d by the list", name, in, accepted, simple, full)
				}
			}
		}
	})
}

// branchIn and idIn find what a write needs by its code, and by the name before example.org.
func (h *house) branchIn(tx *store.Tx, code string) int64 {
	tree, err := identity.Branches(tx)
	if err != nil {
		h.T.Fatal(err)
	}
	return tree.ByCode(code).ID
}

func (h *house) idIn(tx *store.Tx, name string) int64 {
	c, err := identity.CustomerByEmail(tx, name+"@example.org")
	if err != nil {
		h.T.Fatal(err)
	}
	return c.ID
}
