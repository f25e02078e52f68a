package business

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Decision is what somebody makes of a request.
type Decision struct {
	State  string // RequestAccepted, RequestDeclined or RequestCancelled
	Reason string
	// Role and DefaultCostCenterID are what a manager gives who accepts; "" and 0
	// leave them as the request has them.
	Role                string
	DefaultCostCenterID int64
}

func (d *Decision) check() error {
	if err := checkWord("state", d.State, RequestAccepted, RequestDeclined, RequestCancelled); err != nil {
		return err
	}
	if d.Role != "" {
		if err := checkWord("role", d.Role, Owner, Admin, Simple); err != nil {
			return err
		}
	}
	return checkTexts(text{"reason", d.Reason, maxText})
}

// OwnRequests lists the caller's own requests, and how many there are: orders id,
// createdAt, expiresAt, state, type.
func (b *Business) OwnRequests(ctx context.Context, a roster.Actor, f RequestFilter, p roster.Page) (page []*Request, total int, err error) {
	if err := f.check(); err != nil {
		return nil, 0, err
	}
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		c, err := caller(tx, a)
		if err != nil {
			return err
		}
		own, err := requestsOwn(tx, c)
		if err != nil {
			return err
		}
		page, total, err = pageOf(f.takes(own), p, requestOrders)
		return err
	})
	return page, total, err
}

func (f *RequestFilter) takes(all []*Request) []*Request {
	return slices.DeleteFunc(all, func(r *Request) bool {
		return !slices.Contains(f.States, r.State) || len(f.Types) > 0 && !slices.Contains(f.Types, r.Type)
	})
}

// DecideOwn has the caller accept or decline an invitation, or cancel a request of
// their own to join; m is the member that acceptance makes. NotFound with
// CodeNoResource, Forbidden with CodeNotYours; Conflict with CodeAssigned,
// CodeNotPending or CodeAccountInactive.
func (b *Business) DecideOwn(ctx context.Context, a roster.Actor, id int64, d Decision) (r *Request, m *Member, err error) {
	if err := d.check(); err != nil {
		return nil, nil, err
	}
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		c, err := caller(tx, a)
		if err != nil {
			return err
		}
		if r, err = findRequest(tx, id); err != nil {
			return err
		}
		if !r.belongsTo(c) {
			return errNoResource("request")
		}
		m, err = r.decideOwn(tx, c, d)
		return err
	})
	return r, m, err
}

func (r *Request) decideOwn(tx *store.Tx, c *identity.Customer, d Decision) (*Member, error) {
	by := byRequester
	if r.Type == Invitation {
		by = byInvitee
	}
	if d.State != RequestAccepted {
		r.UserID = c.ID
		return nil, r.move(tx, d.State, by, d.Reason)
	}
	accounts, err := AccountsByID(tx, []int64{r.GroupID})
	if err != nil {
		return nil, err
	}
	return r.accept(tx, accounts[r.GroupID], c.ID, by)
}

// Requests lists the requests of an account that the caller manages, and how many
// there are; orders as of OwnRequests. Who asks to join is shown by name and address,
// who is invited by the address alone. NotFound with CodeNoAccount, Forbidden with
// CodeNoPermission.
func (b *Business) Requests(ctx context.Context, a roster.Actor, account int64, f RequestFilter, p roster.Page) (page []*Request, total int, err error) {
	if err := f.check(); err != nil {
		return nil, 0, err
	}
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		if _, _, err := managerOf(tx, a, account); err != nil {
			return err
		}
		all, err := readRequests(tx, requestsOf, account)
		if err != nil {
			return err
		}
		if page, total, err = pageOf(f.takes(all), p, requestOrders); err != nil {
			return err
		}
		return showManagers(tx, page)
	})
	return page, total, err
}

// showManagers makes of requests what a manager may see.
func showManagers(tx *store.Tx, requests []*Request) error {
	var ids []int64
	for _, r := range requests {
		if r.Type == JoinRequest {
			ids = append(ids, r.UserID)
		}
	}
	users, err := usersByID(tx, ids)
	for _, r := range requests {
		if r.Type == JoinRequest {
			if u := users[r.UserID]; u != nil {
				r.User = &User{ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email}
			}
		} else if r.Email != "" && r.State != RequestAccepted {
			r.hidePerson()
		}
	}
	return err
}

// hidePerson leaves out what tells whether the address of an invitation is somebody's.
func (r *Request) hidePerson() {
	if r.DecidedBy == r.UserID {
		r.DecidedBy = 0
	}
	r.UserID = 0
}

// Decide has a manager accept or decline a request to join, or cancel an invitation;
// m is the member that acceptance makes. NotFound with CodeNoAccount or
// CodeNoResource; Forbidden with CodeNoPermission, CodeNotYours or CodeManagerLimit;
// Invalid with CodeOwnerRole or CodeCostCenter; Conflict with CodeAssigned,
// CodeNotPending or CodeAccountInactive.
func (b *Business) Decide(ctx context.Context, a roster.Actor, account, id int64, d Decision) (r *Request, m *Member, err error) {
	if err := d.check(); err != nil {
		return nil, nil, err
	}
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		acc, manager, err := managerOf(tx, a, account)
		if err != nil {
			return err
		}
		if r, err = findRequest(tx, id); err != nil {
			return err
		}
		if r.GroupID != account {
			return errNoResource("request")
		}
		if m, err = r.decideAs(tx, acc, manager, d); err != nil {
			return err
		}
		if err := mailDecision(tx, r); err != nil {
			return err
		}
		return showManagers(tx, []*Request{r})
	})
	return r, m, err
}

func (r *Request) decideAs(tx *store.Tx, acc *Account, manager *Member, d Decision) (*Member, error) {
	if d.State != RequestAccepted {
		return nil, r.move(tx, d.State, byManager, d.Reason)
	}
	if d.Role != "" {
		if err := manager.mayGrant(d.Role); err != nil {
			return nil, err
		}
		r.Role = d.Role
	}
	if d.DefaultCostCenterID != 0 {
		r.DefaultCostCenterID = d.DefaultCostCenterID
	}
	return r.accept(tx, acc, r.UserID, byManager)
}
