package identity

import (
	"strconv"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/rosterhq/roster/internal/roster"
)

// The hash that stands in for a missing one costs what the others cost, and lets
// nobody in.
func TestNobodysPassword(t *testing.T) {
	params, _, _, err := argon2id.DecodeHash(string(nobody))
	if err != nil {
		t.Fatal(err)
	}
	if want := (argon2id.Params{Memory: passwordCost.Memory, Iterations: passwordCost.Iterations, Parallelism: passwordCost.Parallelism}); params.Memory != want.Memory ||
		params.Iterations != want.Iterations || params.Parallelism != want.Parallelism || params.KeyLength != passwordCost.KeyLength {
		t.Errorf("%+v", params)
	}
	hash, err := HashPassword(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		hash     PasswordHash
		password string
		want     bool
	}{{hash, "correct horse", true}, {hash, "correct horse ", false}, {"", "correct horse", false}, {"", "", false}} {
		if got, err := c.hash.matches(t.Context(), c.password); got != c.want || err != nil {
			t.Errorf("%q against %q: %v, %v", c.password, c.hash, got, err)
		}
	}
	for _, short := range []string{"", "1234567", string(make([]byte, maxPassword+1))} {
		if _, err := HashPassword(t.Context(), short); !roster.IsKind(err, roster.Invalid) {
			t.Errorf("%d bytes: %v", len(short), err)
		}
	}
}

func TestFailures(t *testing.T) {
	var f failures
	now := time.Unix(1_000_000, 0)
	attempt := func(email, address string) (undo func(), wait time.Duration) {
		t.Helper()
		undo, err := f.count(Credentials{Tenant: "acme", Email: email, Address: address}, now)
		if err != nil {
			wait, _ = roster.AsError(err).Details.(time.Duration)
		}
		return undo, wait
	}
	for i := range failuresPerName {
		if undo, wait := attempt("Nina@example.org", strconv.Itoa(i)); wait != 0 {
			t.Fatalf("attempt %d waits %s", i, wait)
		} else if i == 3 {
			undo() // it succeeded
			_, _ = attempt("nina@example.org", "again")
		}
		now = now.Add(time.Minute)
	}
	if _, wait := attempt(" NINA@example.org", "other"); wait != failureWindow-failuresPerName*time.Minute {
		t.Errorf("the next waits %s", wait)
	}
	now = now.Add(failureWindow - failuresPerName*time.Minute)
	if _, wait := attempt("nina@example.org", "other"); wait != 0 {
		t.Errorf("after the wait: %s", wait)
	}
	if _, wait := attempt("nina@example.org", "other"); wait == 0 {
		t.Error("one of ten ran out, and two were let in")
	}
	for i := range failuresPerPlace {
		if _, wait := attempt(strconv.Itoa(i), "place"); wait != 0 {
			t.Fatalf("address: attempt %d waits %s", i, wait)
		}
	}
	if _, wait := attempt("somebody", "place"); wait != failureWindow {
		t.Errorf("address: waits %s", wait)
	}
	now = now.Add(failureWindow)
	if _, wait := attempt("somebody", "place"); wait != 0 {
		t.Errorf("address: after the window: %s", wait)
	}
}

func TestFailuresAreBounded(t *testing.T) {
	var f failures
	now := time.Unix(1_000_000, 0)
	for i := range maxFailing {
		_, _ = f.count(Credentials{Email: strconv.Itoa(i), Address: strconv.Itoa(i)}, now)
		if len(f.recent) > maxFailing+2 {
			t.Fatalf("%d are remembered", len(f.recent))
		}
	}
}
