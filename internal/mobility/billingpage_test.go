package mobility

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// ride is a row of the worked example in docs/billing.md.
type ride struct {
	took   time.Duration
	meters int64
	price  roster.Price
}

var (
	rideRow = regexp.MustCompile(`(?m)^\| \d \| (\S+) \| (\S+) \| (\S+) \| (\S+) \| (\S+) \|$`)
	sumRow  = regexp.MustCompile(`(?m)^\| sum \| \| \| (\S+) \| (\S+) \| (\S+) \|$`)
	number  = regexp.MustCompile("gets invoice `(\\S+)`\nover it, due on (\\S+)\\.")
)

func amounts(t *testing.T, texts ...string) (p roster.Price) {
	t.Helper()
	for i, to := range []*roster.Amount{&p.Gross, &p.Tax, &p.Net} {
		var err error
		if *to, err = roster.ParseAmount(texts[i]); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// TestBillingPage rides the worked example of docs/billing.md and compares prices,
// summary and invoice with what the page says.
func TestBillingPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/billing.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	var rides []ride
	for _, row := range rideRow.FindAllStringSubmatch(page, -1) {
		took, err := time.ParseDuration(row[1])
		if err != nil {
			t.Fatal(err)
		}
		kilometers, err := strconv.ParseFloat(row[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		rides = append(rides, ride{took, int64(kilometers*1000 + 0.5), amounts(t, row[3:]...)})
	}
	sum, invoice := sumRow.FindStringSubmatch(page), number.FindStringSubmatch(page)
	if len(rides) != 3 || sum == nil || invoice == nil {
		t.Fatalf("the page has %d rides, the sum %v and the invoice %v", len(rides), sum, invoice)
	}
	want := amounts(t, sum[1:]...)
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		owner := f.rider()
		a := f.account(f.vie, owner, nil)
		for i, r := range rides {
			v := f.vehicle(f.vie, f.vans)
			rental := f.rent(owner, v, Payer{GroupID: a.ID})
			f.pass(r.took.Microseconds())
			end := v.Odometer + r.meters
			if got := f.end(owner, rental, End{Odometer: &end}); got.Price != r.price {
				t.Errorf("ride %d costs %+v, and on the page %+v", i+1, got.Price, r.price)
			}
		}
		month := roster.Moment{Date: "2026-03-01", Given: true}
		summary, err := f.business.BillingSummary(t.Context(), owner, business.SummaryQuery{AccountID: a.ID, From: month, To: roster.Moment{Date: "2026-04-01", Given: true}})
		if err != nil || summary.Total != want {
			t.Errorf("the summary is %+v, %v, and on the page %+v", summary.Total, err, want)
		}
		zone := f.euros.Location()
		f.clock.Store(time.Date(2026, 4, 1, 0, 5, 0, 0, zone).UnixMicro())
		f.run()
		all, _, err := f.business.Invoices(t.Context(), owner, a.ID, roster.Page{Limit: 10})
		if err != nil || len(all) != 1 {
			t.Fatalf("%d invoices, %v", len(all), err)
		}
		due := time.UnixMicro(all[0].DueAt).In(zone).Format(time.DateOnly)
		if all[0].Number != invoice[1] || due != invoice[2] || all[0].Price != want {
			t.Errorf("invoice %s over %+v is due on %s", all[0].Number, all[0].Price, due)
		}
	})
}

// The billing page shows the life that invoices have.
func TestBillingPageShowsInvoices(t *testing.T) {
	text, err := os.ReadFile("../../docs/billing.md")
	if err != nil {
		t.Fatal(err)
	}
	if life := business.InvoiceLife.Markdown(); !strings.Contains(string(text), life) {
		t.Errorf("the page does not show the life of an invoice:\n%s", life)
	}
}
