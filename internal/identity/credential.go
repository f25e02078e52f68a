package identity

import (
	"context"
	"runtime"

	"github.com/alexedwards/argon2id"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// PasswordHash is a password as it is stored: argon2id with its parameters and salt.
type PasswordHash string

// Bounds of a password, in bytes.
const (
	minPassword = 8
	maxPassword = 1024
)

// passwordCost is OWASP's recommendation for argon2id: 19 MiB, two passes, one lane.
var passwordCost = &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashing bounds how many passwords are hashed at once, and so the memory and the
// processors that whoever guesses passwords can take.
var hashing = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))

// hashSlowly runs fn when its turn comes. Unavailable when ctx ends first.
func hashSlowly(ctx context.Context, fn func() error) error {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
		return fn()
	case <-ctx.Done():
		return &roster.Error{Kind: roster.Unavailable, Msg: "too many sign-ins at once; try again", Err: ctx.Err()}
	}
}

// HashPassword makes what is stored of a new password. It takes tens of
// milliseconds on purpose, so it runs before a write, not in it. Invalid with
// Field password when it is too short or too long.
func HashPassword(ctx context.Context, password string) (hash PasswordHash, err error) {
	switch {
	case len(password) < minPassword:
		return "", roster.FieldError("password", "should be at least %d character(s)", minPassword)
	case len(password) > maxPassword:
		return "", roster.FieldError("password", "should be at most %d character(s)", maxPassword)
	}
	err = hashSlowly(ctx, func() error {
		text, err := argon2id.CreateHash(password, passwordCost)
		hash = PasswordHash(text)
		return err
	})
	return hash, err
}

// nobody is the hash that a password is compared with where there is none, so that
// an unknown address takes as long as a known one. It is no secret: nothing is
// signed in by it, whatever the comparison says.
const nobody PasswordHash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBmaXhlZCBzYWx0$Ob7ubOCE1QeX+h05nkSIhYW0xEcMGR0bVQgL8bUiJEQ"

// compareHash is counted by tests: each sign-in by password compares once.
var compareHash = argon2id.ComparePasswordAndHash

// matches compares a password with a hash; "" matches nothing, and takes as long.
func (h PasswordHash) matches(ctx context.Context, password string) (same bool, err error) {
	against := h
	if h == "" {
		against = nobody
	}
	err = hashSlowly(ctx, func() error {
		same, err = compareHash(password, string(against))
		return err
	})
	return same && h != "", err
}

var (
	credentialPut = store.Q("credential.put", `INSERT INTO credentials (tenant, person_id, password_hash, changed_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant, person_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at`)
	credentialByEmail = store.Q("credential.by_email", `SELECT p.id, p.profiles, c.password_hash FROM people p
		JOIN credentials c ON c.tenant = p.tenant AND c.person_id = p.id
		WHERE p.tenant = $1 AND p.email_key = $2 AND p.email_key <> '' AND p.recorded_to = 9223372036854775807`)
)

// PutPassword sets a person's password. The caller has made sure that it may: no
// one else's word gives an existing person a way to sign in.
func PutPassword(tx *store.Tx, person int64, hash PasswordHash) error {
	if _, err := tx.Exec(credentialPut, person, string(hash), tx.Now); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "credential.put", SubjectType: "credential", SubjectID: person})
	return nil
}
