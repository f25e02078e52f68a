package opsapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// checks is a provider of verifications that answers as the test says.
type checks struct {
	sync.Mutex
	results map[string]care.VerificationResult // by reference
	begun   int
}

func (c *checks) say(reference string, r care.VerificationResult) {
	c.Lock()
	defer c.Unlock()
	c.results[reference] = r
}

func (c *checks) Begin(context.Context, care.VerificationBegin) (care.VerificationBegun, error) {
	c.Lock()
	defer c.Unlock()
	c.begun++
	return care.VerificationBegun{Reference: fmt.Sprintf("check-%d", c.begun), Next: map[string]string{"url": "https://provider.example/1"}}, nil
}

func (c *checks) Result(_ context.Context, _ roster.Tenant, reference string) (care.VerificationResult, error) {
	c.Lock()
	defer c.Unlock()
	r, ok := c.results[reference]
	if !ok {
		return r, errors.New("the provider knows nothing of it")
	}
	return r, nil
}

func (c *checks) Media(_ context.Context, _ roster.Tenant, reference string) ([]care.MediaRef, error) {
	return []care.MediaRef{{Reference: reference + "-front", Kind: "FRONT"}, {Reference: reference + "-script", Kind: "BACK"}}, nil
}

// Fetch answers a photograph, and, of the back, something that is none.
func (c *checks) Fetch(_ context.Context, _ roster.Tenant, m care.MediaRef) ([]byte, string, error) {
	if strings.HasSuffix(m.Reference, "-script") {
		return []byte("<script>alert(1)</script>"), "image/png", nil
	}
	return photograph(), "image/png", nil
}

func photograph() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// traveler is a customer of acme as the user API sees them.
func (h *house) traveler(name string) roster.Actor {
	a := h.CLI
	a.API, a.PersonID = roster.UserAPI, h.Person(name)
	return a
}

// begin has somebody begin a check of their license at the provider's.
func (h *house) begin(name string) *care.Verification {
	h.T.Helper()
	h.Apply(h.CLI, "settings:\n- {key: verification.licenseProvider, value: VERIFF}\n")
	v, err := h.Care.BeginVerification(h.T.Context(), h.traveler(name), care.LicenseVerification)
	if err != nil {
		h.T.Fatal(err)
	}
	return v
}

// told has the provider say how a check stands, and the webhook come that many times.
func (h *house) told(v *care.Verification, r care.VerificationResult, times int) {
	h.T.Helper()
	h.checks.say(v.Reference, r)
	for i := range times {
		if err := h.Care.ProviderReported(h.T.Context(), h.CLI.Tenant, "VERIFF", care.VerificationEvent{EventID: fmt.Sprint(r.State, r.DecidedAt, i/2), Reference: v.Reference}); err != nil {
			h.T.Fatal(err)
		}
	}
	h.drain()
}

func (h *house) decided(state string) care.VerificationResult {
	return care.VerificationResult{
		State: state, AttemptUUID: "attempt-" + strings.ToLower(state), ReasonCode: "7", DocumentType: "DRIVING_LICENSE", DocumentCountry: "AT", DocumentNumber: "X1234567",
		ExpirationDate: "2026-06-30", Categories: []string{"B", "B", "AM", "Z9"}, DecidedAt: h.DB.Now(),
	}
}

// A license from the first photograph to its last day.
func TestVerification(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		v := h.begin("ida")
		list := fmt.Sprintf("/verification?guserId=%d", h.Person("ida"))
		h.told(v, care.VerificationResult{State: care.Processing, AttemptUUID: "attempt-retry"}, 1)
		h.Clock.Forward(time.Minute)
		h.told(v, h.decided(care.Retry), 3)
		h.Clock.Forward(time.Minute)
		verified := h.decided(care.Verified)
		h.told(v, verified, 3)
		g := h.golden(h.as("admin"), "verification")
		g.Get(list).Want(200)
		g.Get(list + "&includeDetails=false").Want(200)
		one := fmt.Sprintf("/verification/%d", v.ID)
		g.Note("One attempt of two.")
		g.Get(one + "?attemptUuid=attempt-verified").Want(200)
		g.Note("The customer shows the result, and what is on the document.")
		g.Get(h.of("ida", "")).Want(200)

		h.Clock.Forward(time.Minute)
		older := h.decided(care.Rejected)
		older.DecidedAt = verified.DecidedAt - 1
		h.told(v, older, 1)
		if state := h.as("admin").Get(one).Want(200).Text("state"); state != "VERIFIED" {
			t.Errorf("an older decision makes it %s", state)
		}
		if err := h.Care.ProviderReported(t.Context(), h.CLI.Tenant, "VERIFF", care.VerificationEvent{EventID: "e", Reference: "somebody else's"}); err != nil {
			t.Error(err)
		}

		g.Note("Past its date the license is so no longer, and the customer may begin again.")
		h.Clock.Forward(150 * 24 * time.Hour)
		if state := g.Get(h.of("ida", "")).Want(200).Text("licenseVerificationState"); state != "EXPIRED_LICENSE" {
			t.Errorf("it reads %s", state)
		}
		if _, err := h.Care.BeginVerification(t.Context(), h.traveler("ida"), care.LicenseVerification); err != nil {
			t.Error(err)
		}
		g.Note("What is not there, or not seen.")
		g.Get("/verification").Want(400)
		g.Get("/verification?guserId=999").Want(404)
		g.Get("/verification/999").Want(404)
		g.Get(one + "?attemptUuid=another").Want(404)
		g.As(h.tokens["branch-b"]).Get(one).Want(404)
		g.As(h.tokens["branch-b"]).Get(list).Want(404)
		g.As(h.tokens["accounting"]).Get(one).Want(403)
	})
}

// Photographs are served once the log says who reads them, to nobody else, and no more
// once they are old (contract §10.23).
func TestVerificationMedia(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		v := h.begin("ida")
		h.told(v, h.decided(care.Verified), 1)
		media := h.as("admin").Get(fmt.Sprintf("/verification/%d", v.ID)).Want(200)
		if n := len(media.At("attempts.0.media").([]any)); n != 1 {
			t.Fatalf("%d files are kept, though one is no photograph", n)
		}
		file := media.Text("attempts.0.media.0.fileUuid")
		before := h.DB.Published(h.CLI.Tenant.ID)
		a := h.as("admin").Get("/verification/media/" + file).Want(200)
		for name, want := range map[string]string{
			"Content-Type": "image/png", "Content-Disposition": `inline; filename="front-` + file + `.png"`, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s is %q", name, got)
			}
		}
		if !bytes.Equal(a.Body, photograph()) {
			t.Errorf("%d bytes are no photograph", len(a.Body))
		}
		if after := h.DB.Published(h.CLI.Tenant.ID); after != before+1 {
			t.Errorf("%d changes say that it was read", after-before)
		}
		g := h.golden(h.as("admin"), "verification_media")
		for _, other := range []string{"00000000-0000-4000-8000-000000000000", "..%2F..%2Fsecret.key", ".."} {
			g.Get("/verification/media/" + other).Want(404)
		}
		h.as("admin").Get("/verification/media/" + strings.ToUpper(file)).Want(404)
		g.As(h.tokens["support"]).Get("/verification/media/" + file).Want(403)
		g.As(h.tokens["admin-b"]).Get("/verification/media/" + file).Want(404)
		g.As(h.tokens["other"]).Get("/verification/media/" + file).Want(401)
		if now := h.DB.Published(h.CLI.Tenant.ID); now != before+1 {
			t.Error("who reads nothing is logged")
		}
		g.Note("Once it is older than verification.mediaRetentionDays:")
		h.Clock.Forward(91 * 24 * time.Hour)
		h.drain()
		g.Get("/verification/media/" + file).Want(404)
	})
}

// What an operator says of a verification is one of its own, and a license's number is
// kept where nobody reads it whole.
func TestVerificationByHand(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden(h.as("support"), "verification_by_hand")
		ida := h.of("ida", "")
		g.Patch(ida, object{"licenseVerificationState": "VERIFIED", "licenseNumber": " AB 12345678 ", "manualVerificationState": "PROCESSING"}).Want(200)
		g.Get(fmt.Sprintf("/verification?customerId=%d", h.Person("ida"))).Want(200)
		g.Note("What GET gave may be put back; a number that can't be one may not.")
		shown := h.as("support").Get(ida).Want(200)
		again := h.as("support").Patch(ida, object{"licenseNumber": shown.Text("licenseNumber")}).Want(200)
		if again.At("version") != shown.At("version") {
			t.Error("the number was replaced by what is shown of it")
		}
		g.Patch(ida, object{"licenseNumber": "A\u0007B"}).Want(400)
		g.Patch(ida, object{"licenseNumber": nil}).Want(200)
		h.Read(h.CLI, func(tx *store.Tx) error {
			v, err := h.Care.Verification(t.Context(), h.traveler("ida"), 1, "")
			if err == nil {
				t.Errorf("a customer reads %v", v)
			}
			return nil
		})
	})
}

// What reads otherwise since its date is over is not kept so by whoever puts back what
// they read: a later date gives it its state again.
func TestPutBackExpired(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, ida := h.as("admin"), h.of("ida", "")
		admin.Patch(ida, object{
			"licenseVerificationState": "VERIFIED", "licenseExpirationDate": "2026-06-30", "idVerificationState": "VERIFIED", "idExpirationDate": "2026-06-30",
		}).Want(200)
		h.Clock.Forward(150 * 24 * time.Hour)
		shown := admin.Get(ida).Want(200)
		wantStates := func(r *wiretest.Response, license, id string) {
			t.Helper()
			if got := r.Text("licenseVerificationState") + " " + r.Text("idVerificationState"); got != license+" "+id {
				t.Errorf("they read %s, not %s %s", got, license, id)
			}
		}
		wantStates(shown, "EXPIRED_LICENSE", "PENDING_REVERIFICATION")
		history := fmt.Sprintf("/verification?guserId=%d", h.Person("ida"))
		was := admin.Get(history).Want(200).Len("")
		h.role("none", "VIE", "USER_WRITE", "USER_READ")
		for _, who := range []string{"admin", "none"} {
			again := h.as(who).Patch(ida, shown.At("")).Want(200)
			if tag := again.Header.Get("ETag"); tag != shown.Header.Get("ETag") || again.At("updatedAt") != shown.At("updatedAt") {
				t.Errorf("%s changed the customer: %s", who, again.Body)
			}
		}
		if n := admin.Get(history).Want(200).Len(""); n != was {
			t.Errorf("%d verifications are now %d", was, n)
		}
		wantStates(admin.Patch(ida, object{"licenseExpirationDate": "2030-06-30", "idExpirationDate": "2030-06-30"}).Want(200), "VERIFIED", "VERIFIED")
		admin.Patch(ida, object{"licenseExpirationDate": "2026-06-30"}).Want(200)
		said := object{"licenseVerificationState": "EXPIRED_LICENSE", "licenseExpirationDate": "2030-06-30"}
		h.as("none").Patch(ida, said).Want(403)
		wantStates(admin.Patch(ida, said).Want(200), "EXPIRED_LICENSE", "VERIFIED")
	})
}

// Nobody is shown a file whose reading can't be logged, however well they may read it.
func TestMediaIsReadInTheLogOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		file := h.as("admin").Get(fmt.Sprintf("/verification/%d", h.verified().ID)).Want(200).Text("attempts.0.media.0.fileUuid")
		path := "/verification/media/" + file
		shown := h.as("admin").Get(path).Want(200)
		log := func() int { return len(h.audit("admin", "size=5000&operation=verification_media.read")) }
		logged := log()
		let := refuseLog(t, database, "verification_media.read")
		a := h.as("admin").Get(path).Want(500)
		if strings.Contains(string(a.Body), string(shown.Body[:8])) || a.Header.Get("Content-Disposition") != "" || a.Header.Get("Content-Type") != "application/json" {
			t.Errorf("it answers %v %q", a.Header, a.Body)
		}
		if n := log(); n != logged {
			t.Errorf("%d readings are logged, not %d", n, logged)
		}
		let()
		if again := h.as("admin").Get(path).Want(200); string(again.Body) != string(shown.Body) {
			t.Error("it is another file now")
		}
		if n := log(); n != logged+1 {
			t.Errorf("%d readings are logged, not %d", n, logged+1)
		}
	})
}

// verified is a verification of ida's that passed, made once.
func (h *house) verified() *care.Verification {
	h.T.Helper()
	all, _, err := h.Care.OwnVerifications(h.T.Context(), h.traveler("ida"), roster.Page{Limit: 10})
	if err != nil {
		h.T.Fatal(err)
	}
	for _, v := range all {
		if v.Provider == "VERIFF" {
			return v
		}
	}
	v := h.begin("ida")
	h.told(v, h.decided(care.Verified), 1)
	return v
}
