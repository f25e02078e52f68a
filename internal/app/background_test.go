package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// mailbox is a mail server that gives away what it gets.
type mailbox chan string

func (m mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return m, nil }
func (m mailbox) Mail(string, *smtp.MailOptions) error        { return nil }
func (m mailbox) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (m mailbox) Reset()                                      {}
func (m mailbox) Logout() error                               { return nil }

func (m mailbox) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	m <- string(data)
	return err
}

// work opens a node, lets it do what a write has left behind, and stops it.
func work(t *testing.T, s *serveCmd, env map[string]string) *node {
	t.Helper()
	c := &console{ctx: t.Context(), env: env}
	if err := s.check(c); err != nil {
		t.Fatal(err)
	}
	n, err := s.open(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.db.Close(); err != nil {
			t.Error(err)
		}
	})
	sent := make(chan error, 2)
	hello := jobs.Kind[string]{Name: "test.hello"}
	hello.Handle(n.jobs, func(ctx context.Context, _ roster.Tenant, what string) (err error) {
		if what == "mail" {
			err = n.post.Mail(ctx, jobs.Message{To: "ada@example.org", Subject: "Hello", Text: "042917"})
		} else {
			err = n.post.SMS(ctx, "+4930123456", "042917")
		}
		sent <- err
		return err
	})
	ctx, cancel := context.WithCancel(t.Context())
	n.start(ctx)
	actor := storetest.Tenant(t, n.db, "acme")
	err = n.db.Write(t.Context(), actor, func(tx *store.Tx) error {
		tx.Housekeeping()
		return jobs.Enqueue(tx, hello.Job("mail"), hello.Job("sms"))
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
	cancel()
	n.finish()
	return n
}

func outboxFiles(t *testing.T, data, kind string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "outbox", "*-"+kind+"-*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// providers are the flags' defaults.
var providers = providerFlags{OnfidoURL: urls["onfido_url"], VeriffURL: urls["veriff_url"], CRIFURL: urls["crif_url"], StripeURL: urls["stripe_url"]}

// Without a mail server, messages lie in the outbox.
func TestOutboxIsTheDefault(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := &serveCmd{place: place{Database: database}, providerFlags: providers}
		if store.IsPostgres(database) {
			s.Data = t.TempDir()
		}
		work(t, s, nil)
		if mails, texts := outboxFiles(t, s.Data, "mail"), outboxFiles(t, s.Data, "sms"); mails != 1 || texts != 1 {
			t.Errorf("%d mails, %d SMS", mails, texts)
		}
	})
}

// With one, mail goes there, from the sender that was named, and SMS do not.
func TestMailServerByFlags(t *testing.T) {
	box := make(mailbox, 1)
	server := smtp.NewServer(box)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	s := &serveCmd{
		place: place{Database: storetest.SQLite(t)}, providerFlags: providers,
		mailFlags: mailFlags{SMTP: "smtp://" + listener.Addr().String() + "?tls=none", MailFrom: "Roster <noreply@roster.test>"},
	}
	work(t, s, nil)
	if mail := <-box; !strings.Contains(mail, "<noreply@roster.test>") || !strings.Contains(mail, "042917") {
		t.Errorf("mail %q", mail)
	}
	if mails, texts := outboxFiles(t, s.Data, "mail"), outboxFiles(t, s.Data, "sms"); mails != 0 || texts != 1 {
		t.Errorf("%d mails, %d SMS", mails, texts)
	}
}

func TestMailFlagsThatMakeNoSense(t *testing.T) {
	const from = "noreply@roster.test"
	for _, args := range [][]string{
		{"--smtp", "smtp://mail.example.org"},
		{"--mail-from", from},
		{"--smtp", "mail.example.org", "--mail-from", from},
		{"--smtp", "smtp://mail.example.org", "--mail-from", "nobody"},
		{"--smtp", "smtp://u:secret@mail.example.org?tls=maybe", "--mail-from", from},
	} {
		var out bytes.Buffer
		data := filepath.Join(t.TempDir(), "data")
		if got := Run(t.Context(), append([]string{"serve", "--data", data}, args...), nil, &out, &out); got != Usage {
			t.Errorf("%v: status %d: %s", args, got, &out)
		}
		if strings.Contains(out.String(), "secret") {
			t.Errorf("the password is shown: %s", &out)
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%v: a data folder was made", args)
		}
	}
}

// The key that seals is the data folder's, or the one that the operator gives.
func TestSecretKeyBySettings(t *testing.T) {
	given := seal.Random()
	text := base64.StdEncoding.EncodeToString(given)
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := seal.New(given)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file  string
		env   map[string]string
		given bool
	}{
		"own":  {},
		"file": {file: file, given: true},
		"env":  {env: map[string]string{"ROSTER_SECRET_KEY": text}, given: true},
	} {
		s := &serveCmd{place: place{Database: storetest.SQLite(t)}, providerFlags: providers, secretFlags: secretFlags{SecretKeyFile: c.file}}
		n := work(t, s, c.env)
		if stale := key.Stale(n.key.Seal(nil, seal.Context{})); stale == c.given {
			t.Errorf("%s: the given key seals: %v", name, !stale)
		}
		if _, err := os.Stat(filepath.Join(s.Data, seal.FileName)); (err == nil) == c.given {
			t.Errorf("%s: %v", name, err)
		}
	}
	var out bytes.Buffer
	env := []string{"ROSTER_SECRET_KEY=" + text[:40]}
	if got := Run(t.Context(), []string{"serve", "--data", t.TempDir()}, env, &out, &out); got != Failed || strings.Contains(out.String(), text[:40]) {
		t.Errorf("a bad key: status %d: %s", got, &out)
	}
}

// A backup says which key it needs beside it, if there is one.
func TestBackupNamesTheKey(t *testing.T) {
	data := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if got := Run(t.Context(), append(args, "--data", data), nil, &out, &out); got != Done {
			t.Fatalf("%v: status %d: %s", args, got, &out)
		}
		return out.String()
	}
	run("tenant", "create", "acme")
	copied, key := filepath.Join(t.TempDir(), "copy.db"), filepath.Join(data, seal.FileName)
	if out := run("backup", copied); strings.Contains(out, seal.FileName) {
		t.Errorf("it names a key that is not there: %s", out)
	}
	if err := os.WriteFile(key, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out := run("backup", copied); !strings.Contains(out, key) {
		t.Errorf("it does not name the key: %s", out)
	}
}
