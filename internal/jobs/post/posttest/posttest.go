// Package posttest has a transport that delivers to memory, for tests.
package posttest

import (
	"context"
	"slices"
	"sync"

	"github.com/rosterhq/roster/internal/jobs"
)

// Text is an SMS.
type Text struct{ To, Text string }

// Box keeps what is sent. Its zero value takes everything.
type Box struct {
	// Refuse, if any, says why a message to someone is not delivered.
	Refuse func(to string) error

	mu    sync.Mutex
	mails []jobs.Message
	texts []Text
}

// Mail implements jobs.Transport.
func (b *Box) Mail(_ context.Context, m jobs.Message) error {
	return b.take(m.To, func() { b.mails = append(b.mails, m) })
}

// SMS implements jobs.Transport.
func (b *Box) SMS(_ context.Context, to, text string, _ ...string) error {
	return b.take(to, func() { b.texts = append(b.texts, Text{to, text}) })
}

// Forget implements jobs.Transport: tests look at what was sent.
func (b *Box) Forget(context.Context, ...string) error { return nil }

func (b *Box) take(to string, keep func()) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Refuse != nil {
		if err := b.Refuse(to); err != nil {
			return err
		}
	}
	keep()
	return nil
}

// Mails returns the mails sent so far, in their order.
func (b *Box) Mails() []jobs.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.mails)
}

// Texts returns the SMS sent so far, in their order.
func (b *Box) Texts() []Text {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.texts)
}

// Last returns the last mail to someone; the test is at fault where there is none.
func (b *Box) Last(to string) jobs.Message {
	mails := b.Mails()
	for _, m := range slices.Backward(mails) {
		if m.To == to {
			return m
		}
	}
	panic("posttest: no mail to " + to)
}
