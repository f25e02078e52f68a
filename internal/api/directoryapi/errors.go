package directoryapi

import (
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// errorBody is the API's error: {"error":{"code","message","details"?}}.
type errorBody struct {
	Error errorFields `json:"error"`
}

type errorFields struct {
	Code    string `json:"code" example:"NOT_FOUND"`
	Message string `json:"message"`
	Details any    `json:"details,omitempty" doc:"By field, what was wrong with it; for a cycle, its path."`
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

func renderError(e *roster.Error, _ time.Time) (int, any) {
	status, code, message, details := describe(e)
	return status, errorBody{errorFields{code, message, details}}
}

func describe(e *roster.Error) (status int, code, message string, details any) {
	k := kinds[e.Kind]
	code, message = k.code, e.Msg
	switch d := e.Details.(type) {
	case graph.Cycle:
		code = graph.CodeCycle
		path := groupIDs(d)
		message = "adding " + path[1] + " to " + path[0] + " would make " + path[0] + " a member of itself"
		details = map[string][]string{"path": path}
	case batchResults:
		details = d
	default:
		if fields := wire.FieldsOf(e); fields != nil {
			details = fields.Messages()
		}
	}
	return k.status, code, message, details
}
