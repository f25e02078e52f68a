package jobs

import "context"

// Message is one mail to one person.
type Message struct {
	To      string // one address, without a name
	Subject string
	Text    string // plain text
}

// Transport carries messages to people; package post has the real ones. Its errors
// are Permanent where another try is no use, and name no person.
type Transport interface {
	Mail(ctx context.Context, m Message) error
	// SMS sends a text to a phone number in E.164, such as +4930123456.
	SMS(ctx context.Context, to, text string) error
}
