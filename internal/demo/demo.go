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
	"maps"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
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

// APIClientLogin is a client of the mobility APIs.
type APIClientLogin struct {
	ClientID  string `json:"clientId"`
	ClientKey string `json:"clientKey"`
}

// Facts are what a client of the demo needs to know, as demo.json spells them.
type Facts struct {
	Tenant string            `json:"tenant"`
	APIs   map[string]string `json:"apis"`
	// Tokens are API tokens by name, good for 365 days.
	Tokens map[string]string `json:"tokens"`
	// IDs are things by name, in the form of the API that shows them: texts, the
	// numbers of the mobility APIs, and as customers those of the mobility tokens.
	IDs map[string]any `json:"ids"`
	// Credentials are Login or ClientLogin values by name.
	Credentials map[string]any `json:"credentials"`
}

// Areas are what the demo is made with.
type Areas struct {
	DB       *store.DB
	Identity *identity.Identity
	Spend    *spend.Spend
	Business *business.Business
	Care     *care.Care
	Mobility *mobility.Mobility
}

// known is what the tenant remembers of its demo. Tokens and passwords are not in
// it: they are drawn from the secret again.
type known struct {
	Secret []byte            `json:"secret"`
	IDs    map[string]string `json:"ids"`
	// Numbers are ids of the mobility APIs, Customers those of the tokens.
	Numbers   map[string]int64 `json:"numbers"`
	Customers map[string]int64 `json:"customers"`
	Tokens    []string         `json:"tokens"`
	// Logins are the addresses of credentials with a password, Clients the ids of
	// those with a client's secret, both by name.
	Logins  map[string]string `json:"logins"`
	Clients map[string]string `json:"clients"`
	Done    []string          `json:"done"` // steps, by name
}

// clone copies what is known, so that a write may run twice.
func (k *known) clone() *known {
	c := *k
	c.IDs, c.Logins, c.Clients = maps.Clone(k.IDs), maps.Clone(k.Logins), maps.Clone(k.Clients)
	c.Numbers, c.Customers = map[string]int64{}, map[string]int64{}
	maps.Copy(c.Numbers, k.Numbers)
	maps.Copy(c.Customers, k.Customers)
	c.Tokens, c.Done = slices.Clone(k.Tokens), slices.Clone(k.Done)
	return &c
}

// setting is where a tenant keeps what is known.
const setting = "demo"

// ErrOwnTenants says that the database is somebody's own.
var ErrOwnTenants = errors.New("the database has a tenant of its own: the demo takes an empty one, or its own from before")

// Make makes what of the demo is not there yet and returns its facts, without the
// addresses. A database with another tenant, or with a demo tenant that this
// package did not make, is refused.
func Make(ctx context.Context, areas Areas, a roster.Actor) (*Facts, error) {
	tenants, err := areas.DB.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range tenants {
		if t.Name != Tenant && t.Name != Other {
			return nil, ErrOwnTenants
		}
	}
	facts := &Facts{Tenant: Tenant, Tokens: map[string]string{}, IDs: map[string]any{}, Credentials: map[string]any{}}
	for _, p := range []plan{demoPlan, otherPlan} {
		k, err := ensure(ctx, areas, a, p)
		if err != nil {
			return nil, fmt.Errorf("the demo's tenant %s: %w", p.tenant, err)
		}
		k.tell(facts, p.tenant)
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
	for name, id := range k.Numbers {
		f.IDs[name] = id
	}
	customers, _ := f.IDs["customers"].(map[string]int64)
	if customers == nil {
		customers = map[string]int64{}
	}
	maps.Copy(customers, k.Customers)
	f.IDs["customers"] = customers
	for name, email := range k.Logins {
		f.Credentials[name] = Login{email, k.password(name)}
	}
	for name, id := range k.Clients {
		secret := base64.RawURLEncoding.EncodeToString(k.derive(name))
		if name == apiName {
			f.Credentials[name] = APIClientLogin{id, secret}
			continue
		}
		f.Credentials[name] = ClientLogin{id, secret}
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

// plan is how a tenant is filled.
type plan struct {
	tenant string
	logins []string // names of credentials with a password
	// fill makes the most of it, in one transaction.
	fill func(*maker) error
	// steps follow, by verbs that have transactions of their own. Each is noted
	// when it is done; one that was cut off between is done again.
	steps []step
}

type step struct {
	name string
	do   func(context.Context, *worker) error
}

// ensure makes a tenant and fills it, unless that was done before, here or by
// another node.
func ensure(ctx context.Context, areas Areas, a roster.Actor, p plan) (*known, error) {
	var err error
	if a.Tenant, err = tenant(ctx, areas.DB, a, p.tenant); err != nil {
		return nil, err
	}
	k, err := read(ctx, areas.DB, a.Tenant.ID)
	if err != nil {
		return nil, err
	}
	if k == nil {
		if k, err = first(ctx, areas.DB, a, p); err != nil {
			return nil, err
		}
	}
	for _, s := range p.steps {
		if slices.Contains(k.Done, s.name) {
			continue
		}
		if err := s.do(ctx, &worker{areas, a, k}); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		if slices.Contains(k.Done, s.name) {
			continue // it noted that itself
		}
		k.Done = append(k.Done, s.name)
		if err := areas.DB.Write(ctx, a, func(tx *store.Tx) error { return remember(tx, k) }); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func tenant(ctx context.Context, db *store.DB, a roster.Actor, name string) (roster.Tenant, error) {
	t, err := db.Tenant(ctx, name)
	if !roster.IsKind(err, roster.NotFound) {
		return t, err
	}
	if t, err = db.CreateTenant(ctx, a, name); roster.IsKind(err, roster.Exists) {
		return db.Tenant(ctx, name) // another node was faster
	}
	return t, err
}

func read(ctx context.Context, db *store.DB, tenant roster.TenantID) (k *known, err error) {
	err = db.Read(ctx, tenant, func(tx *store.Tx) error {
		k, err = recall(tx)
		return err
	})
	return k, err
}

// first fills a tenant that is new.
func first(ctx context.Context, db *store.DB, a roster.Actor, p plan) (*known, error) {
	fresh := known{Secret: make([]byte, 32)}
	_, _ = rand.Read(fresh.Secret)
	hashes := map[string]identity.PasswordHash{}
	for _, name := range p.logins {
		hash, err := identity.HashPassword(ctx, fresh.password(name))
		if err != nil {
			return nil, err
		}
		hashes[name] = hash
	}
	var k *known
	err := db.Write(ctx, a, func(tx *store.Tx) (err error) {
		if k, err = recall(tx); err != nil || k != nil {
			return err
		}
		if tx.Revision > firstRevision {
			return ErrOwnTenants
		}
		k = &known{Secret: fresh.Secret, IDs: map[string]string{}, Logins: map[string]string{}, Clients: map[string]string{}}
		if err := p.fill(&maker{tx: tx, known: k, hashes: hashes}); err != nil {
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
