package business

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// bank is a gateway whose answers a test chooses. It takes the money of a key once.
type bank struct {
	state   string // of sources
	outcome Outcome
	err     error
	charged []Payment
	removed []string
}

func (b *bank) Setup(_ context.Context, s SourceSetup) (SourceResult, error) {
	return SourceResult{
		Reference: "ref-" + s.Key, State: b.state, Brand: "Visa", Last4: "4242", ExpiryMonth: 12, ExpiryYear: 2030,
		Next: map[string]string{"clientSecret": "s3cret"},
	}, nil
}

func (b *bank) Remove(_ context.Context, _ roster.Tenant, reference string) error {
	b.removed = append(b.removed, reference)
	return nil
}

func (b *bank) Charge(_ context.Context, p Payment) (Outcome, error) {
	b.charged = append(b.charged, p)
	return b.outcome, b.err
}

// withBank has the unit bill through a bank.
func withBank(t *testing.T, database string) (*ledger, *bank) {
	l := newLedger(t, database, "2026-11-10T12:00:00Z")
	b := &bank{state: SourceActive, outcome: PaymentDone}
	l.AddGateway("BANK", b)
	l.write(func(tx *store.Tx) error {
		_, err := UpdateUnit(tx, l.unit.ID, nil, func(u *Unit) error { u.Gateway = "BANK"; return nil })
		return err
	})
	return l, b
}

func (l *ledger) addSource(actor roster.Actor, account int64, n NewSource) *PaymentSource {
	l.t.Helper()
	p, err := l.AddPaymentSource(context.Background(), actor, account, n)
	if err != nil {
		l.t.Fatal(err)
	}
	return p
}

func (l *ledger) paymentState(account int64) (state string) {
	l.read(func(tx *store.Tx) error {
		p, err := payerOf(tx, account)
		state = p.paymentState
		return err
	})
	return state
}

func TestSetPaymentState(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		actor := l.user(l.members[0])
		set := func(state, want string) {
			t.Helper()
			l.write(func(tx *store.Tx) error { tx.Housekeeping(); return SetPaymentState(tx, l.account.ID, state) })
			if got := l.paymentState(l.account.ID); got != want {
				t.Errorf("the state is %s, want %s", got, want)
			}
		}
		set(Invoicing, Invoicing)
		source := l.addSource(actor, l.account.ID, NewSource{Type: SEPA})
		if got := l.paymentState(l.account.ID); got != Invoicing {
			t.Errorf("a source makes it %s", got)
		}
		set(NoPayment, SourceAdded)
		set(Invoicing, Invoicing)
		if err := l.RemovePaymentSource(t.Context(), actor, l.account.ID, source.ID); err != nil || l.paymentState(l.account.ID) != Invoicing {
			t.Errorf("%s, %v", l.paymentState(l.account.ID), err)
		}
		set(NoPayment, NoPayment)
		refused(t, l.tryWrite(func(tx *store.Tx) error { return SetPaymentState(tx, l.account.ID, PushInitiated) }), roster.Forbidden, CodePaymentParty)
		refused(t, l.tryWrite(func(tx *store.Tx) error { return SetPaymentState(tx, l.account.ID, "GOLD") }), roster.Conflict, CodePaymentState)
	})
}

// The gateway is asked for the money of an invoice once, whatever breaks.
func TestCollecting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l, b := withBank(t, database)
		l.addSource(l.user(l.members[0]), l.account.ID, NewSource{Type: CreditCard})
		now := at("2026-11-10T12:00:00Z")
		bill := func(outcome Outcome) *Invoice {
			t.Helper()
			b.outcome = outcome
			l.post(l.charge(RentalCharge, "5", "2026-11-10T12:00:00Z", nil))
			now += 60e6
			l.clock.Store(now)
			all, err := l.CloseUntil(t.Context(), l.cli, l.account.ID, roster.MomentAt(now))
			if err != nil || len(all) != 1 || all[0].Settlement != SettlementPending {
				t.Fatalf("%+v, %v", all, err)
			}
			return all[0]
		}
		after := func(i *Invoice) *Invoice {
			t.Helper()
			if err := l.runner(l.Business).Drain(t.Context()); err != nil && b.err == nil {
				t.Error(err)
			}
			all := l.invoices(l.account.ID)
			return all[slices.IndexFunc(all, func(o *Invoice) bool { return o.ID == i.ID })]
		}
		check := func(i *Invoice, state, settlement string) {
			t.Helper()
			if i.State != state || i.Settlement != settlement {
				t.Errorf("%s is %s and %s, want %s and %s", i.Number, i.State, i.Settlement, state, settlement)
			}
		}
		check(after(bill(PaymentDone)), InvoicePaid, Settled)
		if p := b.charged[0]; len(b.charged) != 1 || p.Amount != 5_0000 || p.Currency != "EUR" || p.Text != "2026-11-10-INV-1" {
			t.Errorf("%+v", b.charged)
		}
		check(after(bill(PaymentOutside)), InvoiceOpen, SettlementOpen)

		failed := after(bill(PaymentRefused))
		check(failed, InvoiceFailed, SettlementOpen)
		b.outcome = PaymentDone
		if _, err := l.RetryInvoice(t.Context(), l.cli, failed.ID, nil); err != nil {
			t.Error(err)
		}
		check(after(failed), InvoicePaid, Settled)

		pending := after(bill(PaymentPending))
		check(pending, InvoiceOpen, SettlementPending)
		_, err := l.CancelInvoice(t.Context(), l.cli, pending.ID, nil)
		refused(t, err, roster.Conflict, CodeInvoiceState)
		key := b.charged[len(b.charged)-1].Key
		for range 2 { // told twice
			if err := l.CompletePayment(t.Context(), l.cli, PaymentReport{Gateway: "BANK", Key: key, Outcome: PaymentDone}); err != nil {
				t.Error(err)
			}
		}
		check(after(pending), InvoicePaid, Settled)
		for _, key := range []string{"", "acme:invoice:x", "other:invoice:1", "acme:tip:1"} {
			refused(t, l.CompletePayment(t.Context(), l.cli, PaymentReport{Gateway: "BANK", Key: key, Outcome: PaymentDone}), roster.NotFound, CodeNoInvoice)
		}

		b.err = errors.New("the line is dead")
		broken := after(bill(PaymentDone))
		check(broken, InvoiceOpen, SettlementPending)
		b.err = nil
		now += 3600e6
		l.clock.Store(now)
		check(after(broken), InvoicePaid, Settled)
		if n := len(b.charged); b.charged[n-1].Key != b.charged[n-2].Key {
			t.Errorf("it was asked under two keys: %+v", b.charged[n-2:])
		}
		if n := len(b.charged); b.charged[n-1].AskedAt != b.charged[n-2].AskedAt || b.charged[n-1].AskedAt == 0 {
			t.Errorf("it was asked first at %d and %d", b.charged[n-2].AskedAt, b.charged[n-1].AskedAt)
		}
		checkSums(t, l)
	})
}

// A refused payment is asked for under another key, and what the gateway says late of
// the first is right: money counts, a refusal does not.
func TestCollectingAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l, b := withBank(t, database)
		first := l.addSource(l.user(l.members[0]), l.account.ID, NewSource{Type: CreditCard})
		b.outcome = PaymentRefused
		l.post(l.charge(RentalCharge, "5", "2026-11-10T12:00:00Z", nil))
		l.clock.Store(at("2026-11-10T12:01:00Z"))
		all, err := l.CloseUntil(t.Context(), l.cli, l.account.ID, roster.MomentAt(at("2026-11-10T12:01:00Z")))
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		drain := func() string {
			t.Helper()
			if err := l.runner(l.Business).Drain(t.Context()); err != nil {
				t.Error(err)
			}
			return l.invoices(l.account.ID)[0].State
		}
		tell := func(key string, outcome Outcome) string {
			t.Helper()
			if err := l.CompletePayment(t.Context(), l.cli, PaymentReport{Gateway: "BANK", Key: key, Outcome: outcome}); err != nil {
				t.Error(err)
			}
			return l.invoices(l.account.ID)[0].State
		}
		retry := func() {
			t.Helper()
			if _, err := l.RetryInvoice(t.Context(), l.cli, all[0].ID, nil); err != nil {
				t.Error(err)
			}
		}
		if state := drain(); state != InvoiceFailed {
			t.Errorf("it is %s", state)
		}
		b.outcome = PaymentPending
		retry()
		if state := drain(); state != InvoiceOpen || len(b.charged) != 2 || b.charged[0].Key == b.charged[1].Key {
			t.Errorf("it is %s; %+v", state, b.charged)
		}
		if state := tell(b.charged[0].Key, PaymentRefused); state != InvoiceOpen {
			t.Errorf("after what was refused already it is %s", state)
		}
		if state := tell(b.charged[1].Key, PaymentRefused); state != InvoiceFailed {
			t.Errorf("after the refusal it is %s", state)
		}
		// While the outcome is not known, the first source is asked, whatever is the default now.
		b.err = errors.New("the line is dead")
		retry()
		_ = l.runner(l.Business).Drain(t.Context())
		l.addSource(l.user(l.members[0]), l.account.ID, NewSource{Type: SEPA, Default: true})
		b.err, b.outcome = nil, PaymentRefused
		l.clock.Store(at("2026-11-10T14:01:00Z"))
		if state := drain(); state != InvoiceFailed || len(b.charged) != 4 || b.charged[3].Reference != first.Reference || b.charged[3].Key != b.charged[2].Key {
			t.Errorf("it is %s; %+v", state, b.charged)
		}
		for range 2 {
			if state := tell(b.charged[3].Key, PaymentDone); state != InvoicePaid {
				t.Errorf("after the money it is %s", state)
			}
		}
		if state := tell(b.charged[3].Key, PaymentRefused); state != InvoicePaid {
			t.Errorf("a refusal after the money makes it %s", state)
		}
	})
}

// What is billed while there is nothing to pay with is charged when it is due, to what
// there is by then; of a customer's own invoices, too.
func TestCollectingWhenDue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l, b := withBank(t, database)
		person, other := l.members[2], l.members[1]
		l.post(
			l.charge(RentalCharge, "5", "2026-11-10T12:00:00Z", func(c *Charge) { c.AccountID = person }),
			l.charge(RentalCharge, "6", "2026-11-10T12:00:00Z", func(c *Charge) { c.AccountID = other }),
		)
		l.run("2026-11-10T12:00:01Z")
		l.addSource(l.user(person), person, NewSource{Type: CreditCard})
		l.run("2026-11-23T12:00:01Z")
		if i := l.invoices(person)[0]; i.State != InvoiceOpen || len(b.charged) != 0 {
			t.Errorf("before it is due: %+v, %+v", i, b.charged)
		}
		l.run("2026-11-24T12:00:02Z")
		if i := l.invoices(person)[0]; i.State != InvoicePaid || len(b.charged) != 1 || b.charged[0].Amount != 5_0000 {
			t.Errorf("when it is due: %+v, %+v", i, b.charged)
		}
		if i := l.invoices(other)[0]; i.State != InvoiceOpen || i.Settlement != SettlementOpen {
			t.Errorf("without a source: %+v", i)
		}
		// With a source it is charged at once.
		l.post(l.charge(RentalCharge, "7", "2026-11-24T12:00:02Z", func(c *Charge) { c.AccountID = person }))
		l.run("2026-11-24T12:00:03Z")
		if i := l.invoices(person)[1]; i.State != InvoicePaid || len(b.charged) != 2 {
			t.Errorf("with a source: %+v, %+v", i, b.charged)
		}
	})
}

// A gateway that is gone for good leaves the invoice to people, and their next try asks
// for the same payment.
func TestUncollected(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l, b := withBank(t, database)
		l.addSource(l.user(l.members[0]), l.account.ID, NewSource{Type: CreditCard})
		b.err = errors.New("the line is dead")
		l.post(l.charge(RentalCharge, "5", "2026-11-10T12:00:00Z", nil))
		l.clock.Store(at("2026-11-10T12:01:00Z"))
		all, err := l.CloseUntil(t.Context(), l.cli, l.account.ID, roster.MomentAt(at("2026-11-10T12:01:00Z")))
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		for hour := range int64(collection.Attempts) {
			l.clock.Store(at("2026-11-10T13:01:00Z") + hour*2*3600e6)
			_ = l.runner(l.Business).Drain(t.Context())
		}
		if i := l.invoices(l.account.ID)[0]; i.State != InvoiceFailed || len(b.charged) != collection.Attempts {
			t.Fatalf("%+v, asked %d times", i, len(b.charged))
		}
		b.err = nil
		if _, err := l.RetryInvoice(t.Context(), l.cli, all[0].ID, nil); err != nil {
			t.Error(err)
		}
		if err := l.runner(l.Business).Drain(t.Context()); err != nil {
			t.Error(err)
		}
		last := b.charged[len(b.charged)-1]
		if i := l.invoices(l.account.ID)[0]; i.State != InvoicePaid || last.Key != b.charged[0].Key || last.AskedAt != b.charged[0].AskedAt {
			t.Errorf("%+v, %+v", i, last)
		}
	})
}

func TestBuySignup(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l, b := withBank(t, database)
		l.write(func(tx *store.Tx) error {
			_, err := identity.PutBranchSetting(tx, identity.SignupFee.Name, l.branch, []byte(`"29.9"`))
			return err
		})
		person := l.members[2]
		actor := l.user(person)
		_, err := l.BuySignup(t.Context(), actor)
		refused(t, err, roster.Invalid, CodeNoPaymentSource)
		l.addSource(actor, person, NewSource{Type: CreditCard})
		customer := func() (c *identity.Customer) {
			l.read(func(tx *store.Tx) (err error) {
				c, err = identity.LiveCustomer(tx, person)
				return err
			})
			return c
		}
		b.outcome = PaymentRefused
		_, err = l.BuySignup(t.Context(), actor)
		refused(t, err, roster.Invalid, CodeSignupFailed)
		if c := customer(); c.SignupSettled || !c.SignupFailed || len(l.invoices(person)) != 0 {
			t.Errorf("%+v", c)
		}
		b.outcome = PaymentPending
		s, err := l.BuySignup(t.Context(), actor)
		if err != nil || s.Settled || !s.Pending || s.Fee != 29_9000 || s.Currency != "EUR" {
			t.Errorf("%+v, %v", s, err)
		}
		l.post(l.charge(RentalCharge, "3", "2026-11-10T12:00:00Z", func(c *Charge) { c.AccountID = person }))
		for range 2 {
			if err := l.CompletePayment(t.Context(), l.cli, PaymentReport{Gateway: "BANK", Key: b.charged[len(b.charged)-1].Key, Outcome: PaymentDone}); err != nil {
				t.Error(err)
			}
		}
		if c := customer(); !c.SignupSettled || c.SignupFailed {
			t.Errorf("%+v", c)
		}
		asked := len(b.charged)
		if s, err := l.BuySignup(t.Context(), actor); err != nil || !s.Settled || len(b.charged) != asked {
			t.Errorf("bought twice: %+v, %v", s, err)
		}
		// The package is an invoice of its own, and paid.
		all := l.invoices(person)
		if len(all) != 2 || all[0].Price.Gross != 3_0000 || all[1].Price != TaxOf(29_9000, 2000) || all[1].State != InvoicePaid {
			t.Errorf("%+v", all)
		}
		l.run("2026-11-10T12:00:05Z")
		if all := l.invoices(person); len(all) != 2 {
			t.Errorf("%d invoices", len(all))
		}
	})
}

// Where people pay outside, the package is bought, and its invoice open; where it is
// free, there is none.
func TestBuySignupByHand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		if s, err := l.BuySignup(t.Context(), l.user(l.members[0])); err != nil || !s.Settled || len(l.invoices(l.members[0])) != 0 {
			t.Errorf("%+v, %v", s, err)
		}
		l.write(func(tx *store.Tx) error {
			_, err := identity.PutBranchSetting(tx, identity.SignupFee.Name, 0, []byte(`"10"`))
			return err
		})
		actor := l.user(l.members[1])
		l.addSource(actor, l.members[1], NewSource{Type: SEPA})
		s, err := l.BuySignup(t.Context(), actor)
		if all := l.invoices(l.members[1]); err != nil || !s.Settled || len(all) != 1 || all[0].State != InvoiceOpen || all[0].Settlement != SettlementOpen {
			t.Errorf("%+v, %+v, %v", s, all, err)
		}
	})
}
