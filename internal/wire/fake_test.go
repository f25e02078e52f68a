package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/roster"
)

// Two APIs as unlike as the documented ones: property answers 422 with an object
// of lists in its own words and takes any media type, directory 400 and JSON.

type propertyError struct {
	Errors propertyErrors `json:"errors"`
}

type propertyErrors struct {
	Code    string `json:"code"`
	Title   string `json:"title"`
	Details any    `json:"details,omitempty"`
}

var propertyKinds = map[roster.Kind]struct {
	status int
	code   string
}{
	roster.Internal: {500, "internal_error"}, roster.Invalid: {422, "validation_error"},
	roster.Unauthenticated: {401, "unauthorized"}, roster.Forbidden: {403, "forbidden"},
	roster.NotFound: {404, "resource_not_found"}, roster.Exists: {422, "validation_error"},
	roster.Conflict: {422, "validation_error"}, roster.Precondition: {412, "precondition_failed"},
	roster.TooMany: {429, "too_many_requests"}, roster.TooLarge: {413, "too_large"},
	roster.Unsupported: {415, "unsupported"}, roster.Method: {405, "method_not_allowed"},
	roster.Unavailable: {503, "unavailable"},
}

func renderProperty(e *roster.Error, _ Failed) (int, any) {
	k := propertyKinds[e.Kind]
	body := propertyErrors{Code: k.code, Title: e.Msg}
	if e.Code == CodeBadJSON {
		return 400, propertyError{propertyErrors{Code: "bad_request", Title: "Bad Request"}}
	}
	if fields := FieldsOf(e); fields != nil {
		if fields[0].In != InBody {
			return 400, propertyError{propertyErrors{Code: "bad_request", Title: "Bad Request"}}
		}
		details := map[string][]string{}
		for name, messages := range fields.Messages() {
			details[strings.TrimPrefix(name, "group.")] = messages
		}
		body.Title, body.Details = "Validation Error", details
	}
	return k.status, propertyError{body}
}

func phraseProperty(f Field) string {
	switch f.Rule {
	case RuleRequired:
		return "can't be blank"
	case RuleMaxLength:
		return "should be at most " + f.Limit + " character(s)"
	default:
		return "is invalid"
	}
}

type directoryError struct {
	Error directoryErrors `json:"error"`
}

type directoryErrors struct {
	Code    string              `json:"code"`
	Message string              `json:"message"`
	Details map[string][]string `json:"details,omitempty"`
}

var directoryKinds = map[roster.Kind]struct {
	status int
	code   string
}{
	roster.Internal: {500, "INTERNAL_ERROR"}, roster.Invalid: {400, "VALIDATION_ERROR"},
	roster.Unauthenticated: {401, "UNAUTHORIZED"}, roster.Forbidden: {403, "FORBIDDEN"},
	roster.NotFound: {404, "NOT_FOUND"}, roster.Exists: {409, "CONFLICT"},
	roster.Conflict: {409, "CONFLICT"}, roster.Precondition: {412, "PRECONDITION_FAILED"},
	roster.TooMany: {429, "RATE_LIMITED"}, roster.TooLarge: {413, "TOO_LARGE"},
	roster.Unsupported: {415, "UNSUPPORTED"}, roster.Method: {405, "METHOD_NOT_ALLOWED"},
	roster.Unavailable: {503, "UNAVAILABLE"},
}

func renderDirectory(e *roster.Error, _ Failed) (int, any) {
	k := directoryKinds[e.Kind]
	code := k.code
	if e.Code != "" {
		code = strings.ToUpper(e.Code)
	}
	return k.status, directoryError{directoryErrors{code, e.Msg, FieldsOf(e).Messages()}}
}

type titleIn struct {
	ID   string `path:"id"`
	Page int64  `query:"page" minimum:"1"`
	Body struct {
		Group struct {
			Title string   `json:"title" maxLength:"5"`
			Tags  []string `json:"tags,omitempty"`
		} `json:"group"`
	}
}

type titleOut struct {
	Body struct {
		Title string `json:"title"`
	}
}

func newProperty() *API {
	api := NewAPI(Spec{
		Name: roster.PropertyAPI, Title: "Property", Version: "1", Bases: []string{"/property/api/v1"},
		Label: "property", HostBases: []string{"/api/v1"}, KeyHeader: "user-api-key", AnyMediaType: true,
		Dialect: Dialect{Body: propertyError{}, Render: renderProperty, Phrase: phraseProperty},
	})
	Register(api, Op{ID: "update-group", Method: "PUT", Path: "/groups/{id}", Summary: "Update a group"},
		func(_ context.Context, _ roster.Actor, in *titleIn) (*titleOut, error) {
			out := &titleOut{}
			out.Body.Title = in.Body.Group.Title
			return out, nil
		})
	Register(api, Op{ID: "sign-in", Method: "POST", Path: "/sign_in", Access: Public},
		func(ctx context.Context, a roster.Actor, _ *struct{}) (*titleOut, error) {
			out := &titleOut{}
			var err error
			out.Body.Title, err = TenantName(ctx)
			if a != (roster.Actor{}) {
				return nil, roster.Errorf(roster.Internal, "", "a public call got an actor")
			}
			return out, err
		})
	return api
}

type patchIn struct {
	ID string `path:"id"`
	IfMatch
	Body struct {
		Name  Opt[string] `json:"name,omitzero" maxLength:"5"`
		Role  Opt[string] `json:"role,omitzero" enum:"owner,user"`
		Count Opt[int64]  `json:"count,omitzero"`
	}
}

type patchOut struct {
	ETag string `header:"ETag"`
	Body struct {
		Name  string `json:"name"`
		Role  string `json:"role"`
		Count string `json:"count"`
	}
}

func show[T any](o Opt[T]) string {
	switch b, _ := json.Marshal(o); {
	case !o.Set:
		return "absent"
	default:
		return string(b)
	}
}

type listIn struct {
	Limit  Param[int64] `query:"limit" minimum:"1"`
	Search string       `query:"search"`
	Fail   string       `query:"fail"`
}

type fastBody struct{ Text string }

func (b fastBody) AppendJSON(to []byte) []byte { return append(to, b.Text...) }

type listOut struct {
	Location string `header:"Location"`
	Body     fastBody
}

func newDirectory() *API {
	api := NewAPI(Spec{
		Name: roster.DirectoryAPI, Title: "Directory", Version: "1", Bases: []string{"/directory/api/v1"},
		Label: "directory", HostBases: []string{"/api/v1"},
		Dialect: Dialect{Body: directoryError{}, Render: renderDirectory},
	})
	Register(api, Op{ID: "list-groups", Method: "GET", Path: "/groups", Extension: true, Deprecated: true}, listGroups)
	Register(api, Op{ID: "update-group", Method: "PATCH", Path: "/groups/{id}", Access: Only("Administrator")},
		func(_ context.Context, _ roster.Actor, in *patchIn) (*patchOut, error) {
			if err := in.Check(7); err != nil {
				return nil, err
			}
			out := &patchOut{ETag: ETag(8)}
			out.Body.Name, out.Body.Role, out.Body.Count = show(in.Body.Name), show(in.Body.Role), show(in.Body.Count)
			return out, nil
		})
	Register(api, Op{ID: "delete-group", Method: "DELETE", Path: "/groups/{id}"},
		func(context.Context, roster.Actor, *struct {
			ID string `path:"id"`
		}) (*struct{}, error) {
			return nil, nil
		})
	return api
}

func listGroups(ctx context.Context, a roster.Actor, in *listIn) (*listOut, error) {
	switch in.Fail {
	case "panic":
		panic("secret")
	case "error":
		return nil, &roster.Error{Kind: roster.Internal, Msg: "secret"}
	case "late":
		return nil, ctxErr(ctx)
	case "slow":
		return nil, &roster.Error{Kind: roster.TooMany, Msg: "wait", Details: 1500 * time.Millisecond}
	}
	text := `{"actor":"` + a.ID + `","search":"` + in.Search + `"`
	if in.Limit.Set {
		text += `,"limit":true`
	}
	return &listOut{Location: Location(ctx, "/groups/grp-1"), Body: fastBody{text + "}"}}, nil
}

func ctxErr(ctx context.Context) error {
	ctx, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
	defer cancel()
	<-ctx.Done()
	return ctx.Err()
}

// tokens are the actors of the tests; their name is the token.
type tokens map[string]roster.Actor

func (t tokens) Authenticate(_ context.Context, token string) (roster.Actor, error) {
	if a, ok := t[token]; ok {
		return a, nil
	}
	return roster.Actor{}, roster.Errorf(roster.Unauthenticated, "", "unknown token")
}

var (
	demo   = roster.Tenant{ID: 1, Name: "demo"}
	actors = tokens{
		"owner":  {Tenant: demo, ID: "token:1", API: roster.PropertyAPI, Role: "owner"},
		"admin":  {Tenant: demo, ID: "token:2", API: roster.DirectoryAPI, Role: "Administrator"},
		"reader": {Tenant: demo, ID: "token:3", API: roster.DirectoryAPI, Role: "Reader"},
	}
	unlimited = Limits{PerToken: -1, PerAddress: -1}
)

func newTestServer(o Options) *Server {
	if o.Auth == nil {
		o.Auth = actors
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Revision = func(id roster.TenantID) int64 { return 40 + int64(id) }
	return NewServer(o, newProperty(), newDirectory())
}

// call is one HTTP case: what is sent, and what must come back.
type call struct {
	name, method, path, host, token, body string
	header                                map[string]string
	status                                int
	want                                  string            // JSON, compared by value; "" is not compared
	wantHeader                            map[string]string // "" means absent
}

func (c call) request() *http.Request {
	var body io.Reader
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	r := httptest.NewRequest(c.method, c.path, body)
	r.Host = "127.0.0.1:8080"
	if c.host != "" {
		r.Host = c.host
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range c.header {
		if v == "" {
			r.Header.Del(k)
		} else {
			r.Header.Set(k, v)
		}
	}
	return r
}

func (c call) run(t *testing.T, h http.Handler) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, c.request())
	if w.Code != c.status {
		t.Fatalf("%s %s: status %d, want %d: %s", c.method, c.path, w.Code, c.status, w.Body)
	}
	if c.want != "" {
		sameJSON(t, w.Body.Bytes(), c.want)
	}
	for k, v := range c.wantHeader {
		if got := w.Header().Get(k); got != v {
			t.Errorf("header %s is %q, want %q", k, got, v)
		}
	}
	return w
}

func sameJSON(t *testing.T, got []byte, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal(got, &g); err != nil {
		t.Fatalf("no JSON: %q", got)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if bytes.HasSuffix(got, []byte("\n")) {
		t.Error("the body ends with a newline")
	}
}
