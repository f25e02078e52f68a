package business

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var (
	cyclesOver   = store.Q("account.cycles_over", `SELECT id FROM business_accounts WHERE tenant = $1 AND cycle_to <= $2 AND state <> 'DELETED'`)
	accountCycle = store.Q("account.cycle", `UPDATE business_accounts SET cycle_from = $3, cycle_to = $4 WHERE tenant = $1 AND id = $2`)
)

// cycleClosing closes those cycles of a business account that are over.
var cycleClosing = jobs.Kind[accountArgs]{Name: "cycle.close", Timeout: 10 * time.Minute}

// lookForCycles is how often accounts are sought whose cycle is over.
const lookForCycles = 5 * time.Minute

// registerLedgerJobs makes r bill, collect and tidy up.
func (b *Business) registerLedgerJobs(r *jobs.Runner) {
	r.Every("cycle.find", lookForCycles, b.findCycles)
	cycleClosing.Handle(r, b.closeCycles)
	usageBilling.Handle(r, b.billUsage)
	collection.HandleOr(r, b.collect, uncollected)
	sourceRemoval.Handle(r, b.removeSource)
}

// findCycles has the cycles closed that are over.
func (b *Business) findCycles(ctx context.Context, _ roster.Tenant) error {
	return b.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
		tx.Housekeeping()
		over, err := store.All(tx, cyclesOver, scanAccountID, tx.Now)
		if err != nil {
			return err
		}
		all := make([]jobs.Job, len(over))
		for i, id := range over {
			all[i] = cycleClosing.Job(accountArgs{id}).Keyed(strconv.FormatInt(id, 10))
		}
		if err := jobs.Enqueue(tx, all...); err != nil {
			return err
		}
		return jobs.Done(ctx, tx)
	})
}

// closeCycles closes one cycle after the other, each in a write of its own.
func (b *Business) closeCycles(ctx context.Context, _ roster.Tenant, a accountArgs) error {
	for more := true; more; {
		err := b.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) (err error) {
			tx.Housekeeping()
			if more, err = closeCycle(tx, a.ID); err != nil || more {
				return err
			}
			return jobs.Done(ctx, tx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// closeCycle closes the open cycle of a business account, if it is over, and opens
// the next; it reports whether it did. The cycle moves together with the invoices, so
// that none is closed twice.
func closeCycle(tx *store.Tx, account int64) (closed bool, err error) {
	p, err := payerOf(tx, account)
	if err != nil || !p.business || p.to > tx.Now {
		return false, err
	}
	// What lies before the account was made is history: CloseUntil bills it.
	invoices, err := p.bill(tx, stretch{since: p.createdAt, until: p.to, from: p.from, to: p.to})
	if err != nil {
		return false, err
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return false, err
	}
	zone, err := p.zone(tx, tree)
	if err != nil {
		return false, err
	}
	next := nextCycle(p.cycle, p.to, zone)
	if _, err := tx.Exec(accountCycle, account, p.to, next); err != nil {
		return false, err
	}
	tx.Record(roster.Change{
		Operation: "cycle.close", SubjectType: accountSubject, SubjectID: account,
		Before: CycleFields{p.from, p.to, 0}, After: CycleFields{p.to, next, len(invoices)},
	})
	return true, nil
}

// CycleFields are what the change log says of a cycle; times are µs UTC.
type CycleFields struct {
	From     int64 `json:"from"`
	To       int64 `json:"to"`
	Invoices int   `json:"invoices,omitempty"` // made by closing the one before
}

// billUsage bills all that is unbilled of an account without cycles.
func (b *Business) billUsage(ctx context.Context, _ roster.Tenant, a accountArgs) error {
	return b.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
		tx.Housekeeping()
		p, err := payerOf(tx, a.ID)
		if err != nil && !roster.IsKind(err, roster.NotFound) {
			return err
		}
		if err == nil && p.cycle == PerUsage {
			if _, err := p.billUsage(tx); err != nil {
				return err
			}
		}
		return jobs.Done(ctx, tx)
	})
}

// billUsage bills all that is unbilled; of a business account what lies behind its
// making.
func (p *payer) billUsage(tx *store.Tx) ([]*Invoice, error) {
	s := stretch{until: math.MaxInt64, to: tx.Now}
	if p.business {
		s.since = p.createdAt
	}
	return p.bill(tx, s)
}

// CloseUntil bills all that an account owes from before an instant, what lies before
// the account was made too: one invoice a business unit and currency. The cycles stay
// as they are. A date is midnight in the zone of the business unit. For finance.
// Forbidden, NotFound with CodeNoAccount, Invalid for an instant that is to come.
func (b *Business) CloseUntil(ctx context.Context, a roster.Actor, account int64, until roster.Moment) (all []*Invoice, err error) {
	if err := checkFinance(a); err != nil {
		return nil, err
	}
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		all, err = closeUntil(tx, account, until)
		return err
	})
	return all, err
}

func closeUntil(tx *store.Tx, account int64, until roster.Moment) ([]*Invoice, error) {
	p, err := payerOf(tx, account)
	if err != nil {
		return nil, err
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return nil, err
	}
	zone, err := p.zone(tx, tree)
	if err != nil {
		return nil, err
	}
	end := until.In(zone)
	if end <= 0 || end > tx.Now {
		return nil, roster.FieldError("until", "must be a time that has come")
	}
	return p.bill(tx, stretch{until: end, to: end})
}

// checkFinance refuses everybody but who keeps the books.
func checkFinance(a roster.Actor) error {
	if a.API == roster.CLI {
		return nil
	}
	return roster.Errorf(roster.Forbidden, CodeNoPermission, "this is for those who keep the books")
}

func scanAccountID(s store.Scanner) (id int64, err error) {
	err = s.Scan(&id)
	return id, err
}
