package transfer_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/identity/transfer"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// benchRows are groups of 50 people each.
func benchRows() (rows []transfer.Row) {
	const people, groups, size = 20_000, 2_000, 50
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
	return rows
}

// BenchmarkImport brings rows in, in transactions of 5,000, on SQLite, and then
// inserts what that wrote into the same tables of another file by plain statements
// of 64 rows. It reports the import's rows a second, and the ratio of the two.
func BenchmarkImport(b *testing.B) {
	rows := benchRows()
	var imported, raw time.Duration
	for range b.N {
		from := storetest.SQLite(b)
		imported += importAll(b, from, rows)
		raw += copyRaw(b, from)
	}
	b.ReportMetric(float64(len(rows)*b.N)/imported.Seconds(), "rows/s")
	b.ReportMetric(raw.Seconds()/imported.Seconds(), "of-raw")
}

func importAll(b *testing.B, database string, rows []transfer.Row) time.Duration {
	const step = 5_000
	db := storetest.Open(b, database, store.Options{})
	a := storetest.Tenant(b, db, "bench")
	began := time.Now()
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
	return time.Since(began)
}

// copyRaw inserts the rows of one database into an empty one.
func copyRaw(b *testing.B, from string) time.Duration {
	to := storetest.SQLite(b)
	storetest.Tenant(b, storetest.Open(b, to, store.Options{}), "bench")
	source, target := storetest.Raw(b, from), storetest.Raw(b, to)
	target.SetMaxOpenConns(1)
	if _, err := target.ExecContext(b.Context(), "PRAGMA synchronous = FULL"); err != nil {
		b.Fatal(err)
	}
	var took time.Duration
	for table, where := range map[string]string{
		"subjects": "", "people": "", "groups": "", "memberships": "", "changes": " WHERE revision > 1",
	} {
		rows := readAll(b, source, "SELECT * FROM "+table+where)
		began := time.Now()
		insertAll(b, target, table, rows)
		took += time.Since(began)
	}
	return took
}

func readAll(b *testing.B, db *sql.DB, query string) (all [][]any) {
	rows, err := db.QueryContext(b.Context(), query)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, _ := rows.Columns()
	for rows.Next() {
		row, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			b.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

// insertAll inserts rows 64 a statement, in transactions of some 5,000.
func insertAll(b *testing.B, db *sql.DB, table string, rows [][]any) {
	const perStatement, perCommit = 64, 78
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(rows[0])), ",") + ")"
	many := strings.TrimSuffix(strings.Repeat(one+",", perStatement), ",")
	for len(rows) > 0 {
		tx, err := db.BeginTx(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		for range perCommit {
			if len(rows) == 0 {
				break
			}
			n, text := min(perStatement, len(rows)), many
			if n < perStatement {
				text = strings.TrimSuffix(strings.Repeat(one+",", n), ",")
			}
			var args []any
			for _, row := range rows[:n] {
				args = append(args, row...)
			}
			if _, err := tx.ExecContext(b.Context(), "INSERT INTO "+table+" VALUES "+text, args...); err != nil {
				b.Fatal(err)
			}
			rows = rows[n:]
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}
