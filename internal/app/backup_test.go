package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/app"
	"github.com/rosterhq/roster/internal/seal"
)

// read asks for a path and returns what the answer holds.
func (r *running) read(t *testing.T, token, path string) []byte {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d %s, %v", path, answer.StatusCode, body, err)
	}
	return body
}

// A backup that is made while the server runs holds the media of verifications, too,
// sealed as they are; restored elsewhere, and with the key, they read as they did.
func TestBackupHoldsMedia(t *testing.T) {
	data := t.TempDir()
	s := serve(t, "--demo", "--data", data)
	facts, _ := readDemo(t, data)
	path := fmt.Sprintf("/v1/demo/ops-api/verification/media/%v", facts.IDs["verification_media"])
	shown := s.read(t, facts.Tokens["ops-admin"], path)
	kept := filepath.Join(t.TempDir(), "copy.db")
	if err := os.MkdirAll(filepath.Join(kept+".blobs", "7"), 0o700); err != nil { // of an earlier backup
		t.Fatal(err)
	}
	out, _ := command(t, app.Done, "backup", kept, "--data", data)
	if !strings.Contains(out, kept+".blobs holds the files beside it, 2.") {
		t.Errorf("backup says %q", out)
	}
	if entries, err := os.ReadDir(filepath.Dir(kept)); err != nil || len(entries) != 2 {
		t.Errorf("the backup is %v, %v", entries, err)
	}
	wantSealed(t, kept+".blobs", shown)
	out, _ = command(t, app.Done, "backup", kept, "--data", data, "--json")
	var told struct {
		Blobs     string
		BlobFiles int
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil || told.Blobs != kept+".blobs" || told.BlobFiles != 2 {
		t.Errorf("backup says %s", out)
	}
	s.stop()

	elsewhere := t.TempDir()
	out, _ = command(t, app.Done, "restore", kept, "--data", elsewhere)
	if !strings.Contains(out, filepath.Join(elsewhere, "blobs")+" holds the files beside it, 2.") {
		t.Errorf("restore says %q", out)
	}
	key, err := os.ReadFile(filepath.Join(data, seal.FileName))
	if err == nil {
		err = os.WriteFile(filepath.Join(elsewhere, seal.FileName), key, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	restored := serve(t, "--data", elsewhere)
	if again := restored.read(t, facts.Tokens["ops-admin"], path); !bytes.Equal(again, shown) {
		t.Errorf("%d bytes are %d once restored", len(shown), len(again))
	}
	restored.stop()

	// Files of another database go aside with it, and not before somebody says so.
	if _, refused := command(t, app.Failed, "restore", kept, "--data", elsewhere); !strings.Contains(refused, "--replace") {
		t.Errorf("restore says %q", refused)
	}
	stray := filepath.Join(elsewhere, "blobs", "1", "6ba7b810-9dad-41d1-80b4-00c04fd430c8")
	if err := os.WriteFile(stray, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, app.Done, "restore", kept, "--replace", "--data", elsewhere)
	if _, err := os.Stat(stray); err == nil {
		t.Error("a file of the old database is among those of the new one")
	}
	if _, err := os.Stat(strings.Replace(stray, "blobs", "blobs.replaced", 1)); err != nil {
		t.Error(err)
	}

	// A database without files has a backup without a folder.
	command(t, app.Done, "tenant", "create", "acme", "--data", filepath.Join(elsewhere, "new"))
	command(t, app.Done, "backup", kept, "--data", filepath.Join(elsewhere, "new"))
	if _, err := os.Stat(kept + ".blobs"); err == nil {
		t.Error("the folder of the earlier backup is still there")
	}
}

// wantSealed looks at a copy of files: for its owner alone, and nothing of what one of
// them shows can be read there.
func wantSealed(t *testing.T, folder string, shown []byte) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others", path)
		}
		if e.IsDir() {
			return nil
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, shown[:16]) {
			t.Errorf("%s is not sealed", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
