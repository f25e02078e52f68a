package authapi_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/rosterhq/roster/internal/api/authapi"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/jobs/post/posttest"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const (
	base     = "/v1/acme/auth"
	password = "correct horse"
)

type object = map[string]any

// clock stands still until a test moves it.
type clock struct{ micros atomic.Int64 }

func (c *clock) now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

func (c *clock) forward(d time.Duration) { c.micros.Add(d.Microseconds()) }

// node is one server of a database.
type node struct {
	db               *store.DB
	identity         *identity.Identity
	server           *wire.Server
	runner           *jobs.Runner
	who              *wiretest.Client // the user API
	operate          *wiretest.Client // the operations API
	*wiretest.Client                  // the auth API, without a token
}

// house is the tenant acme, beside rival, with customers and an operator.
type house struct {
	*node

	t     *testing.T
	clock *clock
	key   *seal.Key
	box   *posttest.Box
	actor roster.Actor // of acme, for verbs below the API
	home  int64
	rival int64 // a branch of rival

	rita, phil, blocked, both, opal, dora int64 // persons
	hash                                  identity.PasswordHash
}

// hashed is the stored form of password: made once, since it takes long.
var hashed = func() identity.PasswordHash {
	hash, err := identity.HashPassword(context.Background(), password)
	if err != nil {
		panic(err)
	}
	return hash
}()

func newHouse(t *testing.T, database string) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{}, box: &posttest.Box{}, hash: hashed}
	h.clock.micros.Store(time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC).UnixMicro())
	var err error
	if h.key, err = seal.New([]byte(strings.Repeat("k", seal.Size))); err != nil {
		t.Fatal(err)
	}
	db := storetest.Open(t, database, store.Options{Clock: h.clock.now})
	i := identity.New(db, identity.WithKey(h.key))
	h.actor = storetest.Tenant(t, db, "acme")
	other := storetest.Tenant(t, db, "rival")
	h.node = h.newNode(db, i)
	h.rival = h.branch(other)
	h.home = h.branch(h.actor)
	h.people()
	return h
}

// newNode mounts the auth API, and two that tell who calls, on a database.
func (h *house) newNode(db *store.DB, i *identity.Identity) *node {
	h.t.Helper()
	n := &node{db: db, identity: i, runner: jobs.New(db, jobs.Options{})}
	i.RegisterJobs(n.runner, h.box)
	n.server = wire.NewServer(wire.Options{
		Auth: i, Revision: db.Published, Limits: wire.Limits{PerToken: -1, PerAddress: -1},
		Logger: slog.New(slog.DiscardHandler), Impersonate: i.Impersonate, Keys: wire.NewKeys(db),
		KnownTenant: func(name string) bool { return name == "acme" || name == "rival" },
	}, authapi.New(i), whoAPI(roster.UserAPI, "front"), whoAPI(roster.OperationsAPI, "ops-api"))
	n.Client = wiretest.New(h.t, n.server, base)
	n.who = wiretest.New(h.t, n.server, "/v1/acme/front")
	n.operate = wiretest.New(h.t, n.server, "/v1/acme/ops-api")
	return n
}

// second returns another node of the same database.
func (h *house) second(database string) *node {
	h.t.Helper()
	db := storetest.Open(h.t, database, store.Options{Clock: h.clock.now})
	return h.newNode(db, identity.New(db, identity.WithKey(h.key)))
}

type whoOut struct {
	Body struct {
		Person int64  `json:"person"`
		Role   string `json:"role"`
		Actor  string `json:"actor"`
	}
}

// whoAPI is an API that tells who calls it.
func whoAPI(name roster.API, path string) *wire.API {
	api := wire.NewAPI(wire.Spec{
		Name: name, Title: string(name), Version: "1", Bases: []string{"/v1/{tenant}/" + path}, TraceHeader: "X-Trace-Id",
		ImpersonateHeaders: []string{"GoUrban-Impersonate"}, Dialect: mobilitywire.Speech{}.Dialect(),
	})
	wire.Register(api, wire.Op{ID: "who", Method: http.MethodGet, Path: "/who", Tag: "Who", Summary: "Who calls"},
		func(_ context.Context, a roster.Actor, _ *struct{}) (*whoOut, error) {
			out := &whoOut{}
			out.Body.Person, out.Body.Role, out.Body.Actor = a.PersonID, a.Role, a.ID
			return out, nil
		})
	return api
}

// each runs fn in a house of its own on each engine.
func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, database string) { fn(t, newHouse(t, database)) })
}

func (h *house) write(a roster.Actor, fn func(tx *store.Tx) error) {
	h.t.Helper()
	if err := h.db.Write(h.t.Context(), a, fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) branch(a roster.Actor) int64 {
	h.t.Helper()
	b := identity.Branch{Name: "Home", Code: "HOME"}
	h.write(a, func(tx *store.Tx) error {
		_, err := identity.PutBranch(tx, &b)
		return err
	})
	return b.ID
}

// customer makes a customer who signs in by the methods.
func (h *house) customer(c identity.Customer, methods ...string) int64 {
	h.t.Helper()
	c.HomeBranchID = h.home
	h.write(h.actor, func(tx *store.Tx) error {
		if err := identity.InsertCustomer(tx, &c); err != nil {
			return err
		}
		return h.equip(tx, c.ID, methods...)
	})
	return c.ID
}

func (h *house) equip(tx *store.Tx, person int64, methods ...string) error {
	for _, m := range methods {
		if _, err := identity.AddSignInMethod(tx, person, m); err != nil {
			return err
		}
		if m == identity.EmailPassword {
			if err := identity.PutPassword(tx, person, h.hash); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *house) operator(email string, methods ...string) (person int64) {
	h.t.Helper()
	h.write(h.actor, func(tx *store.Tx) error {
		p, _, err := identity.PutOperator(tx, email, "Operator")
		if err != nil {
			return err
		}
		person = p.ID
		return h.equip(tx, person, methods...)
	})
	return person
}

func (h *house) people() {
	h.t.Helper()
	h.rita = h.customer(identity.Customer{Email: "rita@example.org", FirstName: "Rita"}, identity.EmailPassword, identity.EmailCode)
	h.phil = h.customer(identity.Customer{Phone: "+4366012345678", FirstName: "Phil"}, identity.PhoneCode)
	h.blocked = h.customer(identity.Customer{Email: "blocked@example.org", BlockState: identity.Blocked}, identity.EmailPassword, identity.EmailCode)
	h.both = h.customer(identity.Customer{Email: "both@example.org"}, identity.EmailPassword)
	h.operator("both@example.org")
	h.opal = h.operator("opal@example.org", identity.EmailPassword)
	p, err := h.identity.CreateAccount(h.t.Context(), h.actor, identity.Account{Name: "dora", Email: "dora@example.org"})
	if err != nil {
		h.t.Fatal(err)
	}
	h.dora = p.ID
}

func (h *house) edit(person int64, fn func(c *identity.Customer)) {
	h.t.Helper()
	h.write(h.actor, func(tx *store.Tx) error {
		_, err := identity.UpdateCustomer(tx, person, nil, func(c *identity.Customer) error { fn(c); return nil })
		return err
	})
}

// drain sends what waits to be sent.
func (h *house) drain() {
	h.t.Helper()
	if err := h.runner.Drain(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

var (
	sixDigits = regexp.MustCompile(`\b\d{6}\b`)
	longCode  = regexp.MustCompile(`[A-Za-z0-9_-]{54}`)
)

// code returns the code in the last mail to an address.
func (h *house) code(to string, form *regexp.Regexp) string {
	h.t.Helper()
	h.drain()
	text := h.box.Last(to).Text
	code := form.FindString(text)
	if code == "" {
		h.t.Fatalf("no code in %q", text)
	}
	return code
}

// wrong returns another code of the same form.
func wrong(code string) string {
	last := code[len(code)-1]
	if last == '1' {
		return code[:len(code)-1] + "2"
	}
	return code[:len(code)-1] + "1"
}

// signIn signs in by email and password.
func (h *house) signIn(email string) (access, refresh string) {
	h.t.Helper()
	return tokens(h.Post("/sign-in-email", object{"email": email, "password": password}).Want(200))
}

func tokens(r *wiretest.Response) (access, refresh string) {
	return r.Text("accessToken"), r.Text("refreshToken")
}

// is checks who a token is of the user API.
func (h *house) is(access string, person int64) {
	h.t.Helper()
	r := h.who.As(access).Get("/who").Want(200)
	if got := r.At("person"); got != float64(person) || r.Text("role") != identity.RoleUser {
		h.t.Errorf("the token is of %v, %s; want %d", got, r.Text("role"), person)
	}
}

// refused checks the code of a refusal.
func refused(t testing.TB, r *wiretest.Response, status int, code string) {
	t.Helper()
	if r.Want(status); r.Text("errorCode") != code {
		t.Errorf("refused with %s, want %s", r.Body, code)
	}
}

// golden is a conversation without its secrets.
func (h *house) golden(name string) *wiretest.Client {
	g := h.Golden(name)
	g.Hide(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`, "jwt")
	g.Hide(longCode.String(), "long code")
	g.Hide(`[A-Za-z0-9_-]{43}`, "secret")
	g.Hide(`"code":"\d{6}"`, "digits")
	g.Hide(`[A-Z2-7]{32}`, "seed")
	return g
}

// claimsOf reads what an access token says.
func claimsOf(t testing.TB, access string) (c map[string]any) {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(access, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(payload, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// enroll gives a person a second factor and returns its secret.
func (h *house) enroll(access string) (secret string) {
	h.t.Helper()
	secret = h.As(access).Post("/mfa/enroll", nil).Want(200).Text("secret")
	h.As(access).Post("/mfa/confirm", object{"code": h.totp(secret)}).Want(200)
	return secret
}

// totp is the code of now.
func (h *house) totp(secret string) string {
	h.t.Helper()
	code, err := totp.GenerateCode(secret, h.clock.now())
	if err != nil {
		h.t.Fatal(err)
	}
	return code
}

func text(id int64) string { return strconv.FormatInt(id, 10) }
