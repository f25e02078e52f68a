package userapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// Every route refuses who has no token, one of another API or tenant, and a client that
// names no person, before it looks at anything else.
func TestAccess(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		operator := h.TokenFor(h.CLI, identity.Token{API: roster.OperationsAPI, Role: identity.RoleAPIClient})
		client := h.TokenFor(h.CLI, identity.Token{API: roster.UserAPI, Role: identity.RoleAPIClient})
		calls, extensions := 0, 0
		for _, r := range h.server.Routes() {
			path, ok := strings.CutPrefix(r.Path, "/v1/{tenant}/front")
			if !ok {
				continue
			}
			calls++
			if r.Extension {
				extensions++
			}
			for _, name := range []string{"{userGroupId}", "{userId}", "{requestId}", "{costCenterId}", "{id}", "{groupCode}", "{code}", "{memberCode}"} {
				path = strings.ReplaceAll(path, name, "1")
			}
			var body any
			if r.Method == http.MethodPost || r.Method == http.MethodPatch || r.Method == http.MethodPut {
				body = `{`
			}
			if a := h.nobody.Do(r.Method, path, body).Want(401); a.Header.Get("WWW-Authenticate") != "Bearer" || a.Text("errorCode") != "AUTH902" {
				t.Errorf("%s without a token: %s", r.Operation, a.Body)
			}
			for name, c := range map[string]struct {
				token  string
				status int
				code   string
			}{
				"another tenant's": {h.token(h.RivalCLI, h.PersonOf(h.RivalCLI, "olga")), 401, "AUTH902"}, "one of another API's": {operator, 403, "A190"}, "a client's": {client, 403, "A192"},
			} {
				if a := h.nobody.As(c.token).Do(r.Method, path, body); a.Status != c.status || a.Text("errorCode") != c.code {
					t.Errorf("%s with %s: %d %s", r.Operation, name, a.Status, a.Body)
				}
			}
			if a := h.olga.Do(r.Method, path, body); a.Status == 401 || a.Status >= 500 {
				t.Errorf("%s: %d %s", r.Operation, a.Status, a.Body)
			}
		}
		if calls-extensions != len(guide) {
			t.Errorf("%d calls were tried, %d of them extensions: the guide has %d", calls, extensions, len(guide))
		}
	})
}

// managementRoute is one call of a manager, by path below the group.
type managementRoute struct {
	method, path string
	body         any
	plain        int // what a plain member gets, 403 where it is 0
	admin        int // what an administrator gets, as the owner where it is 0
	owner        int
}

// managementRoutes are all calls below a group, with something that the owner may do
// (contract §10.5). What is in braces stands for the group's own: see fill.
var managementRoutes = []managementRoute{
	{method: "GET", path: "", owner: 200},
	{method: "PATCH", path: "", body: object{"companyName": "Acme Ltd"}, owner: 200},
	{method: "POST", path: "/add-members", body: object{"emails": []string{"new@example.org"}}, owner: 200},
	{method: "PATCH", path: "/{code}", body: object{"employeeNumber": "E-1"}, owner: 200},
	{method: "GET", path: "/members", owner: 200},
	{method: "GET", path: "/members/{member}", owner: 200},
	{method: "GET", path: "/members/{self}", plain: 200, owner: 200},
	{method: "PATCH", path: "/members/{member}", body: object{"employeeNumber": "E-2"}, owner: 200},
	{method: "PUT", path: "/members/{member}", body: object{"employeeNumber": "E-3"}, owner: 200},
	{method: "GET", path: "/requests", owner: 200},
	{method: "PATCH", path: "/requests/{request}", body: object{"state": "DECLINED"}, owner: 200},
	{method: "GET", path: "/billing-summary", owner: 200},
	{method: "GET", path: "/payment-sources", owner: 200},
	{method: "POST", path: "/payment-sources", body: object{"type": "SEPA"}, owner: 201},
	{method: "DELETE", path: "/payment-sources/{source}", owner: 204},
	{method: "GET", path: "/vouchers", owner: 200},
	{method: "GET", path: "/invoices", owner: 200},
	{method: "GET", path: "/invoices/{invoice}", owner: 200},
	{method: "GET", path: "rentals/user-group/{group}", owner: 200},
	{method: "GET", path: "bookings/user-group/{group}", owner: 200},
	{method: "POST", path: "cost-centers", body: object{"userGroupId": "{group}", "code": "NEW", "name": "New"}, owner: 201},
	{method: "GET", path: "cost-centers?userGroupId={group}", plain: 200, owner: 200},
	{method: "GET", path: "cost-centers/{center}", plain: 200, owner: 200},
	{method: "PATCH", path: "cost-centers/{center}", body: object{"name": "Brand"}, owner: 200},
	{method: "DELETE", path: "cost-centers/{center}", owner: 204},
	{method: "DELETE", path: "", admin: 403, owner: 204},
}

// parts are what the calls below a group name.
type parts struct {
	group, center, request, source, invoice, member, self int64
	code                                                  string
}

// parts makes in a group of the owner's whatever calls can name.
func (h *house) parts(owner *wiretest.Client, group int64, member, self string) parts {
	h.T.Helper()
	path := fmt.Sprintf("/groups-management/%d", group)
	p := parts{group: group, member: h.Person(member), self: h.Person(self)}
	p.center = number(owner.Post("/cost-centers", object{"code": "MKT", "name": "Marketing"}).Want(201), "id")
	p.source = number(owner.Post(path+"/payment-sources", object{"type": "SEPA"}).Want(201), "id")
	p.invoice = h.paidInvoice(group, p.self)
	p.code = owner.Get(path + "/members?searchText=" + member).Want(200).Text("0.memberCode")
	p.request = number(h.uma.Post("/groups/"+owner.Get(path).Want(200).Text("code")+"/join", nil).Want(202), "request.id")
	return p
}

// billed bills an account for a rental of a member's.
func (h *house) billed(account, member int64) int64 {
	h.T.Helper()
	h.Write(func(tx *store.Tx) error {
		tx.Housekeeping()
		return business.PostCharges(tx, []*business.Charge{{
			AccountID: account, Kind: business.RentalCharge, SourceID: 1000 + account, MemberID: member, BusinessUnitID: 1, BranchID: 1, Currency: "EUR",
			Time: tx.Now - time.Hour.Microseconds(), Price: roster.Price{Net: 5_0000, Tax: 1_0000, Gross: 6_0000},
		}})
	})
	all, err := h.Business.CloseUntil(h.T.Context(), h.CLI, account, roster.MomentAt(h.DB.Now()))
	if err != nil || len(all) != 1 {
		h.T.Fatalf("%d invoices, %v", len(all), err)
	}
	return all[0].ID
}

// paidInvoice bills an account, and has it paid.
func (h *house) paidInvoice(account, member int64) int64 {
	h.T.Helper()
	id := h.billed(account, member)
	if _, err := h.Business.MarkPaid(h.T.Context(), h.CLI, id, nil); err != nil {
		h.T.Fatal(err)
	}
	return id
}

// call makes a call of the table with those parts.
func (r *managementRoute) call(c *wiretest.Client, p parts) *wiretest.Response {
	fill := strings.NewReplacer("{group}", fmt.Sprint(p.group), "{center}", fmt.Sprint(p.center), "{request}", fmt.Sprint(p.request),
		"{source}", fmt.Sprint(p.source), "{invoice}", fmt.Sprint(p.invoice), "{member}", fmt.Sprint(p.member), "{self}", fmt.Sprint(p.self), "{code}", p.code)
	path := "/" + fill.Replace(r.path)
	if r.path == "" || r.path[0] == '/' {
		path = fmt.Sprintf("/groups-management/%d", p.group) + fill.Replace(r.path)
	}
	body := r.body
	if o, ok := body.(object); ok && o["userGroupId"] != nil {
		body = object{"userGroupId": p.group, "code": o["code"], "name": o["name"]}
	}
	return c.Do(r.method, path, body)
}

// Who may what below a group: a stranger, and the owner of another group, find nothing
// whatever ids they name; a plain member is refused; nobody else is let in at all.
func TestManagementAccess(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		acme := h.parts(h.olga, h.group, "max", "mia")
		before := h.DB.Published(h.CLI.Tenant.ID)
		for _, r := range managementRoutes {
			plain := r.plain
			if plain == 0 {
				plain = 403
			}
			for _, c := range []struct {
				name   string
				client *wiretest.Client
				status int
			}{{"a stranger", h.ida, 404}, {"the owner of another group", h.rex, 404}, {"a plain member", h.mia, plain}, {"nobody", h.nobody, 401}, {"another tenant's", h.rival, 401}} {
				if got := r.call(c.client, acme); got.Status != c.status {
					t.Errorf("%s %s: %s gets %d, want %d", r.method, r.path, c.name, got.Status, c.status)
				} else if got.Status == 404 && got.Text("errorCode") != "UG901" && got.Text("errorCode") != "G904" {
					t.Errorf("%s %s: %s gets %s", r.method, r.path, c.name, got.Body)
				}
			}
		}
		if after := h.DB.Published(h.CLI.Tenant.ID); after != before {
			t.Errorf("%d changes were made by those who may not", after-before)
		}
		h.editMember("mia", func(m *business.Member) { m.State = business.MemberInactive })
		for _, r := range managementRoutes {
			if got := r.call(h.mia, acme).Status; got != 403 && (r.plain == 0 || got != r.plain) {
				t.Errorf("%s %s: a suspended member gets %d", r.method, r.path, got)
			}
		}
		for _, r := range managementRoutes {
			if r.admin != 0 {
				r.call(h.adam, acme).Want(r.admin)
			}
			r.call(h.olga, acme).Want(r.owner)
		}
	})
}

// The things of one group are not there in another, whoever asks with whatever ids:
// neither by their own address nor below the asker's own group (contract §10.5).
func TestGroupsAreApart(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		acme := h.parts(h.olga, h.group, "max", "mia")
		h.Apply(h.CLI, "customers:\n- {email: ron@example.org, firstName: Ron, homeBranch: VIE, emailIsVerified: true}\n")
		h.tokens["ron"] = h.token(h.CLI, h.Person("ron"))
		h.rex.Patch(fmt.Sprintf("/groups-management/%d", h.rexGroup), object{"settings": object{"joinPolicy": "AUTO"}}).Want(200)
		h.nobody.As(h.tokens["ron"]).Post("/groups/"+h.rexCode+"/join", nil).Want(201)
		h.rex.Patch(fmt.Sprintf("/groups-management/%d", h.rexGroup), object{"settings": object{"joinPolicy": "APPROVAL"}}).Want(200)
		rex := h.parts(h.rex, h.rexGroup, "ron", "ron")
		mixed := []func(*parts){
			func(p *parts) { p.center = acme.center }, func(p *parts) { p.request = acme.request }, func(p *parts) { p.source = acme.source },
			func(p *parts) { p.invoice = acme.invoice },
			func(p *parts) { p.member, p.self = acme.member, acme.self }, func(p *parts) { p.code = acme.code },
		}
		tried := 0
		for _, r := range managementRoutes {
			for _, mix := range mixed {
				p := rex
				mix(&p)
				own, other := fmt.Sprint(rex), fmt.Sprint(p)
				if own == other || !strings.Contains(r.path, "{") || !names(r.path, rex, p) {
					continue
				}
				tried++
				if got := r.call(h.rex, p); got.Status != 404 {
					t.Errorf("%s %s: %d %s", r.method, r.path, got.Status, got.Body)
				}
			}
		}
		if tried < 10 {
			t.Errorf("only %d calls were tried", tried)
		}
		// References in bodies are kept apart, too.
		ref := fmt.Sprintf("/groups-management/%d", h.rexGroup)
		for _, c := range []struct {
			method, path string
			body         object
		}{
			{"PATCH", ref, object{"defaultCostCenterId": acme.center}},
			{"PATCH", ref + "/" + rex.code, object{"defaultCostCenterId": acme.center}},
			{"PATCH", fmt.Sprintf("%s/members/%d", ref, rex.member), object{"costCenterAccess": object{"mode": "LIST", "costCenterIds": []int64{acme.center}}}},
			{"PUT", fmt.Sprintf("%s/members/%d", ref, rex.member), object{"defaultCostCenterId": acme.center}},
			{"PATCH", fmt.Sprintf("%s/requests/%d", ref, rex.request), object{"state": "ACCEPTED", "defaultCostCenterId": acme.center}},
			{"GET", fmt.Sprintf("%s/billing-summary?costCenterId=%d", ref, acme.center), nil},
			{"POST", "/rentals", object{"vehicleCode": "B-1", "userGroupCode": h.rexCode, "costCenterId": acme.center}},
		} {
			var body any
			if c.body != nil {
				body = c.body
			}
			if code := h.rex.Do(c.method, c.path, body).Want(400).Text("errorCode"); code != "UG914" {
				t.Errorf("%s %s: %s", c.method, c.path, code)
			}
		}
		if n := h.rex.Get(fmt.Sprintf("/rentals/user-group/%d?costCenterId=%d", h.rexGroup, acme.center)).Want(200).Len(""); n != 0 {
			t.Errorf("%d rentals of another group", n)
		}
	})
}

// names tells whether a path names a part that differs.
func names(path string, a, b parts) bool {
	for name, differs := range map[string]bool{
		"{center}": a.center != b.center, "{request}": a.request != b.request, "{source}": a.source != b.source, "{invoice}": a.invoice != b.invoice,
		"{member}": a.member != b.member, "{self}": a.self != b.self, "{code}": a.code != b.code,
	} {
		if differs && strings.Contains(path, name) {
			return true
		}
	}
	return false
}

// An unknown tenant, and one that another's token names, are told apart from nothing.
func TestTenants(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for tenant, want := range map[string]int{"acme": 200, "rival": 401, "nobody": 404, "ACME": 404} {
			if got := raw(t, h, "GET", "", "/v1/"+tenant+"/front/groups", h.tokens["olga"]); got.Code != want {
				t.Errorf("%s: %d %s", tenant, got.Code, got.Body)
			}
		}
		for host, want := range map[string]int{"user.example.org": 200, "user.acme.example.org": 200, "user.rival.example.org": 401} {
			if got := raw(t, h, "GET", host, "/groups", h.tokens["olga"]); got.Code != want {
				t.Errorf("%s: %d %s", host, got.Code, got.Body)
			}
		}
		if got := raw(t, h, "GET", "", "/v1/acme/front/openapi.json", ""); got.Code != 200 || !strings.Contains(got.Body.String(), "x-roster-extension") {
			t.Errorf("openapi.json: %d", got.Code)
		}
		if got := raw(t, h, "GET", "", "/v1/acme/front/docs", ""); got.Code != 200 {
			t.Errorf("docs: %d", got.Code)
		}
		g := h.golden(h.olga, "addresses")
		g.Get("/nowhere").Want(404)
		g.Delete("/groups").Want(405)
		g.Put("/me", object{}).Want(405)
	})
}

// raw makes a call at any host and path.
func raw(t *testing.T, h *house, method, host, path, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	if host != "" {
		r.Host = host
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, r)
	return w
}

// Checks come in the contract's order: token, form, what is there, permission, rules.
func TestOrderOfChecks(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.nobody.Patch(h.managed(""), `{`).Want(401)
		h.mia.Patch(h.managed(""), `{`).Want(400)
		h.mia.Patch(h.managed(""), object{"name": 7}).Want(400)
		h.rex.Patch(h.managed(""), object{"name": ""}).Want(404)
		h.mia.Patch(h.managed(""), object{"name": ""}).Want(403)
		h.olga.Set("If-Match", `"1"`).Patch(h.managed(""), object{"name": "Rex"}).Want(412)
		h.olga.Patch(h.managed(""), object{"name": "Rex"}).Want(409)
		large := object{"name": strings.Repeat("x", 1<<20)}
		h.nobody.Patch(h.managed(""), large).Want(401)
		if code := h.olga.Patch(h.managed(""), large).Want(413).Text("errorCode"); code != "G903" {
			t.Error(code)
		}
	})
}
