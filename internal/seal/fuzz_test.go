package seal_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Nothing opens as what nobody sealed.
func FuzzOpen(f *testing.F) {
	k, err := seal.New(bytes.Repeat([]byte{7}, seal.Size))
	if err != nil {
		f.Fatal(err)
	}
	good := k.Seal(plain, place)
	f.Add(good)
	f.Add([]byte{})
	f.Add(good[:5])
	f.Add(good[:20])
	f.Add(append([]byte{2}, good[1:]...))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		opened, err := k.Open(sealed, place)
		if err == nil && !bytes.Equal(opened, plain) {
			t.Errorf("%x opens as %x", sealed, opened)
		}
		k.Stale(sealed)
	})
}

// Keys that are taken work, and what is no list of keys is refused.
func FuzzKeys(f *testing.F) {
	good := text(bytes.Repeat([]byte{7}, seal.Size))
	for _, t := range []string{good, good + "," + good, good + "\r\n", "", ",", good[1:], good + "=", "\x00"} {
		f.Add(t)
	}
	db := storetest.Open(f, storetest.SQLite(f), store.Options{})
	f.Fuzz(func(t *testing.T, given string) {
		k, err := seal.Load(t.Context(), db, seal.Source{Folder: t.TempDir(), Text: given}, slog.New(slog.DiscardHandler))
		if err == nil && !opens(k, k.Seal(plain, place)) {
			t.Errorf("%q is taken and does not work", given)
		}
	})
}
