package care

import (
	"slices"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// dossier is all that an operator is shown of a customer, as long as nothing is
// written that concerns them. It is shared: nobody changes it.
type dossier struct {
	rider    Rider   // but for what rules and the time say
	branches []int64 // where the customer is seen, that of home first
	accepted []Acceptance
	required bool  // whether terms must be accepted at home
	unpaid   int64 // from when on an invoice blocks them; 0 for never
}

// rules are what a tenant's dossiers are read by, which is the same for all. They are
// shared: nobody changes them.
type rules struct {
	tree *identity.Tree
	book *Book
}

func readRules(tx *store.Tx) (r rules, err error) {
	if r.tree, err = identity.Branches(tx); err != nil {
		return r, err
	}
	r.book, err = ReadBook(tx)
	return r, err
}

func touchesRules(c store.ChangedSubject) ([]struct{}, bool) {
	return nil, c.Type == "branch" || c.Type == "terms"
}

// touchesDossier tells whose dossiers a change makes stale. A person's id is the
// subject or the object of every change that is about them; others have numbers alike
// now and then, and then a dossier is read once more than it had to be.
func touchesDossier(c store.ChangedSubject) ([]int64, bool) {
	switch c.Type {
	case "branch", "branch_setting", "setting", "terms", "business_account":
		return nil, true
	}
	return []int64{c.SubjectID, c.ObjectID}, false
}

func readDossier(tx *store.Tx, id int64) (*dossier, error) {
	c, err := identity.AnyCustomer(tx, id)
	if err != nil {
		return nil, err
	}
	d := &dossier{rider: Rider{Customer: c}}
	for _, read := range []func(*store.Tx, int64) error{d.readSight, d.rider.readSignIn, d.readTerms, d.readMoney} {
		if err := read(tx, id); err != nil {
			return nil, err
		}
	}
	if _, err = identity.WithProfile(tx, id, graph.OperatorProfile); err != nil && !roster.IsKind(err, roster.NotFound) {
		return nil, err
	}
	d.rider.Operator = err == nil
	d.rider.Account, d.rider.Member, err = business.AccountOf(tx, id)
	return d, err
}

func (d *dossier) readSight(tx *store.Tx, id int64) error {
	of, err := BranchesOfCustomers(tx, []int64{id})
	d.branches = of[id]
	return err
}

func (d *dossier) readTerms(tx *store.Tx, id int64) (err error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	if d.accepted, err = AcceptancesOf(tx, id); err != nil {
		return err
	}
	d.required, err = identity.TermsAcceptanceRequired.In(tx, tree, d.rider.HomeBranchID)
	return err
}

func (d *dossier) readMoney(tx *store.Tx, id int64) (err error) {
	if d.rider.PaymentSource, err = business.HasPaymentSource(tx, id); err != nil {
		return err
	}
	d.unpaid, err = business.UnpaidFrom(tx, id)
	return err
}

// shownTo is the customer at a time, for somebody with those powers. The rules are no
// older than the dossier, and so know its branches. Errors are those of CustomerFor.
func (d *dossier) shownTo(p *identity.Powers, permission string, by rules, now int64) (*Rider, error) {
	if err := needAtCustomer(p, permission, d.branches); err != nil {
		return nil, err
	}
	r, c := d.rider, *d.rider.On(dayOf(now))
	c.CreditStatus = c.CreditAt(now)
	r.Customer = &c
	r.Unpaid = d.unpaid != 0 && d.unpaid < now
	r.place(by.tree, d.accepted)
	r.Current, r.TermsState = by.book.Current(by.tree, c.HomeBranchID, now), NotRequired
	if d.required {
		r.TermsState = by.book.State(by.tree, c.HomeBranchID, now, d.accepted)
	}
	return &r, nil
}

// place says where the rider's rides are billed, and for which branches they accepted
// terms.
func (r *Rider) place(tree *identity.Tree, accepted []Acceptance) {
	chain := tree.Chain(r.HomeBranchID)
	if i := slices.IndexFunc(chain, func(id int64) bool { return tree.Branch(id).BusinessUnitID != 0 }); i >= 0 {
		r.BillableBranchID = chain[i]
	}
	for _, a := range accepted {
		r.Accepted = append(r.Accepted, a.BranchID)
	}
	slices.Sort(r.Accepted)
	r.Accepted = slices.Compact(r.Accepted)
}
