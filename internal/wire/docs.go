package wire

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

var (
	//go:embed docs.html
	docsPage     string
	docsTemplate = template.Must(template.New("docs").Parse(docsPage))
	//go:embed docs.css
	docsStyle []byte
)

// docsPolicy lets a documents' page load its style and nothing else, and keeps
// it out of frames.
const docsPolicy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// anyTenant stands in documents for the tenant of the path by which they are asked
// for. No tenant has such a name, and it reads the same in JSON, HTML and URLs.
const anyTenant = "_TENANT_"

// mountDocs serves openapi.json, docs and docs.css below a base. They need no
// token and count against no limit; each is made when it is first asked for.
func (s *Server) mountDocs(api *API, mux *http.ServeMux, base string, nothing http.Handler) {
	spec := sync.OnceValue(func() []byte { return api.openAPI(base) })
	page := sync.OnceValue(func() []byte { return api.page(under(base, anyTenant)) })
	style := func() []byte { return docsStyle }
	handle := func(path, media string, text func() []byte) {
		h := document(media, text)
		if namesTenant(base) {
			h = s.ofTenant(h, nothing)
		}
		mux.Handle("GET "+base+path, h)
	}
	handle("/openapi.json", "application/json", spec)
	handle("/docs", "text/html; charset=utf-8", page)
	handle("/docs.css", "text/css; charset=utf-8", style)
}

// ofTenant serves a document below the paths of tenants that there are.
func (s *Server) ofTenant(document, nothing http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.knownTenant(r.PathValue("tenant")) {
			document.ServeHTTP(w, r)
			return
		}
		nothing.ServeHTTP(w, r)
	})
}

func document(media string, text func() []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", media)
		h.Set("Content-Security-Policy", docsPolicy)
		h["X-Content-Type-Options"] = nosniff
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		body := text()
		if tenant := r.PathValue("tenant"); tenant != "" {
			body = bytes.ReplaceAll(body, []byte(anyTenant), []byte(tenant))
		}
		_, _ = w.Write(body)
	})
}

func (api *API) openAPI(base string) []byte {
	doc := *api.huma.OpenAPI()
	server := &huma.Server{URL: cmp.Or(base, "/")}
	if namesTenant(base) {
		server.Variables = map[string]*huma.ServerVariable{"tenant": {Default: anyTenant, Description: "The tenant's name."}}
	}
	doc.Servers = []*huma.Server{server}
	text, err := json.Marshal(&doc)
	if err != nil {
		panic(err)
	}
	return text
}

func (api *API) page(base string) []byte {
	var b bytes.Buffer
	if err := docsTemplate.Execute(&b, api.docsView(base)); err != nil {
		panic(err)
	}
	return b.Bytes()
}
