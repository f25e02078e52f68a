package storetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/store"
)

// global names the queries that cross tenants; each gives its reason where it
// stands. Those that steer transactions read no table.
var global = []string{"control.*", "job.tenants_due", "tenant.all", "tenant.by_name", "tenant.insert", "tenant.lock_all"}

// overridden says why a query has another text on one engine.
var overridden = map[string]string{
	"control.begin_read":  "SQLite's transactions read one snapshot, PostgreSQL's must be told to",
	"control.begin_write": "SQLite takes its one write lock at once, or might fail to take it later",
	"tenant.lock":         "SQLite locks the file where PostgreSQL locks the tenant's row",
	"tenant.lock_all":     "SQLite locks the file where PostgreSQL locks the table",
}

// program is how many queries there are at least when all packages are linked in.
const program = 100

// CheckQueries walks all registered queries: each table that one names is filtered
// or joined on the tenant, each that crosses tenants or differs by engine stands on
// the list above. The test that calls it imports the packages that it is about.
func CheckQueries(t *testing.T) {
	t.Helper()
	var globals, overrides []string
	for _, q := range store.Queries() {
		if strings.HasPrefix(q.Name, "test.") {
			continue
		}
		if q.Overridden() {
			overrides = append(overrides, q.Name)
			if overridden[q.Name] == "" {
				t.Errorf("%s differs by engine, and the list says no reason", q.Name)
			}
		}
		if q.GlobalReason() != "" {
			globals = append(globals, q.Name)
			if !onList(q.Name) {
				t.Errorf("%s crosses tenants and is not on the list", q.Name)
			}
			continue
		}
		for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
			for _, table := range tenantless(numbered(q.Text(engine))) {
				t.Errorf("%s on %s neither filters nor joins %s on the tenant:\n%s", q.Name, engine, table, q.Text(engine))
			}
		}
	}
	if len(store.Queries()) < program {
		return
	}
	if all := len(store.Queries()); 10*len(overrides) >= all {
		t.Errorf("%d of %d queries differ by engine: a tenth or more", len(overrides), all)
	}
	for _, name := range global {
		if !slices.ContainsFunc(globals, func(q string) bool { return covers(name, q) }) {
			t.Errorf("%s is on the list of those that cross tenants, and no query is called so", name)
		}
	}
	for name := range overridden {
		if !slices.Contains(overrides, name) {
			t.Errorf("%s is on the list of those that differ by engine, and no query is called so", name)
		}
	}
}

func onList(name string) bool {
	return slices.ContainsFunc(global, func(listed string) bool { return covers(listed, name) })
}

func covers(listed, name string) bool {
	noun, family := strings.CutSuffix(listed, "*")
	return listed == name || family && strings.HasPrefix(name, noun)
}
