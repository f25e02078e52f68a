package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/roster"
)

// Codes of the errors that wire itself makes. An API's Dialect may give them
// another spelling or another status than their kind has.
const (
	CodeBadJSON   = "bad_json"               // Invalid: the body is no JSON, or repeats a key
	CodeKeyReused = "IDEMPOTENCY_KEY_REUSED" // Conflict: the key came with another body before
	CodeKeyInUse  = "IDEMPOTENCY_KEY_IN_USE" // Conflict: the first call with the key still runs
	CodeNoPerson  = "NO_PERSON"              // Forbidden: a person is needed, and the caller acts for none
)

// Dialect is how one API speaks of errors.
type Dialect struct {
	// Body is an error body; its type becomes the schema of every error in the
	// API's OpenAPI document.
	Body any
	// Render returns the status and the body, of Body's type, for an error. It
	// knows every kind. Msg, Details and Field of e are public, Err is not; the
	// Msg of an Internal error says nothing. FieldsOf(e) lists the fields at fault.
	Render func(e *roster.Error, of Failed) (status int, body any)
	// Phrase words a rule that an input breaks, such as "can't be blank"; ""
	// leaves it to the plain English words. Nil is plain English throughout.
	Phrase func(f Field) string
}

// Failed is what an error's body may say of the call that failed.
type Failed struct {
	// At is when it failed, UTC.
	At time.Time
	// RequestID is the call's id, as the log has it.
	RequestID string
}

// check panics unless the dialect renders every kind as an error of its type.
func (d Dialect) check(api roster.API) {
	for _, kind := range roster.Kinds() {
		status, body := d.Render(&roster.Error{Kind: kind}, Failed{})
		if status < 400 || status > 599 || reflect.TypeOf(body) != reflect.TypeOf(d.Body) {
			panic(fmt.Sprintf("wire: the %s API renders kind %d as %d and %T", api, kind, status, body))
		}
	}
}

func (d Dialect) phrase(f Field) string {
	if d.Phrase != nil {
		if s := d.Phrase(f); s != "" {
			return s
		}
	}
	return phrase(f)
}

// answer is a rendered error on its way through huma, which writes it.
type answer struct {
	status int
	body   any
}

func (a *answer) Error() string  { return "status " + strconv.Itoa(a.status) }
func (a *answer) GetStatus() int { return a.status }

func init() {
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		rq := requestOf(ctx.Context())
		return rq.render(fromHuma(rq.rt.api.dialect, status, msg, errs))
	}
}

// maxFields bounds the fields that one error lists.
const maxFields = 100

// fromHuma turns what huma found wrong with a request into an Error.
func fromHuma(d Dialect, status int, msg string, errs []error) *roster.Error {
	if status == http.StatusRequestEntityTooLarge {
		return tooLarge()
	}
	var fields Fields
	for _, err := range errs {
		if e := (*roster.Error)(nil); errors.As(err, &e) {
			return e
		}
		var detail *huma.ErrorDetail
		if !errors.As(err, &detail) {
			continue
		}
		f, text := decode(detail.Location, detail.Message)
		switch {
		case f.Rule == ruleJSON:
			return roster.Errorf(roster.Invalid, CodeBadJSON, "the body is no valid JSON: %s", f.Limit)
		case f.In == InPath:
			return notFound()
		}
		f.Message = d.phrase(f)
		if f.Rule == RuleOther && text != "" {
			f.Message = text
		}
		if len(fields) < maxFields {
			fields = append(fields, f)
		}
	}
	if len(fields) > 0 {
		return InvalidFields(fields...)
	}
	if status >= 500 && msg != "cannot read request body" {
		return &roster.Error{Kind: roster.Internal, Msg: "internal error", Err: errors.Join(errs...)}
	}
	return roster.Errorf(roster.Invalid, CodeBadJSON, "%s", msg)
}

// ruleJSON marks a body that is no JSON; it never leaves the package.
const ruleJSON Rule = "json"

func tooLarge() *roster.Error {
	return roster.Errorf(roster.TooLarge, "", "the body is too large")
}

func notFound() *roster.Error {
	return roster.Errorf(roster.NotFound, "", "there is nothing at this address")
}

// render turns any error into the API's answer, sets the headers that go with
// it, and logs what the caller is not shown.
func (rq *request) render(err error) *answer {
	e := roster.AsError(err)
	if e.Kind == roster.Internal {
		switch {
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
			e = &roster.Error{Kind: roster.Unavailable, Msg: "the request took too long", Err: err}
		default:
			e = &roster.Error{Kind: roster.Internal, Msg: "internal error", Err: err}
		}
	}
	if e.Err != nil {
		level := slog.LevelInfo
		if e.Kind == roster.Internal {
			level = slog.LevelError
		}
		rq.rt.srv.log.Log(rq, level, "request failed", "request", rq.id, "api", string(rq.rt.api.name),
			"operation", rq.rt.op.ID, "error", e.Err)
	}
	status, body := rq.rt.api.dialect.Render(e, Failed{At: rq.rt.srv.clock().UTC(), RequestID: rq.id})
	h := rq.w.Header()
	if status == http.StatusUnauthorized {
		h["Www-Authenticate"] = bearer
	}
	if wait, ok := e.Details.(time.Duration); ok && (e.Kind == roster.TooMany || e.Kind == roster.Unavailable) {
		h["Retry-After"] = []string{strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10)}
	}
	if e.Kind == roster.Method {
		if allow, ok := e.Details.([]string); ok {
			h["Allow"] = []string{strings.Join(allow, ", ")}
		}
	}
	return &answer{status, body}
}

// fail answers with an error.
func (rq *request) fail(err error) {
	a := rq.render(err)
	rq.w.Header()["Content-Type"] = jsonMedia
	rq.w.WriteHeader(a.status)
	writeJSON(rq.w, a.body)
}
