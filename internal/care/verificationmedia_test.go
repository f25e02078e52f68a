package care_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Two jobs that fetch the same files at once, as of two events of a provider on two
// nodes, keep each file once, and nothing else is left where files lie.
func TestMediaJobsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		c := newClinic(t, database)
		rider := c.rider("carla")
		v := c.begin(rider)
		c.media = []care.MediaRef{{Reference: "m1", Kind: "FRONT"}, {Reference: "m2", Kind: "BACK"}}
		// Each decision has media fetched, which can't be got at first.
		c.mediaDown = errors.New("the line is dead")
		for i, state := range []string{care.Retry, care.Verified} {
			c.result[v.Reference] = care.VerificationResult{State: state, AttemptUUID: "one", DecidedAt: c.clock.Load() + int64(i)}
			if err := c.care.ProviderReported(t.Context(), c.cli.Tenant, "VERIFF", care.VerificationEvent{EventID: fmt.Sprint("at-once-", i), Reference: v.Reference}); err != nil {
				t.Fatal(err)
			}
			_ = c.jobs.Drain(t.Context()) // the fetch fails
		}
		c.clock.Add(time.Hour.Microseconds())
		c.mediaDown = nil
		var met sync.WaitGroup // both fetch the first file before either keeps it
		met.Add(2)
		var mu sync.Mutex
		fetches := 0
		c.fetching = func() {
			mu.Lock()
			fetches++
			first := fetches <= 2
			mu.Unlock()
			if first {
				met.Done()
				met.Wait()
			}
		}
		other := jobs.New(c.db, jobs.Options{})
		c.care.RegisterJobs(other)
		var running sync.WaitGroup
		for _, r := range []*jobs.Runner{c.jobs, other} {
			running.Go(func() {
				if err := r.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
		if fetches < 3 {
			t.Errorf("there were %d fetches", fetches)
		}
		all := c.verifications(rider.PersonID)
		if len(all) != 1 || len(all[0].Attempts) != 1 || len(all[0].Attempts[0].Media) != 2 {
			t.Fatalf("%+v", all)
		}
		for _, m := range all[0].Attempts[0].Media {
			if f, err := c.care.ReadMedia(t.Context(), c.operator, m.FileUUID); err != nil || string(f.Content) != string(c.photo) {
				t.Errorf("%+v, %v", f, err)
			}
		}
		if n := c.files(database); n != 2 {
			t.Errorf("%d files lie there", n)
		}
	})
}

// files counts what lies where files lie.
func (c *clinic) files(database string) (n int) {
	c.t.Helper()
	err := error(nil)
	if c.folder != "" {
		n, err = blob.Count(c.folder)
	} else {
		err = storetest.Raw(c.t, database).QueryRowContext(c.t.Context(), "SELECT count(*) FROM blobs").Scan(&n)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

// What was fetched of a customer who is deleted meanwhile is kept nowhere.
func TestMediaOfDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		c := newClinic(t, database)
		rider := c.rider("carla")
		v := c.begin(rider)
		c.media = []care.MediaRef{{Reference: "m1", Kind: "FRONT"}}
		fetched := false
		c.fetching = func() {
			fetched = true
			c.write(func(tx *store.Tx) error { return identity.EraseCustomer(tx, rider.PersonID) })
		}
		c.tells(v, care.VerificationResult{State: care.Verified, AttemptUUID: "one", DecidedAt: c.clock.Load()})
		if n := c.files(database); n != 0 || !fetched {
			t.Errorf("%d files lie there; fetched: %t", n, fetched)
		}
	})
}

var leftOut = store.Q("test.left_out", `SELECT after FROM changes WHERE tenant = $1 AND operation = 'verification_media.leave_out' ORDER BY revision`)

// What is gone, too long, or no photograph is left out, the log says so, and the rest is
// kept.
func TestMediaLeftOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		c := newClinic(t, database)
		rider := c.rider("carla")
		v := c.begin(rider)
		c.spoilt = map[string]error{"gone": roster.Errorf(roster.NotFound, "", "there is no such file"), "page": nil}
		c.media = []care.MediaRef{{Reference: "gone", Kind: "FRONT"}, {Reference: "page", Kind: "BACK"}, {Reference: "m1", Kind: "FACE"}}
		c.tells(v, care.VerificationResult{State: care.Verified, AttemptUUID: "one", DecidedAt: c.clock.Load()})
		if all := c.verifications(rider.PersonID); len(all) != 1 || len(all[0].Attempts) != 1 || len(all[0].Attempts[0].Media) != 1 || all[0].Attempts[0].Media[0].Kind != "FACE" {
			t.Errorf("%+v", all)
		}
		var said []string
		err := c.db.Read(t.Context(), c.cli.Tenant.ID, func(tx *store.Tx) (err error) {
			said, err = store.All(tx, leftOut, func(s store.Scanner) (after string, err error) { return after, s.Scan(&after) })
			return err
		})
		want := []string{`{"kind":"FRONT","reason":"the provider has it no longer, or it is too long"}`, `{"kind":"BACK","reason":"it is neither a photograph nor a film"}`}
		if !slices.Equal(said, want) || err != nil {
			t.Errorf("the log says %v, %v", said, err)
		}
	})
}
