package post_test

import (
	"bufio"
	"net/textproto"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/jobs/post"
)

// Whatever is taken has the two headers that it was given, each on one line, and no
// other.
func FuzzMessage(f *testing.F) {
	f.Add("ada@example.org", "Hello", "042917")
	f.Add(`"a b"@example.org`, "Grüße 🔑", "a\n\nb: c")
	f.Add("ada@example.org\r\nBcc: eve@example.org", "Hello\r\nBcc: x", "")
	f.Add("Ada <ada@example.org>", "\x85\u2028", "a")
	f.Fuzz(func(t *testing.T, to, subject, text string) {
		o, _ := newOutbox(t)
		if err := o.Mail(t.Context(), jobs.Message{To: to, Subject: subject, Text: text}); err != nil {
			if !jobs.IsPermanent(err) {
				t.Fatal(err)
			}
			return
		}
		for _, file := range o.files(t) {
			head, body, found := strings.Cut(file, "\n\n")
			lines := strings.Split(head, "\n")
			if !found || len(lines) != 2 || lines[0] != "To: "+to || lines[1] != "Subject: "+subject || body != text+"\n" {
				t.Errorf("%q", file)
			}
		}
	})
}

// A mail of what is taken has one recipient and the headers that we gave it.
func FuzzMail(f *testing.F) {
	f.Add("ada@example.org", "Hello", "042917")
	f.Add(`"a b"@example.org`, "Grüße 🔑", ".\r\n.\r\nRCPT TO:<eve@example.org>")
	f.Add("ada@example.org\r\nBcc: eve@example.org", "Hello\r\nBcc: x", "a")
	f.Add("ada@example.org", strings.Repeat("=?utf-8?q?a?= ", 40), "a\n.\nb")
	server := serve(f, how{})
	server.TLS = post.Plain
	s, err := post.NewSMTP(server.Server, sender, nil)
	if err != nil {
		f.Fatal(err)
	}
	known := "From To Subject Date Message-Id Auto-Submitted Mime-Version Content-Type Content-Transfer-Encoding"
	f.Fuzz(func(t *testing.T, to, subject, text string) {
		before := len(server.mails())
		if err := s.Mail(t.Context(), jobs.Message{To: to, Subject: subject, Text: text}); err != nil {
			return
		}
		mails := server.mails()[before:]
		if len(mails) != 1 || mails[0].to != to {
			t.Fatalf("to %q: %+v", to, mails)
		}
		header, err := textproto.NewReader(bufio.NewReader(strings.NewReader(mails[0].data))).ReadMIMEHeader()
		if err != nil {
			t.Fatalf("%q: %v", mails[0].data, err)
		}
		for name, values := range header {
			if !strings.Contains(known, name) || len(values) != 1 {
				t.Errorf("header %s: %q", name, values)
			}
		}
	})
}

func FuzzParseServer(f *testing.F) {
	for _, text := range []string{"smtp://mail.example.org", "smtps://u:p@[::1]:465", "smtp://a%40b@c?tls=none", "smtp://?tls=", "::"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		server, err := post.ParseServer(text)
		if err != nil {
			return
		}
		if server.Host == "" || server.Port < 0 || server.Port > 65535 {
			t.Errorf("%q: %+v", text, server)
		}
		if _, err := post.NewSMTP(server, sender, nil); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
