package storetest

import (
	"slices"
	"strings"
	"testing"
)

func TestTenantless(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`SELECT 1 FROM things WHERE tenant = $1`, ""},
		{`SELECT 1 FROM things WHERE id = $1`, "things"},
		{`SELECT 1 FROM things WHERE tenant = $2`, "things"},
		{`SELECT 1 FROM things WHERE tenant = $10`, "things"},
		{`SELECT tenant FROM things`, "things"},
		{`SELECT 1 FROM things t WHERE t.tenant = $1 AND u.tenant = $1`, ""},
		{`SELECT 1 FROM things t WHERE t.tenant = t.tenant`, "things"},
		{`SELECT 1 FROM things t JOIN others o ON o.tenant = t.tenant AND o.id = t.id WHERE t.tenant = $1`, ""},
		{`SELECT 1 FROM things t JOIN others o ON o.id = t.id WHERE t.tenant = $1`, "others"},
		{`SELECT 1 FROM things t JOIN others o USING (tenant, id) WHERE t.tenant = $1`, ""},
		{`SELECT 1 FROM things t LEFT JOIN others ON others.tenant = $1 WHERE t.tenant = $1`, ""},
		{`SELECT 1 FROM things WHERE tenant = $1 AND EXISTS (SELECT 1 FROM others WHERE tenant = $1)`, ""},
		{`SELECT 1 FROM things WHERE tenant = $1 AND EXISTS (SELECT 1 FROM others WHERE id = $2)`, "others"},
		{`SELECT 1 FROM things WHERE tenant = $1 AND EXISTS (SELECT 1 FROM others o WHERE o.id = things.id)`, "others"},
		{`SELECT 1 FROM (SELECT 1 FROM things WHERE tenant = $1) x`, ""},
		{`SELECT 1 FROM things WHERE tenant = $1 AND a IS DISTINCT FROM b FOR UPDATE`, ""},
		{`WITH RECURSIVE up (id) AS (SELECT id FROM things WHERE tenant = $1
			UNION SELECT t.parent FROM up JOIN things t ON t.tenant = $1 AND t.id = up.id) SELECT id FROM up`, ""},
		{`WITH RECURSIVE up (id) AS (SELECT id FROM things WHERE tenant = $1
			UNION SELECT t.parent FROM up JOIN things t ON t.id = up.id) SELECT id FROM up`, "things"},
		{`WITH a AS (SELECT 1), b AS (SELECT 2 FROM things) SELECT 1 FROM a JOIN b ON true`, "things"},
		{`SELECT 1 FROM things t, others o WHERE t.tenant = $1 AND tenant = $1 AND o.tenant = $1`, "a list of tables: join them"},
		{`UPDATE things SET a = $2 WHERE tenant = $1`, ""},
		{`UPDATE things SET a = $2 WHERE id = $1`, "things"},
		{`UPDATE things SET tenant = $1`, "things"},
		{`DELETE FROM things WHERE tenant = $1`, ""},
		{`DELETE FROM things WHERE id = $1`, "things"},
		{`INSERT INTO things (tenant, id) VALUES ($1, $2) ON CONFLICT (tenant, id) DO UPDATE SET a = 1`, ""},
		{`INSERT INTO things (tenant, id) VALUES ($2, $1)`, "things"},
		{`INSERT INTO things (id, tenant) VALUES ($2, $1)`, "things"},
		{`INSERT INTO things (tenant, id) SELECT o.tenant, o.id FROM others o WHERE o.tenant = $1`, ""},
		{`INSERT INTO things (tenant, id) SELECT $1, o.id FROM others o`, "others"},
	} {
		if got := strings.Join(tenantless(c.text), " "); got != c.want {
			t.Errorf("%s\nlacks %q, want %q", c.text, got, c.want)
		}
	}
}

func TestParseNamesCommonTables(t *testing.T) {
	_, with := parse(`WITH RECURSIVE a (x, y) AS MATERIALIZED (SELECT 1, 2), b AS (SELECT 3) SELECT 1 FROM a JOIN b ON true`)
	if !slices.Equal(with, []string{"a", "b"}) {
		t.Errorf("%q", with)
	}
}

func TestNumbered(t *testing.T) {
	if got := numbered(`VALUES (?, ?, ?2, ?5, ?)`); got != `VALUES ($1, $2, $2, $5, $6)` {
		t.Error(got)
	}
}
