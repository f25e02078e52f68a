package business

import (
	"context"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// cancel ends requests that wait, but for one; those past their time expire.
func cancel(tx *store.Tx, pending []*Request, except int64) error {
	for _, r := range pending {
		if r.ID == except {
			continue
		}
		end := func() error { return r.move(tx, RequestCancelled, bySystem, "") }
		if r.State == RequestExpired {
			end = func() error { return r.expire(tx) }
		}
		if err := end(); err != nil {
			return err
		}
	}
	return nil
}

// cancelRequestsOf ends all requests of a customer that wait, but for one.
func cancelRequestsOf(tx *store.Tx, c *identity.Customer, except int64) error {
	pending, err := pendingOwn(tx, c)
	if err != nil {
		return err
	}
	return cancel(tx, pending, except)
}

// cancelRequestsTo ends all requests of an account that wait.
func cancelRequestsTo(tx *store.Tx, account int64) error {
	all, err := readRequests(tx, requestsOf, account)
	if err != nil {
		return err
	}
	return cancel(tx, slices.DeleteFunc(all, func(r *Request) bool { return r.State != RequestPending }), 0)
}

// accept makes the person of a request a member, in the order of decision 20: what
// the actor may not do, the membership, the request's state, the account's.
func (r *Request) accept(tx *store.Tx, a *Account, person int64, by string) (*Member, error) {
	judged := r.life().Check(r.State, RequestAccepted, by)
	if roster.IsKind(judged, roster.Forbidden) || r.State == RequestAccepted {
		return nil, judged
	}
	if err := refuseAssigned(tx, person); err != nil {
		return nil, err
	}
	if judged != nil {
		return nil, judged
	}
	if r.Type == Invitation && r.DefaultCostCenterID != 0 {
		// Whoever is invited can't help it that the cost center is no longer in use.
		switch err := checkCostCenter(tx, "defaultCostCenterId", a.ID, r.DefaultCostCenterID); {
		case roster.IsKind(err, roster.Invalid):
			r.DefaultCostCenterID = 0
		case err != nil:
			return nil, err
		}
	}
	in := NewMember{
		UserID: person, Role: r.Role, DefaultCostCenterID: r.DefaultCostCenterID, SuperiorEmail: r.SuperiorEmail, CreatedBy: BySelf, Request: r.ID,
	}
	if r.Type == Invitation {
		in.CreatedBy = ByInvitation
	}
	m, err := InsertMember(tx, a, in)
	if err != nil {
		return nil, err
	}
	r.UserID = person
	return m, r.move(tx, RequestAccepted, by, "")
}

func init() { identity.OnVerifiedEmail(bindRequests) } //nolint:gochecknoinits // whoever links this area has invitations bound

// bindRequests has the invitations to an address that wait name the customer who has
// verified it. One beside another request of theirs to the same account stays as it
// is: they find it by the address.
func bindRequests(tx *store.Tx, c *identity.Customer) error {
	invited, err := readRequests(tx, pendingToEmail, verifiedKey(c))
	if err != nil || len(invited) == 0 {
		return err
	}
	own, err := readRequests(tx, pendingOfUser, c.ID)
	if err != nil {
		return err
	}
	for _, r := range invited {
		if r.UserID != 0 || r.State != RequestPending {
			continue
		}
		i := slices.IndexFunc(own, func(o *Request) bool { return o.GroupID == r.GroupID })
		if i >= 0 && own[i].State == RequestPending {
			continue
		}
		if i >= 0 {
			if err := own[i].expire(tx); err != nil {
				return err
			}
		}
		if err := r.bind(tx, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// expireRequests writes down which requests' time is over, and returns how many:
// some at a time.
func expireRequests(tx *store.Tx) (int, error) {
	past, err := readRequests(tx, pendingPast, tx.Now)
	if err != nil {
		return 0, err
	}
	for _, r := range past {
		if err := r.expire(tx); err != nil {
			return 0, err
		}
	}
	return len(past), nil
}

// expireEvery is how often the rows of requests are brought in step with the clock.
const expireEvery = time.Hour

// sweepRequests writes down all that has expired.
func (b *Business) sweepRequests(ctx context.Context) error {
	for {
		ended := 0
		err := b.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) (err error) {
			if ended, err = expireRequests(tx); ended == 0 {
				tx.Housekeeping()
			}
			return err
		})
		if err != nil || ended == 0 {
			return err
		}
	}
}
