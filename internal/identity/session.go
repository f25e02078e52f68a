package identity

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// SessionLife is how long the token of a sign-in is good.
const SessionLife = 24 * time.Hour

// sessionName is the name of tokens that sign-ins made.
const sessionName = "session"

// Door is an API as somebody signs in to it: what they must be there, and the role
// that their tokens have.
type Door struct {
	API     roster.API
	Profile graph.Profile
	Role    string
}

// Credentials are what somebody signs in with, and from where.
type Credentials struct {
	// Tenant is the tenant's name.
	Tenant          string
	Email, Password string
	// Address is what failures count against besides the account.
	Address string
	// RequestID is for the change log.
	RequestID string
}

// Session is a sign-in that succeeded: the token's text, and who it is.
type Session struct {
	Token  string
	Tenant roster.Tenant
	Person *graph.Person
}

// Each sign-in takes the place of two that are over, so that the table holds no
// more than a day brings.
var sessionPurge = store.Q("token.purge_sessions", `DELETE FROM tokens WHERE tenant = $1 AND id IN (
	SELECT id FROM tokens WHERE tenant = $1 AND name = 'session' AND expires_at <= $2 ORDER BY expires_at LIMIT 2)`)

// SignIn gives whoever knows the password of a person with the door's profile a
// token for SessionLife. Unauthenticated otherwise, without telling, by the answer
// or the time that it takes, whether tenant, address or password was wrong.
// TooMany, with a time.Duration as Details, after failures that are too many,
// for the right password too.
func (i *Identity) SignIn(ctx context.Context, door Door, c Credentials) (*Session, error) {
	undo, err := i.failures.count(c, i.db.Clock()())
	if err != nil {
		return nil, err
	}
	s, hash, err := i.lookUp(ctx, door, c)
	if err != nil {
		undo()
		return nil, err
	}
	same, err := hash.matches(ctx, c.Password)
	if err != nil {
		undo()
		return nil, err
	}
	if !same {
		return nil, roster.Errorf(roster.Unauthenticated, "", "the address or the password is wrong")
	}
	undo()
	return s, i.open(ctx, door, c, s)
}

// lookUp reads whom the credentials name; the hash is "" where it is nobody.
func (i *Identity) lookUp(ctx context.Context, door Door, c Credentials) (*Session, PasswordHash, error) {
	tenant, err := i.db.Tenant(ctx, c.Tenant)
	if roster.IsKind(err, roster.NotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	s := &Session{Tenant: tenant}
	var hash string
	err = i.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		var id int64
		var profiles graph.Profile
		err := tx.Row(credentialByEmail, graph.Key(c.Email)).Scan(&id, &profiles, &hash)
		if errors.Is(err, store.ErrNoRows) || err == nil && profiles&door.Profile == 0 {
			hash = ""
			return nil
		}
		if err != nil {
			return err
		}
		s.Person, err = graph.LivePerson(tx, id)
		return err
	})
	return s, PasswordHash(hash), err
}

// open makes the session's token.
func (i *Identity) open(ctx context.Context, door Door, c Credentials, s *Session) error {
	a := roster.Actor{
		Tenant: s.Tenant, ID: "person:" + strconv.FormatInt(s.Person.ID, 10), API: door.API, Role: door.Role,
		PersonID: s.Person.ID, RequestID: c.RequestID,
	}
	secret := NewSecret()
	s.Token = TokenText(s.Tenant.Name, secret)
	return i.db.Write(ctx, a, func(tx *store.Tx) error {
		if _, err := tx.Exec(sessionPurge, tx.Now); err != nil {
			return err
		}
		return InsertToken(tx, &Token{
			API: door.API, Role: door.Role, PersonID: s.Person.ID, Name: sessionName,
			ExpiresAt: time.UnixMicro(tx.Now).Add(SessionLife),
		}, secret)
	})
}
