package userapi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

// start has bikes ask this alone, as a set of roster apply spells it.
func (h *house) start(asked string) {
	h.T.Helper()
	h.Apply(h.CLI, "requirementSets:\n- {name: Bikes, branches: [AT], vehicleCategories: [bike], start: {"+asked+"}}\n")
}

// What a rental is refused with where one thing is asked and missing.
func TestRefusalsOfRentals(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden(h.ida, "refusals")
		own := func(what string) {
			t.Helper()
			g.Note(what)
			g.Post("/rentals", object{"vehicleCode": "B-1"}).Want(400)
		}
		for _, c := range []struct{ what, asked string }{
			{"Nothing is known of where they live.", "require: [STREET]"},
			{"", "require: [POSTCODE]"}, {"", "require: [CITY]"}, {"", "require: [COUNTRY]"}, {"", "require: [PHONE]"},
			{"They are verified in no way.", "require: [PHONE_VERIFIED]"}, {"", "require: [MANUAL_VERIFIED]"}, {"", "require: [EXTERNAL_VERIFIED]"},
			{"They bought no signup package, and have too little money.", "require: [SIGNUP_FEE_SETTLED]"},
			{"", "minimumBalanceWithoutPaymentSource: 5"},
			{"They are too old, or too young.", "maximumAge: 18"}, {"", "minimumAge: 60"},
		} {
			h.start(c.asked)
			own(c.what)
		}
		h.Apply(h.CLI, "settings:\n- {key: verification.idProvider, value: ONFIDO}\n- {key: rating.provider, value: CRIF}\n- {key: identityCards.enabled, value: true}\n")
		for _, asked := range []string{"ID_VERIFIED", "CREDIT_STATUS_APPROVED", "IDENTITY_CARD_ASSIGNED"} {
			h.start("require: [" + asked + "]")
			own("")
		}
		h.Write(func(tx *store.Tx) error {
			_, err := identity.UpdateCustomer(tx, h.Person("ida"), nil, func(c *identity.Customer) error {
				c.FirstName, c.LastName, c.Birthdate, c.EmailVerified, c.SignupFailed = "", "", "", false, true
				return nil
			})
			return err
		})
		for _, asked := range []string{"FIRST_NAME", "LAST_NAME", "BIRTHDATE", "EMAIL_VERIFIED", "SIGNUP_FEE_SETTLED"} {
			h.start("require: [" + asked + "]")
			own(map[bool]string{true: "They have no name, and the payment of their package failed."}[asked == "FIRST_NAME"])
		}
		h.start("require: []")

		g = h.as(g, "mia")
		onGroup := func(what string) {
			t.Helper()
			g.Note(what)
			g.Post("/rentals", object{"vehicleCode": "B-1", "userGroupCode": h.code}).Want(400)
		}
		approval := func(state string) {
			h.edit(func(a *business.Account) { a.Settings.RequireMemberApproval = state != business.ApprovalNotRequired })
			h.editMember("mia", func(m *business.Member) { m.Approval.State = state })
		}
		approval(business.ApprovalPending)
		onGroup("The group is yet to approve them.")
		approval(business.ApprovalNotRequired)
		h.edit(func(a *business.Account) { a.PaymentState = "NONE" })
		onGroup("It can't pay.")
		h.edit(func(a *business.Account) {
			a.PaymentState, a.AllowedBranchIDs = business.Invoicing, []int64{h.Branch("GRZ")}
		})
		onGroup("It is for Graz alone.")
		h.edit(func(a *business.Account) {
			a.AllowedBranchIDs, a.Settings.RequiredMemberProperties = nil, []string{"employeeNumber"}
		})
		onGroup("It asks more of its members.")
		h.edit(func(a *business.Account) { a.Settings.RequiredMemberProperties = nil })
		h.editMember("mia", func(m *business.Member) { m.Limit = business.Limit{Amount: 1, Currency: "EUR", Period: "MONTH"} })
		ride := h.mia.Post("/rentals", object{"vehicleCode": "B-1", "userGroupCode": h.code, "startRentalState": "ACTIVE"}).Want(201)
		h.mia.Post(fmt.Sprintf("/rentals/%d/end", number(ride, "id")), nil).Want(200)
		onGroup("They have spent what they may.")
		h.editMember("mia", func(m *business.Member) { m.Limit = business.Limit{} })
		h.billed(h.group, h.Person("mia"))
		h.Clock.Forward(60 * 24 * time.Hour)
		onGroup("It has not paid.")
	})
}
