package business

import (
	"context"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// SummaryQuery asks for a billing summary.
type SummaryQuery struct {
	AccountID int64
	// From and To are the period, [From, To); dates are midnights in the zone of the
	// business unit that bills the account. From alone runs to now, neither is the
	// cycle that is open.
	From, To roster.Moment
	// CostCenterID reduces the whole summary to one cost center; 0 does not.
	CostCenterID int64
}

// Summary is what a business account was charged in a period, in the currency of its
// business unit (contract/mobility.md §7). Total is Rentals and Bookings less Rebates,
// and Unbilled and Invoiced; Invoiced is Paid and Unpaid; the sums of ByCostCenter, of
// ByMember and of ByBusinessUnit are Total. Times are µs UTC.
type Summary struct {
	AccountID       int64
	Currency        string // "" where no business unit bills the account
	BillingCycle    string
	PaymentState    string
	From, To        int64
	Total           roster.Price
	Rentals         Counted
	Bookings        Counted
	Rebates         roster.Price // above zero
	Unbilled        roster.Price
	Invoiced        Counted // Count is of invoices, as in Unpaid
	Paid            roster.Price
	Unpaid          Counted
	ByCostCenter    []CostCenterSum // by id, what has none last
	ByMember        []MemberSum     // by id
	ByBusinessUnit  []UnitSum       // by id
	OtherCurrencies []CurrencySum   // by currency
	OpenInvoices    []*Invoice      // of all time, the one that is due first first
	NextBillingDate string          // YYYY-MM-DD in the unit's zone; "" for PER_USAGE
	GeneratedAt     int64
}

// Counted is what a number of things come to.
type Counted struct {
	Count int64
	Price roster.Price
}

// Sum is what is told of each part of a summary.
type Sum struct {
	ID                int64
	Rentals, Bookings int64
	Price             roster.Price
}

// CostCenterSum is a cost center's part; ID is 0 for what has none.
type CostCenterSum struct {
	Sum
	Code, Name string
}

// Unassigned is the name of the part that has no cost center.
const Unassigned = "UNASSIGNED"

// MemberSum is a member's part, or that of somebody who was one. Names are "" of who
// was erased.
type MemberSum struct {
	Sum
	MemberCode, FirstName, LastName string
}

// UnitSum is a business unit's part.
type UnitSum struct {
	Sum
	Code, Name string
}

// CurrencySum is what was charged in another currency.
type CurrencySum struct {
	Currency string
	Price    roster.Price
}

// maxSummaryDays bounds the period of a summary.
const maxSummaryDays = 400

// BillingSummary tells what a business account was charged, to its managers and its
// billing contacts. NotFound with CodeNoAccount for strangers, Forbidden with
// CodeNoPermission for other members, CodeBlocked or CodeDisabled, Invalid for a period
// that is none or longer than 400 days, and with CodeCostCenter for a cost center of
// another account.
func (b *Business) BillingSummary(ctx context.Context, a roster.Actor, q SummaryQuery) (s *Summary, err error) {
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		account, err := billedAccount(tx, a, q.AccountID)
		if err != nil {
			return err
		}
		s, err = summarize(tx, account, q)
		return err
	})
	return s, err
}

// billedAccount reads a business account whose bills are the actor's to see. Errors
// are those of managerOf.
func billedAccount(tx *store.Tx, a roster.Actor, id int64) (*Account, error) {
	if a.API == roster.CLI {
		return LiveAccount(tx, id)
	}
	account, m, err := memberOf(tx, a, id)
	if err != nil {
		return nil, err
	}
	if m.IsManager() || m.State == MemberActive && m.BillingRole == BillingContact {
		return account, nil
	}
	return nil, errNoPermission()
}

// summarize makes the summary of an account, whoever asks.
func summarize(tx *store.Tx, account *Account, q SummaryQuery) (*Summary, error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return nil, err
	}
	s := &Summary{AccountID: account.ID, BillingCycle: account.BillingCycle, PaymentState: account.PaymentState, GeneratedAt: tx.Now}
	zone := time.UTC
	u, err := payerOfAccount(account).billedBy(tx, tree)
	if err != nil && !roster.IsKind(err, roster.NotFound) {
		return nil, err
	}
	if err == nil {
		s.Currency, zone = u.Currency, u.Location()
	}
	from, to := account.openCycle(tx.Now, zone)
	if account.BillingCycle != PerUsage {
		s.NextBillingDate = time.UnixMicro(to).In(zone).Format(time.DateOnly)
	}
	if s.From, s.To, err = q.period(tx.Now, from, to, zone); err != nil {
		return nil, err
	}
	if q.CostCenterID != 0 {
		found, err := CostCentersByID(tx, []int64{q.CostCenterID})
		if err != nil {
			return nil, err
		}
		if c := found[q.CostCenterID]; c == nil || c.GroupID != account.ID {
			return nil, errCostCenter("costCenterId")
		}
	}
	f, err := chargedIn(tx, account.ID, q.CostCenterID, s.From, s.To)
	if err != nil {
		return nil, err
	}
	return s, s.fill(tx, f, q.CostCenterID)
}

// openCycle is the cycle that an instant lies in: the open one, or where that is over
// and yet to be closed, the one of the calendar.
func (a *Account) openCycle(now int64, zone *time.Location) (from, to int64) {
	if now < a.CycleTo {
		return a.CycleFrom, a.CycleTo
	}
	return firstCycle(a.BillingCycle, now, zone)
}

// period is the period that is asked for; from and to are the open cycle.
func (q SummaryQuery) period(now, from, to int64, zone *time.Location) (int64, int64, error) {
	switch {
	case q.From.Given && q.To.Given:
		from, to = q.From.In(zone), q.To.In(zone)
	case q.From.Given:
		from, to = q.From.In(zone), now
	case q.To.Given:
		return 0, 0, roster.FieldError("from", "is needed where to is given")
	}
	if from >= to {
		return 0, 0, roster.FieldError("from", "must lie before to")
	}
	if wall(to, zone)-wall(from, zone) > maxSummaryDays*24*time.Hour {
		return 0, 0, roster.FieldError("to", "must lie at most %d days behind from", maxSummaryDays)
	}
	return from, to, nil
}

// wall is what the clocks of a zone show at an instant, as a distance: its days have
// 24 hours each.
func wall(at int64, zone *time.Location) time.Duration {
	t := time.UnixMicro(at).In(zone)
	_, offset := t.Zone()
	return time.Duration(t.UnixMicro())*time.Microsecond + time.Duration(offset)*time.Second
}
