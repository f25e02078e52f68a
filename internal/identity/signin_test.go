package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/jobs/post/posttest"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Whoever signs in by password, known or not, costs one comparison of a hash: what
// takes long is the same, so the time tells nothing.
func TestEverySignInComparesOnce(t *testing.T) {
	g := newGate(t, storetest.SQLite(t))
	g.write(g.acme, func(tx *store.Tx) error {
		b, err := Branches(tx)
		if err != nil {
			return err
		}
		for _, c := range []Customer{
			{Email: "none@example.org"}, {Email: "code@example.org"}, {Email: "unset@example.org"}, {Email: "blocked@example.org", BlockState: Blocked},
		} {
			c.HomeBranchID = b.FirstRoot()
			if err := InsertCustomer(tx, &c); err != nil {
				return err
			}
			method := map[string]string{"code@example.org": EmailCode, "unset@example.org": EmailPassword, "blocked@example.org": EmailPassword}[c.Email]
			if method == "" {
				continue
			}
			if _, err := AddSignInMethod(tx, c.ID, method); err != nil {
				return err
			}
		}
		return nil
	})
	if _, err := g.i.CreateAccount(t.Context(), g.acme, Account{Name: "dora", Email: "dora@example.org"}); err != nil {
		t.Fatal(err)
	}
	var compared atomic.Int64
	defer func() { compareHash = argon2id.ComparePasswordAndHash }()
	compareHash = func(password, hash string) (bool, error) {
		compared.Add(1)
		return argon2id.ComparePasswordAndHash(password, hash)
	}
	for email, signsIn := range map[string]bool{
		"rita@example.org": true, "none@example.org": false, "code@example.org": false, "unset@example.org": false, "blocked@example.org": false,
		"dora@example.org": false, "nobody@example.org": false, "": false,
	} {
		for _, password := range []string{gatePassword, "wrong horse"} {
			compared.Store(0)
			_, err := g.i.SignInEmail(t.Context(), From{Tenant: "acme"}, email, password)
			if want := signsIn && password == gatePassword; (err == nil) != want || !want && !isBadCredentials(err) {
				t.Errorf("%q by %q: %v", email, password, err)
			}
			if n := compared.Load(); n != 1 {
				t.Errorf("%q by %q: %d hashes were compared", email, password, n)
			}
		}
	}
}

// Asking for a code writes the same rows for known and unknown.
func TestEveryCodeCostsTheSame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		g := newGate(t, database)
		raw := storetest.Raw(t, database)
		from := From{Tenant: "acme"}
		for name, ask := range map[string]func(email string) error{
			"code":    func(email string) error { return g.i.RequestEmailCode(t.Context(), from, email) },
			"reset":   func(email string) error { return g.i.RequestPasswordReset(t.Context(), from, email) },
			"sign-up": func(email string) error { return g.i.RequestSignUp(t.Context(), from, SignUp{Email: email}) },
		} {
			costs := map[string]bool{}
			for _, email := range []string{"rita@example.org", "nobody@example.org"} {
				before := counts(t, raw)
				if err := ask(email); err != nil {
					t.Fatal(err)
				}
				after := counts(t, raw)
				for table := range after {
					after[table] -= before[table]
				}
				costs[fmt.Sprint(after)] = true
				if after["sign_in_codes"] != 1 || after["jobs"] != 1 || after["changes"] != 0 {
					t.Errorf("%s of %s: %v", name, email, after)
				}
			}
			if len(costs) != 1 {
				t.Errorf("%s: %v", name, slices.Collect(maps.Keys(costs)))
			}
		}
	})
}

func counts(t *testing.T, db *sql.DB) map[string]int {
	t.Helper()
	all := map[string]int{}
	for _, table := range []string{"sign_in_codes", "jobs", "changes", "token_families", "refresh_tokens"} {
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		all[table] = n
	}
	return all
}

// A change forgets the sessions that stand on what it touches, and no others.
func TestSessionsAreForgottenOneByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		g := newGate(t, database)
		rita, err := g.i.SignInEmail(t.Context(), From{Tenant: "acme"}, "rita@example.org", gatePassword)
		if err != nil {
			t.Fatal(err)
		}
		_, tom := g.customer(g.acme, "tom@example.org")
		remembered := func(token string) bool {
			s, _ := g.i.sessions.recall(g.acme.Tenant.ID, hashToken(token))
			return s != nil
		}
		use := func() {
			t.Helper()
			for _, token := range []string{g.access, rita.Access, tom.Access, g.foreign} {
				if _, err := g.i.Authenticate(t.Context(), token); err != nil {
					t.Fatal(err)
				}
			}
		}
		use()
		for _, token := range []string{g.access, rita.Access, tom.Access} {
			if !remembered(token) {
				t.Error("a session is not remembered")
			}
		}
		g.write(g.acme, func(tx *store.Tx) error {
			_, err := UpdateCustomer(tx, g.person, nil, func(c *Customer) error { c.City = "Wien"; return nil })
			return err
		})
		if remembered(g.access) || remembered(rita.Access) || !remembered(tom.Access) {
			t.Error("a change of a person forgets other sessions than that person's")
		}
		use()
		if err := g.i.LogOut(t.Context(), From{Tenant: "acme"}, rita.Refresh); err != nil {
			t.Fatal(err)
		}
		if !remembered(g.access) || remembered(rita.Access) || !remembered(tom.Access) {
			t.Error("the end of a session forgets others")
		}
		r := g.i.sessions.tenants[g.acme.Tenant.ID]
		if len(r.byHash) != 2 || len(r.of) != 4 {
			t.Errorf("%d sessions stand on %d subjects", len(r.byHash), len(r.of))
		}
	})
}

// A session that was ended is refused by whoever asks afterwards, whatever others ask
// at the same time.
func TestEndedSessionsAreNeverRemembered(t *testing.T) {
	g := newGate(t, storetest.SQLite(t))
	for range racetest.Scale(40) {
		tokens, err := g.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var ended atomic.Bool
		var askers sync.WaitGroup
		for range 4 {
			askers.Go(func() {
				for range 50 {
					over := ended.Load()
					if _, err := g.i.Authenticate(t.Context(), tokens.Access); over && err == nil {
						t.Error("an ended session is good")
					}
				}
			})
		}
		if err := g.i.LogOut(t.Context(), From{Tenant: "acme"}, tokens.Refresh); err != nil {
			t.Error(err)
		}
		ended.Store(true)
		askers.Wait()
	}
}

// enter opens a session of the gate's person without the cost of a password.
func (g *gate) enter(ctx context.Context) (*Tokens, error) {
	s, err := g.i.begin(ctx, From{Tenant: "acme"})
	if err != nil {
		return nil, err
	}
	return s.write(ctx, anonymous, 0, func(tx *store.Tx) error {
		w, err := findWho(tx, whoByID, EmailPassword, g.person)
		if err != nil {
			return err
		}
		return s.open(tx, w, EmailPassword)
	})
}

// What has run out is deleted, in steps, and what has not stays.
func TestPurge(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		g := newGate(t, database)
		raw, runner := storetest.Raw(t, database), jobs.New(g.db, jobs.Options{})
		g.i.RegisterJobs(runner, &posttest.Box{})
		refresh := g.refresh
		for range purgeRows + 5 {
			tokens, err := g.i.Refresh(t.Context(), From{Tenant: "acme"}, refresh)
			if err != nil {
				t.Fatal(err)
			}
			refresh = tokens.Refresh
		}
		if err := g.i.RequestEmailCode(t.Context(), From{Tenant: "acme"}, "rita@example.org"); err != nil {
			t.Fatal(err)
		}
		drain := func(wait time.Duration) map[string]int {
			t.Helper()
			*g.now = g.now.Add(wait)
			if err := runner.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			return counts(t, raw)
		}
		if n := drain(0); n["sign_in_codes"] != 1 || n["refresh_tokens"] != purgeRows+7 || n["token_families"] != 2 {
			t.Errorf("at first: %v", n)
		}
		if n := drain(30 * time.Minute); n["sign_in_codes"] != 1 {
			t.Errorf("while a code counts as recent: %v", n)
		}
		if n := drain(2 * time.Hour); n["sign_in_codes"] != 0 || n["refresh_tokens"] != purgeRows+7 {
			t.Errorf("after hours: %v", n)
		}
		if n := drain(31 * 24 * time.Hour); n["refresh_tokens"] != 0 || n["token_families"] != 0 {
			t.Errorf("after a month: %v", n)
		}
	})
}

// A letter that could not be sent is sent again, and one that is too late is not.
func TestLettersAreSentAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		g := newGate(t, database)
		box := &posttest.Box{Refuse: func(string) error { return errors.New("no connection") }}
		runner := jobs.New(g.db, jobs.Options{})
		g.i.RegisterJobs(runner, box)
		ask := func() {
			t.Helper()
			if err := g.i.RequestPasswordReset(t.Context(), From{Tenant: "acme"}, "rita@example.org"); err != nil {
				t.Fatal(err)
			}
			if err := runner.Drain(t.Context()); err == nil {
				t.Error("nothing failed")
			}
		}
		ask()
		box.Refuse = nil
		*g.now = g.now.Add(time.Minute)
		if err := runner.Drain(t.Context()); err != nil || len(box.Mails()) != 1 {
			t.Errorf("%d mails, %v", len(box.Mails()), err)
		}
		box.Refuse = func(string) error { return errors.New("no connection") }
		ask()
		box.Refuse = nil
		*g.now = g.now.Add(2 * time.Hour)
		if err := runner.Drain(t.Context()); err != nil || len(box.Mails()) != 1 {
			t.Errorf("%d mails, %v", len(box.Mails()), err)
		}
	})
}

// One way to sign in is added once; another is none.
func TestAddSignInMethod(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		g := newGate(t, database)
		g.write(g.acme, func(tx *store.Tx) error {
			for _, c := range []struct {
				method  string
				changed bool
			}{{EmailCode, true}, {EmailCode, false}, {EmailPassword, false}} {
				if changed, err := AddSignInMethod(tx, g.person, c.method); err != nil || changed != c.changed {
					t.Errorf("%s: %v, %v", c.method, changed, err)
				}
			}
			if _, err := AddSignInMethod(tx, g.person, "FACE"); !roster.IsKind(err, roster.Invalid) {
				t.Errorf("another: %v", err)
			}
			methods, err := SignInMethods(tx, []int64{g.person, 999})
			slices.Sort(methods[g.person])
			if !slices.Equal(methods[g.person], []string{EmailCode, EmailPassword}) || len(methods) != 1 {
				t.Errorf("%v", methods)
			}
			families, err2 := Families(tx, g.person)
			if len(families) != 1 || families[0].Type != RoleUser || families[0].Method != EmailPassword {
				t.Errorf("%+v", families)
			}
			if n, err := RevokeSessions(tx, g.person); n != 1 || err != nil {
				t.Errorf("%d, %v", n, err)
			}
			if n, err := RevokeSessions(tx, g.person); n != 0 || err != nil {
				t.Errorf("%d, %v", n, err)
			}
			return errors.Join(err, err2)
		})
		if _, err := g.i.Authenticate(t.Context(), g.access); !roster.IsKind(err, roster.Unauthenticated) {
			t.Error(err)
		}
	})
}

// Who has no profile left that signs in leaves nothing behind to sign in by.
func TestDroppedProfilesSignInNoMore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		g := newGate(t, database)
		raw := storetest.Raw(t, database)
		left := func() (all []int) {
			for _, table := range []string{"sign_in_methods", "token_families", "refresh_tokens", "credentials"} {
				var n int
				query := "SELECT count(*) FROM " + table + " WHERE tenant = " + strconv.FormatInt(int64(g.acme.Tenant.ID), 10)
				if err := raw.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
					t.Fatal(err)
				}
				all = append(all, n)
			}
			return all
		}
		g.write(g.acme, func(tx *store.Tx) error {
			if _, _, err := PutOperator(tx, "rita@example.org", ""); err != nil {
				return err
			}
			_, err := AddProfile(tx, "rita@example.org", graph.PropertyProfile, func(*graph.Person, bool) {})
			return err
		})
		for _, c := range []struct {
			drop graph.Profile
			want []int
		}{
			{graph.CustomerProfile, []int{1, 1, 1, 1}}, {graph.OperatorProfile, []int{0, 0, 0, 1}}, {graph.PropertyProfile, []int{0, 0, 0, 0}},
		} {
			g.write(g.acme, func(tx *store.Tx) error { return DropProfile(tx, g.person, c.drop, nil) })
			if got := left(); !slices.Equal(got, c.want) {
				t.Errorf("without profile %d: %v, want %v", c.drop, got, c.want)
			}
			if _, err := g.i.Authenticate(t.Context(), g.access); !roster.IsKind(err, roster.Unauthenticated) {
				t.Error(err)
			}
			if _, err := g.i.Refresh(t.Context(), From{Tenant: "acme"}, g.refresh); roster.AsError(err).Code != CodeBadRefresh {
				t.Error(err)
			}
		}
	})
}
