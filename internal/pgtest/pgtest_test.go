//go:build unix

package pgtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) }) // t.Context is done by then
	return conn
}

// ask returns the one value that a query answers, as text.
func ask(t *testing.T, url, query string, args ...any) string {
	t.Helper()
	var answer string
	if err := connect(t, url).QueryRow(t.Context(), query, args...).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

const tables = "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'"

func TestDatabaseIsEmptyAndItsOwn(t *testing.T) {
	one, other := Database(t), Database(t)
	if _, err := connect(t, one).Exec(t.Context(), "CREATE TABLE mark (id bigint)"); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, one, tables); got != "1" {
		t.Errorf("the database that was written has %s tables", got)
	}
	if got := ask(t, other, tables); got != "0" {
		t.Errorf("the other database has %s tables", got)
	}
}

func TestCopies(t *testing.T) {
	fills := 0
	copies := Copies(func(database string) error {
		fills++
		return run(database, "CREATE TABLE mark (id bigint)")
	})
	one, other := copies(t), copies(t)
	execute(t, one, "CREATE TABLE more (id bigint)")
	if a, b := ask(t, one, tables), ask(t, other, tables); a != "2" || b != "1" || fills != 1 {
		t.Errorf("%s and %s tables, filled %d times", a, b, fills)
	}
}

func TestDatabasesAreMadeSideBySide(t *testing.T) {
	for range 8 {
		t.Run("a name that needs quotes: ' \" % Ü, and is longer than a name may be", func(t *testing.T) {
			t.Parallel()
			ask(t, Database(t), "SELECT current_database()")
		})
	}
}

func TestDatabaseIsDroppedWithItsConnections(t *testing.T) {
	var name string
	t.Run("holder", func(t *testing.T) {
		url := Database(t)
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		name = conn.Config().Database // and the connection stays open
	})
	left := ask(t, Database(t), "SELECT count(*)::text FROM pg_database WHERE datname = $1", name)
	if left != "0" {
		t.Errorf("%s is still there", name)
	}
}

func TestDatabaseOnAServerThatRuns(t *testing.T) {
	c := Start(t)
	t.Setenv(Env, c.URL())
	if got := ask(t, Database(t), "SHOW unix_socket_directories"); got != c.dir {
		t.Errorf("the database is on the server at %s, not %s", got, c.dir)
	}
}

// TestTextSortsByALanguage keeps the trap in place that the package comment speaks of.
func TestTextSortsByALanguage(t *testing.T) {
	url := Database(t)
	if got := ask(t, url, "SELECT ('a' < 'B')::text"); got != "true" {
		t.Error("the server sorts by bytes")
	}
	if got := ask(t, url, `SELECT ('a' < 'B' COLLATE "C")::text`); got != "false" {
		t.Error(`COLLATE "C" does not sort by bytes`)
	}
}

func TestMissingProgramsSayWhatToInstall(t *testing.T) {
	t.Setenv("PATH", "")
	_, err := findPrograms(filepath.Join(t.TempDir(), "*/bin"))
	if err == nil || !strings.Contains(err.Error(), "apt-get install -y postgresql") {
		t.Errorf("got %v", err)
	}
}

func TestProgramsOfTheNewestVersion(t *testing.T) {
	dir := t.TempDir()
	for _, version := range []string{"9", "15", "17"} {
		bin := filepath.Join(dir, version, "bin")
		if err := os.MkdirAll(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(bin, "initdb"), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := newest(filepath.Join(dir, "*/bin")), filepath.Join(dir, "17", "bin"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
