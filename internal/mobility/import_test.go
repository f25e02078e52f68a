package mobility

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

const tripsHeader = "trip_id,vehicle_id,start_time,end_time,duration_s,start_station,end_station,member_type\n"

// trips imports rows of a file.
func (f *fleet) trips(a *business.Account, rows string) *Imported {
	f.t.Helper()
	got, err := f.ImportTrips(f.t.Context(), f.cli, a.Code, ReadTrips(strings.NewReader(tripsHeader+rows)))
	if err != nil {
		f.t.Fatal(err)
	}
	return got
}

// company is a fleet with an account of some members and cost centers, by id; one
// member is inactive, and so is one cost center.
func company(t *testing.T, database string, members, centers int) (f *fleet, a *business.Account, people, costCenters []int64) {
	t.Helper()
	f = newFleet(t, database)
	owner, gone := f.rider(), f.rider()
	a = f.account(f.vie, owner, nil)
	people = []int64{owner.PersonID}
	f.join(a, gone, business.Simple)
	f.member(a, gone, func(m *business.Member) { m.State = business.MemberInactive })
	for range members - 1 {
		r := f.rider()
		f.join(a, r, business.Admin)
		people = append(people, r.PersonID)
	}
	for i := range centers + 1 {
		id := f.costCenter(a)
		if i > 0 {
			costCenters = append(costCenters, id)
			continue
		}
		f.write(func(tx *store.Tx) error {
			found, err := business.CostCentersByID(tx, []int64{id})
			if err != nil {
				return err
			}
			_, err = business.EditCostCenter(tx, a, found[id], nil, func(c *business.CostCenter) error { c.Active = false; return nil })
			return err
		})
	}
	return f, a, people, costCenters
}

// sums are gross prices in ten-thousandths.
type sums struct {
	total            int64
	members, centers map[int64]int64
	count            int
}

// sumFile adds a file up by the words of the contract alone: each row is priced by
// its minutes, and falls to members and cost centers in turn.
func sumFile(t *testing.T, file []byte, people, centers []int64) sums {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	s := sums{members: map[int64]int64{}, centers: map[int64]int64{}}
	for i, row := range rows[1:] {
		var seconds int64
		for sign, text := range map[int64]string{-1: row[2], 1: row[3]} {
			at, err := time.Parse("2006-01-02T15:04:05Z", text)
			if err != nil {
				t.Fatal(err)
			}
			seconds += sign * at.Unix()
		}
		minutes := seconds / 60
		if seconds%60 > 0 || minutes == 0 {
			minutes++
		}
		gross := 10_000 + 1_900*minutes // 1.00 and 0.19 a minute
		s.total += gross
		s.members[people[i%len(people)]] += gross
		s.centers[centers[i%len(centers)]] += gross
		s.count++
	}
	return s
}

// A real file adds up to the same by hand and by the summary, to the last digit.
func TestRealTrips(t *testing.T) {
	file, err := os.ReadFile("testdata/trips.csv")
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, database string) {
		f, a, people, centers := company(t, database, 5, 3)
		want := sumFile(t, file, people, centers)
		got, err := f.ImportTrips(t.Context(), f.cli, a.Code, ReadTrips(bytes.NewReader(file)))
		if err != nil || got.Added != want.count || got.Rows != want.count || got.Present != 0 || len(got.Rejected) != 0 || got.Vehicles == 0 {
			t.Fatalf("imported: %+v, %v", got, err)
		}
		if again, err := f.ImportTrips(t.Context(), f.cli, a.Code, ReadTrips(bytes.NewReader(file))); err != nil || again.Present != want.count || again.Added+again.Vehicles != 0 {
			t.Errorf("again: %+v, %v", again, err)
		}
		s, err := f.business.BillingSummary(t.Context(), f.user(people[0]), business.SummaryQuery{
			AccountID: a.ID, From: roster.Moment{Date: "2017-09-30", Given: true}, To: roster.Moment{Date: "2018-07-02", Given: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		if int64(s.Total.Gross) != want.total || s.Rentals.Count != int64(want.count) || s.Total.Net+s.Total.Tax != s.Total.Gross {
			t.Errorf("the total is %+v of %d, want %d of %d", s.Total, s.Rentals.Count, want.total, want.count)
		}
		members, costCenters := map[int64]int64{}, map[int64]int64{}
		for _, m := range s.ByMember {
			members[m.ID] = int64(m.Price.Gross)
		}
		for _, c := range s.ByCostCenter {
			costCenters[c.ID] = int64(c.Price.Gross)
		}
		if diff := cmp.Diff(want.members, members); diff != "" {
			t.Error("by member:", diff)
		}
		if diff := cmp.Diff(want.centers, costCenters); diff != "" {
			t.Error("by cost center:", diff)
		}
	})
}

// made makes rows of trips that have ended before the fleet's noon.
func made(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		start := time.UnixMicro(noon).UTC().Add(-time.Duration(10_000-i) * 37 * time.Second)
		end := start.Add(time.Duration(i%90) * 20 * time.Second)
		fmt.Fprintf(&b, "t%d,v%d,%s,%s,%d,A,B,Customer\n", i, i%17, start.Format(time.RFC3339), end.Format(time.RFC3339), i)
	}
	return b.String()
}

// An import that was cut off goes on as if it had not been.
func TestImportResumes(t *testing.T) {
	rows := racetest.Scale(3_500)
	storetest.Each(t, func(t *testing.T, database string) {
		f, a, people, centers := company(t, database, 3, 2)
		whole := []byte(tripsHeader + made(0, rows))
		want := sumFile(t, whole, people, centers)
		broken := errors.New("the line broke")
		cut := func(yield func(Trip, error) bool) {
			n := 0
			for trip, err := range ReadTrips(bytes.NewReader(whole)) {
				if n++; n > rows*2/3 {
					yield(Trip{}, broken)
					return
				}
				if !yield(trip, err) {
					return
				}
			}
		}
		got, err := f.ImportTrips(t.Context(), f.cli, a.Code, cut)
		if !errors.Is(err, broken) || got.Rows != rows*2/3 || got.Added%importAtOnce != 0 {
			t.Errorf("cut off: %+v, %v", got, err)
		}
		before := got.Added
		if got, err = f.ImportTrips(t.Context(), f.cli, a.Code, ReadTrips(bytes.NewReader(whole))); err != nil || got.Added+before != rows || got.Present != before {
			t.Fatalf("resumed: %+v, %v", got, err)
		}
		have := sums{members: map[int64]int64{}, centers: map[int64]int64{}}
		for _, c := range f.charges() {
			have.total += int64(c.Price.Gross)
			have.members[c.Member] += int64(c.Price.Gross)
			have.centers[c.Center] += int64(c.Price.Gross)
			have.count++
		}
		if diff := cmp.Diff(want, have, cmp.AllowUnexported(sums{})); diff != "" {
			t.Error(diff)
		}
	})
}

func TestImportRejects(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f, a, people, _ := company(t, database, 2, 0)
		other := f.account(f.vie, f.rider(), nil)
		f.trips(other, "taken,b1,2026-01-01T10:00:00Z,2026-01-01T10:01:00Z,60,A,B,Customer\n")
		f.write(func(tx *store.Tx) error {
			c := Category{Code: "boat", Name: "Boat"}
			if _, err := PutCategory(tx, &c); err != nil {
				return err
			}
			_, err := PutVehicle(tx, &Vehicle{Code: "boat", BranchID: f.vie, CategoryID: c.ID})
			return err
		})
		const good = ",2026-01-01T10:00:00Z,2026-01-01T10:05:00Z,300,A,B,Customer\n"
		got := f.trips(a, "1,b1"+good+ // line 2
			"2,b1,2026-01-01 10:00,2026-01-01T10:05:00Z,300,A,B,Customer\n"+
			"3,b1,2026-01-01T10:00:00Z,2026-01-01T09:59:59Z,300,A,B,Customer\n"+
			"4,b1\n"+
			"5,"+good+
			"1,b2"+good+
			"taken,b1"+good+
			"6,boat"+good+
			"7,b1,2026-01-01T10:00:00Z,2026-03-02T12:00:01Z,300,A,B,Customer\n"+ // in the future
			"8,\"b\"1"+good+
			"9,b1,1969-01-01T10:00:00Z,2026-01-01T10:05:00Z,300,A,B,Customer\n"+
			"10,B2,2026-01-01T11:00:00+01:00,2026-01-01T10:00:00Z,0,\"A, B\",\"say \"\"C\"\"\",Customer\n") // line 13
		var lines []string
		for _, r := range got.Rejected {
			lines = append(lines, fmt.Sprint(r.Line, " ", r.Code))
		}
		want := []string{"3 G901", "4 G901", "5 G901", "6 G901", "7 G901", "8 R907", "9 B902", "10 G901", "11 G901", "12 G901"}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("%s\n%+v", diff, got.Rejected)
		}
		if got.Rows != 12 || got.Added != 2 || got.Vehicles != 1 {
			t.Errorf("%+v", got)
		}
		page, _, err := f.Rentals(t.Context(), f.user(people[1]), nil, roster.Page{Limit: 9})
		if err != nil || len(page) != 1 || page[0].StartAddress != "A, B" || page[0].EndAddress != `say "C"` || page[0].Vehicle.Code != "B2" || page[0].State != Ended ||
			page[0].Price.Gross != 11_900 || page[0].EndTime != page[0].StartTime || page[0].CostCenterID != 0 || page[0].CategoryID != f.bikes {
			t.Errorf("the second trip is %+v, %v", page, err)
		}
	})
}

func TestImportRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga := f.rider()
		a := f.account(f.vie, olga, nil)
		none := ReadTrips(strings.NewReader(tripsHeader))
		_, err := f.ImportTrips(t.Context(), olga, a.Code, none)
		f.refused("by a user", err, roster.Forbidden, business.CodeNoPermission)
		_, err = f.ImportTrips(t.Context(), f.cli, "ZZZZZZ", none)
		f.refused("for nobody", err, roster.NotFound, business.CodeNoCode)
		if got, err := f.ImportTrips(t.Context(), f.cli, strings.ToLower(a.Code), none); err != nil || got.Rows != 0 {
			t.Errorf("nothing: %+v, %v", got, err)
		}
		_, err = f.ImportTrips(t.Context(), f.cli, a.Code, ReadTrips(strings.NewReader("id,vehicle\n")))
		if err == nil || !strings.Contains(err.Error(), "trip_id,vehicle_id") {
			t.Errorf("another header: %v", err)
		}
		f.member(a, olga, func(m *business.Member) { m.State = business.MemberInactive })
		_, err = f.ImportTrips(t.Context(), f.cli, a.Code, none)
		f.refused("for no member", err, roster.Conflict, business.CodeInactiveMember)
		f.editAccount(a, func(a *business.Account) { a.State = business.AccountInactive })
		_, err = f.ImportTrips(t.Context(), f.cli, a.Code, none)
		f.refused("for an inactive account", err, roster.Conflict, business.CodeAccountInactive)
	})
}

// Whatever a file holds, each row is a trip that makes sense or an error of its line.
func FuzzReadTrips(f *testing.F) {
	f.Add([]byte(tripsHeader + made(0, 3)))
	f.Add([]byte(tripsHeader + "\"a\nb\",c,2026-01-01T10:00:00Z,2026-01-01T10:00:00.5+01:00,,,,\n"))
	f.Add([]byte(tripsHeader + "1,\"2,3\n4,5"))
	f.Add([]byte(strings.ReplaceAll(tripsHeader, "\n", "\r\n") + "\x00,\xff,9999-12-31T23:59:59Z,1970-01-01T00:00:00Z,1,2,3,4\r\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		line, ended := 1, false
		for trip, err := range ReadTrips(bytes.NewReader(file)) {
			if ended {
				t.Fatal("it goes on after its end")
			}
			var row *RowError
			switch {
			case errors.As(err, &row):
				trip.Line = row.Line
				if row.Message == "" || row.Code == "" {
					t.Fatalf("an error that says nothing: %+v", row)
				}
			case err != nil:
				ended = true
				continue
			case trip.check() != nil:
				t.Fatalf("%+v: %v", trip, trip.check())
			}
			if trip.Line <= line && (row == nil || trip.Line < line) {
				t.Fatalf("line %d comes after line %d", trip.Line, line)
			}
			line = trip.Line
		}
	})
}
