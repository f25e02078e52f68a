package business

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// NewSource is what a payer says of a payment source.
type NewSource struct {
	Type    string
	Label   string // what the payer knows it by; "" for none
	Default bool   // whether it is to be the one that pays; the first always is
	Key     string // who sends it again makes nothing new; "" for none
}

// setupKey is the gateway's key of what an actor asks for an account under a key of
// their own: another actor's, or another account's, is another. Without one, nothing is
// the same.
func (n NewSource) setupKey(a roster.Actor, account int64) string {
	if n.Key == "" {
		return uuid.Must(uuid.NewV7()).String()
	}
	said := fmt.Sprintf("%s\n%s\n%d\n%d\n%s", a.Tenant.Name, a.API, a.PersonID, account, n.Key)
	return uuid.NewSHA1(sourceKeys, []byte(said)).String()
}

// sourceKeys is the name space of setup keys.
var sourceKeys = uuid.MustParse("5f0a2d6e-8c1b-4a57-9e7d-3b1f6a0c9d42")

// sourceRemoval has the gateway forget a payment source.
var sourceRemoval = jobs.Kind[sourceArgs]{Name: "payment_source.remove"}

// sourceArgs are the arguments of a job about a payment source.
type sourceArgs struct {
	ID int64 `json:"id"`
}

// PaymentSources lists what an account pays with: a customer's own, or those of a
// business account for its managers; the log says who saw which. NotFound with
// CodeNoAccount, Forbidden with CodeNoPermission.
func (b *Business) PaymentSources(ctx context.Context, a roster.Actor, account int64) (all []*PaymentSource, err error) {
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		if _, err := payingFor(tx, a, account); err != nil {
			return err
		}
		if all, err = SourcesOf(tx, account); err == nil {
			recordSourcesRead(tx, account, "", 0, all)
		}
		return err
	})
	return all, err
}

// AddPaymentSource begins a payment source of an account at the gateway of the
// business unit that bills it. Where the gateway completes it at once it is active,
// else it is pending, and Next says how the client goes on. Who may is as of
// PaymentSources; NotFound with CodeNoUnit where nobody bills the account, Unavailable
// with CodeNoGateway, Invalid, or an error of the gateway.
func (b *Business) AddPaymentSource(ctx context.Context, a roster.Actor, account int64, n NewSource) (source *PaymentSource, err error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	source = &PaymentSource{AccountID: account, Type: n.Type, Label: n.Label}
	currency := ""
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		p, err := payingFor(tx, a, account)
		if err != nil {
			return err
		}
		currency, err = p.describe(tx, source)
		return err
	})
	if err != nil {
		return nil, err
	}
	g, err := b.gateway(source.Gateway)
	if err != nil {
		return nil, err
	}
	made, err := g.Setup(ctx, SourceSetup{
		Key: n.setupKey(a, account), Tenant: a.Tenant, AccountID: account, Type: n.Type, Currency: currency,
	})
	if err != nil {
		return nil, err
	}
	source.Reference, source.State, source.Brand, source.Last4 = made.Reference, made.State, made.Brand, made.Last4
	source.ExpiryMonth, source.ExpiryYear = made.ExpiryMonth, made.ExpiryYear
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		known, err := knownSource(tx, source)
		if err == nil && known != nil {
			tx.Housekeeping()
			source = known
			return nil
		}
		if err != nil {
			return err
		}
		return addSource(tx, a, source, n.Default)
	})
	source.Next = made.Next
	return source, err
}

// knownSource reads the payment source that a gateway was asked for under the same key
// before; nil for none. Conflict with CodePaymentState where that was for another, or
// it is gone.
func knownSource(tx *store.Tx, wanted *PaymentSource) (*PaymentSource, error) {
	known, err := scanSource(tx.Row(sourceByReference, wanted.Gateway, wanted.Reference))
	switch {
	case errors.Is(err, store.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case known.AccountID != wanted.AccountID || known.Type != wanted.Type || known.State == SourceDeleted:
		return nil, roster.Errorf(roster.Conflict, CodePaymentState, "the key was used for another payment source")
	}
	return known, nil
}

func (n NewSource) check() error {
	if !slices.Contains(sourceTypes, n.Type) {
		return roster.FieldError("type", "must be one of %v", sourceTypes)
	}
	return checkTexts(text{"label", n.Label, maxWord})
}

// describe fills in where a payment source belongs, and returns its currency.
func (p *payer) describe(tx *store.Tx, source *PaymentSource) (currency string, err error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return "", err
	}
	if source.Type == InvoicingPayment {
		allowed, err := identity.InvoicingAllowed.In(tx, tree, p.branch)
		if err != nil {
			return "", err
		}
		if !allowed {
			return "", roster.FieldError("type", "INVOICING is not allowed here")
		}
	}
	u, err := p.billedBy(tx, tree)
	if err != nil {
		return "", err
	}
	source.BranchID, source.BusinessUnitID, source.Gateway = p.branch, u.ID, u.Gateway
	if source.Type == InvoicingPayment { // no provider moves that money
		source.Gateway = ManualGateway
	}
	return u.Currency, nil
}

func addSource(tx *store.Tx, a roster.Actor, source *PaymentSource, wanted bool) error {
	p, err := payingFor(tx, a, source.AccountID)
	if err != nil {
		return err
	}
	if err := ReferenceUnit(tx, source.BusinessUnitID); err != nil {
		return err
	}
	source.DefaultWanted = wanted && source.State != SourceActive
	if err := source.insert(tx); err != nil {
		return err
	}
	if err := p.advance(tx, source.State, byPayer); err != nil {
		return err
	}
	if source.State != SourceActive {
		return nil
	}
	all, err := SourcesOf(tx, source.AccountID)
	if err != nil {
		return err
	}
	return source.compete(tx, all, wanted)
}

// compete chooses the default of an account anew, of all of its sources: this one, where
// it is wanted.
func (p *PaymentSource) compete(tx *store.Tx, all []*PaymentSource, wanted bool) error {
	at := all[slices.IndexFunc(all, func(s *PaymentSource) bool { return s.ID == p.ID })]
	chosen := at
	if !wanted {
		chosen = nil
	}
	err := choose(tx, all, chosen)
	p.IsDefault, p.Revision = at.IsDefault, at.Revision
	return err
}

// SetDefaultPaymentSource makes a payment source the one that pays. Who may is as of
// PaymentSources; NotFound with CodeUnknownPaymentSource, Conflict with
// CodePaymentState for one that is not active.
func (b *Business) SetDefaultPaymentSource(ctx context.Context, a roster.Actor, account, id int64) (source *PaymentSource, err error) {
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		if _, err := payingFor(tx, a, account); err != nil {
			return err
		}
		if source, err = sourceOf(tx, account, id); err != nil {
			return err
		}
		if source.State != SourceActive {
			return roster.Errorf(roster.Conflict, CodePaymentState, "the payment source is %s and pays nothing", source.State)
		}
		all, err := SourcesOf(tx, account)
		if err != nil {
			return err
		}
		source = all[slices.IndexFunc(all, func(s *PaymentSource) bool { return s.ID == id })]
		return choose(tx, all, source)
	})
	return source, err
}

// RemovePaymentSource removes a payment source, and has the gateway forget it. With
// the last one the account is without payment, unless invoices are sent. Who may is
// as of PaymentSources; NotFound with CodeUnknownPaymentSource.
func (b *Business) RemovePaymentSource(ctx context.Context, a roster.Actor, account, id int64) error {
	return b.db.Write(ctx, a, func(tx *store.Tx) error {
		p, err := payingFor(tx, a, account)
		if err != nil {
			return err
		}
		source, err := sourceOf(tx, account, id)
		if err != nil {
			return err
		}
		if err := SourceLife.Check(source.State, SourceDeleted, byPayer); err != nil {
			return err
		}
		if err := source.set(tx, SourceDeleted, false); err != nil {
			return err
		}
		if err := p.retreat(tx, byPayer); err != nil || source.Gateway == ManualGateway {
			return err
		}
		return jobs.Enqueue(tx, sourceRemoval.Job(sourceArgs{id}))
	})
}

// Once the gateway has forgotten a source, so have we by which name it knew it.
var sourceForget = store.Q("payment_source.forget", `UPDATE payment_sources SET reference = 'removed-' || CAST(id AS text)
	WHERE tenant = $1 AND id = $2 AND state = 'DELETED'`)

// removeSource is the job that has a gateway forget a payment source.
func (b *Business) removeSource(ctx context.Context, tenant roster.Tenant, a sourceArgs) error {
	var source *PaymentSource
	err := b.db.Read(ctx, tenant.ID, func(tx *store.Tx) (err error) {
		source, err = scanSource(tx.Row(sourceByID, a.ID))
		return err
	})
	if err != nil {
		return err
	}
	g, err := b.gateway(source.Gateway)
	if err != nil {
		return err
	}
	if err := g.Remove(ctx, tenant, source.Reference); err != nil {
		return err
	}
	return b.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
		tx.Housekeeping()
		if _, err := tx.Exec(sourceForget, a.ID); err != nil {
			return err
		}
		return jobs.Done(ctx, tx)
	})
}
