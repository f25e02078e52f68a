package business

import "github.com/rosterhq/roster/internal/roster"

// Payment states of an account: how far it has come to something to pay with.
const (
	NoPayment     = "NONE"
	PushInitiated = "PUSH_INITIATED" // a source was begun
	PushCompleted = "PUSH_COMPLETED" // the payer has done their part
	SourceAdded   = "SOURCE_ADDED"   // invoices are charged to it
	Invoicing     = "INVOICING"      // invoices are sent
)

// Who moves an account's payment state; the gateway and finance are those of invoices.
const byPayer = "payer"

// PaymentLife is the life of an account's payment state.
var PaymentLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "payment state", Begins: []string{NoPayment}, NoStep: CodePaymentState, NotYours: CodePaymentParty,
	Steps: []roster.Step{
		{From: []string{NoPayment}, To: PushInitiated, By: []string{byPayer}, When: "a payment source is begun"},
		{From: []string{PushInitiated}, To: PushCompleted, By: []string{byGateway}, When: "the payer has done their part"},
		{From: []string{PushCompleted}, To: SourceAdded, By: []string{byGateway}, When: "the gateway has the source"},
		{From: []string{PushInitiated, PushCompleted}, To: NoPayment, By: []string{byPayer, byGateway}, When: "the last source is removed, or refused"},
		{From: []string{SourceAdded}, To: NoPayment, By: []string{byPayer, byGateway}, When: "the last source is removed, or runs out"},
		{From: []string{NoPayment, PushInitiated, PushCompleted, SourceAdded}, To: Invoicing, By: []string{byFinance}, When: "invoices are to be sent"},
		{From: []string{Invoicing}, To: NoPayment, By: []string{byFinance}, When: "they no longer are, and there is no source"},
		{From: []string{Invoicing}, To: SourceAdded, By: []string{byFinance}, When: "they no longer are, and there is a source"},
	},
})
