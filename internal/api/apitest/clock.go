package apitest

import (
	"sync/atomic"
	"time"
)

// Clock stands still until a test moves it. Writes are a microsecond apart.
type Clock struct{ micros atomic.Int64 }

// Now is its time, UTC.
func (c *Clock) Now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

// Forward moves it on.
func (c *Clock) Forward(d time.Duration) { c.micros.Add(d.Microseconds()) }

// Set sets it by RFC 3339.
func (c *Clock) Set(text string) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	c.micros.Store(t.UnixMicro())
}

// Text spells its time, moved by d, as APIs take it.
func (c *Clock) Text(d time.Duration) string { return c.Now().Add(d).Format(time.RFC3339Nano) }

// Micros is its time in µs UTC.
func (c *Clock) Micros() int64 { return c.micros.Load() }
