package opsapi_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/store"
)

// row is one call of the API on something of VIE, or of the tenant, and the status
// that each token gets. What stands in braces is filled in from the house.
type row struct {
	method, path, body string
	permission         string // that the call needs, or several, all of them; "" for none
	at                 string // where it needs it: a branch's code, or anywhere
	ok                 int    // what admin and client get
	support, accounting, adminB, branchB,
	none int
}

// rows has each call of contract/mobility.md §8. An operator without a role gets
// 403 where a row says nothing else.
var rows = []row{
	{"GET", "/groups?branchId={vie}", "", "USER_GROUP_READ", "VIE", 200, 200, 200, 403, 403, 403},
	{"POST", "/groups", `{"name":"New","branchId":{vie}}`, "USER_GROUP_WRITE", "VIE", 201, 403, 403, 403, 403, 403},
	{"GET", "/groups/{group}", "", "USER_GROUP_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"PATCH", "/groups/{group}", `{"companyName":"Acme Ltd"}`, "USER_GROUP_WRITE", "VIE", 200, 403, 403, 404, 403, 403},
	{"DELETE", "/groups/{group}", "", "USER_GROUP_DELETE", "VIE", 204, 403, 403, 404, 403, 403},
	{"GET", "/groups/{group}/payment-sources", "", "PAYMENT_SOURCE_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"GET", "/groups/{group}/billing-summary", "", "USER_GROUP_BILLING_READ", "VIE", 200, 403, 200, 404, 403, 403},
	{"PUT", "/groups/{group}/tags", `{"tags":["vip"]}`, "USER_GROUP_WRITE", "VIE", 200, 403, 403, 404, 403, 403},

	{"GET", "/groups/{group}/members", "", "USER_GROUP_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"POST", "/groups/{group}/add-member", `{"userId":{ida}}`, "USER_GROUP_MEMBER_WRITE", "VIE", 201, 201, 403, 404, 404, 403},
	{"POST", "/groups/{group}/add-members", `{"userIds":[{ida}]}`, "USER_GROUP_MEMBER_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"POST", "/groups/{group}/create-join-requests", `{"userIds":[{ida}]}`, "USER_GROUP_MEMBER_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"POST", "/groups/{group}/remove-members", `{"userIds":[{mia}]}`, "USER_GROUP_MEMBER_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"GET", "/groups/{group}/members/{mia}", "", "USER_GROUP_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"PUT", "/groups/{group}/members/{mia}", `{"role":"ADMIN","state":"ACTIVE"}`, "USER_GROUP_MEMBER_WRITE", "VIE", 200, 200, 403, 404, 404, 403},

	{"GET", "/invoices?accountId={group}", "", "USER_GROUP_BILLING_READ", "anywhere", 200, 403, 200, 200, 403, 403},
	{"GET", "/invoices/{invoice}", "", "USER_GROUP_BILLING_READ", "VIE", 200, 403, 200, 404, 403, 403},
	{"PATCH", "/invoices/{invoice}", `{"state":"PAID"}`, "USER_GROUP_BILLING_WRITE", "VIE", 200, 403, 200, 404, 403, 403},
	{"POST", "/groups/{group}/billing-cycles/close", `{"until":"2026-03-01"}`, "USER_GROUP_BILLING_WRITE", "VIE", 200, 403, 200, 404, 403, 403},

	{"POST", "/bookings/{booking}/abort", "", "USER_WRITE", "VIE", 200, 200, 403, 404, 404, 403},

	{"GET", "/audit?accountId={ida}", "", "AUDIT_READ", "anywhere", 200, 403, 403, 200, 403, 403},

	{"GET", "/business-units", "", "BUSINESS_UNIT_READ", "anywhere", 200, 200, 200, 200, 200, 403},
	{"POST", "/business-units", `{"name":"New","code":"new","currency":"EUR","taxPercentage":20}`, "BUSINESS_UNIT_WRITE", "AT", 201, 403, 403, 403, 403, 403},
	{"GET", "/business-units/{spare}", "", "BUSINESS_UNIT_READ", "AT", 200, 404, 200, 404, 404, 403},
	{"PUT", "/business-units/{spare}", `{"name":"Other","code":"spare","currency":"CHF","taxPercentage":8.1}`, "BUSINESS_UNIT_WRITE", "AT", 200, 403, 403, 404, 403, 403},
	{"DELETE", "/business-units/{spare}", "", "BUSINESS_UNIT_WRITE", "AT", 204, 403, 403, 404, 403, 403},

	{"GET", "/roles/assignments/exists?permission=USER_READ", "", "", "", 200, 200, 200, 200, 200, 200},
	{"GET", "/settings?key=drivingLog.enabled&branchId={vie}", "", "SETTING_READ", "VIE", 200, 200, 200, 403, 403, 403},
	{"GET", "/settings-management?branchId={vie}", "", "SETTING_WRITE", "VIE", 200, 403, 403, 403, 403, 403},
	{"GET", "/settings-management/drivingLog.enabled?branchId={vie}", "", "SETTING_WRITE", "VIE", 200, 403, 403, 403, 403, 403},
	{"PUT", "/settings-management/drivingLog.enabled?branchId={vie}", `{"value":false}`, "SETTING_WRITE", "VIE", 200, 403, 403, 403, 403, 403},
	{"DELETE", "/settings-management/drivingLog.enabled?branchId={vie}", "", "SETTING_WRITE", "VIE", 204, 403, 403, 403, 403, 403},

	{"GET", "/customers?branchId={vie}", "", "USER_LIST", "VIE", 200, 200, 200, 403, 403, 403},
	{"GET", "/customers?simple&branchId={vie}", "", "USER_LIST", "VIE", 200, 200, 200, 403, 403, 403},
	{"POST", "/customers", `{"email":"new@example.org","branchId":{vie}}`, "USER_WRITE", "VIE", 201, 201, 403, 403, 403, 403},
	{"GET", "/customers/{ida}", "", "USER_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"GET", "/customers/{ida}/details?branchId={vie}", "", "USER_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"GET", "/customers/{ida}/groups", "", "USER_READ USER_GROUP_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"GET", "/customers/{ida}/payment-sources?branchId={vie}", "", "PAYMENT_SOURCE_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"PATCH", "/customers/{ida}", `{"firstName":"Other"}`, "USER_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"PATCH", "/customers/{ida}", `{"idVerificationState":"VERIFIED"}`, "USER_WRITE VERIFICATION_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"DELETE", "/customers/{ida}", "", "USER_DELETE", "VIE", 204, 403, 403, 404, 403, 403},
	{"GET", "/customers/{ida}/export", "", "USER_EXPORT", "VIE", 200, 403, 403, 404, 403, 403},
	{"PUT", "/customers/{ida}/tags?branchId={vie}", `["vip"]`, "USER_WRITE", "VIE", 200, 200, 403, 404, 404, 403},

	{"GET", "/customers/{ida}/refresh-tokens", "", "USER_ACCESS_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"POST", "/customers/{mia}/password-reset-email", "", "USER_ACCESS_WRITE", "VIE", 202, 202, 403, 404, 404, 403},
	{"POST", "/customers/reset/{email}", "", "USER_ACCESS_WRITE", "anywhere", 202, 202, 403, 202, 202, 403},
	{"POST", "/customers/{ida}/add-email-sign-in-method", `{"email":"ida@example.org"}`, "USER_ACCESS_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"POST", "/customers/{ida}/add-phone-sign-in-method", `{"phone":"+436607654321"}`, "USER_ACCESS_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"POST", "/customers/{ida}/add-email-code-sign-in-method", `{"email":"ida@example.org"}`, "USER_ACCESS_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"POST", "/customers/{mia}/remove-sign-in-method", `{"authenticationType":"EMAIL_CODE"}`, "USER_ACCESS_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"DELETE", "/customers/{ida}/mfa", "", "USER_ACCESS_WRITE", "VIE", 204, 204, 403, 404, 404, 403},
	{"PATCH", "/customers/{ida}/logout", "", "USER_ACCESS_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"PATCH", "/customers/logout?role=USER&branchId={vie}", "", "USER_LOGOUT_BULK", "VIE", 200, 403, 403, 403, 403, 403},

	{"GET", "/customers/{ida}/ratings", "", "RATING_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"GET", "/customers/{group}/ratings", "", "RATING_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"POST", "/customers/{ida}/ratings", `{"status":"APPROVED"}`, "RATING_WRITE", "VIE", 201, 403, 201, 404, 403, 403},
	{"POST", "/customers/{group}/ratings", `{"status":"APPROVED"}`, "RATING_WRITE", "VIE", 201, 403, 201, 404, 403, 403},
	{"POST", "/customers/{ida}/ratings/approve", "", "RATING_WRITE", "VIE", 200, 403, 200, 404, 403, 403},
	{"POST", "/customers/{ida}/ratings/reject", "", "RATING_WRITE", "VIE", 200, 403, 200, 404, 403, 403},
	{"POST", "/customers/{rateable}/ratings/queue", "", "RATING_TRIGGER", "VIE", 202, 403, 403, 404, 403, 403},

	{"GET", "/customer-identity-cards?branchId={vie}", "", "IDENTITY_CARD_READ", "VIE", 200, 200, 403, 403, 403, 403},
	{"POST", "/customer-identity-cards", `{"cardNumber":"new","branchId":{vie}}`, "IDENTITY_CARD_WRITE", "VIE", 201, 201, 403, 403, 403, 403},
	{"PATCH", "/customer-identity-cards", `[{"cardNumber":"new","branchId":{vie}}]`, "IDENTITY_CARD_WRITE", "VIE", 200, 200, 403, 403, 403, 403},
	{"GET", "/customer-identity-cards/{card}", "", "IDENTITY_CARD_READ", "VIE", 200, 200, 403, 404, 404, 403},
	{"PATCH", "/customer-identity-cards/{card}", `{"comment":"blue"}`, "IDENTITY_CARD_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"POST", "/customer-identity-cards/{card}/assign", `{"userId":{ida}}`, "IDENTITY_CARD_WRITE", "VIE", 200, 200, 403, 404, 404, 403},
	{"POST", "/customer-identity-cards/{assigned}/unassign", `{"state":"LOST"}`, "IDENTITY_CARD_WRITE", "VIE", 200, 200, 403, 404, 404, 403},

	{"POST", "/customers/{ida}/apply-vouchers", `{"voucherableId":{voucherable}}`, "VOUCHER_CUSTOMER_CARE_WRITE", "VIE", 201, 201, 403, 404, 404, 403},
	{"POST", "/groups/{group}/apply-vouchers", `{"voucherableId":{voucherable}}`, "VOUCHER_CUSTOMER_CARE_WRITE", "VIE", 201, 201, 403, 404, 404, 403},
	{"POST", "/customers/{ida}/voucher", `{"voucherableId":{voucherable}}`, "VOUCHER_CUSTOMER_CARE_WRITE", "VIE", 201, 201, 403, 404, 404, 403},
	{"POST", "/groups/{group}/voucher", `{"voucherableId":{voucherable}}`, "VOUCHER_CUSTOMER_CARE_WRITE", "VIE", 201, 201, 403, 404, 404, 403},
	{"GET", "/customers/{ida}/vouchers", "", "USER_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"GET", "/groups/{group}/vouchers", "", "USER_GROUP_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"POST", "/vouchers/{voucher}/revoke", "", "VOUCHER_CUSTOMER_CARE_WRITE", "VIE", 200, 200, 403, 404, 404, 403},

	{"GET", "/verification?guserId={ida}", "", "VERIFICATION_READ", "VIE", 200, 200, 403, 404, 404, 403},
	{"GET", "/verification/{verification}", "", "VERIFICATION_READ", "VIE", 200, 200, 403, 404, 404, 403},
	{"GET", "/verification/media/{media}", "", "VERIFICATION_MEDIA_READ", "VIE", 200, 403, 403, 404, 403, 403},

	{"GET", "/rental-requirements/start?customerId={ida}&branchId={vie}&vehicleCategoryId=1", "", "RENTAL_REQUIREMENT_READ USER_READ", "VIE", 200, 200, 403, 404, 404, 403},
	{"POST", "/customers/{ida}/accept-terms-and-conditions?branchId={vie}", "", "TERMS_ACCEPT", "VIE", 200, 200, 403, 404, 404, 403},
	{"GET", "/terms-and-conditions?branchId={vie}", "", "TERMS_READ", "VIE", 200, 200, 200, 403, 403, 403},
	{"POST", "/terms-and-conditions", `{"branchId":{vie},"termsAndConditionsText":"New.","termsAndConditionsUrl":"https://example.org/new"}`, "TERMS_WRITE", "VIE", 201, 403, 403, 403, 403, 403},
	{"GET", "/terms-and-conditions/{terms}", "", "TERMS_READ", "VIE", 200, 200, 200, 404, 404, 403},
	{"PUT", "/terms-and-conditions/{terms}", `{"termsAndConditionsText":"Now.","termsAndConditionsUrl":"https://example.org/now"}`, "TERMS_WRITE", "VIE", 200, 403, 403, 404, 403, 403},
	{"DELETE", "/terms-and-conditions/{terms}", "", "TERMS_WRITE", "VIE", 204, 403, 403, 404, 403, 403},
}

func (r *row) wants() map[string]int {
	return map[string]int{
		"admin": r.ok, "client": r.ok, "support": r.support, "accounting": r.accounting, "admin-b": r.adminB, "branch-b": r.branchB, "none": r.none,
		"other": 401, "rider": 403,
	}
}

var braces = regexp.MustCompile(`\{[a-z]+\}`)

// fill puts what a house has in the place of braces.
func (h *house) fill(text string) string {
	return braces.ReplaceAllStringFunc(text, func(name string) string {
		switch name {
		case "{vie}":
			return fmt.Sprint(h.Branch("VIE"))
		case "{group}":
			return fmt.Sprint(h.group)
		case "{ida}", "{mia}":
			return fmt.Sprint(h.Person(strings.Trim(name, "{}")))
		case "{email}":
			return "mia%40example.org"
		case "{verification}":
			return fmt.Sprint(h.verified().ID)
		case "{media}":
			return h.as("admin").Get(fmt.Sprintf("/verification/%d", h.verified().ID)).Want(200).Text("attempts.0.media.0.fileUuid")
		case "{booking}":
			return fmt.Sprint(h.booking())
		case "{invoice}":
			return fmt.Sprint(h.invoice(h.side()))
		case "{terms}":
			return fmt.Sprint(h.unacceptedTerms())
		case "{rateable}":
			h.provider()
			return fmt.Sprint(h.Person("ida"))
		case "{card}":
			return strings.TrimPrefix(h.card("X-1", ""), cardList+"/")
		case "{assigned}":
			return strings.TrimPrefix(h.card("X-2", "mia"), cardList+"/")
		case "{voucherable}":
			return fmt.Sprint(h.voucherable("SORRY-5"))
		case "{voucher}":
			return fmt.Sprint(h.voucher("ida"))
		case "{spare}":
			return fmt.Sprint(h.unit("spare"))
		}
		h.T.Fatalf("there is no %s", name)
		return ""
	})
}

// try makes a row's call with a token, as a plan where it would change something, and
// returns the status that it would have.
func (h *house) try(r *row, path, body, token string) int {
	h.T.Helper()
	c := h.as(token)
	if r.method == http.MethodGet {
		return c.Get(path).Status
	}
	var sent any
	if body != "" {
		sent = body
	}
	a := c.Set("Roster-Plan", "true").Do(r.method, path, sent)
	if a.Status == http.StatusOK {
		return r.ok
	}
	return a.Status
}

// Each row answers each token as its role says; and each route has a row.
func TestAccess(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		known := map[string]bool{}
		for i := range rows {
			r := &rows[i]
			path, body := h.fill(r.path), h.fill(r.body)
			for token, want := range r.wants() {
				if got := h.try(r, path, body, token); got != want {
					t.Errorf("%s %s with %s: %d, want %d", r.method, r.path, token, got, want)
				}
			}
			h.nobody.Do(r.method, path, nil).Want(401)
			known[r.method+" "+shape(r.path)] = true
		}
		for _, r := range h.server.Routes() {
			if path, ok := strings.CutPrefix(r.Path, "/v1/{tenant}/ops-api"); ok && !known[r.Method+" "+shape(path)] {
				t.Errorf("%s %s is in no row", r.Method, path)
			}
		}
	})
}

// shape is a path with what it names left out.
func shape(path string) string {
	path, _, _ = strings.Cut(path, "?")
	path = strings.Replace(path, "drivingLog.enabled", "{key}", 1)
	return regexp.MustCompile(`\{[A-Za-z]+\}`).ReplaceAllString(path, "{}")
}

// Who holds a permission nowhere is told so before the call's form is looked at, and
// which one it is.
func TestPermissionComesBeforeForm(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for i := range rows {
			r := &rows[i]
			if r.permission == "" {
				continue
			}
			path, _, _ := strings.Cut(h.fill(r.path), "?")
			a := h.as("none").Do(r.method, path+"?page=x&branchId=x", map[bool]any{true: `{`}[r.body != ""]).Want(403)
			if a.Text("errorCode") != "A190" || a.Text("details.permission") != strings.Fields(r.permission)[0] {
				t.Errorf("%s %s: %s", r.method, r.path, a.Body)
			}
		}
	})
}

// Whatever an operator may do, and where: a call is let through exactly where
// assignments/exists says that its permission holds (contract §10.24).
func TestExistsAgrees(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		draw := rand.New(rand.NewPCG(7, 11))
		var operator int64
		h.Read(h.CLI, func(tx *store.Tx) error {
			p, err := graph.PersonByEmail(tx, "none@example.org")
			operator = p.ID
			return err
		})
		exists := func(query url.Values) bool {
			return h.as("none").Get("/roles/assignments/exists?"+query.Encode()).Want(200).At("exists") == true
		}
		for range racetest.Scale(12) {
			role := identity.Role{Name: fmt.Sprintf("DRAWN_%d", draw.Uint32())}
			for _, permission := range identity.Permissions {
				if draw.IntN(2) == 0 {
					role.Permissions = append(role.Permissions, permission)
				}
			}
			at := []string{"AT", "VIE", "GRZ"}[draw.IntN(3)]
			h.onlyRole(operator, role, at)
			for i := range rows {
				r := &rows[i]
				if r.permission == "" {
					continue
				}
				held, somewhere := true, true
				for _, permission := range strings.Fields(r.permission) {
					query := url.Values{"permission": {permission}}
					somewhere = somewhere && exists(query)
					if r.at != "anywhere" {
						query.Set("branchId", fmt.Sprint(h.Branch(r.at)))
					}
					held = held && exists(query)
				}
				status := h.try(r, h.fill(r.path), h.fill(r.body), "none")
				hidden := !somewhere && status != 403
				if held != (status < 300) || hidden && r.method != http.MethodPatch { // which finance may make, too
					t.Errorf("%s %s with %v at %s: %d, though exists is %v", r.method, r.path, role.Permissions, at, status, held)
				}
			}
		}
	})
}

// onlyRole gives an operator a role, and has those that they had before hold nothing.
func (h *house) onlyRole(operator int64, role identity.Role, branch string) {
	h.Write(func(tx *store.Tx) error {
		all, err := identity.OperatorRoles(tx)
		if err != nil {
			return err
		}
		for _, r := range all {
			if strings.HasPrefix(r.Name, "DRAWN_") {
				if _, err := identity.PutRole(tx, identity.Role{Name: r.Name}); err != nil {
					return err
				}
			}
		}
		if _, err := identity.PutRole(tx, role); err != nil {
			return err
		}
		tree, err := identity.Branches(tx)
		if err != nil {
			return err
		}
		_, err = identity.AssignRole(tx, identity.Assignee{PersonID: operator}, role.Name, tree.ByCode(branch).ID)
		return err
	})
}
