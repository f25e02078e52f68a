package seal

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// FileName is the key's file in the data folder of a SQLite database.
const FileName = "secret.key"

// Source says where the server's secret key is.
type Source struct {
	// File holds secrets in base64, one a line, the one that seals first; "" for none.
	File string
	// Text holds them likewise, parted by commas or lines; "" for none.
	Text string
	// Folder is the data folder, where a SQLite database has a key of its own.
	Folder string
}

// Load returns the key that the operator gives, or else the database's own, which is
// made the first time: in the data folder on SQLite, in the database itself on
// PostgreSQL. Where both are, the database's own still opens what it sealed.
func Load(ctx context.Context, db *store.DB, s Source, log *slog.Logger) (*Key, error) {
	given, err := s.given()
	if err != nil {
		return nil, err
	}
	var own [][]byte
	if db.Engine() == store.SQLite {
		own, err = fileSecrets(filepath.Join(s.Folder, FileName), given == nil)
	} else {
		own, err = databaseSecret(ctx, db, given == nil)
	}
	if err != nil {
		return nil, err
	}
	if given == nil && db.Engine() == store.Postgres {
		log.Warn("the secret key lies in the database, beside what it protects: --secret-key-file keeps it apart")
	}
	all := slices.Concat(given, own)
	return New(all[0], all[1:]...)
}

// given returns the operator's secrets; nil when there are none.
func (s Source) given() ([][]byte, error) {
	switch {
	case s.File != "" && s.Text != "":
		return nil, errors.New("the secret key is given twice: by --secret-key-file and by ROSTER_SECRET_KEY")
	case s.Text != "":
		return named("ROSTER_SECRET_KEY", s.Text)
	case s.File == "":
		return nil, nil
	}
	text, err := os.ReadFile(s.File)
	if err != nil {
		return nil, fmt.Errorf("the secret key: %w", err)
	}
	return named(s.File, string(text))
}

func named(place, text string) ([][]byte, error) {
	secrets, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("the secret key in %s: %w", place, err)
	}
	return secrets, nil
}

// parse reads secrets in base64, parted by commas, lines or spaces. Errors do not
// show them.
func parse(text string) (secrets [][]byte, err error) {
	parted := func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }
	for _, word := range strings.FieldsFunc(text, parted) {
		secret, err := base64.StdEncoding.DecodeString(word)
		if err != nil || len(secret) != Size {
			return nil, fmt.Errorf("number %d is not %d bytes in base64, as `openssl rand -base64 %d` makes them", len(secrets)+1, Size, Size)
		}
		secrets = append(secrets, secret)
	}
	if len(secrets) == 0 {
		return nil, errors.New("there is none")
	}
	return secrets, nil
}

// fileSecrets reads the key of the data folder. Whoever calls holds the folder's
// lock.
func fileSecrets(path string, create bool) ([][]byte, error) {
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		return named(path, string(text))
	case !errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("the secret key: %w", err)
	case !create:
		return nil, nil
	}
	secret := Random()
	if err := save(path, base64.StdEncoding.EncodeToString(secret)+"\n"); err != nil {
		return nil, fmt.Errorf("make the secret key: %w", err)
	}
	return [][]byte{secret}, nil
}

// save writes a file for its owner alone, which is there when all of it is on the
// disk: what a key sealed is lost with it.
func save(path, text string) error {
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".part-") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }() // gone already when all went well
	_, err = part.WriteString(text)
	if err := errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // which knows no such call
		return nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

var (
	secretByName = store.Q("server_secret.by_name", `SELECT value FROM server_secrets WHERE tenant = $1 AND name = $2`)
	secretInsert = store.Q("server_secret.insert", `INSERT INTO server_secrets (tenant, name, value, created_at)
		VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, name) DO NOTHING`)
)

// secretName is the key's name among the server's secrets.
const secretName = "secret_key"

// databaseSecret reads the key that lies in the database. Of nodes that make it at
// once one does, and the others wait for its commit and read it.
func databaseSecret(ctx context.Context, db *store.DB, create bool) (secrets [][]byte, err error) {
	server := roster.Actor{ID: "server", API: roster.Background}
	err = db.Write(ctx, server, func(tx *store.Tx) error {
		tx.Housekeeping()
		if create {
			if _, err := tx.Exec(secretInsert, secretName, Random(), tx.Now); err != nil {
				return err
			}
		}
		secrets, err = store.All(tx, secretByName, func(s store.Scanner) (secret []byte, err error) {
			err = s.Scan(&secret)
			return secret, err
		}, secretName)
		return err
	})
	return secrets, err
}
