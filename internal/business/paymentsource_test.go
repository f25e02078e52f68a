package business

import (
	"slices"
	"testing"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestPaymentSources(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		for _, payer := range []struct{ person, account int64 }{{l.members[1], l.account.ID}, {l.members[2], l.members[2]}} {
			actor := l.user(payer.person)
			if state := l.paymentState(payer.account); state != NoPayment {
				t.Errorf("it begins as %s", state)
			}
			first := l.addSource(actor, payer.account, NewSource{Type: SEPA, Label: "the house bank"})
			if first.State != SourceActive || !first.IsDefault || first.Gateway != ManualGateway || first.BranchID != l.branch || first.BusinessUnitID != l.unit.ID {
				t.Errorf("%+v", first)
			}
			second := l.addSource(actor, payer.account, NewSource{Type: PayPal})
			third := l.addSource(actor, payer.account, NewSource{Type: CreditCard, Default: true})
			if second.IsDefault || !third.IsDefault || l.paymentState(payer.account) != SourceAdded {
				t.Errorf("%+v, %+v, %s", second, third, l.paymentState(payer.account))
			}
			if p, err := l.SetDefaultPaymentSource(t.Context(), actor, payer.account, second.ID); err != nil || !p.IsDefault {
				t.Errorf("%+v, %v", p, err)
			}
			defaults := func() (ids []int64) {
				all, err := l.PaymentSources(t.Context(), actor, payer.account)
				if err != nil {
					t.Error(err)
				}
				for _, p := range all {
					if p.IsDefault {
						ids = append(ids, p.ID)
					}
				}
				return ids
			}
			if got := defaults(); !slices.Equal(got, []int64{second.ID}) {
				t.Errorf("defaults are %v", got)
			}
			for _, step := range []struct {
				remove    int64
				defaults  []int64
				state     string
				available bool
			}{
				{second.ID, []int64{first.ID}, SourceAdded, true},
				{third.ID, []int64{first.ID}, SourceAdded, true},
				{first.ID, nil, NoPayment, false},
			} {
				if err := l.RemovePaymentSource(t.Context(), actor, payer.account, step.remove); err != nil {
					t.Error(err)
				}
				if got := defaults(); !slices.Equal(got, step.defaults) || l.paymentState(payer.account) != step.state {
					t.Errorf("%+v: defaults %v, %s", step, got, l.paymentState(payer.account))
				}
				l.read(func(tx *store.Tx) error {
					has, err := HasPaymentSource(tx, payer.account)
					if has != step.available {
						t.Errorf("%+v: available %v", step, has)
					}
					return err
				})
			}
			refused(t, l.RemovePaymentSource(t.Context(), actor, payer.account, first.ID), roster.NotFound, CodeUnknownPaymentSource)
		}
	})
}

func TestPaymentSourcesRefuse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l := newLedger(t, database, "2026-11-10T12:00:00Z")
		mine := l.addSource(l.user(l.members[0]), l.members[0], NewSource{Type: SEPA})
		try := func(actor roster.Actor, account int64) []error {
			_, listed := l.PaymentSources(t.Context(), actor, account)
			_, added := l.AddPaymentSource(t.Context(), actor, account, NewSource{Type: SEPA})
			_, chosen := l.SetDefaultPaymentSource(t.Context(), actor, account, mine.ID)
			return []error{listed, added, chosen, l.RemovePaymentSource(t.Context(), actor, account, mine.ID)}
		}
		for _, err := range try(l.user(l.customer("Rita", "Rival")), l.account.ID) {
			refused(t, err, roster.NotFound, CodeNoAccount)
		}
		for _, err := range try(l.user(l.members[1]), l.members[0]) { // somebody else's own
			refused(t, err, roster.NotFound, CodeNoAccount)
		}
		for _, err := range try(l.user(l.members[2]), l.account.ID) {
			refused(t, err, roster.Forbidden, CodeNoPermission)
		}
		// Another account's source is none of this one.
		refused(t, l.RemovePaymentSource(t.Context(), l.user(l.members[1]), l.account.ID, mine.ID), roster.NotFound, CodeUnknownPaymentSource)
		_, err := l.AddPaymentSource(t.Context(), l.user(l.members[1]), l.account.ID, NewSource{Type: "GOLD"})
		refused(t, err, roster.Invalid, "")
		l.write(func(tx *store.Tx) error {
			_, err := identity.PutBranchSetting(tx, identity.InvoicingAllowed.Name, 0, []byte("false"))
			return err
		})
		_, err = l.AddPaymentSource(t.Context(), l.user(l.members[1]), l.account.ID, NewSource{Type: InvoicingPayment})
		refused(t, err, roster.Invalid, "")
		refused(t, l.tryWrite(func(tx *store.Tx) error { return SetPaymentState(tx, l.account.ID, Invoicing) }), roster.Conflict, CodePaymentState)
		l.write(func(tx *store.Tx) error {
			_, err := UpdateUnit(tx, l.unit.ID, nil, func(u *Unit) error { u.Gateway = "GONE"; return nil })
			return err
		})
		_, err = l.AddPaymentSource(t.Context(), l.user(l.members[1]), l.account.ID, NewSource{Type: SEPA})
		refused(t, err, roster.Unavailable, CodeNoGateway)
	})
}

// A source that is to be the default is so once the provider has it, and not again.
func TestDefaultOnceComplete(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l, b := withBank(t, database)
		actor := l.user(l.members[0])
		defaults := func(when string, want *PaymentSource) {
			t.Helper()
			all, err := l.PaymentSources(t.Context(), actor, l.account.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range all {
				if s.IsDefault != (s.ID == want.ID) {
					t.Errorf("%s source %d is the default: %v", when, s.ID, s.IsDefault)
				}
			}
		}
		b.state = SourceActive
		old := l.addSource(actor, l.account.ID, NewSource{Type: CreditCard})
		b.state = SourcePending
		wanted := l.addSource(actor, l.account.ID, NewSource{Type: SEPA, Default: true})
		other := l.addSource(actor, l.account.ID, NewSource{Type: PayPal})
		defaults("at first", old)
		tell := func(s *PaymentSource, states ...string) {
			t.Helper()
			for _, state := range states {
				got, err := l.CompletePaymentSource(t.Context(), l.cli, SourceReport{Gateway: "BANK", Reference: s.Reference, State: state})
				if err != nil || got.State != state {
					t.Fatalf("%+v, %v", got, err)
				}
			}
		}
		tell(other, SourceActive)
		defaults("with another one", old)
		tell(wanted, SourceFailed, SourceActive)
		defaults("once it is complete", wanted)
		if _, err := l.SetDefaultPaymentSource(t.Context(), actor, l.account.ID, old.ID); err != nil {
			t.Fatal(err)
		}
		tell(wanted, SourceExpired, SourceActive)
		defaults("after it was renewed", old)
	})
}

// A provider's source is pending until the provider says more.
func TestProviderSources(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l, b := withBank(t, database)
		b.state = SourcePending
		actor := l.user(l.members[0])
		tell := func(p *PaymentSource, state string) error {
			_, err := l.CompletePaymentSource(t.Context(), l.cli, SourceReport{Gateway: "BANK", Reference: p.Reference, State: state})
			return err
		}
		card := l.addSource(actor, l.account.ID, NewSource{Type: CreditCard})
		if card.State != SourcePending || card.IsDefault || card.Next["clientSecret"] != "s3cret" || card.Last4 != "4242" || card.ExpiryYear != 2030 {
			t.Errorf("%+v", card)
		}
		_, err := l.SetDefaultPaymentSource(t.Context(), actor, l.account.ID, card.ID)
		refused(t, err, roster.Conflict, CodePaymentState)
		for _, step := range []struct{ told, want string }{
			{"", PushInitiated}, {SourcePending, PushCompleted}, {SourcePending, PushCompleted}, {SourceActive, SourceAdded},
			{SourceActive, SourceAdded}, {SourceExpired, NoPayment}, {SourceActive, SourceAdded},
		} {
			if step.told != "" {
				if err := tell(card, step.told); err != nil {
					t.Fatalf("%+v: %v", step, err)
				}
			}
			if got := l.paymentState(l.account.ID); got != step.want {
				t.Fatalf("after %s the state is %s, want %s", step.told, got, step.want)
			}
		}
		refused(t, tell(card, SourceFailed), roster.Conflict, CodePaymentState)
		refused(t, tell(&PaymentSource{Reference: "none"}, SourceActive), roster.NotFound, CodeUnknownPaymentSource)
		if all, err := l.PaymentSources(t.Context(), actor, l.account.ID); err != nil || len(all) != 1 || !all[0].IsDefault {
			t.Errorf("%+v, %v", all, err)
		}
		if err := l.RemovePaymentSource(t.Context(), actor, l.account.ID, card.ID); err != nil {
			t.Error(err)
		}
		l.run("2026-11-10T12:00:01Z")
		if !slices.Equal(b.removed, []string{card.Reference}) {
			t.Errorf("the bank has forgotten %q", b.removed)
		}
		// A message that comes twice is done once.
		failing := l.addSource(actor, l.account.ID, NewSource{Type: CreditCard})
		for _, step := range []struct{ event, state, want string }{
			{"1", SourceActive, SourceActive}, {"2", SourceExpired, SourceExpired}, {"1", SourceActive, SourceExpired}, {"3", SourceActive, SourceActive},
		} {
			p, err := l.CompletePaymentSource(t.Context(), l.cli, SourceReport{
				Event: step.event, Gateway: "BANK", Reference: failing.Reference, State: step.state, Last4: "1111", ExpiryMonth: 1, ExpiryYear: 2031,
			})
			if err != nil || p.State != step.want || p.Last4 != "1111" || p.ExpiryYear != 2031 || p.Brand != "Visa" {
				t.Errorf("%+v: %+v, %v", step, p, err)
			}
		}
		if err := l.RemovePaymentSource(t.Context(), actor, l.account.ID, failing.ID); err != nil {
			t.Error(err)
		}
		failing = l.addSource(actor, l.account.ID, NewSource{Type: CreditCard})
		if err := tell(failing, SourceFailed); err != nil || l.paymentState(l.account.ID) != NoPayment {
			t.Errorf("%s, %v", l.paymentState(l.account.ID), err)
		}
	})
}

// Who asks for a payment source twice under a key gets the one.
func TestPaymentSourceKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		l, b := withBank(t, database)
		b.state = SourcePending
		actor := l.user(l.members[0])
		card := NewSource{Type: CreditCard, Key: "k1"}
		first, again := l.addSource(actor, l.account.ID, card), l.addSource(actor, l.account.ID, card)
		if first.ID != again.ID || again.Next["clientSecret"] == "" {
			t.Errorf("%+v, %+v", first, again)
		}
		card.Key = "k2"
		other, own := l.addSource(actor, l.account.ID, card), l.addSource(actor, l.members[0], card)
		if other.ID == first.ID || own.ID == other.ID || own.AccountID != l.members[0] {
			t.Errorf("%+v, %+v", other, own)
		}
		_, err := l.AddPaymentSource(t.Context(), actor, l.account.ID, NewSource{Type: SEPA, Key: "k1"})
		refused(t, err, roster.Conflict, CodePaymentState)
		if p := l.addSource(actor, l.account.ID, NewSource{Type: InvoicingPayment}); p.Gateway != ManualGateway || p.State != SourceActive {
			t.Errorf("%+v", p)
		}
	})
}
