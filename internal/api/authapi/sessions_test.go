package authapi_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// clientAs is a client that acts for a user.
type clientAs struct {
	h            *house
	access, user string
}

func (c *clientAs) who() *wiretest.Response {
	return c.h.who.As(c.access).Set("GoUrban-Impersonate", c.user).Get("/who")
}

// Each refresh token is good once and gives the next; access tokens live on; one that
// is brought twice ends them all.
func TestRefresh(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden("refresh")
		access, refresh := tokens(g.Post("/sign-in-email", object{"email": "rita@example.org", "password": password}).Want(200))
		h.clock.forward(time.Minute)
		newer, next := tokens(g.Post("/refresh-token", object{"refreshToken": refresh}).Want(200))
		if next == refresh || newer == access {
			t.Error("the tokens are the same")
		}
		h.is(access, h.rita)
		h.is(newer, h.rita)
		g.Note("Brought once more, a spent token ends the session.")
		refused(t, g.Post("/refresh-token", object{"refreshToken": refresh}), 401, identity.CodeBadRefresh)
		for _, token := range []string{access, newer} {
			refused(t, h.who.As(token).Get("/who"), 401, "AUTH902")
		}
		refused(t, g.Post("/refresh-token", object{"refreshToken": next}), 401, identity.CodeBadRefresh)
		g.Note("Unknown ones.")
		refused(t, g.Post("/refresh-token", object{"refreshToken": "unknown"}), 401, identity.CodeBadRefresh)
		refused(t, g.Post("/refresh-token", object{}), 400, "G901")
	})
}

// Of those who bring a refresh token at once one gets tokens, and they are worth
// nothing: the others have shown that it was stolen.
func TestRefreshRace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range racetest.Scale(10) {
			_, refresh := h.signIn("rita@example.org")
			var won, lost atomic.Int64
			var access atomic.Value
			var racers sync.WaitGroup
			for range 8 {
				racers.Go(func() {
					r := h.Post("/refresh-token", object{"refreshToken": refresh})
					switch r.Status {
					case 200:
						won.Add(1)
						access.Store(r.Text("accessToken"))
					case 401:
						lost.Add(1)
					}
				})
			}
			racers.Wait()
			if won.Load() != 1 || lost.Load() != 7 {
				t.Fatalf("%d won, %d lost", won.Load(), lost.Load())
			}
			h.who.As(access.Load().(string)).Get("/who").Want(401)
		}
	})
}

// A session goes on for as long as it is used, and no longer.
func TestRefreshExpires(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		access, refresh := h.signIn("rita@example.org")
		h.clock.forward(15*time.Minute - time.Second)
		h.is(access, h.rita)
		h.clock.forward(time.Second)
		h.who.As(access).Get("/who").Want(401)
		h.clock.forward(29 * 24 * time.Hour)
		_, refresh = tokens(h.Post("/refresh-token", object{"refreshToken": refresh}).Want(200))
		h.clock.forward(30*24*time.Hour - time.Second)
		_, refresh = tokens(h.Post("/refresh-token", object{"refreshToken": refresh}).Want(200))
		h.clock.forward(30*24*time.Hour + time.Second)
		refused(t, h.Post("/refresh-token", object{"refreshToken": refresh}), 401, identity.CodeBadRefresh)
	})
}

// How long tokens live is a setting, of the branch of home too.
func TestTokenLivesAreSettings(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.write(h.actor, func(tx *store.Tx) error {
			if _, err := identity.PutBranchSetting(tx, identity.AccessTokenMinutes.Name, h.home, []byte("5")); err != nil {
				return err
			}
			_, err := identity.PutBranchSetting(tx, identity.RefreshTokenDays.Name, 0, []byte("1"))
			return err
		})
		access, refresh := h.signIn("rita@example.org")
		h.clock.forward(5 * time.Minute)
		h.who.As(access).Get("/who").Want(401)
		operator, _ := h.signIn("opal@example.org")
		h.clock.forward(14 * time.Minute)
		h.operate.As(operator).Get("/who").Want(200)
		h.clock.forward(24*time.Hour + time.Second)
		h.Post("/refresh-token", object{"refreshToken": refresh}).Want(401)
	})
}

func TestLogOut(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden("logout")
		access, refresh := tokens(g.Post("/sign-in-email", object{"email": "rita@example.org", "password": password}).Want(200))
		other, _ := h.signIn("rita@example.org")
		_, next := tokens(h.Post("/refresh-token", object{"refreshToken": refresh}).Want(200))
		h.is(access, h.rita)
		g.Post("/logout", object{"refreshToken": next}).Want(200)
		h.who.As(access).Get("/who").Want(401)
		refused(t, h.Post("/refresh-token", object{"refreshToken": next}), 401, identity.CodeBadRefresh)
		h.is(other, h.rita)
		g.Note("Once more, and by a token that nobody has.")
		g.Post("/logout", object{"refreshToken": next}).Want(200)
		refused(t, g.Post("/logout", object{"refreshToken": "unknown"}), 401, identity.CodeBadRefresh)
	})
}

// A session that ends on one node is over on all, as the person who is gone, or
// blocked, is.
func TestSecondNode(t *testing.T) {
	database := pgtest.Database(t)
	h := newHouse(t, database)
	other := h.second(database)
	access, refresh := h.signIn("rita@example.org")
	other.who.As(access).Get("/who").Want(200)
	other.Post("/logout", object{"refreshToken": refresh}).Want(200)
	h.who.As(access).Get("/who").Want(401)
	h.Post("/refresh-token", object{"refreshToken": refresh}).Want(401)

	access, refresh = tokens(other.Post("/sign-in-email", object{"email": "rita@example.org", "password": password}).Want(200))
	h.is(access, h.rita)
	other.who.As(access).Get("/who").Want(200)
	h.edit(h.rita, func(c *identity.Customer) { c.BlockState = identity.Blocked })
	refused(t, other.who.As(access).Get("/who"), 403, identity.CodeCustomerBlocked)
	refused(t, other.Post("/refresh-token", object{"refreshToken": refresh}), 403, identity.CodeCustomerBlocked)
	h.edit(h.rita, func(c *identity.Customer) { c.BlockState = identity.NotBlocked })
	other.who.As(access).Get("/who").Want(200)
	_, refresh = tokens(other.Post("/refresh-token", object{"refreshToken": refresh}).Want(200))
	h.write(h.actor, func(tx *store.Tx) error { return identity.DropProfile(tx, h.rita, graph.CustomerProfile, nil) })
	other.who.As(access).Get("/who").Want(401)
	other.Post("/refresh-token", object{"refreshToken": refresh}).Want(401)

	// Both sign by one key, and a new one is known at once.
	if a, b := h.Get("/.well-known/jwks.json"), other.Get("/.well-known/jwks.json"); string(a.Body) != string(b.Body) || a.Len("keys") != 1 {
		t.Errorf("%s, %s", a.Body, b.Body)
	}
	if err := h.identity.RotateSigningKey(t.Context(), h.actor); err != nil {
		t.Fatal(err)
	}
	access, _ = h.signIn("both@example.org")
	other.who.As(access).Get("/who").Want(200)
}

// API tokens of customers and operators are taken like access tokens.
func TestOpaqueTokens(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		token := func(api roster.API, role string, person int64) (string, error) {
			_, text, err := h.identity.CreateToken(t.Context(), h.actor, identity.Token{
				API: api, Role: role, PersonID: person, Name: "x", ExpiresAt: h.clock.now().AddDate(1, 0, 0),
			}, identity.NewSecret())
			return text, err
		}
		rita, err := token(roster.UserAPI, identity.RoleUser, h.rita)
		if err != nil {
			t.Fatal(err)
		}
		h.is(rita, h.rita)
		opal, err := token(roster.OperationsAPI, identity.RoleOperator, h.opal)
		if err != nil {
			t.Fatal(err)
		}
		h.operate.As(opal).Get("/who").Want(200)
		h.As(rita).Post("/mfa/enroll", nil).Want(200)
		for _, c := range []struct {
			api    roster.API
			role   string
			person int64
		}{
			{roster.UserAPI, identity.RoleUser, 0}, {roster.OperationsAPI, identity.RoleOperator, 0},
			{roster.UserAPI, identity.RoleAPIClient, h.rita}, {roster.UserAPI, identity.RoleOperator, h.rita},
		} {
			if _, err := token(c.api, c.role, c.person); !roster.IsKind(err, roster.Invalid) {
				t.Errorf("%+v: %v", c, err)
			}
		}
		// Without the profile a token is nobody's.
		dora, err := token(roster.UserAPI, identity.RoleUser, h.dora)
		if err != nil {
			t.Fatal(err)
		}
		h.who.As(dora).Get("/who").Want(401)
		h.edit(h.rita, func(c *identity.Customer) { c.BlockState = identity.Blocked })
		refused(t, h.who.As(rita).Get("/who"), 403, identity.CodeCustomerBlocked)
	})
}

func TestKeys(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden("keys")
		g.Hide(`acme\.[A-Za-z0-9_-]{12}`, "kid")
		g.Get("/.well-known/jwks.json").Want(200)
		access, _ := h.signIn("rita@example.org")
		if err := h.identity.RotateSigningKey(t.Context(), h.actor); err != nil {
			t.Fatal(err)
		}
		g.Note("A key was replaced: what it signed is still good.")
		g.Get("/.well-known/jwks.json").Want(200)
		h.is(access, h.rita)
		newer, refresh := h.signIn("rita@example.org")
		h.is(newer, h.rita)
		h.clock.forward(26 * time.Hour)
		if n := h.Get("/.well-known/jwks.json").Len("keys"); n != 1 {
			t.Errorf("%d keys", n)
		}
		newer, _ = tokens(h.Post("/refresh-token", object{"refreshToken": refresh}).Want(200))
		h.is(newer, h.rita)
	})
}

// The host names the tenant, or a header does.
func TestAuthAddresses(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		in := object{"email": "rita@example.org", "password": password}
		bare := wiretest.New(t, h.server, base)
		for _, c := range []struct {
			host, tenant string
			status       int
		}{
			{"auth.acme.example.com", "", 200}, {"auth.example.com", "acme", 200}, {"auth.rival.example.com", "", 401}, {"auth.example.com", "", 400},
			{"auth.example.com", "nowhere", 404},
		} {
			if got := h.bare(c.host, c.tenant, "/sign-in-email", in); got != c.status {
				t.Errorf("%s, %q: %d, want %d", c.host, c.tenant, got, c.status)
			}
		}
		bare.Get("/nothing").Want(404)
		unknown := wiretest.New(t, h.server, base)
		_ = unknown
		if got := h.bare("localhost", "", "/v1/nowhere/auth/sign-in-email", in); got != 404 {
			t.Errorf("an unknown tenant: %d", got)
		}
	})
}
