package providertest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
)

// Failures checks what a verifier makes of a server's failures: what makes something is
// not repeated, what reads is; what the server refuses can be tried again later, and no
// error tells of whom. Known is a check that the server has decided, unknown is none;
// the wrong ones lack what the server asks of a caller.
func Failures(t *testing.T, s *Server, good care.Verifier, wrong []care.Verifier, who care.VerificationBegin, known, unknown string) {
	t.Helper()
	for _, status := range []int{302, 400, 401, 403, 422, 429, 500, 503} {
		s.Fail(status)
		if _, err := good.Begin(t.Context(), who); !roster.IsKind(err, roster.Unavailable) || strings.Contains(err.Error(), who.FirstName) {
			t.Errorf("%d: %v", status, err)
		}
	}
	s.Fail(500)
	if _, err := good.Result(t.Context(), who.Tenant, known); err != nil {
		t.Error(err)
	}
	if _, err := good.Result(t.Context(), who.Tenant, unknown); !roster.IsKind(err, roster.NotFound) {
		t.Error(err)
	}
	for _, c := range wrong {
		if _, err := c.Begin(t.Context(), who); !roster.IsKind(err, roster.Unavailable) {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	s.Fail(-1)
	if _, err := good.Result(ctx, who.Tenant, known); err == nil {
		t.Error("it waits for ever")
	}
}
