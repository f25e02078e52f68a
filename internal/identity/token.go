package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Token is an API token as it is stored: everything but the secret.
type Token struct {
	ID        int64
	API       roster.API
	Role      string
	PersonID  int64 // 0 for a service
	Name      string
	CreatedAt time.Time
	ExpiresAt time.Time
	RevokedAt time.Time // zero while it is good
}

// Roles are the roles that a token may have, by API. The property API knows who
// may what from its groups; admin sees all of them.
var Roles = map[roster.API][]string{
	roster.DirectoryAPI:    {"Administrator", "Reader"},
	roster.OrganizationAPI: {"COMPANY_OWNER", "MANAGER", "BOOKKEEPER", "EMPLOYEE"},
	roster.PropertyAPI:     {"user", "admin"},
	roster.UserAPI:         {RoleUser, RoleAPIClient},
	roster.OperationsAPI:   {RoleOperator, RoleAPIClient},
}

var (
	tokenInsert = store.Q("token.insert", `INSERT INTO tokens (tenant, id, hash, api, role, person_id, name, created_at, expires_at, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`)
	// A token of a person is good while the person lives; one of an organization's
	// user has the role that the user has now, while the user is active; one of a
	// customer or an operator needs the profile.
	tokenByHash = store.Q("token.by_hash", `SELECT t.id, t.api, coalesce(u.role, t.role), t.person_id, t.expires_at,
			coalesce(p.profiles, 0), coalesce(c.block_state, '')
		FROM tokens t
		LEFT JOIN people p ON p.tenant = $1 AND p.id = t.person_id AND p.recorded_to = 9223372036854775807
		LEFT JOIN users u ON u.tenant = $1 AND u.id = t.person_id AND t.api = 'organization'
		LEFT JOIN customers c ON c.tenant = $1 AND c.id = t.person_id AND t.api = 'user'
		WHERE t.tenant = $1 AND t.hash = $2 AND t.revoked_at = 0
			AND (t.person_id = 0 OR p.id IS NOT NULL)
			AND (t.person_id = 0 OR t.api <> 'organization' OR u.status = 'ACTIVE')`)
	tokenAll = store.Q("token.all", `SELECT id, api, role, person_id, name, created_at, expires_at, revoked_at
		FROM tokens WHERE tenant = $1 ORDER BY id`).Whole("a tenant has few tokens, and the command line lists them all")
	tokenRevoke = store.Q("token.revoke", `UPDATE tokens SET revoked_at = $3 WHERE tenant = $1 AND id = $2 AND revoked_at = 0`)
)

// NewSecret draws 256 random bits for a token.
func NewSecret() []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	return secret
}

// TokenText spells a token as its holder keeps it: rst_<tenant>_<secret>.
func TokenText(tenant string, secret []byte) string {
	return "rst_" + tenant + "_" + base64.RawURLEncoding.EncodeToString(secret)
}

// CreateToken makes a token and returns it with its text, which is not kept. The
// secret is NewSecret's. Invalid for an unknown API or role.
func (i *Identity) CreateToken(ctx context.Context, a roster.Actor, t Token, secret []byte) (Token, string, error) {
	err := i.db.Write(ctx, a, func(tx *store.Tx) error { return InsertToken(tx, &t, secret) })
	return t, TokenText(a.Tenant.Name, secret), err
}

// InsertToken makes a token inside a transaction and fills in its id and time.
func InsertToken(tx *store.Tx, t *Token, secret []byte) error {
	if err := checkRole(t.API, t.Role); err != nil {
		return err
	}
	if needed := t.Role == RoleUser || t.Role == RoleOperator; needed && t.PersonID == 0 || t.Role == RoleAPIClient && t.PersonID != 0 {
		return roster.FieldError("person", "a token of the role %s or %s is a person's, and one of the role %s nobody's", RoleUser, RoleOperator, RoleAPIClient)
	}
	id, err := tx.NextID(store.Tokens)
	if err != nil {
		return err
	}
	t.ID, t.CreatedAt = id, time.UnixMicro(tx.Now).UTC()
	hash := hashToken(TokenText(tx.Actor().Tenant.Name, secret))
	if _, err := tx.Exec(tokenInsert, id, hash[:], string(t.API), t.Role, t.PersonID, t.Name, tx.Now, t.ExpiresAt.UnixMicro()); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "token.create", SubjectType: "token", SubjectID: id, After: map[string]any{
		"api": t.API, "role": t.Role, "person_id": t.PersonID, "name": t.Name, "expires_at": t.ExpiresAt.UTC(),
	}})
	return nil
}

func checkRole(api roster.API, role string) error {
	roles := Roles[api]
	if roles == nil {
		return roster.FieldError("api", "there is no API %q; take property, organization, directory, user or operations", api)
	}
	if slices.Contains(roles, role) {
		return nil
	}
	return roster.FieldError("role", "the %s API has no role %q; take one of %s", api, role, strings.Join(roles, ", "))
}

// Tokens lists a tenant's tokens in the order of their making.
func (i *Identity) Tokens(ctx context.Context, tenant roster.TenantID) (all []Token, err error) {
	err = i.db.Read(ctx, tenant, func(tx *store.Tx) error {
		all, err = store.All(tx, tokenAll, scanToken)
		return err
	})
	return all, err
}

func scanToken(s store.Scanner) (t Token, err error) {
	var api string
	var created, expires, revoked int64
	err = s.Scan(&t.ID, &api, &t.Role, &t.PersonID, &t.Name, &created, &expires, &revoked)
	t.API, t.CreatedAt, t.ExpiresAt = roster.API(api), time.UnixMicro(created).UTC(), time.UnixMicro(expires).UTC()
	if revoked != 0 {
		t.RevokedAt = time.UnixMicro(revoked).UTC()
	}
	return t, err
}

// RevokeToken ends a token at once. NotFound when there is no good one with that id.
func (i *Identity) RevokeToken(ctx context.Context, a roster.Actor, id int64) error {
	return i.db.Write(ctx, a, func(tx *store.Tx) error { return revokeToken(tx, id) })
}

func revokeToken(tx *store.Tx, id int64) error {
	n, err := tx.Exec(tokenRevoke, id, tx.Now)
	if err != nil {
		return err
	}
	if n == 0 {
		return roster.Errorf(roster.NotFound, "", "there is no token %d that is not revoked", id)
	}
	tx.Record(roster.Change{Operation: "token.revoke", SubjectType: tokenSubject, SubjectID: id})
	return nil
}

// Authenticate returns the actor that a token stands for, from memory when it was
// asked before: an API token, or the JWT of a sign-in. Unauthenticated when it is
// unknown, expired or revoked; Forbidden with CodeCustomerBlocked for a customer who
// is blocked.
func (i *Identity) Authenticate(ctx context.Context, token string) (roster.Actor, error) {
	name, read := tokenTenant(token), i.readToken
	if name == "" {
		name, read = i.jwtTenant(token), i.readJWT
	}
	if name == "" {
		return roster.Actor{}, errToken(nil)
	}
	tenant, err := i.db.Tenant(ctx, name)
	if roster.IsKind(err, roster.NotFound) {
		return roster.Actor{}, errToken(err)
	}
	if err != nil {
		return roster.Actor{}, err
	}
	if err := i.db.Fresh(ctx, tenant.ID); err != nil {
		return roster.Actor{}, err
	}
	s, err := i.session(ctx, tenant, token, read)
	if err != nil {
		return roster.Actor{}, err
	}
	if i.db.Now() >= s.expiresAt {
		return roster.Actor{}, errToken(nil)
	}
	if s.blocked {
		return roster.Actor{}, errBlocked()
	}
	return s.actor, nil
}

// tokenTenant returns the name of the tenant that an API token, or a client's id,
// carries; "" where it is none.
func tokenTenant(token string) string {
	rest, ok := strings.CutPrefix(token, "rst_")
	name, _, found := strings.Cut(rest, "_")
	if !ok || !found {
		return ""
	}
	return name
}

func errToken(cause error) error {
	return &roster.Error{Kind: roster.Unauthenticated, Msg: "the token is unknown, expired or revoked", Err: cause}
}

// reader reads what a token stands for. Unauthenticated.
type reader func(ctx context.Context, tenant roster.Tenant, token string, hash [32]byte) (*session, error)

// session looks a token up. Equality of 256-bit hashes tells nothing about a
// token to whoever measures how long it takes.
func (i *Identity) session(ctx context.Context, tenant roster.Tenant, token string, read reader) (*session, error) {
	hash := hashToken(token)
	s, dropped := i.sessions.recall(tenant.ID, hash)
	if s != nil {
		return s, nil
	}
	s, err := read(ctx, tenant, token, hash)
	if errors.Is(err, store.ErrNoRows) {
		return nil, errToken(nil)
	}
	if err == nil {
		i.sessions.remember(tenant.ID, hash, s, dropped)
	}
	return s, err
}

// readToken reads what an API token stands for.
func (i *Identity) readToken(ctx context.Context, tenant roster.Tenant, _ string, hash [32]byte) (*session, error) {
	s := &session{actor: roster.Actor{Tenant: tenant}}
	err := i.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		var id int64
		var api, block string
		var profiles graph.Profile
		err := tx.Row(tokenByHash, hash[:]).Scan(&id, &api, &s.actor.Role, &s.actor.PersonID, &s.expiresAt, &profiles, &block)
		s.actor.API, s.actor.ID = roster.API(api), "token:"+strconv.FormatInt(id, 10)
		s.token = subject{tokenSubject, id}
		if err == nil && !isWho(s.actor.Role, profiles, block) {
			return errToken(nil)
		}
		s.blocked = block == Blocked
		return err
	})
	return s, err
}

// hashToken hashes on the stack: it runs on every request.
func hashToken(token string) [32]byte {
	var text [1024]byte
	return sha256.Sum256(append(text[:0], token...))
}
