package business

import (
	"errors"
	"slices"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

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

// payingFor reads the account that an actor pays for: a customer themselves, or a
// business account of theirs to manage. Forbidden with CodeBlocked; else errors are
// those of managerOf.
func payingFor(tx *store.Tx, a roster.Actor, account int64) (*payer, error) {
	if account == a.PersonID && account != 0 {
		c, err := identity.LiveCustomer(tx, account)
		if err != nil {
			return nil, err
		}
		if c.BlockState != identity.NotBlocked {
			return nil, errBlocked()
		}
		return payerOfCustomer(c), nil
	}
	if a.API == roster.CLI {
		acc, err := LiveAccount(tx, account)
		if err != nil {
			return nil, err
		}
		return payerOfAccount(acc), nil
	}
	acc, _, err := managerOf(tx, a, account)
	if err != nil {
		return nil, err
	}
	return payerOfAccount(acc), nil
}

// sourceSteps are the payment states that lead to one, in turn.
var sourceSteps = []string{NoPayment, PushInitiated, PushCompleted, SourceAdded}

// advance takes the payer's payment state as far as a source of a state takes it: a
// pending one that the payer begins to PUSH_INITIATED, one that the gateway tells of
// to PUSH_COMPLETED, an active one to SOURCE_ADDED. Where it is further, or invoices
// are sent, it stays.
func (p *payer) advance(tx *store.Tx, source, by string) error {
	to := PushInitiated
	switch {
	case source == SourceActive:
		to = SourceAdded
	case by == byGateway:
		to = PushCompleted
	}
	at := slices.Index(sourceSteps, p.paymentState)
	if at < 0 || at >= slices.Index(sourceSteps, to) {
		return nil
	}
	for ; sourceSteps[at] != to; at++ {
		party := byGateway
		if at == 0 {
			party = byPayer
		}
		if err := PaymentLife.Check(sourceSteps[at], sourceSteps[at+1], party); err != nil {
			return err
		}
	}
	return p.setPaymentState(tx, to)
}

// retreat chooses what pays after a source has gone, and takes the payment state back
// with the last one.
func (p *payer) retreat(tx *store.Tx, by string) error {
	all, err := SourcesOf(tx, p.id)
	if err != nil {
		return err
	}
	if err := choose(tx, all, nil); err != nil {
		return err
	}
	left := slices.ContainsFunc(all, func(s *PaymentSource) bool { return s.State == SourceActive || s.State == SourcePending })
	if left || p.paymentState == NoPayment || p.paymentState == Invoicing {
		return nil
	}
	if err := PaymentLife.Check(p.paymentState, NoPayment, by); err != nil {
		return err
	}
	return p.setPaymentState(tx, NoPayment)
}

func (p *payer) setPaymentState(tx *store.Tx, state string) (err error) {
	p.paymentState = state
	if p.business {
		_, err = EditAccount(tx, p.id, nil, func(a *Account) error { a.PaymentState = state; return nil })
	} else {
		_, err = identity.UpdateCustomer(tx, p.id, nil, func(c *identity.Customer) error { c.PaymentState = state; return nil })
	}
	return err
}

// SetPaymentState has finance say whether an account is sent invoices: INVOICING, or
// NONE, which is SOURCE_ADDED where the account has an active source. NotFound with
// CodeNoAccount, Conflict with CodePaymentState, Forbidden with CodePaymentParty for
// a state that follows from sources; Conflict where invoicing is not allowed.
func SetPaymentState(tx *store.Tx, account int64, state string) error {
	p, err := payerOf(tx, account)
	if err != nil {
		return err
	}
	if state == NoPayment {
		has, err := HasPaymentSource(tx, account)
		if err != nil {
			return err
		}
		if has {
			state = SourceAdded
		}
	}
	if p.paymentState == state {
		return nil
	}
	if err := PaymentLife.Check(p.paymentState, state, byFinance); err != nil {
		return err
	}
	if state == Invoicing {
		if err := p.checkInvoicing(tx); err != nil {
			return err
		}
	}
	return p.setPaymentState(tx, state)
}

func (p *payer) checkInvoicing(tx *store.Tx) error {
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	allowed, err := identity.InvoicingAllowed.In(tx, tree, p.branch)
	if err == nil && !allowed {
		err = roster.Errorf(roster.Conflict, CodePaymentState, "invoicing is not allowed at the account's branch")
	}
	return err
}

// bySourceReference finds a payment source by what its gateway calls it. NotFound
// with CodeUnknownPaymentSource.
func bySourceReference(tx *store.Tx, gateway, reference string) (*PaymentSource, error) {
	source, err := scanSource(tx.Row(sourceByReference, gateway, reference))
	if errors.Is(err, store.ErrNoRows) || err == nil && source.State == SourceDeleted {
		return nil, roster.Errorf(roster.NotFound, CodeUnknownPaymentSource, "there is no such payment source")
	}
	return source, err
}
