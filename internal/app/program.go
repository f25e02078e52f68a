package app

import (
	"log/slog"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/rosterhq/roster/internal/api/metaapi"
	"github.com/rosterhq/roster/internal/demo"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/prom"
)

// program is what a node serves.
type program struct {
	apis    []mounted
	demo    *demo.Facts // nil where there is no demo
	handler http.Handler
	health  *health
	metrics *prometheus.Registry
}

// Rates of the demo on a loopback address, where one client is everybody.
const (
	demoPerToken   = 100_000
	demoPerAddress = 2000
)

func (n *node) program(s *serveCmd, facts *demo.Facts, log *slog.Logger) *program {
	p := &program{apis: n.apis(), demo: facts, health: &health{db: n.db}, metrics: n.metrics}
	served := make([]*wire.API, len(p.apis))
	for i := range p.apis {
		served[i] = p.apis[i].api
	}
	p.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	p.handler = wire.NewServer(wire.Options{
		Auth:          n.identity,
		Revision:      n.db.Published,
		Impersonate:   n.identity.Impersonate,
		KnownTenant:   n.knownTenant,
		DefaultTenant: s.defaultTenant(),
		Limits:        s.limits(),
		Keys:          wire.NewKeys(n.db),
		Logger:        log,
		Meter:         prom.New(p.metrics),
		Clock:         n.db.Clock(),
		Extra:         p.extra(s.defaultTenant()),
	}, served...)
	return p
}

func (s *serveCmd) defaultTenant() string {
	if s.DefaultTenant == "" && s.Demo {
		return demo.Tenant
	}
	return s.DefaultTenant
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
func (p *program) extra(tenant string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", p.health.alive)
	mux.HandleFunc("GET /readyz", p.health.ready)
	page := metaapi.Page{Version: Version(), Tenant: tenant, Ready: func(r *http.Request) bool { return p.health.wrong(r.Context()) == "" }}
	for i := range p.apis {
		page.APIs = append(page.APIs, p.apis[i].API)
	}
	if p.demo != nil {
		page.DemoIDs = p.demo.IDs
	}
	page.Register(mux)
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
