package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/roster"
)

func TestCursor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Cursor{"groups", rapid.Int64().Draw(t, "created"), rapid.Int64().Draw(t, "id")}
		got, err := ParseCursor("groups", "after", want.String())
		if err != nil || got != want {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
		if _, err := ParseCursor("accounts", "after", want.String()); !roster.IsKind(err, roster.Invalid) {
			t.Fatalf("a cursor of another list was taken: %v", err)
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	f.Add(Cursor{"groups", 1, math.MaxInt64}.String())
	f.Add("AWdyb3Vwcw==")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCursor("groups", "after", text)
		if err == nil && c.String() != text {
			t.Fatalf("%q is another spelling of %q", text, c)
		}
		if err != nil && FieldsOf(roster.AsError(err))[0].Name != "after" {
			t.Fatalf("the error names no field: %v", err)
		}
	})
}

func TestOpt(t *testing.T) {
	type body struct {
		A Opt[string] `json:"a,omitzero"`
		B Opt[string] `json:"b,omitzero"`
		C Opt[string] `json:"c,omitzero"`
	}
	var v body
	if err := decodeJSON([]byte(`{"b":null,"c":"x"}`), &v); err != nil {
		t.Fatal(err)
	}
	if v.A.Set || !v.B.Set || !v.B.Null || v.C.Or("y") != "x" || v.B.Or("y") != "y" || v.A.Ptr() != nil || *v.C.Ptr() != "x" {
		t.Errorf("%+v", v)
	}
	if _, ok := v.B.Get(); ok {
		t.Error("null has a value")
	}
	if text, _ := json.Marshal(v); string(text) != `{"b":null,"c":"x"}` {
		t.Errorf("%s", text)
	}
}

func TestLimits(t *testing.T) {
	now := time.Unix(1000, 0)
	server := newTestServer(Options{
		Limits: Limits{PerToken: 3, PerAddress: 2}, Clock: func() time.Time { return now },
	})
	get := func(token string, status int) {
		t.Helper()
		want := map[string]string{"Retry-After": ""}
		if status == 429 {
			want["Retry-After"] = "1"
		}
		call{method: "GET", path: dList, token: token, status: status, wantHeader: want}.run(t, server)
	}
	for range 3 {
		get("reader", 200)
	}
	get("reader", 429)
	get("admin", 200) // a limit of its own
	get("wrong", 401)
	get("", 401)
	get("wrong", 429)
	get("", 429)
	call{method: "GET", path: dList + "/nothing/at/all", status: 429, want: `{"error":{"code":"RATE_LIMITED","message":"too many requests"}}`}.run(t, server)
	get("admin", 200) // a good token is not the address's
	now = now.Add(time.Second)
	get("reader", 200)
	get("wrong", 401)
}

func TestLimiterIsBounded(t *testing.T) {
	l := newLimiter[int](0.5, 1)
	now := time.Unix(1000, 0)
	for key := range 20 * maxKeys {
		l.take(key, now)
	}
	for i := range l.shards {
		if n := len(l.shards[i].keys); n > maxKeys {
			t.Fatalf("shard %d holds %d keys", i, n)
		}
	}
	if newLimiter[int](-1, 1).take(1, now) != 0 {
		t.Error("a limit below 0 limits")
	}
}

func TestClientAddress(t *testing.T) {
	trusted := proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"192.0.2.7:1", nil, "192.0.2.7"},
		{"192.0.2.7:1", []string{"1.1.1.1"}, "192.0.2.7"}, // not from a proxy of ours
		{"10.0.0.1:1", []string{"1.1.1.1"}, "1.1.1.1"},
		{"10.0.0.1:1", []string{"9.9.9.9, 1.1.1.1, 10.0.0.2"}, "1.1.1.1"}, // the left part is the caller's word
		{"10.0.0.1:1", []string{"9.9.9.9", "1.1.1.1", "10.0.0.2"}, "1.1.1.1"},
		{"10.0.0.1:1", []string{"10.0.0.3"}, "10.0.0.3"},
		{"10.0.0.1:1", []string{"1.1.1.1, nonsense"}, "10.0.0.1"},
		{"[::ffff:10.0.0.1]:1", []string{"::ffff:1.1.1.1"}, "1.1.1.1"},
		{"[2001:db8:1:2:3:4:5:6]:1", nil, "2001:db8:1:2::"},
		{"[fd00::1]:1", []string{"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::"},
		{"[fe80::1%eth0]:1", nil, "fe80::"},
		{"unix", nil, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := trusted.client(r).String(); got != c.want {
			t.Errorf("%s via %q is %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

func TestPhrases(t *testing.T) {
	for f, want := range map[Field]string{
		{Rule: RuleMinLength, Limit: "1"}: "must not be empty", {Rule: RuleMinLength, Limit: "2"}: "must have at least 2 characters",
		{Rule: RuleMaximum, Limit: "9"}: "must be at most 9", {Rule: RuleFormat, Limit: "uuid"}: "is no valid uuid", {Rule: "odd"}: "is invalid",
		{Rule: RuleType, Limit: "array"}: "must be an array", {Rule: RuleAbove, Limit: "0"}: "must be greater than 0",
	} {
		if got := phrase(f); got != want {
			t.Errorf("%v: %q, want %q", f, got, want)
		}
	}
}

func TestFieldsOfAnArea(t *testing.T) {
	got := FieldsOf(roster.FieldError("name", "must not be blank"))
	if fmt.Sprint(got.Messages()) != "map[name:[must not be blank]]" {
		t.Errorf("%+v", got)
	}
	if FieldsOf(&roster.Error{Kind: roster.Invalid}) != nil {
		t.Error("an error about no field has fields")
	}
}
