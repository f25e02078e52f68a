package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
)

// crash has all riders ride, and the second account's bill closed again and again,
// until the server is killed, and returns another one.
func (f *fleet) crash(s *server) *server {
	f.t.Helper()
	var riding, billing sync.WaitGroup
	for _, r := range f.riders {
		riding.Go(func() { r.ride(s) })
	}
	ctx, end := context.WithCancel(f.t.Context())
	billing.Go(func() {
		for ctx.Err() == nil {
			_ = f.closing(ctx).Run() // the one under way is killed, too
		}
	})
	calls := f.answered.Load() + int64(50+rand.IntN(100))
	for f.answered.Load() < calls && !f.t.Failed() {
		time.Sleep(time.Millisecond)
	}
	s.kill()
	end()
	billing.Wait()
	riding.Wait()
	f.forget()
	return f.p.serve(f.t)
}

// forget has the leases of jobs run out that a dead server held, which takes minutes
// otherwise, and the second account's cycle be over, and sought by the next server.
func (f *fleet) forget() {
	f.t.Helper()
	f.exec(`UPDATE jobs SET leased_until = 0`)
	f.exec(`UPDATE jobs SET run_at = 0 WHERE kind = 'cycle.find'`)
	f.exec(`UPDATE business_accounts SET cycle_to = $1 WHERE id = $2`, time.Now().UnixMicro(), f.accounts[1].id)
}

// exec changes rows while no server runs.
func (f *fleet) exec(text string, args ...any) {
	f.t.Helper()
	if _, err := f.rows.ExecContext(f.t.Context(), text, args...); err != nil {
		f.t.Fatal(err)
	}
}

// count counts rows.
func (f *fleet) count(text string, args ...any) (n int) {
	f.t.Helper()
	if err := f.rows.QueryRowContext(f.t.Context(), text, args...).Scan(&n); err != nil {
		f.t.Fatalf("%v: %s", err, text)
	}
	return n
}

// await waits until something is so.
func (f *fleet) await(s *server, what string, is func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.t.Fatalf("%s did not come:\n%s", what, s.log)
		}
	}
}

// closing is the command that bills all that the second account owes.
func (f *fleet) closing(ctx context.Context) *exec.Cmd {
	args := []string{"billing", "close", "--tenant", "acme", "--group", f.accounts[1].code, "--until", time.Now().UTC().Format(time.RFC3339Nano)}
	return exec.CommandContext(ctx, program, append(args, f.p.flags()...)...)
}

// summary is a billing summary, as far as it is compared.
type summary struct {
	Total, Unbilled, Invoiced priced
	Rentals                   struct {
		Count int
	}
}

// priced reads a price object, or one that has it as its price.
type priced struct {
	Gross json.Number `json:"grossPrice"`
	Price struct {
		Gross json.Number `json:"grossPrice"`
	} `json:"price"`
}

func (p priced) amount(t *testing.T) roster.Amount {
	t.Helper()
	text := p.Gross.String() + p.Price.Gross.String()
	a, err := roster.ParseAmount(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return a
}

// summary asks for what an account was charged today.
func (f *fleet) summary(s *server, a *account) (sum summary) {
	f.t.Helper()
	now := time.Now().UTC()
	f.must(s, http.StatusOK, a.owner, "GET", a.managed(fmt.Sprintf("/billing-summary?from=%s&to=%s",
		now.Add(-time.Hour).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339))), "", &sum)
	return sum
}

// check compares what is there with what was acknowledged, and the summaries with the
// rides.
func (f *fleet) check(s *server) {
	f.t.Helper()
	for _, r := range f.riders {
		r.settle(s)
	}
	taken := map[int64]int64{} // vehicles by the ride that has them
	for _, a := range f.accounts {
		var rides []*ride
		f.must(s, http.StatusOK, a.owner, "GET", fmt.Sprintf("/rentals/user-group/%d?size=5000", a.id), "", &rides)
		count, gross := 0, roster.Amount(0)
		for _, r := range rides {
			switch {
			case r.ended():
				count++
				gross += r.gross()
			case r.open():
				if other := taken[r.Vehicle.ID]; other != 0 {
					f.t.Errorf("the rides %d and %d have one vehicle", other, r.ID)
				}
				taken[r.Vehicle.ID] = r.ID
			}
		}
		if sum := f.summary(s, a); sum.Rentals.Count != count || sum.Total.amount(f.t) != gross {
			f.t.Errorf("the summary tells of %d rides for %s, but there are %d for %s", sum.Rentals.Count, sum.Total.Gross, count, gross)
		}
	}
	f.p.roster(f.t, "verify", "--tenant", "acme")
}

// billAll waits until the first account has its invoices, and closes the bill of the
// second.
func (f *fleet) billAll(s *server) {
	f.t.Helper()
	f.await(s, "the bills of the account without cycles", func() bool { return f.summary(s, f.accounts[0]).Unbilled.amount(f.t) == 0 })
	f.await(s, "the end of the cycle", func() bool { return f.cyclesOver() == 0 })
	for range 2 {
		if out, err := f.closing(f.t.Context()).CombinedOutput(); err != nil {
			f.t.Fatalf("billing close: %v\n%s", err, out)
		}
	}
	for _, a := range f.accounts {
		if sum := f.summary(s, a); sum.Unbilled.amount(f.t) != 0 || sum.Invoiced.amount(f.t) != sum.Total.amount(f.t) {
			f.t.Errorf("invoices are for %s, not %s", sum.Invoiced.Price.Gross, sum.Total.Gross)
		}
	}
}

// cyclesOver counts the accounts whose cycle is yet to be closed.
func (f *fleet) cyclesOver() int {
	f.t.Helper()
	return f.count(`SELECT count(*) FROM business_accounts WHERE cycle_to <= $1`, time.Now().UnixMicro())
}

// ledgerLaws count what must not be in the rows, once all is billed.
var ledgerLaws = map[string]string{
	"ended rides without their one charge": `SELECT count(*) FROM rentals r WHERE r.state IN ('ENDED', 'ENDED_NO_MOVEMENT') AND
		(SELECT count(*) FROM charges c WHERE c.tenant = r.tenant AND c.kind = 'RENTAL' AND c.source_id = r.id AND c.gross = r.gross AND c.account_id = r.group_id) <> 1`,
	"charges without their ended ride": `SELECT count(*) FROM charges c WHERE NOT EXISTS
		(SELECT 1 FROM rentals r WHERE r.tenant = c.tenant AND r.id = c.source_id AND r.state IN ('ENDED', 'ENDED_NO_MOVEMENT'))`,
	"charges without their invoice": `SELECT count(*) FROM charges c WHERE NOT EXISTS
		(SELECT 1 FROM invoices i WHERE i.tenant = c.tenant AND i.id = c.invoice_id AND i.account_id = c.account_id)`,
	"invoices that are not their charges": `SELECT count(*) FROM invoices i WHERE NOT EXISTS
		(SELECT 1 FROM charges c WHERE c.tenant = i.tenant AND c.account_id = i.account_id AND c.invoice_id = i.id
			GROUP BY c.invoice_id HAVING sum(c.gross) = i.gross AND sum(c.tax) = i.tax AND count(*) = i.items)`,
	"invoices that are not their lines": `SELECT count(*) FROM invoices i WHERE NOT EXISTS
		(SELECT 1 FROM invoice_lines l WHERE l.tenant = i.tenant AND l.invoice_id = i.id
			GROUP BY l.invoice_id HAVING sum(l.gross) = i.gross AND sum(l.tax) = i.tax AND sum(l.rentals) = i.items)`,
	"days that are not summed up": `SELECT count(*) FROM (
		SELECT account_id, 'COST_CENTER', day, cost_center_id, count(*), sum(gross), sum(tax) FROM charges GROUP BY account_id, day, cost_center_id
		UNION ALL SELECT account_id, 'MEMBER', day, member_id, count(*), sum(gross), sum(tax) FROM charges GROUP BY account_id, day, member_id
		UNION ALL SELECT account_id, 'INVOICE', day, invoice_id, count(*), sum(gross), sum(tax) FROM charges GROUP BY account_id, day, invoice_id
		EXCEPT SELECT account_id, dimension, day, id, rentals, rental_gross, rental_tax FROM charge_sums) missing`,
	"sums of nothing": `SELECT count(*) FROM (SELECT account_id, dimension, sum(rental_gross) AS gross FROM charge_sums GROUP BY account_id, dimension) s
		WHERE s.gross <> (SELECT sum(c.gross) FROM charges c WHERE c.account_id = s.account_id)`,
}

// audit looks at the rows behind the program's back.
func (f *fleet) audit() {
	f.t.Helper()
	for wrong, text := range ledgerLaws {
		if n := f.count(text); n != 0 {
			f.t.Errorf("%d %s", n, wrong)
		}
	}
	charges, invoices := f.count(`SELECT count(*) FROM charges`), f.count(`SELECT count(*) FROM invoices`)
	if charges < 20 || invoices < 5 {
		f.t.Errorf("only %d charges and %d invoices to look at", charges, invoices)
	}
	f.t.Logf("%d charges, %d invoices", charges, invoices)
}

// crashes kills the server again and again, and looks closely at what is left.
func (f *fleet) crashes(times int) {
	s := f.p.serve(f.t)
	for range times {
		s = f.crash(s)
		f.check(s)
	}
	f.billAll(s)
	s.kill()
	f.audit()
	if out := f.p.roster(f.t, "verify", "--tenant", "acme"); strings.TrimSpace(out) == "" {
		f.t.Error("verify says nothing")
	}
}

// TestKillRidesSQLite kills the server among riders and bills: what was acknowledged
// is there, each ended ride is charged once, each charge is in one invoice, and the
// summary is the sum of the rides.
func TestKillRidesSQLite(t *testing.T) {
	newFleet(t, place{data: t.TempDir()}).crashes(6)
}

// TestKillRidesPostgres does the same on PostgreSQL.
func TestKillRidesPostgres(t *testing.T) {
	cluster := pgtest.Start(t, pgtest.Durable)
	newFleet(t, place{data: t.TempDir(), database: cluster.Database(t)}).crashes(4)
}
