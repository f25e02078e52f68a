package mobility

import (
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// facts are what requirements are judged by.
type facts struct {
	q     *Question
	rules *rules
	said  said
	start *StartRequirements // never nil
	now   int64              // µs UTC
	at    int64              // when it begins
	// The dates, in the zone of the branch, of now, of the start and of the end.
	today, day, lastDay string
	terms               *care.Terms // that count at the branch; nil for none

	person    // no customer where the question is about nobody
	group     group
	member    *business.Member // in the group that pays; nil for none
	active    bool             // the person drives
	available []int64          // cost centers
	spent     roster.Amount
}

// gather finds the facts of a question: in memory, where they are there. NotFound for
// the person.
func (m *Mobility) gather(a asker, r *rules, q *Question) (*facts, error) {
	if q.Person == 0 {
		return r.facts(q, a.now)
	}
	p, err := m.memory.person(a, q.Person)
	if err != nil {
		return nil, err
	}
	g := &group{}
	if q.Account != nil {
		if g, err = m.memory.group(a, q.Account.ID); err != nil {
			return nil, err
		}
	}
	// The clock may be behind what another node wrote, and memory never is.
	f, err := r.facts(q, max(a.now, r.at, p.at, g.at))
	if err != nil {
		return nil, err
	}
	f.person, f.group = *p, *g
	if of := p.membership; of != nil && q.Account != nil && of.GroupID == q.Account.ID {
		f.member, f.available = of, g.available(of, f.at)
	}
	if f.asks("NO_ACTIVE_RENTAL") {
		if f.active, err = m.memory.active(a, q.Person); err != nil {
			return nil, err
		}
	}
	if f.asks("SPENDING_LIMIT") {
		err = a.read(m.db, f.readSpent)
	}
	return f, err
}

// facts are those that are known of nobody.
func (r *rules) facts(q *Question, now int64) (*facts, error) {
	f := &facts{q: q, rules: r, start: &StartRequirements{}, now: now, at: q.At, terms: r.terms.Current(r.tree, q.BranchID, now)}
	if f.at == 0 {
		f.at = now
	}
	zone := r.zone(nil, q.BranchID)
	date := func(at int64) string { return time.UnixMicro(at).In(zone).Format(time.DateOnly) }
	f.today, f.day, f.lastDay = date(now), date(f.at), date(max(q.Until, f.at))
	var err error
	if f.said, err = r.said(q.BranchID); err != nil {
		return nil, err
	}
	if start := r.start(q.BranchID, q.CategoryID); start != nil {
		f.start = start
	}
	if f.said.signupFee && !slices.Contains(f.start.Require, signupFee) {
		start := *f.start
		start.Require = append(slices.Clone(start.Require), signupFee)
		f.start = &start
	}
	return f, nil
}

const signupFee = "SIGNUP_FEE_SETTLED"

// readSpent reads what the member spent in the period that the start lies in.
func (f *facts) readSpent(tx *store.Tx) (err error) {
	zone := f.rules.zone(f.q.Account, f.q.BranchID)
	from, to := period(f.member.Limit.Period, time.UnixMicro(f.at).In(zone))
	f.spent, err = business.SpentBy(tx, f.q.Account.ID, f.q.Person, f.member.Limit.Currency, from.UnixMicro(), to.UnixMicro())
	return err
}

// termsState is how the person stands to the terms of the branch.
func (f *facts) termsState() string {
	return f.rules.terms.State(f.rules.tree, f.q.BranchID, f.now, f.accepted)
}

// source reports whether the person has an active payment source, of a kind or, where
// that is "", of any.
func (f *facts) source(kind string) bool {
	return slices.ContainsFunc(f.sources, func(p *business.PaymentSource) bool {
		return p.State == business.SourceActive && (kind == "" || p.Type == kind)
	})
}

// hasCard reports whether an identity card of the branch, or of one above it, is the
// person's.
func (f *facts) hasCard() bool {
	chain := f.rules.tree.Chain(f.q.BranchID)
	return slices.ContainsFunc(f.cards, func(branch int64) bool { return slices.Contains(chain, branch) })
}

// unpaid reports whether an unpaid invoice blocks somebody.
func (f *facts) unpaid(blockedFrom int64) bool { return blockedFrom != 0 && blockedFrom < f.now }

// period is the DAY, WEEK (from Monday) or MONTH that a time lies in, in its zone.
func period(name string, at time.Time) (from, to time.Time) {
	year, month, day := at.Date()
	midnight := func(month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, at.Location())
	}
	switch name {
	case "DAY":
		return midnight(month, day), midnight(month, day+1)
	case "WEEK":
		monday := day - (int(at.Weekday())+6)%7
		return midnight(month, monday), midnight(month, monday+7)
	default:
		return midnight(month, 1), midnight(month+1, 1)
	}
}
