package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// ofMobility reports whether the route's base names the tenant.
func (r route) ofMobility() bool { return takes[r.api] != nil }

// takes are the APIs whose tokens a mobility API takes.
var takes = map[string][]string{"user": {"user"}, "operations": {"operations"}, "auth": {"user", "operations"}}

// fillMobility puts things of the demo's business account in the place of a path's
// parameters; of what it has none of, there is no such thing.
func (r route) fillMobility(ids map[string]any) string {
	customers, _ := ids["customers"].(map[string]any)
	path := strings.Replace(r.path, "/groups/{id}", "/groups/{userGroupId}", 1)
	return parameter.ReplaceAllStringFunc(path, func(name string) string {
		switch name {
		case "{userGroupId}":
			return number(ids["business_group"])
		case "{groupCode}", "{code}":
			return fmt.Sprint(ids["business_group_code"])
		case "{costCenterId}":
			return number(ids["cost_center_1"])
		case "{userId}":
			return number(customers["business-admin"])
		case "{memberCode}":
			return "ABCDEFGH"
		default:
			return "987654321"
		}
	})
}

// number spells an id of demo.json.
func number(id any) string { return fmt.Sprintf("%.0f", id) }

// at is where an API of a tenant is: below an address, and bare on a host.
type at struct{ base, host string }

// places are where the demo's API is, and where the one of an unknown tenant would be.
func (r route) places(base string, demo demoFacts) (both []at, nowhere at) {
	address := base[:strings.Index(base, "/v1/")]
	both = []at{{base, ""}, {address, r.api + "." + demo.Tenant + ".example.org"}}
	return both, at{strings.Replace(base, "/v1/"+demo.Tenant+"/", "/v1/nowhere/", 1), ""}
}

// call is the route's call at a place.
func (r route) call(place at, path, token string) call {
	return call{
		method: r.method, url: place.base + path, host: place.host, token: token, body: r.body,
		unplanned: r.method == http.MethodPost && strings.HasSuffix(r.path, "/payment-sources"), // a gateway is asked
	}
}

// proveMobility proves a call of a mobility API, both below the address and
// bare on its host: it refuses who brings no token, a bad, a revoked, another API's
// or another tenant's one; a client that acts for nobody; and whom the table says.
func (r route) proveMobility(t *testing.T, base string, demo demoFacts, revoked, client string) {
	t.Helper()
	both, nowhere := r.places(base, demo)
	path := r.fill(demo.IDs)
	for _, token := range []string{"", demo.Tokens[owner[r.api]]} {
		if status, text := ask(t, r.call(nowhere, path, token)); status != http.StatusNotFound {
			t.Errorf("%s of an unknown tenant: %d %.200s", r, status, text)
		}
	}
	for _, place := range both {
		want := func(who, token string, status int, code string) {
			t.Helper()
			got, text := ask(t, r.call(place, path, token))
			var e struct{ ErrorCode string }
			if err := json.Unmarshal([]byte(text), &e); err != nil || got != status || code != "" && e.ErrorCode != code {
				t.Errorf("%s (host %q) as %s: %d %.200s, want %d %s", r, place.host, who, got, text, status, code)
			}
		}
		if r.public {
			if status, text := ask(t, r.call(place, path, "")); status == http.StatusForbidden || status >= 500 {
				t.Errorf("%s without a token: %d %.200s", r, status, text)
			}
			continue
		}
		want("nobody", "", http.StatusUnauthorized, "AUTH902")
		want("a made-up token", "rst_"+demo.Tenant+"_"+strings.Repeat("A", 43), http.StatusUnauthorized, "AUTH902")
		want("a token of no tenant", "rst_nowhere_"+strings.Repeat("A", 43), http.StatusUnauthorized, "AUTH902")
		want("a revoked token", revoked, http.StatusUnauthorized, "AUTH902")
		if r.api == "operations" {
			want("a client of the user API", client, http.StatusForbidden, "A190")
		} else {
			want("a client that acts for nobody", client, http.StatusForbidden, "A192")
		}
		for name, token := range demo.Tokens {
			switch taken := slices.Contains(takes[r.api], apiOf(name)); {
			case strings.HasPrefix(name, "other-") && taken:
				want(name, token, http.StatusUnauthorized, "AUTH902")
			case !strings.HasPrefix(name, "other-") && !taken:
				want(name, token, http.StatusForbidden, "A190")
			}
		}
		for _, refused := range refusals[r.refusals] {
			want(refused.token, demo.Tokens[refused.token], refused.status, refused.code)
		}
		r.proveOwner(t, place, path, demo)
	}
}

// proveOwner sees to it that the table does not refuse too much.
func (r route) proveOwner(t *testing.T, place at, path string, demo demoFacts) {
	t.Helper()
	c := r.call(place, path, demo.Tokens[owner[r.api]])
	if c.unplanned || r.api == "auth" { // where 401 is the answer to a wrong code, too
		return
	}
	if status, text := ask(t, c); status == http.StatusUnauthorized || status == http.StatusForbidden || strings.Contains(text, `"UG901"`) {
		t.Errorf("%s as the owner: %d %.200s", r, status, text)
	}
}

type refusal struct {
	token  string
	status int
	code   string
}

// refusals say whom what kind of call refuses, and how: strangers are not told that
// the group is there, and neither is a manager of another.
var refusals = func() map[string][]refusal {
	from := func(code string, more ...refusal) []refusal {
		return append([]refusal{
			{"customer-free", http.StatusNotFound, code}, {"customer-unverified", http.StatusNotFound, code}, {"rival-owner", http.StatusNotFound, code},
		}, more...)
	}
	member := refusal{"business-member", http.StatusForbidden, "A190"}
	return map[string][]refusal{
		"person": nil,
		// An operator without a role may ask what they may do, and nothing else.
		"operator":   nil,
		"permission": {{"ops-none", http.StatusForbidden, "A190"}},
		"managed":    from("UG901", member),
		"owned":      from("UG901", member, refusal{"business-admin", http.StatusForbidden, "A190"}),
		"center":     from("G904"),
		"centers":    from("G904", member),
	}
}()

// clientToken signs the demo's API client in.
func clientToken(t *testing.T, demo demoFacts) string {
	t.Helper()
	c := demo.Credentials["api_client"]
	told := person{t, demo.APIs["auth"], ""}.do(http.StatusOK, "POST", "/sign-in-api-client", fmt.Sprintf(`{"clientId":%q,"clientKey":%q}`, c.ClientID, c.ClientKey))
	text, ok := told["accessToken"].(string)
	if !ok {
		t.Fatalf("no token for the client: %v", told)
	}
	return text
}

// proveImpersonation has the client act for the customer that it made, and for no
// other, by either header.
func proveImpersonation(t *testing.T, demo demoFacts, token string) {
	t.Helper()
	base := demo.APIs["user"]
	for name, want := range map[string]int{"customer-free-3": http.StatusOK, "customer-free": http.StatusForbidden, "other-business-owner": http.StatusForbidden} {
		me := person{t, base, demo.Tokens[name]}
		if strings.HasPrefix(name, "other-") {
			me.base = strings.Replace(base, "/"+demo.Tenant+"/", "/other/", 1)
		}
		own := me.do(http.StatusOK, "GET", "/me", "")
		for _, header := range []string{"GoUrban-Impersonate", "X-Impersonate-User"} {
			r, err := http.NewRequest("GET", base+"/me", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set(header, fmt.Sprint(own["uuid"]))
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			var told map[string]any
			err = json.NewDecoder(res.Body).Decode(&told)
			_ = res.Body.Close()
			if err != nil || res.StatusCode != want || want == http.StatusForbidden && told["errorCode"] != "A192" || want == http.StatusOK && told["id"] != own["id"] {
				t.Errorf("the client acts for %s by %s: %d %v, want %d", name, header, res.StatusCode, told, want)
			}
		}
	}
}

// TestRefusalsAreUsed finds words of the table that say nothing.
func TestRefusalsAreUsed(t *testing.T) {
	used := map[string]bool{}
	for name, r := range readRoutes(t) {
		if r.ofMobility() && !r.public {
			used[r.refusals] = true
			if _, known := refusals[r.refusals]; !known {
				t.Errorf("%s: nobody knows what %q is", name, r.refusals)
			}
			if managed := strings.Contains(r.path, "{userGroupId}") && r.api == "user"; managed != slices.Contains([]string{"managed", "owned"}, r.refusals) {
				t.Errorf("%s names a group: %v, and is %q", name, managed, r.refusals)
			}
		}
	}
	for word := range refusals {
		if !used[word] {
			t.Errorf("no route is %q", word)
		}
	}
}
