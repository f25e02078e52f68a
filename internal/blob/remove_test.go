package blob_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/roster"
)

// What is removed is gone, of its tenant alone; once more, or by no name, it is nothing.
func TestRemove(t *testing.T) {
	shelves(t, func(t *testing.T, s *blob.Store, acme, rival roster.TenantID, _ string) {
		name := uuid.NewString()
		for _, tenant := range []roster.TenantID{acme, rival} {
			if err := s.Put(t.Context(), tenant, name, []byte("a face")); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := s.Remove(t.Context(), acme, name); err != nil {
				t.Error(err)
			}
		}
		if _, err := s.Get(t.Context(), acme, name); !errors.Is(err, blob.ErrNone) {
			t.Errorf("it is still there: %v", err)
		}
		if _, err := s.Get(t.Context(), rival, name); err != nil {
			t.Errorf("another tenant's: %v", err)
		}
		if err := s.Remove(t.Context(), rival, "../"+name); err == nil {
			t.Error("that is no name")
		}
	})
}
