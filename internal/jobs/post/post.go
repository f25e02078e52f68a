// Package post carries messages to people: mail by SMTP, or everything into files of
// a folder, where a person who tries Roster, or runs it without a mail server, reads
// them.
package post

import (
	"errors"
	"net/mail"
	"regexp"
	"strings"
	"unicode"

	"github.com/rosterhq/roster/internal/jobs"
)

// What is wrong with a message; none of it would be right the next time.
var (
	errAddress = errors.New("post: that is no mail address")
	errSubject = errors.New("post: a subject is one line")
	errText    = errors.New("post: the text is empty")
	errPhone   = errors.New("post: that is no phone number in E.164")
)

// maxAddress is how long an address may be (RFC 5321, 4.5.3.1.3).
const maxAddress = 254

// checkMail refuses what would be another mail than it says: an address with a name,
// several of them, or a line end that begins a header.
func checkMail(m jobs.Message) error {
	if !isAddress(m.To) {
		return jobs.Permanent(errAddress)
	}
	if m.Subject == "" || strings.ContainsFunc(m.Subject, unicode.IsControl) {
		return jobs.Permanent(errSubject)
	}
	if m.Text == "" {
		return jobs.Permanent(errText)
	}
	return nil
}

// isAddress takes no address that needs quotes: mail programs and servers differ about
// them, and nobody has one.
func isAddress(s string) bool {
	if len(s) > maxAddress || strings.ContainsFunc(s, unicode.IsControl) {
		return false
	}
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s && parsed.String() == "<"+s+">"
}

var phone = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func checkSMS(to, text string) error {
	if !phone.MatchString(to) {
		return jobs.Permanent(errPhone)
	}
	if text == "" {
		return jobs.Permanent(errText)
	}
	return nil
}
