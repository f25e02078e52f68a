package onfido_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/outbound"
	"github.com/rosterhq/roster/internal/provider/onfido"
	"github.com/rosterhq/roster/internal/provider/onfido/onfidotest"
	"github.com/rosterhq/roster/internal/provider/providertest"
	"github.com/rosterhq/roster/internal/roster"
)

func client(s *onfidotest.Server, token, workflow string) *onfido.Client {
	out := outbound.New(outbound.Options{Roots: s.Roots(), AllowEgress: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	return onfido.New(out.Provider(onfido.Name), s.BaseURL(), func(context.Context, roster.Tenant) (string, string, error) { return token, workflow, nil })
}

var (
	acme = roster.Tenant{ID: 1, Name: "acme"}
	olga = care.VerificationBegin{Key: "k1", Tenant: acme, Kind: care.LicenseVerification, CustomerID: 7, FirstName: "Olga", LastName: "Ott", Birthdate: "1990-02-03"}
)

func TestCheck(t *testing.T) {
	s := onfidotest.New(t)
	c := client(s, onfidotest.Token, onfidotest.Workflow)
	begun, err := c.Begin(t.Context(), olga)
	if err != nil {
		t.Fatal(err)
	}
	want := care.VerificationBegun{Reference: "run-1", Next: map[string]string{"workflowRunId": "run-1", "token": "sdk.run-1", "url": "https://eu.onfido.app/l/run-1"}}
	if diff := cmp.Diff(want, begun); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]map[string]any{{"first_name": "Olga", "last_name": "Ott", "dob": "1990-02-03"}}, s.Applicants()); diff != "" {
		t.Errorf("what is told of a person:\n%s", diff)
	}
	decided := time.Date(2026, 3, 2, 10, 0, 10, 0, time.UTC).UnixMicro()
	for status, state := range map[string]string{
		"awaiting_input": care.Created, "processing": care.Processing, "approved": care.Verified, "review": care.Review, "declined": care.Rejected,
		"abandoned": care.Retry, "error": care.Retry,
	} {
		s.Set("run-1", status)
		want := care.VerificationResult{State: state}
		if status != "awaiting_input" && status != "processing" {
			want = care.VerificationResult{
				State: state, ReasonCode: "because", DocumentType: "DRIVING_LICENSE", DocumentCountry: "AT", DocumentNumber: "AT123456", ExpirationDate: "2031-05-01",
				Categories: []string{"AM", "B"}, DecidedAt: decided,
			}
		}
		got, err := c.Result(t.Context(), acme, "run-1")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", status, err, diff)
		}
	}
	s.Set("run-1", "dancing")
	if _, err := c.Result(t.Context(), acme, "run-1"); !roster.IsKind(err, roster.Unavailable) {
		t.Errorf("a status that is not known: %v", err)
	}
}

// A report may have one category as an object, and lack the rest.
func TestSparseReport(t *testing.T) {
	s := onfidotest.New(t)
	c := client(s, onfidotest.Token, onfidotest.Workflow)
	s.Set("run-9", "approved")
	s.Report(`{"id":"r2","name":"document","sub_result":null,"properties":{"driving_licence_information":{"category":"B"},"document_type":"tax_letter"}}`)
	got, err := c.Result(t.Context(), acme, "run-9")
	if err != nil || got.State != care.Verified || !cmp.Equal(got.Categories, []string{"B"}) || got.DocumentType != "" || got.DocumentCountry != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestMedia(t *testing.T) {
	s := onfidotest.New(t)
	c := client(s, onfidotest.Token, onfidotest.Workflow)
	s.Set("run-1", "approved")
	refs, err := c.Media(t.Context(), acme, "run-1")
	want := []care.MediaRef{{Reference: "documents/d1", Kind: "FRONT"}, {Reference: "documents/d2", Kind: "BACK"}, {Reference: "live_photos/p1", Kind: "FACE"},
		{Reference: "live_videos/" + providertest.TooLong, Kind: "VIDEO"}, {Reference: "live_videos/v1", Kind: "VIDEO"}}
	if diff := cmp.Diff(want, refs); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	content, media, err := c.Fetch(t.Context(), acme, refs[0])
	if string(content) != onfidotest.Photo || media != "image/jpeg" || err != nil {
		t.Errorf("%q %s %v", content, media, err)
	}
	if content, media, err = c.Fetch(t.Context(), acme, refs[4]); string(content) != providertest.Video || media != "video/mp4" || err != nil {
		t.Errorf("%q %s %v", content, media, err)
	}
	for _, bad := range []string{refs[3].Reference, "", "applicants/a1", "documents/../applicants/a1", "documents/d1?x=1"} {
		if _, _, err := c.Fetch(t.Context(), acme, care.MediaRef{Reference: bad}); !roster.IsKind(err, roster.NotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestFailures(t *testing.T) {
	s := onfidotest.New(t)
	good := client(s, onfidotest.Token, onfidotest.Workflow)
	nameless := olga
	nameless.LastName = ""
	if _, err := good.Begin(t.Context(), nameless); !roster.IsKind(err, roster.Invalid) || len(s.Applicants()) > 0 {
		t.Errorf("without a name: %v, %v", err, s.Applicants())
	}
	s.Set("run-1", "approved")
	wrong := []care.Verifier{client(s, "", onfidotest.Workflow), client(s, onfidotest.Token, ""), client(s, "wrong", onfidotest.Workflow)}
	providertest.Failures(t, &s.Server, good, wrong, olga, "run-1", "run-2")
}

func TestEvents(t *testing.T) {
	body, signature := onfidotest.Event("run-1", "workflow_run.completed", "approved")
	verify := func(token, signature, body string) error {
		return onfido.Verify(token, func(name string) string {
			if name == onfido.SignatureHeader {
				return signature
			}
			return ""
		}, []byte(body), time.Time{})
	}
	if err := verify(onfidotest.WebhookToken, signature, body); err != nil {
		t.Error(err)
	}
	for _, c := range [][3]string{
		{"", signature, body}, {"other", signature, body}, {onfidotest.WebhookToken, "", body}, {onfidotest.WebhookToken, "zz", body},
		{onfidotest.WebhookToken, signature[:10], body}, {onfidotest.WebhookToken, signature, body + " "},
	} {
		if verify(c[0], c[1], c[2]) == nil {
			t.Errorf("%q is taken", c)
		}
	}
	first, ok, err := onfido.Event([]byte(body))
	second, _, _ := onfido.Event([]byte(body))
	if !ok || err != nil || first.Reference != "run-1" || first.EventID == "" || first != second {
		t.Errorf("%+v, %v, %v", first, ok, err)
	}
	if other, _, _ := onfido.Event([]byte(body + " ")); other.EventID == first.EventID {
		t.Error("two events are one")
	}
	for text, wrong := range map[string]bool{
		`{"payload":{"resource_type":"check","object":{"id":"c1"}}}`: false, `{"payload":{"resource_type":"workflow_run","object":{"id":"../x"}}}`: false,
		`{}`: false, `[`: true, `{"payload":7}`: true,
	} {
		if _, ok, err := onfido.Event([]byte(text)); ok || (err != nil) != wrong {
			t.Errorf("%s: %v, %v", text, ok, err)
		}
	}
}
