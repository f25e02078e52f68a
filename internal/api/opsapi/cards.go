package opsapi

import (
	"context"
	"strconv"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// identityCard is an identity card (contract/mobility.md §4.8).
type identityCard struct {
	ID         int64             `json:"id"`
	CardNumber string            `json:"cardNumber" doc:"No other card of the tenant has it."`
	RFIDUID    string            `json:"rfidUid,omitempty" doc:"Hexadecimal, in capitals; with rfidType no other card's."`
	RFIDType   string            `json:"rfidType,omitempty"`
	State      string            `json:"state" enum:"NEW,ASSIGNED,UNASSIGNED,BROKEN,LOST,ARCHIVED"`
	BranchID   int64             `json:"branchId"`
	UserID     int64             `json:"userId,omitempty"`
	User       *holder           `json:"user,omitempty"`
	Comment    string            `json:"comment,omitempty"`
	AssignedAt mobilitywire.Time `json:"assignedAt,omitzero"`
	CreatedAt  mobilitywire.Time `json:"createdAt"`
	UpdatedAt  mobilitywire.Time `json:"updatedAt"`
	Version    int64             `json:"version"`
}

// holder is who has a card.
type holder struct {
	ID        int64  `json:"id"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
}

func renderHolder(c *identity.Customer) *holder {
	if c == nil {
		return nil
	}
	return &holder{c.ID, c.FirstName, c.LastName}
}

func renderCard(v *care.CardView) identityCard {
	return identityCard{
		v.ID, v.Number, v.RFIDUID, v.RFIDType, v.State, v.BranchID, v.PersonID, renderHolder(v.Holder), v.Comment, mobilitywire.Time(v.AssignedAt),
		mobilitywire.Time(v.CreatedAt), mobilitywire.Time(v.UpdatedAt), v.Revision,
	}
}

type listCards struct {
	mobilitywire.Paging

	BranchID             wire.Param[int64] `query:"branchId" minimum:"1" doc:"All branches where the caller may by default."`
	IncludeChildBranches mobilitywire.Flag `query:"includeChildBranches" doc:"And the branches below it; true by default."`
	SearchText           string            `query:"searchText" maxLength:"200" doc:"Words that occur in number, rfidUid, or the holder's names or id."`
	State                []string          `query:"state,explode" enum:"NEW,ASSIGNED,UNASSIGNED,BROKEN,LOST,ARCHIVED"`
	UserID               wire.Param[int64] `query:"userId" minimum:"1" doc:"Those of a customer."`
}

func (h handlers) listCards(ctx context.Context, a roster.Actor, in *listCards) (*mobilitywire.List[identityCard], error) {
	page, err := in.Page(0, "cardNumber")
	if err != nil {
		return nil, err
	}
	cards, total, err := h.care.ListCards(ctx, a, care.CardFilter{
		BranchID: view.Number(in.BranchID), Below: in.IncludeChildBranches.Or(true), Text: in.SearchText, States: in.State, PersonID: view.Number(in.UserID),
	}, page)
	if err != nil {
		return nil, err
	}
	return view.PageOf(page, cards, total, renderCard), nil
}

// CardPath is the path of a card.
type CardPath struct {
	CardID int64 `path:"cardId" minimum:"1"`
}

type cardOut struct {
	ETag string `header:"ETag"`
	Body identityCard
}

func showCard(v *care.CardView, err error) (*cardOut, error) {
	if err != nil {
		return nil, err
	}
	return &cardOut{wire.ETag(v.Revision), renderCard(v)}, nil
}

type getCard struct{ CardPath }

func (h handlers) getCard(ctx context.Context, a roster.Actor, in *getCard) (*cardOut, error) {
	return showCard(h.care.CardOf(ctx, a, in.CardID))
}

type createCard struct{ Body cardFields }

type createdCard struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     identityCard
}

func (h handlers) createCard(ctx context.Context, a roster.Actor, in *createCard) (*createdCard, error) {
	v, err := h.care.CreateCard(ctx, a, in.Body.card())
	if err != nil {
		return nil, err
	}
	return &createdCard{wire.ETag(v.Revision), wire.Location(ctx, "/customer-identity-cards/"+strconv.FormatInt(v.ID, 10)), renderCard(v)}, nil
}

type patchCard struct {
	CardPath
	wire.IfMatch

	Body struct {
		CardNumber wire.Opt[string] `json:"cardNumber,omitzero" maxLength:"64"`
		RFIDUID    wire.Opt[string] `json:"rfidUid,omitzero" doc:"null, with rfidType, takes the chip away."`
		RFIDType   wire.Opt[string] `json:"rfidType,omitzero" enum:"MIFARE_CLASSIC,MIFARE_DESFIRE,MIFARE_ULTRALIGHT,NTAG,LEGIC,OTHER"`
		BranchID   wire.Opt[int64]  `json:"branchId,omitzero" minimum:"1"`
		State      wire.Opt[string] `json:"state,omitzero" enum:"NEW,ASSIGNED,UNASSIGNED,BROKEN,LOST,ARCHIVED" doc:"As it is, or another of a card that is not assigned; to ASSIGNED leads assign alone."`
		Comment    wire.Opt[string] `json:"comment,omitzero" maxLength:"500"`
	}
}

func (h handlers) patchCard(ctx context.Context, a roster.Actor, in *patchCard) (*cardOut, error) {
	b := &in.Body
	err := view.RefuseNull(view.Came("cardNumber", b.CardNumber.Null), view.Came("branchId", b.BranchID.Null), view.Came("state", b.State.Null))
	if err != nil {
		return nil, err
	}
	return showCard(h.care.UpdateCard(ctx, a, in.CardID, in.Check, care.CardPatch{
		Number: view.Merged(b.CardNumber), RFIDUID: view.Merged(b.RFIDUID), RFIDType: view.Merged(b.RFIDType), BranchID: view.Merged(b.BranchID),
		State: view.Merged(b.State), Comment: view.Merged(b.Comment),
	}))
}

type assignCard struct {
	CardPath

	Body struct {
		UserID int64 `json:"userId" minimum:"1"`
	}
}

func (h handlers) assignCard(ctx context.Context, a roster.Actor, in *assignCard) (*cardOut, error) {
	return showCard(h.care.AssignCard(ctx, a, in.CardID, in.Body.UserID))
}

type unassignCard struct {
	CardPath

	Body struct {
		State string `json:"state" enum:"UNASSIGNED,BROKEN,LOST,ARCHIVED" doc:"In which the card is then; there is no default."`
	}
}

func (h handlers) unassignCard(ctx context.Context, a roster.Actor, in *unassignCard) (*cardOut, error) {
	return showCard(h.care.UnassignCard(ctx, a, in.CardID, in.Body.State))
}
