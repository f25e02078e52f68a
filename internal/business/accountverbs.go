package business

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var accountOrders = map[string]order[*Account]{
	"id":        ordering(func(a *Account) int64 { return a.ID }),
	"name":      ordering(func(a *Account) string { return graph.Key(a.Name) }),
	"code":      ordering(func(a *Account) string { return a.Code }),
	"createdAt": ordering(func(a *Account) int64 { return a.CreatedAt }),
}

// Managed lists the accounts that the caller manages, and how many there are: in the
// given roles, Owner and Admin, or in either. Orders id, name, code, createdAt.
func (b *Business) Managed(ctx context.Context, a roster.Actor, roles []string, p roster.Page) (page []*AccountView, total int, err error) {
	if err := checkWords("role", roles, Owner, Admin); err != nil {
		return nil, 0, err
	}
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		if _, err := caller(tx, a); err != nil {
			return err
		}
		acc, m, err := AccountOf(tx, a.PersonID)
		if err != nil {
			return err
		}
		var managed []*Account
		if m.IsManager() && (len(roles) == 0 || slices.Contains(roles, m.Role)) {
			managed = append(managed, acc)
		}
		if managed, total, err = pageOf(managed, p, accountOrders); err != nil {
			return err
		}
		page, err = viewAccounts(tx, managed)
		return err
	})
	return page, total, err
}

// CreateAccount makes an account of a branch, the caller's home branch for 0, with
// the caller as owner. Forbidden with CodeNoPermission where the branch does not let
// customers, or CodeNotWritable; Conflict with CodeAssigned; Exists with CodeTaken;
// NotFound with identity.CodeNoBranch; Invalid.
func (b *Business) CreateAccount(ctx context.Context, a roster.Actor, branch int64, in AccountPatch) (v *AccountView, err error) {
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		c, err := caller(tx, a)
		if err != nil {
			return err
		}
		at := branch
		if at == 0 {
			at = c.HomeBranchID
		}
		acc, err := NewAccount(tx, at)
		if err != nil {
			return err
		}
		if err := mayCreate(tx, at); err != nil {
			return err
		}
		if err := in.apply(acc); err != nil {
			return err
		}
		if err := refuseAssigned(tx, c.ID); err != nil {
			return err
		}
		if err := InsertAccount(tx, acc); err != nil {
			return err
		}
		if _, err := InsertMember(tx, acc, NewMember{UserID: c.ID, Role: Owner, CreatedBy: BySelf}); err != nil {
			return err
		}
		v, err = viewAccount(tx, acc)
		return err
	})
	return v, err
}

func mayCreate(tx *store.Tx, branch int64) error {
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	allowed, err := identity.SelfServiceCreation.In(tx, tree, branch)
	if err == nil && !allowed {
		err = roster.Errorf(roster.Forbidden, CodeNoPermission, "business accounts of this branch are made by the operator")
	}
	return err
}

// GetAccount reads an account that the caller manages. NotFound with CodeNoAccount,
// Forbidden with CodeNoPermission.
func (b *Business) GetAccount(ctx context.Context, a roster.Actor, account int64) (v *AccountView, err error) {
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		acc, _, err := managerOf(tx, a, account)
		if err != nil {
			return err
		}
		v, err = viewAccount(tx, acc)
		return err
	})
	return v, err
}

// UpdateAccount changes an account that the caller manages. As GetAccount;
// Precondition; Forbidden with CodeNotWritable; Invalid (CodeCostCenter); Exists with
// CodeTaken.
func (b *Business) UpdateAccount(ctx context.Context, a roster.Actor, account int64, match graph.Match, in AccountPatch) (v *AccountView, err error) {
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		if _, _, err := managerOf(tx, a, account); err != nil {
			return err
		}
		acc, err := EditAccount(tx, account, match, in.apply)
		if err != nil {
			return err
		}
		v, err = viewAccount(tx, acc)
		return err
	})
	return v, err
}

// DeleteAccount deletes an account that the caller owns. As GetAccount, Forbidden for
// an admin too; Precondition; Conflict with CodeOpen.
func (b *Business) DeleteAccount(ctx context.Context, a roster.Actor, account int64, match graph.Match) error {
	return b.db.Write(ctx, a, func(tx *store.Tx) error {
		acc, m, err := managerOf(tx, a, account)
		if err != nil {
			return err
		}
		if m.Role != Owner {
			return roster.Errorf(roster.Forbidden, CodeNoPermission, "only the owner deletes the business account")
		}
		if match != nil {
			if err := match(acc.Revision); err != nil {
				return err
			}
		}
		return b.deleteAccount(tx, acc)
	})
}

// deleteAccount ends an account with its memberships and the requests that wait, and
// bills what is unbilled of it: its cycles end. Its code is not given again; what was
// captured of it stays. Conflict with CodeOpen
// while rentals, bookings or unpaid invoices are open.
func (b *Business) deleteAccount(tx *store.Tx, acc *Account) error {
	open, err := b.guard.openOfGroup(tx, acc.ID)
	if err != nil {
		return err
	}
	if open {
		return roster.Errorf(roster.Conflict, CodeOpen, "a rental or booking on the business account is not over")
	}
	unpaid, err := tx.Exists(invoiceUnpaid, acc.ID)
	if err != nil {
		return err
	}
	if unpaid {
		return roster.Errorf(roster.Conflict, CodeOpen, "an invoice of the business account is not paid")
	}
	if _, err := payerOfAccount(acc).billUsage(tx); err != nil {
		return err
	}
	if err := cancelRequestsTo(tx, acc.ID); err != nil {
		return err
	}
	if err := graph.DeleteGroup(tx, acc.ID, nil); err != nil {
		return err
	}
	if _, err := tx.Exec(membersLeft, acc.ID, tx.Now, tx.Revision); err != nil {
		return err
	}
	after := *acc
	after.State = AccountDeleted
	return after.save(tx, "account.delete", acc)
}
