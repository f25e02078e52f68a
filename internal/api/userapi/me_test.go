package userapi_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

func TestMe(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.mia, "me")
		g.Get("/me").Want(200)
		g.Patch("/me", object{
			"street": "Ring 1", "postcode": "1010", "city": "Vienna", "country": "AT", "language": "de-AT", "newsletter": true, "phone": "+436601112223",
			"customProperties": object{"shoe": "38"}, "colour": "red", "id": 99, "creditStatus": "APPROVED",
		}).Want(200)
		g.Note("A new address is not verified.")
		g.Patch("/me", object{"email": "Mia.M@example.org", "street": nil, "customProperties": object{"shoe": nil}}).Want(200)
		g.Set("If-Match", `"1"`).Patch("/me", object{"city": "Graz"}).Want(412)
		g.Patch("/me", object{}).Want(200)
		g.Note("While a document says them, name and date of birth stay.")
		g.Patch("/me", object{"lastName": "Other"}).Want(403)
		i := h.as(g, "ida")
		i.Patch("/me", object{"lastName": "Other", "birthdate": "1991-06-02"}).Want(200)
		i.Patch("/me", object{"birthdate": "1991-02-30"}).Want(400)
		i.Patch("/me", object{"birthdate": "2091-01-01"}).Want(400)
		i.Patch("/me", object{"country": "Austria"}).Want(400)
		i.Patch("/me", object{"newsletter": nil}).Want(400)
		i.Patch("/me", object{"newsletter": "yes"}).Want(400)
		i.Patch("/me", object{"phone": "12"}).Want(400)
		i.Patch("/me", object{"email": "nobody"}).Want(400)
		i.Patch("/me", object{"email": "rex@example.org"}).Want(409)
		i.Patch("/me", object{"phone": "+436601234567"}).Want(409)
		i.Patch("/me", object{"blockState": "NONE"}).Want(403)
	})
}

func TestTerms(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.uma, "terms")
		g.Get("/me/terms-and-conditions").Want(200)
		g.Post("/me/accept-terms-and-conditions", nil).Want(200)
		g.Post("/me/accept-terms-and-conditions", object{}).Want(200)
		g.Note("A new version: the old one may be accepted, and is not the current one.")
		h.Apply(h.CLI, newTerms)
		g.Get(fmt.Sprintf("/me/terms-and-conditions?branchId=%d", h.Branch("GRZ"))).Want(200)
		g.Post(fmt.Sprintf("/me/accept-terms-and-conditions?branchId=%d", h.Branch("GRZ")), object{"tacId": 1}).Want(200)
		g.Post(fmt.Sprintf("/me/accept-terms-and-conditions?branchId=%d", h.Branch("GRZ")), object{"tacId": 2}).Want(200)
		g.Get("/me").Want(200)
		g.Get("/me/terms-and-conditions?branchId=99").Want(404)
		g.Get("/me/terms-and-conditions?branchId=home").Want(400)
		g.Post("/me/accept-terms-and-conditions?branchId=99", nil).Want(404)
		g.Post("/me/accept-terms-and-conditions", object{"tacId": 99}).Want(404)
		g.Note("Terms of a branch that lies elsewhere do not count here.")
		h.Apply(h.CLI, "terms:\n- {branch: GRZ, termsAndConditionsText: In Graz., termsAndConditionsUrl: \"https://example.org/graz\"}\n")
		g.Post("/me/accept-terms-and-conditions", object{"tacId": 3}).Want(400)
	})
}

func TestPaymentSources(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		g := h.golden(h.ida, "payment_sources")
		g.Get("/me/payment-sources").Want(200)
		first := number(g.Post("/me/payment-sources", object{"type": "CREDIT_CARD", "label": "Mine"}).Want(201), "id")
		second := number(g.Post("/me/payment-sources", object{"type": "SEPA", "isDefault": true}).Want(201), "id")
		g.Get("/me/payment-sources?sort=id,asc").Want(200)
		g.Get("/me/payment-sources?size=1&page=1").Want(200)
		g.Post("/me/payment-sources", object{}).Want(400)
		g.Post("/me/payment-sources", object{"type": "GOLD"}).Want(400)
		g.Note("A gateway is asked: that cannot be tried without being done.")
		g.Set("Roster-Plan", "true").Post("/me/payment-sources", object{"type": "SEPA"}).Want(400)
		g.Delete(fmt.Sprintf("/me/payment-sources/%d", second)).Want(204)
		g.Delete(fmt.Sprintf("/me/payment-sources/%d", second)).Want(404)
		g.Note("Somebody else's is not there.")
		h.as(g, "mia").Delete(fmt.Sprintf("/me/payment-sources/%d", first)).Want(404)
		g.Delete(fmt.Sprintf("/me/payment-sources/%d", first)).Want(204)

		g.Note("A group's, by its managers.")
		o := h.as(g, "olga")
		source := number(o.Post(h.managed("/payment-sources"), object{"type": "INVOICING"}).Want(201), "id")
		o.Get(h.managed("/payment-sources")).Want(200)
		o.Post(h.managed("/payment-sources"), object{"type": "GOLD"}).Want(400)
		o.Set("Roster-Plan", "true").Post(h.managed("/payment-sources"), object{"type": "SEPA"}).Want(400)
		m := h.as(g, "mia")
		m.Get(h.managed("/payment-sources")).Want(403)
		m.Post(h.managed("/payment-sources"), object{"type": "SEPA"}).Want(403)
		m.Delete(h.managed("/payment-sources/%d", source)).Want(403)
		r := h.as(g, "rex")
		r.Get(h.managed("/payment-sources")).Want(404)
		r.Post(h.managed("/payment-sources"), object{"type": "SEPA"}).Want(404)
		r.Delete(h.managed("/payment-sources/%d", source)).Want(404)
		o.Delete(h.managed("/payment-sources/%d", source)).Want(204)
		o.Delete(h.managed("/payment-sources/%d", source)).Want(404)
	})
}

func TestSignupPackage(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.set("signup.fee", `"9.90"`)
		g := h.golden(h.ida, "signup_package")
		g.Post("/me/signup-package", nil).Want(400)
		h.ida.Post("/me/payment-sources", object{"type": "SEPA"}).Want(201)
		g.Set("Roster-Plan", "true").Post("/me/signup-package", nil).Want(400)
		g.Post("/me/signup-package", nil).Want(200)
		g.Note("What is bought is not bought twice.")
		g.Post("/me/signup-package", nil).Want(200)
		g.Note("A branch without a fee:")
		h.set("signup.fee", `"0"`)
		h.as(g, "mia").Post("/me/signup-package", nil).Want(200)
	})
}

func TestVouchers(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.mia.Post("/me/payment-sources", object{"type": "SEPA"}).Want(201)
		h.voucher(h.Person("mia"))
		h.voucher(h.Person("mia"))
		h.voucher(h.group)
		h.drive("mia", "B-1", "", 40, nil)
		g := h.golden(h.mia, "vouchers")
		g.Get("/me/vouchers?sort=id,asc").Want(200)
		g.Get("/me/vouchers?size=1").Want(200)
		g.Get("/me/vouchers?sort=value").Want(400)
		h.as(g, "olga").Get(h.managed("/vouchers")).Want(200)
		h.as(g, "mia").Get(h.managed("/vouchers")).Want(403)
		h.as(g, "rex").Get(h.managed("/vouchers")).Want(404)
	})
}

func TestVehicles(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.mia.Post("/rentals", object{"vehicleCode": "C-1", "userGroupCode": h.code}).Want(201)
		vie := h.Branch("VIE")
		g := h.golden(h.ida, "vehicles")
		g.Note("Those that nobody has; the nearest first where a place is given.")
		g.Get("/vehicles").Want(200)
		g.Get(fmt.Sprintf("/vehicles?branchId=%d&vehicleCategoryId=1&lat=48.2182&lng=16.3738", vie)).Want(200)
		g.Get("/vehicles?lat=48.2082&lng=16.3738&radius=500").Want(200)
		g.Get("/vehicles?sort=id,desc&size=2").Want(200)
		g.Get("/vehicles?radius=500").Want(400)
		g.Get("/vehicles?lng=16").Want(400)
		g.Get("/vehicles?lat=90.5&lng=16").Want(400)
		g.Get("/vehicles?branchId=99").Want(404)
		g.Get(fmt.Sprintf("/tariffs?branchId=%d", vie)).Want(200)
		g.Get(fmt.Sprintf("/tariffs?branchId=%d&sort=id,asc&size=1", vie)).Want(200)
		g.Get("/tariffs").Want(400)
		g.Get("/tariffs?branchId=99").Want(404)
	})
}

// A client acts for riders whom it made, and for no others.
func TestImpersonation(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		c, key, err := h.Identity.CreateClient(t.Context(), h.CLI, roster.UserAPI, identity.RoleAPIClient, identity.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := h.Identity.SignInClient(t.Context(), identity.From{Tenant: "acme"}, c.ID, key, roster.UserAPI)
		if err != nil {
			t.Fatal(err)
		}
		token := tokens.Access
		h.Write(func(tx *store.Tx) error {
			_, err := identity.UpdateCustomer(tx, h.Person("ida"), nil, func(u *identity.Customer) error {
				u.MadeByClient = c.ID
				return nil
			})
			return err
		})
		ida, mia := h.ida.Get("/me").Want(200).Text("uuid"), h.mia.Get("/me").Want(200).Text("uuid")
		g := h.golden(h.nobody.As(token), "impersonation")
		g.Get("/groups").Want(403)
		g.Set("GoUrban-Impersonate", mia).Get("/groups").Want(403)
		g.Set("GoUrban-Impersonate", ida).Get("/groups").Want(200)
		if name := h.nobody.As(token).Set("X-Impersonate-User", ida).Get("/me").Want(200).Text("firstName"); name != "Ida" {
			t.Errorf("it acts for %s", name)
		}
		g.Note("A rider acts for nobody else.")
		h.as(g, "olga").Set("GoUrban-Impersonate", ida).Get("/me").Want(403)
	})
}

// gateway is a payment provider that says what a test wants.
type gateway struct {
	setup  business.SourceResult
	failed error
	charge business.Outcome
}

func (g *gateway) Setup(context.Context, business.SourceSetup) (business.SourceResult, error) {
	return g.setup, g.failed
}
func (g *gateway) Remove(context.Context, roster.Tenant, string) error { return nil }
func (g *gateway) Charge(context.Context, business.Payment) (business.Outcome, error) {
	return g.charge, nil
}

// What a payment provider says reaches the rider.
func TestPaymentGateway(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.Apply(h.CLI, `
businessUnits: [{code: pay, name: Pay, currency: EUR, taxPercentage: 20, paymentConfiguration: {gateway: FAKE}}]
branches: [{code: PAY, name: Pay, businessUnit: pay}, {code: NIL, name: Nowhere}]
settings: [{key: signup.fee, branch: PAY, value: "9.90"}]
customers: [{email: pat@example.org, firstName: Pat, homeBranch: PAY}, {email: nil@example.org, firstName: Nil, homeBranch: NIL}]
`)
		for _, name := range []string{"pat", "nil"} {
			h.tokens[name] = h.token(h.CLI, h.Person(name))
		}
		g := h.golden(h.nobody.As(h.tokens["pat"]), "payment_gateway")
		g.Note("One that is not installed:")
		g.Post("/me/payment-sources", object{"type": "CREDIT_CARD"}).Want(503)
		provider := &gateway{
			setup: business.SourceResult{Reference: "seti_1", State: business.SourcePending, Next: map[string]string{"clientSecret": "seti_1_secret"}},
		}
		h.Business.AddGateway("FAKE", provider)
		g.Note("One that wants more of the rider:")
		g.Post("/me/payment-sources", object{"type": "CREDIT_CARD"}).Want(201)
		g.Get("/me/payment-sources").Want(200)
		g.Note("One that refuses:")
		provider.failed = roster.Errorf(roster.Invalid, business.CodePaymentRefused, "the card is not accepted")
		g.Post("/me/payment-sources", object{"type": "CREDIT_CARD"}).Want(400)
		provider.failed = nil
		provider.setup = business.SourceResult{Reference: "seti_2", State: business.SourceActive, Brand: "Visa", Last4: "4242", ExpiryMonth: 12, ExpiryYear: 2029}
		g.Post("/me/payment-sources", object{"type": "CREDIT_CARD"}).Want(201)
		provider.charge = business.PaymentRefused
		g.Post("/me/signup-package", nil).Want(400)
		provider.charge = business.PaymentPending
		g.Post("/me/signup-package", nil).Want(200)
		g.Note("A branch that nobody bills:")
		n := h.as(g, "nil")
		n.Post("/me/payment-sources", object{"type": "CREDIT_CARD"}).Want(404)
		n.Post("/me/signup-package", nil).Want(404)
		n.Get(fmt.Sprintf("/tariffs?branchId=%d", h.Branch("NIL"))).Want(200)
	})
}
