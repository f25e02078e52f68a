package userapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// checks is a provider of verifications that answers as the test says.
type checks struct {
	begun   int
	down    error
	results map[string]care.VerificationResult // by reference
	photo   []byte                             // of each check; nil for none
}

func (c *checks) Begin(context.Context, care.VerificationBegin) (care.VerificationBegun, error) {
	if c.down != nil {
		return care.VerificationBegun{}, c.down
	}
	c.begun++
	return care.VerificationBegun{Reference: fmt.Sprintf("check-%d", c.begun), Next: map[string]string{"url": "https://provider.example/1"}}, nil
}

func (c *checks) Result(_ context.Context, _ roster.Tenant, reference string) (care.VerificationResult, error) {
	r, ok := c.results[reference]
	if !ok {
		return r, errors.New("the provider knows nothing of it")
	}
	return r, nil
}

func (c *checks) Media(context.Context, roster.Tenant, string) ([]care.MediaRef, error) {
	if c.photo == nil {
		return nil, nil
	}
	return []care.MediaRef{{Kind: "FRONT", Reference: "photo"}}, nil
}

func (c *checks) Fetch(context.Context, roster.Tenant, care.MediaRef) ([]byte, string, error) {
	return c.photo, "image/jpeg", nil
}

// decides has the provider decide a check, and its webhook tell that it did.
func (h *house) decides(reference string, r care.VerificationResult) {
	h.T.Helper()
	h.checks.results[reference] = r
	err := h.Care.ProviderReported(h.T.Context(), h.CLI.Tenant, "VERIFF", care.VerificationEvent{EventID: reference + r.State, Reference: reference})
	if err := errors.Join(err, h.Jobs.Drain(h.T.Context())); err != nil {
		h.T.Fatal(err)
	}
}

// A rider has their license checked, and sees how it goes: never what is on it.
func TestVerifications(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden(h.ida, "verifications")
		g.Get("/me/verifications").Want(200)
		g.Post("/me/verifications", object{"kind": "LICENSE"}).Want(201)
		g.Note("What next says is said once.")
		g.Get("/me/verifications").Want(200)
		h.decides("check-1", care.VerificationResult{State: care.Processing, AttemptUUID: "attempt-1"})
		g.Note("While the provider looks at it, none begins.")
		g.Post("/me/verifications", object{"kind": "LICENSE"}).Want(409)
		h.Clock.Forward(time.Minute)
		h.decides("check-1", care.VerificationResult{
			State: care.Verified, AttemptUUID: "attempt-1", DocumentType: "DRIVING_LICENSE", DocumentCountry: "AT", DocumentNumber: "X1234567",
			ExpirationDate: "2026-06-30", Categories: []string{"B"}, DecidedAt: h.Clock.Now().UnixMicro(),
		})
		g.Note("It passed.")
		if text := string(g.Get("/me/verifications").Want(200).Body); strings.Contains(text, "567") {
			t.Errorf("it shows what is on the document: %s", text)
		}
		g.Post("/me/verifications", object{"kind": "LICENSE"}).Want(409)
		g.Note("Nobody checks identity documents here; other kinds there are none.")
		g.Post("/me/verifications", object{"kind": "ID"}).Want(409)
		g.Post("/me/verifications", object{"kind": "MANUAL"}).Want(400)
		g.Post("/me/verifications", object{}).Want(400)
		g.Set("Roster-Plan", "true").Post("/me/verifications", object{"kind": "LICENSE"}).Want(400)
		g.Note("A license that an operator took as verified need not be; somebody else's checks are not there.")
		h.as(g, "mia").Post("/me/verifications", object{"kind": "LICENSE"}).Want(409)
		if mine := h.as(g, "uma").Get("/me/verifications").Want(200); string(mine.Body) != "[]" {
			t.Errorf("uma sees %s", mine.Body)
		}
		g.Note("The provider does not answer: nothing is begun.")
		h.checks.down = roster.Errorf(roster.Unavailable, "", "the provider does not answer")
		h.as(g, "uma").Post("/me/verifications", object{"kind": "LICENSE"}).Want(503)
		if mine := h.uma.Get("/me/verifications").Want(200); string(mine.Body) != "[]" {
			t.Errorf("something is begun: %s", mine.Body)
		}
		g.Note("Past its date the license may be checked again.")
		h.checks.down = nil
		h.Clock.Forward(150 * 24 * time.Hour)
		g.Post("/me/verifications", object{"kind": "LICENSE"}).Want(201)
		if r := g.Get("/me/verifications").Want(200); r.Text("0.state") != care.Created || r.Text("1.state") != care.Verified {
			t.Errorf("the list is %s", r.Body)
		}
	})
}

// A rider reads the photographs that their export names, and nobody else's; that they
// did is in the log.
func TestOwnMedia(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.checks.photo = []byte("\xff\xd8\xff\xe0 of a license")
		h.ida.Post("/me/verifications", object{"kind": "LICENSE"}).Want(201)
		h.decides("check-1", care.VerificationResult{State: care.Verified, AttemptUUID: "attempt-1", ExpirationDate: "2026-06-30", DecidedAt: h.Clock.Now().UnixMicro()})
		name := h.ida.Get("/me/export").Want(200).Text("data.verificationMedia.0.fileUuid")
		path := "/me/verifications/media/" + name
		r := h.ida.Get(path).Want(200)
		if !bytes.Equal(r.Body, h.checks.photo) || r.Header.Get("Content-Type") != "image/jpeg" || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q of %q is %q, %v", path, name, r.Body, r.Header)
		}
		if text := string(h.ida.Get("/me/export").Want(200).Body); strings.Count(text, `"verification_media.read"`) != 1 {
			t.Errorf("the log does not say so: %s", text)
		}
		for _, other := range []*wiretest.Client{h.uma, h.olga} {
			if code := other.Get(path).Want(404).Text("errorCode"); code != care.CodeNoMedia {
				t.Errorf("somebody else gets %s", code)
			}
		}
		h.nobody.Get(path).Want(401)
		h.ida.Get("/me/verifications/media/none").Want(404)
	})
}

// A rider gets all that is stored of them, but for secrets, and of nobody else.
func TestExportMe(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden(h.uma, "me_export")
		g.Get("/me/export").Want(200)
		text := strings.ToLower(string(h.uma.Get("/me/export").Want(200).Body))
		for _, other := range []string{"mia", "olga", "token\"", "hash"} {
			if strings.Contains(text, other) {
				t.Errorf("the export says %q", other)
			}
		}
		if strings.Count(text, `"customer.export"`) != 1 {
			t.Errorf("the export before this one is not in the log: %s", text)
		}
		h.nobody.Get("/me/export").Want(401)
	})
}
