package app

import (
	"log/slog"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/prom"
)

// program is what a node serves.
type program struct {
	handler http.Handler
	health  *health
	metrics *prometheus.Registry
}

// Rates of the demo on a loopback address, where one client is everybody.
const (
	demoPerToken   = 100_000
	demoPerAddress = 2000
)

func (n *node) program(s *serveCmd, log *slog.Logger) *program {
	p := &program{health: &health{db: n.db}, metrics: prometheus.NewRegistry()}
	p.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	p.handler = wire.NewServer(wire.Options{
		Auth:          n.identity,
		Revision:      n.db.Published,
		KnownTenant:   n.knownTenant,
		DefaultTenant: s.DefaultTenant,
		Limits:        s.limits(),
		Keys:          wire.NewKeys(n.db),
		Logger:        log,
		Meter:         prom.New(p.metrics),
		Clock:         n.db.Clock(),
		Extra:         p.extra(),
	}, n.apis()...)
	return p
}

func (s *serveCmd) limits() wire.Limits {
	l := wire.Limits{PerToken: s.TokenRate, PerAddress: s.AddressRate, TrustedProxies: s.TrustedProxies}
	if s.Demo && loopback(s.Listen) {
		if l.PerToken == 0 {
			l.PerToken = demoPerToken
		}
		if l.PerAddress == 0 {
			l.PerAddress = demoPerAddress
		}
	}
	return l
}

// knownTenant looks a tenant's name up; the database remembers those that exist.
func (n *node) knownTenant(name string) bool {
	_, err := n.db.Tenant(n.ctx, name)
	return !roster.IsKind(err, roster.NotFound)
}

// extra answers what lies under no API.
func (p *program) extra() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", p.health.alive)
	mux.HandleFunc("GET /readyz", p.health.ready)
	return mux
}

// side answers on the address of the administration.
func (p *program) side() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(p.metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", p.health.alive)
	mux.HandleFunc("GET /readyz", p.health.reasons)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
