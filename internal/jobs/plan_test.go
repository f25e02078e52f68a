package jobs_test

import (
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// The question that each runner asks each second looks into the index of due jobs
// once a tenant. (The other queries' plans are checked with those of all packages.)
func TestDueTenantsAreFoundByTheIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		h.drain()
		raw := storetest.Raw(t, database)
		conn, err := raw.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		explain, engine := "EXPLAIN QUERY PLAN ", store.SQLite
		if store.IsPostgres(database) {
			explain, engine = "EXPLAIN ", store.Postgres
			if _, err := conn.ExecContext(t.Context(), "SET enable_seqscan = off"); err != nil {
				t.Fatal(err)
			}
		}
		for _, q := range store.Queries() {
			if q.Name != "job.tenants_due" {
				continue
			}
			for _, v := range append(q.Variants(), q) {
				args := []any{int64(1)}
				for len(args) < v.Params() {
					args = append(args, "kind")
				}
				rows, err := conn.QueryContext(t.Context(), explain+v.Text(engine), args...)
				if err != nil {
					t.Fatal(err)
				}
				plan := ""
				for rows.Next() {
					var line string
					var a, b, c int
					if engine == store.Postgres {
						err = rows.Scan(&line)
					} else {
						err = rows.Scan(&a, &b, &c, &line)
					}
					if err != nil {
						t.Fatal(err)
					}
					plan += line + "\n"
				}
				if err := rows.Close(); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(plan, "jobs_due") || strings.Contains(plan, "SCAN j") || !strings.Contains(plan, "run_at") {
					t.Errorf("%s:\n%s", v.Name, plan)
				}
			}
		}
	})
}
