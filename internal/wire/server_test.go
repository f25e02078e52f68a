package wire

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
)

const (
	pGroup = "/property/api/v1/groups/g"
	dGroup = "/directory/api/v1/groups/grp-1"
	dList  = "/directory/api/v1/groups"
)

func TestCalls(t *testing.T) {
	big := `{"group":{"title":"` + strings.Repeat("x", bodyLimit) + `"}}`
	exact := `{"group":{"title":"ab"}}` + strings.Repeat(" ", bodyLimit-len(`{"group":{"title":"ab"}}`))
	property := func(code, title, details string) string {
		if details != "" {
			details = `,"details":` + details
		}
		return `{"errors":{"code":"` + code + `","title":"` + title + `"` + details + `}}`
	}
	bad := property("bad_request", "Bad Request", "")
	invalid := func(details string) string { return property("validation_error", "Validation Error", details) }
	calls := []call{
		{name: "value", method: "PUT", path: pGroup, token: "owner", body: `{"group":{"title":"ab"}}`, status: 200, want: `{"title":"ab"}`,
			wantHeader: map[string]string{"Roster-Revision": "41", "Content-Type": "application/json", "X-Content-Type-Options": "nosniff"}},
		{name: "unknown fields", method: "PUT", path: pGroup, token: "owner", body: `{"id":1,"group":{"title":"ab","x":{}}}`, status: 200},
		{name: "missing", method: "PUT", path: pGroup, token: "owner", body: `{"group":{}}`, status: 422, want: invalid(`{"title":["can't be blank"]}`)},
		{name: "no object", method: "PUT", path: pGroup, token: "owner", body: `{}`, status: 422, want: invalid(`{"group":["can't be blank"]}`)},
		{name: "no string", method: "PUT", path: pGroup, token: "owner", body: `{"group":{"title":7}}`, status: 422, want: invalid(`{"title":["is invalid"]}`)},
		{name: "too long", method: "PUT", path: pGroup, token: "owner", body: `{"group":{"title":"äöüßab"}}`, status: 422, want: invalid(`{"title":["should be at most 5 character(s)"]}`)},
		{name: "long enough", method: "PUT", path: pGroup, token: "owner", body: `{"group":{"title":"äöüßa"}}`, status: 200},
		{name: "NUL", method: "PUT", path: pGroup, token: "owner", body: `{"group":{"title":"a\u0000"}}`, status: 422, want: invalid(`{"title":["is invalid"]}`)},
		{name: "invalid UTF-8", method: "PUT", path: pGroup, token: "owner", body: "{\"group\":{\"title\":\"a\xff\"}}", status: 422, want: invalid(`{"title":["is invalid"]}`)},
		{name: "nested field", method: "PUT", path: pGroup, token: "owner", body: `{"group":{"title":"a","tags":["x",1]}}`, status: 422, want: invalid(`{"tags[1]":["is invalid"]}`)},
		{name: "other case", method: "PUT", path: pGroup, token: "owner", body: `{"group":{"TITLE":"ab"}}`, status: 422, want: invalid(`{"title":["can't be blank"]}`)},
		{name: "bad JSON", method: "PUT", path: pGroup, token: "owner", body: `{`, status: 400, want: bad},
		{name: "repeated key", method: "PUT", path: pGroup, token: "owner", body: `{"group":{"title":"a","title":"b"}}`, status: 400, want: bad},
		{name: "more after", method: "PUT", path: pGroup, token: "owner", body: `{"group":{"title":"a"}}{}`, status: 400, want: bad},
		{name: "no body", method: "PUT", path: pGroup, token: "owner", status: 400, want: bad},
		{name: "array", method: "PUT", path: pGroup, token: "owner", body: `[]`, status: 422, want: invalid(`{"":["is invalid"]}`)},
		{name: "bad page", method: "PUT", path: pGroup + "?page=x", token: "owner", body: `{"group":{"title":"a"}}`, status: 400, want: bad},
		{name: "low page", method: "PUT", path: pGroup + "?page=0", token: "owner", body: `{"group":{"title":"a"}}`, status: 400, want: bad},
		{name: "NUL in the path", method: "PUT", path: "/property/api/v1/groups/a%00", token: "owner", body: `{"group":{"title":"a"}}`, status: 404},
		{name: "any media type", method: "PUT", path: pGroup, token: "owner", body: `{"group":{"title":"ab"}}`, header: map[string]string{"Content-Type": "text/plain"}, status: 200},
		{name: "largest body", method: "PUT", path: pGroup, token: "owner", body: exact, status: 200},
		{name: "too large", method: "PUT", path: pGroup, token: "owner", body: big, status: 413, want: property("too_large", "the body is too large", "")},
		{name: "key header", method: "PUT", path: pGroup, header: map[string]string{"User-Api-Key": "owner"}, body: `{"group":{"title":"ab"}}`, status: 200},
		{name: "no token", method: "PUT", path: pGroup, body: `{`, status: 401, wantHeader: map[string]string{"WWW-Authenticate": "Bearer", "Roster-Revision": ""}},
		{name: "wrong token", method: "PUT", path: pGroup, token: "nobody", status: 401, wantHeader: map[string]string{"WWW-Authenticate": "Bearer"},
			want: property("unauthorized", "the token is unknown, expired or revoked", "")},
		{name: "other scheme", method: "PUT", path: pGroup, header: map[string]string{"Authorization": "Basic owner"}, status: 401},
		{name: "other API", method: "PUT", path: pGroup, token: "admin", body: `{`, status: 403, want: property("forbidden", "the token is of another API: directory", "")},
		{name: "no route", method: "GET", path: "/property/api/v1/nothing", status: 404, want: property("resource_not_found", "there is nothing at this address", "")},
		{name: "base", method: "GET", path: "/property/api/v1", status: 404},
		{name: "wrong method", method: "POST", path: pGroup, status: 405, want: property("method_not_allowed", "this address does not take POST", ""), wantHeader: map[string]string{"Allow": "PUT"}},
		{name: "untidy", method: "GET", path: "/property/api/v1//groups", status: 404, want: property("resource_not_found", "there is nothing at this address", "")},

		{name: "partial", method: "PATCH", path: dGroup, token: "admin", body: `{"name":null,"count":3}`, status: 200, want: `{"name":"null","role":"absent","count":"3"}`, wantHeader: map[string]string{"ETag": `"8"`}},
		{name: "empty", method: "PATCH", path: dGroup, token: "admin", body: `{}`, status: 200, want: `{"name":"absent","role":"absent","count":"absent"}`},
		{name: "merge patch", method: "PATCH", path: dGroup, token: "admin", body: `{}`, header: map[string]string{"Content-Type": "application/merge-patch+json"}, status: 200},
		{name: "charset", method: "PATCH", path: dGroup, token: "admin", body: `{}`, header: map[string]string{"Content-Type": "Application/JSON; charset=utf-8"}, status: 200},
		{name: "other media type", method: "PATCH", path: dGroup, token: "admin", body: `{}`, header: map[string]string{"Content-Type": "text/plain"}, status: 415,
			want: `{"error":{"code":"UNSUPPORTED","message":"the body must be application/json"}}`},
		{name: "enum", method: "PATCH", path: dGroup, token: "admin", body: `{"role":"root"}`, status: 400,
			want: `{"error":{"code":"VALIDATION_ERROR","message":"role must be one of owner, user","details":{"role":["must be one of owner, user"]}}}`},
		{name: "enum by case", method: "PATCH", path: dGroup, token: "admin", body: `{"ROLE":"root"}`, status: 200, want: `{"name":"absent","role":"absent","count":"absent"}`},
		{name: "enum by escape", method: "PATCH", path: dGroup, token: "admin", body: `{"\u0052ole":"root"}`, status: 200, want: `{"name":"absent","role":"absent","count":"absent"}`},
		{name: "enum by fold", method: "PATCH", path: dGroup, token: "admin", body: `{"role":"user","ROLE":"root"}`, status: 200, want: `{"name":"absent","role":"\"user\"","count":"absent"}`},
		{name: "number as text", method: "PATCH", path: dGroup, token: "admin", body: `{"count":"3"}`, status: 400,
			want: `{"error":{"code":"VALIDATION_ERROR","message":"count must be an integer","details":{"count":["must be an integer"]}}}`},
		{name: "number too large", method: "PATCH", path: dGroup, token: "admin", body: `{"count":1e30}`, status: 400,
			want: `{"error":{"code":"VALIDATION_ERROR","message":"count must be an integer","details":{"count":["must be an integer"]}}}`},
		{name: "number beyond all", method: "PATCH", path: dGroup, token: "admin", body: `{"count":1e999}`, status: 400,
			want: `{"error":{"code":"VALIDATION_ERROR","message":"count must be a number","details":{"count":["must be a number"]}}}`},
		{name: "several", method: "PATCH", path: dGroup, token: "admin", body: `{"count":true,"name":[]}`, status: 400,
			want: `{"error":{"code":"VALIDATION_ERROR","message":"count must be an integer","details":{"count":["must be an integer"],"name":["must be a string"]}}}`},
		{name: "bad JSON there", method: "PATCH", path: dGroup, token: "admin", body: `nul`, status: 400,
			want: `{"error":{"code":"BAD_JSON","message":"the body is no valid JSON: unexpected character at byte 0"}}`},
		{name: "role first", method: "PATCH", path: dGroup, token: "reader", body: `{`, status: 403, want: `{"error":{"code":"FORBIDDEN","message":"this needs the role Administrator"}}`},
		{name: "match", method: "PATCH", path: dGroup, token: "admin", body: `{}`, header: map[string]string{"If-Match": `"3", "7"`}, status: 200},
		{name: "match any", method: "PATCH", path: dGroup, token: "admin", body: `{}`, header: map[string]string{"If-Match": `*`}, status: 200},
		{name: "no match", method: "PATCH", path: dGroup, token: "admin", body: `{}`, header: map[string]string{"If-Match": `"6"`}, status: 412},
		{name: "weak match", method: "PATCH", path: dGroup, token: "admin", body: `{}`, header: map[string]string{"If-Match": `W/"7"`}, status: 412},
		{name: "no content", method: "DELETE", path: dGroup, token: "reader", status: 204, wantHeader: map[string]string{"Roster-Revision": "41", "Content-Type": ""}},
		{name: "list", method: "GET", path: dList, token: "reader", status: 200, want: `{"actor":"token:3","search":""}`, wantHeader: map[string]string{"Location": dGroup, "Content-Length": "31"}},
		{name: "sent", method: "GET", path: dList + "?limit=3&search=a%20b", token: "reader", status: 200, want: `{"actor":"token:3","search":"a b","limit":true}`},
		{name: "no integer", method: "GET", path: dList + "?limit=3x", token: "reader", status: 400,
			want: `{"error":{"code":"VALIDATION_ERROR","message":"limit must be an integer","details":{"limit":["must be an integer"]}}}`},
		{name: "NUL in a parameter", method: "GET", path: dList + "?search=%00", token: "reader", status: 400,
			want: `{"error":{"code":"VALIDATION_ERROR","message":"search must be valid UTF-8 without NUL","details":{"search":["must be valid UTF-8 without NUL"]}}}`},
		{name: "UTF-8 in a parameter", method: "GET", path: dList + "?search=%ff", token: "reader", status: 400},
		{name: "panic", method: "GET", path: dList + "?fail=panic", token: "reader", status: 500, want: `{"error":{"code":"INTERNAL_ERROR","message":"internal error"}}`},
		{name: "fault", method: "GET", path: dList + "?fail=error", token: "reader", status: 500, want: `{"error":{"code":"INTERNAL_ERROR","message":"internal error"}}`},
		{name: "deadline", method: "GET", path: dList + "?fail=late", token: "reader", status: 503, want: `{"error":{"code":"UNAVAILABLE","message":"the request took too long"}}`},
		{name: "try later", method: "GET", path: dList + "?fail=slow", token: "reader", status: 429, wantHeader: map[string]string{"Retry-After": "2"}},
		{name: "wrong method there", method: "PUT", path: dList, status: 405, wantHeader: map[string]string{"Allow": "GET, HEAD"}},
		{name: "methods of one", method: "GET", path: dGroup, status: 405, wantHeader: map[string]string{"Allow": "PATCH, DELETE"}},

		{name: "host", method: "GET", path: "/api/v1/groups", host: "directory.example.com", token: "reader", status: 200, wantHeader: map[string]string{"Location": "/api/v1/groups/grp-1"}},
		{name: "host with tenant", method: "GET", path: "/api/v1/groups", host: "directory.demo.example.com:80", token: "reader", status: 200},
		{name: "host of another tenant", method: "GET", path: "/api/v1/groups", host: "directory.other.example.com", token: "reader", status: 401},
		{name: "host, prefixed", method: "GET", path: dList, host: "directory.example.com", token: "reader", status: 200},
		{name: "host, nothing", method: "GET", path: "/api/v1/nothing", host: "directory.example.com", status: 404, want: `{"error":{"code":"NOT_FOUND","message":"there is nothing at this address"}}`},
		{name: "host, untidy", method: "GET", path: "/api/v1/../v1/groups", host: "directory.example.com", status: 404, want: `{"error":{"code":"NOT_FOUND","message":"there is nothing at this address"}}`},
		{name: "no host", method: "GET", path: "/api/v1/groups", status: 404},
		{name: "extra", method: "GET", path: "/healthz", status: 204},
		{name: "extra on a host", method: "GET", path: "/healthz", host: "directory.example.com", status: 204},

		{name: "tenant by host", method: "POST", path: "/api/v1/sign_in", host: "property.other.example.com", header: map[string]string{"Roster-Tenant": "demo"}, status: 200, want: `{"title":"other"}`},
		{name: "tenant by header", method: "POST", path: "/api/v1/sign_in", host: "property.example.com", header: map[string]string{"Roster-Tenant": "third"}, status: 200, want: `{"title":"third"}`},
		{name: "default tenant", method: "POST", path: "/property/api/v1/sign_in", status: 200, want: `{"title":"standard"}`},
	}
	extra := http.NewServeMux()
	extra.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	server := newTestServer(Options{
		Limits: unlimited, Extra: extra, DefaultTenant: "standard",
		KnownTenant: func(name string) bool { return name == "demo" || name == "other" },
	})
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) { c.run(t, server) })
	}
}

func TestTenantMissing(t *testing.T) {
	server := newTestServer(Options{Limits: unlimited})
	call{method: "POST", path: "/property/api/v1/sign_in", status: 400}.run(t, server)
}

func TestRequestID(t *testing.T) {
	server := newTestServer(Options{Limits: unlimited})
	for sent, want := range map[string]bool{"abc-1.Z_": true, "": false, "a b": false, strings.Repeat("x", 65): false, "a\n": false} {
		w := call{method: "GET", path: dList, token: "reader", header: map[string]string{"X-Request-Id": sent}, status: 200}.run(t, server)
		if got := w.Header().Get("X-Request-Id"); got == "" || (got == sent) != want {
			t.Errorf("sent %q, got %q", sent, got)
		}
	}
}

func TestLogHoldsNoSecret(t *testing.T) {
	var log bytes.Buffer
	server := newTestServer(Options{Limits: unlimited, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	call{method: "GET", path: dList + "?search=mail@example.com", token: "reader", status: 200}.run(t, server)
	call{method: "GET", path: dList + "?fail=panic", token: "reader", status: 500}.run(t, server)
	call{method: "GET", path: dList, token: "wrong-token", status: 401}.run(t, server)
	text := log.String()
	for _, secret := range []string{"reader", "wrong-token", "mail@example.com", "192.0.2.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log shows %q:\n%s", secret, text)
		}
	}
	for _, part := range []string{"operation=list-groups", "actor=token:3", "panic=secret", "goroutine"} {
		if !strings.Contains(text, part) {
			t.Errorf("the log lacks %q:\n%s", part, text)
		}
	}
}

func TestRoutes(t *testing.T) {
	server := newTestServer(Options{})
	got := map[string]string{}
	for _, r := range server.Routes() {
		got[r.Host+" "+r.Method+" "+r.Path] = string(r.API) + " " + r.Operation + " " + r.Access.String()
	}
	for route, want := range map[string]string{
		" PATCH /directory/api/v1/groups/{id}": "directory update-group Administrator",
		"directory PATCH /api/v1/groups/{id}":  "directory update-group Administrator",
		" GET /directory/api/v1/groups":        "directory list-groups any token",
		"property POST /api/v1/sign_in":        "property sign-in public",
	} {
		if got[route] != want {
			t.Errorf("%s is %q, want %q", route, got[route], want)
		}
	}
	if len(got) != 10 {
		t.Errorf("%d routes, want 10", len(got))
	}
}

func TestDialectMustKnowAllKinds(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a dialect without a status for Unavailable was taken")
		}
	}()
	NewAPI(Spec{Dialect: Dialect{Body: directoryError{}, Render: renderSome}})
}

func renderSome(e *roster.Error, _ Failed) (int, any) {
	if e.Kind == roster.Unavailable {
		return 0, directoryError{}
	}
	return 500, directoryError{}
}
