package wire

import "net/http"

type docs struct{}

func newDocs(api *API) *docs { return &docs{} }

func (d *docs) mount(mux *http.ServeMux, base string) {}
