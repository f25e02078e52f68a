package care_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// clinic is a bureau whose tenant has documents checked by a provider, which says what
// a test has it say.
type clinic struct {
	*bureau

	folder string // of files; "" where they lie in the database
	begun  []care.VerificationBegin
	result map[string]care.VerificationResult // by reference
	media  []care.MediaRef
	photo  []byte
	down   error

	mediaDown error            // of media alone
	fetching  func()           // met by each fetch, where it is set
	spoilt    map[string]error // fetches that go wrong, by reference; without an error what comes is no photograph
}

func (c *clinic) Begin(_ context.Context, b care.VerificationBegin) (care.VerificationBegun, error) {
	c.begun = append(c.begun, b)
	reference := fmt.Sprint("ref-", len(c.begun))
	return care.VerificationBegun{Reference: reference, Next: map[string]string{"url": "https://example.org/" + reference}}, c.down
}

func (c *clinic) Result(_ context.Context, _ roster.Tenant, reference string) (care.VerificationResult, error) {
	return c.result[reference], c.down
}

func (c *clinic) Media(context.Context, roster.Tenant, string) ([]care.MediaRef, error) {
	return c.media, errors.Join(c.down, c.mediaDown)
}

func (c *clinic) Fetch(_ context.Context, _ roster.Tenant, m care.MediaRef) ([]byte, string, error) {
	if c.fetching != nil {
		c.fetching()
	}
	if err, ok := c.spoilt[m.Reference]; ok {
		return []byte("<html>a passport</html>"), "image/png", err
	}
	return c.photo, "text/html", c.down
}

func newClinic(t *testing.T, database string) *clinic {
	t.Helper()
	c := &clinic{bureau: openBureau(t, database), result: map[string]care.VerificationResult{}, photo: []byte("\x89PNG\r\n\x1a\n a passport")}
	key, err := seal.New(make([]byte, seal.Size))
	if err != nil {
		t.Fatal(err)
	}
	if !store.IsPostgres(database) {
		c.folder = filepath.Join(t.TempDir(), "media")
	}
	c.care = care.New(c.db, care.WithFiles(key, blob.New(c.db, key, c.folder)))
	c.care.AddVerifier("VERIFF", c)
	c.settle()
	c.set(identity.LicenseProvider.Name, `"VERIFF"`)
	return c
}

// rider is a customer who calls for themselves.
func (c *clinic) rider(name string) roster.Actor {
	id := c.customer(name)
	return roster.Actor{Tenant: c.cli.Tenant, ID: "user:" + name, API: roster.UserAPI, PersonID: id}
}

func (c *clinic) begin(rider roster.Actor) *care.Verification {
	c.t.Helper()
	v, err := c.care.BeginVerification(c.t.Context(), rider, care.LicenseVerification)
	if err != nil {
		c.t.Fatal(err)
	}
	return v
}

var events atomic.Int64

// tells has the provider say a thing, and its webhook tell that it did.
func (c *clinic) tells(v *care.Verification, r care.VerificationResult) {
	c.t.Helper()
	c.result[v.Reference] = r
	err := c.care.ProviderReported(context.Background(), c.cli.Tenant, "VERIFF", care.VerificationEvent{EventID: fmt.Sprint("e", events.Add(1)), Reference: v.Reference})
	if err := errors.Join(err, c.jobs.Drain(context.Background())); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clinic) stored(person int64) (customer *identity.Customer) {
	c.t.Helper()
	err := c.db.Read(context.Background(), c.cli.Tenant.ID, func(tx *store.Tx) (err error) {
		customer, err = identity.LiveCustomer(tx, person)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return customer
}

func (c *clinic) verifications(person int64) []*care.Verification {
	c.t.Helper()
	all, total, err := c.care.Verifications(context.Background(), c.operator, person, roster.Page{Limit: 100})
	if err != nil || total != len(all) {
		c.t.Fatal(total, err)
	}
	return all
}

// What the provider decides shows on the customer, and what was photographed is kept
// as long as the tenant says.
func TestVerification(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		c := newClinic(t, database)
		rider := c.rider("carla")
		v := c.begin(rider)
		if v.State != care.Created || v.Next["url"] == "" || c.begun[0].FirstName != "Carla" || c.begun[0].Key == "" || c.stored(rider.PersonID).LicenseState != care.Created {
			t.Errorf("begun: %+v of %+v", v, c.begun)
		}
		c.media = []care.MediaRef{{Reference: "m1", Kind: "FRONT"}}
		c.tells(v, care.VerificationResult{State: care.Retry, AttemptUUID: "first", ReasonCode: "BLURRED", DecidedAt: c.clock.Load()})
		passed := care.VerificationResult{
			State: care.Verified, AttemptUUID: "second", DocumentType: "DRIVING_LICENSE", DocumentCountry: "AT", DocumentNumber: "AB1234567",
			ExpirationDate: "2027-01-31", Categories: []string{"B", "X9", "B"}, DecidedAt: c.clock.Load() + 1,
		}
		c.media = append(c.media, care.MediaRef{Reference: "m2", Kind: "BACK"})
		c.tells(v, passed)
		c.tells(v, passed)
		customer := c.stored(rider.PersonID)
		if customer.LicenseState != care.Verified || customer.LicenseExpires != "2027-01-31" || !slices.Equal(customer.LicenseCategories, []string{"B"}) ||
			strings.Contains(string(customer.LicenseNumber), "567") || c.care.LicenseNumber(c.cli.Tenant.ID, customer) != "******567" {
			t.Errorf("the customer is %+v", customer)
		}
		all := c.verifications(rider.PersonID)
		if len(all) != 1 || len(all[0].Attempts) != 2 || all[0].Attempts[0].ReasonCode != "BLURRED" || all[0].Attempts[1].DocumentNumber != "******567" ||
			len(all[0].Attempts[0].Media) != 1 || len(all[0].Attempts[1].Media) != 2 {
			t.Fatalf("%+v", all)
		}
		if _, err := c.care.Verification(t.Context(), c.operator, v.ID, "third"); roster.AsError(err).Code != care.CodeNoVerification {
			t.Errorf("another attempt: %v", err)
		}
		one, err := c.care.Verification(t.Context(), c.operator, v.ID, "second")
		if err != nil || len(one.Attempts) != 1 || one.Attempts[0].UUID != "second" {
			t.Errorf("%+v, %v", one, err)
		}
		name := one.Attempts[0].Media[0].FileUUID
		f, err := c.care.ReadMedia(t.Context(), c.operator, name)
		if err != nil || string(f.Content) != string(c.photo) || f.ContentType != "image/png" {
			t.Errorf("%+v, %v", f, err)
		}
		for _, name := range []string{"../" + name, strings.ToUpper(name), "", "x"} {
			if _, err := c.care.ReadMedia(t.Context(), c.operator, name); roster.AsError(err).Code != care.CodeNoMedia {
				t.Errorf("%q: %v", name, err)
			}
		}
		c.purges(name)
	})
}

// purges lets time pass until files go, of which one is name.
func (c *clinic) purges(name string) {
	c.t.Helper()
	count := func() (n int) {
		if c.folder != "" {
			files, _ := os.ReadDir(filepath.Join(c.folder, "1"))
			return len(files)
		}
		for _, v := range c.verifications(c.begun[0].CustomerID) {
			for _, a := range v.Attempts {
				n += len(a.Media)
			}
		}
		return n
	}
	for _, step := range []struct{ days, want int }{{89, 3}, {2, 0}} {
		c.clock.Add(int64(step.days) * 24 * time.Hour.Microseconds())
		if err := c.jobs.Drain(context.Background()); err != nil {
			c.t.Fatal(err)
		}
		if got := count(); got != step.want {
			c.t.Errorf("%d more days: %d files, not %d", step.days, got, step.want)
		}
	}
	if _, err := c.care.ReadMedia(context.Background(), c.operator, name); roster.AsError(err).Code != care.CodeNoMedia {
		c.t.Errorf("purged: %v", err)
	}
}

// No check is begun that nobody makes, or that is not needed.
func TestBeginVerificationRefusals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		c := newClinic(t, database)
		rider := c.rider("carla")
		begin := func(kind string) *roster.Error {
			_, err := c.care.BeginVerification(t.Context(), rider, kind)
			if err == nil {
				t.Fatal("not refused")
			}
			return roster.AsError(err)
		}
		if e := begin("MANUAL"); e.Kind != roster.Invalid || e.Field != "kind" {
			t.Errorf("%+v", e)
		}
		if e := begin("ID"); e.Kind != roster.Conflict || e.Code != care.CodeNoVerifier {
			t.Errorf("%+v", e)
		}
		c.down = roster.Errorf(roster.Unavailable, "", "down")
		if e := begin("LICENSE"); e.Kind != roster.Unavailable || len(c.verifications(rider.PersonID)) != 0 {
			t.Errorf("%+v", e)
		}
		c.down = nil
		v := c.begin(rider)
		c.tells(v, care.VerificationResult{State: care.Processing})
		if e := begin("LICENSE"); e.Kind != roster.Conflict || e.Code != care.CodeVerificationState {
			t.Errorf("%+v", e)
		}
		c.tells(v, care.VerificationResult{State: care.Verified, ExpirationDate: "2026-03-10", DecidedAt: c.clock.Load()})
		if e := begin("LICENSE"); e.Kind != roster.Conflict || e.Code != care.CodeVerificationState {
			t.Errorf("%+v", e)
		}
		c.clock.Add(9 * 24 * time.Hour.Microseconds()) // it expires
		c.begin(rider)
	})
}

// Webhooks of what is not known, and those that come twice, change nothing.
func TestProviderReports(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		c := newClinic(t, database)
		rider := c.rider("carla")
		v := c.begin(rider)
		tell := func(id, reference string) {
			t.Helper()
			err := c.care.ProviderReported(t.Context(), c.cli.Tenant, "VERIFF", care.VerificationEvent{EventID: id, Reference: reference})
			if err := errors.Join(err, c.jobs.Drain(t.Context())); err != nil {
				t.Error(err)
			}
		}
		tell("u1", "nobody's")
		c.result[v.Reference] = care.VerificationResult{State: care.Rejected, DecidedAt: c.clock.Load()}
		tell("u2", v.Reference)
		again := c.begin(rider) // what is older shows no more
		c.result[v.Reference] = care.VerificationResult{State: care.Verified, DecidedAt: c.clock.Load() + 1}
		tell("u2", v.Reference)
		if got := c.verifications(rider.PersonID); len(got) != 2 || got[0].ID != again.ID || got[1].State != care.Rejected {
			t.Errorf("%+v", got)
		}
		if got := c.stored(rider.PersonID).LicenseState; got != care.Created {
			t.Error(got)
		}
	})
}

// What an operator says is a verification of its own.
func TestVerificationByHand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		c := newClinic(t, database)
		id := c.customer("carla")
		verified, number := care.Verified, "AB1234567"
		patch := care.CustomerPatch{LicenseState: &verified, ManualState: &verified, LicenseNumber: &number}
		r, err := c.care.UpdateCustomer(t.Context(), c.operator, id, nil, patch)
		if err != nil || c.care.LicenseNumber(c.cli.Tenant.ID, r.Customer) != "******567" {
			t.Fatalf("%+v, %v", r, err)
		}
		masked := "******567"
		if again, err := c.care.UpdateCustomer(t.Context(), c.operator, id, nil, care.CustomerPatch{LicenseNumber: &masked}); err != nil || again.Revision != r.Revision {
			t.Errorf("as it is shown: %v", err)
		}
		var kinds []string
		for _, v := range c.verifications(id) {
			kinds = append(kinds, v.Provider+" "+v.Kind+" "+v.State)
		}
		if slices.Sort(kinds); !slices.Equal(kinds, []string{"MANUAL LICENSE VERIFIED", "MANUAL MANUAL VERIFIED"}) {
			t.Error(kinds)
		}
	})
}

// leads is where the provider may lead the check of a license (contract §8.4), in one
// step or more.
var leads = map[string][]string{
	care.Created: {care.Processing, care.Verified, care.Rejected, care.Retry, care.Review, care.NeedsCheck, care.ExpiredLicense},
	care.Retry:   {care.Processing, care.Verified, care.Rejected, care.Review, care.NeedsCheck, care.ExpiredLicense},
	care.Processing: {
		care.Verified, care.Rejected, care.Retry, care.Review, care.NeedsCheck, care.ExpiredLicense,
	},
	care.Review:     {care.Verified, care.Rejected, care.Retry, care.Processing, care.NeedsCheck, care.ExpiredLicense},
	care.NeedsCheck: {care.Verified, care.Rejected, care.Retry, care.Review, care.Processing, care.ExpiredLicense},
}

// Whatever a provider tells, in whatever order, the newest decision stays and no state
// is left for one that it does not lead to.
func TestProviderOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		c := newClinic(t, database)
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			n++
			rider := c.rider(fmt.Sprint("rider", n))
			v := c.begin(rider)
			state, decided := care.Created, int64(0)
			for range rapid.IntRange(1, 4).Draw(t, "results") {
				r := care.VerificationResult{
					State: rapid.SampledFrom(care.LicenseLife.States()).Draw(t, "state"), DecidedAt: rapid.Int64Range(0, 3).Draw(t, "decided"),
				}
				c.tells(v, r)
				if r.State != state && (r.DecidedAt == 0 || r.DecidedAt >= decided) && slices.Contains(leads[state], r.State) {
					state, decided = r.State, r.DecidedAt
				}
				got := c.verifications(rider.PersonID)[0]
				if got.State != state || c.stored(rider.PersonID).LicenseState != state {
					t.Fatalf("%+v makes it %s, and the customer %s; want %s", r, got.State, c.stored(rider.PersonID).LicenseState, state)
				}
			}
		})
	})
}
