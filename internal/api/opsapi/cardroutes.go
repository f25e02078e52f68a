package opsapi

import (
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

func (h handlers) cardRoutes(api *wire.API) {
	const tag, path = "Identity cards", "/customer-identity-cards"
	read, write := wire.Needs("IDENTITY_CARD_READ"), wire.Needs("IDENTITY_CARD_WRITE")
	wire.Register(api, wire.Op{
		ID: "list-identity-cards", Method: "GET", Path: path, Tag: tag, Summary: "List identity cards", Access: read, Fails: []roster.Kind{roster.NotFound},
	}, h.listCards)
	wire.Register(api, wire.Op{
		ID: "create-identity-card", Method: "POST", Path: path, Tag: tag, Summary: "Create an identity card",
		Status: 201, Access: write, Fails: []roster.Kind{roster.Conflict, roster.NotFound},
	}, h.createCard)
	wire.Register(api, wire.Op{
		ID: "create-identity-cards", Method: "PATCH", Path: path, Tag: tag, Summary: "Create many identity cards, all or none",
		Description: "Up to 1000. Where numbers or chips are taken, or come twice, details.errors says which rows are at fault.",
		Bulk:        true, Access: write, Fails: []roster.Kind{roster.Conflict, roster.NotFound},
	}, h.createCards)
	wire.Register(api, wire.Op{
		ID: "get-identity-card", Method: "GET", Path: path + "/{cardId}", Tag: tag, Summary: "Get an identity card", Access: read,
	}, h.getCard)
	wire.Register(api, wire.Op{
		ID: "patch-identity-card", Method: "PATCH", Path: path + "/{cardId}", Tag: tag, Summary: "Change an identity card",
		Description: "Whose it is changes by assign and unassign alone; so does the state of one that is assigned.",
		Access:      write, Fails: []roster.Kind{roster.Conflict},
	}, h.patchCard)
	wire.Register(api, wire.Op{
		ID: "assign-identity-card", Method: "POST", Path: path + "/{cardId}/assign", Tag: tag, Summary: "Give an identity card to a customer",
		Access: write, Fails: []roster.Kind{roster.Conflict},
	}, h.assignCard)
	wire.Register(api, wire.Op{
		ID: "unassign-identity-card", Method: "POST", Path: path + "/{cardId}/unassign", Tag: tag, Summary: "Take an identity card from its customer",
		Access: write, Fails: []roster.Kind{roster.Conflict},
	}, h.unassignCard)
}
