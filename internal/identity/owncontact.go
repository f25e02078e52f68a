package identity

import (
	"cmp"
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Ways to reach a customer, which are to be verified.
const (
	ByEmail = "EMAIL"
	ByPhone = "PHONE"
)

// ownPurpose is that of codes which verify what customers say of themselves.
func ownPurpose(channel string) (purpose, error) {
	switch channel {
	case ByEmail:
		return ownEmailPurpose, nil
	case ByPhone:
		return ownPhonePurpose, nil
	}
	return "", roster.FieldError("channel", "must be %s or %s", ByEmail, ByPhone)
}

// RequestOwnCode has a code for VerifyOwn be sent to the actor's own address, or
// number. Invalid where they have none; NotFound with CodeNoCustomer. At most five an
// hour are sent to it; beyond that, or where it is verified, nothing happens.
func (i *Identity) RequestOwnCode(ctx context.Context, a roster.Actor, channel string) error {
	p, err := ownPurpose(channel)
	if err != nil {
		return err
	}
	return i.db.Write(ctx, a, func(tx *store.Tx) error {
		w, err := findWho(tx, whoByID, "", a.PersonID)
		switch {
		case err != nil:
			return err
		case !w.gets(p):
			return errNoCustomer()
		case w.reached(p) == "":
			return roster.FieldError("channel", "names none: the account has nothing of the kind")
		case p.byPhone() && w.phoneVerified || !p.byPhone() && w.emailVerified:
			return nil
		}
		return sendCode(tx, p, w.reached(p), w.id, struct{}{})
	})
}

// VerifyOwn has the actor's own address, or number, be verified by the code that was
// sent there. Unauthenticated with CodeBadCredentials for another code; TooMany after
// failures that are too many.
func (i *Identity) VerifyOwn(ctx context.Context, a roster.Actor, channel, text string, d Device) error {
	if i.key == nil {
		return errNoKey
	}
	p, err := ownPurpose(channel)
	if err != nil {
		return err
	}
	undo, err := i.countFailure(From{Tenant: a.Tenant.Name, Device: d}, "own:"+actorID(a.PersonID, ""))
	if err != nil {
		return err
	}
	var failure error
	err = i.db.Write(ctx, a, func(tx *store.Tx) error {
		tx.Housekeeping()
		failure = errCredentials()
		w, err := findWho(tx, whoByID, "", a.PersonID)
		if err != nil || !w.gets(p) {
			return cmp.Or(err, errNoCustomer())
		}
		c, err := scanCode(tx.Row(codeByTarget, string(p), targetOf(w.reached(p)), tx.Now))
		if err != nil {
			return err
		}
		good, err := i.tryDigits(tx, c, text)
		if err != nil || !good || c.person != w.id {
			return err // with the failure as it is
		}
		failure = nil
		if err := c.end(tx); err != nil {
			return err
		}
		return verified(tx, w, p)
	})
	if err = cmp.Or(err, failure); !isBadCredentials(err) {
		undo()
	}
	return err
}
