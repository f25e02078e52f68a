package app_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/app"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// A new key signs from the moment that the command is done, beside the running server
// and without one. Nobody is signed out by it.
func TestSigningKeyRotates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		where := place(t, database)
		s := serve(t, append([]string{"--demo"}, where...)...)
		facts, _ := readDemo(t, demoFolder(where))
		type tokens struct{ AccessToken, RefreshToken string }
		var before, after tokens
		signIn := func(to *tokens) {
			t.Helper()
			if status := s.call(t, "", http.MethodPost, "/v1/demo/auth/sign-in-email", facts.Credentials["customer-free"], to); status != http.StatusOK {
				t.Fatalf("signing in answers %d", status)
			}
		}
		published := func() (kids []string) {
			t.Helper()
			var set struct{ Keys []struct{ KID string } }
			s.get(t, "", "/v1/demo/auth/.well-known/jwks.json", &set)
			for _, k := range set.Keys {
				kids = append(kids, k.KID)
			}
			return kids
		}
		rotate := func() (made struct {
			KID    string
			Verify []string
		}) {
			t.Helper()
			out, _ := command(t, app.Done, append([]string{"signing-key", "rotate", "--tenant", "demo", "--json"}, where...)...)
			if err := json.Unmarshal([]byte(out), &made); err != nil {
				t.Fatal(err)
			}
			return made
		}
		good := func(access string) {
			t.Helper()
			if status := s.get(t, access, "/v1/demo/front/me", nil); status != http.StatusOK {
				t.Errorf("a token gets %d", status)
			}
		}
		signIn(&before)
		old := published()
		made := rotate()
		kids := published()
		if len(kids) != len(old)+1 || kids[0] != made.KID || !slices.Equal(kids[1:], old) || !slices.Equal(made.Verify, kids) {
			t.Errorf("%v were published, %+v is made, and %v are published", old, made, kids)
		}
		good(before.AccessToken)
		signIn(&after)
		good(after.AccessToken)
		if status := s.call(t, "", http.MethodPost, "/v1/demo/auth/refresh-token", map[string]string{"refreshToken": before.RefreshToken}, &before); status != http.StatusOK {
			t.Errorf("the session from before is refreshed with %d", status)
		}

		s.stop()
		made = rotate()
		s = serve(t, where...)
		if kids := published(); len(kids) != len(old)+2 || kids[0] != made.KID {
			t.Errorf("%v are published, and %+v was made", kids, made)
		}
		for _, access := range []string{before.AccessToken, after.AccessToken} {
			good(access)
		}
		out, _ := command(t, app.Done, append([]string{"signing-key", "rotate", "--tenant", "other"}, where...)...)
		if !strings.Contains(out, "signs for other from now on") {
			t.Errorf("it says %q", out)
		}
		command(t, app.Failed, append([]string{"signing-key", "rotate", "--tenant", "nobody"}, where...)...)
	})
}
