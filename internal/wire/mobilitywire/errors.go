package mobilitywire

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// Error is the body of every error. Clients match on the letters and the number of
// ErrorCode, without its suffix.
type Error struct {
	ErrorCode   string       `json:"errorCode" pattern:"^[A-Z]{1,4}[0-9]{3}(\\.[0-9]+)?$" example:"G901"`
	UserMessage string       `json:"userMessage" example:"name must not be empty"`
	HTTPStatus  int          `json:"httpStatus" example:"400"`
	TraceID     string       `json:"traceId,omitempty" doc:"The call's id, as in the header X-Trace-Id." example:"1gv5zs8o3k2vh2dl8yhn7qkw0a"`
	FieldErrors []FieldError `json:"fieldErrors,omitempty" doc:"The parts of the input at fault."`
	Details     any          `json:"details,omitempty" doc:"What the code alone does not say; its form belongs to the code."`
}

// FieldError is one part of the input at fault.
type FieldError struct {
	Field   string `json:"field" doc:"The field as the caller spells it, such as cards[3].rfidUid." example:"name"`
	Code    string `json:"code" doc:"The rule that it breaks." example:"TOO_SHORT"`
	Message string `json:"message" example:"must not be empty"`
}

// Codes of the contract that follow from an error's kind alone.
const (
	CodeBadJSON       = "G900"
	CodeInvalid       = "G901"
	CodeMediaType     = "G902"
	CodeTooLarge      = "G903"
	CodeNotFound      = "G904"
	CodeMethod        = "G905"
	CodePrecondition  = "G906"
	CodeTooMany       = "G907"
	CodeKey           = "G908" // an Idempotency-Key that came with another body, or runs still
	CodeConflict      = "G909" // where no rule has a code of its own
	CodeUnavailable   = "G998"
	CodeInternal      = "G999"
	CodeToken         = "AUTH902"
	CodePermission    = "A190"
	CodeImpersonation = "A192"
)

// kinds give each kind of error its status and the code of those that have none.
var kinds = map[roster.Kind]struct {
	status int
	code   string
}{
	roster.Internal:        {500, CodeInternal},
	roster.Invalid:         {400, CodeInvalid},
	roster.Unauthenticated: {401, CodeToken},
	roster.Forbidden:       {403, CodePermission},
	roster.NotFound:        {404, CodeNotFound},
	roster.Exists:          {409, CodeConflict},
	roster.Conflict:        {409, CodeConflict},
	roster.Precondition:    {412, CodePrecondition},
	roster.TooMany:         {429, CodeTooMany},
	roster.TooLarge:        {413, CodeTooLarge},
	roster.Unsupported:     {415, CodeMediaType},
	roster.Method:          {405, CodeMethod},
	roster.Unavailable:     {503, CodeUnavailable},
}

// kitWords are the codes of errors that wire makes.
var kitWords = map[string]string{
	wire.CodeBadJSON: CodeBadJSON, wire.CodeKeyReused: CodeKey, wire.CodeKeyInUse: CodeKey, wire.CodeNoPerson: CodeImpersonation,
}

// detailed are the kinds whose Details are shown.
var detailed = []roster.Kind{
	roster.Invalid, roster.Unauthenticated, roster.Forbidden, roster.NotFound, roster.Exists, roster.Conflict,
}

// grammar is that of the contract's codes.
var grammar = regexp.MustCompile(`^[A-Z]{1,4}[0-9]{3}(\.[0-9]+)?$`)

// Speech is how one of the APIs speaks of errors.
type Speech struct {
	// Words are the contract's codes of errors whose own code is a word, such as
	// graph.CodeOtherAccount: "UG903".
	Words map[string]string
	// Details renders what an area's error has in Details; nil shows it as it is.
	// What it returns as nil is not shown.
	Details func(details any) any
}

// Dialect is the speech as wire takes it. It panics if a word stands for no code of
// the contract's grammar.
func (s Speech) Dialect() wire.Dialect {
	for _, word := range slices.Sorted(maps.Keys(s.Words)) {
		if !grammar.MatchString(s.Words[word]) {
			panic(fmt.Sprintf("mobilitywire: %s stands for %q, which is no code", word, s.Words[word]))
		}
	}
	return wire.Dialect{Body: Error{}, Render: s.render}
}

func (s Speech) render(e *roster.Error, of wire.Failed) (int, any) {
	body := s.Error(e)
	body.TraceID = of.RequestID
	return body.HTTPStatus, body
}

// Error renders an error without a trace id, as it stands in the rows of a bulk
// call's answer. One that is no roster.Error says nothing of itself.
func (s Speech) Error(err error) Error {
	e := roster.AsError(err)
	k := kinds[e.Kind]
	if e.Kind == roster.Internal {
		return Error{ErrorCode: k.code, UserMessage: "internal error", HTTPStatus: k.status}
	}
	body := Error{ErrorCode: s.code(e, k.code), UserMessage: e.Msg, HTTPStatus: k.status}
	for _, f := range wire.FieldsOf(e) {
		body.FieldErrors = append(body.FieldErrors, fieldError(e, f))
	}
	switch e.Details.(type) {
	case nil, time.Duration:
		if e.Kind == roster.Invalid && e.Field != "" {
			body.UserMessage = e.Field + " " + e.Msg
		}
	case wire.Fields:
	default:
		if slices.Contains(detailed, e.Kind) {
			body.Details = s.details(e.Details)
		}
	}
	return body
}

// code is the error's own, where it is one of the contract or a word for one.
func (s Speech) code(e *roster.Error, standard string) string {
	for _, words := range []map[string]string{s.Words, kitWords} {
		if code := words[e.Code]; code != "" {
			return code
		}
	}
	if grammar.MatchString(e.Code) {
		return e.Code
	}
	return standard
}

func (s Speech) details(of any) any {
	if s.Details == nil {
		return of
	}
	return s.Details(of)
}

// rules are what fieldErrors call the rules of wire.
var rules = map[wire.Rule]string{
	wire.RuleRequired:  "REQUIRED",
	wire.RuleType:      "TYPE",
	wire.RuleEnum:      "ENUM",
	wire.RuleMinLength: "TOO_SHORT",
	wire.RuleMaxLength: "TOO_LONG",
	wire.RuleMinimum:   "MINIMUM",
	wire.RuleMaximum:   "MAXIMUM",
	wire.RuleAbove:     "MINIMUM",
	wire.RuleBelow:     "MAXIMUM",
	wire.RuleMultiple:  "MULTIPLE",
	wire.RuleMinItems:  "TOO_FEW",
	wire.RuleMaxItems:  "TOO_MANY",
	wire.RuleUnique:    "DUPLICATE",
	wire.RuleFormat:    "INVALID_FORMAT",
	wire.RulePattern:   "INVALID_FORMAT",
	wire.RuleText:      "INVALID_FORMAT",
	wire.RuleOther:     "INVALID",
}

// faults are what fieldErrors say of a field that a rule of an area names.
var faults = map[roster.Kind]string{
	roster.Forbidden: "FORBIDDEN", roster.NotFound: "NOT_FOUND", roster.Exists: "DUPLICATE", roster.Conflict: "CONFLICT",
}

func fieldError(e *roster.Error, f wire.Field) FieldError {
	out := FieldError{Field: f.Name, Code: rules[f.Rule], Message: f.Message}
	if out.Field == "" {
		out.Field = f.In
	}
	if fault := faults[e.Kind]; fault != "" && f.Rule == wire.RuleOther {
		out.Code = fault
	}
	return out
}
