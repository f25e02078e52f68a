package mobility

import (
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// facts are what requirements are judged by. Those that nothing asks for are not read.
type facts struct {
	q     *Question
	rules *rules
	said  said
	start *StartRequirements // never nil
	at    int64              // µs UTC
	// The dates, in the zone of the branch, of now, of the start and of the end.
	today, day, lastDay string
	terms               *care.Terms // that count at the branch; nil for none

	customer     *identity.Customer // nil where the question is about nobody
	termsState   string
	active       bool // an active rental
	unpaid       bool
	source       bool // an active payment source
	creditCard   bool // so
	identityCard bool

	member      *business.Member // nil for none
	groupUnpaid bool
	available   []int64 // cost centers
	spent       roster.Amount
}

// gather reads the facts of a question.
func (r *rules) gather(tx *store.Tx, q *Question) (*facts, error) {
	f, err := r.configured(q, tx.Now)
	if err != nil || q.Person == 0 {
		return f, err
	}
	if f.customer, err = identity.LiveCustomer(tx, q.Person); err != nil {
		return nil, err
	}
	for _, read := range []func(*store.Tx) error{f.readTerms, f.readStanding, f.readMoney, f.readMember, f.readCostCenters, f.readSpent} {
		if err := read(tx); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// configured are the facts that are known of nobody.
func (r *rules) configured(q *Question, now int64) (*facts, error) {
	f := &facts{q: q, rules: r, start: &StartRequirements{}, at: q.At, terms: r.terms.Current(r.tree, q.BranchID, now)}
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

func (f *facts) readTerms(tx *store.Tx) error {
	if !f.asks("TERMS_ACCEPTED") {
		return nil
	}
	all, err := care.AcceptancesOf(tx, f.q.Person)
	f.termsState = f.rules.terms.State(f.rules.tree, f.q.BranchID, tx.Now, all)
	return err
}

func (f *facts) readStanding(tx *store.Tx) (err error) {
	if f.asks("NO_ACTIVE_RENTAL") {
		if f.active, err = tx.Exists(rentalActiveOf, f.q.Person); err != nil {
			return err
		}
	}
	if f.asks("IDENTITY_CARD_ASSIGNED") {
		f.identityCard, err = care.HasCard(tx, f.q.Person, f.rules.tree.Chain(f.q.BranchID))
	}
	return err
}

func (f *facts) readMoney(tx *store.Tx) (err error) {
	if f.q.Account != nil {
		f.groupUnpaid, err = business.HasUnpaid(tx, f.q.Account.ID, tx.Now)
		return err
	}
	if f.unpaid, err = business.HasUnpaid(tx, f.q.Person, tx.Now); err != nil {
		return err
	}
	// Which balance is asked depends on the sources.
	if !f.asks("PAYMENT_SOURCE") && !f.asks("CREDIT_CARD") && !kindOf["MINIMUM_BALANCE"].bound(f.start) {
		return nil
	}
	sources, err := business.SourcesOf(tx, f.q.Person)
	for _, source := range sources {
		active := source.State == business.SourceActive
		f.source = f.source || active
		f.creditCard = f.creditCard || active && source.Type == business.CreditCard
	}
	return err
}

func (f *facts) readMember(tx *store.Tx) (err error) {
	if f.q.Account == nil {
		return nil
	}
	f.member, err = business.LiveMember(tx, f.q.Account.ID, f.q.Person)
	if roster.IsKind(err, roster.NotFound) {
		f.member, err = nil, nil
	}
	return err
}

func (f *facts) readCostCenters(tx *store.Tx) error {
	a := f.q.Account
	if f.member == nil || !f.asks("COST_CENTER_SELECTED") && f.member.DefaultCostCenterID == 0 && a.DefaultCostCenterID == 0 {
		return nil
	}
	available, err := business.AvailableCostCenters(tx, a, f.member, f.at)
	for _, c := range available {
		f.available = append(f.available, c.ID)
	}
	return err
}

func (f *facts) readSpent(tx *store.Tx) (err error) {
	if !f.asks("SPENDING_LIMIT") {
		return nil
	}
	zone := f.rules.zone(f.q.Account, f.q.BranchID)
	from, to := period(f.member.Limit.Period, time.UnixMicro(f.at).In(zone))
	f.spent, err = business.SpentBy(tx, f.q.Account.ID, f.q.Person, f.member.Limit.Currency, from.UnixMicro(), to.UnixMicro())
	return err
}

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
