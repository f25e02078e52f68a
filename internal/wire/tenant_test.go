package wire

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/roster"
)

// An API whose paths name the tenant, whose clients act for persons, and which
// takes the tokens of another: what the mobility APIs need of the kit.

var userActors = tokens{
	"rider":    {Tenant: demo, ID: "token:1", API: roster.UserAPI, Role: "USER", PersonID: 11},
	"client":   {Tenant: demo, ID: "token:2", API: roster.UserAPI, Role: "API_CLIENT"},
	"operator": {Tenant: demo, ID: "token:3", API: roster.OperationsAPI, Role: "ADMIN", PersonID: 12},
	"reader":   {Tenant: demo, ID: "token:4", API: roster.DirectoryAPI, Role: "Reader"},
	"foreign":  {Tenant: roster.Tenant{ID: 2, Name: "other"}, ID: "token:5", API: roster.UserAPI, Role: "USER", PersonID: 13},
}

// impersonateFake lets clients act for the two persons it knows, and tries to
// smuggle in another actor.
func impersonateFake(_ context.Context, client roster.Actor, user string) (roster.Actor, error) {
	persons := map[string]int64{"u-21": 21, "u-22": 22}
	if client.Role != "API_CLIENT" {
		return roster.Actor{}, roster.Errorf(roster.Forbidden, "A192", "only clients act for others")
	}
	if persons[user] == 0 {
		return roster.Actor{}, roster.Errorf(roster.NotFound, "", "there is no user %q", user)
	}
	return roster.Actor{
		Tenant: roster.Tenant{ID: 9, Name: "stolen"}, ID: "token:9", API: client.API, Role: "USER", PersonID: persons[user],
	}, nil
}

type whoOut struct {
	Location string `header:"Location"`
	Body     struct {
		Actor   string `json:"actor"`
		Tenant  string `json:"tenant"`
		Person  int64  `json:"person"`
		Role    string `json:"role"`
		Request bool   `json:"request"`
	}
}

func who(ctx context.Context, a roster.Actor, in *struct {
	ID   string `path:"id"`
	Fail bool   `query:"fail"`
}) (*whoOut, error) {
	if in.Fail {
		panic("secret")
	}
	out := &whoOut{Location: Location(ctx, "/who/"+in.ID)}
	out.Body.Actor, out.Body.Tenant, out.Body.Person, out.Body.Role = a.ID, a.Tenant.Name, a.PersonID, a.Role
	out.Body.Request = a.RequestID == RequestID(ctx)
	return out, nil
}

func newUserAPI() *API {
	api := NewAPI(Spec{
		Name: roster.UserAPI, Title: "User", Version: "1", Bases: []string{"/v1/{tenant}/front"},
		Label: "user", HostBases: []string{""}, TraceHeader: "X-Trace-Id",
		Tokens:             []roster.API{roster.UserAPI, roster.OperationsAPI},
		ImpersonateHeaders: []string{"GoUrban-Impersonate", "X-Impersonate-User"},
		Dialect:            Dialect{Body: traceError{}, Render: renderTrace},
	})
	Register(api, Op{ID: "who", Method: "GET", Path: "/who/{id}", Access: Person}, who)
	Register(api, Op{ID: "who-all", Method: "PUT", Path: "/who/{id}"}, who)
	Register(api, Op{ID: "who-role", Method: "PATCH", Path: "/who/{id}", Access: Access{Person: true, Roles: []string{"USER"}}}, who)
	Register(api, Op{ID: "sign-in", Method: "POST", Path: "/sign-in", Access: Public},
		func(ctx context.Context, _ roster.Actor, _ *struct{}) (*titleOut, error) {
			out := &titleOut{}
			var err error
			out.Body.Title, err = TenantName(ctx)
			out.Body.Title += "/" + HostTenant(ctx)
			return out, err
		})
	return api
}

type traceError struct {
	Code  string `json:"code"`
	Trace string `json:"trace"`
	At    string `json:"at"`
}

func renderTrace(e *roster.Error, of Failed) (int, any) {
	code := e.Code
	if code == "" {
		code = directoryKinds[e.Kind].code
	}
	return directoryKinds[e.Kind].status, traceError{code, of.RequestID, of.At.Format(time.RFC3339)}
}

func newUserServer(o Options) *Server {
	o.Auth, o.Impersonate = userActors, impersonateFake
	o.KnownTenant = func(name string) bool { return name == "demo" || name == "other" }
	o.Clock = func() time.Time { return time.Unix(0, 0) }
	return NewServer(o, newUserAPI(), newDirectory())
}

const front = "/v1/demo/front"

func TestTenantInThePath(t *testing.T) {
	extra := http.NewServeMux()
	extra.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	server := newUserServer(Options{Limits: unlimited, Extra: extra, DefaultTenant: "standard"})
	rider := `{"actor":"token:1","tenant":"demo","person":11,"role":"USER","request":true}`
	fault := func(code string) string { return `{"code":"` + code + `","trace":"t-1","at":"1970-01-01T00:00:00Z"}` }
	for _, c := range []call{
		{name: "path", method: "GET", path: front + "/who/5", token: "rider", status: 200, want: rider, wantHeader: map[string]string{"Location": front + "/who/5"}},
		{name: "HEAD", method: "HEAD", path: front + "/who/5", token: "rider", status: 200, wantHeader: map[string]string{"Location": front + "/who/5"}},
		{name: "host", method: "GET", host: "user.example.com", path: "/who/5", token: "rider", status: 200, want: rider, wantHeader: map[string]string{"Location": "/who/5"}},
		{name: "host with tenant", method: "GET", host: "user.demo.example.com", path: "/who/5", token: "rider", status: 200, want: rider},
		{name: "host of another tenant", method: "GET", host: "user.other.example.com", path: "/who/5", token: "rider", status: 401, want: fault("UNAUTHORIZED")},
		{name: "path of another tenant", method: "GET", path: "/v1/other/front/who/5", token: "rider", status: 401, want: fault("UNAUTHORIZED")},
		{name: "path of its tenant", method: "GET", path: "/v1/other/front/who/5", token: "foreign", status: 200, wantHeader: map[string]string{"Location": "/v1/other/front/who/5"}},
		{name: "path on the host", method: "GET", host: "user.other.example.com", path: front + "/who/5", token: "rider", status: 200, want: rider},
		{name: "unknown tenant", method: "GET", path: "/v1/nope/front/who/5", status: 404, want: fault("NOT_FOUND")},
		{name: "unknown tenant, token", method: "GET", path: "/v1/nope/front/who/5", token: "rider", status: 404, want: fault("NOT_FOUND")},
		{name: "unknown tenant, public", method: "POST", path: "/v1/nope/front/sign-in", status: 404, want: fault("NOT_FOUND")},
		{name: "unknown tenant, method", method: "DELETE", path: "/v1/nope/front/who/5", status: 404, want: fault("NOT_FOUND")},
		{name: "unknown tenant, documents", method: "GET", path: "/v1/nope/front/openapi.json", status: 404, want: fault("NOT_FOUND")},
		{name: "strange tenant", method: "GET", path: "/v1/a%2Fb/front/who/5", token: "rider", status: 404, want: fault("NOT_FOUND")},
		{name: "no such path", method: "GET", path: front + "/nothing", status: 404, want: fault("NOT_FOUND")},
		{name: "base", method: "GET", path: front, status: 404, want: fault("NOT_FOUND")},
		{name: "method", method: "DELETE", path: front + "/who/5", status: 405, want: fault("METHOD_NOT_ALLOWED"), wantHeader: map[string]string{"Allow": "GET, HEAD, PUT, PATCH"}},
		{name: "untidy", method: "GET", path: front + "//who/5", token: "rider", status: 404, want: fault("NOT_FOUND")},
		{name: "untidy, unknown tenant", method: "GET", path: "/v1/nope/front//who", status: 404, want: fault("NOT_FOUND")},
		{name: "panic", method: "GET", path: front + "/who/5?fail=true", token: "rider", status: 500, want: fault("INTERNAL_ERROR")},
		{name: "host, nothing", method: "GET", host: "user.example.com", path: "/nothing", status: 404, want: fault("NOT_FOUND")},
		{name: "host, method", method: "DELETE", host: "user.example.com", path: "/who/5", status: 405, want: fault("METHOD_NOT_ALLOWED"), wantHeader: map[string]string{"Allow": "GET, HEAD, PUT, PATCH"}},
		{name: "host, untidy", method: "GET", host: "user.example.com", path: "/who/../5", status: 404, want: fault("NOT_FOUND")},
		{name: "public", method: "POST", path: "/v1/other/front/sign-in", header: map[string]string{"Roster-Tenant": "demo"}, status: 200, want: `{"title":"other/other"}`},
		{name: "public on the host", method: "POST", host: "user.demo.example.com", path: "/sign-in", header: map[string]string{"Roster-Tenant": "other"}, status: 200, want: `{"title":"demo/demo"}`},
		{name: "public by header", method: "POST", host: "user.example.com", path: "/sign-in", header: map[string]string{"Roster-Tenant": "other"}, status: 200, want: `{"title":"other/"}`},
		{name: "public by default", method: "POST", host: "user.example.com", path: "/sign-in", status: 200, want: `{"title":"standard/"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.header == nil {
				c.header = map[string]string{}
			}
			c.header["X-Request-Id"] = "t-1"
			w := c.run(t, server)
			if got := w.Header().Get("X-Trace-Id"); got != "t-1" {
				t.Errorf("X-Trace-Id is %q", got)
			}
		})
	}
	for _, c := range []call{ // what is no address of the API answers as it does elsewhere
		{method: "GET", host: "user.example.com", path: "/healthz", status: 204},
		{method: "GET", host: "user.example.com", path: dList, token: "rider", status: 403},
	} {
		c.run(t, server)
	}
}

func TestUnknownTenantCountsAgainstTheAddress(t *testing.T) {
	server := newUserServer(Options{Limits: Limits{PerToken: -1, PerAddress: 2}})
	for _, status := range []int{404, 404, 429} {
		call{method: "GET", path: "/v1/nope/front/who/5", token: "rider", status: status}.run(t, server)
	}
	call{method: "GET", path: "/v1/nope/front/nothing", status: 429}.run(t, server)
	call{method: "GET", path: "/v1/nope/front/docs", status: 429}.run(t, server)
	call{method: "GET", path: front + "/docs", status: 200}.run(t, server)
	call{method: "GET", path: front + "/who/5", token: "rider", status: 200}.run(t, server)
}

func TestTokensOfOtherAPIs(t *testing.T) {
	server := newUserServer(Options{Limits: unlimited})
	call{method: "GET", path: front + "/who/5", token: "operator", status: 200}.run(t, server)
	call{method: "GET", path: front + "/who/5", token: "reader", status: 403}.run(t, server)
	call{method: "GET", path: dList, token: "rider", status: 403}.run(t, server)
}

func TestImpersonation(t *testing.T) {
	server := newUserServer(Options{Limits: unlimited})
	for _, c := range []struct {
		name, method, token string
		as, also            string // the two headers
		status              int
		want                string // a person, or a code
	}{
		{"as one", "GET", "client", "u-21", "", 200, "21"},
		{"by the other header", "GET", "client", "", "u-22", 200, "22"},
		{"by both", "GET", "client", "u-21", "u-21", 200, "21"},
		{"as two", "GET", "client", "u-21", "u-22", 400, "VALIDATION_ERROR"},
		{"padded", "GET", "client", " u-21 ", "", 200, "21"},
		{"as nobody known", "GET", "client", "u-23", "", 404, "NOT_FOUND"},
		{"as nobody, where nobody is needed", "PUT", "client", "u-23", "", 404, "NOT_FOUND"},
		{"not at all", "GET", "client", "", "", 403, CodeNoPerson},
		{"not at all, nor needed", "PUT", "client", "", "", 200, "0"},
		{"with the person's role", "PATCH", "client", "u-21", "", 200, "21"},
		{"without the role", "PATCH", "operator", "", "", 403, "FORBIDDEN"},
		{"by a person", "GET", "rider", "u-21", "", 403, "A192"},
		{"without a token", "GET", "", "u-21", "", 401, "UNAUTHORIZED"},
		{"of another API", "GET", "reader", "u-21", "", 403, "FORBIDDEN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := call{method: c.method, path: front + "/who/5", token: c.token, status: c.status, header: map[string]string{
				"GoUrban-Impersonate": c.as, "X-Impersonate-User": c.also,
			}}.run(t, server)
			var got struct {
				Actor, Tenant, Code string
				Person              json.Number
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if c.status == 200 && (got.Person.String() != c.want || got.Actor != "token:2" || got.Tenant != "demo") {
				t.Errorf("acts as %+v, want the client with person %s", got, c.want)
			}
			if c.status != 200 && got.Code != c.want {
				t.Errorf("code %s, want %s", got.Code, c.want)
			}
		})
	}
	empty := call{method: "GET", path: front + "/who/5", token: "client"}.request()
	empty.Header["Gourban-Impersonate"] = []string{""}
	w := httptest.NewRecorder()
	if server.ServeHTTP(w, empty); w.Code != 404 {
		t.Errorf("an empty name answers %d", w.Code)
	}
	server.impersonate = nil
	call{method: "PUT", path: front + "/who/5", token: "client", header: map[string]string{"X-Impersonate-User": "u-21"}, status: 403}.run(t, server)
}

func TestTenantDocuments(t *testing.T) {
	server := newUserServer(Options{Limits: unlimited})
	for _, c := range []struct{ host, base, tenant string }{
		{"127.0.0.1", "/v1/demo/front", "demo"}, {"127.0.0.1", "/v1/other/front", "other"}, {"user.example.com", "", ""},
	} {
		w := call{method: "GET", host: c.host, path: c.base + "/openapi.json", status: 200}.run(t, server)
		var spec struct {
			Servers []struct {
				URL       string
				Variables map[string]struct{ Default string }
			}
			Paths map[string]map[string]struct {
				Parameters []struct{ Name, In string }
				Responses  map[string]struct{ Headers map[string]any }
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &spec); err != nil {
			t.Fatal(err)
		}
		if got := spec.Servers[0]; c.tenant != "" && (got.URL != "/v1/{tenant}/front" || got.Variables["tenant"].Default != c.tenant) {
			t.Errorf("server %+v", got)
		}
		get := spec.Paths["/who/{id}"]["get"]
		named := false
		for _, p := range get.Parameters {
			named = named || p.Name == "GoUrban-Impersonate" && p.In == InHeader
		}
		if _, traced := get.Responses["200"].Headers["X-Trace-Id"]; !named || !traced {
			t.Errorf("the documents name the header of impersonation: %t, of the trace: %t", named, traced)
		}
		if params := spec.Paths["/sign-in"]["post"].Parameters; len(params) != 0 {
			t.Errorf("a public call has the parameters %v", params)
		}
		page := call{method: "GET", host: c.host, path: c.base + "/docs", status: 200}.run(t, server).Body.String()
		for _, part := range []string{`href="` + c.base + `/docs.css"`, c.base + "/openapi.json", "Open to: a person: USER"} {
			if !strings.Contains(page, part) {
				t.Errorf("the page below %s lacks %s", c.base, part)
			}
		}
		call{method: "GET", host: c.host, path: c.base + "/docs.css", status: 200}.run(t, server)
		call{method: "HEAD", host: c.host, path: c.base + "/docs", status: 200}.run(t, server)
	}
}

func TestTenantsMustBeKnown(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a server was made that cannot know the tenants in its paths")
		}
	}()
	NewServer(Options{}, newUserAPI())
}

// TestBelow holds below against the mux, which decides in the end.
func TestBelow(t *testing.T) {
	const base = "/v1/{tenant}/front"
	mux := http.NewServeMux()
	found := func(http.ResponseWriter, *http.Request) {}
	mux.HandleFunc(base, found)
	mux.HandleFunc(base+"/", found)
	segment := rapid.SampledFrom([]string{"v1", "demo", "front", "x", "frontal", "tenant"})
	rapid.Check(t, func(t *rapid.T) {
		path := "/" + strings.Join(rapid.SliceOfN(segment, 1, 5).Draw(t, "segments"), "/")
		if rapid.Bool().Draw(t, "slash") {
			path += "/"
		}
		r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		_, pattern := mux.Handler(r)
		mux.ServeHTTP(httptest.NewRecorder(), r)
		tenant, ok := below(base, path)
		if ok != (pattern != "") || ok && tenant != r.PathValue("tenant") {
			t.Fatalf("%s is %q, %t; the mux says %q, %q", path, tenant, ok, pattern, r.PathValue("tenant"))
		}
	})
}
