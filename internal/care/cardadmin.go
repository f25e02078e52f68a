package care

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Permissions of operators on cards.
const (
	readCards  = "IDENTITY_CARD_READ"
	writeCards = "IDENTITY_CARD_WRITE"
)

// CardView is a card as operators see it.
type CardView struct {
	*Card

	Holder *identity.Customer // nil unless it is assigned
}

// viewCards reads whose cards are, in one statement.
func viewCards(tx *store.Tx, cards []*Card) ([]*CardView, error) {
	var people []int64
	for _, c := range cards {
		if c.PersonID != 0 {
			people = append(people, c.PersonID)
		}
	}
	slices.Sort(people)
	holders, err := identity.AnyCustomersByID(tx, slices.Compact(people))
	if err != nil {
		return nil, err
	}
	views := make([]*CardView, len(cards))
	for i, c := range cards {
		views[i] = &CardView{c, holders[c.PersonID]}
	}
	return views, nil
}

func viewCard(tx *store.Tx, c *Card) (*CardView, error) {
	views, err := viewCards(tx, []*Card{c})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// cardFor reads a card for somebody who needs a permission on its branch. NotFound
// with CodeNoCard, Forbidden with identity.CodeNoPermission.
func cardFor(tx *store.Tx, p *identity.Powers, id int64, permission string) (*Card, error) {
	missing := roster.Errorf(roster.NotFound, CodeNoCard, "there is no such identity card")
	c, err := oneCard(tx, cardByID, id)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, missing
	}
	return c, p.NeedOn(permission, readCards, missing, c.BranchID)
}

// CardOf reads a card. NotFound with CodeNoCard.
func (c *Care) CardOf(ctx context.Context, a roster.Actor, id int64) (v *CardView, err error) {
	err = c.readAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		card, err := cardFor(tx, p, id, readCards)
		if err != nil {
			return err
		}
		v, err = viewCard(tx, card)
		return err
	})
	return v, err
}

// CreateCard makes a card that is NEW. NotFound with identity.CodeNoBranch, Forbidden,
// with CodeCardsDisabled too; Exists with CodeCardTaken or CodeRFIDTaken; Invalid.
func (c *Care) CreateCard(ctx context.Context, a roster.Actor, card Card) (v *CardView, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if err := p.NeedAt(writeCards, card.BranchID); err != nil {
			return err
		}
		made := card
		made.State, made.PersonID = CardNew, 0
		made.tidy()
		settings, tree, err := cardSettings(tx)
		if err != nil {
			return err
		}
		if err := settings.enabledAt(tree, made.BranchID); err != nil {
			return err
		}
		if err := checkCard(tx, &made); err != nil {
			return err
		}
		v = &CardView{Card: &made}
		return insertCards(tx, []*Card{&made})
	})
	return v, err
}

// CardPatch is what an operator changes of a card; nil leaves a field as it is, ""
// clears it.
type CardPatch struct {
	Number, RFIDUID, RFIDType *string
	BranchID                  *int64
	State                     *string
	Comment                   *string
}

// UpdateCard changes a card that is not given away by it: for that there are
// AssignCard and UnassignCard. The permission must hold on a new branch, too.
// NotFound with CodeNoCard or identity.CodeNoBranch, Forbidden, Precondition, Conflict
// with CodeCardState, Exists with CodeCardTaken or CodeRFIDTaken, Invalid.
func (c *Care) UpdateCard(ctx context.Context, a roster.Actor, id int64, match graph.Match, in CardPatch) (v *CardView, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		before, err := cardFor(tx, p, id, writeCards)
		if err != nil {
			return err
		}
		if match != nil {
			if err := match(before.Revision); err != nil {
				return err
			}
		}
		after := *before
		if err := in.apply(p, &after); err != nil {
			return err
		}
		if after != *before {
			if err := checkCard(tx, &after); err != nil {
				return err
			}
			if err := updateCard(tx, "identity_card.update", before, &after); err != nil {
				return err
			}
		}
		v, err = viewCard(tx, &after)
		return err
	})
	return v, err
}

func (in *CardPatch) apply(p *identity.Powers, c *Card) error {
	for _, f := range []struct{ to, said *string }{
		{&c.Number, in.Number}, {&c.RFIDUID, in.RFIDUID}, {&c.RFIDType, in.RFIDType}, {&c.Comment, in.Comment},
	} {
		if f.said != nil {
			*f.to = *f.said
		}
	}
	c.tidy()
	if in.BranchID != nil && *in.BranchID != c.BranchID {
		if err := p.NeedAt(writeCards, *in.BranchID); err != nil {
			return err
		}
		c.BranchID = *in.BranchID
	}
	switch {
	case in.State == nil || *in.State == c.State:
		return nil
	case *in.State == CardAssigned:
		return roster.FieldError("state", "must not be ASSIGNED: assign the card to a customer")
	case c.State == CardAssigned:
		return roster.Errorf(roster.Conflict, CodeCardState, "the identity card is ASSIGNED: unassign it")
	}
	if err := CardLife.Check(c.State, *in.State, byOperator); err != nil {
		return err
	}
	c.State = *in.State
	return nil
}
