package apitest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// NoNulls serves as a handler does, and fails the test where an answer holds null: what
// is not there is left out.
func NoNulls(t testing.TB, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if strings.HasPrefix(answer.Header().Get("Content-Type"), "application/json") && !strings.HasSuffix(r.URL.Path, "/openapi.json") {
			var v any
			if err := json.Unmarshal(answer.Body.Bytes(), &v); err != nil || holdsNull(v) {
				t.Errorf("%s %s: null, or no JSON: %s", r.Method, r.URL, answer.Body)
			}
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

func holdsNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return slices.ContainsFunc(v, holdsNull)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), holdsNull)
	}
	return false
}
