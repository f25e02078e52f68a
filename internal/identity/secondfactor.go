package identity

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/pquerna/otp/hotp"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

// A code of the second factor (RFC 6238) is good for its step of time, and a step
// before and after, since clocks differ.
const (
	stepSeconds  = 30
	stepsAround  = 1
	secretLength = 20 // bytes, as HMAC-SHA-1 has
)

var (
	factorGet = store.Q("second_factor.get", `SELECT secret, last_step, confirmed_at FROM second_factors WHERE tenant = $1 AND person_id = $2`)
	factorPut = store.Q("second_factor.put", `INSERT INTO second_factors (tenant, person_id, secret, last_step, confirmed_at, created_at)
		VALUES ($1, $2, $3, 0, 0, $4)
		ON CONFLICT (tenant, person_id) DO UPDATE SET secret = excluded.secret, last_step = 0, created_at = excluded.created_at`)
	factorConfirm = store.Q("second_factor.confirm", `UPDATE second_factors SET confirmed_at = $3 WHERE tenant = $1 AND person_id = $2`)
	factorStep    = store.Q("second_factor.step", `UPDATE second_factors SET last_step = $3 WHERE tenant = $1 AND person_id = $2`)
	factorDelete  = store.Q("second_factor.delete", `DELETE FROM second_factors WHERE tenant = $1 AND person_id = $2`)
)

// factor is a person's second factor.
type factor struct {
	sealed      []byte
	lastStep    int64
	confirmedAt int64 // 0 for not yet
}

// readFactor reads a person's second factor; nil for none.
func readFactor(tx *store.Tx, person int64) (*factor, error) {
	f := &factor{}
	err := tx.Row(factorGet, person).Scan(&f.sealed, &f.lastStep, &f.confirmedAt)
	if errors.Is(err, store.ErrNoRows) {
		return nil, nil //nolint:nilnil // no factor is an answer
	}
	return f, err
}

func factorContext(tenant roster.TenantID, person int64) seal.Context {
	return seal.Context{Tenant: tenant, Purpose: "second_factor.secret", ID: person}
}

// Enrolment is a second factor that is yet to be confirmed: what an authenticator
// app is given.
type Enrolment struct {
	Secret string // base32
	URL    string // otpauth://…, as a QR code shows it
}

func errEnrolled() error {
	return roster.Errorf(roster.Conflict, CodeMethodPresence, "this account has a second factor already; the support can reset it")
}

// EnrollSecondFactor gives the actor the secret of a second factor, which counts once
// it is confirmed. Conflict with CodeMethodPresence where one is confirmed already.
func (i *Identity) EnrollSecondFactor(ctx context.Context, a roster.Actor) (*Enrolment, error) {
	if i.key == nil {
		return nil, errNoKey
	}
	raw := make([]byte, secretLength)
	_, _ = rand.Read(raw)
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	var name string
	err := i.db.Write(ctx, a, func(tx *store.Tx) error {
		w, err := findWho(tx, whoByID, "", a.PersonID)
		switch {
		case err != nil:
			return err
		case w == nil:
			return errNoCustomer()
		case w.hasFactor:
			return errEnrolled()
		}
		if name = w.email; name == "" {
			name = w.phone
		}
		if _, err := tx.Exec(factorPut, w.id, i.key.Seal([]byte(secret), factorContext(tx.Tenant(), w.id)), tx.Now); err != nil {
			return err
		}
		tx.Record(roster.Change{Operation: "second_factor.enroll", SubjectType: "credential", SubjectID: w.id})
		return nil
	})
	issuer := "Roster " + a.Tenant.Name
	link := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + name, RawQuery: "issuer=" + url.PathEscape(issuer) + "&secret=" + secret}
	return &Enrolment{secret, link.String()}, err
}

// ConfirmSecondFactor has the actor's second factor count from now on, by a code of
// it. Conflict with CodeMethodPresence where there is none to confirm, Unauthenticated
// with CodeBadCredentials for another code, TooMany after failures that are too many.
func (i *Identity) ConfirmSecondFactor(ctx context.Context, a roster.Actor, text string, d Device) error {
	if i.key == nil {
		return errNoKey
	}
	undo, err := i.countFailure(From{Tenant: a.Tenant.Name, Device: d}, "mfa:"+actorID(a.PersonID, ""))
	if err != nil {
		return err
	}
	err = i.db.Write(ctx, a, func(tx *store.Tx) error {
		f, err := readFactor(tx, a.PersonID)
		switch {
		case err != nil:
			return err
		case f == nil:
			return roster.Errorf(roster.Conflict, CodeMethodPresence, "there is no second factor to confirm; enroll one first")
		case f.confirmedAt != 0:
			return errEnrolled()
		}
		if good, err := i.takeStep(tx, a.PersonID, text); err != nil || !good {
			return cmp.Or(err, errCredentials())
		}
		if _, err := tx.Exec(factorConfirm, a.PersonID, tx.Now); err != nil {
			return err
		}
		tx.Record(roster.Change{Operation: "second_factor.confirm", SubjectType: "credential", SubjectID: a.PersonID})
		return nil
	})
	if !isBadCredentials(err) {
		undo()
	}
	return err
}

// DropSecondFactor takes a person's second factor away, and reports whether there was
// one. The caller has made sure that it may.
func DropSecondFactor(tx *store.Tx, person int64) (bool, error) {
	n, err := tx.Exec(factorDelete, person)
	if err != nil || n == 0 {
		return false, err
	}
	tx.Record(roster.Change{Operation: "second_factor.drop", SubjectType: "credential", SubjectID: person})
	return true, nil
}

// takeStep reports whether a code is one of the person's second factor, now and for
// the first time, and has it be taken.
func (i *Identity) takeStep(tx *store.Tx, person int64, text string) (bool, error) {
	f, err := readFactor(tx, person)
	if f == nil || err != nil {
		return false, err
	}
	secret, err := i.key.Open(f.sealed, factorContext(tx.Tenant(), person))
	if err != nil {
		return false, err
	}
	now, took := tx.Now/1e6/stepSeconds, int64(0)
	for step := now - stepsAround; step <= now+stepsAround; step++ {
		want, err := hotp.GenerateCode(string(secret), uint64(step)) //nolint:gosec // time is above 0
		if err != nil {
			return false, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(text)) == 1 && step > f.lastStep && took == 0 {
			took = step
		}
	}
	if took == 0 {
		return false, nil
	}
	_, err = tx.Exec(factorStep, person, took)
	return err == nil, err
}

// SignInSecondFactor goes on with a sign-in that waits for the second factor, by its
// token. It fails as SignInEmail.
func (i *Identity) SignInSecondFactor(ctx context.Context, from From, token, text string) (*Tokens, error) {
	s, err := i.begin(ctx, from)
	if err != nil {
		return nil, err
	}
	var person int64
	err = i.db.Read(ctx, s.tenant.ID, func(tx *store.Tx) error {
		c, err := i.findLong(tx, mfaPurpose, token)
		if c != nil {
			person = c.person
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	undo, err := i.countFailure(from, "mfa:"+actorID(person, ""))
	if err != nil {
		return nil, err
	}
	tokens, err := s.write(ctx, actorID(person, ""), person, func(tx *store.Tx) error { return s.goOn(tx, token, text) })
	if !isBadCredentials(err) {
		undo()
	}
	return tokens, err
}

func (s *signIn) goOn(tx *store.Tx, token, text string) error {
	tx.Housekeeping()
	s.failure = errCredentials()
	c, err := s.i.findLong(tx, mfaPurpose, token)
	if err != nil {
		return err
	}
	left, err := c.attempt(tx)
	if err != nil || !left {
		return err
	}
	if good, err := s.i.takeStep(tx, c.person, text); err != nil || !good {
		return err
	}
	if err := c.end(tx); err != nil {
		return err
	}
	var how waiting
	if err := json.Unmarshal([]byte(c.details), &how); err != nil {
		return err
	}
	w, err := findWho(tx, whoByID, how.Method, c.person)
	if err != nil || !w.may() || w.as(how.Role) == "" {
		return err // with s.failure as it is
	}
	s.failure = nil
	if how.Role == RoleUser && w.block == Blocked {
		s.failure = errBlocked()
		return nil
	}
	return s.enter(tx, w, how.Role, how.Method)
}
