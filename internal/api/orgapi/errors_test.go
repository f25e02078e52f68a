package orgapi

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// Every kind has its status and its code, and the clock's time to the second.
func TestErrorKinds(t *testing.T) {
	at := time.Date(2026, 1, 15, 10, 30, 0, 5000, time.FixedZone("", 3600))
	statuses := map[roster.Kind]int{
		roster.Internal: 500, roster.Invalid: 400, roster.Unauthenticated: 401, roster.Forbidden: 403, roster.NotFound: 404,
		roster.Exists: 422, roster.Conflict: 422, roster.Precondition: 412, roster.TooMany: 429, roster.TooLarge: 413,
		roster.Unsupported: 415, roster.Method: 405, roster.Unavailable: 503,
	}
	for _, kind := range roster.Kinds() {
		status, body := renderError(&roster.Error{Kind: kind, Msg: "why"}, wire.Failed{At: at})
		b, ok := body.(errorBody)
		if !ok || status != statuses[kind] || b.Code == "" || b.Message != "why" || b.Timestamp != "2026-01-15T09:30:00Z" || b.Details != nil {
			t.Errorf("kind %d: %d %+v", kind, status, b)
		}
	}
}

func TestErrorCodes(t *testing.T) {
	for _, c := range []struct {
		err    roster.Error
		status int
		want   string
	}{
		{roster.Error{Kind: roster.Conflict, Code: "BUDGET_EXCEEDED", Msg: "m"}, 422, `{"code":"BUDGET_EXCEEDED","message":"m","timestamp":"0001-01-01T00:00:00Z"}`},
		{roster.Error{Kind: roster.NotFound, Code: "NO_SUCH_GROUP", Msg: "m"}, 404, `{"code":"NOT_FOUND","message":"m","timestamp":"0001-01-01T00:00:00Z"}`},
		{roster.Error{Kind: roster.Conflict, Code: wire.CodeKeyReused, Msg: "m"}, 422, `{"code":"IDEMPOTENCY_KEY_REUSED","message":"m","timestamp":"0001-01-01T00:00:00Z"}`},
		{roster.Error{Kind: roster.Conflict, Code: wire.CodeKeyInUse, Msg: "m"}, 409, `{"code":"IDEMPOTENCY_KEY_IN_USE","message":"m","timestamp":"0001-01-01T00:00:00Z"}`},
		{
			roster.Error{Kind: roster.Invalid, Field: "name", Msg: "must not be blank"},
			400,
			`{"code":"VALIDATION_ERROR","message":"name must not be blank","timestamp":"0001-01-01T00:00:00Z","details":[{"field":"name","message":"must not be blank"}]}`,
		},
		{
			roster.Error{Kind: roster.Unauthenticated, Msg: "m", Details: invalidClient},
			401,
			`{"code":"UNAUTHORIZED","message":"m","timestamp":"0001-01-01T00:00:00Z","error":"invalid_client"}`,
		},
	} {
		status, body := renderError(&c.err, wire.Failed{})
		text, err := json.Marshal(body)
		if err != nil || status != c.status || string(text) != c.want {
			t.Errorf("%d %s, %v", status, text, err)
		}
	}
}
