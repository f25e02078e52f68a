package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
)

// nodes are two servers on one PostgreSQL.
func (f *fleet) nodes() (a, b *server) {
	f.t.Helper()
	var starting sync.WaitGroup
	starting.Go(func() { a = f.p.serve(f.t) })
	starting.Go(func() { b = f.p.serve(f.t) })
	starting.Wait()
	return a, b
}

// TestTwoNodes has two servers share a PostgreSQL.
func TestTwoNodes(t *testing.T) {
	f := newFleet(t, place{data: t.TempDir(), database: pgtest.Database(t)})
	t.Run("closings", f.with((*fleet).closeOnce))
	a, b := f.nodes()
	t.Run("sessions", f.with(func(f *fleet) { f.endSessions(a, b) }))
	t.Run("vehicles", f.with(func(f *fleet) { f.raceForVehicles(a, b) }))
}

// with runs a part of a test on the fleet.
func (f *fleet) with(part func(*fleet)) func(*testing.T) {
	return func(t *testing.T) {
		whole := f.t
		defer func() { f.t = whole }()
		f.t = t
		part(f)
	}
}

// closeOnce has two nodes find that a cycle is over, while two commands close the
// same account's bill: there is one invoice of all charges.
func (f *fleet) closeOnce() {
	a := f.accounts[1]
	for round := 1; round <= 3; round++ {
		s := f.p.serve(f.t)
		for _, r := range f.riders[ridersEach:] {
			r.rideOnce(s)
		}
		s.kill()
		f.forget()
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				if out, err := f.closing(context.Background()).CombinedOutput(); err != nil {
					f.t.Errorf("billing close: %v\n%s", err, out)
				}
			})
		}
		first, second := f.nodes()
		all.Wait()
		f.await(first, "the end of the cycle", func() bool { return f.cyclesOver() == 0 })
		first.kill()
		second.kill()
		invoices, unbilled := f.count(`SELECT count(*) FROM invoices WHERE account_id = $1`, a.id), f.count(`SELECT count(*) FROM charges WHERE invoice_id = 0 AND account_id = $1`, a.id)
		if charges := f.count(`SELECT count(*) FROM charges WHERE account_id = $1`, a.id); charges != round*ridersEach || invoices != round || unbilled != 0 {
			f.t.Fatalf("%d charges are in %d invoices, %d in none, after %d closings", charges, invoices, unbilled, round)
		}
	}
}

// rideOnce drives the rider's own vehicle.
func (r *rider) rideOnce(s *server) {
	var i, n int
	if _, err := fmt.Sscanf(r.name, "rider-%d-%d", &i, &n); err != nil {
		r.fleet.t.Fatal(err)
	}
	var made ride
	r.fleet.must(s, http.StatusCreated, r.token, "POST", "/rentals", fmt.Sprintf(`{"vehicleCode":"V-%d","startRentalState":"ACTIVE","userGroupId":%d}`, n, r.account.id), &made)
	r.fleet.must(s, http.StatusOK, r.token, "POST", fmt.Sprintf("/rentals/%d/end", made.ID), "", nil)
}

// raceForVehicles has two riders want one vehicle at once, each through a node of
// their own: one gets it.
func (f *fleet) raceForVehicles(a, b *server) {
	for round := range 20 {
		riders := []*rider{f.riders[round%ridersEach], f.riders[ridersEach+round%ridersEach]}
		statuses, rides := make([]int, 2), make([]ride, 2)
		var racing sync.WaitGroup
		for i, s := range []*server{a, b} {
			racing.Go(func() {
				body := fmt.Sprintf(`{"vehicleCode":"V-0","startRentalState":"RESERVATION","userGroupId":%d}`, riders[i].account.id)
				status, text, err := s.send(riders[i].token, "POST", front+"/rentals", body, "")
				if statuses[i] = status; err != nil || status == http.StatusBadRequest && !strings.Contains(string(text), `"R902"`) {
					f.t.Errorf("%d %s %v", status, text, err)
				}
				_ = json.Unmarshal(text, &rides[i])
			})
		}
		racing.Wait()
		winner := 0
		if statuses[0] != http.StatusCreated {
			winner = 1
		}
		if statuses[winner] != http.StatusCreated || statuses[1-winner] != http.StatusBadRequest {
			f.t.Fatalf("two riders want one vehicle: %v", statuses)
		}
		// The other node knows at once whose it is.
		path, other := fmt.Sprintf("/rentals/%d", rides[winner].ID), []*server{b, a}[winner]
		f.must(other, http.StatusOK, riders[winner].token, "GET", path, "", nil)
		f.must(other, http.StatusNotFound, riders[1-winner].token, "GET", path, "", nil)
		f.must(other, http.StatusOK, riders[winner].token, "POST", path+"/cancel", "", nil)
	}
}

// endSessions signs somebody up and in through one node; what ends their session
// there, ends it at the other at once.
func (f *fleet) endSessions(a, b *server) {
	const address, password = "nora.new@example.org", "correct horse battery"
	type tokens struct{ AccessToken, RefreshToken string }
	auth := func(s *server, path, body string, want int) (told tokens) {
		f.t.Helper()
		status, text, err := s.send("", "POST", "/v1/acme/auth"+path, body, "")
		if err != nil || status != want {
			f.t.Fatalf("%s: %d %s %v\n%s", path, status, text, err, s.log)
		}
		_ = json.Unmarshal(text, &told)
		return told
	}
	auth(a, "/sign-up", fmt.Sprintf(`{"email":%q,"firstName":"Nora"}`, address), http.StatusAccepted)
	auth(b, "/sign-up/confirm", fmt.Sprintf(`{"code":%q,"password":%q}`, f.codeFor(a, address), password), http.StatusOK)
	signIn := func(s *server) tokens {
		f.t.Helper()
		return auth(s, "/sign-in-email", fmt.Sprintf(`{"email":%q,"password":%q}`, address, password), http.StatusOK)
	}
	for round := range 4 {
		here, there := a, b
		if round%2 == 1 {
			here, there = b, a
		}
		session, another := signIn(here), signIn(there)
		for _, s := range []*server{here, there} {
			f.must(s, http.StatusOK, session.AccessToken, "GET", "/me", "", nil)
		}
		auth(here, "/logout", fmt.Sprintf(`{"refreshToken":%q}`, session.RefreshToken), http.StatusOK)
		f.must(there, http.StatusUnauthorized, session.AccessToken, "GET", "/me", "", nil)
		auth(there, "/refresh-token", fmt.Sprintf(`{"refreshToken":%q}`, session.RefreshToken), http.StatusUnauthorized)
		// A refresh token that is brought twice ends its session, everywhere.
		next := auth(here, "/refresh-token", fmt.Sprintf(`{"refreshToken":%q}`, another.RefreshToken), http.StatusOK)
		f.must(there, http.StatusOK, next.AccessToken, "GET", "/me", "", nil)
		auth(there, "/refresh-token", fmt.Sprintf(`{"refreshToken":%q}`, another.RefreshToken), http.StatusUnauthorized)
		f.must(here, http.StatusUnauthorized, next.AccessToken, "GET", "/me", "", nil)
	}
}

var codeInMail = regexp.MustCompile(`(?m)^\s*([A-Za-z0-9_-]{20,}|[0-9]{6})\s*$`)

// codeFor finds the code that was mailed to an address.
func (f *fleet) codeFor(s *server, address string) (code string) {
	f.t.Helper()
	f.await(s, "the mail", func() bool {
		files, err := filepath.Glob(filepath.Join(f.p.data, "outbox", "*-mail-*.txt"))
		if err != nil {
			f.t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.t.Fatal(err)
			}
			if found := codeInMail.FindSubmatch(text); found != nil && strings.Contains(string(text), address) {
				code = string(found[1])
			}
		}
		return code != ""
	})
	return code
}
