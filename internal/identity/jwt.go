package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Roles of tokens of the mobility APIs: a customer, an operator, and a program that
// acts by itself. What an operator or a program may do is looked up for each call.
const (
	RoleUser      = "USER"
	RoleOperator  = "OPERATOR"
	RoleAPIClient = "API_CLIENT"
)

// jwtIssuer is who signs access tokens, as they say it.
const jwtIssuer = "roster"

// maxJWT bounds an access token, in bytes; ours have some 400.
const maxJWT = 2048

// claims are what an access token says. Nothing that it says is believed without
// its session, which is looked up.
type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"` // the account's id; of a program its client's
	UUID     string `json:"uuid,omitempty"`
	Tenant   string `json:"tenant"`
	Type     string `json:"typ"`
	Session  string `json:"sid"`
	IssuedAt int64  `json:"iat"` // seconds, as all of a JWT's times
	Expires  int64  `json:"exp"`
}

// jwtTenant returns the name of the tenant whose key a JWT says to be signed by; ""
// where it is none. Only the signature proves it.
func (i *Identity) jwtTenant(token string) string {
	header, _, ok := strings.Cut(token, ".")
	if !ok || len(token) > maxJWT || strings.ContainsAny(token, "\r\n") { // which decoders of base64 skip
		return ""
	}
	if name, ok := i.headers.Load(header); ok {
		return name.(string)
	}
	kid := jwtKID(header)
	return kid[:max(0, strings.LastIndexByte(kid, '.'))]
}

// jwtKID returns the id of the key that a JWT's header names; "" where the header is
// not like ours.
func jwtKID(header string) string {
	text, err := base64.RawURLEncoding.Strict().DecodeString(header)
	var h struct {
		Algorithm string          `json:"alg"`
		KID       string          `json:"kid"`
		Critical  json.RawMessage `json:"crit"`
	}
	if err != nil || json.Unmarshal(text, &h) != nil || h.Algorithm != jwa.EdDSA().String() || h.Critical != nil {
		return ""
	}
	return h.KID
}

// sign makes the access token of a session.
func (i *Identity) sign(tenant roster.Tenant, k *signingKey, c *claims) (string, error) {
	private, err := i.private(tenant.ID, k)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	headers, err := jwtHeaders(k.kid)
	if err != nil {
		return "", err
	}
	token, err := jws.Sign(payload, jws.WithKey(jwa.EdDSA(), private, jws.WithProtectedHeaders(headers)))
	return string(token), err
}

// verify returns what an access token of the tenant says. Unauthenticated unless a
// key of the tenant signed it.
func (r *keyRing) verify(tenant roster.Tenant, token string, now int64) (*claims, error) {
	header, _, _ := strings.Cut(token, ".")
	k := r.byKID[jwtKID(header)]
	if k == nil || !k.verifies(now) {
		return nil, errToken(nil)
	}
	payload, err := jws.VerifyCompactFast(k.public, []byte(token), jwa.EdDSA())
	if err != nil {
		return nil, errToken(err)
	}
	c := &claims{}
	if err := json.Unmarshal(payload, c); err != nil || c.Issuer != jwtIssuer || c.Tenant != tenant.Name {
		return nil, errToken(err)
	}
	return c, nil
}

var familyAuthenticate = store.Q("token_family.authenticate", `SELECT f.api, f.type, f.person_id, f.client_id,
		coalesce(p.profiles, 0), coalesce(c.block_state, ''), k.client_id
	FROM token_families f
	LEFT JOIN people p ON p.tenant = $1 AND p.id = f.person_id AND p.recorded_to = 9223372036854775807
	LEFT JOIN customers c ON c.tenant = $1 AND c.id = f.person_id AND f.type = 'USER'
	LEFT JOIN oauth_clients k ON k.tenant = $1 AND k.client_id = f.client_id AND k.revoked_at = 0
	WHERE f.tenant = $1 AND f.id = $2 AND f.revoked_at = 0`)

// readJWT reads what an access token stands for: its session's holder, as long as
// neither is gone.
func (i *Identity) readJWT(ctx context.Context, tenant roster.Tenant, token string, _ [32]byte) (*session, error) {
	ring, err := i.ring(ctx, tenant)
	if err != nil {
		return nil, err
	}
	c, err := ring.verify(tenant, token, i.db.Now())
	if err != nil {
		return nil, err
	}
	family, err := strconv.ParseInt(c.Session, 10, 64)
	if err != nil {
		return nil, errToken(err)
	}
	s := &session{actor: roster.Actor{Tenant: tenant, Role: c.Type}, expiresAt: c.Expires * 1e6, token: subject{sessionSubject, family}}
	err = i.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		var api, role, client, block string
		var liveClient *string
		var profiles graph.Profile
		if err := tx.Row(familyAuthenticate, family).Scan(&api, &role, &s.actor.PersonID, &client, &profiles, &block, &liveClient); err != nil {
			return err
		}
		s.actor.API, s.actor.ID, s.blocked = roster.API(api), actorID(s.actor.PersonID, client), block == Blocked
		if role != c.Type || client != "" && liveClient == nil || !isWho(role, profiles, block) {
			return errToken(nil)
		}
		return nil
	})
	return s, err
}

// actorID is how the change log names a person, or a client, that signed in.
func actorID(person int64, client string) string {
	if client != "" {
		return clientActor + client
	}
	return "person:" + strconv.FormatInt(person, 10)
}

const clientActor = "client:"

// isWho reports whether a person still is what a role of mobility says.
func isWho(role string, profiles graph.Profile, block string) bool {
	switch role {
	case RoleUser:
		return profiles&graph.CustomerProfile != 0 && (block == NotBlocked || block == Blocked)
	case RoleOperator:
		return profiles&graph.OperatorProfile != 0
	}
	return true
}

func errBlocked() error {
	return roster.Errorf(roster.Forbidden, CodeCustomerBlocked, "this account is blocked; the support tells why")
}

// CodeNoImpersonation says that a caller may not act for that user.
const CodeNoImpersonation = "A192"

var customerByUUID = store.Q("customer.who_by_uuid", `SELECT c.id, c.made_by_client, c.block_state, p.profiles
	FROM subjects s
	JOIN customers c ON c.tenant = $1 AND c.id = s.id
	JOIN people p ON p.tenant = $1 AND p.id = s.id AND p.recorded_to = 9223372036854775807
	WHERE s.tenant = $1 AND s.uuid = $2`)

// Impersonate returns the actor that an API client is while it acts for a customer:
// with the customer's role and PersonID, and its own ID. user is the customer's UUID,
// as a header has it. Forbidden with CodeNoImpersonation unless the client made that
// customer, whether there is such a customer or not, and with CodeCustomerBlocked for
// one who is blocked.
func (i *Identity) Impersonate(ctx context.Context, a roster.Actor, user string) (roster.Actor, error) {
	refused := roster.Errorf(roster.Forbidden, CodeNoImpersonation, "only an API client may act for a user, and for those alone that it made")
	client, isClient := strings.CutPrefix(a.ID, clientActor)
	id, err := uuid.Parse(user)
	if err != nil || !isClient || a.Role != RoleAPIClient || a.API != roster.UserAPI {
		return a, refused
	}
	var person int64
	var madeBy, block string
	var profiles graph.Profile
	err = i.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		return tx.Row(customerByUUID, id[:]).Scan(&person, &madeBy, &block, &profiles)
	})
	if err != nil && !errors.Is(err, store.ErrNoRows) {
		return a, err
	}
	if err != nil || madeBy == "" || madeBy != client || !isWho(RoleUser, profiles, block) {
		return a, refused
	}
	if block == Blocked {
		return a, errBlocked()
	}
	a.Role, a.PersonID, a.Impersonated = RoleUser, person, person
	return a, nil
}
