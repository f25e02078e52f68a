package business

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// maxInvitees is how many people are invited at once.
const maxInvitees = 100

// addDirectly is the mode of businessAccounts.addMembersMode in which whoever is
// registered is in at once.
const addDirectly = "DIRECT"

// Invitee is somebody whom a manager wants in an account, by address or by code.
type Invitee struct {
	Email               string
	UserCode            string // the UUID of a customer
	Role                string // Simple where it is blank
	DefaultCostCenterID int64
	SuperiorEmail       string
	Message             string
}

// Invited is what became of an invitee: an invitation, a member, or an error.
type Invited struct {
	Email, UserCode string
	Request         *Request
	Member          *Member // where the branch adds members directly
	Err             error   // CodePending, CodeAssigned, identity.CodeNoCustomer
}

// Invite invites people into an account that the caller manages; one who comes twice
// is invited once. Whether an address is anybody's makes no difference to the answer,
// unless the branch's setting adds members directly. NotFound with CodeNoAccount,
// Forbidden with CodeNoPermission or CodeManagerLimit, Conflict with
// CodeAccountInactive; Invalid with CodeTooManyItems, CodeOwnerRole or a field such
// as members[3].email. A cost center that is none is an error of its row.
func (b *Business) Invite(ctx context.Context, a roster.Actor, account int64, all []Invitee) (done []Invited, err error) {
	if len(all) == 0 || len(all) > maxInvitees {
		return nil, roster.Errorf(roster.Invalid, CodeTooManyItems, "1 to %d members are added at once", maxInvitees)
	}
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		acc, manager, err := managerOf(tx, a, account)
		if err != nil {
			return err
		}
		if acc.State != AccountActive {
			return errInactive()
		}
		if err := checkInvitees(manager, all); err != nil {
			return err
		}
		i := inviting{tx: tx, account: acc}
		if i.directly, err = addsDirectly(tx, acc); err != nil {
			return err
		}
		done = nil
		seen := map[string]bool{}
		for _, in := range all {
			key := graph.Key(in.Email + in.UserCode)
			if seen[key] {
				continue
			}
			seen[key] = true
			out, err := i.one(in)
			if err != nil {
				return err
			}
			done = append(done, out)
		}
		return showManagers(tx, i.requests)
	})
	return done, err
}

func addsDirectly(tx *store.Tx, a *Account) (bool, error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return false, err
	}
	mode, err := identity.AddMembersMode.In(tx, tree, a.BranchID)
	return mode == addDirectly, err
}

// checkInvitees judges the form of all, and that the manager may give their roles.
func checkInvitees(manager *Member, all []Invitee) error {
	for i, in := range all {
		field := func(name string) string { return fmt.Sprintf("members[%d].%s", i, name) }
		_, malformed := uuid.Parse(in.UserCode)
		switch {
		case (in.Email == "") == (in.UserCode == ""):
			return roster.FieldError(field("email"), "must be given, or userCode")
		case in.UserCode != "" && malformed != nil:
			return roster.FieldError(field("userCode"), "is no code of a customer")
		}
		for _, err := range []error{
			checkEmail(field("email"), in.Email), checkEmail(field("superiorEmail"), in.SuperiorEmail), checkTexts(text{field("message"), in.Message, maxText}),
		} {
			if err != nil {
				return err
			}
		}
		if in.Role == "" {
			continue
		}
		if err := checkWord(field("role"), in.Role, Owner, Admin, Simple); err != nil {
			return err
		}
		if err := manager.mayGrant(in.Role); err != nil {
			return err
		}
	}
	return nil
}

// inviting is one call of Invite.
type inviting struct {
	tx       *store.Tx
	account  *Account
	directly bool
	requests []*Request
}

// one invites one person. A refusal is in the answer; the error is a failure.
func (i *inviting) one(in Invitee) (Invited, error) {
	out := Invited{Email: in.Email, UserCode: in.UserCode}
	customer, err := i.customer(in)
	if err == nil {
		if i.directly && customer != nil {
			out.Member, err = i.add(in, customer)
		} else {
			out.Request, err = i.invite(in, customer)
		}
	}
	if e := roster.AsError(err); err != nil && e.Kind != roster.Internal && e.Kind != roster.Unavailable {
		out.Err, err = e, nil
	}
	return out, err
}

// customer finds whom an invitee is, or nil: an address is that of whoever has
// verified it. NotFound with identity.CodeNoCustomer for a code that is nobody's.
func (i *inviting) customer(in Invitee) (*identity.Customer, error) {
	if in.UserCode != "" {
		return customerByCode(i.tx, uuid.MustParse(in.UserCode))
	}
	c, err := identity.CustomerByEmail(i.tx, in.Email)
	if roster.IsKind(err, roster.NotFound) || err == nil && !c.EmailVerified {
		return nil, nil //nolint:nilnil // nobody is an answer
	}
	return c, err
}

func customerByCode(tx *store.Tx, code uuid.UUID) (*identity.Customer, error) {
	p, err := graph.PersonByUUID(tx, code)
	if roster.IsKind(err, roster.NotFound) {
		return nil, roster.Errorf(roster.NotFound, identity.CodeNoCustomer, "there is no such customer")
	}
	if err != nil {
		return nil, err
	}
	return identity.LiveCustomer(tx, p.ID)
}

// add makes somebody a member at once. Conflict with CodeAssigned, and with Assigned
// where the manager sees that account, which is their own.
func (i *inviting) add(in Invitee, c *identity.Customer) (*Member, error) {
	present, _, err := AccountOf(i.tx, c.ID)
	if err != nil {
		return nil, err
	}
	if present != nil && present.ID == i.account.ID {
		return nil, &roster.Error{Kind: roster.Conflict, Code: CodeAssigned, Msg: "the person is in this business account already", Details: Assigned{present.ID}}
	}
	return InsertMember(i.tx, i.account, NewMember{
		UserID: c.ID, Role: in.Role, DefaultCostCenterID: in.DefaultCostCenterID, SuperiorEmail: in.SuperiorEmail, CreatedBy: ByManager,
	})
}

func (i *inviting) invite(in Invitee, c *identity.Customer) (*Request, error) {
	r := &Request{
		Type: Invitation, Email: in.Email, Role: in.Role, DefaultCostCenterID: in.DefaultCostCenterID, SuperiorEmail: in.SuperiorEmail,
		Message: in.Message, InitiatedBy: InitiatedByManager,
	}
	mail := requestMail{}
	if c != nil {
		r.UserID = c.ID
	}
	if in.UserCode != "" {
		mail.To = c.ID
	}
	if err := insertRequest(i.tx, i.account, r); err != nil {
		return nil, err
	}
	mail.Request = r.ID
	i.requests = append(i.requests, r)
	return r, jobs.Enqueue(i.tx, invitationMail.Job(mail))
}
