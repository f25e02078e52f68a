package post_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/jobs/post"
	"github.com/rosterhq/roster/internal/jobs/post/posttest"
)

const sender = "Röster <noreply@roster.test>"

func send(t *testing.T, server post.Server, m jobs.Message) error {
	t.Helper()
	s, err := post.NewSMTP(server, sender, &posttest.Box{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Mail(t.Context(), m)
}

var hello = jobs.Message{
	To: "ada@example.org", Subject: "Ihr Bestätigungscode 🔑 ist da, und diese Zeile ist länger als eine Zeile einer Mail sein darf",
	Text: "Grüße,\n\n.\n..zwei Punkte\nFrom here on\n" + strings.Repeat("eine sehr lange Zeile ", 80) + "\nhttps://roster.test/?code=042917&a=b\n",
}

// A mail arrives as it was given, by each way in which a connection is protected.
func TestMailArrives(t *testing.T) {
	for name, c := range map[string]struct {
		offers    how
		tls       post.TLS
		encrypted bool
	}{
		"starttls":            {how{tls: true}, post.StartTLS, true},
		"starttls, signed in": {how{tls: true, auth: true}, post.StartTLS, true},
		"implicit":            {how{implicit: true}, post.Implicit, true},
		"implicit, signed in": {how{implicit: true, auth: true}, post.Implicit, true},
		"offered":             {how{tls: true}, post.Offered, true},
		"not offered":         {how{}, post.Offered, false},
		"none":                {how{tls: true}, post.Plain, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, c.offers)
			server.TLS = c.tls
			if c.offers.auth {
				server.User, server.Password = user, password
			}
			if err := send(t, server.Server, hello); err != nil {
				t.Fatal(err)
			}
			mails := server.mails()
			if len(mails) != 1 {
				t.Fatalf("%d mails", len(mails))
			}
			if m := mails[0]; m.from != "noreply@roster.test" || m.to != hello.To || m.encrypted != c.encrypted {
				t.Errorf("from %s to %s, encrypted %v", m.from, m.to, m.encrypted)
			}
			if c.offers.auth != (server.signIns() == 1) {
				t.Errorf("signed in %d times", server.signIns())
			}
			checkMessage(t, mails[0].data, hello)
		})
	}
}

// checkMessage reads a mail as a mail program does.
func checkMessage(t *testing.T, data string, want jobs.Message) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != want.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != "Röster" || from[0].Address != "noreply@roster.test" {
		t.Errorf("from %v, %v", from, err)
	}
	if to, err := m.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != want.To {
		t.Errorf("to %v, %v", to, err)
	}
	if kind, _, err := mime.ParseMediaType(m.Header.Get("Content-Type")); err != nil || kind != "text/plain" {
		t.Errorf("type %s, %v", kind, err)
	}
	if _, err := m.Header.Date(); err != nil {
		t.Error(err)
	}
	if id := m.Header.Get("Message-Id"); !strings.HasSuffix(id, "@roster.test>") {
		t.Errorf("id %s", id)
	}
	if m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("User-Agent") != "" || m.Header.Get("X-Mailer") != "" {
		t.Errorf("headers %v", m.Header)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if got := strings.ReplaceAll(string(text), "\r\n", "\n"); err != nil || strings.TrimSuffix(got, "\n") != strings.TrimSuffix(want.Text, "\n") {
		t.Errorf("text %q, %v", got, err)
	}
	for line := range strings.SplitSeq(data, "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
}

// What the server says of the recipient or the mail for good is permanent; whatever
// may be otherwise later is not. No error names the recipient.
func TestRefusals(t *testing.T) {
	no := func(code int, a, b, c int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{a, b, c}, Message: "no mailbox ada@example.org here"}
	}
	for name, c := range map[string]struct {
		set       func(m *mailServer)
		permanent bool
		reason    string
	}{
		"recipient for good": {func(m *mailServer) { m.onRcpt = no(550, 5, 1, 1) }, true, "smtp 550 5.1.1"},
		"recipient for now":  {func(m *mailServer) { m.onRcpt = no(450, 4, 2, 1) }, false, "smtp 450 4.2.1"},
		"mail for good":      {func(m *mailServer) { m.onData = no(554, 5, 7, 1) }, true, "smtp 554 5.7.1"},
		"mail for now":       {func(m *mailServer) { m.onData = no(451, 4, 3, 0) }, false, "smtp 451 4.3.0"},
		"sender":             {func(m *mailServer) { m.onMail = no(550, 5, 7, 1) }, false, "smtp 550 5.7.1"},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, how{})
			server.TLS = post.Plain
			c.set(server)
			err := send(t, server.Server, hello)
			if err == nil || jobs.IsPermanent(err) != c.permanent {
				t.Fatalf("permanent %v: %v", jobs.IsPermanent(err), err)
			}
			var own interface{ Reason() string }
			if !errors.As(err, &own) || own.Reason() != c.reason {
				t.Errorf("the reason of %v", err)
			}
			if strings.Contains(err.Error(), "ada") {
				t.Errorf("the error names the recipient: %v", err)
			}
			if n := len(server.mails()); n != 0 {
				t.Errorf("%d mails", n)
			}
		})
	}
}

// Nothing is sent, and nothing is given away, where a connection is not what was
// asked for. An operator may put it right, so it is tried again.
func TestConnectionsThatAreNotAsAsked(t *testing.T) {
	for name, c := range map[string]struct {
		offers how
		set    func(s *post.Server)
	}{
		"no TLS":              {how{}, func(s *post.Server) { s.TLS = post.StartTLS }},
		"an unknown vouches":  {how{tls: true}, func(s *post.Server) { s.Roots = nil }},
		"another host":        {how{tls: true}, func(s *post.Server) { s.Host = "localhost" }},
		"a wrong password":    {how{tls: true, auth: true}, func(s *post.Server) { s.User, s.Password = user, "wrong" }},
		"no sign-in":          {how{tls: true}, func(s *post.Server) { s.User, s.Password = user, password }},
		"a sign-in unsecured": {how{auth: true}, func(s *post.Server) { s.TLS, s.User, s.Password = post.Plain, user, password }},
		"nobody there":        {how{}, func(s *post.Server) { s.Port = closedPort(t) }},
		"TLS with plain":      {how{}, func(s *post.Server) { s.TLS = post.Implicit }},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, c.offers)
			server.TLS = post.StartTLS
			c.set(&server.Server)
			err := send(t, server.Server, hello)
			if err == nil || jobs.IsPermanent(err) {
				t.Errorf("permanent %v: %v", jobs.IsPermanent(err), err)
			}
			if n := len(server.mails()); n != 0 {
				t.Errorf("%d mails", n)
			}
			if server.TLS == post.Plain && server.signIns() != 0 {
				t.Error("the password was sent in the clear")
			}
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func closedPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port := address(t, l)
	return port
}

// What would be another mail than it says reaches no server.
func TestMessagesThatAreNone(t *testing.T) {
	server := serve(t, how{})
	server.TLS = post.Plain
	outbox, _ := newOutbox(t)
	change := func(edit func(m *jobs.Message)) jobs.Message {
		m := hello
		edit(&m)
		return m
	}
	for name, m := range map[string]jobs.Message{
		"a header in the subject":  change(func(m *jobs.Message) { m.Subject = "Hello\r\nBcc: eve@example.org" }),
		"a line end":               change(func(m *jobs.Message) { m.Subject = "Hello\n" }),
		"a NUL":                    change(func(m *jobs.Message) { m.Subject = "Hello\x00" }),
		"no subject":               change(func(m *jobs.Message) { m.Subject = "" }),
		"no text":                  change(func(m *jobs.Message) { m.Text = "" }),
		"no address":               change(func(m *jobs.Message) { m.To = "" }),
		"half an address":          change(func(m *jobs.Message) { m.To = "ada" }),
		"a name":                   change(func(m *jobs.Message) { m.To = "Ada <ada@example.org>" }),
		"two addresses":            change(func(m *jobs.Message) { m.To = "ada@example.org, eve@example.org" }),
		"a header in the address":  change(func(m *jobs.Message) { m.To = "ada@example.org\r\nBcc: eve@example.org" }),
		"a command in the address": change(func(m *jobs.Message) { m.To = "ada@example.org>\r\nRCPT TO:<eve@example.org" }),
		"a space":                  change(func(m *jobs.Message) { m.To = " ada@example.org" }),
		"a comment":                change(func(m *jobs.Message) { m.To = "ada@example.org (Ada)" }),
		"quotes":                   change(func(m *jobs.Message) { m.To = `"a b"@example.org` }),
		"too long":                 change(func(m *jobs.Message) { m.To = strings.Repeat("a", 250) + "@example.org" }),
	} {
		for transport, err := range map[string]error{"smtp": send(t, server.Server, m), "outbox": outbox.Mail(t.Context(), m)} {
			if err == nil || !jobs.IsPermanent(err) {
				t.Errorf("%s, %s: %v", name, transport, err)
			}
			if err != nil && (strings.Contains(err.Error(), "ada") || strings.Contains(err.Error(), "eve")) {
				t.Errorf("%s, %s: the error names somebody: %v", name, transport, err)
			}
		}
	}
	for name, m := range map[string]jobs.Message{
		"letters of all kinds": change(func(m *jobs.Message) { m.To = "grüße@exämple.org" }),
		"signs":                change(func(m *jobs.Message) { m.To = "a.b+c_d=e@sub.example.org" }),
	} {
		if err := send(t, server.Server, m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server that takes the mail and then goes has it: it is not sent twice. One that
// goes before has not.
func TestServersThatGo(t *testing.T) {
	for goes, taken := range map[string]bool{"DATA": false, ".": false, "RSET": true, "QUIT": true} {
		t.Run(goes, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			done := make(chan struct{})
			go func() {
				defer close(done)
				goAt(listener, goes)
			}()
			server := post.Server{TLS: post.Plain}
			server.Host, server.Port = address(t, listener)
			err = send(t, server, hello)
			if (err == nil) != taken || jobs.IsPermanent(err) {
				t.Error(err)
			}
			<-done
		})
	}
}

// goAt serves one connection until a command, which it does not answer.
func goAt(l net.Listener, last string) {
	conn, err := l.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, "220 here\r\n")
	inData := false
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		line := lines.Text()
		switch {
		case line == last:
			return
		case inData && line != ".":
		case line == "DATA":
			inData = true
			fmt.Fprint(conn, "354 go on\r\n")
		default:
			inData = false
			fmt.Fprint(conn, "250 yes\r\n")
		}
	}
}

// A server that says nothing is not waited for longer than the caller waits.
func TestSilentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // the system takes connections, and nobody answers
	server := post.Server{TLS: post.Plain}
	server.Host, server.Port = address(t, listener)
	s, err := post.NewSMTP(server, sender, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Mail(ctx, hello); err == nil || jobs.IsPermanent(err) {
		t.Error(err)
	}
}

func TestParseServer(t *testing.T) {
	for text, want := range map[string]post.Server{
		"smtp://mail.example.org":                        {Host: "mail.example.org", TLS: post.StartTLS},
		"smtps://mail.example.org":                       {Host: "mail.example.org", TLS: post.Implicit},
		"smtp://u:p%40ss@mail.example.org:25?tls=none":   {Host: "mail.example.org", Port: 25, TLS: post.Plain, User: "u", Password: "p@ss"},
		"smtp://u@[::1]:2525/?tls=offered":               {Host: "::1", Port: 2525, TLS: post.Offered, User: "u"},
		"smtp://a%40b.org@mail.example.org?tls=implicit": {Host: "mail.example.org", TLS: post.Implicit, User: "a@b.org"},
	} {
		if got, err := post.ParseServer(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "mail.example.org", "mail.example.org:25", "http://mail.example.org", "smtp://", "smtp://:25", "smtp://u:secret@mail.example.org:x",
		"smtp://mail.example.org:70000", "smtp://mail.example.org:0", "smtp://mail.example.org/path", "smtp://mail.example.org?tls=maybe",
		"smtps://mail.example.org?tls=none", "smtp://u:secret@mail.example.org?starttls=1", "smtp://u:sec ret@mail.example.org#x",
	} {
		if got, err := post.ParseServer(text); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestSendersThatAreNone(t *testing.T) {
	server := post.Server{Host: "mail.example.org", TLS: post.StartTLS}
	for _, from := range []string{"", "noreply", "a@b.org, c@d.org", "a@b.org\r\nBcc: eve@example.org"} {
		if _, err := post.NewSMTP(server, from, nil); err == nil {
			t.Errorf("%q is taken", from)
		}
	}
	if _, err := post.NewSMTP(post.Server{Host: "mail.example.org", TLS: "maybe"}, sender, nil); err == nil {
		t.Error("an unknown TLS is taken")
	}
	if _, err := post.NewSMTP(post.Server{TLS: post.StartTLS}, sender, nil); err == nil {
		t.Error("no host is taken")
	}
}
