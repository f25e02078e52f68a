package transfer_test

import (
	"fmt"
	"testing"

	"github.com/rosterhq/roster/internal/identity/transfer"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// BenchmarkImport brings in groups of 50 people each, in transactions of 5,000 rows,
// on SQLite. It reports rows a second.
func BenchmarkImport(b *testing.B) {
	const people, groups, size, step = 20_000, 2_000, 50, 5_000
	var rows []transfer.Row
	for i := range people {
		rows = append(rows, transfer.Row{
			Type: transfer.Person, ID: fmt.Sprintf("p%d", i), Name: fmt.Sprintf("Person %d", i), Email: fmt.Sprintf("p%d@example.org", i),
		})
	}
	for i := range groups {
		rows = append(rows, transfer.Row{Type: transfer.Group, ID: fmt.Sprintf("g%d", i), Name: fmt.Sprintf("Group %d", i)})
	}
	for g := range groups {
		for i := range size {
			rows = append(rows, transfer.Row{Type: transfer.Membership, Group: fmt.Sprintf("g%d", g), Person: fmt.Sprintf("p%d", (g*7919+i*101)%people)})
		}
	}
	for range b.N {
		db := storetest.Open(b, storetest.SQLite(b), store.Options{})
		a := storetest.Tenant(b, db, "bench")
		for at := 0; at < len(rows); at += step {
			err := db.Write(b.Context(), a, func(tx *store.Tx) error {
				result, err := transfer.Import(tx, rows[at:min(at+step, len(rows))])
				if err == nil && len(result.Rejected) > 0 {
					err = fmt.Errorf("%+v", result.Rejected[0])
				}
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
}
