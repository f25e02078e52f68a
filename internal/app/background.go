package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/jobs/post"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

// secretFlags say where the server's secret key is.
type secretFlags struct {
	SecretKeyFile string `placeholder:"FILE" setting:"" help:"Secrets of 32 bytes in base64, one a line: the first seals what is kept secret, all open it. Or in $ROSTER_SECRET_KEY. Without, DIR/secret.key is made; on PostgreSQL, one in the database."`
}

func (s *secretFlags) source(c *console, folder string) seal.Source {
	return seal.Source{File: s.SecretKeyFile, Text: c.env["ROSTER_SECRET_KEY"], Folder: folder}
}

// mailFlags say how mail leaves the server.
type mailFlags struct {
	SMTP     string `name:"smtp" placeholder:"URL" setting:"" help:"Mail server, such as smtp://user@mail.example.org:587?tls=starttls (or offered, implicit, none); its password in $ROSTER_SMTP_PASSWORD. Without, messages lie in DIR/outbox for a day."`
	MailFrom string `placeholder:"ADDRESS" setting:"" help:"Sender of mail, such as \"Roster <noreply@example.org>\"."`
}

// transport returns what carries messages: the mail server if there is one, and the
// outbox for the rest.
func (m *mailFlags) transport(c *console, outbox *post.Outbox) (jobs.Transport, error) {
	if (m.SMTP == "") != (m.MailFrom == "") {
		return nil, usagef("--smtp and --mail-from belong together")
	}
	if m.SMTP == "" {
		return outbox, nil
	}
	server, err := post.ParseServer(m.SMTP)
	if err != nil {
		return nil, usagef("--smtp: %v", err)
	}
	if password := c.env["ROSTER_SMTP_PASSWORD"]; password != "" {
		server.Password = password
	}
	transport, err := post.NewSMTP(server, m.MailFrom, outbox)
	if err != nil {
		return nil, usagef("--smtp and --mail-from: %v", err)
	}
	return transport, nil
}

// background is what a node does by itself while it serves.
type background struct {
	jobs   *jobs.Runner
	post   jobs.Transport
	outbox *post.Outbox
	work   sync.WaitGroup
}

func (s *serveCmd) background(c *console, db *store.DB, log *slog.Logger) (*background, error) {
	outbox := post.NewOutbox(filepath.Join(s.Data, "outbox"), db.Clock(), log)
	transport, err := s.transport(c, outbox)
	if err != nil {
		return nil, err
	}
	return &background{jobs: jobs.New(db, jobs.Options{Log: log}), post: transport, outbox: outbox}, nil
}

// start begins what ends with ctx, and finish waits until it has.
func (b *background) start(ctx context.Context) {
	b.work.Go(func() { b.jobs.Run(ctx) })
	b.work.Go(func() { b.outbox.Run(ctx) })
}

func (b *background) finish() { b.work.Wait() }
