package care

import (
	"context"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Rider is a customer as they see themselves.
type Rider struct {
	*identity.Customer
	SignInMethods    []string // sorted
	SecondFactor     bool
	BillableBranchID int64   // the nearest branch to the home branch with a business unit of its own; 0 for none
	Accepted         []int64 // the branches for which they accepted terms, by id
	// Current are the terms that count at the home branch, nil for none, without
	// their texts; TermsState is how the rider stands to them.
	Current       *Terms
	TermsState    string
	Account       *business.Account // the business account that they are in; nil for none
	Member        *business.Member
	PaymentSource bool // whether they have one that is active
	Unpaid        bool // whether an invoice of theirs, unpaid and overdue, blocks them
	Operator      bool // whether they are an operator, too; told to operators alone
}

// Me reads the rider themselves. NotFound with identity.CodeNoCustomer.
func (c *Care) Me(ctx context.Context, a roster.Actor) (r *Rider, err error) {
	err = c.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		r = &Rider{}
		for _, read := range []func(*store.Tx, int64) error{r.readCustomer, r.readSignIn, r.readTerms, r.readMoney} {
			if err := read(tx, a.PersonID); err != nil {
				return err
			}
		}
		r.Account, r.Member, err = business.AccountOf(tx, a.PersonID)
		return err
	})
	return r, err
}

func (r *Rider) readCustomer(tx *store.Tx, person int64) (err error) {
	c, err := identity.LiveCustomer(tx, person)
	if err == nil {
		r.Customer = c.On(dayOf(tx.Now))
	}
	return err
}

// dayOf is the day, in UTC, of an instant in µs.
func dayOf(at int64) string { return time.UnixMicro(at).UTC().Format(time.DateOnly) }

func (r *Rider) readSignIn(tx *store.Tx, person int64) error {
	methods, err := identity.SignInMethods(tx, []int64{person})
	if err != nil {
		return err
	}
	r.SignInMethods = methods[person]
	slices.Sort(r.SignInMethods)
	r.SecondFactor, err = identity.HasSecondFactor(tx, person)
	return err
}

func (r *Rider) readTerms(tx *store.Tx, person int64) error {
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	all, err := AcceptancesOf(tx, person)
	if err != nil {
		return err
	}
	r.place(tree, all)
	book, err := ReadBook(tx)
	if err != nil {
		return err
	}
	r.Current = book.Current(tree, r.HomeBranchID, tx.Now)
	r.TermsState, err = AcceptanceState(tx, person, r.HomeBranchID)
	return err
}

func (r *Rider) readMoney(tx *store.Tx, person int64) (err error) {
	if r.PaymentSource, err = business.HasPaymentSource(tx, person); err != nil {
		return err
	}
	r.Unpaid, err = business.HasUnpaid(tx, person, tx.Now)
	return err
}
