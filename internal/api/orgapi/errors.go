package orgapi

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/wire"
)

// errorBody is the API's error: {"code","message","timestamp","details"?}.
type errorBody struct {
	Code      string `json:"code" example:"NOT_FOUND"`
	Message   string `json:"message"`
	Timestamp string `json:"timestamp" format:"date-time"`
	Error     string `json:"error,omitempty" doc:"At the token endpoint: the error in the words of OAuth 2.0 (RFC 6749, section 5.2)."`
	Details   any    `json:"details,omitempty" doc:"The fields at fault, as a list of field and message; for GROUP_IN_USE the impact."`
}

// fieldError is one field that an input got wrong.
type fieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// kinds give each kind of error its status and code (contract/groups.md §2.1).
// Where an error has a code of its own, a rule's 422 shows that one.
var kinds = map[roster.Kind]struct {
	status int
	code   string
}{
	roster.Internal:        {http.StatusInternalServerError, "INTERNAL_ERROR"},
	roster.Invalid:         {http.StatusBadRequest, "VALIDATION_ERROR"},
	roster.Unauthenticated: {http.StatusUnauthorized, "UNAUTHORIZED"},
	roster.Forbidden:       {http.StatusForbidden, "FORBIDDEN"},
	roster.NotFound:        {http.StatusNotFound, "NOT_FOUND"},
	roster.Exists:          {http.StatusUnprocessableEntity, "ALREADY_EXISTS"},
	roster.Conflict:        {http.StatusUnprocessableEntity, "RULE_VIOLATED"},
	roster.Precondition:    {http.StatusPreconditionFailed, "PRECONDITION_FAILED"},
	roster.TooMany:         {http.StatusTooManyRequests, "TOO_MANY_REQUESTS"},
	roster.TooLarge:        {http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE"},
	roster.Unsupported:     {http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE"},
	roster.Method:          {http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED"},
	roster.Unavailable:     {http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE"},
}

func renderError(e *roster.Error, of wire.Failed) (int, any) {
	k := kinds[e.Kind]
	body := errorBody{Code: k.code, Message: e.Msg, Timestamp: of.At.UTC().Format(seconds)}
	if e.Kind == roster.Exists || e.Kind == roster.Conflict {
		if e.Code != "" {
			body.Code = e.Code
		}
		if e.Code == wire.CodeKeyInUse {
			return http.StatusConflict, body
		}
	}
	if e.Kind == roster.Invalid && e.Field != "" && e.Details == nil {
		body.Message = e.Field + " " + e.Msg
	}
	if fields := wire.FieldsOf(e); fields != nil {
		list := make([]fieldError, len(fields))
		for i, f := range fields {
			list[i] = fieldError{f.Name, f.Message}
		}
		body.Details = list
		return k.status, body
	}
	switch d := e.Details.(type) {
	case *spend.Impact:
		body.Details = renderImpact(d)
	case oauthError:
		body.Error = string(d)
	}
	return k.status, body
}

// noSuch says that a path names nothing that the caller can see.
func noSuch(noun, id string) error {
	return roster.Errorf(roster.NotFound, "", "%s with UUID '%s' not found", noun, id)
}

// parseUUID reads the UUID in a path; a malformed one is as unknown as any other.
func parseUUID(noun, s string) (uuid.UUID, error) {
	id, ok := readUUID(s)
	if !ok {
		return id, noSuch(noun, s)
	}
	return id, nil
}

// readUUID takes the one usual form of 36 characters, in either case.
func readUUID(s string) (uuid.UUID, bool) {
	id, err := uuid.Parse(s)
	return id, err == nil && len(s) == 36
}

// named gives an error that a verb found no subject the words for this one.
func named(err error, noun, id string) error {
	if roster.IsKind(err, roster.NotFound) {
		return noSuch(noun, id)
	}
	return err
}
