package wire

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/roster"
)

func securitySchemes(spec Spec) map[string]*huma.SecurityScheme {
	schemes := map[string]*huma.SecurityScheme{"bearer": {Type: "http", Scheme: "bearer"}}
	if spec.KeyHeader != "" {
		schemes["key"] = &huma.SecurityScheme{Type: "apiKey", In: "header", Name: spec.KeyHeader}
	}
	return schemes
}

// document fills the parts of an operation that follow from its form, before
// huma adds what it reads off the types.
func (api *API) document(ep *endpoint, operation *huma.Operation, input reflect.Type) {
	op := &ep.op
	if op.Tag != "" {
		operation.Tags = []string{op.Tag}
	}
	if op.Extension {
		operation.Extensions = map[string]any{"x-roster-extension": true}
	}
	operation.Security = []map[string][]string{}
	if !op.Access.Public {
		for _, name := range slices.Sorted(maps.Keys(securitySchemes(api.spec))) {
			operation.Security = append(operation.Security, map[string][]string{name: {}})
		}
	}
	operation.Responses = map[string]*huma.Response{}
	schema := api.schemas().Schema(reflect.TypeOf(api.dialect.Body), true, "Error")
	for _, status := range api.statuses(op, input) {
		operation.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{jsonMedia[0]: {Schema: schema}},
		}
	}
	if !op.Access.Public && len(api.spec.ImpersonateHeaders) > 0 {
		operation.Parameters = append(operation.Parameters, api.impersonateParam())
	}
	if op.takesKey() {
		operation.Parameters = append(operation.Parameters, planParam)
		if op.Method == http.MethodPost {
			operation.Parameters = append(operation.Parameters, api.keyParam())
		}
	}
}

var planParam = &huma.Param{
	Name: "Roster-Plan", In: InHeader, Schema: &huma.Schema{Type: "boolean"},
	Description: "true: nothing is changed; the answer is 200 with the changes that the call would make.",
}

func (api *API) keyParam() *huma.Param {
	return &huma.Param{
		Name: "Idempotency-Key", In: InHeader, Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &api.spec.KeyLimit},
		Description: fmt.Sprintf("A name of the caller's for this call, up to %d characters. "+
			"A repeated call with the same key and body gets the first answer again, for 24 hours.", api.spec.KeyLimit),
	}
}

func (api *API) impersonateParam() *huma.Param {
	text := "A client names the person that it acts for, by UUID."
	if also := api.spec.ImpersonateHeaders[1:]; len(also) > 0 {
		text += " Also " + strings.Join(also, ", ") + "."
	}
	return &huma.Param{
		Name: api.spec.ImpersonateHeaders[0], In: InHeader, Description: text,
		Schema: &huma.Schema{Type: huma.TypeString, Format: "uuid"},
	}
}

// statuses lists the statuses of the errors that a call can answer with.
func (api *API) statuses(op *Op, input reflect.Type) []int {
	kinds := []*roster.Error{
		{Kind: roster.Internal}, {Kind: roster.TooMany}, {Kind: roster.Unavailable},
		InvalidFields(Field{In: InQuery, Name: "q", Rule: RuleOther}),
	}
	add := func(kind roster.Kind, code string) {
		kinds = append(kinds, &roster.Error{Kind: kind, Code: code})
	}
	if !op.Access.Public {
		add(roster.Unauthenticated, "")
		add(roster.Forbidden, "")
	}
	if strings.Contains(op.Path, "{") {
		add(roster.NotFound, "")
	}
	if hasField(input, "Body") || hasField(input, "RawBody") {
		add(roster.Invalid, CodeBadJSON)
		add(roster.TooLarge, "")
		kinds = append(kinds, InvalidFields(Field{In: InBody, Name: "b", Rule: RuleOther}))
		if !api.spec.AnyMediaType {
			add(roster.Unsupported, "")
		}
	}
	if hasField(input, "IfMatch") {
		add(roster.Precondition, "")
	}
	if op.takesKey() && op.Method == http.MethodPost {
		add(roster.Conflict, CodeKeyReused)
		add(roster.Conflict, CodeKeyInUse)
	}
	for _, kind := range op.Fails {
		add(kind, "")
	}
	statuses := slices.Clone(op.Errors)
	for _, e := range kinds {
		status, _ := api.dialect.Render(e, Failed{})
		statuses = append(statuses, status)
	}
	return statuses
}

func hasField(t reflect.Type, name string) bool {
	_, ok := t.FieldByName(name)
	return ok
}

// planAnswer is the body that answers a call with Roster-Plan.
type planAnswer struct {
	Plan planContent `json:"plan"`
}

type planContent struct {
	Revision int64 `json:"revision" doc:"The revision that the change would have."`
	Changes  []any `json:"changes" doc:"The changes, as the API's history shows them."`
}

// finish completes what huma documented of a call: the plan as an answer, the
// revision as a header, and no error model of huma's own.
func (api *API) finish(ep *endpoint) {
	for _, name := range []string{"ErrorModel", "ErrorDetail"} {
		delete(api.schemas().Map(), name)
	}
	success := ep.operation.Responses[strconv.Itoa(ep.operation.DefaultStatus)]
	if len(ep.op.Media) > 0 {
		success.Content = map[string]*huma.MediaType{}
		for _, media := range ep.op.Media {
			success.Content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		}
	}
	if success.Headers == nil {
		success.Headers = map[string]*huma.Header{}
	}
	success.Headers["Roster-Revision"] = &huma.Header{
		Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"}, Description: "The tenant's revision that the answer shows.",
	}
	if name := api.spec.TraceHeader; name != "" {
		success.Headers[name] = &huma.Header{
			Schema: &huma.Schema{Type: huma.TypeString}, Description: "The call's id, as errors and the log have it.",
		}
	}
	for _, status := range ep.op.Also {
		also := *success
		also.Description = http.StatusText(status)
		ep.operation.Responses[strconv.Itoa(status)] = &also
	}
	if !ep.op.takesKey() {
		return
	}
	schema := api.schemas().Schema(reflect.TypeFor[planAnswer](), true, "Plan")
	ok := ep.operation.Responses["200"]
	switch {
	case ok == nil:
		ep.operation.Responses["200"] = &huma.Response{
			Description: "With Roster-Plan: what would change",
			Content:     map[string]*huma.MediaType{jsonMedia[0]: {Schema: schema}},
		}
	case ok.Content[jsonMedia[0]] != nil:
		media := ok.Content[jsonMedia[0]]
		media.Schema = &huma.Schema{AnyOf: []*huma.Schema{media.Schema, schema}}
	}
}

func (api *API) schemas() huma.Registry { return api.huma.OpenAPI().Components.Schemas }
