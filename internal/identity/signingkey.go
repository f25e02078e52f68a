package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

// signingKeySubject is the noun of changes of signing keys.
const signingKeySubject = "signing_key"

// keyLife is how long a replaced key still verifies: longer than any access token.
const keyLife = 25 * time.Hour

// signingKey is a key by which a tenant signs JWTs. Its private part stays sealed
// until something is signed.
type signingKey struct {
	id     int64
	kid    string // <tenant>.<random>
	public ed25519.PublicKey
	sealed []byte
	ends   int64  // µs UTC, when it verifies no more; 0 for the one that signs
	header string // of the JWTs that it signs, as they begin
}

// keyRing are the keys of a tenant: the one that signs, which is nil until something
// was signed, and those that verify, by kid.
type keyRing struct {
	signs *signingKey
	byKID map[string]*signingKey
	all   []*signingKey // the newest first
}

var (
	signingKeyAll = store.Q("signing_key.all", `SELECT id, kid, public_key, private_key, ends_at FROM signing_keys
		WHERE tenant = $1 ORDER BY created_at DESC, id DESC`).Whole("a tenant has few keys, and all of them verify")
	signingKeyInsert = store.Q("signing_key.insert", `INSERT INTO signing_keys (tenant, id, kid, public_key, private_key, created_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0)`)
	signingKeyReplace = store.Q("signing_key.replace", `UPDATE signing_keys SET ends_at = $2 WHERE tenant = $1 AND ends_at = 0`).
				Whole("a tenant has few keys")
	signingKeyPurge = store.Q("signing_key.purge", `DELETE FROM signing_keys WHERE tenant = $1 AND ends_at <> 0 AND ends_at <= $2`).
			Whole("a tenant has few keys")
)

// errNoKey is a fault of the program that was put together without WithKey.
var errNoKey = errors.New("identity: signing in to mobility needs the server's secret key")

// ring returns the keys of a tenant, from memory when they were asked for before.
func (i *Identity) ring(ctx context.Context, tenant roster.Tenant) (*keyRing, error) {
	return i.rings.Get(ctx, tenant.ID, struct{}{}, func(tx *store.Tx) (*keyRing, error) {
		ring, err := readRing(tx)
		if err != nil {
			return nil, err
		}
		for _, k := range ring.all {
			i.headers.Store(k.header, tenant.Name)
		}
		return ring, nil
	})
}

func readRing(tx *store.Tx) (*keyRing, error) {
	all, err := store.All(tx, signingKeyAll, func(s store.Scanner) (*signingKey, error) {
		k := &signingKey{}
		var public []byte
		err := s.Scan(&k.id, &k.kid, &public, &k.sealed, &k.ends)
		k.public = public
		return k, err
	})
	if err != nil {
		return nil, err
	}
	ring := &keyRing{byKID: map[string]*signingKey{}, all: all}
	for _, k := range all {
		if k.header, err = jwtHeader(k.kid); err != nil {
			return nil, err
		}
		ring.byKID[k.kid] = k
		if k.ends == 0 {
			ring.signs = k
		}
	}
	return ring, nil
}

// signer returns the key that signs for a tenant, and makes it the first time.
func (i *Identity) signer(ctx context.Context, tenant roster.Tenant) (*signingKey, error) {
	ring, err := i.ring(ctx, tenant)
	if err != nil {
		return nil, err
	}
	if ring.signs != nil {
		return ring.signs, nil
	}
	return i.newKey(ctx, roster.Actor{Tenant: tenant, ID: "server", API: roster.AuthAPI}, false)
}

// RotateSigningKey makes a new key that signs the tenant's access tokens from now
// on; the one before verifies until the last that it signed has expired.
func (i *Identity) RotateSigningKey(ctx context.Context, a roster.Actor) error {
	_, err := i.newKey(ctx, a, true)
	return err
}

// newKey makes a key, unless replace is false and another node was faster.
func (i *Identity) newKey(ctx context.Context, a roster.Actor, replace bool) (key *signingKey, err error) {
	if i.key == nil {
		return nil, errNoKey
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	name := make([]byte, 9)
	_, _ = rand.Read(name)
	kid := a.Tenant.Name + "." + base64.RawURLEncoding.EncodeToString(name)
	header, err := jwtHeader(kid)
	if err != nil {
		return nil, err
	}
	err = i.db.Write(ctx, a, func(tx *store.Tx) error {
		ring, err := readRing(tx)
		if err != nil {
			return err
		}
		if key = ring.signs; key != nil && !replace {
			return nil
		}
		key = &signingKey{kid: kid, public: public, header: header}
		return i.insertKey(tx, key, private)
	})
	return key, err
}

func (i *Identity) insertKey(tx *store.Tx, key *signingKey, private ed25519.PrivateKey) (err error) {
	if key.id, err = tx.NextID(store.SigningKeys); err != nil {
		return err
	}
	key.sealed = i.key.Seal(private.Seed(), key.context(tx.Tenant()))
	if _, err := tx.Exec(signingKeyReplace, tx.Now+keyLife.Microseconds()); err != nil {
		return err
	}
	if _, err := tx.Exec(signingKeyPurge, tx.Now); err != nil {
		return err
	}
	if _, err := tx.Exec(signingKeyInsert, key.id, key.kid, []byte(key.public), key.sealed, tx.Now); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "signing_key.create", SubjectType: signingKeySubject, SubjectID: key.id, After: map[string]any{"kid": key.kid}})
	return nil
}

func (k *signingKey) context(tenant roster.TenantID) seal.Context {
	return seal.Context{Tenant: tenant, Purpose: "signing_key.private", ID: k.id}
}

// private opens the key's private part.
func (i *Identity) private(tenant roster.TenantID, k *signingKey) (ed25519.PrivateKey, error) {
	if i.key == nil {
		return nil, errNoKey
	}
	seed, err := i.key.Open(k.sealed, k.context(tenant))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.Join(errors.New("identity: the key that signs access tokens does not open"), err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// jwtHeader is how each JWT begins that the key signs.
func jwtHeader(kid string) (string, error) {
	headers, err := jwtHeaders(kid)
	if err != nil {
		return "", err
	}
	// A signature by any key has it said the same way.
	token, err := jws.Sign([]byte("{}"), jws.WithKey(jwa.EdDSA(), ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), jws.WithProtectedHeaders(headers)))
	header, _, _ := strings.Cut(string(token), ".")
	return header, err
}

func jwtHeaders(kid string) (jws.Headers, error) {
	h := jws.NewHeaders()
	return h, errors.Join(h.Set(jws.KeyIDKey, kid), h.Set(jws.TypeKey, "JWT"))
}

// PublicKey verifies access tokens whose header names it.
type PublicKey struct {
	KID string
	Key ed25519.PublicKey
}

// PublicKeys returns the keys that verify a tenant's access tokens, the newest
// first; there is one at least. NotFound for an unknown tenant.
func (i *Identity) PublicKeys(ctx context.Context, tenantName string) ([]PublicKey, error) {
	tenant, err := i.db.Tenant(ctx, tenantName)
	if err != nil {
		return nil, err
	}
	if err := i.db.Fresh(ctx, tenant.ID); err != nil {
		return nil, err
	}
	if _, err := i.signer(ctx, tenant); err != nil {
		return nil, err
	}
	ring, err := i.ring(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var keys []PublicKey
	for _, k := range ring.all {
		if k.verifies(i.db.Now()) {
			keys = append(keys, PublicKey{k.kid, k.public})
		}
	}
	return keys, nil
}

// verifies reports whether the key still does.
func (k *signingKey) verifies(now int64) bool { return k.ends == 0 || now < k.ends }
