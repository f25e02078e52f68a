package wire

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/roster"
)

// everyRule is an input with a field for each rule.
type everyRule struct {
	From  time.Time      `query:"from"`
	Share float64        `query:"share"`
	Flag  bool           `query:"flag"`
	Page  Param[int64]   `query:"pagination[page]"`
	Need  string         `query:"need" required:"true"`
	Body  everyRuleField `required:"false"`
}

type everyRuleField struct {
	Min    int       `json:"min,omitempty" minimum:"3"`
	Max    int       `json:"max,omitempty" maximum:"3"`
	Above  float64   `json:"above,omitempty" exclusiveMinimum:"0"`
	Below  float64   `json:"below,omitempty" exclusiveMaximum:"1"`
	Step   int       `json:"step,omitempty" multipleOf:"5"`
	Short  string    `json:"short,omitempty" minLength:"2"`
	Code   string    `json:"code,omitempty" pattern:"^[a-z]+$"`
	Mail   string    `json:"mail,omitempty" format:"email"`
	UUID   string    `json:"uuid,omitempty" format:"uuid"`
	When   time.Time `json:"when,omitzero"`
	Few    []string  `json:"few,omitempty" minItems:"1" maxItems:"2" uniqueItems:"true"`
	Object *struct {
		Part bool `json:"part"`
	} `json:"object,omitempty"`
	Small int8 `json:"small,omitempty"`
}

func newEveryRule() *Server {
	api := NewAPI(Spec{
		Name: roster.DirectoryAPI, Bases: []string{"/x"}, Dialect: Dialect{Body: directoryError{}, Render: renderDirectory},
	})
	Register(api, Op{ID: "all", Method: "POST", Path: "/all"}, func(ctx context.Context, _ roster.Actor, in *everyRule) (*titleOut, error) {
		out := &titleOut{}
		out.Body.Title = Query(ctx).Get("filter[title]")
		if in.Page.Or(1) != 1 {
			out.Body.Title += "!"
		}
		return out, nil
	})
	Register(api, Op{ID: "half", Method: "GET", Path: "/half"}, func(context.Context, roster.Actor, *struct{}) (*struct{ Body func(huma.Context) }, error) {
		return &struct{ Body func(huma.Context) }{func(ctx huma.Context) {
			_, _ = ctx.BodyWriter().Write([]byte("half"))
			panic("then no more")
		}}, nil
	})
	return NewServer(Options{Auth: actors, Limits: unlimited}, api)
}

func TestEveryRule(t *testing.T) {
	server := newEveryRule()
	for _, c := range []struct{ query, body, field, message string }{
		{"need=1&from=x", "{}", "from", "is no valid date-time"},
		{"need=1&share=x", "{}", "share", "must be a number"},
		{"need=1&flag=x", "{}", "flag", "must be a boolean"},
		{"need=1&pagination[page]=x", "{}", "pagination[page]", "must be an integer"},
		{"", "{}", "need", "is required"},
		{"need=1", `{"min":2}`, "min", "must be at least 3"},
		{"need=1", `{"max":4}`, "max", "must be at most 3"},
		{"need=1", `{"above":0}`, "above", "must be greater than 0"},
		{"need=1", `{"below":1}`, "below", "must be less than 1"},
		{"need=1", `{"step":7}`, "step", "must be a multiple of 5"},
		{"need=1", `{"short":"ä"}`, "short", "must have at least 2 characters"},
		{"need=1", `{"code":"A"}`, "code", "must match ^[a-z]+$"},
		{"need=1", `{"mail":"@"}`, "mail", "is no valid email address"},
		{"need=1", `{"uuid":"1"}`, "uuid", "is no valid uuid"},
		{"need=1", `{"when":"now"}`, "when", "is no valid date-time"},
		{"need=1", `{"few":[]}`, "few", "must have at least 1 items"},
		{"need=1", `{"few":["a","b","c"]}`, "few", "must have at most 2 items"},
		{"need=1", `{"few":["a","a"]}`, "few", "must not repeat an item"},
		{"need=1", `{"object":{}}`, "object.part", "is required"},
		{"need=1", `{"object":{"part":1}}`, "object.part", "must be a boolean"},
		{"need=1", `{"object":[]}`, "object", "must be an object"},
		{"need=1", `{"few":{}}`, "few", "must be an array"},
		{"need=1", `{"small":1000}`, "small", "must be an integer"},
		{"need=1", `"text"`, "", "must be an object"},
	} {
		w := call{method: "POST", path: "/x/all?" + c.query, token: "admin", body: c.body, status: 400}.run(t, server)
		var got directoryError
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if m := got.Error.Details[c.field]; len(got.Error.Details) != 1 || len(m) != 1 || m[0] != c.message {
			t.Errorf("%s %s: %+v", c.query, c.body, got.Error)
		}
	}
	call{method: "POST", path: "/x/all?need=1&pagination[page]=2&filter[title]=a", token: "admin", body: `{"min":3}`, status: 200, want: `{"title":"a!"}`}.run(t, server)
}

func TestManyFieldsAreCut(t *testing.T) {
	body := `{"few":[` + strings.Repeat(`1,`, 500) + `1]}`
	w := call{method: "POST", path: "/x/all?need=1", token: "admin", body: body, status: 400}.run(t, newEveryRule())
	var got directoryError
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got.Error.Details) > maxFields {
		t.Errorf("%v, %d fields", err, len(got.Error.Details))
	}
}

func TestHalfAnAnswerIsCut(t *testing.T) {
	defer func() {
		if fault := recover(); fault != http.ErrAbortHandler {
			t.Errorf("the connection is not cut: %v", fault)
		}
	}()
	w := httptest.NewRecorder()
	newEveryRule().ServeHTTP(w, call{method: "GET", path: "/x/half", token: "admin"}.request())
}

// badBody breaks off in the middle.
type badBody struct{}

func (badBody) Read([]byte) (int, error) { return 0, errors.New("reset by peer") }
func (badBody) Close() error             { return nil }

func TestBodyThatBreaksOff(t *testing.T) {
	r := call{method: "POST", path: "/x/all?need=1", token: "admin", body: "{}"}.request()
	r.Body = badBody{}
	w := httptest.NewRecorder()
	newEveryRule().ServeHTTP(w, r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "BAD_JSON") || strings.Contains(w.Body.String(), "peer") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
