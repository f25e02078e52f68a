package care

import (
	"context"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var cardsCount = store.Q("identity_card.count_of_person", `SELECT count(*) FROM identity_cards WHERE tenant = $1 AND person_id = $2 AND id <> $3`)

// assignable judges whether the card may become its person's, if it has any, by the
// settings of its branch. Forbidden with CodeCardsDisabled, Conflict with
// CodeCardLimit.
func assignable(tx *store.Tx, c *Card) error {
	if c.PersonID == 0 {
		return nil
	}
	settings, tree, err := cardSettings(tx)
	if err != nil {
		return err
	}
	if err := settings.enabledAt(tree, c.BranchID); err != nil {
		return err
	}
	most, err := identity.IdentityCardsPerUser.At(settings.values, tree, c.BranchID)
	if err != nil || most == 0 {
		return err
	}
	var has int64
	if err := tx.Row(cardsCount, c.PersonID, c.ID).Scan(&has); err != nil {
		return err
	}
	if has >= most {
		return roster.Errorf(roster.Conflict, CodeCardLimit, "the customer has %d, which is as many as one may have here", has)
	}
	return nil
}

// settingsOfCards are the settings about cards.
type settingsOfCards struct{ values identity.SettingValues }

func cardSettings(tx *store.Tx) (s settingsOfCards, tree *identity.Tree, err error) {
	if tree, err = identity.Branches(tx); err != nil {
		return s, nil, err
	}
	s.values, err = identity.ReadSettings(tx, identity.IdentityCardsEnabled.Name, identity.IdentityCardsPerUser.Name)
	return s, tree, err
}

// enabledAt refuses a branch that has no identity cards. Forbidden with
// CodeCardsDisabled.
func (s settingsOfCards) enabledAt(tree *identity.Tree, branch int64) error {
	enabled, err := identity.IdentityCardsEnabled.At(s.values, tree, branch)
	if err == nil && !enabled {
		err = roster.Errorf(roster.Forbidden, CodeCardsDisabled, "identity cards are not enabled at the branch")
	}
	return err
}

// knownCustomer reads a customer whom somebody sees, by that permission or as one who
// reads customers: what they may do is judged by another thing's branch. NotFound with
// identity.CodeNoCustomer.
func knownCustomer(tx *store.Tx, p *identity.Powers, id int64, permission string) (*identity.Customer, error) {
	_, err := CustomerFor(tx, p, id, permission)
	if err != nil && !roster.IsKind(err, roster.Forbidden) {
		return nil, err
	}
	return identity.AnyCustomer(tx, id)
}

// AssignCard gives a card to a customer; one that is theirs already stays as it is.
// NotFound with CodeNoCard, or with identity.CodeNoCustomer for a customer whom the
// actor does not see; Forbidden, with CodeCardsDisabled too; Conflict with
// identity.CodeCustomerDeleted, CodeCardState or CodeCardLimit.
func (c *Care) AssignCard(ctx context.Context, a roster.Actor, id, customer int64) (v *CardView, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		before, err := cardFor(tx, p, id, writeCards)
		if err != nil {
			return err
		}
		of, err := knownCustomer(tx, p, customer, writeCards)
		if err != nil {
			return err
		}
		tx.Permitted(writeCards, before.BranchID) // where the card is, not where the customer
		if of.BlockState == identity.Deleted {
			return roster.Errorf(roster.Conflict, identity.CodeCustomerDeleted, "the customer is deleted")
		}
		v = &CardView{before, of}
		if before.PersonID == customer {
			return nil
		}
		if err := CardLife.Check(before.State, CardAssigned, byOperator); err != nil {
			return err
		}
		after := *before
		after.State, after.PersonID, after.AssignedAt = CardAssigned, customer, 0
		if err := assignable(tx, &after); err != nil {
			return err
		}
		v.Card = &after
		return updateCard(tx, "identity_card.assign", before, &after)
	})
	return v, err
}

// UnassignCard takes a card from its customer, into a state that is said. NotFound
// with CodeNoCard, Forbidden, Conflict with CodeCardState, Invalid.
func (c *Care) UnassignCard(ctx context.Context, a roster.Actor, id int64, state string) (v *CardView, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		before, err := cardFor(tx, p, id, writeCards)
		if err != nil {
			return err
		}
		if before.State != CardAssigned {
			return roster.Errorf(roster.Conflict, CodeCardState, "the identity card is %s, and nobody's", before.State)
		}
		if err := CardLife.Check(before.State, state, byOperator); err != nil {
			return err
		}
		after := *before
		after.State, after.PersonID, after.AssignedAt = state, 0, 0
		v = &CardView{Card: &after}
		return updateCard(tx, "identity_card.unassign", before, &after)
	})
	return v, err
}
