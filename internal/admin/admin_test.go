package admin_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/admin"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/identity/transfer"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func newServer(t *testing.T, database string) *admin.Server {
	t.Helper()
	db := storetest.Open(t, database, store.Options{})
	return &admin.Server{DB: db, Graph: graph.New(db), Identity: identity.New(db), Folder: t.TempDir()}
}

// clients calls fn with a client of the server in the process, and with one by a
// socket.
func clients(t *testing.T, fn func(t *testing.T, c *admin.Client)) {
	t.Run("pipe", func(t *testing.T) {
		c, end := admin.InProcess(newServer(t, storetest.SQLite(t)))
		defer end()
		fn(t, c)
	})
	t.Run("socket", func(t *testing.T) {
		s, folder := newServer(t, storetest.SQLite(t)), t.TempDir()
		l, err := admin.Listen(folder)
		if err != nil {
			t.Fatal(err)
		}
		server, ended := s.NewHTTP(), make(chan struct{})
		go func() {
			defer close(ended)
			_ = server.Serve(l)
		}()
		c, err := admin.Dial(t.Context(), folder)
		if err != nil {
			t.Fatal(err)
		}
		fn(t, c)
		c.Close()
		_ = server.Close()
		<-ended
		if _, err := admin.Dial(t.Context(), folder); !roster.IsKind(err, roster.Unavailable) {
			t.Errorf("a server that is gone: %v", err)
		}
	})
}

func TestErrorsComeWhole(t *testing.T) {
	clients(t, func(t *testing.T, c *admin.Client) {
		_, err := c.CreateTenant(t.Context(), "No!")
		var e *roster.Error
		if !errors.As(err, &e) || e.Kind != roster.Invalid || e.Field != "name" || e.Msg == "" {
			t.Errorf("%#v", err)
		}
		if _, err := c.CreateTenant(t.Context(), "acme"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.CreateTenant(t.Context(), "acme"); !roster.IsKind(err, roster.Exists) {
			t.Errorf("the same tenant again: %v", err)
		}
		if _, err := c.Tokens(t.Context(), "nobody/../acme"); !roster.IsKind(err, roster.NotFound) {
			t.Errorf("a tenant whose name is a path: %v", err)
		}
	})
}

// TestImportOfNobody is refused while its rows are still being sent.
func TestImportOfNobody(t *testing.T) {
	clients(t, func(t *testing.T, c *admin.Client) {
		for _, plan := range []bool{false, true} {
			_, err := c.Import(t.Context(), "nobody", plan, func(yield func(*transfer.Row) error) error {
				for range 50_000 {
					if err := yield(&transfer.Row{Type: transfer.Group, Name: strings.Repeat("x", 100)}); err != nil {
						return err
					}
				}
				return nil
			})
			if !roster.IsKind(err, roster.NotFound) {
				t.Errorf("plan %v: %v", plan, err)
			}
		}
	})
}

// TestImportThatBreaksOff takes nothing.
func TestImportThatBreaksOff(t *testing.T) {
	clients(t, func(t *testing.T, c *admin.Client) {
		if _, err := c.CreateTenant(t.Context(), "acme"); err != nil {
			t.Fatal(err)
		}
		cut := errors.New("the file's end is missing")
		for _, plan := range []bool{false, true} {
			_, err := c.Import(t.Context(), "acme", plan, func(yield func(*transfer.Row) error) error {
				return errors.Join(yield(&transfer.Row{Type: transfer.Group, Name: "G"}), cut)
			})
			if err == nil {
				t.Errorf("plan %v: no error", plan)
			}
		}
		rows, err := c.Export(t.Context(), "acme", "", func([]byte) error { return nil })
		if rows != 0 || err != nil {
			t.Errorf("%d rows, %v", rows, err)
		}
	})
}

func TestWhoIsUnknownIsRefused(t *testing.T) {
	s := newServer(t, storetest.SQLite(t))
	answer := httptest.NewRecorder()
	s.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/tenants", nil))
	if answer.Code == http.StatusOK || !strings.Contains(answer.Body.String(), "not known who asks") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "admin.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "admin.path"), []byte("/somebody/elses.sock\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := admin.Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	c, err := admin.Dial(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestActorOfTheLogIsTheUser(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newServer(t, database)
		c, end := admin.InProcess(s)
		defer end()
		if _, err := c.CreateTenant(t.Context(), "acme"); err != nil {
			t.Fatal(err)
		}
		var actor, api string
		row := storetest.Raw(t, database).QueryRowContext(t.Context(), "SELECT actor, api FROM changes")
		if err := row.Scan(&actor, &api); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("cli:%d", os.Getuid()); actor != want || api != string(roster.CLI) {
			t.Errorf("the log names %s by %s, want %s", actor, api, want)
		}
	})
}
