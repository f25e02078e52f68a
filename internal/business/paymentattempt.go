package business

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// What payments are for, as their keys say it.
const (
	payInvoice = "invoice"
	paySignup  = "signup"
)

// attemptAsked is the state of a payment whose outcome nobody knows yet. The others are
// the outcomes.
const attemptAsked = "ASKED"

// attempt is one asking of a gateway for the money of one thing. It is written before
// the gateway is asked, so that who asks again asks for the same: from the same source,
// under the same key. Only what was refused is asked for under another.
type attempt struct {
	id      int64 // how invoices call it
	noun    string
	subject int64 // the invoice, or the customer who buys
	number  int64 // 1, and one more after each refusal
	source  int64
	state   string
	askedAt int64
}

const attemptColumns = `id, noun, subject_id, attempt, source_id, state, asked_at`

var (
	attemptLast = store.Q("payment_attempt.last", `SELECT `+attemptColumns+` FROM payment_attempts
		WHERE tenant = $1 AND noun = $2 AND subject_id = $3 ORDER BY attempt DESC LIMIT 1`)
	attemptByKey = store.Q("payment_attempt.by_key", `SELECT `+attemptColumns+` FROM payment_attempts
		WHERE tenant = $1 AND noun = $2 AND subject_id = $3 AND attempt = $4`)
	attemptInsert = store.Q("payment_attempt.insert", `INSERT INTO payment_attempts (tenant, `+attemptColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
	attemptUpdate = store.Q("payment_attempt.update", `UPDATE payment_attempts SET state = $5
		WHERE tenant = $1 AND noun = $2 AND subject_id = $3 AND attempt = $4`)
)

func scanAttempt(s store.Scanner) (*attempt, error) {
	p := &attempt{}
	return p, s.Scan(&p.id, &p.noun, &p.subject, &p.number, &p.source, &p.state, &p.askedAt)
}

// open reports whether the gateway is yet to say what became of it.
func (p *attempt) open() bool { return p.state == attemptAsked || p.state == string(PaymentPending) }

// key is the attempt's own over all tenants: what a gateway takes once.
func (p *attempt) key(tenant string) string {
	return strings.Join([]string{tenant, p.noun, strconv.FormatInt(p.subject, 10), strconv.FormatInt(p.number, 10)}, ":")
}

// begin writes that the gateway of a source is about to be asked, or finds what it was
// asked already and has not answered, with its source; nil where there is neither.
func begin(tx *store.Tx, noun string, subject int64, with *PaymentSource) (*attempt, *PaymentSource, error) {
	last, err := scanAttempt(tx.Row(attemptLast, noun, subject))
	switch {
	case errors.Is(err, store.ErrNoRows):
		last = &attempt{}
	case err != nil:
		return nil, nil, err
	case last.open():
		source, err := scanSource(tx.Row(sourceByID, last.source))
		return last, source, err
	}
	if with == nil {
		return nil, nil, nil
	}
	p := &attempt{noun: noun, subject: subject, number: last.number + 1, source: with.ID, state: attemptAsked, askedAt: tx.Now}
	if p.id, err = tx.NextID(store.Payments); err != nil {
		return nil, nil, err
	}
	_, err = tx.Exec(attemptInsert, p.id, p.noun, p.subject, p.number, p.source, p.state, p.askedAt)
	return p, with, err
}

// ask takes money from a payment source. A gateway that is gone is an error that
// another try may heal.
func (b *Business) ask(ctx context.Context, at *attempt, source *PaymentSource, p Payment) (Outcome, error) {
	g, err := b.gateway(source.Gateway)
	if err != nil {
		return "", err
	}
	p.Key, p.Reference, p.AskedAt = at.key(p.Tenant.Name), source.Reference, at.askedAt
	return g.Charge(ctx, p)
}

// settle writes what became of a payment, and reports whether that is news. What is
// told twice is none, and a refusal is not where there is an outcome already; money
// that came after all is.
func (p *attempt) settle(tx *store.Tx, outcome Outcome) (news bool, err error) {
	now, err := scanAttempt(tx.Row(attemptByKey, p.noun, p.subject, p.number))
	if errors.Is(err, store.ErrNoRows) {
		return false, errNoPayment()
	}
	if err != nil || now.state == string(outcome) || !now.open() && outcome != PaymentDone {
		return false, err
	}
	_, err = tx.Exec(attemptUpdate, p.noun, p.subject, p.number, string(outcome))
	return err == nil, err
}

// attemptNamed reads a key. NotFound for what is none of the tenant's.
func attemptNamed(tenant, key string) (*attempt, error) {
	parts := strings.Split(strings.TrimPrefix(key, tenant+":"), ":")
	if len(parts) != 3 {
		return nil, errNoPayment()
	}
	subject, err := strconv.ParseInt(parts[1], 10, 64)
	number, err2 := strconv.ParseInt(parts[2], 10, 64)
	p := &attempt{noun: parts[0], subject: subject, number: number}
	if err != nil || err2 != nil || p.noun != payInvoice && p.noun != paySignup || p.key(tenant) != key {
		return nil, errNoPayment()
	}
	return p, nil
}

func errNoPayment() error {
	return roster.Errorf(roster.NotFound, CodeNoInvoice, "there is no such payment")
}

// PaymentReport is what a gateway tells of a payment that it was asked for.
type PaymentReport struct {
	Event   string // what the gateway's message is called, once for each; "" for none
	Gateway string
	Key     string // of the Payment
	Outcome Outcome
}

// CompletePayment writes what became of a payment, as its gateway tells it: in any
// order, and as often as it likes. NotFound for another key. It is for gateways.
func (b *Business) CompletePayment(ctx context.Context, a roster.Actor, r PaymentReport) error {
	at, err := attemptNamed(a.Tenant.Name, r.Key)
	if err != nil {
		return err
	}
	return b.db.Write(ctx, a, func(tx *store.Tx) error {
		tx.Housekeeping()
		if again, err := seen(tx, r.Gateway, r.Event); again || err != nil {
			return err
		}
		news, err := at.settle(tx, r.Outcome)
		if err != nil || !news {
			return err
		}
		if at.noun == paySignup {
			_, err := settleSignup(tx, at.subject, r.Outcome)
			return err
		}
		return settleInvoice(tx, at.subject, r.Outcome)
	})
}

// seen reports whether a gateway's message was done before, and notes that it is now.
func seen(tx *store.Tx, gateway, event string) (bool, error) {
	if event == "" {
		return false, nil
	}
	first, err := identity.SeenEvent(tx, gateway, event)
	return !first, err
}
