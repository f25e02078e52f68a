package identity

import (
	"strconv"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Family is a session: what began with one sign-in to mobility and goes on with each
// refresh. Times are µs UTC; 0 is none.
type Family struct {
	ID        int64
	API       roster.API
	Type      string // RoleUser, RoleOperator or RoleAPIClient
	PersonID  int64  // 0 where it is a client's
	ClientID  string
	Method    string // by which the person signed in
	UserAgent string
	Address   string
	CreatedAt int64
	UsedAt    int64
	ExpiresAt int64 // of the last of its refresh tokens
	RevokedAt int64
}

// Device is from where somebody signs in.
type Device struct {
	UserAgent string
	Address   string
	// RequestID is for the change log.
	RequestID string
}

// maxUserAgent bounds what is kept of it, in characters.
const maxUserAgent = 256

// agent is the user agent as it is kept.
func (d *Device) agent() string {
	runes := []rune(strings.ToValidUTF8(d.UserAgent, "?"))
	return string(runes[:min(len(runes), maxUserAgent)])
}

const familyColumns = `f.id, f.api, f.type, f.person_id, f.client_id, f.method, f.user_agent, f.address, f.created_at, f.used_at, f.expires_at, f.revoked_at`

var (
	familyInsert = store.Q("token_family.insert", `INSERT INTO token_families (tenant, id, api, type, person_id, client_id, method, user_agent, address,
		created_at, used_at, expires_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0)`)
	familyUse = store.Q("token_family.use", `UPDATE token_families SET user_agent = $3, address = $4, used_at = $5, expires_at = $6
		WHERE tenant = $1 AND id = $2`)
	familyRevoke = store.Q("token_family.revoke", `UPDATE token_families SET revoked_at = $3 WHERE tenant = $1 AND id = $2 AND revoked_at = 0`)
	familiesOf   = store.Q("token_family.of", `SELECT `+familyColumns+` FROM token_families f
		WHERE f.tenant = $1 AND f.person_id = $2 AND f.person_id <> 0 ORDER BY f.id`)
	familyOfToken = store.Q("token_family.of_token", `SELECT `+familyColumns+`, r.expires_at, r.spent_at
		FROM refresh_tokens r JOIN token_families f ON f.tenant = $1 AND f.id = r.family_id
		WHERE r.tenant = $1 AND r.hash = $2`)
	refreshInsert = store.Q("refresh_token.insert", `INSERT INTO refresh_tokens (tenant, hash, family_id, expires_at, spent_at) VALUES ($1, $2, $3, $4, 0)`)
	refreshSpend  = store.Q("refresh_token.spend", `UPDATE refresh_tokens SET spent_at = $3 WHERE tenant = $1 AND hash = $2`)
	customerIsIn  = store.Q("customer.signed_in", `UPDATE customers SET last_sign_in_at = $3 WHERE tenant = $1 AND id = $2`)
	// Sessions of the property API are tokens.
	propertySessions = store.Q("token.sessions_of", `SELECT id FROM tokens
		WHERE tenant = $1 AND person_id = $2 AND name = 'session' AND revoked_at = 0 AND expires_at > $3`)
)

func (f *Family) places() []any {
	return []any{&f.ID, &f.API, &f.Type, &f.PersonID, &f.ClientID, &f.Method, &f.UserAgent, &f.Address, &f.CreatedAt, &f.UsedAt, &f.ExpiresAt, &f.RevokedAt}
}

// Families reads a person's sessions of mobility, ended ones too until they would
// have expired, in the order of their making.
func Families(tx *store.Tx, person int64) ([]Family, error) {
	return store.All(tx, familiesOf, func(s store.Scanner) (f Family, err error) {
		return f, s.Scan(f.places()...)
	}, person)
}

// opened is a session that was opened or went on, as its holder gets it.
type opened struct {
	claims  claims
	refresh string
}

// openFamily begins a session, and fills in what the server decides. refresh is the
// text of its refresh token; w is nil for a client.
func openFamily(tx *store.Tx, f *Family, w *who, refresh string) (o *opened, err error) {
	if f.ID, err = tx.NextID(store.Families); err != nil {
		return nil, err
	}
	life, err := readLives(tx, w)
	if err != nil {
		return nil, err
	}
	f.CreatedAt, f.UsedAt, f.ExpiresAt = tx.Now, tx.Now, tx.Now+life.refresh
	if _, err := tx.Exec(familyInsert, f.ID, string(f.API), f.Type, f.PersonID, f.ClientID, f.Method, f.UserAgent, f.Address,
		f.CreatedAt, f.UsedAt, f.ExpiresAt); err != nil {
		return nil, err
	}
	if f.Type == RoleUser {
		if _, err := tx.Exec(customerIsIn, f.PersonID, tx.Now); err != nil {
			return nil, err
		}
	}
	tx.Record(roster.Change{Operation: "session.create", SubjectType: sessionSubject, SubjectID: f.ID, ObjectID: f.PersonID, After: map[string]any{
		"type": f.Type, "api": f.API, "method": f.Method,
	}})
	return f.issue(tx, w, refresh, life)
}

// issue adds a refresh token to the session and says what its access token says.
func (f *Family) issue(tx *store.Tx, w *who, refresh string, life lives) (*opened, error) {
	hash := hashToken(refresh)
	if _, err := tx.Exec(refreshInsert, hash[:], f.ID, tx.Now+life.refresh); err != nil {
		return nil, err
	}
	c := claims{
		Issuer: jwtIssuer, Subject: f.ClientID, Tenant: tx.Actor().Tenant.Name, Type: f.Type, Session: strconv.FormatInt(f.ID, 10),
		IssuedAt: tx.Now / 1e6, Expires: (tx.Now + life.access) / 1e6,
	}
	if w != nil {
		c.Subject, c.UUID = strconv.FormatInt(w.id, 10), w.uuid.String()
	}
	return &opened{c, refresh}, nil
}

// lives are how long tokens are good, in µs.
type lives struct{ access, refresh int64 }

// readLives reads what the settings say at a customer's home, or of the tenant.
func readLives(tx *store.Tx, w *who) (l lives, err error) {
	t, err := Branches(tx)
	if err != nil {
		return l, err
	}
	branch := int64(0)
	if w != nil {
		branch = w.homeBranch
	}
	minutes, err := AccessTokenMinutes.In(tx, t, branch)
	if err != nil {
		return l, err
	}
	days, err := RefreshTokenDays.In(tx, t, branch)
	return lives{access: minutes * 60e6, refresh: days * 24 * 3600e6}, err
}

// RevokeFamily ends a session at once, and reports whether it was still good.
func RevokeFamily(tx *store.Tx, f *Family) (bool, error) {
	n, err := tx.Exec(familyRevoke, f.ID, tx.Now)
	if err != nil || n == 0 {
		return false, err
	}
	tx.Record(roster.Change{Operation: "session.revoke", SubjectType: sessionSubject, SubjectID: f.ID, ObjectID: f.PersonID})
	return true, nil
}

// RevokeSessions ends the sessions of a person at once, those of the property API
// too, and returns how many there were.
func RevokeSessions(tx *store.Tx, person int64) (n int, err error) {
	families, err := Families(tx, person)
	if err != nil {
		return 0, err
	}
	for i := range families {
		ended, err := RevokeFamily(tx, &families[i])
		if err != nil {
			return 0, err
		}
		if ended {
			n++
		}
	}
	tokens, err := store.All(tx, propertySessions, func(s store.Scanner) (id int64, err error) { return id, s.Scan(&id) }, person, tx.Now)
	if err != nil {
		return 0, err
	}
	for _, id := range tokens {
		if err := revokeToken(tx, id); err != nil {
			return 0, err
		}
	}
	return n + len(tokens), nil
}
