package directoryapi

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// errorBody is the API's error: {"error":{"code","message","details"?}}.
type errorBody struct {
	Error errorFields `json:"error"`
}

type errorFields struct {
	Code    string   `json:"code" example:"NOT_FOUND"`
	Message string   `json:"message"`
	Details *details `json:"details,omitempty"`
}

// details are the messages by field, the path of a cycle, or the results of a batch.
type details struct {
	lists   map[string][]string
	results *batchResults
}

// MarshalJSON writes whichever there is.
func (d details) MarshalJSON() ([]byte, error) {
	if d.results != nil {
		return json.Marshal(d.results)
	}
	return json.Marshal(d.lists)
}

// Schema describes both forms: the results of a batch have names of their own, any
// other name is that of a field.
func (details) Schema(r huma.Registry) *huma.Schema {
	results := r.SchemaFromRef(r.Schema(reflect.TypeFor[batchResults](), true, "BatchResults").Ref)
	return &huma.Schema{
		Type: huma.TypeObject, Properties: results.Properties,
		AdditionalProperties: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}},
		Description:          "By field, what was wrong with it; for a cycle, its path; for a refused batch, the results of its rows.",
	}
}

// kinds give each kind of error its status and code (contract/groups.md §3.2).
var kinds = map[roster.Kind]struct {
	status int
	code   string
}{
	roster.Internal:        {500, "INTERNAL_ERROR"},
	roster.Invalid:         {400, "VALIDATION_ERROR"},
	roster.Unauthenticated: {401, "UNAUTHORIZED"},
	roster.Forbidden:       {403, "FORBIDDEN"},
	roster.NotFound:        {404, "NOT_FOUND"},
	roster.Exists:          {409, "CONFLICT"},
	roster.Conflict:        {409, "CONFLICT"},
	roster.Precondition:    {412, "PRECONDITION_FAILED"},
	roster.TooMany:         {429, "RATE_LIMITED"},
	roster.TooLarge:        {413, "PAYLOAD_TOO_LARGE"},
	roster.Unsupported:     {415, "UNSUPPORTED_MEDIA_TYPE"},
	roster.Method:          {405, "METHOD_NOT_ALLOWED"},
	roster.Unavailable:     {503, "UNAVAILABLE"},
}

func renderError(e *roster.Error, _ wire.Failed) (int, any) {
	status, code, message, details := describe(e)
	return status, errorBody{errorFields{code, message, details}}
}

func describe(e *roster.Error) (status int, code, message string, d *details) {
	k := kinds[e.Kind]
	code, message = k.code, e.Msg
	switch of := e.Details.(type) {
	case graph.Cycle:
		path := groupIDs(of)
		message = "adding " + path[1] + " to " + path[0] + " would make " + path[0] + " a member of itself"
		return k.status, graph.CodeCycle, message, &details{lists: map[string][]string{"path": path}}
	case batchResults:
		return k.status, code, message, &details{results: &of}
	}
	fields := wire.FieldsOf(e)
	if fields == nil {
		return k.status, code, message, nil
	}
	if e.Kind == roster.Invalid && e.Details == nil {
		message = e.Field + " " + message
	}
	for i := range fields {
		if fields[i].Name == "" {
			fields[i].Name = fields[i].In
		}
	}
	return k.status, code, message, &details{lists: fields.Messages()}
}

// wrong refuses a field of the body.
func wrong(name string, rule wire.Rule, message string) error {
	return wire.InvalidFields(wire.Field{In: wire.InBody, Name: name, Rule: rule, Message: message})
}

// given is a field of a body that may not be null, and some not blank.
type given struct {
	name        string
	null, blank bool
}

func text(name string, o wire.Opt[string]) given {
	v, ok := o.Get()
	return given{name, o.Null, ok && strings.TrimSpace(v) == ""}
}

// sound refuses null where a field must have a value, and a name without a letter.
func sound(fields ...given) error {
	var faults wire.Fields
	for _, f := range fields {
		switch {
		case f.null:
			faults = append(faults, wire.Field{In: wire.InBody, Name: f.name, Rule: wire.RuleRequired, Message: "must not be null"})
		case f.blank:
			faults = append(faults, wire.Field{In: wire.InBody, Name: f.name, Rule: wire.RuleRequired, Message: "must not be blank"})
		}
	}
	if faults == nil {
		return nil
	}
	return wire.InvalidFields(faults...)
}
