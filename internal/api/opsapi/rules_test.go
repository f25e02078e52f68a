package opsapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Whatever way a customer is written, the same is refused: what is no category, and
// what would leave them without a way to sign in, or paying by what is not there.
func TestCustomerRules(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.as("admin"), "customer_rules")
		create := func(field string, value any) {
			g.Post("/customers", object{"email": "new@example.org", "branchId": h.Branch("VIE"), "authenticationType": "EMAIL_CODE", "reason": "new", field: value}).Want(400)
		}
		create("drivingLicenseCategories", []string{"Z"})
		create("drivingLicenseCategories", []string{"B", "B"})
		create("customProperties", object{strings.Repeat("k", 65): "v"})
		g.Note("The last way to sign in is by the address, then by the number.")
		h.signsIn("ida", identity.EmailPassword)
		g.Patch(h.of("ida", ""), object{"email": nil}).Want(409)
		h.signsIn("olga", identity.PhoneCode)
		g.Patch(h.of("olga", ""), object{"phone": nil}).Want(409)
		h.as("admin").Patch(h.of("olga", ""), object{"phone": "+436601234599"}).Want(200)
		g.Note("Nothing pays, and nothing is verified, that is not there.")
		g.As(h.tokens["accounting"]).Patch(h.of("ida", ""), object{"paymentState": "SOURCE_ADDED"}).Want(400)
		nobody := h.Person("uma")
		h.as("admin").Patch(fmt.Sprintf("/customers/%d", nobody), object{"email": nil}).Want(200)
		g.Patch(fmt.Sprintf("/customers/%d", nobody), object{"emailIsVerified": true}).Want(400)
		g.Patch(fmt.Sprintf("/customers/%d", nobody), object{"idDocumentType": "LIBRARY_CARD"}).Want(400)
	})
}

// A list tells of a license what a get tells, and tags are found however they are
// written.
func TestListsReadAsOfToday(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, vie := h.as("admin"), h.Branch("VIE")
		admin.Patch(h.of("ida", ""), object{"licenseVerificationState": "VERIFIED", "licenseExpirationDate": "2026-06-30"}).Want(200)
		admin.Put(h.of("mia", "/tags?branchId=%d", vie), object{"tags": []string{"Vip", "late"}}).Want(200)
		admin.Put(h.of("max", "/tags?branchId=%d", vie), object{"tags": []string{"late"}}).Want(200)
		list := func(query string, want int) {
			t.Helper()
			if n := admin.Get(fmt.Sprintf("/customers?branchId=%d&%s", vie, query)).Want(200).Len(""); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
		list("licenseVerificationState=VERIFIED", 1)
		list("licenseVerificationState=EXPIRED_LICENSE", 0)
		h.Clock.Forward(150 * 24 * time.Hour)
		list("licenseVerificationState=VERIFIED", 0)
		list("licenseVerificationState=EXPIRED_LICENSE", 1)
		if state := admin.Get(fmt.Sprintf("/customers?branchId=%d&searchText=ida", vie)).Want(200).Text("0.licenseVerificationState"); state != "EXPIRED_LICENSE" {
			t.Errorf("the list says %s", state)
		}
		admin.Get(fmt.Sprintf("/customers?branchId=%d&licenseVerificationState=GONE", vie)).Want(400)
		list("tag=vip", 1)
		list("tag=VIP&tag=Late", 2)
		list("tag=none", 0)
	})
}

// Of terms that were accepted in several versions, the details tell that which counts.
func TestDetailsTellTheTermsThatCount(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, vie := h.as("admin"), h.Branch("VIE")
		terms := admin.Get(h.of("ida", "/details?branchId=%d", vie)).Want(200)
		old := number(terms, "currentTerms.tacId")
		h.Apply(h.CLI, "terms:\n- {branch: AT, termsAndConditionsText: Be kinder., termsAndConditionsUrl: \"https://example.org/terms\"}\n")
		admin.Post(h.of("ida", "/accept-terms-and-conditions?branchId=%d", vie), object{}).Want(200)
		admin.Post(h.of("ida", "/accept-terms-and-conditions?branchId=%d&tacId=%d", vie, old), object{}).Want(200)
		d := admin.Get(h.of("ida", "/details?branchId=%d", vie)).Want(200)
		if d.Text("termsAndConditionsAcceptanceState") != "ACCEPTED" || number(d, "acceptedTerms.tacId") != number(d, "currentTerms.tacId") || number(d, "currentTerms.tacId") == old {
			t.Errorf("%s", d.Body)
		}
	})
}

// What a customer owes and nobody has billed keeps them from being deleted.
func TestDeleteBillsFirst(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ida := h.Person("ida")
		h.Write(func(tx *store.Tx) error {
			tx.Housekeeping()
			return business.PostCharges(tx, []*business.Charge{{
				AccountID: ida, Kind: business.RentalCharge, SourceID: 77, MemberID: ida, BusinessUnitID: h.unit("at"), BranchID: h.Branch("VIE"), Currency: "EUR",
				Time: tx.Now, Price: roster.Price{Net: 5_0000, Tax: 1_0000, Gross: 6_0000},
			}})
		})
		if code := h.as("admin").Delete(h.of("ida", "")).Want(409).Text("errorCode"); code != "U944" {
			t.Errorf("refused with %s", code)
		}
		h.Clock.Forward(time.Second)
		if _, err := h.Business.CloseUntil(t.Context(), h.CLI, ida, roster.MomentAt(h.Clock.Micros())); err != nil {
			t.Fatal(err)
		}
		bills := h.as("admin").Get(fmt.Sprintf("/invoices?accountId=%d", ida)).Want(200)
		if bills.Len("") != 1 {
			t.Fatalf("%s", bills.Body)
		}
		h.as("accounting").Patch(fmt.Sprintf("/invoices/%d", number(bills, "0.id")), object{"state": "PAID"}).Want(200)
		h.as("admin").Delete(fmt.Sprintf("/customers/%d", ida)).Want(204)
	})
}

// Ids that can't be anybody's, and categories that nobody has, are refused; a group
// without cost centers has an empty list of them.
func TestGroupRules(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden(h.as("admin"), "group_rules")
		h.as("admin").Post(on(h.group, "/remove-members"), object{"userIds": []int{-5}}).Want(400)
		h.as("admin").Post(on(h.group, "/create-join-requests"), object{"userIds": []int{0}}).Want(400)
		g.Post(on(h.group, "/add-members"), object{"userIds": []int{0}}).Want(400)
		g.Patch(on(h.group, ""), object{"allowedVehicleCategoryIds": []int{999}}).Want(400)
		if all, ok := h.as("admin").Get(on(h.rexGroup, "")).Want(200).At("costCenters").([]any); !ok || len(all) != 0 {
			t.Errorf("cost centers: %v", all)
		}
	})
}

// A card counts where it is: the log names its branch, whoever gets it; and who reads
// only the customer's branch is not shown it.
func TestCardsCountWhereTheyAre(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.as("admin")
		card := admin.Post("/customer-identity-cards", object{"cardNumber": "G-77", "branchId": h.Branch("GRZ")}).Want(201)
		admin.Post(fmt.Sprintf("/customer-identity-cards/%d/assign", number(card, "id")), object{"userId": h.Person("ida")}).Want(200)
		row := admin.Get("/audit?operation=identity_card.assign&size=1").Want(200)
		if number(row, "0.branchId") != h.Branch("GRZ") || row.Text("0.permission") != "IDENTITY_CARD_WRITE" {
			t.Errorf("the log says %s", row.Body)
		}
		for who, want := range map[string]int{"admin": 1, "support": 0} {
			if n := h.as(who).Get(h.of("ida", "/details")).Want(200).Len("identityCards"); n != want {
				t.Errorf("%s is shown %d cards", who, n)
			}
		}
	})
}

// One person is invited once, by their id and by their address.
func TestInvitedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.as("admin").Post(on(h.group, "/create-join-requests"), object{"userIds": []int64{h.Person("ida")}, "emails": []string{"ida@example.org"}}).Want(200)
		if r.Len("requests") != 1 || r.Text("errors.0.errorCode") != business.CodePending {
			t.Errorf("%s", r.Body)
		}
	})
}

// A group that is deleted is billed, since its cycles end.
func TestDeletedGroupIsBilled(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Clock.Forward(2 * time.Hour)
		h.charged(h.group, 77)
		h.as("admin").Delete(on(h.group, "")).Want(204)
		if bills := h.as("admin").Get(fmt.Sprintf("/invoices?accountId=%d", h.group)).Want(200); bills.Len("") != 1 {
			t.Errorf("%s", bills.Body)
		}
	})
}

// A business unit is paid by a gateway that there is.
func TestUnknownGateway(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.as("admin").Post("/business-units", object{
			"name": "New", "code": "new", "currency": "EUR", "taxPercentage": 20, "timezone": "Europe/Vienna", "paymentConfiguration": object{"gateway": "FOO"},
		}).Want(400)
	})
}
