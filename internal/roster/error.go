package roster

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure an Error is. Each API maps kinds to its own
// statuses; nothing below the APIs knows a status.
type Kind uint8

// The kinds. Kinds lists them all.
const (
	Internal        Kind = iota // a fault of ours; Msg is never shown
	Invalid                     // the input breaks a rule of its own
	Unauthenticated             // no credential, or a wrong one
	Forbidden                   // a valid caller without the permission
	NotFound                    // no such thing, or not visible to the caller
	Exists                      // the thing is there already
	Conflict                    // a rule between things forbids it now
	Precondition                // If-Match names another version
	TooMany                     // over a rate limit
	TooLarge                    // a body over its limit
	Unsupported                 // a media type that the API does not take
	Method                      // a path that exists, a method that does not
	Unavailable                 // try again later
)

// Kinds returns every kind, for tests that must cover them all.
func Kinds() []Kind {
	return []Kind{
		Internal, Invalid, Unauthenticated, Forbidden, NotFound, Exists, Conflict,
		Precondition, TooMany, TooLarge, Unsupported, Method, Unavailable,
	}
}

// Error is the one error type that verbs return on purpose.
type Error struct {
	Kind Kind
	// Code is a stable word for programs, such as "CYCLE_DETECTED"; "" when the
	// kind says it all.
	Code string
	// Field names the input that is at fault, as the caller spelled it; "" when
	// it is no single one.
	Field string
	// Msg is public: what was wrong and what to do.
	Msg string
	// Details is public, and rendered by the API's own error body.
	Details any
	// Err is the cause, for the log only.
	Err error
}

// Error implements error, with the cause: for logs.
func (e *Error) Error() string {
	s := e.Msg
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of a kind with a public message.
func Errorf(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Msg: fmt.Sprintf(format, args...)}
}

// FieldError makes an Invalid error about one field.
func FieldError(field, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Field: field, Msg: fmt.Sprintf(format, args...)}
}

// AsError returns err as an Error; one that is none becomes Internal.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Msg: "internal error", Err: err}
}

// IsKind reports whether err is an Error of that kind.
func IsKind(err error, kind Kind) bool {
	if err == nil {
		return false // most often so, and errors.As allocates
	}
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}
