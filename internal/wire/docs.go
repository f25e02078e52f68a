package wire

import (
	"bytes"
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

// mountDocs serves openapi.json, docs and docs.css below a base. They need no
// token and count against no limit; each is made when it is first asked for.
func (api *API) mountDocs(mux *http.ServeMux, base string) {
	spec := sync.OnceValue(func() []byte { return api.openAPI(base) })
	page := sync.OnceValue(func() []byte { return api.page(base) })
	style := func() []byte { return docsStyle }
	mux.Handle("GET "+base+"/openapi.json", document("application/json", spec))
	mux.Handle("GET "+base+"/docs", document("text/html; charset=utf-8", page))
	mux.Handle("GET "+base+"/docs.css", document("text/css; charset=utf-8", style))
}

func document(media string, text func() []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", media)
		h.Set("Content-Security-Policy", docsPolicy)
		h["X-Content-Type-Options"] = nosniff
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		_, _ = w.Write(text())
	})
}

// OpenAPI returns the API's document, OpenAPI 3.1 as JSON, for its first base.
func (api *API) OpenAPI() []byte { return api.openAPI(api.spec.Bases[0]) }

func (api *API) openAPI(base string) []byte {
	doc := *api.huma.OpenAPI()
	doc.Servers = []*huma.Server{{URL: base}}
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
