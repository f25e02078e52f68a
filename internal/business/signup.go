package business

import (
	"context"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Signup is a signup package as a customer has it, or can buy it.
type Signup struct {
	Fee      roster.Amount
	Currency string
	Settled  bool
	Pending  bool // the gateway is yet to tell
}

// BuySignup buys the signup package of the branch that the actor, a customer, is at
// home at: its fee is charged to what they pay with, and then they are settled. A
// gateway that lets people pay outside leaves an open invoice. Where it is settled, or
// free, nothing is charged. Invalid with CodeNoPaymentSource, or CodeSignupFailed
// where the gateway refuses; NotFound with CodeNoUnit; Unavailable.
func (b *Business) BuySignup(ctx context.Context, a roster.Actor) (s *Signup, err error) {
	if s, err = b.offerSignup(ctx, a); err != nil || s.Settled {
		return s, err
	}
	outcome := PaymentDone
	var at *attempt
	if s.Fee > 0 {
		if at, outcome, err = b.paySignup(ctx, a, s); err != nil {
			return nil, err
		}
	}
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		tx.Housekeeping()
		news := true
		if at != nil {
			if news, err = at.settle(tx, outcome); err != nil {
				return err
			}
		}
		if news {
			s, err = settleSignup(tx, a.PersonID, outcome)
		} else {
			s, err = signupOf(tx, a.PersonID) // the gateway has told already
		}
		return err
	})
	if err == nil && outcome == PaymentRefused && !s.Settled {
		return nil, roster.Errorf(roster.Invalid, CodeSignupFailed, "the payment of the signup package was refused")
	}
	if err == nil {
		s.Pending = outcome == PaymentPending && !s.Settled
	}
	return s, err
}

func (b *Business) offerSignup(ctx context.Context, a roster.Actor) (s *Signup, err error) {
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		s, err = signupOf(tx, a.PersonID)
		return err
	})
	return s, err
}

// paySignup asks the gateway for the fee. What it has not decided yet is not asked for
// twice.
func (b *Business) paySignup(ctx context.Context, a roster.Actor, s *Signup) (at *attempt, outcome Outcome, err error) {
	var source *PaymentSource
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		tx.Housekeeping()
		if source, err = payingSource(tx, a.PersonID); err != nil {
			return err
		}
		at, source, err = begin(tx, paySignup, a.PersonID, source)
		if err == nil && at == nil {
			err = roster.Errorf(roster.Invalid, CodeNoPaymentSource, "add a payment source first")
		}
		return err
	})
	if err != nil || at.state == string(PaymentPending) {
		return at, PaymentPending, err
	}
	outcome, err = b.ask(ctx, at, source, Payment{Tenant: a.Tenant, Amount: s.Fee, Currency: s.Currency, Text: "signup package"})
	return at, outcome, err
}

// signupOf reads what the signup package of a customer costs, and whether it is
// settled.
func signupOf(tx *store.Tx, customer int64) (*Signup, error) {
	c, err := identity.LiveCustomer(tx, customer)
	if err != nil {
		return nil, err
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return nil, err
	}
	u, err := UnitOf(tx, tree, c.HomeBranchID)
	if err != nil {
		return nil, err
	}
	text, err := identity.SignupFee.In(tx, tree, c.HomeBranchID)
	if err != nil {
		return nil, err
	}
	fee, err := roster.ParseAmount(text)
	return &Signup{Fee: fee, Currency: u.Currency, Settled: c.SignupSettled}, err
}

// settleSignup writes what became of the payment of a signup package: charge and
// invoice where it is bought, and what the customer has of it. What is settled stays.
func settleSignup(tx *store.Tx, customer int64, outcome Outcome) (*Signup, error) {
	s, err := signupOf(tx, customer)
	if err != nil || s.Settled {
		return s, err
	}
	if outcome == PaymentPending {
		s.Pending = true
		return s, nil
	}
	bought := outcome == PaymentDone || outcome == PaymentOutside
	if bought && s.Fee > 0 {
		if err := billSignup(tx, customer, s.Fee, outcome == PaymentDone); err != nil {
			return nil, err
		}
	}
	s.Settled = bought
	_, err = identity.UpdateCustomer(tx, customer, nil, func(c *identity.Customer) error {
		c.SignupSettled, c.SignupFailed = bought, !bought
		return nil
	})
	return s, err
}

// billSignup makes an invoice of the signup package alone.
func billSignup(tx *store.Tx, customer int64, fee roster.Amount, paid bool) error {
	p, err := payerOf(tx, customer)
	if err != nil {
		return err
	}
	if _, err := p.billUsage(tx); err != nil { // what was charged before is another invoice
		return err
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	u, err := UnitOf(tx, tree, p.branch)
	if err != nil {
		return err
	}
	err = PostCharges(tx, []*Charge{{
		AccountID: customer, Kind: SignupCharge, SourceID: customer, MemberID: customer, BusinessUnitID: u.ID, BranchID: p.branch,
		Currency: u.Currency, Time: tx.Now, Price: TaxOf(fee, u.Tax),
	}})
	if err != nil {
		return err
	}
	p.paymentState = NoPayment // the gateway was asked already
	invoices, err := p.billUsage(tx)
	if err != nil || !paid {
		return err
	}
	for _, i := range invoices {
		if err := i.move(tx, InvoicePaid, byGateway); err != nil {
			return err
		}
	}
	return nil
}
