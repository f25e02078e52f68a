package care

import (
	"context"
	"net/mail"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

const accessPermission = "USER_ACCESS_WRITE"

// access runs a write that touches how a customer signs in. NotFound, Forbidden as of
// CustomerFor, and with identity.CodeNoPermission for somebody who is more than a
// customer; Conflict with identity.CodeCustomerDeleted.
func (c *Care) access(ctx context.Context, a roster.Actor, id int64, fn func(tx *store.Tx, p *identity.Powers, of *identity.Customer) error) error {
	return c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		of, err := ChangeableFor(tx, p, id, accessPermission)
		if err != nil {
			return err
		}
		if err := identity.OnlyCustomer(tx, id); err != nil {
			return err
		}
		tx.Housekeeping()
		return fn(tx, p, of)
	})
}

// accessed is access with the customer as they are after it.
func (c *Care) accessed(ctx context.Context, a roster.Actor, id int64, fn func(tx *store.Tx, of *identity.Customer) error) (r *Rider, err error) {
	err = c.access(ctx, a, id, func(tx *store.Tx, p *identity.Powers, of *identity.Customer) error {
		if err := fn(tx, of); err != nil {
			return err
		}
		r, err = SeenCustomer(tx, p, id, accessPermission)
		return err
	})
	return r, err
}

// ResetPassword has a code to set a new password be mailed to a customer. Errors are
// those of access; Conflict with identity.CodeMethodPresence where the customer does
// not sign in by password.
func (c *Care) ResetPassword(ctx context.Context, a roster.Actor, id int64) error {
	return c.access(ctx, a, id, func(tx *store.Tx, _ *identity.Powers, _ *identity.Customer) error {
		recordReset(tx, id)
		return identity.SendPasswordReset(tx, id)
	})
}

// recordReset logs that an operator had a customer be mailed a code, of which nothing
// else is logged.
func recordReset(tx *store.Tx, id int64) {
	tx.Record(roster.Change{Operation: "password_reset.request", SubjectType: "credential", SubjectID: id})
}

// ResetPasswordOf does the same by an address. Whether it is that of a customer whom
// the operator may help is not told. Invalid for an address that is none.
func (c *Care) ResetPasswordOf(ctx context.Context, a roster.Actor, email string) error {
	if address, err := mail.ParseAddress(email); err != nil || address.Address != email || len(email) > maxEmail {
		return roster.FieldError("email", "is no valid email address")
	}
	return c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if err := p.Need(accessPermission); err != nil {
			return err
		}
		return identity.SendPasswordResetTo(tx, email, func(person int64) (bool, error) {
			_, err := ChangeableFor(tx, p, person, accessPermission)
			if err == nil {
				err = identity.OnlyCustomer(tx, person)
			}
			if roster.IsKind(err, roster.NotFound) || roster.IsKind(err, roster.Forbidden) || roster.IsKind(err, roster.Conflict) {
				return false, nil
			}
			if err == nil {
				recordReset(tx, person)
			}
			return err == nil, err
		})
	})
}

const maxEmail = 254

// AddEmailSignIn has a customer sign in by an address, which becomes theirs, and a
// password, to set which they are mailed a code if reset. Errors are those of access;
// Exists with identity.CodeEmailTaken + ".2", Conflict with
// identity.CodeMethodPresence, Invalid.
func (c *Care) AddEmailSignIn(ctx context.Context, a roster.Actor, id int64, email string, reset bool) (*Rider, error) {
	return c.accessed(ctx, a, id, func(tx *store.Tx, of *identity.Customer) error {
		if err := giveEmail(tx, of, email, identity.EmailPassword); err != nil || !reset {
			return err
		}
		return identity.SendPasswordReset(tx, id)
	})
}

// AddEmailCodeSignIn has a customer sign in by codes that are mailed to an address,
// which becomes theirs. Errors are those of AddEmailSignIn.
func (c *Care) AddEmailCodeSignIn(ctx context.Context, a roster.Actor, id int64, email string) (*Rider, error) {
	return c.accessed(ctx, a, id, func(tx *store.Tx, of *identity.Customer) error {
		return giveEmail(tx, of, email, identity.EmailCode)
	})
}

func giveEmail(tx *store.Tx, of *identity.Customer, email, method string) error {
	if email == "" {
		return roster.FieldError("email", "must not be blank")
	}
	if err := identity.GiveSignInMethod(tx, of.ID, method); err != nil {
		return err
	}
	after, err := identity.UpdateCustomer(tx, of.ID, nil, func(c *identity.Customer) error {
		c.SetEmail(email)
		return nil
	})
	if err != nil {
		return err
	}
	if of.Email != "" && of.Email != after.Email {
		if err := identity.NoticeAddressChange(tx, of.ID); err != nil {
			return err
		}
	}
	if after.EmailVerified {
		return nil
	}
	return identity.SendOwnCode(tx, of.ID, identity.ByEmail)
}

// AddPhoneSignIn has a customer sign in by codes that are sent to a number, which
// becomes theirs. Errors are those of access; Exists with identity.CodePhoneTaken,
// Conflict with identity.CodeMethodPresence, Invalid.
func (c *Care) AddPhoneSignIn(ctx context.Context, a roster.Actor, id int64, phone string) (*Rider, error) {
	return c.accessed(ctx, a, id, func(tx *store.Tx, of *identity.Customer) error {
		if phone == "" {
			return roster.FieldError("phone", "must not be blank")
		}
		if err := identity.GiveSignInMethod(tx, id, identity.PhoneCode); err != nil {
			return err
		}
		after, err := identity.UpdateCustomer(tx, id, nil, func(c *identity.Customer) error {
			if c.Phone != phone {
				c.Phone, c.PhoneVerified = phone, false
			}
			return nil
		})
		if err != nil || after.PhoneVerified {
			return err
		}
		return identity.SendOwnCode(tx, id, identity.ByPhone)
	})
}

// RemoveSignIn takes a way to sign in from a customer, and ends the sessions that were
// opened by it. Errors are those of access and of identity.RemoveSignInMethod.
func (c *Care) RemoveSignIn(ctx context.Context, a roster.Actor, id int64, method string) (*Rider, error) {
	return c.accessed(ctx, a, id, func(tx *store.Tx, _ *identity.Customer) error { return identity.RemoveSignInMethod(tx, id, method) })
}

// ResetSecondFactor takes a customer's second factor away, if there is one, ends their
// sessions and tells them. Errors are those of access.
func (c *Care) ResetSecondFactor(ctx context.Context, a roster.Actor, id int64) error {
	return c.access(ctx, a, id, func(tx *store.Tx, _ *identity.Powers, _ *identity.Customer) error {
		had, err := identity.DropSecondFactor(tx, id)
		if err != nil || !had {
			return err
		}
		if _, err := identity.RevokeSessions(tx, id); err != nil {
			return err
		}
		return identity.NoticeFactorReset(tx, id)
	})
}

// LogOutCustomer ends the sessions of a customer at once, and returns how many there
// were. Errors are those of access.
func (c *Care) LogOutCustomer(ctx context.Context, a roster.Actor, id int64) (n int, err error) {
	err = c.access(ctx, a, id, func(tx *store.Tx, _ *identity.Powers, _ *identity.Customer) error {
		n, err = identity.RevokeCustomerSessions(tx, id)
		return err
	})
	return n, err
}

// Sessions reads the sessions of a customer that are not over, or were ended before
// they would have been, the newest first. NotFound, Forbidden as of CustomerFor.
func (c *Care) Sessions(ctx context.Context, a roster.Actor, id int64) (all []identity.Family, err error) {
	err = c.readAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := CustomerFor(tx, p, id, accessPermission); err != nil {
			return err
		}
		families, err := identity.Families(tx, id)
		for i := range families {
			if families[i].Type == identity.RoleUser {
				all = append(all, families[i])
			}
		}
		return err
	})
	return all, err
}
