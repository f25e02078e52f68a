package wire

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
)

func TestDocuments(t *testing.T) {
	server := newTestServer(Options{Limits: Limits{PerAddress: 0.001}})
	for _, c := range []struct{ host, base string }{
		{"127.0.0.1", "/property/api/v1"}, {"127.0.0.1", "/directory/api/v1"}, {"directory.example.com", "/api/v1"},
	} {
		for path, media := range map[string]string{"/openapi.json": "application/json", "/docs": "text/html; charset=utf-8", "/docs.css": "text/css; charset=utf-8"} {
			w := call{method: "GET", host: c.host, path: c.base + path, status: 200, wantHeader: map[string]string{
				"Content-Type": media, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": docsPolicy,
			}}.run(t, server)
			if path == "/docs" {
				checkPage(t, c.base, w)
			}
			if path == "/openapi.json" {
				checkSpec(t, c.base, w)
			}
		}
	}
	call{method: "POST", path: "/directory/api/v1/docs", status: 405, wantHeader: map[string]string{"Allow": "GET, HEAD"}}.run(t, server)
}

func checkPage(t *testing.T, base string, w *httptest.ResponseRecorder) {
	t.Helper()
	page := w.Body.String()
	want := []string{`href="` + base + `/docs.css"`, base + "/openapi.json", "update-group"}
	if strings.Contains(base, "directory") {
		want = append(want, "extension", "one of &#34;owner&#34;,&#34;user&#34;", "Open to: Administrator", "Roster-Plan", "at most 5 characters")
	}
	for _, part := range want {
		if !strings.Contains(page, part) {
			t.Errorf("the page of %s lacks %s", base, part)
		}
	}
	for _, part := range []string{"<script", "<style", " style=", "http://", "https://"} {
		if strings.Contains(page, part) {
			t.Errorf("the page of %s has %s", base, part)
		}
	}
}

func checkSpec(t *testing.T, base string, w *httptest.ResponseRecorder) {
	t.Helper()
	doc, err := libopenapi.NewDocument(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := doc.BuildV3Model(); err != nil {
		t.Fatal(err)
	}
	var spec struct {
		OpenAPI string
		Servers []struct{ URL string }
		Paths   map[string]map[string]struct {
			Extension  bool `json:"x-roster-extension"`
			Deprecated bool
			Security   []map[string][]string
			Responses  map[string]struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					}
				}
			}
		}
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &spec); err != nil {
		t.Fatal(err)
	}
	if spec.OpenAPI != "3.1.0" || spec.Servers[0].URL != base {
		t.Errorf("OpenAPI %s at %s", spec.OpenAPI, spec.Servers[0].URL)
	}
	if spec.Components.Schemas["ErrorModel"] != nil {
		t.Error("huma's own error model is documented")
	}
	if base == "/property/api/v1" {
		put := spec.Paths["/groups/{id}"]["put"]
		for _, status := range []string{"400", "401", "403", "404", "413", "422", "429", "500"} {
			if ref := put.Responses[status].Content["application/json"].Schema.Ref; ref != "#/components/schemas/PropertyError" {
				t.Errorf("%s is documented as %q", status, ref)
			}
		}
		if _, ok := put.Responses["415"]; ok || len(put.Security) != 2 || len(spec.Paths["/sign_in"]["post"].Security) != 0 {
			t.Errorf("put: %+v", put)
		}
		return
	}
	patch := spec.Paths["/groups/{id}"]["patch"]
	for _, status := range []string{"400", "412", "415"} {
		if ref := patch.Responses[status].Content["application/json"].Schema.Ref; ref != "#/components/schemas/DirectoryError" {
			t.Errorf("%s is documented as %q", status, ref)
		}
	}
	if !spec.Paths["/groups"]["get"].Extension || patch.Extension {
		t.Error("the marks of extensions are wrong")
	}
	if !spec.Paths["/groups"]["get"].Deprecated || patch.Deprecated {
		t.Error("the marks of deprecated calls are wrong")
	}
	if _, ok := spec.Paths["/groups/{id}"]["delete"].Responses["200"]; !ok {
		t.Error("a plan of delete is not documented")
	}
}
