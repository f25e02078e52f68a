package identity

import (
	"cmp"
	"context"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// RequestEmailCode has a code be mailed to an address whose owner signs in by such
// codes. The answer, and what it costs, is the same where nobody does. At most five an
// hour are sent to an address; beyond that nothing happens.
func (i *Identity) RequestEmailCode(ctx context.Context, from From, email string) error {
	return i.requestCode(ctx, from, emailPurpose, whoByEmail, graph.Key(email))
}

// RequestPhoneCode has a code be sent to a number whose owner signs in by such codes;
// else as RequestEmailCode. Invalid for a number that is none.
func (i *Identity) RequestPhoneCode(ctx context.Context, from From, phone string) error {
	phone, err := ParsePhone(phone)
	if err != nil {
		return err
	}
	return i.requestCode(ctx, from, phonePurpose, whoByPhone, phone)
}

// RequestPasswordReset has a code for SetPassword be mailed to an address whose owner
// signs in by password; else as RequestEmailCode.
func (i *Identity) RequestPasswordReset(ctx context.Context, from From, email string) error {
	return i.requestCode(ctx, from, resetPurpose, whoByEmail, graph.Key(email))
}

func (i *Identity) requestCode(ctx context.Context, from From, p purpose, q *store.Query, to string) error {
	tenant, err := i.db.Tenant(ctx, from.Tenant)
	if err != nil {
		return err
	}
	return i.db.Write(ctx, from.actor(tenant, anonymous, 0), func(tx *store.Tx) error {
		w, err := findWho(tx, q, methodOf[p], to)
		if err != nil {
			return err
		}
		person := int64(0)
		if w.may() {
			person = w.id
		}
		return sendCode(tx, p, to, person, struct{}{})
	})
}

// hashNewPassword is HashPassword with the code of mobility.
func hashNewPassword(ctx context.Context, password string) (PasswordHash, error) {
	hash, err := HashPassword(ctx, password)
	if roster.IsKind(err, roster.Invalid) {
		e := *roster.AsError(err)
		e.Code = CodeBadPassword
		err = &e
	}
	return hash, err
}

// SetPassword gives whoever brings a code of RequestPasswordReset a new password. It
// ends all sessions of the person, those of the property API too, and has the address
// that the code went to be verified. Unauthenticated with CodeBadCredentials for a
// code that is not good, Invalid with CodeBadPassword.
func (i *Identity) SetPassword(ctx context.Context, from From, text, password string) error {
	if i.key == nil {
		return errNoKey
	}
	tenant, err := i.db.Tenant(ctx, from.Tenant)
	if err != nil {
		return err
	}
	var person int64
	find := func(tx *store.Tx) (*code, *who, error) {
		c, err := i.findLong(tx, resetPurpose, text)
		if err != nil || c == nil || c.person == 0 {
			return nil, nil, cmp.Or(err, errCredentials())
		}
		w, err := findWho(tx, whoByID, EmailPassword, c.person)
		if err != nil || !w.may() || string(targetOf(graph.Key(w.email))) != string(c.target) {
			return nil, nil, cmp.Or(err, errCredentials())
		}
		person = c.person
		return c, w, nil
	}
	// A code that is not good costs no hashing.
	if err := i.db.Read(ctx, tenant.ID, func(tx *store.Tx) error { _, _, err := find(tx); return err }); err != nil {
		return err
	}
	hash, err := hashNewPassword(ctx, password)
	if err != nil {
		return err
	}
	return i.db.Write(ctx, from.actor(tenant, actorID(person, ""), person), func(tx *store.Tx) error {
		c, w, err := find(tx)
		if err != nil {
			return err
		}
		if err := c.end(tx); err != nil {
			return err
		}
		if err := PutPassword(tx, w.id, hash); err != nil {
			return err
		}
		if _, err := RevokeSessions(tx, w.id); err != nil {
			return err
		}
		return verified(tx, w, resetPurpose)
	})
}
