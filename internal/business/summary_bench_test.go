package business

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

const (
	benchCharges = 1_000_000 // of one account in November, and of ten others together
	benchMembers = 500
	benchCenters = 20
)

// BenchmarkSummary asks for the summary of a month of a million charges, of 500
// members and 20 cost centers: of the cycle (whole days), of a period that begins and
// ends at noon, the worst, and of one cost center; then again with as many charges of
// other accounts beside, which should not be felt.
func BenchmarkSummary(b *testing.B) {
	for engine, database := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": pgtest.Database} {
		b.Run("db="+engine, func(b *testing.B) {
			l := newLedger(b, database(b), "2026-11-10T12:00:00Z")
			fillMonth(b, l, 1, 1)
			for _, others := range []int{0, benchCharges} {
				if others > 0 {
					fillMonth(b, l, 2, 10)
				}
				for name, q := range map[string]SummaryQuery{
					"cycle":       {},
					"noons":       {From: moment("2026-11-01T11:00:00Z"), To: moment("2026-11-29T11:00:00Z")},
					"cost_center": {CostCenterID: 1000},
				} {
					q.AccountID = l.account.ID
					b.Run(fmt.Sprintf("others=%d/%s", others, name), func(b *testing.B) {
						for b.Loop() {
							s, err := l.BillingSummary(b.Context(), l.cli, q)
							if err != nil {
								b.Fatal(err)
							}
							if len(s.ByMember) < benchMembers/benchCenters {
								b.Fatalf("%+v", s)
							}
						}
					})
				}
			}
		})
	}
}

// fillMonth gives the account, or other accounts, their charges behind the program's
// back, with their sums: from is a number that no fill had before.
func fillMonth(b *testing.B, l *ledger, from, accounts int) {
	b.Helper()
	first := l.account.ID
	l.write(func(tx *store.Tx) error {
		tx.Housekeeping()
		for i := range accounts {
			if from == 1 {
				continue
			}
			a, err := l.newAccount(tx, fmt.Sprintf("Other %d", i), Monthly)
			if err != nil {
				return err
			}
			if i == 0 {
				first = a.ID
			}
		}
		return nil
	})
	day := dayOf(at("2026-11-01T12:00:00Z"), l.unit.Location())
	r := strings.NewReplacer(
		"{from}", fmt.Sprint(from*benchCharges), "{charges}", fmt.Sprint(benchCharges), "{first}", fmt.Sprint(first), "{accounts}", fmt.Sprint(accounts),
		"{members}", fmt.Sprint(benchMembers), "{centers}", fmt.Sprint(benchCenters), "{unit}", fmt.Sprint(l.unit.ID), "{branch}", fmt.Sprint(l.branch),
		"{day}", fmt.Sprint(day), "{start}", fmt.Sprint(dayStart(day, l.unit.Location())),
	)
	db := storetest.Raw(b, l.database)
	for _, statement := range []string{
		`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {charges} - 1)
			INSERT INTO charges (tenant, id, account_id, kind, source_id, part, member_id, cost_center_id, business_unit_id, branch_id, currency, time, day, net, tax, gross, invoice_id, created_at)
			SELECT 1, {from} + i, {first} + i % {accounts}, 'RENTAL', {from} + i, 0, 10000 + i * 7 % {members}, {from} / {charges} * 1000 + i * 13 % {centers}, {unit}, {branch}, 'EUR',
				{start} + i * (30 * 86400000000 / {charges}), {day} + i * 30 / {charges}, 10000 + i % 100, 2000, 12000 + i % 100, 0, 0 FROM n`,
		`INSERT INTO charge_sums (tenant, account_id, dimension, day, business_unit_id, currency, id, rentals, bookings, rental_gross, rental_tax, booking_gross, booking_tax, rebate_gross, rebate_tax)
			SELECT 1, account_id, 'COST_CENTER', day, {unit}, 'EUR', cost_center_id, count(*), 0, sum(gross), sum(tax), 0, 0, 0, 0 FROM charges WHERE id >= {from} GROUP BY account_id, day, cost_center_id`,
		`INSERT INTO charge_sums (tenant, account_id, dimension, day, business_unit_id, currency, id, rentals, bookings, rental_gross, rental_tax, booking_gross, booking_tax, rebate_gross, rebate_tax)
			SELECT 1, account_id, 'MEMBER', day, {unit}, 'EUR', member_id, count(*), 0, sum(gross), sum(tax), 0, 0, 0, 0 FROM charges WHERE id >= {from} GROUP BY account_id, day, member_id`,
		`INSERT INTO charge_sums (tenant, account_id, dimension, day, business_unit_id, currency, id, rentals, bookings, rental_gross, rental_tax, booking_gross, booking_tax, rebate_gross, rebate_tax)
			SELECT 1, account_id, 'INVOICE', day, {unit}, 'EUR', 0, count(*), 0, sum(gross), sum(tax), 0, 0, 0, 0 FROM charges WHERE id >= {from} GROUP BY account_id, day`,
	} {
		if _, err := db.ExecContext(b.Context(), r.Replace(statement)); err != nil {
			b.Fatal(err)
		}
	}
	if from > 1 {
		return
	}
	for i := range benchCenters {
		if _, err := db.ExecContext(b.Context(), fmt.Sprintf(`INSERT INTO cost_centers (tenant, id, group_id, code, code_key, name, description, external_reference,
			active, valid_from, valid_until, created_at, updated_at, revision) VALUES (1, %d, %d, 'b%d', 'b%d', 'Center', '', '', true, 0, 0, 0, 0, 0)`, 1000+i, l.account.ID, i, i)); err != nil {
			b.Fatal(err)
		}
	}
	if store.IsPostgres(l.database) {
		if _, err := db.ExecContext(b.Context(), "ANALYZE"); err != nil {
			b.Fatal(err)
		}
	}
}
