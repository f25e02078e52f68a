package jobs

import (
	"context"
	"errors"

	"github.com/rosterhq/roster/internal/roster"
)

// errLost ends who no longer holds its job's lease.
var errLost = errors.New("jobs: another runner has taken the job over")

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error that another try would not change: the job is given up.
func Permanent(err error) error { return permanent{err} }

// IsPermanent reports whether err, or what it wraps, is Permanent.
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

// reason is what a job's row keeps of an error: words of ours alone, since the text
// of an error may name a person. An error says its own by a method Reason.
func reason(err error) string {
	var own interface{ Reason() string }
	var ours *roster.Error
	switch {
	case errors.As(err, &own):
		return own.Reason()
	case errors.As(err, &ours) && ours.Code != "":
		return ours.Code
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "error"
}
