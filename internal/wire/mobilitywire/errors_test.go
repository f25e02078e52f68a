package mobilitywire_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// fault is an error as a client reads it.
func fault(status int, code, message string, fields ...mobilitywire.FieldError) mobilitywire.Error {
	return mobilitywire.Error{ErrorCode: code, UserMessage: message, HTTPStatus: status, TraceID: "t-1", FieldErrors: fields}
}

func with(e mobilitywire.Error, details any) mobilitywire.Error {
	e.Details = details
	return e
}

func TestErrors(t *testing.T) {
	_, c := newFake(t)
	c = c.Set("X-Request-Id", "t-1")
	for name, want := range map[string]mobilitywire.Error{
		"word":     fault(409, "UG903", "is in another account"),
		"code":     fault(409, "UG908", "it is not pending"),
		"suffix":   with(fault(400, "R102.1", "there is an active rental"), map[string]any{"says": "why"}),
		"hidden":   fault(400, "R102.1", "there is an active rental"),
		"noCode":   fault(409, "G909", "the name is taken"),
		"field":    fault(400, "G901", "name must not be blank", mobilitywire.FieldError{Field: "name", Code: "INVALID", Message: "must not be blank"}),
		"denied":   fault(403, "U120", "it is not yours to change", mobilitywire.FieldError{Field: "billingCycle", Code: "FORBIDDEN", Message: "it is not yours to change"}),
		"taken":    fault(409, "UG913", "the name is taken", mobilitywire.FieldError{Field: "name", Code: "DUPLICATE", Message: "the name is taken"}),
		"mfa":      with(fault(401, "AUTH904", "a second factor is needed"), map[string]any{"says": "token"}),
		"wait":     fault(429, "G907", "too many codes"),
		"internal": fault(500, "G999", "internal error"),
		"provider": fault(503, "G998", "the provider does not answer"),
		"panic":    fault(500, "G999", "internal error"),
	} {
		r := c.Get("/failures/" + name).Want(want.HTTPStatus)
		var got mobilitywire.Error
		r.Into(&got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if wait := r.Header.Get("Retry-After"); name == "wait" && wait != "90" {
			t.Errorf("Retry-After is %q", wait)
		}
		if strings.Contains(string(r.Body), "secret") {
			t.Errorf("%s leaks: %s", name, r.Body)
		}
	}
}

// What wire itself refuses has its code of the contract.
func TestKitErrors(t *testing.T) {
	_, c := newFake(t)
	for _, q := range []struct {
		method, path, body, token, header, value string
		status                                   int
		code                                     string
	}{
		{"PATCH", "/things/5", `{`, "rider", "", "", 400, "G900"},
		{"PATCH", "/things/5", `{"name":"a","name":"b"}`, "rider", "", "", 400, "G900"},
		{"PATCH", "/things/5", `{"name":"A"}`, "rider", "", "", 400, "G901"},
		{"GET", "/things?page=-1", "", "rider", "", "", 400, "G901"},
		{"PATCH", "/things/5", `{}`, "rider", "Content-Type", "text/plain", 415, "G902"},
		{"PATCH", "/things/5", `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, "rider", "", "", 413, "G903"},
		{"GET", "/nothing", "", "rider", "", "", 404, "G904"},
		{"DELETE", "/things/5", "", "rider", "", "", 405, "G905"},
		{"GET", "/things", "", "", "", "", 401, "AUTH902"},
		{"GET", "/things", "", "nobody", "", "", 401, "AUTH902"},
		{"GET", "/things", "", "client", "", "", 403, "A192"},
		{"GET", "/things", "", "client", "GoUrban-Impersonate", "u", 403, "A192"},
		{"GET", "/things", "", "operator", "", "", 403, "A190"},
	} {
		r := c.As(q.token).Set(q.header, q.value).Do(q.method, q.path, q.body).Want(q.status)
		if got := r.Text("errorCode"); got != q.code {
			t.Errorf("%s %s: %s, want %s: %s", q.method, q.path, got, q.code, r.Body)
		}
		if r.Header.Get("X-Trace-Id") != r.Text("traceId") {
			t.Errorf("%s %s: traceId %s, X-Trace-Id %s", q.method, q.path, r.Text("traceId"), r.Header.Get("X-Trace-Id"))
		}
	}
}

func TestFieldErrors(t *testing.T) {
	_, c := newFake(t)
	for body, want := range map[string]string{
		`{"name":7}`:                      "name TYPE must be a string",
		`{"name":""}`:                     "name TOO_SHORT must not be empty",
		`{"name":"aaaaaa"}`:               "name TOO_LONG must have at most 5 characters",
		`{"name":"A"}`:                    "name INVALID_FORMAT must match ^[a-z]*$",
		`{"name":"\u0000"}`:               "name INVALID_FORMAT must be valid UTF-8 without NUL",
		`{"count":0}`:                     "count MINIMUM must be at least 1",
		`{"count":10}`:                    "count MAXIMUM must be at most 9",
		`{"state":"GONE"}`:                "state ENUM must be one of ACTIVE, INACTIVE",
		`{"tags":["a","a"]}`:              "tags DUPLICATE must not repeat an item",
		`{"limits":[{}]}`:                 "limits[0].amount REQUIRED is required",
		`{"day":"2026-02-30"}`:            "day INVALID_FORMAT is no valid date",
		`{"day":"2026-2-03"}`:             "day INVALID_FORMAT is no valid date",
		`{"day":20260203}`:                "day TYPE must be a string",
		`{"at":"2026-02-03"}`:             "at INVALID_FORMAT is no valid date-time",
		`{"at":"2026-02-03T4:05:06Z"}`:    "at INVALID_FORMAT is no valid date-time",
		`{"at":"2026-02-03T04:05:06,5Z"}`: "at INVALID_FORMAT is no valid date-time",
		`{"at":1}`:                        "at TYPE must be a string",
		`{"limit":1.00001}`:               "limit INVALID_FORMAT is no valid amount: a number of at most four decimals",
		`{"limit":"1.5"}`:                 "limit TYPE must be a number",
		`{"limit":true}`:                  "limit TYPE must be a number",
		`{"limits":[{"amount":null}]}`:    "limits.amount TYPE must be a number",
		`{"limits":[{"amount":[]}]}`:      "limits.amount TYPE must be a number",
		`[]`:                              "body TYPE must be an object",
	} {
		var got mobilitywire.Error
		c.Patch("/things/5", body).Want(400).Into(&got)
		if len(got.FieldErrors) != 1 || got.ErrorCode != "G901" {
			t.Errorf("%s: %+v", body, got)
			continue
		}
		f := got.FieldErrors[0]
		if line := f.Field + " " + f.Code + " " + f.Message; line != want || got.UserMessage != f.Field+" "+f.Message {
			t.Errorf("%s: %s, %q; want %s", body, line, got.UserMessage, want)
		}
	}
	var got mobilitywire.Error
	c.Patch("/things/5", `{"name":7,"count":0}`).Want(400).Into(&got)
	if len(got.FieldErrors) != 2 {
		t.Errorf("of two faults %+v are told", got.FieldErrors)
	}
}

func TestKinds(t *testing.T) {
	statuses := map[roster.Kind]int{
		roster.Internal: 500, roster.Invalid: 400, roster.Unauthenticated: 401, roster.Forbidden: 403, roster.NotFound: 404,
		roster.Exists: 409, roster.Conflict: 409, roster.Precondition: 412, roster.TooMany: 429, roster.TooLarge: 413,
		roster.Unsupported: 415, roster.Method: 405, roster.Unavailable: 503,
	}
	codes := map[int]string{412: "G906", 429: "G907", 503: "G998", 500: "G999", 409: "G909", 404: "G904", 403: "A190", 401: "AUTH902"}
	for _, kind := range roster.Kinds() {
		got := speech.Error(&roster.Error{Kind: kind, Msg: "why"})
		if got.HTTPStatus != statuses[kind] || codes[got.HTTPStatus] != "" && codes[got.HTTPStatus] != got.ErrorCode {
			t.Errorf("kind %d: %+v", kind, got)
		}
		detailed := speech.Error(&roster.Error{Kind: kind, Msg: "why", Details: "why"}).Details != nil
		hidden := []roster.Kind{
			roster.Internal, roster.Precondition, roster.TooMany, roster.TooLarge, roster.Unsupported, roster.Method, roster.Unavailable,
		}
		if detailed == slices.Contains(hidden, kind) {
			t.Errorf("kind %d shows its details: %t", kind, detailed)
		}
	}
	for _, code := range []string{wire.CodeKeyReused, wire.CodeKeyInUse} {
		if got := speech.Error(roster.Errorf(roster.Conflict, code, "why")); got.ErrorCode != "G908" || got.HTTPStatus != 409 {
			t.Errorf("%s: %+v", code, got)
		}
	}
}

// A row of a bulk answer is an error without a trace, and tells nothing of a fault.
func TestErrorOfARow(t *testing.T) {
	plain := mobilitywire.Speech{}
	for _, c := range []struct {
		err  error
		want string
	}{
		{
			&roster.Error{Kind: roster.Conflict, Code: "UG903", Msg: "why", Details: map[string]int64{"userGroupId": 7}},
			`{"errorCode":"UG903","userMessage":"why","httpStatus":409,"details":{"userGroupId":7}}`,
		},
		{errors.Join(errors.New("secret"), io.EOF), `{"errorCode":"G999","userMessage":"internal error","httpStatus":500}`},
		{
			&roster.Error{Kind: roster.TooMany, Msg: "wait", Details: time.Second},
			`{"errorCode":"G907","userMessage":"wait","httpStatus":429}`,
		},
	} {
		if got, err := json.Marshal(plain.Error(c.err)); err != nil || string(got) != c.want {
			t.Errorf("%s, %v; want %s", got, err, c.want)
		}
	}
}

func TestWordsStandForCodes(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a word that stands for no code was taken")
		}
	}()
	mobilitywire.Speech{Words: map[string]string{"CYCLE": "ug1"}}.Dialect()
}

func TestDocumentedError(t *testing.T) {
	_, c := newFake(t)
	r := c.Get("/openapi.json").Want(http.StatusOK)
	const at = "paths./things.get.responses.400.content.application/json.schema"
	schema, ok := r.At(at).(map[string]any)
	if !ok || schema["$ref"] != "#/components/schemas/Error" {
		t.Errorf("400 is documented as %v", schema)
	}
	if r.At("paths./things/{id}.patch.x-roster-extension") != true || r.At("paths./things.get.x-roster-extension") != nil {
		t.Error("the marks of extensions are wrong")
	}
	for path, want := range map[string]any{
		"components.schemas.Price.properties.netPrice.type":                     "number",
		"components.schemas.Spending.properties.amount.type":                    "number",
		"components.schemas.Thing.properties.createdAt.format":                  "date-time",
		"components.schemas.Thing.properties.day.format":                        "date",
		"components.schemas.Error.properties.details.type":                      nil,
		"components.schemas.ThingInBody.properties.limit.type.1":                "null",
		"components.schemas.ThingInBody.properties.limit.type.0":                "number",
		"paths./things.get.responses.200.headers.X-Pagination-Last.schema.type": "boolean",
	} {
		if got := r.At(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
}
