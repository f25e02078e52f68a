package storetest

import (
	"os"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var (
	goodPlans = []*store.Query{
		store.Q("good.key", `SELECT 1 FROM changes WHERE tenant = $1 AND revision = $2`),
		store.Q("good.pair", `SELECT 1 FROM changes WHERE tenant = $1 AND (revision, seq) > ($2, $3) ORDER BY revision, seq LIMIT 5`),
		store.Q("good.list", `SELECT 1 FROM changes WHERE tenant = $1 AND revision IN ($2)`).In(),
		store.Q("good.insert", `INSERT INTO sequences (tenant, name, next) VALUES ($1, $2, $3)`).Many(),
		store.Q("good.update", `UPDATE sequences SET next = $2 WHERE tenant = $1 AND name = $3`),
		store.Q("good.tenant", `SELECT revision FROM tenants t WHERE t.tenant = $1`),
		store.Q("good.walk", `WITH RECURSIVE up (id) AS (SELECT object_id FROM changes WHERE tenant = $1 AND revision = $2 AND seq = $3
			UNION SELECT c.object_id FROM up u JOIN changes c ON c.tenant = $1 AND c.subject_id = u.id) SELECT id FROM up`),
	}
	badPlans = []*store.Query{
		store.Q("bad.tenant", `SELECT 1 FROM changes WHERE tenant = $1`),
		store.Q("bad.column", `SELECT 1 FROM changes WHERE tenant = $1 AND request_id = $2`),
		store.Q("bad.order", `SELECT 1 FROM changes WHERE tenant = $1 ORDER BY time LIMIT 1`),
		store.Q("bad.table", `SELECT count(*) FROM tenants WHERE name <> $1`),
		store.Q("bad.join", `SELECT 1 FROM changes c JOIN changes d ON d.tenant = c.tenant AND d.request_id = c.request_id WHERE c.tenant = $1 AND c.revision = $2`),
		store.Q("bad.walk", `WITH RECURSIVE up (id) AS (SELECT object_id FROM changes WHERE tenant = $1 AND revision = $2
			UNION SELECT c.subject_id FROM up JOIN changes c ON c.tenant = $1 AND c.time = up.id) SELECT id FROM up`),
	}
)

// The check of plans finds those that it is there for, and no others.
func TestExplain(t *testing.T) {
	Each(t, func(t *testing.T, database string) {
		db := Open(t, database, store.Options{})
		actor := Tenant(t, db, "a")
		err := db.Write(t.Context(), actor, func(tx *store.Tx) error {
			for i := range int64(10_000) {
				tx.Record(roster.Change{Operation: "thing.create", SubjectType: "thing", SubjectID: i})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		conn := analyzed(t, database)
		explain := explainSQLite
		if store.IsPostgres(database) {
			explain = explainPostgres
		}
		for _, q := range goodPlans {
			for _, v := range append(q.Variants(), q) {
				if wrong, err := explain(t.Context(), conn, v); len(wrong) > 0 || err != nil {
					t.Errorf("%s: %q %v", v.Name, wrong, err)
				}
			}
		}
		for _, q := range badPlans {
			if wrong, err := explain(t.Context(), conn, q); len(wrong) == 0 || err != nil {
				t.Errorf("%s: nothing wrong; %v", q.Name, err)
			}
		}
	})
}
