package care

import (
	"slices"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Details are what explains, to an operator, why a customer may not rent at a branch.
type Details struct {
	*Rider

	BranchID      int64
	TermsAt       string      // how the customer stands to the terms of the branch
	CurrentAt     *Terms      // that count there, without their texts; nil for none
	AcceptedAt    *Acceptance // the latest of the branch, or of one above it; nil for none
	Cards         []*Card     // that are assigned to them
	Debts         []business.Debt
	Currency      string // of the balance; "" where no unit bills the home branch
	GroupIsInView bool   // whether the operator may see the business account
}

var cardsOf = store.Q("identity_card.of_person", `SELECT `+cardColumns+` FROM identity_cards WHERE tenant = $1 AND person_id = $2 ORDER BY id`)

// CustomerDetails reads the details of a customer at a branch, their home branch where
// it is 0. Errors are those of CustomerFor; of a branch NotFound with
// identity.CodeNoBranch, Forbidden with identity.CodeBranchOfOther.
func CustomerDetails(tx *store.Tx, p *identity.Powers, id, branch int64) (*Details, error) {
	const permission = "USER_READ"
	r, err := SeenCustomer(tx, p, id, permission)
	if err != nil {
		return nil, err
	}
	if branch == 0 {
		branch = r.HomeBranchID
	} else if err := p.NeedAt(permission, branch); err != nil {
		return nil, err
	}
	d := &Details{Rider: r, BranchID: branch, GroupIsInView: r.Account != nil && p.At("USER_GROUP_READ", r.Account.BranchID)}
	if err := d.readTermsAt(tx, p); err != nil {
		return nil, err
	}
	if d.Cards, err = store.All(tx, cardsOf, scanCard, id); err != nil {
		return nil, err
	}
	d.Cards = slices.DeleteFunc(d.Cards, func(c *Card) bool { return !p.At(permission, c.BranchID) && !p.At(readCards, c.BranchID) })
	if d.Debts, err = business.DebtsOf(tx, id); err != nil {
		return nil, err
	}
	unit, err := business.UnitOf(tx, p.Tree(), r.HomeBranchID)
	if roster.IsKind(err, roster.NotFound) {
		return d, nil
	}
	if err == nil && unit != nil {
		d.Currency = unit.Currency
	}
	return d, err
}

func (d *Details) readTermsAt(tx *store.Tx, p *identity.Powers) (err error) {
	if d.TermsAt, err = AcceptanceState(tx, d.ID, d.BranchID); err != nil {
		return err
	}
	book, err := ReadBook(tx)
	if err != nil {
		return err
	}
	d.CurrentAt = book.Current(p.Tree(), d.BranchID, tx.Now)
	all, err := AcceptancesOf(tx, d.ID)
	for i := range all {
		if all[i].BranchID == d.BranchID || book.inChain(p.Tree(), d.BranchID, all[i].TermsID) {
			d.AcceptedAt = &all[i]
		}
		if d.CurrentAt != nil && all[i].TermsID == d.CurrentAt.ID {
			break // that is the one that counts
		}
	}
	return err
}

// ReleaseCards takes a customer's cards from them; the cards can be assigned again.
func ReleaseCards(tx *store.Tx, person int64) error {
	cards, err := store.All(tx, cardsOf, scanCard, person)
	if err != nil {
		return err
	}
	for _, before := range cards {
		if err := CardLife.Check(before.State, CardUnassigned, bySystem); err != nil {
			return err
		}
		after := *before
		after.State, after.PersonID, after.AssignedAt = CardUnassigned, 0, 0
		if err := updateCard(tx, "identity_card.unassign", before, &after); err != nil {
			return err
		}
	}
	return nil
}
