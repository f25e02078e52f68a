package wiretest

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/paths"
	"github.com/pb33f/libopenapi-validator/responses"
	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// document judges answers by an API's OpenAPI document.
type document struct {
	mu      sync.Mutex // the library builds schemas when they are first used
	model   *v3.Document
	options *config.ValidationOptions
	judge   responses.ResponseBodyValidator
	failure *base.Schema // the API's error body
}

// documents keeps what was built, by the hash of what it was built from: building
// takes long.
var documents struct {
	sync.Mutex

	known map[[32]byte]*document
}

func documentOf(t testing.TB, base string, text []byte, free []string) *document {
	t.Helper()
	documents.Lock()
	defer documents.Unlock()
	hash := sha256.Sum256(append([]byte(strings.Join(append(free, base), "\n")), text...))
	if d := documents.known[hash]; d != nil {
		return d
	}
	parsed, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatalf("openapi.json: %v: %s", err, text)
	}
	built, err := parsed.BuildV3Model()
	if err != nil {
		t.Fatalf("openapi.json: %v", err)
	}
	d := &document{model: &built.Model}
	if base != "" {
		// The library knows no variables in the address of a server.
		d.model.Servers = []*v3.Server{{URL: base}}
	}
	d.options = config.NewValidationOptions(config.WithFormatAssertions(), config.WithStrictMode(),
		config.WithStrictIgnorePaths(slices.Concat(freeForms, free)...), config.WithStrictIgnoredHeaders(plainHeaders...))
	d.judge = responses.NewResponseBodyValidator(d.model, config.WithExistingOpts(d.options))
	d.failure = errorSchema(d.model)
	if documents.known == nil {
		documents.known = map[[32]byte]*document{}
	}
	documents.known[hash] = d
	return d
}

// freeForms are the parts of answers whose names are the caller's own: changes in
// a plan, the rows of an export, and the fields that an error tells of. Their schemas
// still hold.
var freeForms = []string{"$.body.plan.changes[*].**", "$.body.data.**", "$.body.details.**", "$.body.error.details.**", "$.body.error.details[**", "$.body.errors.details.**"}

// plainHeaders are those of HTTP itself and those that every answer carries.
var plainHeaders = []string{
	"Content-Type", "Content-Length", "Cache-Control", "X-Request-Id", "X-Content-Type-Options",
	"Roster-Revision", "X-Trace-Id", "Www-Authenticate", "Retry-After", "Allow", "Idempotency-Replayed",
}

// errorSchema returns the schema of the first 500 answer: all errors of an API have one.
func errorSchema(model *v3.Document) *base.Schema {
	for _, item := range model.Paths.PathItems.FromOldest() {
		for _, operation := range item.GetOperations().FromOldest() {
			if failure := operation.Responses.Codes.GetOrZero("500"); failure != nil {
				return failure.Content.GetOrZero("application/json").Schema.Schema()
			}
		}
	}
	return nil
}

// check reports what an answer has that the document does not say.
func (d *document) check(t testing.TB, method, target string, r *Response) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	request := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	answer := &http.Response{
		StatusCode: r.Status, Header: r.Header, Body: io.NopCloser(bytes.NewReader(r.Body)), Request: request,
	}
	var wrong []*errors.ValidationError
	if _, missing, _ := paths.FindPath(request, d.model, d.options); len(missing) > 0 {
		wrong = d.checkNothing(t, request, answer)
	} else {
		_, wrong = d.judge.ValidateResponseBody(request, answer)
	}
	for _, w := range wrong {
		t.Errorf("%s %s, status %d: %s", method, target, r.Status, explain(w))
	}
	if len(wrong) > 0 {
		t.Errorf("the answer is %s", short(string(r.Body)))
	}
}

// checkNothing judges the answer at an address that no call has: only an error in
// the API's own form may stand there.
func (d *document) checkNothing(t testing.TB, request *http.Request, answer *http.Response) []*errors.ValidationError {
	t.Helper()
	if strings.HasSuffix(request.URL.Path, "/openapi.json") || strings.HasSuffix(request.URL.Path, "/docs") {
		return nil
	}
	if answer.StatusCode < 400 {
		t.Errorf("%s %s is not documented and answers %d", request.Method, request.URL, answer.StatusCode)
	}
	_, wrong := responses.ValidateResponseSchema(&responses.ValidateResponseSchemaInput{
		Request: request, Response: answer, Schema: d.failure, Version: 3.1,
		Options: []config.Option{config.WithExistingOpts(d.options)},
	})
	return wrong
}

func explain(w *errors.ValidationError) string {
	parts := []string{w.Message, w.Reason}
	for _, s := range w.SchemaValidationErrors {
		parts = append(parts, s.FieldPath+": "+s.Reason)
	}
	return strings.Join(parts, "\n\t")
}
