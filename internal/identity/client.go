package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Client is a program that gets tokens by its own credentials (OAuth 2.0's
// client_credentials). Its ID is public and carries its tenant: rst_<tenant>_<id>.
type Client struct {
	ID        string
	API       roster.API
	Role      string
	CreatedAt time.Time
}

// ClientTokenLife is how long a client's token is good.
const ClientTokenLife = time.Hour

var (
	clientInsert = store.Q("client.insert", `INSERT INTO oauth_clients (tenant, client_id, secret_hash, api, role, created_at, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0)`)
	clientByID = store.Q("client.by_id", `SELECT secret_hash, api, role FROM oauth_clients
		WHERE tenant = $1 AND client_id = $2 AND revoked_at = 0`)
	clientRevoke = store.Q("client.revoke", `UPDATE oauth_clients SET revoked_at = $3
		WHERE tenant = $1 AND client_id = $2 AND revoked_at = 0`)
)

// CreateClient makes a client and returns it with its secret, which is not kept.
// secret is NewSecret's. Invalid for an unknown API or role.
func (i *Identity) CreateClient(ctx context.Context, a roster.Actor, api roster.API, role string, secret []byte) (Client, string, error) {
	if err := checkRole(api, role); err != nil {
		return Client{}, "", err
	}
	name := make([]byte, 12)
	_, _ = rand.Read(name)
	c := Client{ID: "rst_" + a.Tenant.Name + "_" + base64.RawURLEncoding.EncodeToString(name), API: api, Role: role}
	text := base64.RawURLEncoding.EncodeToString(secret)
	hash := hashToken(text)
	err := i.db.Write(ctx, a, func(tx *store.Tx) error {
		c.CreatedAt = time.UnixMicro(tx.Now).UTC()
		if _, err := tx.Exec(clientInsert, c.ID, hash[:], string(api), role, tx.Now); err != nil {
			return err
		}
		tx.Record(roster.Change{Operation: "client.create", SubjectType: "client", After: map[string]any{
			"client_id": c.ID, "api": api, "role": role,
		}})
		return nil
	})
	return c, text, err
}

// RevokeClient ends a client: it gets no more tokens, and those that it has run
// out within ClientTokenLife. NotFound.
func (i *Identity) RevokeClient(ctx context.Context, a roster.Actor, id string) error {
	return i.db.Write(ctx, a, func(tx *store.Tx) error {
		n, err := tx.Exec(clientRevoke, id, tx.Now)
		if err != nil {
			return err
		}
		if n == 0 {
			return roster.Errorf(roster.NotFound, "", "there is no client %s that is not revoked", id)
		}
		tx.Record(roster.Change{Operation: "client.revoke", SubjectType: "client", Before: map[string]any{"client_id": id}})
		return nil
	})
}

// ClientTenant returns the name of the tenant that a client's id carries; "" where
// it is no such id.
func ClientTenant(id string) string { return tokenTenant(id) }

// Grant gives a client of an API a token for ClientTokenLife. Unauthenticated
// where the tenant, the client or its secret is not the right one; which of them
// it was, neither the answer nor the time that it took tells.
func (i *Identity) Grant(ctx context.Context, api roster.API, requestID, id, secret string) (token string, err error) {
	tenant, err := i.db.Tenant(ctx, ClientTenant(id))
	if roster.IsKind(err, roster.NotFound) {
		return "", errClient()
	}
	if err != nil {
		return "", err
	}
	var client Client
	err = i.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		client, err = judgeClient(tx, id, secret)
		return err
	})
	if err == nil && client.API != api {
		err = errClient()
	}
	if err != nil {
		return "", err
	}
	role := client.Role
	a := roster.Actor{Tenant: tenant, ID: "client:" + id, API: api, Role: role, RequestID: requestID}
	expires := i.db.Now() + ClientTokenLife.Microseconds()
	_, token, err = i.CreateToken(ctx, a, Token{API: api, Role: role, Name: id, ExpiresAt: time.UnixMicro(expires).UTC()}, NewSecret())
	return token, err
}

// judgeClient judges a secret and returns the client whose it is. Unauthenticated.
func judgeClient(tx *store.Tx, id, secret string) (Client, error) {
	c := Client{ID: id}
	var want []byte
	err := tx.Row(clientByID, id).Scan(&want, &c.API, &c.Role)
	if err != nil && !errors.Is(err, store.ErrNoRows) {
		return c, err
	}
	got := hashToken(secret)
	if err != nil {
		want = make([]byte, len(got))
	}
	if same := subtle.ConstantTimeCompare(want, got[:]) == 1; !same || err != nil {
		return c, errClient()
	}
	return c, nil
}

func errClient() error {
	return roster.Errorf(roster.Unauthenticated, "", "the client is unknown, or its secret is wrong")
}
