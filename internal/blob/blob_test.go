package blob_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// shelves runs fn with files in a folder, and in the database on each engine; folder
// is "" there.
func shelves(t *testing.T, fn func(t *testing.T, s *blob.Store, tenant, other roster.TenantID, folder string)) {
	t.Helper()
	key, err := seal.New(bytes.Repeat([]byte{7}, seal.Size))
	if err != nil {
		t.Fatal(err)
	}
	run := func(t *testing.T, database, folder string) {
		db := storetest.Open(t, database, store.Options{})
		acme, rival := storetest.Tenant(t, db, "acme"), storetest.Tenant(t, db, "rival")
		fn(t, blob.New(db, key, folder), acme.Tenant.ID, rival.Tenant.ID, folder)
	}
	t.Run("folder", func(t *testing.T) { run(t, storetest.SQLite(t), filepath.Join(t.TempDir(), "media")) })
	storetest.Each(t, func(t *testing.T, database string) { run(t, database, "") })
}

// What is put can be read by its tenant, and is sealed where it lies.
func TestStore(t *testing.T) {
	shelves(t, func(t *testing.T, s *blob.Store, acme, rival roster.TenantID, folder string) {
		name, content := uuid.NewString(), []byte("a photograph of a passport")
		if err := s.Put(t.Context(), acme, name, content); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(t.Context(), acme, name); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := s.Get(t.Context(), rival, name); !errors.Is(err, blob.ErrNone) {
			t.Errorf("another tenant: %v", err)
		}
		if _, err := s.Get(t.Context(), acme, uuid.NewString()); !errors.Is(err, blob.ErrNone) {
			t.Errorf("unknown: %v", err)
		}
		for _, name := range []string{"", "../" + name, "../../etc/passwd", "{" + name + "}", "x"} {
			_, got := s.Get(t.Context(), acme, name)
			if put := s.Put(t.Context(), acme, name, content); put == nil || got == nil || errors.Is(got, blob.ErrNone) {
				t.Errorf("the name %q: %v, %v", name, put, got)
			}
		}
		if folder == "" {
			return
		}
		path := filepath.Join(folder, "1", name)
		sealed, err := os.ReadFile(path)
		if err != nil || bytes.Contains(sealed, []byte("passport")) {
			t.Errorf("%q, %v", sealed, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		// Under another name it does not open.
		moved := uuid.NewString()
		if err := os.Rename(path, filepath.Join(folder, "1", moved)); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(t.Context(), acme, moved); err == nil {
			t.Errorf("another file's bytes are %q", got)
		}
	})
}

// A sweep removes what is to go, and what a crash left, once it is old.
func TestSweep(t *testing.T) {
	shelves(t, func(t *testing.T, s *blob.Store, acme, rival roster.TenantID, folder string) {
		keep, drop, unknown := uuid.NewString(), uuid.NewString(), uuid.NewString()
		for _, name := range []string{keep, drop, unknown} {
			if err := s.Put(t.Context(), acme, name, []byte(name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Put(t.Context(), rival, drop, []byte("rival's")); err != nil {
			t.Fatal(err)
		}
		left := ""
		if folder != "" { // the server ended while it wrote
			left = filepath.Join(folder, "1", ".new-1234")
			if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		there := func() (n int) {
			for _, name := range []string{keep, drop, unknown} {
				if _, err := s.Get(t.Context(), acme, name); err == nil {
					n++
				}
			}
			if _, err := os.Stat(left); left != "" && err == nil {
				n++
			}
			return n
		}
		more := min(len(left), 1)
		fates := func([]string) (map[string]blob.Fate, error) {
			return map[string]blob.Fate{keep: blob.Keep, drop: blob.Drop}, nil
		}
		for _, step := range []struct {
			later time.Duration
			want  int
		}{{time.Minute, 2 + more}, {2 * time.Hour, 1}, {1000 * time.Hour, 1}} {
			if err := s.Sweep(t.Context(), acme, time.Now().Add(step.later), fates); err != nil {
				t.Fatal(err)
			}
			if got := there(); got != step.want {
				t.Errorf("after %v %d files are there, not %d", step.later, got, step.want)
			}
		}
		if _, err := s.Get(t.Context(), acme, keep); err != nil {
			t.Error(err)
		}
		if _, err := s.Get(t.Context(), rival, drop); err != nil {
			t.Errorf("another tenant's: %v", err)
		}
		broken := errors.New("broken")
		if err := s.Sweep(t.Context(), acme, time.Now().Add(time.Hour), func([]string) (map[string]blob.Fate, error) { return nil, broken }); !errors.Is(err, broken) {
			t.Errorf("a sweep that knows nothing: %v", err)
		}
	})
}
