package post

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/rosterhq/roster/internal/jobs"
)

// TLS is how the connection to the mail server is protected.
type TLS string

// The ways. Credentials and codes travel by it, so the weaker ones are asked for.
const (
	StartTLS TLS = "starttls" // turned on after the greeting, or nothing is sent
	Implicit TLS = "implicit" // from the first byte on
	Offered  TLS = "offered"  // turned on where the server offers it
	Plain    TLS = "none"     // never: for a server on the same machine
)

var defaultPorts = map[TLS]int{StartTLS: 587, Implicit: 465, Offered: 25, Plain: 25}

// step bounds the connecting, and then the delivery, of one mail; the end of a
// context may come sooner.
const step = 15 * time.Second

// Server is a mail server that takes our mail.
type Server struct {
	Host           string
	Port           int // 0 for the usual one
	TLS            TLS
	User, Password string         // "" to send without signing in
	Roots          *x509.CertPool // who may vouch for the server; nil for the system's
}

// ParseServer reads smtp://user:password@host:port?tls=starttls, in which all but the
// host may be missing; smtps:// stands for tls=implicit. Errors show no password.
func ParseServer(text string) (s Server, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return s, errors.New("a mail server is given as smtp://user@host:port?tls=starttls")
	}
	s.Host = u.Hostname()
	switch u.Scheme {
	case "smtp":
		s.TLS = StartTLS
	case "smtps":
		s.TLS = Implicit
	default:
		return s, errors.New("a mail server's address begins with smtp:// or smtps://")
	}
	for name, values := range u.Query() {
		if name != "tls" {
			return s, fmt.Errorf("a mail server's address takes tls, not %q", name)
		}
		s.TLS = TLS(values[0])
	}
	if defaultPorts[s.TLS] == 0 || u.Scheme == "smtps" && s.TLS != Implicit {
		return s, errors.New("tls is starttls, implicit, offered or none; smtps:// is implicit")
	}
	if port := u.Port(); port != "" {
		if s.Port, err = strconv.Atoi(port); err != nil || s.Port < 1 || s.Port > 65535 {
			return s, errors.New("a port is a number from 1 to 65535")
		}
	}
	s.User = u.User.Username()
	s.Password, _ = u.User.Password()
	return s, nil
}

// SMTP sends each mail to a server, in a connection of its own, and leaves SMS to
// another transport. It is safe for concurrent use.
type SMTP struct {
	server  Server
	options []gomail.Option
	from    *mail.Address
	sms     jobs.Transport
}

// NewSMTP returns a transport that sends from an address, such as
// "Roster <noreply@example.org>".
func NewSMTP(server Server, from string, sms jobs.Transport) (*SMTP, error) {
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("%q is no mail address to send from", from)
	}
	if server.Port == 0 {
		server.Port = defaultPorts[server.TLS]
	}
	s := &SMTP{server: server, from: sender, sms: sms}
	s.options = []gomail.Option{
		gomail.WithPort(server.Port), gomail.WithoutNoop(),
		gomail.WithTLSConfig(&tls.Config{ServerName: server.Host, RootCAs: server.Roots, MinVersion: tls.VersionTLS12}),
	}
	switch server.TLS {
	case Implicit:
		s.options = append(s.options, gomail.WithSSL())
	case Offered:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case Plain:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.NoTLS))
	case StartTLS:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		return nil, fmt.Errorf("a mail server knows no TLS %q", server.TLS)
	}
	if server.User != "" {
		s.options = append(s.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(server.User), gomail.WithPassword(server.Password))
	}
	_, err = s.client(context.Background())
	return s, err
}

func (s *SMTP) client(ctx context.Context) (*gomail.Client, error) {
	limit := step
	if end, ok := ctx.Deadline(); ok {
		limit = max(time.Millisecond, min(limit, time.Until(end)))
	}
	return gomail.NewClient(s.server.Host, append(slices.Clip(s.options), gomail.WithTimeout(limit))...)
}

// Mail implements jobs.Transport: nil once the server has taken the mail.
func (s *SMTP) Mail(ctx context.Context, m jobs.Message) error {
	if err := checkMail(m); err != nil {
		return err
	}
	message, err := s.message(m)
	if err != nil {
		return jobs.Permanent(err)
	}
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, message)
	if message.IsDelivered() { // what fails in parting fails nobody
		return nil
	}
	return refused(err)
}

// SMS implements jobs.Transport.
func (s *SMTP) SMS(ctx context.Context, to, text string, about ...string) error {
	return s.sms.SMS(ctx, to, text, about...)
}

// Forget implements jobs.Transport: a mail that was sent lies elsewhere.
func (s *SMTP) Forget(ctx context.Context, about ...string) error { return s.sms.Forget(ctx, about...) }

func (s *SMTP) message(m jobs.Message) (*gomail.Msg, error) {
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := message.FromFormat(s.from.Name, s.from.Address); err != nil {
		return nil, errAddress // theirs would show it
	}
	if err := message.To(m.To); err != nil {
		return nil, errAddress
	}
	message.Subject(m.Subject)
	message.SetDate()
	// The default would tell the machine's name.
	message.SetMessageIDWithValue(rand.Text() + s.from.Address[strings.LastIndexByte(s.from.Address, '@'):])
	// No machine is to answer a machine (RFC 3834).
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(gomail.TypeTextPlain, m.Text)
	return message, nil
}

// refusal is a server's no, without its words, which often repeat the address.
type refusal struct {
	step     string
	code     int
	enhanced string
}

func (r refusal) Error() string { return "post: " + r.step + " is refused: " + r.Reason() }

// Reason is what a job's row keeps.
func (r refusal) Reason() string {
	return strings.TrimSpace(fmt.Sprintf("smtp %d %s", r.code, r.enhanced))
}

// refused makes an error of ours of one of the library. It is permanent where the
// server says so of the recipient or the mail; what it says of the sender, or of our
// signing in, an operator can put right.
func refused(err error) error {
	var sending *gomail.SendError
	if !errors.As(err, &sending) {
		return fmt.Errorf("post: %w", err)
	}
	r := refusal{step: "the mail", code: sending.ErrorCode(), enhanced: sending.EnhancedStatusCode()}
	last := true
	switch sending.Reason {
	case gomail.ErrSMTPRcptTo:
		r.step = "the recipient"
	case gomail.ErrSMTPMailFrom:
		r.step, last = "the sender", false
	default:
	}
	if r.code == 0 {
		return errors.New("post: the connection to the mail server broke")
	}
	if last && r.code >= 500 {
		return jobs.Permanent(r)
	}
	return r
}
