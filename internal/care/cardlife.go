package care

import (
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

// States of a card.
const (
	CardNew        = "NEW"
	CardAssigned   = "ASSIGNED"
	CardUnassigned = "UNASSIGNED"
	CardBroken     = "BROKEN"
	CardLost       = "LOST"
	CardArchived   = "ARCHIVED"
)

// Who takes the steps of cards and vouchers.
const (
	byOperator = "operator"
	bySystem   = "the system"
	byRental   = "rental"
	byTime     = "time"
)

// CardLife is the life of an identity card.
var CardLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "identity card", NoStep: CodeCardState, NotYours: identity.CodeNoPermission,
	Begins: []string{CardNew},
	Steps: []roster.Step{
		{From: []string{CardNew, CardUnassigned}, To: CardAssigned, By: []string{byOperator}, When: "it is given to a customer"},
		{From: []string{CardAssigned}, To: CardUnassigned, By: []string{byOperator, bySystem}, When: "the customer gives it back, or is deleted"},
		{From: []string{CardNew, CardAssigned, CardUnassigned}, To: CardBroken, By: []string{byOperator}, When: "it no longer works; one that is assigned is taken from its customer by `unassign`"},
		{From: []string{CardNew, CardAssigned, CardUnassigned}, To: CardLost, By: []string{byOperator}, When: "so, and nobody has it"},
		{From: []string{CardNew, CardAssigned, CardUnassigned, CardBroken, CardLost}, To: CardArchived, By: []string{byOperator}, When: "it is not to be used again; its number and chip stay taken"},
		{From: []string{CardBroken, CardLost}, To: CardUnassigned, By: []string{byOperator}, When: "it was mended, or found"},
	},
})
