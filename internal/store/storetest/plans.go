package storetest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/rosterhq/roster/internal/store"
)

// CheckPlans asks the database how it would run each registered query, and fails
// those that read more of a table than they need: each finds its rows by an index
// and by more than their tenant. Queries that cross tenants are left out, and those
// that say why they may read a whole table. seed fills the database first: 10,000
// rows in one tenant at least, or plans say little.
func CheckPlans(t *testing.T, database string, seed func(*store.DB)) {
	t.Helper()
	db := Open(t, database, store.Options{})
	seed(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	conn := analyzed(t, database)
	explain := explainSQLite
	if store.IsPostgres(database) {
		explain = explainPostgres
	}
	for _, q := range store.Queries() {
		if q.GlobalReason() != "" || q.WholeReason() != "" {
			continue
		}
		for _, v := range append(q.Variants(), q) {
			wrong, err := explain(t.Context(), conn, v)
			if err != nil {
				t.Errorf("%s: %v", v.Name, err)
			}
			for _, line := range wrong {
				t.Errorf("%s: %s\n%s", v.Name, line, q.Text(store.Postgres))
			}
		}
	}
}

// analyzed opens a connection to a database with statistics: PostgreSQL's own, and
// on SQLite those that the kit writes whenever it opens a file, whatever was there.
func analyzed(t *testing.T, database string) *sql.Conn {
	t.Helper()
	raw := Raw(t, database)
	if _, err := raw.ExecContext(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	Open(t, database, store.Options{})
	conn, err := raw.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	// A connection reads SQLite's statistics once.
	if !store.IsPostgres(database) {
		if _, err := conn.ExecContext(t.Context(), "ANALYZE sqlite_schema"); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

var (
	searched     = regexp.MustCompile(`^SEARCH (\S+) .*\((.*)\)`)
	constantRows = regexp.MustCompile(`^SCAN (CONSTANT ROW|\d+.ROW VALUES CLAUSE|\d+ CONSTANT ROWS)$`)
)

// explainSQLite returns what is wrong with a query's plan, as the database words it.
func explainSQLite(ctx context.Context, conn *sql.Conn, q *store.Query) (wrong []string, err error) {
	text := q.Text(store.SQLite)
	rows, err := conn.QueryContext(ctx, "EXPLAIN QUERY PLAN "+text, make([]any, q.Params())...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	made := commonNames(text) // tables that the query makes itself
	for rows.Next() {
		var id, parent, unused int
		var line string
		if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
			return nil, err
		}
		words := strings.Fields(line)
		switch search := searched.FindStringSubmatch(line); {
		case len(words) < 2:
		case words[0] == "CO-ROUTINE", words[0] == "MATERIALIZE":
			made = append(made, words[1])
		case slices.Contains(made, words[1]), constantRows.MatchString(line), strings.HasPrefix(words[1], "("):
		case words[0] == "SCAN", strings.Contains(line, "AUTOMATIC"):
			wrong = append(wrong, line)
		case search != nil && search[2] == "tenant=?" && !isTenants(text, search[1]):
			wrong = append(wrong, line)
		}
	}
	return wrong, rows.Err()
}

// commonNames returns the names under which a query reads its own WITH.
func commonNames(text string) (names []string) {
	tables, with := parse(text)
	for _, r := range tables {
		if slices.Contains(with, r.table) {
			names = append(names, r.alias)
		}
	}
	return append(names, with...)
}

// isTenants reports whether a name stands for the table of tenants, where the
// tenant is all that there is to search by.
func isTenants(text, name string) bool {
	tables, _ := parse(text)
	return slices.ContainsFunc(tables, func(r reference) bool { return r.alias == name && r.table == "tenants" })
}

// plan is a node of what PostgreSQL answers.
type plan struct {
	Node  string `json:"Node Type"`
	Table string `json:"Relation Name"`
	Index string `json:"Index Name"`
	Cond  string `json:"Index Cond"`
	// Filter is what rows that were found must pass besides.
	Filter string `json:"Filter"`
	Plans  []plan `json:"Plans"`
}

// explainPostgres does so by the plan that is made before the parameters are known.
func explainPostgres(ctx context.Context, conn *sql.Conn, q *store.Query) (wrong []string, err error) {
	nulls := strings.TrimSuffix(strings.Repeat("NULL, ", q.Params()), ", ")
	var answer []byte
	err = conn.Raw(func(driver any) error {
		answer, err = simple(ctx, driver.(*stdlib.Conn).Conn().PgConn(),
			"SET plan_cache_mode = force_generic_plan", "SET enable_seqscan = off", "DEALLOCATE ALL",
			"PREPARE q AS "+q.Text(store.Postgres), "EXPLAIN (FORMAT JSON) EXECUTE q("+nulls+")")
		return err
	})
	if err != nil {
		return nil, err
	}
	var plans []struct{ Plan plan }
	if err := json.Unmarshal(answer, &plans); err != nil {
		return nil, err
	}
	for _, p := range plans {
		wrong = append(wrong, p.Plan.wrong()...)
	}
	return wrong, nil
}

// simple runs statements that the extended protocol does not take, and returns the
// last one's answer.
func simple(ctx context.Context, conn *pgconn.PgConn, texts ...string) (answer []byte, err error) {
	for _, text := range texts {
		results, err := conn.Exec(ctx, text).ReadAll()
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			for _, row := range r.Rows {
				answer = row[0]
			}
		}
	}
	return answer, nil
}

var (
	// notColumns are the parts of a condition that name no column beyond the tenant.
	notColumns = regexp.MustCompile(`'[^']*'|::[\w ]+|\$\d+|\b(\w+\.)?tenant\b|\b(AND|OR|ANY|ROW|ARRAY|NULL|IS|NOT)\b`)
	column     = regexp.MustCompile(`[a-z_]{2,}`)
	// filteredList is a list of people or other rows that are not looked up one by one: how long
	// that takes depends on how many others a group has, of which the planner knows the average.
	filteredList = regexp.MustCompile(`\b(id|member_id|person_id) = ANY \(ARRAY\[\$`)
)

func (p plan) wrong() (wrong []string) {
	switch {
	case p.Node == "Seq Scan":
		wrong = append(wrong, "Seq Scan on "+p.Table)
	case strings.Contains(p.Node, "Index") && !(strings.HasPrefix(p.Index, "tenants_") && p.Cond != "") &&
		!column.MatchString(notColumns.ReplaceAllString(p.Cond, "")):
		wrong = append(wrong, fmt.Sprintf("%s by %s on %q alone", p.Node, p.Index, p.Cond))
	case filteredList.MatchString(p.Filter):
		wrong = append(wrong, fmt.Sprintf("%s by %s on %q compares each row with the list in %q", p.Node, p.Index, p.Cond, p.Filter))
	}
	for _, below := range p.Plans {
		wrong = append(wrong, below.wrong()...)
	}
	return wrong
}
