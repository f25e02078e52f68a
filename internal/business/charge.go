package business

import (
	"math"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Kinds of charges.
const (
	RentalCharge  = "RENTAL"
	BookingCharge = "BOOKING"
	RebateCharge  = "REBATE"
	SignupCharge  = "SIGNUP" // a customer's alone
)

// maxAmount bounds one charge, a hundred million of a currency's units, so that the
// sums of nine million of the greatest fit.
const maxAmount = 100_000_000 * 10_000

// Charge is one thing that an account owes or, of a rebate, gets back: a row of the
// ledger. It is never changed but for the invoice that takes it. Times are µs UTC.
type Charge struct {
	ID             int64 // filled in when it is posted
	AccountID      int64 // a business account's, or a customer's own
	Kind           string
	SourceID       int64 // the rental or booking; of a signup the customer
	Part           int64 // of a rebate the voucher, else 0
	MemberID       int64 // who caused it
	CostCenterID   int64 // 0 for none
	BusinessUnitID int64
	BranchID       int64
	Currency       string
	// Time is when it became due, such as the end of the rental: that picks the day
	// of the summary and the cycle of the invoice.
	Time  int64
	Price roster.Price // of a rebate below zero
}

var (
	chargeInsert = store.Q("charge.insert", `INSERT INTO charges (tenant, id, account_id, kind, source_id, part, member_id, cost_center_id, business_unit_id,
		branch_id, currency, time, day, net, tax, gross, invoice_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, $17)`).Many()
	chargesPosted = store.Q("charge.posted", `SELECT source_id, part FROM charges WHERE tenant = $1 AND kind = $2 AND source_id IN ($3)`).In()
	payerAccounts = store.Q("payer.accounts", `SELECT id, billing_cycle FROM business_accounts WHERE tenant = $1 AND id IN ($2)`).In()
)

// PostCharges adds charges to the ledger, in few statements however many they are,
// and fills in their ids. Net and tax add up to gross. A thing is charged once:
// Conflict with CodeCharged. Invalid for a charge that makes no sense; NotFound with
// CodeNoUnit.
func PostCharges(tx *store.Tx, charges []*Charge) error {
	if len(charges) == 0 {
		return nil
	}
	for _, c := range charges {
		if err := c.check(); err != nil {
			return err
		}
	}
	if err := refuseCharged(tx, charges); err != nil {
		return err
	}
	units, err := chargedUnits(tx, charges)
	if err != nil {
		return err
	}
	cycles, err := cyclesOf(tx, charges)
	if err != nil {
		return err
	}
	if err := insertCharges(tx, charges, units, cycles); err != nil {
		return err
	}
	recordCharges(tx, charges)
	return billUsages(tx, charges, cycles)
}

func (c *Charge) check() error {
	gross := c.Price.Gross
	switch {
	case c.Kind != RentalCharge && c.Kind != BookingCharge && c.Kind != RebateCharge && c.Kind != SignupCharge:
		return roster.FieldError("kind", "there is no kind %q of a charge", c.Kind)
	case c.AccountID == 0 || c.SourceID == 0 || c.MemberID == 0 || c.Time <= 0:
		return roster.FieldError("charge", "a charge has an account, a source, a member and a time")
	case c.Price.Net+c.Price.Tax != gross:
		return roster.FieldError("price", "net and tax must add up to gross")
	case gross > maxAmount || gross < -maxAmount:
		return roster.FieldError("price", "is beyond what one charge may be")
	case (c.Kind == RebateCharge) != (gross < 0):
		return roster.FieldError("price", "a rebate is below zero, and nothing else is")
	}
	if _, ok := roster.CurrencyScale(c.Currency); !ok {
		return roster.FieldError("currency", "must be a currency of ISO 4217, such as EUR")
	}
	return nil
}

// refuseCharged refuses what was charged before, or comes twice.
func refuseCharged(tx *store.Tx, charges []*Charge) error {
	type thing struct {
		kind         string
		source, part int64
	}
	seen := map[thing]bool{}
	sources := map[string][]int64{}
	for _, c := range charges {
		it := thing{c.Kind, c.SourceID, c.Part}
		if seen[it] {
			return errCharged()
		}
		seen[it] = true
		sources[c.Kind] = append(sources[c.Kind], c.SourceID)
	}
	charged := false
	for kind, ids := range sources {
		err := tx.EachIn(chargesPosted, ids, func(s store.Scanner) error {
			it := thing{kind: kind}
			err := s.Scan(&it.source, &it.part)
			charged = charged || seen[it]
			return err
		}, kind)
		if err != nil {
			return err
		}
	}
	if charged {
		return errCharged()
	}
	return nil
}

func errCharged() error {
	return roster.Errorf(roster.Conflict, CodeCharged, "this was charged before")
}

// chargedUnits reads the units of charges, which from now on keep what the ledger
// stands on.
func chargedUnits(tx *store.Tx, charges []*Charge) (map[int64]*Unit, error) {
	ids := map[int64]bool{}
	for _, c := range charges {
		ids[c.BusinessUnitID] = true
	}
	units, err := unitsByID(tx, sortedKeys(ids))
	if err != nil {
		return nil, err
	}
	for _, id := range sortedKeys(ids) {
		if units[id] == nil {
			return nil, errNoUnit()
		}
		if err := units[id].refer(tx, true); err != nil {
			return nil, err
		}
	}
	return units, nil
}

// cyclesOf reads the billing cycles of those of the charges' accounts that are
// business accounts.
func cyclesOf(tx *store.Tx, charges []*Charge) (map[int64]string, error) {
	ids := map[int64]bool{}
	for _, c := range charges {
		ids[c.AccountID] = true
	}
	cycles := map[int64]string{}
	err := tx.EachIn(payerAccounts, sortedKeys(ids), func(s store.Scanner) error {
		var id int64
		var cycle string
		err := s.Scan(&id, &cycle)
		cycles[id] = cycle
		return err
	})
	return cycles, err
}

func insertCharges(tx *store.Tx, charges []*Charge, units map[int64]*Unit, cycles map[int64]string) (err error) {
	sums := ledgerSums{}
	rows := make([][]any, len(charges))
	for i, c := range charges {
		if c.ID, err = tx.NextID(store.Charges); err != nil {
			return err
		}
		day := dayOf(c.Time, units[c.BusinessUnitID].Location())
		rows[i] = []any{
			c.ID, c.AccountID, c.Kind, c.SourceID, c.Part, c.MemberID, c.CostCenterID, c.BusinessUnitID,
			c.BranchID, c.Currency, c.Time, day, int64(c.Price.Net), int64(c.Price.Tax), int64(c.Price.Gross), tx.Now,
		}
		if cycles[c.AccountID] == "" {
			continue // a customer's own: nobody sums those up by day
		}
		if c.Kind == SignupCharge {
			return roster.FieldError("kind", "a business account buys no signup package")
		}
		at, t := place{c.AccountID, day, c.BusinessUnitID, c.Currency}, tallyOf(c.Kind, 1, c.Price)
		sums.add(at, byCostCenter, c.CostCenterID, t)
		sums.add(at, byMember, c.MemberID, t)
		sums.add(at, byInvoice, 0, t)
	}
	if err := tx.ExecMany(chargeInsert, rows); err != nil {
		return err
	}
	return sums.save(tx)
}

// The nouns of the ledger in the change log.
const (
	ledgerSubject  = "ledger"         // SubjectID is the account's
	invoiceSubject = "invoice"        // ObjectID is the account's
	sourceSubject  = "payment_source" // ObjectID is the account's
	unitSubject    = "unit"
)

// LedgerFields are what the change log says of charges that were posted together to
// one account; each stands in the ledger for itself.
type LedgerFields struct {
	Charges int               `json:"charges"`
	First   int64             `json:"firstId"`
	Gross   map[string]string `json:"gross"` // by currency
}

func recordCharges(tx *store.Tx, charges []*Charge) {
	type posted struct {
		count int
		first int64
		gross map[string]roster.Amount
	}
	accounts := map[int64]*posted{}
	for _, c := range charges {
		p := accounts[c.AccountID]
		if p == nil {
			p = &posted{first: math.MaxInt64, gross: map[string]roster.Amount{}}
			accounts[c.AccountID] = p
		}
		p.count++
		p.first = min(p.first, c.ID)
		p.gross[c.Currency] += c.Price.Gross
	}
	for _, id := range sortedKeys(accounts) {
		f := LedgerFields{accounts[id].count, accounts[id].first, map[string]string{}}
		for currency, gross := range accounts[id].gross {
			f.Gross[currency] = gross.String()
		}
		tx.Record(roster.Change{Operation: "charge.post", SubjectType: ledgerSubject, SubjectID: id, After: f})
	}
}

var chargesOfMember = store.Q("charge.spent_by", `SELECT coalesce(CAST(sum(gross) AS bigint), 0) FROM charges
	WHERE tenant = $1 AND account_id = $2 AND member_id = $3 AND time >= $4 AND time < $5 AND currency = $6`)

// SpentBy sums what a member caused in an account within [from, to), rebates taken
// off, gross and in one currency.
func SpentBy(tx *store.Tx, account, member int64, currency string, from, to int64) (spent roster.Amount, err error) {
	err = tx.Row(chargesOfMember, account, member, from, to, currency).Scan(&spent)
	return spent, err
}

var chargesOfCostCenter = store.Q("charge.of_cost_center", `SELECT id FROM charges
	WHERE tenant = $1 AND cost_center_id = $2 AND cost_center_id <> 0 LIMIT 1`)

// costCenterCharged reports whether the ledger knows a cost center.
func costCenterCharged(tx *store.Tx, id int64) (bool, error) {
	return tx.Exists(chargesOfCostCenter, id)
}
