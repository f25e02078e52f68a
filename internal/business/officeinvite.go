package business

import (
	"context"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Wanted are the people whom an operator invites into an account, by id or address.
type Wanted struct {
	People  []int64
	Emails  []string
	Role    string // Simple where it is blank
	Message string
}

// Invitations are what became of Wanted: the invitations, and who was refused.
type Invitations struct {
	Bulk
	Requests []*Request
}

// Invite invites people into an account, who decide themselves; whoever comes twice is
// invited once. A row is refused for itself: identity.CodeNoCustomer, CodeAssigned or
// CodePending. NotFound with CodeNoAccount, Forbidden with CodeNoPermission, Conflict
// with CodeAccountInactive, Invalid with CodeTooManyItems, CodeOwnerRole or a field.
func (o Office) Invite(ctx context.Context, a roster.Actor, account int64, in Wanted) (out Invitations, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		tx.Housekeeping()
		acc, err := o.bulkAccount(tx, p, account, in.People, len(in.Emails), in.Role)
		if err != nil {
			return err
		}
		if acc.State != AccountActive {
			return errInactive()
		}
		if err := checkWanted(&in); err != nil {
			return err
		}
		seen, err := o.customers(tx, p, in.People)
		if err != nil {
			return err
		}
		out = Invitations{}
		err = out.eachOnce(in.People, func(id int64) error {
			if seen[id] == nil {
				return errNoCustomer()
			}
			return o.invite(tx, p, acc, &in, seen[id], "", &out)
		})
		if err != nil {
			return err
		}
		return o.inviteAddresses(tx, p, acc, &in, &out)
	})
	return out, err
}

func checkWanted(in *Wanted) error {
	for i, email := range in.Emails {
		field := fieldAt("emails", i)
		if email == "" {
			return roster.FieldError(field, "must not be blank")
		}
		if err := checkEmail(field, email); err != nil {
			return err
		}
	}
	return checkTexts(text{"message", in.Message, maxText})
}

// inviteAddresses invites by address. What an operator learns of an address is what
// they see of its customer anyway.
func (o Office) inviteAddresses(tx *store.Tx, p *identity.Powers, acc *Account, in *Wanted, out *Invitations) error {
	done := map[string]bool{}
	for _, email := range in.Emails {
		if done[graph.Key(email)] {
			continue
		}
		done[graph.Key(email)] = true
		c, err := o.addressed(tx, p, email)
		if err != nil {
			return err
		}
		switch err := o.invite(tx, p, acc, in, c, email, out); {
		case err != nil && refusal(err):
			out.Refused = append(out.Refused, Refused{Email: email, Err: err})
		case err != nil:
			return err
		}
	}
	return nil
}

// addressed is the customer who has verified an address and whom the operator sees;
// nil for none.
func (o Office) addressed(tx *store.Tx, p *identity.Powers, email string) (*identity.Customer, error) {
	c, err := identity.CustomerByEmail(tx, email)
	if roster.IsKind(err, roster.NotFound) || err == nil && !c.EmailVerified {
		return nil, nil //nolint:nilnil // nobody is an answer
	}
	if err != nil {
		return nil, err
	}
	seen, err := o.customers(tx, p, []int64{c.ID})
	return seen[c.ID], err
}

// invite invites a customer, or an address that is nobody's whom the operator sees.
func (o Office) invite(tx *store.Tx, p *identity.Powers, acc *Account, in *Wanted, c *identity.Customer, email string, out *Invitations) error {
	r := &Request{Type: Invitation, Email: email, Role: in.Role, Message: in.Message, InitiatedBy: InitiatedByOperator}
	mail := requestMail{}
	if c != nil {
		if err := o.refuseAssigned(tx, p, c.ID); err != nil {
			return err
		}
		waiting, err := waitingIn(tx, c, acc.ID)
		if err == nil && len(waiting) > 0 {
			err = errPending()
		}
		if err != nil {
			return err
		}
		r.UserID = c.ID
		if email == "" {
			mail.To = c.ID
		}
	}
	if err := insertRequest(tx, acc, r); err != nil {
		return err
	}
	mail.Request = r.ID
	out.Requests = append(out.Requests, r)
	return jobs.Enqueue(tx, invitationMail.Job(mail))
}
