package care

import (
	"context"
	"fmt"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// MaxCards is how many cards can be made at once.
const MaxCards = 1000

// RefusedCards are the details of a batch that made nothing: which of its rows can't
// be, by their index, in their order.
type RefusedCards struct {
	Errors []RefusedCard `json:"errors"`
}

// RefusedCard is why a row can't be.
type RefusedCard struct {
	Index int    `json:"index"`
	Code  string `json:"errorCode"`
	Field string `json:"field"`
	Msg   string `json:"userMessage"`
}

var (
	cardsByNumber = store.Q("identity_card.by_numbers", `SELECT `+cardColumns+` FROM identity_cards WHERE tenant = $1 AND card_number IN ($2)`).In()
	cardsByRFID   = store.Q("identity_card.by_rfid_uids", `SELECT `+cardColumns+` FROM identity_cards WHERE tenant = $1 AND rfid_uid <> '' AND rfid_uid IN ($2)`).In()
)

// CreateCards makes cards that are NEW, all or none. The permission must hold on each
// one's branch. NotFound with identity.CodeNoBranch, Forbidden, with CodeCardsDisabled
// too; Exists with the first row's CodeCardTaken or CodeRFIDTaken, and RefusedCards,
// where a number or a chip is another card's or comes twice; Invalid.
func (c *Care) CreateCards(ctx context.Context, a roster.Actor, cards []Card) (made []*Card, err error) {
	if len(cards) < 1 || len(cards) > MaxCards {
		return nil, roster.FieldError("cards", "must have 1 to %d items", MaxCards)
	}
	for i := range cards {
		if err := cards[i].Check(); err != nil {
			return nil, inRow(i, err)
		}
	}
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		settings, tree, err := cardSettings(tx)
		if err != nil {
			return err
		}
		made = make([]*Card, len(cards))
		for i := range cards {
			card := cards[i]
			made[i] = &card
			made[i].State, made[i].PersonID = CardNew, 0
			made[i].tidy()
			if err := p.NeedAt(writeCards, card.BranchID); err != nil {
				return inRow(i, err)
			}
			if err := settings.enabledAt(tree, card.BranchID); err != nil {
				return inRow(i, err)
			}
		}
		if err := refuseTaken(tx, made); err != nil {
			return err
		}
		return insertCards(tx, made)
	})
	return made, err
}

// inRow says in which row of a batch an error is.
func inRow(i int, err error) error {
	e := *roster.AsError(err)
	field := e.Field
	if field == "" {
		field = "branchId"
	}
	e.Field = fmt.Sprintf("cards[%d].%s", i, field)
	return &e
}

type chip struct{ uid, kind string }

// refuseTaken refuses a batch with a number or a chip that is another card's, of the
// batch or of those that there are.
func refuseTaken(tx *store.Tx, cards []*Card) error {
	numbers, chips := map[string]bool{}, map[chip]bool{}
	var askNumbers, askUIDs []string
	for _, c := range cards {
		askNumbers = append(askNumbers, c.Number)
		if c.RFIDUID != "" {
			askUIDs = append(askUIDs, c.RFIDUID)
		}
	}
	note := func(s store.Scanner) error {
		c, err := scanCard(s)
		numbers[c.Number] = true
		chips[chip{c.RFIDUID, c.RFIDType}] = true
		return err
	}
	if err := store.EachOf(tx, cardsByNumber, askNumbers, note); err != nil {
		return err
	}
	if err := store.EachOf(tx, cardsByRFID, askUIDs, note); err != nil {
		return err
	}
	var refused RefusedCards
	for i, c := range cards {
		of := chip{c.RFIDUID, c.RFIDType}
		if numbers[c.Number] {
			refused.add(i, errCardTaken())
		}
		if c.RFIDUID != "" && chips[of] {
			refused.add(i, errRFIDTaken())
		}
		numbers[c.Number], chips[of] = true, true
	}
	if len(refused.Errors) == 0 {
		return nil
	}
	first := refused.Errors[0]
	return &roster.Error{
		Kind: roster.Exists, Code: first.Code, Msg: "nothing was made: numbers or chips are taken, or come twice", Details: refused,
	}
}

func (r *RefusedCards) add(i int, err error) {
	e := roster.AsError(err)
	r.Errors = append(r.Errors, RefusedCard{i, e.Code, e.Field, e.Msg})
}
