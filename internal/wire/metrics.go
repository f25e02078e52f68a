package wire

import (
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

// Meter counts answered calls. Of is asked once for each call of each API when a
// Server is made ("none" is an address that no call has); what it returns runs
// after every answer, on many goroutines at once.
type Meter interface {
	Of(api roster.API, operation string) func(status int, took time.Duration)
}

// noMeter counts nothing.
type noMeter struct{}

func (noMeter) Of(roster.API, string) func(int, time.Duration) { return func(int, time.Duration) {} }
