package business

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Join is what somebody says who joins an account.
type Join struct {
	Message       string
	SuperiorEmail string
	// CostCenterID is to be the default; it counts where the account takes people at
	// once.
	CostCenterID int64
}

// Joined is what became of it: a request that waits, or a member.
type Joined struct {
	Request *Request // that waits, or the invitation that was accepted
	Member  *Member  // nil while the request waits
}

// Join has the caller join the account with a code: by an invitation that waits for
// them, at once, or by a request, as the account's policy says. NotFound with
// CodeNoCode where there is none, or one that takes nobody; Conflict with
// CodeAssigned or CodePending; Invalid with CodeCostCenter. TooMany, with the time to
// wait as details, after many joins that failed.
func (b *Business) Join(ctx context.Context, a roster.Actor, code string, in Join) (out *Joined, err error) {
	for _, err := range []error{checkTexts(text{"message", in.Message, maxText}), checkEmail("superiorEmail", in.SuperiorEmail)} {
		if err != nil {
			return nil, err
		}
	}
	undo, err := b.joins.count(a, b.db.Now())
	if err != nil {
		return nil, err
	}
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		c, err := caller(tx, a)
		if err != nil {
			return err
		}
		out, err = join(tx, c, code, in)
		return err
	})
	if err == nil {
		undo()
	}
	return out, err
}

func join(tx *store.Tx, c *identity.Customer, code string, in Join) (*Joined, error) {
	acc, err := AccountByCode(tx, code)
	if err != nil {
		return nil, err
	}
	waiting, err := waitingIn(tx, c, acc.ID)
	if err != nil {
		return nil, err
	}
	invited := slices.IndexFunc(waiting, func(r *Request) bool { return r.Type == Invitation })
	if invited < 0 && (acc.Settings.JoinPolicy == JoinClosed || acc.State != AccountActive) {
		return nil, errNoCode()
	}
	if invited >= 0 {
		r := waiting[invited]
		if in.SuperiorEmail != "" {
			r.SuperiorEmail = in.SuperiorEmail
		}
		m, err := r.accept(tx, acc, c.ID, byInvitee)
		return &Joined{r, m}, err
	}
	if err := refuseAssigned(tx, c.ID); err != nil {
		return nil, err
	}
	if acc.Settings.JoinPolicy == JoinAtOnce {
		m, err := InsertMember(tx, acc, NewMember{
			UserID: c.ID, DefaultCostCenterID: in.CostCenterID, SuperiorEmail: in.SuperiorEmail, CreatedBy: BySelf,
		})
		return &Joined{Member: m}, err
	}
	r := &Request{Type: JoinRequest, UserID: c.ID, SuperiorEmail: in.SuperiorEmail, Message: in.Message, InitiatedBy: InitiatedByUser}
	if err := insertRequest(tx, acc, r); err != nil {
		return nil, err
	}
	return &Joined{Request: r}, mailManagers(tx, r)
}

// waitingIn reads a customer's own requests to an account that wait.
func waitingIn(tx *store.Tx, c *identity.Customer, account int64) ([]*Request, error) {
	own, err := pendingOwn(tx, c)
	return slices.DeleteFunc(own, func(r *Request) bool { return r.GroupID != account || r.State != RequestPending }), err
}

// Leave takes the caller out of the account with a code, that of the account or of
// themselves in it, and returns when they left. NotFound with CodeNoCode or
// CodeNoMember; Conflict with CodeOwnerStays or CodeOpen.
func (b *Business) Leave(ctx context.Context, a roster.Actor, code, reason string) (leftAt int64, err error) {
	if err := checkTexts(text{"reason", reason, maxText}); err != nil {
		return 0, err
	}
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		if _, err := caller(tx, a); err != nil {
			return err
		}
		own, m, err := AccountOf(tx, a.PersonID)
		if err != nil {
			return err
		}
		if m == nil || codeKey(code) != own.Code && codeKey(code) != m.MemberCode {
			if _, err := AccountByCode(tx, code); err != nil {
				return err
			}
			return errNoMember()
		}
		leftAt = tx.Now
		return b.end(tx, m, reason)
	})
	return leftAt, err
}
