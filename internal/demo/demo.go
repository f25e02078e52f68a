// Package demo makes the demo: the tenants demo and other, with data that shows
// what each API does, and the facts by which a client finds its way in them.
//
// The directory's teams and people, and the properties, are real, and public:
// data/ says where each comes from, and under which licence.
package demo

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// The demo's tenants: its own, and one to see that tenants are kept apart.
const (
	Tenant = "demo"
	Other  = "other"
)

// tokenLife is how long the demo's tokens are good.
const tokenLife = 365 * 24 * time.Hour

// Login is a way to sign in with a password.
type Login struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// ClientLogin is a client of an API.
type ClientLogin struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
}

// Facts are what a client of the demo needs to know, as demo.json spells them.
type Facts struct {
	Tenant string            `json:"tenant"`
	APIs   map[string]string `json:"apis"`
	// Tokens are API tokens by name, good for 365 days.
	Tokens map[string]string `json:"tokens"`
	// IDs are subjects by name, in the form of the API that shows them.
	IDs map[string]string `json:"ids"`
	// Credentials are Login or ClientLogin values by name.
	Credentials map[string]any `json:"credentials"`
}

// known is what the tenant remembers of its demo. Tokens and passwords are not in
// it: they are drawn from the secret again.
type known struct {
	Secret []byte            `json:"secret"`
	IDs    map[string]string `json:"ids"`
	Tokens []string          `json:"tokens"`
	// Logins are the addresses of credentials with a password, Clients the ids of
	// those with a client's secret, both by name.
	Logins  map[string]string `json:"logins"`
	Clients map[string]string `json:"clients"`
}

// setting is where a tenant keeps what is known.
const setting = "demo"

// ErrOwnTenants says that the database is somebody's own.
var ErrOwnTenants = errors.New("the database has a tenant of its own: the demo takes an empty one, or its own from before")

// Make makes what of the demo is not there yet and returns its facts, without the
// addresses. A database with another tenant, or with a demo tenant that this
// package did not make, is refused.
func Make(ctx context.Context, db *store.DB, a roster.Actor) (*Facts, error) {
	tenants, err := db.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range tenants {
		if t.Name != Tenant && t.Name != Other {
			return nil, ErrOwnTenants
		}
	}
	facts := &Facts{Tenant: Tenant, Tokens: map[string]string{}, IDs: map[string]string{}, Credentials: map[string]any{}}
	for _, part := range []struct {
		tenant, prefix string
		fill           func(*maker) error
	}{{Tenant, "", fillDemo}, {Other, "other-", fillOther}} {
		k, err := ensure(ctx, db, a, part.tenant, part.fill)
		if err != nil {
			return nil, fmt.Errorf("the demo's tenant %s: %w", part.tenant, err)
		}
		k.tell(facts, part.tenant)
	}
	return facts, nil
}

// tell adds what a tenant remembers to the facts.
func (k *known) tell(f *Facts, tenant string) {
	for _, name := range k.Tokens {
		f.Tokens[name] = identity.TokenText(tenant, k.derive(name))
	}
	for name, id := range k.IDs {
		f.IDs[name] = id
	}
	for name, email := range k.Logins {
		f.Credentials[name] = Login{email, k.password(name)}
	}
	for name, id := range k.Clients {
		f.Credentials[name] = ClientLogin{id, base64.RawURLEncoding.EncodeToString(k.derive(name))}
	}
}

// derive draws 256 bits of the tenant's secret for a name.
func (k *known) derive(name string) []byte {
	h := hmac.New(sha256.New, k.Secret)
	h.Write([]byte(name))
	return h.Sum(nil)
}

func (k *known) password(name string) string {
	return base64.RawURLEncoding.EncodeToString(k.derive("password " + name)[:18])
}

// ensure makes a tenant and fills it, in one transaction, unless that was done
// before, here or by another node.
func ensure(ctx context.Context, db *store.DB, a roster.Actor, name string, fill func(*maker) error) (*known, error) {
	t, err := db.Tenant(ctx, name)
	if roster.IsKind(err, roster.NotFound) {
		t, err = db.CreateTenant(ctx, a, name)
		if roster.IsKind(err, roster.Exists) {
			t, err = db.Tenant(ctx, name)
		}
	}
	if err != nil {
		return nil, err
	}
	a.Tenant = t
	var k *known
	err = db.Read(ctx, t.ID, func(tx *store.Tx) error {
		k, err = recall(tx)
		return err
	})
	if err != nil || k != nil {
		return k, err
	}
	err = db.Write(ctx, a, func(tx *store.Tx) error {
		if k, err = recall(tx); err != nil || k != nil {
			return err
		}
		if tx.Revision > firstRevision {
			return ErrOwnTenants
		}
		k = &known{Secret: make([]byte, 32), IDs: map[string]string{}, Logins: map[string]string{}, Clients: map[string]string{}}
		_, _ = rand.Read(k.Secret)
		if err := fill(&maker{tx: tx, known: k}); err != nil {
			return err
		}
		return remember(tx, k)
	})
	return k, err
}

// firstRevision is the one that a tenant's first write makes, behind its creation.
const firstRevision = 2

func recall(tx *store.Tx) (*known, error) {
	text, err := identity.Setting(tx, setting)
	if err != nil || text == "" {
		return nil, err
	}
	k := &known{}
	return k, json.Unmarshal([]byte(text), k)
}

func remember(tx *store.Tx, k *known) error {
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return identity.PutSetting(tx, setting, string(text))
}
