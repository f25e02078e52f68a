// Package metaapi is what a node says of itself to a person: the page at /, which
// names the APIs that run here and where their documents are.
package metaapi

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// API is one of the documented APIs, as the page names it.
type API struct {
	Title, About string
	// Base is the path below which the API lies; {tenant} stands for a tenant's name.
	Base string
}

// At is the path below which the API lies for a tenant.
func (a API) At(tenant string) string { return strings.ReplaceAll(a.Base, tenantInPath, tenant) }

const tenantInPath = "{tenant}"

// Page is what the page tells.
type Page struct {
	Version string
	APIs    []API
	// Tenant is the name that links have where an API's base wants one; "" leaves
	// those links out.
	Tenant string
	// DemoIDs are the demo's subjects by name; nil where there is no demo. No
	// token is among them.
	DemoIDs map[string]any
	// Ready tells whether the node can answer.
	Ready func(*http.Request) bool
}

var (
	//go:embed landing.html
	page string
	//go:embed landing.css
	style []byte
	//go:embed icon.svg
	icon []byte

	parsed = template.Must(template.New("landing").Parse(page))
)

// policy lets the page load its own style and icon and nothing else, run nothing,
// and be in no frame.
const policy = "default-src 'self'; script-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// Register mounts the page and what it loads.
func (p Page) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", p.serve)
	mux.Handle("GET /roster.css", asset("text/css; charset=utf-8", style))
	mux.Handle("GET /icon.svg", asset("image/svg+xml", icon))
}

// Linked is where the page links to of an API; "" where it can't.
func (p Page) Linked(a API) string {
	if p.Tenant == "" && strings.Contains(a.Base, tenantInPath) {
		return ""
	}
	return a.At(p.Tenant)
}

// id is a named subject of the demo.
type id struct{ Name, Value string }

func (p Page) serve(w http.ResponseWriter, r *http.Request) {
	view := struct {
		Page
		Healthy bool
		IDs     []id
	}{Page: p, Healthy: p.Ready(r)}
	for name, value := range p.DemoIDs {
		switch value.(type) {
		case string, int64:
			view.IDs = append(view.IDs, id{name, fmt.Sprint(value)})
		}
	}
	slices.SortFunc(view.IDs, func(a, b id) int { return strings.Compare(a.Name, b.Name) })
	var b bytes.Buffer
	if err := parsed.Execute(&b, view); err != nil {
		http.Error(w, "the page can't be shown", http.StatusInternalServerError)
		return
	}
	headers(w, "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes())
}

func asset(media string, text []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		headers(w, media)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(text)
	})
}

func headers(w http.ResponseWriter, media string) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}
