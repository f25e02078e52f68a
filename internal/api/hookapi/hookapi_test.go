package hookapi_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/api/hookapi"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// desk is a server that takes events of "bell" for acme, which has a secret, and for
// rival, which has none.
type desk struct {
	*wiretest.Client // of acme
	rival            *wiretest.Client
	taken            []string
	fails            error
}

const secret = "s3cret"

func newDesk(t *testing.T, database string) *desk {
	t.Helper()
	d := &desk{}
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	var passed atomic.Int64
	clock := func() time.Time { return now.Add(time.Duration(passed.Load())) }
	db := storetest.Open(t, database, store.Options{Clock: clock})
	graph.New(db)
	key, err := seal.New(seal.Random())
	if err != nil {
		t.Fatal(err)
	}
	i := identity.New(db, identity.WithKey(key))
	acme := storetest.Tenant(t, db, "acme")
	storetest.Tenant(t, db, "rival")
	err = db.Write(t.Context(), acme, func(tx *store.Tx) error {
		_, err := i.PutBranchSetting(tx, identity.VeriffSecret.Name, 0, json.RawMessage(`"`+secret+`"`))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	api := hookapi.New(i, clock, hookapi.Hook{
		Name: "bell", Secret: identity.VeriffSecret.Name, Headers: []string{"Bell-Signature"},
		Verify: func(secret string, header func(string) string, raw []byte, _ time.Time) error {
			if hmac.Equal([]byte(header("Bell-Signature")), []byte(sign(secret, string(raw)))) {
				return nil
			}
			return errors.New("it says " + secret)
		},
		Handle: func(_ context.Context, tenant roster.Tenant, raw []byte) error {
			d.taken = append(d.taken, tenant.Name+": "+string(raw))
			return d.fails
		},
	})
	server := wire.NewServer(wire.Options{
		Auth: i, Revision: db.Published, Keys: wire.NewKeys(db), Limits: wire.Limits{PerAddress: -1}, Logger: slog.New(slog.DiscardHandler),
		KnownTenant: func(name string) bool { return name == "acme" || name == "rival" },
	}, api)
	d.Client, d.rival = wiretest.New(t, server, "/v1/acme/hooks"), wiretest.New(t, server, "/v1/rival/hooks")
	return d
}

func sign(secret, body string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(body))
	return hex.EncodeToString(m.Sum(nil))
}

func TestEvents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		d := newDesk(t, database)
		g := d.Golden("events")
		ring := object{"ring": 1}
		const body, path = `{"ring":1}`, "/bell"
		signed := g.Set("Bell-Signature", sign(secret, body))
		signed.Post(path, ring).Want(200)
		signed.Post(path, ring).Want(200)
		g.Note("Without its signature, or with that of another body or secret, nothing is read.")
		g.Post(path, ring).Want(401)
		g.Set("Bell-Signature", sign(secret, body)).Post(path, object{"ring": 2}).Want(401)
		g.Set("Bell-Signature", sign("another", body)).Post(path, ring).Want(401)
		g.Note("There is no such provider, which is what a tenant without its secret says too.")
		signed.Post("/whistle", ring).Want(404)
		d.rival.Set("Bell-Signature", sign(secret, body)).Post(path, ring).Want(404)
		d.rival.Set("Bell-Signature", sign("", body)).Post(path, ring).Want(404)
		g.Get(path).Want(405)
		if want := []string{"acme: " + body, "acme: " + body}; strings.Join(d.taken, ", ") != strings.Join(want, ", ") {
			t.Errorf("taken: %v", d.taken)
		}
		g.Note("The provider brings it again.")
		d.fails = roster.Errorf(roster.Unavailable, "", "what it is about is not known yet")
		signed.Post(path, ring).Want(503)
	})
}

// A body is as long as it may be, and needs be no JSON: its form is the provider's.
func TestBodies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		d := newDesk(t, database)
		for _, c := range []struct {
			body string
			want int
		}{
			{strings.Repeat("x", 1<<20), 200}, {strings.Repeat("x", 1<<20+1), 413}, {"\xff\x00{", 200}, {"[1", 200},
		} {
			answer := d.Set("Bell-Signature", sign(secret, c.body)).Set("Content-Type", "text/plain").Do("POST", "/bell", c.body)
			if answer.Status != c.want {
				t.Errorf("%d bytes: %d %s", len(c.body), answer.Status, answer.Body)
			}
		}
		if strings.Contains(string(d.Post("/bell", object{}).Body), secret) {
			t.Error("the refusal tells the secret")
		}
	})
}

type object = map[string]any
