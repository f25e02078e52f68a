package opsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// cardFields are what is written of a new card.
type cardFields struct {
	CardNumber string `json:"cardNumber" minLength:"1" maxLength:"64"`
	RFIDUID    string `json:"rfidUid,omitempty" doc:"4 to 32 hexadecimal digits; with rfidType, or not at all."`
	RFIDType   string `json:"rfidType,omitempty" enum:"MIFARE_CLASSIC,MIFARE_DESFIRE,MIFARE_ULTRALIGHT,NTAG,LEGIC,OTHER"`
	BranchID   int64  `json:"branchId" minimum:"1"`
	Comment    string `json:"comment,omitempty" maxLength:"500"`
}

func (f *cardFields) card() care.Card {
	return care.Card{Number: f.CardNumber, RFIDUID: f.RFIDUID, RFIDType: f.RFIDType, BranchID: f.BranchID, Comment: f.Comment}
}

// cardRows are the rows of a batch, bare or as {"cards": […]}, each as it came.
type cardRows struct{ rows []json.RawMessage }

// UnmarshalJSON implements json.Unmarshaler.
func (c *cardRows) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &c.rows) == nil && c.rows != nil {
		return nil
	}
	var named struct {
		Cards []json.RawMessage `json:"cards"`
	}
	if json.Unmarshal(text, &named) != nil || named.Cards == nil {
		return wire.Misfit(wire.RuleType, "array")
	}
	c.rows = named.Cards
	return nil
}

// Schema implements huma.SchemaProvider. Documents show both forms; the rows are judged
// one by one, so that each that is at fault is told by its index.
func (cardRows) Schema(r huma.Registry) *huma.Schema {
	list := &huma.Schema{
		Type: huma.TypeArray, MinItems: new(1), MaxItems: new(care.MaxCards), Items: r.Schema(reflect.TypeFor[cardFields](), true, "CardFields"),
	}
	named := &huma.Schema{Type: huma.TypeObject, Required: []string{"cards"}, Properties: map[string]*huma.Schema{"cards": list}}
	return &huma.Schema{Extensions: map[string]any{"oneOf": []*huma.Schema{named, list}}}
}

// cards reads the rows. Invalid, with the first fault of each row that has one.
func (c *cardRows) cards() ([]care.Card, error) {
	if len(c.rows) < 1 || len(c.rows) > care.MaxCards {
		return nil, wire.InvalidFields(wire.Field{In: wire.InBody, Name: "cards", Rule: wire.RuleOther, Message: fmt.Sprintf("must have 1 to %d items", care.MaxCards)})
	}
	var faults []wire.Field
	cards := make([]care.Card, len(c.rows))
	for i, row := range c.rows {
		card, fault := readCard(row)
		if fault != nil {
			fault.In = wire.InBody
			fault.Name = fmt.Sprintf("cards[%d]", i) + fault.Name
			faults = append(faults, *fault)
		}
		cards[i] = card
	}
	if len(faults) > 0 {
		return nil, wire.InvalidFields(faults...)
	}
	return cards, nil
}

// readCard reads a row, and says what is wrong with it; the field's name begins with
// its point.
func readCard(row []byte) (care.Card, *wire.Field) {
	var f *cardFields
	err := json.Unmarshal(row, &f)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		kind := "string"
		if wrong.Field == "branchId" {
			kind = "integer"
		}
		return care.Card{}, &wire.Field{Name: "." + wrong.Field, Rule: wire.RuleType, Limit: kind, Message: "must be of type " + kind}
	case err != nil || f == nil:
		return care.Card{}, &wire.Field{Rule: wire.RuleType, Limit: "object", Message: "must be an object"}
	case f.BranchID < 1:
		return care.Card{}, &wire.Field{Name: ".branchId", Rule: wire.RuleRequired, Message: "must be given"}
	}
	card := f.card()
	if err := card.Check(); err != nil {
		e := roster.AsError(err)
		return card, &wire.Field{Name: "." + e.Field, Rule: wire.RuleOther, Message: e.Msg}
	}
	return card, nil
}

type createCards struct{ Body cardRows }

type createdCards struct {
	Body struct {
		Created []identityCard `json:"created"`
	}
}

func (h handlers) createCards(ctx context.Context, a roster.Actor, in *createCards) (*createdCards, error) {
	cards, err := in.Body.cards()
	if err != nil {
		return nil, err
	}
	made, err := h.care.CreateCards(ctx, a, cards)
	if err != nil {
		return nil, err
	}
	out := &createdCards{}
	out.Body.Created = make([]identityCard, len(made))
	for i, c := range made {
		out.Body.Created[i] = renderCard(&care.CardView{Card: c})
	}
	return out, nil
}
