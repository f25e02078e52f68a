package wiretest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/wire/wiretest"
)

const spec = `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"servers":[{"url":"/api/v1"}],
"components":{"schemas":{
  "Thing":{"type":"object","required":["id"],"properties":{"id":{"type":"string","format":"uuid"},"at":{"type":"string","format":"date-time"}}},
  "Plan":{"type":"object","required":["plan"],"properties":{"plan":{"type":"object","required":["revision","changes"],"properties":{"revision":{"type":"integer"},"changes":{"type":"array","items":{}}}}}},
  "Error":{"type":"object","required":["error"],"properties":{"error":{"type":"string"}}}}},
"paths":{"/things/{id}":{"get":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],"responses":{
  "200":{"description":"ok","headers":{"Etag":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"anyOf":[{"$ref":"#/components/schemas/Thing"},{"$ref":"#/components/schemas/Plan"}]}}}},
  "500":{"description":"bad","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}}}}}}}`

// answers are what the fake API says, by path.
var answers = map[string]string{
	"/api/v1/openapi.json": spec,
	"/api/v1/things/good":  `{"id":"01890000-0000-7000-8000-000000000001","at":"2026-01-02T03:04:05Z"}`,
	"/api/v1/things/plan":  `{"plan":{"revision":7,"changes":[{"operation":"thing.create","after":{"id":"x"}}]}}`,
	"/api/v1/things/bare":  `{}`,
	"/api/v1/things/more":  `{"id":"01890000-0000-7000-8000-000000000001","extra":1}`,
	"/api/v1/things/id":    `{"id":"5"}`,
	"/api/v1/nothing":      `{"error":"nothing"}`,
	"/api/v1/odd":          `{"errors":"nothing"}`,
}

func fake(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.Contains(r.URL.Path, "things/good") {
		w.Header().Set("ETag", `"12"`)
	}
	if r.URL.Path == "/api/v1/nothing" || r.URL.Path == "/api/v1/odd" {
		w.WriteHeader(http.StatusNotFound)
	}
	_, _ = w.Write([]byte(answers[r.URL.Path]))
}

// complaints is a test that only notes what is reported.
type complaints struct {
	testing.TB

	said []string
}

func (c *complaints) Helper() {}
func (c *complaints) Errorf(format string, args ...any) {
	c.said = append(c.said, fmt.Sprintf(format, args...))
}

func TestAnswersAreChecked(t *testing.T) {
	client := wiretest.New(t, http.HandlerFunc(fake), "/api/v1")
	for path, good := range map[string]bool{
		"/things/good": true, "/things/plan": true, "/nothing": true,
		"/things/bare": false, "/things/more": false, "/things/id": false, "/odd": false,
	} {
		c := &complaints{TB: t}
		client.On(c).Get(path)
		if good != (len(c.said) == 0) {
			t.Errorf("%s: %q", path, c.said)
		}
	}
}

func TestResponse(t *testing.T) {
	r := wiretest.New(t, http.HandlerFunc(fake), "/api/v1").Get("/things/plan").Want(200)
	if got := r.Text("plan.changes.0.operation"); got != "thing.create" {
		t.Error(got)
	}
	if r.Len("plan.changes") != 1 || r.At("plan.changes.1") != nil || r.At("plan.revision") != 7.0 {
		t.Errorf("%s", r.Body)
	}
}

func TestGolden(t *testing.T) {
	c := wiretest.New(t, http.HandlerFunc(fake), "/api/v1").Golden("conversation")
	c.Hide(`thing\.\w+`, "operation")
	c.Note("A thing is read.")
	c.Set("If-Match", `"12"`).Get("/things/good")
	c.Get("/things/plan")
}
