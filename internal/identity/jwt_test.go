package identity

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// gate is the tenant acme beside rival, with a customer in each who is signed in.
type gate struct {
	testing.TB
	db      *store.DB
	i       *Identity
	now     *time.Time
	acme    roster.Actor
	rival   roster.Actor
	person  int64
	access  string
	refresh string
	foreign string // the access token of rival's
}

const gatePassword = "correct horse"

func newGate(t testing.TB, database string) *gate {
	t.Helper()
	now := time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)
	g := &gate{TB: t, now: &now}
	g.db = storetest.Open(t, database, store.Options{Clock: func() time.Time { return now }})
	key, err := seal.New(seal.Random())
	if err != nil {
		t.Fatal(err)
	}
	g.i = New(g.db, WithKey(key))
	g.acme, g.rival = storetest.Tenant(t, g.db, "acme"), storetest.Tenant(t, g.db, "rival")
	_, foreign := g.customer(g.rival, "rita@example.org")
	g.foreign = foreign.Access
	person, tokens := g.customer(g.acme, "rita@example.org")
	g.person, g.access, g.refresh = person, tokens.Access, tokens.Refresh
	return g
}

func (g *gate) write(a roster.Actor, fn func(tx *store.Tx) error) {
	g.Helper()
	if err := g.db.Write(g.Context(), a, fn); err != nil {
		g.Fatal(err)
	}
}

// customer makes a customer who signs in by password.
func (g *gate) customer(a roster.Actor, email string) (person int64, tokens *Tokens) {
	g.Helper()
	hash, err := HashPassword(g.Context(), gatePassword)
	if err != nil {
		g.Fatal(err)
	}
	g.write(a, func(tx *store.Tx) error {
		b := Branch{Name: "Home", Code: "HOME"}
		if _, err := PutBranch(tx, &b); err != nil {
			return err
		}
		c := Customer{Email: email, HomeBranchID: b.ID}
		if err := InsertCustomer(tx, &c); err != nil {
			return err
		}
		person = c.ID
		if _, err := AddSignInMethod(tx, person, EmailPassword); err != nil {
			return err
		}
		return PutPassword(tx, person, hash)
	})
	tokens, err = g.i.SignInEmail(g.Context(), From{Tenant: a.Tenant.Name}, email, gatePassword)
	if err != nil {
		g.Fatal(err)
	}
	return person, tokens
}

// signed signs claims by acme's own key.
func (g *gate) signed(edit func(c *claims)) string {
	g.Helper()
	key, err := g.i.signer(g.Context(), g.acme.Tenant)
	if err != nil {
		g.Fatal(err)
	}
	var c claims
	g.decode(strings.Split(g.access, ".")[1], &c)
	edit(&c)
	token, err := g.i.sign(g.acme.Tenant, key, &c)
	if err != nil {
		g.Fatal(err)
	}
	return token
}

func (g *gate) decode(segment string, v any) {
	g.Helper()
	text, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		g.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		g.Fatal(err)
	}
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func TestForgedJWTs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		g := newGate(t, database)
		parts := strings.Split(g.access, ".")
		header, payload, signature := parts[0], parts[1], parts[2]
		foreign := strings.Split(g.foreign, ".")
		var h struct{ KID string }
		g.decode(header, &h)
		ring, err := g.i.ring(t.Context(), g.acme.Tenant)
		if err != nil {
			t.Fatal(err)
		}
		public := ring.byKID[h.KID].public
		mac := func(text string, key []byte) string {
			m := hmac.New(sha256.New, key)
			m.Write([]byte(text))
			return text + "." + encode(string(m.Sum(nil)))
		}
		// Whoever brings a key of their own.
		own := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
		by := func(head string, key ed25519.PrivateKey) string {
			text := encode(head) + "." + payload
			return text + "." + encode(string(ed25519.Sign(key, []byte(text))))
		}
		head := func(more string) string { return `{"alg":"EdDSA","kid":"` + h.KID + `","typ":"JWT"` + more + `}` }
		symmetric := encode(`{"alg":"HS256","kid":"`+h.KID+`","typ":"JWT"}`) + "." + payload
		for name, token := range map[string]string{
			"nothing":              "",
			"dots":                 "..",
			"a header alone":       header,
			"no signature":         header + "." + payload + ".",
			"no signature segment": header + "." + payload,
			"a segment more":       g.access + ".x",
			"another signature":    header + "." + payload + "." + foreign[2],
			"another payload":      header + "." + foreign[1] + "." + signature,
			"another header":       foreign[0] + "." + payload + "." + signature,
			"another case":         header + "." + payload + "." + strings.ToLower(signature),
			"alg none":             encode(`{"alg":"none","kid":"`+h.KID+`"}`) + "." + payload + ".",
			"alg none, signed":     encode(`{"alg":"none","kid":"`+h.KID+`"}`) + "." + payload + "." + signature,
			"HS256 by the key":     mac(symmetric, public),
			"HS256 by its text":    mac(symmetric, []byte(base64.RawURLEncoding.EncodeToString(public))),
			"HS256, no key":        mac(symmetric, nil),
			"a key of one's own":   by(head(""), own),
			"a key brought along":  by(head(`,"jwk":{"kty":"OKP","crv":"Ed25519","x":"`+encode(string(own.Public().(ed25519.PublicKey)))+`"}`), own),
			"a key elsewhere":      by(head(`,"jku":"https://example.org/keys"`), own),
			"an unknown kid":       by(`{"alg":"EdDSA","kid":"acme.unknown"}`, own),
			"no kid":               by(`{"alg":"EdDSA"}`, own),
			"rival's kid":          by(`{"alg":"EdDSA","kid":"rival.unknown"}`, own),
			"no tenant's kid":      by(`{"alg":"EdDSA","kid":"nowhere.x"}`, own),
			"a long kid":           by(`{"alg":"EdDSA","kid":"`+strings.Repeat("x", 4000)+`"}`, own),
			"JSON":                 `{"payload":"` + payload + `","protected":"` + header + `","signature":"` + signature + `"}`,
			"spaces":               " " + g.access + " ",
			"a line break":         header + "." + payload + ".\n" + signature,
			"the refresh token":    g.refresh,
			"an opaque token":      "rst_acme_" + g.refresh,
			"another issuer":       g.signed(func(c *claims) { c.Issuer = "x" }),
			"another tenant":       g.signed(func(c *claims) { c.Tenant = "rival" }),
			"another type":         g.signed(func(c *claims) { c.Type = RoleOperator }),
			"no type":              g.signed(func(c *claims) { c.Type = "" }),
			"another session":      g.signed(func(c *claims) { c.Session = "999" }),
			"no session":           g.signed(func(c *claims) { c.Session = "" }),
			"expired":              g.signed(func(c *claims) { c.Expires = g.now.Unix() }),
			"never expiring":       g.signed(func(c *claims) { c.Expires = 0 }),
		} {
			if a, err := g.i.Authenticate(t.Context(), token); !roster.IsKind(err, roster.Unauthenticated) {
				t.Errorf("%s: %+v, %v", name, a, err)
			}
		}
		// The real ones are good.
		for tenant, token := range map[string]string{"acme": g.access, "rival": g.foreign, "acme again": g.signed(func(*claims) {})} {
			a, err := g.i.Authenticate(t.Context(), token)
			if err != nil || !strings.HasPrefix(tenant, a.Tenant.Name) || a.API != roster.UserAPI || a.Role != RoleUser || a.ID != "person:"+strconv.FormatInt(a.PersonID, 10) {
				t.Errorf("%s: %+v, %v", tenant, a, err)
			}
		}
	})
}

// A key that was replaced verifies as long as what it signed can be good, and a node
// without the tenant's keys in memory reads them.
func TestKeysAreReplaced(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		g := newGate(t, database)
		old, err := g.i.signer(t.Context(), g.acme.Tenant)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.i.RotateSigningKey(t.Context(), g.acme); err != nil {
			t.Fatal(err)
		}
		fresh := New(g.db, WithKey(g.i.key))
		for _, i := range []*Identity{g.i, fresh} {
			if _, err := i.Authenticate(t.Context(), g.access); err != nil {
				t.Error(err)
			}
		}
		*g.now = g.now.Add(keyLife + time.Second)
		ring, err := g.i.ring(t.Context(), g.acme.Tenant)
		if err != nil {
			t.Fatal(err)
		}
		far, err := g.i.sign(g.acme.Tenant, old, &claims{Issuer: jwtIssuer, Tenant: "acme", Type: RoleUser, Session: "1", Expires: g.now.Unix() + 60})
		if err != nil {
			t.Fatal(err)
		}
		if c, err := ring.verify(g.acme.Tenant, far, g.now.UnixMicro()); err == nil {
			t.Errorf("a key that ended verifies: %+v", c)
		}
		// Without the server's key nobody signs in, and nothing panics.
		bare := New(g.db)
		if _, err := bare.SignInEmail(t.Context(), From{Tenant: "acme"}, "rita@example.org", gatePassword); err == nil {
			t.Error("somebody signed in without a key")
		}
	})
}

// FuzzJWT looks for a token that is taken and that nobody signed.
func FuzzJWT(f *testing.F) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.Fatal(err)
	}
	key, err := seal.New(seal.Random())
	if err != nil {
		f.Fatal(err)
	}
	i, tenant := &Identity{key: key}, roster.Tenant{ID: 1, Name: "acme"}
	k := &signingKey{id: 1, kid: "acme.key", public: public}
	k.sealed = key.Seal(private.Seed(), k.context(tenant.ID))
	ring := &keyRing{byKID: map[string]*signingKey{k.kid: k}}
	good, err := i.sign(tenant, k, &claims{Issuer: jwtIssuer, Tenant: "acme", Type: RoleUser, Session: "1", Expires: 1})
	if err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(good, ".")
	for _, seed := range []string{
		good, "..", parts[0], parts[0] + "." + parts[1] + ".", encode(`{"alg":"none","kid":"acme.key"}`) + "." + parts[1] + ".",
		encode(`{"alg":"EdDSA","kid":"acme.key","crit":["b64"],"b64":false}`) + "." + parts[1] + "." + parts[2], "rst_acme_x", `{"payload":""}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		name := i.jwtTenant(token)
		c, err := ring.verify(tenant, token, 0)
		if err == nil && name != "" && (name != "acme" || !strings.HasPrefix(token, parts[0]+"."+parts[1]+".") || c.Session != "1") {
			t.Fatalf("%q of %q is taken: %+v", token, name, c)
		}
		if err != nil && !roster.IsKind(err, roster.Unauthenticated) {
			t.Fatalf("%q: %v", token, err)
		}
		_ = tokenTenant(token)
		if id := longID(token); id < 0 {
			t.Fatalf("%q has the id %d", token, id)
		}
	})
}
