//go:build unix

// Package pgtest gives tests a throwaway PostgreSQL: a cluster of the installed
// programs on a unix socket in a temporary folder, and in it a database for each test.
//
// All tests of a process share one cluster, started by the first that asks. Where
// ROSTER_TEST_POSTGRES names one that runs already (make test starts one for all
// packages), that is used instead. A test that must break its server starts a cluster
// of its own. Nothing stays behind, however the process ends: see keeper.
//
// The clusters sort text by the rules of a language (ICU, en-US), as most people's
// databases do, so a query that relies on the order of bytes and does not say
// COLLATE "C" fails here and not at its first user.
package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Env names the environment variable that may hold the URL of a database whose user
// may create databases; tests then use that server and start none.
const Env = "ROSTER_TEST_POSTGRES"

// statementLimit bounds CREATE and DROP DATABASE, so that a test that holds a lock
// fails by itself instead of by the limit of the whole run.
const statementLimit = time.Minute

var shared = sync.OnceValues(func() (*Cluster, error) {
	c, err := New()
	sharedCluster = c
	return c, err
})

var sharedCluster *Cluster

// Main runs the tests of a package and returns their exit code, after the shared
// cluster has stopped, if a test started one:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
// A package may do without: the cluster then ends shortly after the process.
func Main(m interface{ Run() int }) int {
	code := m.Run()
	if sharedCluster != nil {
		sharedCluster.Close()
	}
	return code
}

// Database makes an empty database for this test and returns its URL, such as
// postgres:///t_name_x?host=/tmp/roster-pg1&port=5432&user=roster. It is dropped, with
// whatever is still connected to it, when the test ends. Without PostgreSQL the test
// fails and says how to install it.
func Database(t testing.TB) string {
	t.Helper()
	// template1 must be free of connections to be copied; template0 always is.
	return createDatabase(t, server(t), "template0")
}

// Copies makes databases as Database does, each a copy of one that fill has filled,
// once, and left.
func Copies(fill func(database string) error) func(t testing.TB) string {
	filled := sync.OnceValues(func() (name string, err error) {
		admin, err := serverURL()
		if err != nil {
			return "", err
		}
		name = "blank_" + strings.ToLower(rand.Text())
		if err := run(admin, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
			return "", err
		}
		database, err := urlOf(admin, name)
		if err != nil {
			return "", err
		}
		return name, fill(database)
	})
	return func(t testing.TB) string {
		t.Helper()
		name, err := filled()
		if err != nil {
			t.Fatal(err)
		}
		return createDatabase(t, server(t), name)
	}
}

// server is the URL of the server in which tests make databases.
func server(t testing.TB) string {
	t.Helper()
	url, err := serverURL()
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func serverURL() (string, error) {
	if url := os.Getenv(Env); url != "" {
		return url, nil
	}
	c, err := shared()
	if err != nil {
		return "", err
	}
	return c.URL(), nil
}

// Start starts a cluster for this test alone and closes it when the test ends.
func Start(t testing.TB, settings ...Setting) *Cluster {
	t.Helper()
	c, err := New(settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Database makes an empty database in this cluster and returns its URL; it lasts as
// long as the cluster, through Kill and Restart.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	name := databaseName(t)
	execute(t, c.URL(), "CREATE DATABASE "+name+" TEMPLATE template0")
	return withDatabase(t, c.URL(), name)
}

func createDatabase(t testing.TB, admin, template string) string {
	t.Helper()
	name := databaseName(t)
	execute(t, admin, "CREATE DATABASE "+name+" TEMPLATE "+template)
	t.Cleanup(func() { execute(t, admin, "DROP DATABASE "+name+" WITH (FORCE)") })
	return withDatabase(t, admin, name)
}

// databaseName makes a name of its own that shows its test, of at most the 63 bytes
// that PostgreSQL keeps, and needs no quotes.
func databaseName(t testing.TB) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '_'
	}, t.Name())
	return "t_" + name[:min(len(name), 34)] + "_" + strings.ToLower(rand.Text())
}

func execute(t testing.TB, url, sql string) {
	t.Helper()
	if err := run(url, sql); err != nil {
		t.Fatal(err)
	}
}

func run(url, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), statementLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

func withDatabase(t testing.TB, admin, name string) string {
	t.Helper()
	url, err := urlOf(admin, name)
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func urlOf(admin, name string) (string, error) {
	u, err := url.Parse(admin)
	if err != nil || u.Scheme == "" {
		return "", fmt.Errorf("%s must be a URL such as postgres://user@host/database, not %q", Env, admin)
	}
	u.Path = "/" + name
	return u.String(), nil
}
