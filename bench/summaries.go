//go:build unix

package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

const summariesMethod = `Billing summaries: one client asks for that of an account that was charged %d rentals of %d members and %d cost centers within 30 days,
whole days and, for comparison, a period that begins and ends at noon, of which two half days are summed up charge by charge; then again once the other accounts have as many charges. The ledger's rows are made by
the driver, their sums with them.`

// summaries measures billing summaries of many rentals.
func (b *bench) summaries(c *chapter) error {
	charges, members, asked := 1_000_000, 500, 300
	if b.quick {
		charges, asked = 20_000, 20
	}
	c.method += "\n\n" + fmt.Sprintf(summariesMethod, charges, members, centersEach)
	t, err := b.buildTown(filepath.Join(b.folder, "summaries.db"))
	if err != nil {
		return err
	}
	alone, err := b.askSummaries(t, 0, charges, members, asked)
	if err != nil {
		return err
	}
	beside, err := b.askSummaries(t, 1, charges, members, asked)
	if err != nil {
		return err
	}
	for i, what := range []string{"summary of whole days", "summary from noon to noon"} {
		target := []float64{100, 0}[i]
		before, after := quantiles(alone[i]), quantiles(beside[i])
		c.add(below(what+", p99", fmt.Sprintf("median %s; with the others' charges median %s, p99 %s", before.Half, after.Half, after.Most),
			max(before.Most, after.Most).Seconds()*1000, "ms", target, `the sums of each member, cost center and day are read and rendered.`))
		c.add(ratio(what+", median without the others' charges beside that with them", fmt.Sprintf("%s beside %s", before.Half, after.Half),
			before.Half.Seconds()/after.Half.Seconds(), 0.9, `the pages of the account's own rows are further apart.`))
	}
	return nil
}

// askSummaries charges the first account, or all others, and times its summaries.
func (b *bench) askSummaries(t *town, fill, charges, members, asked int) (all [2][]time.Duration, err error) {
	if err := t.charge(fill, charges, members); err != nil {
		return all, err
	}
	p, err := b.serve("--database", t.database)
	if err != nil {
		return all, err
	}
	c, err := dial(p.address)
	if err != nil {
		return all, err
	}
	defer c.Close()
	for i, period := range []string{
		fmt.Sprintf("from=%s&to=%s", date(firstCharge), date(firstCharge.AddDate(0, 0, 30))),
		fmt.Sprintf("from=%sT11:00:00Z&to=%sT11:00:00Z", date(firstCharge), date(firstCharge.AddDate(0, 0, 29))),
	} {
		request := t.accounts[0].owner.get(fmt.Sprintf("/groups-management/%d/billing-summary?%s", t.accounts[0].id, period))
		for n := range asked + asked/10 {
			began := time.Now()
			a, err := c.do(request)
			if err == nil && (a.status != 200 || len(a.body) < 10_000) {
				err = fmt.Errorf("a summary was answered with %d: %s", a.status, a.body)
			}
			if err != nil {
				return all, err
			}
			if n >= asked/10 { // the first ones warm up
				all[i] = append(all[i], time.Since(began))
			}
		}
	}
	return all, p.stop()
}

// firstCharge is a midnight in the zone of the business unit, before 30 days that are
// over and have 24 hours each.
var firstCharge = time.Date(time.Now().AddDate(0, -2, 0).Year(), time.January, 1, 0, 0, 0, 0, vienna)

var vienna = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		panic(err) // it is compiled in
	}
	return zone
}()

func date(t time.Time) string { return t.Format(time.DateOnly) }

// charge gives the first account, or all others together, charges of 30 days, and
// their sums.
func (t *town) charge(fill, charges, members int) error {
	accounts := 1
	if fill > 0 {
		accounts = len(t.accounts) - 1
	}
	day := time.Date(firstCharge.Year(), firstCharge.Month(), firstCharge.Day(), 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
	values := strings.NewReplacer(
		"{from}", fmt.Sprint((fill+1)*10_000_000), "{charges}", fmt.Sprint(charges), "{first}", fmt.Sprint(t.accounts[fill].id),
		"{stride}", fmt.Sprint(t.accounts[1].id-t.accounts[0].id), "{accounts}", fmt.Sprint(accounts), "{member}", fmt.Sprint(t.riders[0].id), "{members}", fmt.Sprint(members),
		"{center}", fmt.Sprint(t.accounts[fill].centers[0]), "{centers}", fmt.Sprint(centersEach), "{start}", fmt.Sprint(firstCharge.UnixMicro()), "{day}", fmt.Sprint(day),
	)
	db, err := openRaw(t.database, "cache_size(-262144)")
	if err != nil {
		return err
	}
	statements := []string{`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {charges} - 1)
		INSERT INTO charges (tenant, id, account_id, kind, source_id, part, member_id, cost_center_id, business_unit_id, branch_id, currency, time, day, net, tax, gross, invoice_id, created_at)
		SELECT 1, {from} + i, {first} + i % {accounts} * {stride}, 'RENTAL', {from} + i, 0, {member} + i * 7 % {members}, {center} + i * 13 % {centers}, u.id, b.id, 'EUR',
			{start} + i * (30 * 86400000000 / {charges}), {day} + i * (30 * 86400000000 / {charges}) / 86400000000, 10000 + i % 100, 2000, 12000 + i % 100, 0, 0
		FROM n JOIN business_units u ON u.tenant = 1 AND u.code = 'at' JOIN branches b ON b.tenant = 1 AND b.code = 'VIE'`}
	for dimension, column := range map[string]string{"COST_CENTER": "cost_center_id", "MEMBER": "member_id", "INVOICE": "invoice_id"} {
		statements = append(statements, `INSERT INTO charge_sums (tenant, account_id, dimension, day, business_unit_id, currency, id,
				rentals, bookings, rental_gross, rental_tax, booking_gross, booking_tax, rebate_gross, rebate_tax)
			SELECT 1, account_id, '`+dimension+`', day, business_unit_id, 'EUR', `+column+`, count(*), 0, sum(gross), sum(tax), 0, 0, 0, 0
			FROM charges WHERE id >= {from} AND id < {from} + {charges} GROUP BY account_id, day, business_unit_id, `+column)
	}
	for i := range statements {
		statements[i] = values.Replace(statements[i])
	}
	return errors.Join(executeAll(db, statements), db.Close())
}
