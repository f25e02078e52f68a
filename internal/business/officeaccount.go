package business

import (
	"context"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// AccountEdit is what an operator changes of an account, or says of a new one; nil
// leaves a field as it is, "", 0 and an empty list clear it.
type AccountEdit struct {
	AccountPatch
	Code                                          *string // of a new one
	OwnerID                                       *int64
	State, BlockState, BillingCycle, PaymentState *string
	DefaultBusinessUnitID                         *int64
	CheckRentalRequirements, IgnoreBCategory      *bool
	AllowedBranchIDs, AllowedCategoryIDs          *[]int64
	// NotBilling names the first field of the call that is none of finance, which
	// whoever may write nothing else is refused for; "" for none.
	NotBilling string
}

func (e *AccountEdit) apply(a *Account) error {
	if err := e.AccountPatch.apply(a); err != nil {
		return err
	}
	set(&a.State, e.State)
	set(&a.BlockState, e.BlockState)
	set(&a.BillingCycle, e.BillingCycle)
	set(&a.DefaultBusinessUnitID, e.DefaultBusinessUnitID)
	set(&a.CheckRentalRequirements, e.CheckRentalRequirements)
	set(&a.Settings.IgnoreBCategory, e.IgnoreBCategory)
	set(&a.AllowedBranchIDs, e.AllowedBranchIDs)
	set(&a.AllowedCategoryIDs, e.AllowedCategoryIDs)
	if e.State != nil {
		return checkWord("state", a.State, AccountActive, AccountInactive)
	}
	return nil
}

// mayWrite refuses fields that the caller may not write on the account's branch:
// those of finance without finance's permission, and all others without the account's.
func (e *AccountEdit) mayWrite(p *identity.Powers, branch int64) error {
	if !p.On(writeBilling, branch) {
		switch {
		case e.PaymentState != nil:
			return errNotWritable("paymentState")
		case e.BillingCycle != nil:
			return errNotWritable("billingCycle")
		}
	}
	if e.NotBilling != "" && !p.On(writeGroups, branch) {
		return errNotWritable(e.NotBilling)
	}
	return nil
}

// setPaymentState is what finance says of an account that has another payment state.
func (e *AccountEdit) setPaymentState(tx *store.Tx, a *Account) error {
	if e.PaymentState == nil || *e.PaymentState == a.PaymentState {
		return nil
	}
	if err := checkWord("paymentState", *e.PaymentState, Invoicing, NoPayment); err != nil {
		return err
	}
	return SetPaymentState(tx, a.ID, *e.PaymentState)
}

// Create makes an account of a branch, with an owner where one is named. NotFound
// with identity.CodeNoBranch, CodeNoUnit or identity.CodeNoCustomer; Forbidden with
// identity.CodeBranchOfOther or CodeNotWritable; Invalid, and with CodeBlocked for an
// owner who is; Exists with CodeTaken; Conflict with CodeAssigned.
func (o Office) Create(ctx context.Context, a roster.Actor, branch int64, in AccountEdit) (v *AccountView, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if err := p.NeedAt(writeGroups, branch); err != nil {
			return err
		}
		if err := in.mayWrite(p, branch); err != nil {
			return err
		}
		acc, err := NewAccount(tx, branch)
		if err != nil {
			return err
		}
		set(&acc.Code, in.Code)
		if err := in.apply(acc); err != nil {
			return err
		}
		if err := InsertAccount(tx, acc); err != nil {
			return err
		}
		v, err = o.finish(tx, p, acc, &in)
		return err
	})
	return v, err
}

// finish writes what of an edit is no field of the account's row, and reads the whole.
func (o Office) finish(tx *store.Tx, p *identity.Powers, acc *Account, in *AccountEdit) (*AccountView, error) {
	if err := in.setPaymentState(tx, acc); err != nil {
		return nil, err
	}
	if in.OwnerID != nil {
		if err := o.setOwner(tx, p, acc, *in.OwnerID); err != nil {
			return nil, err
		}
	}
	acc, err := LiveAccount(tx, acc.ID)
	if err != nil {
		return nil, err
	}
	return viewAccount(tx, acc)
}

// Account reads an account. NotFound with CodeNoAccount.
func (o Office) Account(ctx context.Context, a roster.Actor, id int64) (v *AccountView, err error) {
	err = o.identity.ReadAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		acc, err := o.account(tx, p, id, readGroups)
		if err != nil {
			return err
		}
		v, err = viewAccount(tx, acc)
		return err
	})
	return v, err
}

// Update changes an account. As Create; NotFound with CodeNoAccount, Forbidden with
// CodeNoPermission, Precondition, Invalid with CodeCostCenter, Conflict with
// CodePaymentState.
func (o Office) Update(ctx context.Context, a roster.Actor, id int64, match graph.Match, in AccountEdit) (v *AccountView, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		acc, err := LiveAccount(tx, id)
		if err != nil {
			return err
		}
		if !p.On(writeBilling, acc.BranchID) {
			if err := p.NeedOn(writeGroups, readGroups, errNoAccount(), acc.BranchID); err != nil {
				return err
			}
		}
		if err := in.mayWrite(p, acc.BranchID); err != nil {
			return err
		}
		if acc, err = EditAccount(tx, id, match, in.apply); err != nil {
			return err
		}
		v, err = o.finish(tx, p, acc, &in)
		return err
	})
	return v, err
}

// SetTags replaces an account's tags. As Update; branch, where it is not 0, must be
// one on which the permission holds too.
func (o Office) SetTags(ctx context.Context, a roster.Actor, id, branch int64, match graph.Match, tags []string) (acc *Account, err error) {
	clean, err := identity.CleanTags(tags)
	if err != nil {
		return nil, err
	}
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := o.account(tx, p, id, writeGroups); err != nil {
			return err
		}
		if branch != 0 {
			if err := p.NeedAt(writeGroups, branch); err != nil {
				return err
			}
		}
		acc, err = EditAccount(tx, id, match, func(a *Account) error {
			a.Tags = clean
			return nil
		})
		return err
	})
	return acc, err
}

// Delete deletes an account. NotFound with CodeNoAccount, Forbidden with
// CodeNoPermission, Precondition, Conflict with CodeOpen.
func (o Office) Delete(ctx context.Context, a roster.Actor, id int64, match graph.Match) error {
	return o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		acc, err := o.account(tx, p, id, deleteGroups)
		if err != nil {
			return err
		}
		if err := check(match, acc.Revision); err != nil {
			return err
		}
		return o.b.deleteAccount(tx, acc)
	})
}
