package jobs

import (
	"context"
	"fmt"

	"github.com/rosterhq/roster/internal/roster"
)

// Message is one mail to one person.
type Message struct {
	To      string // one address, without a name
	Subject string
	Text    string // plain text
	// About names by Ref what the message tells of, its receiver among others, so
	// that it can be forgotten.
	About []string
}

// Ref names something of a tenant that a message tells of, such as ("person", 12).
func Ref(tenant roster.TenantID, what string, id int64) string {
	return fmt.Sprintf("t%d%s%d", tenant, what, id)
}

// Transport carries messages to people; package post has the real ones. Its errors
// are Permanent where another try is no use, and name no person.
type Transport interface {
	Mail(ctx context.Context, m Message) error
	// SMS sends a text to a phone number in E.164, such as +4930123456; about is as a
	// message's.
	SMS(ctx context.Context, to, text string, about ...string) error
	// Forget deletes what is kept of messages that tell of one of those (Ref).
	Forget(ctx context.Context, about ...string) error
}
