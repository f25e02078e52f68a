package outbound

import (
	"net/http"
	"strconv"
	"time"
)

// Meter is told of each request to a provider: the status of the answer, or NoAnswer,
// or Spared, and how long it took until there was one.
type Meter func(provider, status string, took time.Duration)

// What stands for the status of requests that have none.
const (
	NoAnswer = "none"   // refused, broken off, or too late
	Spared   = "spared" // never sent: the provider is down
)

// metered tells a meter of requests.
type metered struct {
	next     http.RoundTripper
	provider string
	meter    Meter
}

func (m metered) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	answer, err := m.next.RoundTrip(r)
	status := NoAnswer
	if err == nil {
		status = strconv.Itoa(answer.StatusCode)
	}
	m.meter(m.provider, status, time.Since(began))
	return answer, err
}
