package app_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/app"
	"github.com/rosterhq/roster/internal/demo"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// ledger is what trips should have come to, added up without any of Roster's code.
type ledger struct {
	gross, tax *big.Rat
	rentals    int
}

func (l *ledger) add(gross, tax *big.Rat) {
	if l.gross == nil {
		l.gross, l.tax = new(big.Rat), new(big.Rat)
	}
	l.gross.Add(l.gross, gross)
	l.tax.Add(l.tax, tax)
	l.rentals++
}

// same compares with a row of a billing summary.
func (l *ledger) same(row summaryRow) bool {
	net := new(big.Rat).Sub(l.gross, l.tax)
	return row.Price.Gross.String() == l.gross.FloatString(4) && row.Price.Tax.String() == l.tax.FloatString(4) &&
		row.Price.Net.String() == net.FloatString(4) && row.Rentals == l.rentals
}

type summaryRow struct {
	UserID       int64 `json:"userId"`
	CostCenterID int64 `json:"costCenterId"`
	Rentals      int   `json:"rentals"`
	Price        price `json:"price"`
}

type price struct {
	Net   json.Number `json:"netPrice"`
	Tax   json.Number `json:"containedTax"`
	Gross json.Number `json:"grossPrice"`
}

type summary struct {
	Total        price        `json:"total"`
	ByMember     []summaryRow `json:"byMember"`
	ByCostCenter []summaryRow `json:"byCostCenter"`
}

// halfUp rounds to four decimals.
func halfUp(r *big.Rat) *big.Rat {
	scaled := new(big.Rat).Mul(r, big.NewRat(10_000, 1))
	scaled.Add(scaled, big.NewRat(1, 2))
	floor := new(big.Int).Div(scaled.Num(), scaled.Denom())
	return new(big.Rat).SetFrac(floor, big.NewInt(10_000))
}

// TestDemoOfMobility makes one demo, which takes its time, and tries all that it has
// of mobility.
func TestDemoOfMobility(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		where := place(t, database)
		s := serve(t, append([]string{"--demo"}, where...)...)
		facts, _ := readDemo(t, demoFolder(where))
		t.Run("trips", func(t *testing.T) { tripsAddUp(t, s, facts) })
		t.Run("promises", func(t *testing.T) { keepsPromises(t, s, facts) })
		t.Run("care", func(t *testing.T) { caresForCustomers(t, s, facts) })
		t.Run("operations", func(t *testing.T) { hasOperationsFacts(t, s, facts) })
		t.Run("support", func(t *testing.T) { supportSession(t, s, facts) })
		t.Run("import", func(t *testing.T) { importsTrips(t, s, facts, where) })
	})
}

// tripsAddUp prices the trips of the demo's file by hand, and finds the same totals in
// the account's billing summary.
func tripsAddUp(t *testing.T, s *running, facts demo.Facts) {
	base := fmt.Sprintf("/v1/demo/front/groups-management/%v", facts.IDs["business_group"])
	owner := facts.Tokens["business-owner"]
	var members []struct {
		UserID int64 `json:"userId"`
	}
	s.get(t, owner, base+"/members?state=ACTIVE&sort=id,asc&size=100", &members)
	slices.SortFunc(members, func(a, b struct {
		UserID int64 `json:"userId"`
	}) int {
		return int(a.UserID - b.UserID)
	})
	var centers []struct {
		ID int64 `json:"id"`
	}
	s.get(t, owner, "/v1/demo/front/cost-centers?active=true&sort=id,asc", &centers)
	if len(members) != 5 || len(centers) != 2 {
		t.Fatalf("%d members, %d cost centers", len(members), len(centers))
	}
	var total ledger
	byMember, byCenter := map[int64]*ledger{}, map[int64]*ledger{}
	for i, gross := range tripPrices(t) {
		tax := halfUp(new(big.Rat).Sub(gross, new(big.Rat).Quo(gross, big.NewRat(107, 100))))
		member, center := members[i%len(members)].UserID, centers[i%len(centers)].ID
		for _, by := range []struct {
			all map[int64]*ledger
			id  int64
		}{{byMember, member}, {byCenter, center}} {
			if by.all[by.id] == nil {
				by.all[by.id] = &ledger{}
			}
			by.all[by.id].add(gross, tax)
		}
		total.add(gross, tax)
	}
	var got summary
	from := url.QueryEscape(time.Now().AddDate(0, 0, -100).UTC().Format(time.RFC3339))
	if status := s.get(t, owner, base+"/billing-summary?from="+from, &got); status != 200 {
		t.Fatalf("the summary answers %d", status)
	}
	if !total.same(summaryRow{Rentals: total.rentals, Price: got.Total}) {
		t.Errorf("the total is %v, want %s of which %s tax", got.Total, total.gross.FloatString(4), total.tax.FloatString(4))
	}
	for _, row := range got.ByMember {
		if want := byMember[row.UserID]; want == nil || !want.same(row) {
			t.Errorf("of member %d it is %+v", row.UserID, row)
		}
	}
	for _, row := range got.ByCostCenter {
		if want := byCenter[row.CostCenterID]; want == nil || !want.same(row) {
			t.Errorf("of cost center %d it is %+v", row.CostCenterID, row)
		}
	}
	if len(got.ByMember) != len(byMember) || len(got.ByCostCenter) != len(byCenter) {
		t.Errorf("%d members and %d cost centers are told", len(got.ByMember), len(got.ByCostCenter))
	}
}

// tripPrices are the gross prices of the file's trips, in its order: 0.50 and 0.0667
// a minute that has begun, one at least.
func tripPrices(t *testing.T) (prices []*big.Rat) {
	f, err := os.Open("../demo/data/trips.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		start, err1 := time.Parse(time.RFC3339, row[2])
		end, err2 := time.Parse(time.RFC3339, row[3])
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		minutes := int64((end.Sub(start) + time.Minute - 1) / time.Minute)
		price := new(big.Rat).Mul(big.NewRat(max(minutes, 1), 1), big.NewRat(667, 10_000))
		prices = append(prices, price.Add(price, big.NewRat(1, 2)))
	}
	return prices
}

// A file of trips comes in once, by the command, beside the server or alone; what a
// row is rejected for is told with its line.
func importsTrips(t *testing.T, s *running, facts demo.Facts, where []string) {
	file := filepath.Join(t.TempDir(), "trips.csv")
	header := "trip_id,vehicle_id,start_time,end_time,duration_s,start_station,end_station,member_type\n"
	write := func(rows string) {
		if err := os.WriteFile(file, []byte(header+rows), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := append([]string{"import", file, "--kind", "trips", "--tenant", "demo", "--group", fmt.Sprint(facts.IDs["rival_group_code"])}, where...)
	total := func() string {
		var got summary
		s.get(t, facts.Tokens["rival-owner"], fmt.Sprintf("/v1/demo/front/groups-management/%v/billing-summary?from=2026-01-01&to=2026-02-01", facts.IDs["rival_group"]), &got)
		return got.Total.Gross.String()
	}
	write("x1,777,2026-01-05T08:00:00Z,2026-01-05T08:10:00Z,600,A,B,Subscriber\nx2,777,2026-01-05T09:00:00Z,2026-01-05T08:10:00Z,600,A,B,Subscriber\n")
	out, _ := command(t, app.DoneRejected, args...)
	if want := "2 trips: 1 added, 0 were there, 1 rejected; 1 vehicles added."; !strings.Contains(out, want) {
		t.Errorf("%q does not say %q", out, want)
	}
	report, err := os.ReadFile(file + ".rejected.jsonl")
	if err != nil || !strings.Contains(string(report), `"line":3,"code":"G901"`) {
		t.Errorf("the report says %s, %v", report, err)
	}
	if got := total(); got != "1.1670" {
		t.Errorf("the summary's total is %s", got)
	}
	s.stop()
	write("x1,777,2026-01-05T08:00:00Z,2026-01-05T08:10:00Z,600,A,B,Subscriber\n")
	if out, _ = command(t, app.Done, args...); !strings.Contains(out, "1 trips: 0 added, 1 were there, 0 rejected") {
		t.Errorf("once more it says %q", out)
	}
	out, _ = command(t, app.Done, append([]string{"billing", "close", "--tenant", "demo", "--group", fmt.Sprint(facts.IDs["rival_group_code"]), "--until", "2026-02-01"}, where...)...)
	if !strings.Contains(out, "1.0907") || !strings.Contains(out, "1.1670") {
		t.Errorf("the invoice is %q", out)
	}
	if out, _ = command(t, app.Done, append([]string{"billing", "close", "--tenant", "demo", "--group", fmt.Sprint(facts.IDs["rival_group_code"]), "--until", "2026-02-01"}, where...)...); !strings.Contains(out, "nothing to bill") {
		t.Errorf("a second closing says %q", out)
	}
}
