package apitest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// GuideCalls compares what a server serves below a base, such as
// "/v1/{tenant}/front", with the calls of a guide ("GET /groups"): those are there under
// their names, and what is more is marked, in the OpenAPI document of the client's API,
// too. What a call makes has a Location (contract/mobility.md §2).
func GuideCalls(t *testing.T, server *wire.Server, client *wiretest.Client, base string, guide []string) {
	t.Helper()
	var named []string
	document := client.Get("/openapi.json").Want(200)
	for _, r := range server.Routes() {
		path, ok := strings.CutPrefix(r.Path, base)
		if !ok {
			continue
		}
		if !r.Extension {
			named = append(named, r.Method+" "+path)
		}
		paths, _ := document.At("paths").(map[string]any)
		item, _ := paths[path].(map[string]any)
		operation, _ := item[strings.ToLower(r.Method)].(map[string]any)
		if operation == nil || operation["x-roster-extension"] == true != r.Extension {
			t.Errorf("%s %s is marked otherwise in openapi.json", r.Method, r.Path)
		}
		if !tellsWhere(operation) {
			t.Errorf("%s %s answers 201 without Location", r.Method, r.Path)
		}
	}
	slices.Sort(named)
	if diff := cmp.Diff(slices.Sorted(slices.Values(guide)), named); diff != "" {
		t.Errorf("the calls (-guide +ours):\n%s", diff)
	}
}

// tellsWhere reports whether the answer to making something, if the operation has one,
// has a Location.
func tellsWhere(operation map[string]any) bool {
	answers, _ := operation["responses"].(map[string]any)
	created, makes := answers["201"].(map[string]any)
	headers, _ := created["headers"].(map[string]any)
	return !makes || headers["Location"] != nil
}
