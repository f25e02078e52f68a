package wire

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
)

// Each answer of a deprecated call says so, and where the one is that is to be made
// instead: refusals as well, and by whatever base it is reached.
func TestSuccessor(t *testing.T) {
	api := NewAPI(Spec{
		Name: roster.DirectoryAPI, Title: "Directory", Version: "1", Bases: []string{"/v1/{tenant}/dir"}, Label: "directory", HostBases: []string{""},
		Dialect: Dialect{Body: directoryError{}, Render: renderDirectory},
	})
	type in struct {
		ID   int64 `path:"id"`
		Body struct {
			Fail roster.Kind `json:"fail"`
		}
	}
	Register(api, Op{ID: "old", Method: "POST", Path: "/groups/{id}/old", Status: 201, Access: Only("Administrator"), Deprecated: true, Successor: "/groups/{id}/new"},
		func(_ context.Context, _ roster.Actor, in *in) (*struct{}, error) {
			if in.Body.Fail == roster.Internal {
				return nil, nil
			}
			return nil, roster.Errorf(in.Body.Fail, "", "as the test says")
		})
	server := NewServer(Options{
		Auth: actors, Logger: slog.New(slog.DiscardHandler), KnownTenant: func(name string) bool { return name == "demo" },
	}, api)
	for _, c := range []struct {
		token, id, body string
		status          int
	}{
		{"admin", "7", `{"fail":0}`, 201},
		{"admin", "7", `{`, 400},
		{"", "7", `{"fail":0}`, 401},
		{"reader", "7", `{"fail":0}`, 403},
		{"admin", "a b", `{"fail":0}`, 404},
		{"admin", "7", `{"fail":` + strconv.Itoa(int(roster.NotFound)) + `}`, 404},
		{"admin", "7", `{"fail":` + strconv.Itoa(int(roster.Conflict)) + `}`, 409},
	} {
		for host, base := range map[string]string{"example.org": "/v1/demo/dir", "directory.demo.example.org": ""} {
			id := (map[string]string{"7": "7", "a b": "a%20b"})[c.id]
			call{
				name: c.body, method: "POST", host: host, path: base + "/groups/" + id + "/old", token: c.token, body: c.body, status: c.status,
				wantHeader: map[string]string{"Deprecation": "true", "Link": "<" + base + "/groups/" + id + `/new>; rel="successor-version"`},
			}.run(t, server)
		}
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest("GET", "/v1/demo/dir/openapi.json", nil))
	var spec struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct{ Headers map[string]any }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &spec); err != nil {
		t.Fatal(err)
	}
	answers := spec.Paths["/groups/{id}/old"]["post"].Responses
	for status, answer := range answers {
		if answer.Headers["Deprecation"] == nil || answer.Headers["Link"] == nil {
			t.Errorf("the document gives %s %v", status, answer.Headers)
		}
	}
	if len(answers) < 8 {
		t.Errorf("%v", maps.Collect(maps.All(answers)))
	}
}

// A successor whose address the call cannot tell, or of a call that stays, is a mistake.
func TestSuccessorMistaken(t *testing.T) {
	for _, op := range []Op{
		{ID: "x", Method: "GET", Path: "/groups/{id}", Deprecated: true, Successor: "/things/{thing}"},
		{ID: "x", Method: "GET", Path: "/groups/{id}", Successor: "/things/{id}"},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v is taken", op)
				}
			}()
			Register(newDirectory(), op, listGroups)
		}()
	}
}
