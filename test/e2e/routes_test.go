package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/store/storetest"
)

// demoFacts is demo.json.
type demoFacts struct {
	Tenant string            `json:"tenant"`
	APIs   map[string]string `json:"apis"`
	Tokens map[string]string `json:"tokens"`
	IDs    map[string]any    `json:"ids"`

	Credentials map[string]struct {
		Email     string `json:"email"`
		Password  string `json:"password"`
		ClientID  string `json:"clientId"`
		ClientKey string `json:"clientKey"`
	} `json:"credentials"`
}

// serveDemo starts a server with the demo and reads what it wrote.
func serveDemo(t testing.TB, p place, more ...string) (*server, demoFacts) {
	t.Helper()
	s := p.serve(t, append(more, "--demo", "--address-rate=-1")...)
	text, err := os.ReadFile(filepath.Join(p.data, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	var facts demoFacts
	if err := json.Unmarshal(text, &facts); err != nil {
		t.Fatal(err)
	}
	return s, facts
}

// places runs fn on a place of each engine.
func places(t *testing.T, fn func(t *testing.T, p place)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, database string) {
		p := place{data: t.TempDir()}
		if strings.HasPrefix(database, "postgres") {
			p.database = database
		}
		fn(t, p)
	})
}

// roles are those of the demo's tokens.
var roles = map[string]string{
	"directory-admin": "Administrator", "directory-reader": "Reader",
	"org-owner": "COMPANY_OWNER", "org-manager": "MANAGER", "org-employee": "EMPLOYEE",
	"property-owner": "user", "property-user": "user", "property-stranger": "user",
	"business-owner": "USER", "ops-admin": "OPERATOR",
}

// apiOf is the API of a demo token.
func apiOf(token string) string {
	token = strings.TrimPrefix(token, "other-")
	switch api, _, _ := strings.Cut(token, "-"); api {
	case "org":
		return "organization"
	case "business", "rival", "customer":
		return "user"
	case "ops":
		return "operations"
	default:
		return api
	}
}

// route is one line of testdata/routes.txt: who may make a call.
type route struct {
	api, method, path string
	public            bool
	roles             []string
	refusals          string // in the mobility APIs: who is refused, and how
	body              string // that is well-formed; {} unless told
}

func (r route) String() string { return r.api + " " + r.method + " " + r.path }

func readRoutes(t *testing.T) map[string]route {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "routes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	routes := map[string]route{}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		r := route{api: f[0], method: f[1], path: f[2], public: f[3] == "public", body: "{}"}
		switch {
		case r.public, f[3] == "any":
		case r.ofMobility():
			r.refusals = f[3]
		default:
			r.roles = strings.Split(f[3], ",")
		}
		if len(f) > 4 {
			r.body = f[4]
		}
		routes[r.String()] = r
	}
	return routes
}

// documented are the calls that an API's own document lists.
func documented(t *testing.T, api, base string) (all []string) {
	t.Helper()
	res, err := client.Get(base + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var document struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.NewDecoder(res.Body).Decode(&document); err != nil {
		t.Fatal(err)
	}
	for path, calls := range document.Paths {
		for method := range calls {
			all = append(all, route{api: api, method: strings.ToUpper(method), path: path}.String())
		}
	}
	return all
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// fill puts ids of the demo tenant in the place of a path's parameters.
func (r route) fill(ids map[string]any) string {
	if r.ofMobility() {
		return r.fillMobility(ids)
	}
	noun := map[string][2]string{
		"directory":    {"directory_group", "directory_account"},
		"organization": {"organization_group", "organization_user"},
		"property":     {"property_group", "property"},
	}[r.api]
	first := noun[0]
	if strings.HasPrefix(r.path, "/accounts") || strings.HasPrefix(r.path, "/users") || strings.HasPrefix(r.path, "/properties") {
		first = noun[1]
	}
	n := 0
	return parameter.ReplaceAllStringFunc(r.path, func(string) string {
		n++
		return fmt.Sprint(ids[[]string{first, noun[1]}[min(n, 2)-1]])
	})
}

// call is one request; host is "" for the address's own.
type call struct {
	method, url, host, token, body string
	unplanned                      bool // nothing can be planned there
}

// ask makes a call that does nothing: what it would do, it only plans.
func ask(t *testing.T, c call) (status int, text string) {
	t.Helper()
	body := c.body
	if c.method == http.MethodGet || c.method == http.MethodDelete {
		body = ""
	}
	r, err := http.NewRequest(c.method, c.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if c.host != "" {
		r.Host = c.host
	}
	r.Header.Set("Content-Type", "application/json")
	if !c.unplanned {
		r.Header.Set("Roster-Plan", "true")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode == http.StatusUnauthorized && res.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("%s %s: 401 without WWW-Authenticate", c.method, c.url)
	}
	return res.StatusCode, string(b)
}

// TestEveryRoute goes through every call of every API: each is in the table, and
// each refuses who has no token, a bad, a revoked or another API's one, a role that
// is not its own, and another tenant.
func TestEveryRoute(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		_, demo := serveDemo(t, p)
		routes := readRoutes(t)
		if len(demo.APIs) != 7 {
			t.Errorf("the demo has the APIs %v", slices.Collect(maps.Keys(demo.APIs)))
		}
		seen := map[string]bool{}
		client := clientToken(t, demo)
		proveImpersonation(t, demo, client)
		for api, base := range demo.APIs {
			revoked := p.revoked(t, api, demo)
			for _, name := range documented(t, api, base) {
				r, ok := routes[name]
				seen[name] = true
				if !ok {
					t.Errorf("%s is not in testdata/routes.txt", name)
					continue
				}
				if r.ofMobility() {
					r.proveMobility(t, base, demo, revoked, client)
					continue
				}
				r.prove(t, base, demo, revoked)
			}
		}
		for name := range routes {
			if !seen[name] {
				t.Errorf("%s is in the table, but no API has it", name)
			}
		}
	})
}

// owner is the token of each API that may do most.
var owner = map[string]string{
	"directory": "directory-admin", "organization": "org-owner", "property": "property-owner", "user": "business-owner", "auth": "business-owner",
	"operations": "ops-admin", "hooks": "business-owner",
}

// revoked makes a token that an API would take, had it not been revoked.
func (p place) revoked(t *testing.T, api string, demo demoFacts) string {
	t.Helper()
	token, address := owner[api], api+"@example.org"
	if api = apiOf(token); api == "user" {
		address = demo.Credentials[token].Email
	}
	text := p.roster(t, "token", "create", "--tenant", demo.Tenant, "--api", api, "--role", roles[token], "--email", address)
	list := p.roster(t, "token", "list", "--tenant", demo.Tenant, "--json")
	p.roster(t, "token", "revoke", "--tenant", demo.Tenant, lastID(t, list))
	return text
}

// lastID is the greatest token id in the output of token list.
func lastID(t *testing.T, list string) string {
	t.Helper()
	var tokens []struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal([]byte(list), &tokens); err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	for _, token := range tokens {
		last = max(last, token.ID)
	}
	return fmt.Sprint(last)
}

func (r route) prove(t *testing.T, base string, demo demoFacts, revoked string) {
	url := base + r.fill(demo.IDs)
	want := func(who, token string, statuses ...int) string {
		t.Helper()
		status, text := ask(t, r.call(at{}, url, token))
		if !slices.Contains(statuses, status) {
			t.Errorf("%s as %s: %d %.200s, want %v", r, who, status, text, statuses)
		}
		return text
	}
	if r.public {
		if status, text := ask(t, r.call(at{}, url, "")); status == http.StatusForbidden || status >= 500 {
			t.Errorf("%s without a token: %d %.200s", r, status, text)
		}
		return
	}
	want("nobody", "", http.StatusUnauthorized)
	want("a made-up token", "rst_"+demo.Tenant+"_"+strings.Repeat("A", 43), http.StatusUnauthorized)
	want("a token of no tenant", "rst_nowhere_"+strings.Repeat("A", 43), http.StatusUnauthorized)
	want("a revoked token", revoked, http.StatusUnauthorized)
	for token, text := range demo.Tokens {
		switch role := roles[token]; {
		case apiOf(token) != r.api:
			want(token, text, http.StatusForbidden)
		case role != "" && len(r.roles) > 0 && !slices.Contains(r.roles, role):
			want(token, text, http.StatusForbidden)
		}
	}
	r.proveTenant(t, base, url, demo)
}

// proveTenant uses the other tenant's strongest token on this tenant's ids.
func (r route) proveTenant(t *testing.T, base, url string, demo demoFacts) {
	other := demo.Tokens["other-"+owner[r.api]]
	status, text := ask(t, r.call(at{}, url, other))
	if parameter.MatchString(r.path) && status != http.StatusNotFound && status != http.StatusBadRequest && status != http.StatusUnprocessableEntity {
		t.Errorf("%s as another tenant: %d %.200s", r, status, text)
	}
	if r.method != http.MethodGet || status != http.StatusOK {
		return
	}
	for name, id := range demo.IDs {
		if s, isText := id.(string); isText && !strings.HasPrefix(name, "other_") && len(s) > 20 && strings.Contains(text, s) {
			t.Errorf("%s shows %s to another tenant", r, name)
		}
	}
}
