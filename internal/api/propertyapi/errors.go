package propertyapi

import (
	"encoding/json"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/lodging"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// errorBody is the API's error; errors is an object, not a list.
type errorBody struct {
	Errors errorFields `json:"errors"`
}

type errorFields struct {
	Code    string  `json:"code" example:"validation_error"`
	Title   string  `json:"title" example:"Validation Error"`
	Details details `json:"details,omitzero"`
}

// details is a sentence, or what is wrong by field.
type details struct {
	text   string
	fields map[string][]string
}

// IsZero implements what omitzero asks.
func (d details) IsZero() bool { return d.text == "" && d.fields == nil }

// MarshalJSON implements json.Marshaler.
func (d details) MarshalJSON() ([]byte, error) {
	if d.fields != nil {
		return json.Marshal(d.fields)
	}
	return json.Marshal(d.text)
}

// Schema implements huma.SchemaProvider.
func (d details) Schema(huma.Registry) *huma.Schema {
	text := &huma.Schema{Type: huma.TypeString}
	return &huma.Schema{OneOf: []*huma.Schema{text, {
		Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeArray, Items: text},
	}}}
}

type kind struct {
	status      int
	code, title string
}

// kinds give each kind of error its status and words.
var kinds = map[roster.Kind]kind{
	roster.Internal:        {500, "internal_server_error", "Internal Server Error"},
	roster.Invalid:         {422, "validation_error", "Validation Error"},
	roster.Unauthenticated: {401, "unauthorized", "Unauthorized"},
	roster.Forbidden:       {403, "forbidden", "Forbidden"},
	roster.NotFound:        {404, "resource_not_found", "Resource Not Found"},
	roster.Exists:          {422, "validation_error", "Validation Error"},
	roster.Conflict:        {409, "conflict", "Conflict"},
	roster.Precondition:    {412, "precondition_failed", "Precondition Failed"},
	roster.TooMany:         {429, "too_many_requests", "Too Many Requests"},
	roster.TooLarge:        {413, "payload_too_large", "Payload Too Large"},
	roster.Unsupported:     {415, "unsupported_media_type", "Unsupported Media Type"},
	roster.Method:          {405, "method_not_allowed", "Method Not Allowed"},
	roster.Unavailable:     {503, "service_unavailable", "Service Unavailable"},
}

var badRequestKind = kind{400, "bad_request", "Bad Request"}

func renderError(e *roster.Error, _ wire.Failed) (int, any) {
	k, d := describe(e)
	return k.status, errorBody{errorFields{k.code, k.title, d}}
}

func describe(e *roster.Error) (kind, details) {
	k := kinds[e.Kind]
	switch e.Kind {
	case roster.Invalid:
		return describeInvalid(e)
	case roster.Exists:
		if e.Code == graph.CodeAlreadyMember {
			return k, details{fields: map[string][]string{"hotel_id": {"is associated with this group already"}}}
		}
		return k, details{fields: wire.FieldsOf(e).Messages()}
	case roster.Conflict:
		switch e.Code {
		case graph.CodeLastGroup, graph.CodeNotEmpty, lodging.CodeInvited:
			return badRequestKind, details{text: e.Msg}
		case wire.CodeKeyReused:
			return kinds[roster.Invalid], details{fields: map[string][]string{"Idempotency-Key": {e.Msg}}}
		}
		return k, details{text: e.Msg}
	default:
		return k, details{}
	}
}

func describeInvalid(e *roster.Error) (kind, details) {
	k := kinds[roster.Invalid]
	if problems, ok := e.Details.(lodging.Problems); ok {
		return k, details{fields: problems}
	}
	fields := wire.FieldsOf(e)
	switch {
	case e.Code == wire.CodeBadJSON:
		return badRequestKind, details{text: e.Msg}
	case fields == nil:
		return k, details{text: e.Msg}
	case fields[0].In != wire.InBody:
		return badRequestKind, details{text: fields[0].Name + " " + fields[0].Message}
	}
	d := details{fields: map[string][]string{}}
	for name, messages := range fields.Messages() {
		d.fields[inside(name)] = messages
	}
	return k, d
}

// inside names a field as it is called inside the object that wraps it.
func inside(name string) string {
	for _, wrapper := range []string{"group.", "property.", "invite.", "group_user.", "user."} {
		if rest, ok := strings.CutPrefix(name, wrapper); ok {
			return rest
		}
	}
	if name == "" {
		return "body"
	}
	return name
}

// phrase words broken rules as the API's documents do.
func phrase(f wire.Field) string {
	if f.In != wire.InBody {
		return ""
	}
	switch f.Rule {
	case wire.RuleRequired:
		return "can't be blank"
	case wire.RuleMinLength:
		if f.Limit == "1" {
			return "can't be blank"
		}
		return "should be at least " + f.Limit + " character(s)"
	case wire.RuleMaxLength:
		return "should be at most " + f.Limit + " character(s)"
	case wire.RuleFormat:
		return "has invalid format"
	default:
		return "is invalid"
	}
}
