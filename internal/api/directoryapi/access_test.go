package directoryapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/api/directoryapi"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// calls has a good call of each operation, with {group}, {inner} and {account} for
// ids of acme.
var calls = map[string]struct{ method, path, body string }{
	"list-groups":         {"GET", "/groups", ""},
	"get-group":           {"GET", "/groups/{group}", ""},
	"create-group":        {"POST", "/groups", `{"name":"n"}`},
	"update-group":        {"PUT", "/groups/{group}", `{"name":"n"}`},
	"delete-group":        {"DELETE", "/groups/{group}", ""},
	"list-child-groups":   {"GET", "/groups/{group}/groups", ""},
	"list-parent-groups":  {"GET", "/groups/{group}/parents", ""},
	"list-members":        {"GET", "/groups/{group}/members", ""},
	"add-member":          {"POST", "/groups/{group}/members", `{"account_id":"{account}"}`},
	"update-member":       {"PATCH", "/groups/{group}/members/{inner}", `{}`},
	"remove-member":       {"DELETE", "/groups/{group}/members/{inner}", ""},
	"batch-members":       {"POST", "/groups/{group}/members/batch", `{"add":[{"account_id":"{account}"}]}`},
	"check-member":        {"GET", "/groups/{group}/check?account_id={account}", ""},
	"check-members":       {"POST", "/groups/check", `{"checks":[{"group_id":"{group}","account_id":"{account}"}]}`},
	"list-accounts":       {"GET", "/accounts", ""},
	"get-account":         {"GET", "/accounts/{account}", ""},
	"create-account":      {"POST", "/accounts", `{"name":"n","email":"n@example.org"}`},
	"update-account":      {"PUT", "/accounts/{account}", `{"name":"n"}`},
	"delete-account":      {"DELETE", "/accounts/{account}", ""},
	"list-account-groups": {"GET", "/accounts/{account}/groups", ""},
	"group-history":       {"GET", "/groups/{group}/history", ""},
	"list-changes":        {"GET", "/changes", ""},
}

// onHost is a server as clients of that host see it.
func onHost(server http.Handler, host string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = host
		server.ServeHTTP(w, r)
	})
}

// Every route, by every base, needs a good token of this API, keeps tenants apart
// and lets only administrators write.
func TestAccess(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range 5 {
			h.group("filler") // so that rival's ids do not reach acme's
		}
		group, inner, ann := h.group("g"), h.group("inner"), h.account("ann")
		h.add(group, inner)
		fill := strings.NewReplacer("{group}", group, "{inner}", inner, "{account}", ann)
		year := h.clock.now().AddDate(1, 0, 0)
		tokens := map[string]string{"none": "", "unknown": "rst_acme_x", "no token": "hello", "no tenant": "rst_nobody_x"}
		_, tokens["expired"] = h.node.token(t, h.actor, roster.DirectoryAPI, directoryapi.Administrator, h.clock.now())
		revoked, text := h.node.token(t, h.actor, roster.DirectoryAPI, directoryapi.Administrator, year)
		h.stranger.As(text).Get("/groups").Want(200)
		if err := h.node.identity.RevokeToken(t.Context(), h.actor, revoked.ID); err != nil {
			t.Fatal(err)
		}
		tokens["revoked"] = text
		foreign := map[string]string{}
		for _, api := range []roster.API{roster.PropertyAPI, roster.OrganizationAPI} {
			_, foreign[string(api)] = h.node.token(t, h.actor, api, identity.Roles[api][0], year)
		}
		state := h.Get("/changes?limit=200")
		tried := map[string]bool{}
		for _, route := range h.node.server.Routes() {
			call, ok := calls[route.Operation]
			if !ok {
				t.Errorf("no call of %s", route.Operation)
				continue
			}
			tried[route.Operation] = true
			path, body := fill.Replace(call.path), fill.Replace(call.body)
			on := func(token string) *wiretest.Client {
				if route.Host == "" {
					return wiretest.New(t, h.node.server, base).As(token)
				}
				return wiretest.New(t, onHost(h.node.server, route.Host+".example.com"), "/api/v1").As(token)
			}
			for name, token := range tokens {
				r := on(token).Do(call.method, path, body).Want(401)
				if r.At("error.code") != "UNAUTHORIZED" || r.Header.Get("WWW-Authenticate") != "Bearer" {
					t.Errorf("%s with %s token: %s", route.Operation, name, r.Body)
				}
			}
			for name, token := range foreign {
				if r := on(token).Do(call.method, path, body).Want(403); r.At("error.code") != "FORBIDDEN" {
					t.Errorf("%s with a token of %s: %s", route.Operation, name, r.Body)
				}
			}
			if writes := call.method != "GET" && route.Operation != "check-members" || route.Operation == "list-changes"; writes {
				for _, c := range []struct{ path, body string }{{path, body}, {strings.ReplaceAll(path, group, "grp-99999"), body}, {path, "{"}} {
					if r := h.reader.Do(call.method, c.path, c.body).Want(403); r.At("error.code") != "FORBIDDEN" {
						t.Errorf("%s by a reader: %s", route.Operation, r.Body)
					}
				}
			} else {
				h.reader.Do(call.method, path, body).Want(200)
			}
			if r := h.rival.Do(call.method, path, body); strings.Contains(call.path, "{") && r.Status != 404 {
				t.Errorf("%s from another tenant: %d %s", route.Operation, r.Status, r.Body)
			} else if strings.Contains(string(r.Body), "ann") || r.At("results.0.member") == true {
				t.Errorf("%s from another tenant: %s", route.Operation, r.Body)
			}
		}
		if len(tried) != len(calls) {
			t.Errorf("%d operations, %d calls", len(tried), len(calls))
		}
		if now := h.Get("/changes?limit=200"); string(now.Body) != string(state.Body) {
			t.Errorf("somebody changed %s to %s", state.Body, now.Body)
		}
	})
}

// Documented paths lie bare on the API's own host.
func TestHost(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		bare := wiretest.New(t, onHost(h.node.server, "directory.example.com:8080"), "/api/v1").As(h.admin)
		made := bare.Post("/groups", `{"name":"n"}`).Want(201)
		if got := made.Header.Get("Location"); got != "/api/v1/groups/"+made.Text("id") {
			t.Errorf("Location %s", got)
		}
		h.Get("/groups/" + made.Text("id")).Want(200)
	})
}

func TestOutsideTheCalls(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, ann := h.group("g"), h.account("ann")
		for _, c := range []struct{ method, path, allow string }{
			{"PATCH", "/groups", "GET, HEAD, POST"}, {"DELETE", "/accounts", "GET, HEAD, POST"},
			{"POST", "/groups/" + group, "GET, HEAD, PUT, DELETE"}, {"PUT", "/groups/" + group + "/members", "GET, HEAD, POST"},
			{"GET", "/groups/" + group + "/members/" + ann, "PATCH, DELETE"}, {"GET", "/groups/" + group + "/members/batch", "POST, PATCH, DELETE"},
			{"POST", "/changes", "GET, HEAD"}, {"PATCH", "/accounts/" + ann, "GET, HEAD, PUT, DELETE"},
		} {
			r := h.Do(c.method, c.path, nil).Want(405)
			if r.At("error.code") != "METHOD_NOT_ALLOWED" || r.Header.Get("Allow") != c.allow {
				t.Errorf("%s %s: Allow %q, want %q: %s", c.method, c.path, r.Header.Get("Allow"), c.allow, r.Body)
			}
		}
		for _, path := range []string{"/", "", "/nothing", "/groups/" + group + "/nothing", "/groups/", "/groups//members", "/groups/../groups", "/Groups"} {
			if r := h.Get(path).Want(404); r.At("error.code") != "NOT_FOUND" {
				t.Errorf("%s: %s", path, r.Body)
			}
		}
		big := `{"name":"` + strings.Repeat("x", 1<<20) + `"}`
		for _, c := range []struct{ method, path string }{{"POST", "/groups"}, {"PUT", "/groups/" + group}, {"POST", "/accounts"}, {"POST", "/groups/" + group + "/members"}} {
			if r := h.Do(c.method, c.path, big).Want(413); r.At("error.code") != "PAYLOAD_TOO_LARGE" {
				t.Errorf("%s: %s", c.path, r.Body)
			}
		}
		h.Post("/groups/check", big).Want(400) // bulk calls take 8 MiB
		h.Post("/groups/"+group+"/members/batch", strings.Repeat(" ", 8<<20)+"{}").Want(413)
		for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"} {
			if r := h.Set("Content-Type", media).Post("/groups", `{"name":"n"}`).Want(415); r.At("error.code") != "UNSUPPORTED_MEDIA_TYPE" {
				t.Errorf("%s: %s", media, r.Body)
			}
		}
		h.Set("Content-Type", "application/json; charset=utf-8").Post("/groups", `{"name":"n"}`).Want(201)
		if r := h.Set("X-Request-Id", "abc-1").Get("/groups").Want(200); r.Header.Get("X-Request-Id") != "abc-1" || r.Header.Get("Roster-Revision") == "" {
			t.Errorf("%v", r.Header)
		}
	})
}

func TestDocuments(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	spec := h.stranger.Get("/openapi.json").Want(200)
	for path, extension := range map[string]bool{
		"/groups": false, "/groups/{id}": false, "/groups/{id}/members": false, "/accounts": false, "/accounts/{id}": false,
		"/groups/{id}/check": true, "/groups/check": true, "/groups/{id}/groups": true, "/groups/{id}/parents": true,
		"/accounts/{id}/groups": true, "/groups/{id}/history": true, "/changes": true,
	} {
		paths := spec.At("paths").(object)
		item, _ := paths[path].(object)
		for method, op := range item {
			isExtension := op.(object)["x-roster-extension"] == true
			if isExtension != (extension || path == "/groups/{id}/members" && method == "post") {
				t.Errorf("%s %s: extension %v", method, path, isExtension)
			}
		}
		if len(item) == 0 {
			t.Errorf("%s is not documented", path)
		}
	}
	page := h.stranger.Get("/docs").Want(200)
	for _, word := range []string{"Roster directory API", "/groups/{id}/members", "is_privileged"} {
		if !strings.Contains(string(page.Body), word) {
			t.Errorf("docs do not say %s", word)
		}
	}
}

func TestRateLimits(t *testing.T) {
	database := storetest.SQLite(t)
	n := newNode(t, database, time.Now, wire.Limits{PerToken: 3, PerAddress: 2})
	actor := storetest.Tenant(t, n.db, "acme")
	_, token := n.token(t, actor, roster.DirectoryAPI, directoryapi.Reader, time.Now().Add(time.Hour))
	client := wiretest.New(t, n.server, base)
	for _, c := range []struct {
		client *wiretest.Client
		status int
	}{{client.As(token), 200}, {client, 401}} {
		var statuses []int
		for range 20 {
			r := c.client.Get("/groups")
			statuses = append(statuses, r.Status)
			if r.Status == 429 && (r.At("error.code") != "RATE_LIMITED" || r.Header.Get("Retry-After") != "1") {
				t.Errorf("%s after %q", r.Body, r.Header.Get("Retry-After"))
			}
		}
		if statuses[0] != c.status || !slices.Contains(statuses, 429) {
			t.Errorf("%v", statuses)
		}
	}
	client.From("198.51.100.7").Get("/groups").Want(401) // another address has its own rate
}

// Each kind of error has its code and nothing of its cause.
func TestErrorsTellNoCause(t *testing.T) {
	database := storetest.SQLite(t)
	n := newNode(t, database, time.Now, noLimits)
	actor := storetest.Tenant(t, n.db, "acme")
	_, token := n.token(t, actor, roster.DirectoryAPI, directoryapi.Administrator, time.Now().Add(time.Hour))
	client := wiretest.New(t, n.server, base).As(token)
	client.Get("/accounts").Want(200)
	if err := n.db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*wiretest.Response{client.Get("/accounts"), client.Post("/groups", `{"name":"n"}`)} {
		if r.Status != 500 && r.Status != 503 || strings.Contains(string(r.Body), "sql") {
			t.Errorf("%d %s", r.Status, r.Body)
		}
		if code := fmt.Sprint(r.At("error.code")); code != "INTERNAL_ERROR" && code != "UNAVAILABLE" {
			t.Errorf("%s", r.Body)
		}
	}
}
