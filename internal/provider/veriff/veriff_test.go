package veriff_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/outbound"
	"github.com/rosterhq/roster/internal/provider/providertest"
	"github.com/rosterhq/roster/internal/provider/veriff"
	"github.com/rosterhq/roster/internal/provider/veriff/verifftest"
	"github.com/rosterhq/roster/internal/roster"
)

func client(s *verifftest.Server, key, secret string) *veriff.Client {
	out := outbound.New(outbound.Options{Roots: s.Roots(), AllowEgress: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	return veriff.New(out.Provider(veriff.Name), s.URL, func(context.Context, roster.Tenant) (string, string, error) { return key, secret, nil })
}

var (
	acme = roster.Tenant{ID: 1, Name: "acme"}
	olga = care.VerificationBegin{Key: "k1", Tenant: acme, Kind: care.LicenseVerification, CustomerID: 7, FirstName: "Olga", LastName: "Ott", Birthdate: "1990-02-03"}
)

func TestCheck(t *testing.T) {
	s := verifftest.New(t)
	c := client(s, verifftest.Key, verifftest.Secret)
	begun, err := c.Begin(t.Context(), olga)
	if err != nil {
		t.Fatal(err)
	}
	want := care.VerificationBegun{Reference: "session-1", Next: map[string]string{"token": "t.session-1", "url": "https://alchemy.veriff.com/v/session-1"}}
	if diff := cmp.Diff(want, begun); diff != "" {
		t.Error(diff)
	}
	told := []map[string]any{{
		"person": map[string]any{"firstName": "Olga", "lastName": "Ott", "dateOfBirth": "1990-02-03"}, "document": map[string]any{"type": "DRIVERS_LICENSE"}, "vendorData": "k1",
	}}
	if diff := cmp.Diff(told, s.Sessions()); diff != "" {
		t.Errorf("what is told of a person:\n%s", diff)
	}
	for status, state := range map[string]string{"created": care.Created, "started": care.Created, "submitted": care.Processing} {
		s.Attempt("session-1", status)
		got, err := c.Result(t.Context(), acme, "session-1")
		if diff := cmp.Diff(care.VerificationResult{State: state, AttemptUUID: "attempt-2"}, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", status, err, diff)
		}
	}
	for _, row := range []struct {
		code          int
		reason, state string
		shown         string
	}{
		{9001, "null", care.Verified, ""}, {9102, "106", care.Rejected, "106"}, {9103, `"204"`, care.Retry, "204"}, {9104, "null", care.Retry, ""}, {9121, "null", care.Review, ""},
	} {
		s.Decide("session-1", row.code, row.reason)
		want := care.VerificationResult{
			State: row.state, AttemptUUID: "attempt-2", ReasonCode: row.shown, DocumentType: "DRIVING_LICENSE", DocumentCountry: "AT", DocumentNumber: "B7654321",
			ExpirationDate: "2031-05-01", Categories: []string{"AM", "B"}, DecidedAt: time.Date(2026, 3, 2, 10, 5, 0, 0, time.UTC).UnixMicro(),
		}
		got, err := c.Result(t.Context(), acme, "session-1")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%d: %v\n%s", row.code, err, diff)
		}
	}
	s.Decide("session-1", 9999, "null")
	if _, err := c.Result(t.Context(), acme, "session-1"); !roster.IsKind(err, roster.Unavailable) {
		t.Errorf("a code that is not known: %v", err)
	}
}

func TestMedia(t *testing.T) {
	s := verifftest.New(t)
	c := client(s, verifftest.Key, verifftest.Secret)
	s.Decide("session-1", 9001, "null")
	refs, err := c.Media(t.Context(), acme, "session-1")
	want := []care.MediaRef{{Reference: "m1", Kind: "FRONT"}, {Reference: "m3", Kind: "FACE"}, {Reference: "m4", Kind: "BACK"},
		{Reference: providertest.TooLong, Kind: "VIDEO"}, {Reference: "v1", Kind: "VIDEO"}}
	if diff := cmp.Diff(want, refs); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	content, media, err := c.Fetch(t.Context(), acme, refs[0])
	if string(content) != verifftest.Photo || media != "image/png" || err != nil {
		t.Errorf("%q %s %v", content, media, err)
	}
	if content, media, err = c.Fetch(t.Context(), acme, refs[4]); string(content) != providertest.Video || media != "video/mp4" || err != nil {
		t.Errorf("%q %s %v", content, media, err)
	}
	for _, bad := range []string{refs[3].Reference, "", "../sessions", "m1?x"} {
		if _, _, err := c.Fetch(t.Context(), acme, care.MediaRef{Reference: bad}); !roster.IsKind(err, roster.NotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestFailures(t *testing.T) {
	s := verifftest.New(t)
	s.Decide("session-1", 9001, "null")
	wrong := []care.Verifier{client(s, "", verifftest.Secret), client(s, verifftest.Key, ""), client(s, "other", verifftest.Secret), client(s, verifftest.Key, "other")}
	providertest.Failures(t, &s.Server, client(s, verifftest.Key, verifftest.Secret), wrong, olga, "session-1", "session-2")
}

func TestEvents(t *testing.T) {
	verify := func(secret, signature, body string) error {
		return veriff.Verify(secret, func(name string) string {
			if name == veriff.SignatureHeader {
				return signature
			}
			return ""
		}, []byte(body), time.Time{})
	}
	seen := map[string]bool{}
	for range 2 {
		for _, of := range [][2]string{pair(verifftest.Event("session-1", 7001)), pair(verifftest.Event("session-1", 7002)), pair(verifftest.Decided("session-1", 9001, "null"))} {
			if err := verify(verifftest.Secret, of[1], of[0]); err != nil {
				t.Error(err)
			}
			if verify("other", of[1], of[0]) == nil || verify("", of[1], of[0]) == nil || verify(verifftest.Secret, "", of[0]) == nil || verify(verifftest.Secret, of[1], of[0]+" ") == nil {
				t.Error("a wrong signature is taken")
			}
			e, ok, err := veriff.Event([]byte(of[0]))
			if !ok || err != nil || e.Reference != "session-1" {
				t.Errorf("%+v, %v, %v", e, ok, err)
			}
			seen[e.EventID] = true
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d events, want 3", len(seen))
	}
	for text, wrong := range map[string]bool{`{}`: false, `{"id":"../x"}`: false, `[`: true, `{"id":7}`: true} {
		if _, ok, err := veriff.Event([]byte(text)); ok || (err != nil) != wrong {
			t.Errorf("%s: %v, %v", text, ok, err)
		}
	}
}

func pair(a, b string) [2]string { return [2]string{a, b} }
