package opsapi_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		vie, at := text(h.Branch("VIE")), text(h.Branch("AT"))
		g := h.golden(h.as("admin"), "settings")
		const key = "/settings-management/billing.paymentTermDays"
		g.Get(key).Want(200)
		g.Put(key, object{"value": 10}).Want(200)
		g.Put(key+"?branchId="+at, object{"value": 20}).Want(200)
		g.Get(key + "?branchId=" + vie).Want(200)
		g.Put(key+"?branchId="+vie, object{"value": 30}).Want(200)
		g.Put(key+"?branchId="+vie, object{"value": 30}).Want(200)
		g.Note("A program reads what it knows; what is unknown or the server's own is left out.")
		g.Get("/settings?branchId=" + vie + "&key=billing.paymentTermDays&key=nothing&key=rating.provider&key=dashboard.supportNotice&key=billing.paymentTermDays").Want(200)
		g.Get("/settings?key=nothing").Want(200)
		g.Note("A branch that says nothing inherits.")
		g.Delete(key + "?branchId=" + vie).Want(204)
		g.Delete(key + "?branchId=" + vie).Want(204)
		g.Get(key + "?branchId=" + vie).Want(200)
		g.Note("The only root is the tenant: one value, with branchId and without.")
		g.Get(key).Want(200)
		g.Put(key, object{"value": 21}).Want(200)
		g.Get(key + "?branchId=" + at).Want(200)
		g.Delete(key + "?branchId=" + at).Want(204)
		g.Get(key).Want(200)
		g.Note("What is the whole tenant's is said there alone.")
		const retention = "/settings-management/verification.mediaRetentionDays"
		g.Put(retention+"?branchId="+vie, object{"value": 5}).Want(400)
		g.Put(retention+"?branchId="+at, object{"value": 5}).Want(200)
		g.Get(retention).Want(200)
		g.Get("/settings-management?scope=DASHBOARD&sort=key,asc").Want(200)
		g.Get("/settings-management?searchText=BILLINGCYCLE").Want(200)
		g.Note("Refusals.")
		g.Get("/settings-management?sort=id").Want(400)
		g.Get("/settings").Want(400)
		g.Get("/settings?key=x&branchId=999").Want(404)
		g.Get("/settings-management/nothing").Want(404)
		g.Put("/settings-management/nothing", object{"value": 1}).Want(404)
		g.Put(key, object{"value": -1}).Want(400)
		g.Put(key, object{"value": "ten"}).Want(400)
		g.Put(key, object{"value": nil}).Want(400)
		g.Put(key, object{}).Want(400)
		g.Put("/settings-management/rating.provider", object{"value": "SCHUFA"}).Want(400)
		g.Delete(key).Want(400)
		first, last := h.as("admin").Get("/settings-management").Want(200), h.as("admin").Get("/settings-management?sort=key,desc").Want(200)
		if n := first.Len(""); first.Text("0.key") != last.Text(fmt.Sprintf("%d.key", n-1)) || first.Text("0.key") == last.Text("0.key") {
			t.Errorf("%d settings begin with %s, and the other way with %s", n, first.Text("0.key"), last.Text("0.key"))
		}
		g.Delete(key + "?branchId=999").Want(404)
		g = g.As(h.tokens["admin-b"])
		g.Note("As the admin of GRZ:")
		g.Put(key, object{"value": 1}).Want(403)
		g.Put(key+"?branchId="+vie, object{"value": 1}).Want(403)
		h.as("admin-b").Get(key).Want(200)
		h.as("admin-b").Put(key+"?branchId="+text(h.Branch("GRZ")), object{"value": 1}).Want(200)
	})
}

// Nobody is shown a secret, neither by an answer nor by a plan.
func TestSecretSettings(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const key, secret = "/settings-management/verification.onfido.apiToken", "api_live.top-secret"
		g := h.golden(h.as("admin"), "secret_settings")
		g.Get(key).Want(200)
		g.Put(key, object{"value": secret}).Want(200)
		g.Put(key, object{"value": secret}).Want(200)
		g.Get(key + "?branchId=" + text(h.Branch("VIE"))).Want(200)
		g.Note("No program reads it.")
		g.Get("/settings?key=verification.onfido.apiToken").Want(200)
		g.Note("It is the tenant's, and a line of ASCII.")
		g.Put(key+"?branchId="+text(h.Branch("VIE")), object{"value": secret}).Want(400)
		g.Put(key, object{"value": "two\nlines"}).Want(400)
		g.Put(key, object{"value": 7}).Want(400)
		g.Put(key, object{"value": nil}).Want(400)
		tenant := h.CLI.Tenant
		if got, err := h.Identity.SecretOf(t.Context(), tenant, "verification.onfido.apiToken"); got != secret || err != nil {
			t.Errorf("the server reads %q, %v", got, err)
		}
		plan := h.as("admin").Set("Roster-Plan", "true").Put(key, object{"value": "another-secret"}).Want(200)
		if strings.Contains(string(plan.Body), "secret\"") {
			t.Errorf("a plan shows %s", plan.Body)
		}
		g.Note("Empty text removes it, and so does DELETE.")
		g.Put(key, object{"value": ""}).Want(200)
		g.Put(key, object{"value": secret}).Want(200)
		g.Delete(key + "?branchId=" + text(h.Branch("AT"))).Want(204)
		if got, err := h.Identity.SecretOf(t.Context(), tenant, "verification.onfido.apiToken"); got != "" || err != nil {
			t.Errorf("the server reads %q, %v", got, err)
		}
	})
}

func TestExists(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		vie, grz := text(h.Branch("VIE")), text(h.Branch("GRZ"))
		for _, c := range []struct {
			token, query string
			want         bool
		}{
			{"support", "permission=USER_WRITE", true},
			{"support", "permission=USER_DELETE", false},
			{"support", "permission=USER_WRITE&branchId=" + vie, true},
			{"support", "permission=USER_WRITE&branchId=" + grz, false},
			{"support", "role=CUSTOMER_SUPPORT", true},
			{"support", "role=customer%20support&branchId=" + vie, true},
			{"support", "role=Customer+support&branchId=" + grz, false},
			{"support", "role=ADMIN", false},
			{"support", "role=ADMIN&permission=USER_WRITE", false},
			{"admin", "role=admin&permission=USER_DELETE&branchId=" + vie, true},
			{"client", "role=ADMIN&branchId=" + vie, true},
			{"none", "permission=USER_READ", false},
		} {
			if a := h.as(c.token).Get("/roles/assignments/exists?" + c.query).Want(200); a.At("exists") != c.want {
				t.Errorf("%s of %s: %s", c.query, c.token, a.Body)
			}
		}
		g := h.golden(h.as("support"), "exists")
		g.Get("/roles/assignments/exists?permission=USER_READ").Want(200)
		g.Get("/roles/assignments/exists").Want(400)
		g.Get("/roles/assignments/exists?permission=FLY").Want(400)
		g.Get("/roles/assignments/exists?permission=USER_READ&branchId=999").Want(404)
	})
}

// Nothing of what an operator may do is in the token: it changes with the role.
func TestRolesActAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		none := h.as("none")
		none.Get("/business-units").Want(403)
		h.role("none", "AT", "BUSINESS_UNIT_READ")
		none.Get("/business-units").Want(200)
		h.role("none", "AT", "USER_READ")
		none.Get("/business-units").Want(403)
	})
}
