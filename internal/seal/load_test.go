package seal_test

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestQueriesKeepTenantsApart(t *testing.T) { storetest.CheckQueries(t) }

var (
	place = seal.Context{Tenant: 1, Purpose: "test"}
	plain = []byte("a secret")
)

func text(secret []byte) string { return base64.StdEncoding.EncodeToString(secret) }

// load loads a key as a server that starts does, and returns what it logged.
func load(t *testing.T, db *store.DB, s seal.Source) (*seal.Key, string) {
	t.Helper()
	var log bytes.Buffer
	k, err := seal.Load(t.Context(), db, s, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return k, log.String()
}

func opens(k *seal.Key, sealed []byte) bool {
	opened, err := k.Open(sealed, place)
	return err == nil && bytes.Equal(opened, plain)
}

// A database has a key of its own: the same at each start, and on each node.
func TestOwnKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		folder := t.TempDir()
		first := storetest.Open(t, database, store.Options{})
		k, log := load(t, first, seal.Source{Folder: folder})
		sealed := k.Seal(plain, place)
		if warned := strings.Contains(log, "--secret-key-file"); warned != store.IsPostgres(database) {
			t.Errorf("logged %q", log)
		}
		if !store.IsPostgres(database) {
			info, err := os.Stat(filepath.Join(folder, seal.FileName))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the key's file: %v, %v", info, err)
			}
		}
		second := storetest.Open(t, database, store.Options{})
		if k, _ := load(t, second, seal.Source{Folder: folder}); !opens(k, sealed) || k.Stale(sealed) {
			t.Error("the next start has another key")
		}

		// A key that is given later seals from then on, and the own one still opens.
		given := seal.Source{Folder: folder, Text: text(seal.Random())}
		k, log = load(t, second, given)
		if !opens(k, sealed) || !k.Stale(sealed) || log != "" {
			t.Errorf("with another key: opens %v, stale %v, logged %q", opens(k, sealed), k.Stale(sealed), log)
		}
		later := k.Seal(plain, place)
		if k, _ := load(t, second, given); !opens(k, later) || k.Stale(later) {
			t.Error("the given key is another one at the next start")
		}
	})
}

// Nodes that make the key at once have the same.
func TestNodesAgree(t *testing.T) {
	database := pgtest.Database(t)
	const nodes = 4
	keys := make([]*seal.Key, nodes)
	var wg sync.WaitGroup
	for i := range keys {
		db := storetest.Open(t, database, store.Options{})
		wg.Go(func() {
			k, err := seal.Load(t.Context(), db, seal.Source{}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Error(err)
				return
			}
			keys[i] = k
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	sealed := keys[0].Seal(plain, place)
	for i, k := range keys {
		if !opens(k, sealed) {
			t.Errorf("node %d has another key", i)
		}
	}
}

// A given key makes none, and lists of keys seal with their first.
func TestGivenKeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		folder := t.TempDir()
		first, second := seal.Random(), seal.Random()
		file := filepath.Join(folder, "given")
		if err := os.WriteFile(file, []byte(text(second)+"\r\n"+text(first)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		old := newKey(t, first).Seal(plain, place)
		for name, s := range map[string]seal.Source{
			"file": {Folder: folder, File: file},
			"text": {Folder: folder, Text: text(second) + ", " + text(first)},
		} {
			k, _ := load(t, db, s)
			if !opens(k, old) || !k.Stale(old) || !opens(newKey(t, second), k.Seal(plain, place)) {
				t.Errorf("%s: the second key is to seal, and the first to open", name)
			}
		}
		if _, err := os.Stat(filepath.Join(folder, seal.FileName)); err == nil {
			t.Error("a key was made that nobody asked for")
		}
		k, _ := load(t, db, seal.Source{Folder: folder})
		if opens(k, old) {
			t.Error("a given key was kept")
		}
	})
}

func TestWrongKeysAreRefused(t *testing.T) {
	database := storetest.SQLite(t)
	db := storetest.Open(t, database, store.Options{})
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "given")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := text(seal.Random())
	short := text(seal.Random()[:31])
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, seal.FileName), []byte(short), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]seal.Source{
		"twice":           {File: file(good), Text: good},
		"no file":         {File: filepath.Join(t.TempDir(), "none")},
		"an empty file":   {File: file("\n")},
		"a folder":        {File: t.TempDir()},
		"commas alone":    {Text: ", ,"},
		"too short":       {Text: short},
		"no base64":       {Text: good[:40] + "!!!!"},
		"a bad second":    {Text: good + "," + short},
		"an own file cut": {Folder: broken},
		"no data folder":  {Folder: filepath.Join(t.TempDir(), "none")},
	} {
		k, err := seal.Load(t.Context(), db, s, slog.New(slog.DiscardHandler))
		if err == nil {
			t.Errorf("%s: %v", name, k)
			continue
		}
		if strings.Contains(err.Error(), short) || strings.Contains(err.Error(), good) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}
