package store_test

import (
	"database/sql"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// A database that is opened again, or by several nodes at once, has its schema
// brought up to date once.
func TestMigrationsRunOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		nodes := 1
		if store.IsPostgres(database) {
			nodes = 4
		}
		for range 2 {
			var wg sync.WaitGroup
			for range nodes {
				wg.Go(func() {
					db, err := store.Open(t.Context(), store.Options{Database: database})
					if err != nil {
						t.Error(err)
						return
					}
					if err := db.Close(); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		twice := count(t, storetest.Raw(t, database), `SELECT count(*) - count(DISTINCT version_id) FROM goose_db_version`)
		if twice != 0 {
			t.Errorf("%d migrations ran twice", twice)
		}
	})
}

// schema is all that a database enforces or finds rows by, as sentences.
type schema map[string]bool

func (s schema) add(format string, args ...any) { s[fmt.Sprintf(format, args...)] = true }

// Both engines have the same tables, columns, keys, indexes and constraints, and
// every row's key begins with its tenant.
func TestSchemasAreEqual(t *testing.T) {
	lite, pg := storetest.SQLite(t), pgtest.Database(t)
	open(t, lite)
	open(t, pg)
	a, b := sqliteSchema(t, storetest.Raw(t, lite)), postgresSchema(t, storetest.Raw(t, pg))
	if len(a) < 50 {
		t.Errorf("only %d facts about the schema", len(a))
	}
	for _, fact := range slices.Sorted(maps.Keys(a)) {
		if !b[fact] {
			t.Errorf("only on SQLite: %s", fact)
		}
		if strings.Contains(fact, " primary key ") && !strings.Contains(fact, " primary key tenant") {
			t.Errorf("a key that does not begin with the tenant: %s", fact)
		}
		if strings.Contains(fact, " refers by ") && !strings.Contains(fact, " refers by tenant") {
			t.Errorf("a reference that may leave the tenant: %s", fact)
		}
	}
	for _, fact := range slices.Sorted(maps.Keys(b)) {
		if !a[fact] {
			t.Errorf("only on PostgreSQL: %s", fact)
		}
	}
}

// classes maps PostgreSQL's types to those of SQLite's strict tables.
var classes = map[string]string{"bigint": "INTEGER", "boolean": "INTEGER", "bytea": "BLOB", "text": "TEXT"}

func postgresSchema(t *testing.T, raw *sql.DB) schema {
	s := schema{}
	for _, row := range query(t, raw, `SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`) {
		if classes[row[2]] == "" {
			t.Errorf("%s.%s: SQLite has no type for %s", row[0], row[1], row[2])
		}
		s.add("%s has %s %s, null %s", row[0], row[1], classes[row[2]], row[3])
	}
	for _, row := range query(t, raw, `SELECT conrelid::regclass, contype,
			(SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(conkey) WITH ORDINALITY k (att, n)
				JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.att),
			CASE contype WHEN 'f' THEN confrelid::regclass::text ELSE '' END,
			(SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(confkey) WITH ORDINALITY k (att, n)
				JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.att)
			FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'goose_db_version'`) {
		switch row[1] {
		case "p":
			s.add("%s primary key %s", row[0], row[2])
		case "f":
			s.add("%s refers by %s to %s %s", row[0], row[2], row[3], row[4])
		}
	}
	for _, row := range query(t, raw, `SELECT conrelid::regclass, count(*) FROM pg_constraint
			WHERE connamespace = 'public'::regnamespace AND contype = 'c' GROUP BY conrelid`) {
		s.add("%s has %s checks", row[0], row[1])
	}
	for _, row := range query(t, raw, `SELECT i.indrelid::regclass, i.indexrelid::regclass, i.indisunique,
			(SELECT string_agg(pg_get_indexdef(i.indexrelid, n, true) || CASE WHEN i.indoption[n - 1] & 1 = 1 THEN ' DESC' ELSE '' END, ',' ORDER BY n)
				FROM generate_series(1, i.indnkeyatts) n),
			coalesce(pg_get_expr(i.indpred, i.indrelid), '')
			FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
			WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisprimary AND c.relname <> 'goose_db_version'`) {
		columns := strings.ReplaceAll(row[3], `"`, "") // round a name that is a keyword too
		s.add("%s index %s, unique %s, on %s where %s", row[0], row[1], row[2], columns, plain(row[4]))
	}
	return s
}

func sqliteSchema(t *testing.T, raw *sql.DB) schema {
	s := schema{}
	for _, table := range query(t, raw, `SELECT name, sql FROM sqlite_schema
			WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name <> 'goose_db_version'`) {
		name := table[0]
		if !strings.Contains(table[1], "STRICT, WITHOUT ROWID") {
			t.Errorf("%s is not strict", name)
		}
		if n := strings.Count(table[1], "CHECK ("); n > 0 {
			s.add("%s has %d checks", name, n)
		}
		for _, row := range query(t, raw, `SELECT name, type, CASE WHEN "notnull" = 1 THEN 'NO' ELSE 'YES' END FROM pragma_table_info($1)`, name) {
			s.add("%s has %s %s, null %s", name, row[0], strings.ToUpper(row[1]), row[2])
		}
		for _, row := range query(t, raw, `SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk)`, name) {
			s.add("%s primary key %s", name, row[0])
		}
		for _, row := range query(t, raw, `SELECT group_concat("from"), "table", group_concat("to")
				FROM (SELECT * FROM pragma_foreign_key_list($1) ORDER BY id, seq) GROUP BY id`, name) {
			s.add("%s refers by %s to %s %s", name, row[0], row[1], row[2])
		}
		for _, row := range query(t, raw, `SELECT l.name, CASE WHEN l."unique" = 1 THEN 'true' ELSE 'false' END,
				(SELECT group_concat(name || CASE WHEN "desc" = 1 THEN ' DESC' ELSE '' END)
					FROM (SELECT * FROM pragma_index_xinfo(l.name) WHERE key = 1 ORDER BY seqno)),
				s.sql FROM pragma_index_list($1) l JOIN sqlite_schema s ON s.name = l.name WHERE l.origin = 'c'`, name) {
			_, where, _ := strings.Cut(strings.Join(strings.Fields(row[3]), " "), " WHERE ")
			s.add("%s index %s, unique %s, on %s where %s", name, row[0], row[1], row[2], plain(where))
		}
	}
	return s
}

var cast = regexp.MustCompile(`::\w+`)

// plain drops what PostgreSQL adds to an expression when it prints it.
func plain(expression string) string {
	// PostgreSQL spells a list as an array.
	expression = strings.NewReplacer("= ANY (ARRAY[", "IN (", "]", "").Replace(expression)
	return strings.NewReplacer("(", "", ")", "", "'", "").Replace(cast.ReplaceAllString(expression, ""))
}

// query returns rows as text.
func query(t *testing.T, raw *sql.DB, text string, args ...any) (all [][]string) {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		row, cells := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range row {
			cells[i] = &row[i]
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		words := make([]string, len(row))
		for i := range row {
			words[i] = row[i].String
		}
		all = append(all, words)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
