package e2e

import (
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// beforeMobility is what lies in a database that the program made before its schema
// had the sixth step: a chain of directory groups from which somebody was removed, an
// organization group with a policy, a property.
type beforeMobility struct {
	Head     string // of the log, as verify tells it
	Top      string // the group above all others
	Ada, Ben string // accounts: one below it, and one that was there until after Then
	Then     string
	Group    string // of the organization, which carries Policy
	Policy   string
	Tokens   map[string]string // by API
}

// stepsBefore are the steps of the schema that the database has.
const stepsBefore = 5

// TestUpgrade opens a database of an older program with this one: all is there as it
// was, and what is new can be done with it.
func TestUpgrade(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { upgrade(t, place{data: t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) { upgrade(t, place{data: t.TempDir(), database: pgtest.Database(t)}) })
}

func upgrade(t *testing.T, p place) {
	facts := p.placeOld(t)
	p.roster(t, "verify", "--tenant", "acme", "--expect", facts.Head)
	file := filepath.Join(t.TempDir(), "town.yaml")
	document := town + "vehicles: [{code: V-0, branch: VIE, category: bike}]\n" +
		"customers: [{email: ada@example.org, emailIsVerified: true, birthdate: 1990-05-01, homeBranch: VIE, acceptedTermsOf: [VIE]}]\n"
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	p.roster(t, "apply", "--tenant", "acme", file)
	rider := p.roster(t, "token", "create", "--tenant", "acme", "--api", "user", "--role", "USER", "--email", "ada@example.org")
	s := p.serve(t)
	as := func(api, path, token string) person { return person{t, s.base + path, token} }

	directory := as("directory", "/directory/api/v1", facts.Tokens["directory"])
	for path, member := range map[string]bool{
		"?account_id=" + facts.Ada: true,
		"?account_id=" + facts.Ben: false,
		"?account_id=" + facts.Ben + "&asOf=" + url.QueryEscape(facts.Then): true,
	} {
		if got := directory.do(http.StatusOK, "GET", "/groups/"+facts.Top+"/check"+path, ""); got["member"] != member {
			t.Errorf("check%s: %v, want %v", path, got, member)
		}
	}
	policies := as("organization", "/organization/api/v2", facts.Tokens["organization"]).do(http.StatusOK, "GET", "/policies/"+facts.Policy, "")
	if got := fmt.Sprint(policies["groupUuids"]); got != "["+facts.Group+"]" {
		t.Errorf("the policy is on the groups %s", got)
	}
	if got := as("property", "/property/api/v1", facts.Tokens["property"]).do(http.StatusOK, "GET", "/properties", ""); !strings.Contains(fmt.Sprint(got), "Lake house") {
		t.Errorf("properties: %v", got)
	}

	// The directory's account is a rider as well now: one person.
	front := as("user", front, rider)
	ride := front.do(http.StatusCreated, "POST", "/rentals", `{"vehicleCode":"V-0","startRentalState":"ACTIVE"}`)
	if fmt.Sprintf("acc-%.0f", ride["userId"]) != facts.Ada {
		t.Errorf("the rider %v is not the account %s", ride["userId"], facts.Ada)
	}
	front.do(http.StatusOK, "POST", fmt.Sprintf("/rentals/%.0f/end", ride["id"]), "")
	s.kill()
	p.roster(t, "verify", "--tenant", "acme", "--expect", facts.Head)
}

// placeOld puts the older program's database in place: its file on SQLite, its rows
// in a schema of then on PostgreSQL.
func (p place) placeOld(t *testing.T) (facts beforeMobility) {
	t.Helper()
	folder := filepath.Join("testdata", "before-mobility")
	text, err := os.ReadFile(filepath.Join(folder, "facts.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &facts); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p.data, 0o700); err != nil { //nolint:gosec // a folder needs its x
		t.Fatal(err)
	}
	file := filepath.Join(p.data, "roster.db")
	if p.database != "" {
		file = filepath.Join(t.TempDir(), "roster.db")
	}
	unpack(t, filepath.Join(folder, "roster.db.gz"), file)
	if p.database != "" {
		copyRows(t, storetest.Raw(t, file), storetest.Raw(t, p.database))
	}
	return facts
}

func unpack(t *testing.T, from, to string) {
	t.Helper()
	packed, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = packed.Close() }()
	reader, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// copyRows makes the schema of then in an empty PostgreSQL database, and fills it with
// the rows of a SQLite one.
func copyRows(t *testing.T, from, to *sql.DB) {
	t.Helper()
	ctx := t.Context()
	conn, err := to.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := conn.ExecContext(ctx, text, args...); err != nil {
			t.Fatalf("%v: %.200s", err, text)
		}
	}
	for step := 1; step <= stepsBefore; step++ {
		files, err := filepath.Glob(fmt.Sprintf("../../internal/store/migrations/%04d_*.sql", step))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		exec(string(text))
	}
	exec(`CREATE TABLE goose_db_version (id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
		version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NOT NULL DEFAULT now())`)
	for step := 0; step <= stepsBefore; step++ {
		exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)`, step)
	}
	exec(`SET session_replication_role = replica`) // in any order
	for _, table := range texts(t, ctx, from, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'`) {
		copyTable(t, from, exec, table, texts(t, ctx, to, `SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND data_type = 'boolean'`, table))
	}
}

func texts(t *testing.T, ctx context.Context, db *sql.DB, query string, args ...any) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// copyTable copies the rows of a table, some of whose columns are booleans.
func copyTable(t *testing.T, from *sql.DB, exec func(string, ...any), table string, booleans []string) {
	t.Helper()
	rows, err := from.QueryContext(t.Context(), `SELECT * FROM `+table) //nolint:gosec // a name of the schema
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	places := make([]string, len(columns))
	for i := range columns {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	insert := fmt.Sprintf(`INSERT INTO %s ("%s") VALUES (%s)`, table, strings.Join(columns, `","`), strings.Join(places, ", "))
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		for i, column := range columns {
			for _, boolean := range booleans {
				if n, isNumber := values[i].(int64); isNumber && column == boolean {
					values[i] = n != 0
				}
			}
		}
		exec(insert, values...)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
