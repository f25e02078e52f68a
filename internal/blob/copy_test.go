package blob_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// A copy holds the whole files of all tenants; made again, those that came since, and
// those that went since as well.
func TestCopy(t *testing.T) {
	key, err := seal.New(bytes.Repeat([]byte{7}, seal.Size))
	if err != nil {
		t.Fatal(err)
	}
	db := storetest.Open(t, storetest.SQLite(t), store.Options{})
	from, to := filepath.Join(t.TempDir(), "blobs"), filepath.Join(t.TempDir(), "deep", "copy")
	copied := func(want int) {
		t.Helper()
		if err := blob.Copy(t.Context(), to, from); err != nil {
			t.Fatal(err)
		}
		if n, err := blob.Count(to); err != nil || n != want {
			t.Errorf("%d files, %v, want %d", n, err, want)
		}
	}
	copied(0)
	if _, err := os.Stat(to); err == nil {
		t.Error("there is a copy of nothing")
	}
	s, there := blob.New(db, key, from), blob.New(db, key, to)
	put := func(tenant roster.TenantID) string {
		t.Helper()
		name := uuid.NewString()
		if err := s.Put(t.Context(), tenant, name, []byte(name)); err != nil {
			t.Fatal(err)
		}
		return name
	}
	first, second := put(1), put(2)
	half := filepath.Join(from, "1", ".new-123")
	if err := os.WriteFile(half, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	copied(2)
	if err := os.Remove(filepath.Join(from, "1", first)); err != nil {
		t.Fatal(err)
	}
	third := put(1)
	copied(3)
	for name, tenant := range map[string]roster.TenantID{first: 1, second: 2, third: 1} {
		if got, err := there.Get(t.Context(), tenant, name); err != nil || string(got) != name {
			t.Errorf("%q, %v", got, err)
		}
	}
}
