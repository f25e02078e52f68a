// Package prom counts the calls of a wire.Server for Prometheus:
// roster_http_requests_total by api, operation and status, and
// roster_http_request_seconds by api and operation.
package prom

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rosterhq/roster/internal/roster"
)

// Meter implements wire.Meter.
type Meter struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// New makes a Meter and registers its series; it panics if they are there already.
func New(reg prometheus.Registerer) *Meter {
	m := &Meter{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_http_requests_total", Help: "Requests answered, by API, operation and status.",
		}, []string{"api", "operation", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roster_http_request_seconds", Help: "Seconds from a request's headers to its answer's last byte.",
			Buckets: []float64{.00005, .0002, .001, .005, .02, .1, .5, 2, 10},
		}, []string{"api", "operation"}),
	}
	reg.MustRegister(m.requests, m.seconds)
	return m
}

// series are the metrics of one call, looked up once.
type series struct {
	seconds prometheus.Observer
	byCode  [600]atomic.Pointer[prometheus.Counter]
}

// Of implements wire.Meter.
func (m *Meter) Of(api roster.API, operation string) func(int, time.Duration) {
	s := &series{seconds: m.seconds.WithLabelValues(string(api), operation)}
	return func(status int, took time.Duration) {
		s.seconds.Observe(took.Seconds())
		if status < 100 || status >= len(s.byCode) {
			status = 500
		}
		counter := s.byCode[status].Load()
		if counter == nil {
			c := m.requests.WithLabelValues(string(api), operation, strconv.Itoa(status))
			counter = &c
			s.byCode[status].Store(counter)
		}
		(*counter).Inc()
	}
}
