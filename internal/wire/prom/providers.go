package prom

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Providers counts requests that leave the server: roster_provider_requests_total by
// provider and status ("none" without an answer, "spared" where the provider is down and
// was not asked), and roster_provider_request_seconds by provider. It is an
// outbound.Meter; it panics if its series are there already.
func Providers(reg prometheus.Registerer) func(provider, status string, took time.Duration) {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "roster_provider_requests_total", Help: "Requests to providers, by provider and status.",
	}, []string{"provider", "status"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "roster_provider_request_seconds", Help: "Seconds from a request to the head of its answer.",
		Buckets: []float64{.01, .05, .2, .5, 1, 2, 5, 10, 30},
	}, []string{"provider"})
	reg.MustRegister(requests, seconds)
	return func(provider, status string, took time.Duration) {
		requests.WithLabelValues(provider, status).Inc()
		seconds.WithLabelValues(provider).Observe(took.Seconds())
	}
}
