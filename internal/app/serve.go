package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/rosterhq/roster/internal/admin"
	"github.com/rosterhq/roster/internal/demo"
)

type serveCmd struct {
	place
	secretFlags
	mailFlags
	providerFlags
	Listen         string         `default:"127.0.0.1:8080" setting:"" help:"Address of the APIs."`
	AdminListen    string         `placeholder:"ADDRESS" setting:"" help:"Loopback address of /metrics, /debug/pprof and the reasons of /readyz; none unless told."`
	TLSCert        string         `name:"tls-cert" placeholder:"FILE" setting:"" help:"Certificate chain in PEM; serves HTTPS."`
	TLSKey         string         `name:"tls-key" placeholder:"FILE" setting:"" help:"Key of the certificate in PEM."`
	Demo           bool           `setting:"" help:"Make the demo's tenants and data, on a database without tenants of its own."`
	DemoPublic     bool           `setting:"" help:"Let the demo listen on an address that others reach."`
	DefaultTenant  string         `placeholder:"NAME" setting:"" help:"Tenant of sign-ins that name none."`
	TokenRate      float64        `default:"0" placeholder:"N" setting:"" help:"Requests a second for each token: 10000, or 100000 in the demo; =-1 for no limit."`
	AddressRate    float64        `default:"0" placeholder:"N" setting:"" help:"Requests a second without a token for each address: 20, or 2000 in the demo; =-1 for no limit."`
	TrustedProxies []netip.Prefix `placeholder:"NETWORK" setting:"" help:"Networks whose X-Forwarded-For is believed, such as 10.0.0.0/8."`
	LogLevel       slog.Level     `default:"INFO" setting:"" help:"DEBUG, INFO, WARN or ERROR."`
	LogJSON        bool           `name:"log-json" setting:"" help:"Write the log as JSON."`
}

func (s *serveCmd) Run(c *console) (err error) {
	if err := s.check(c); err != nil {
		return err
	}
	log := c.log(s.LogLevel, s.LogJSON)
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	// Whoever waits for the port should not find it taken only after a long start.
	listener, err := (&net.ListenConfig{}).Listen(c.ctx, "tcp", s.Listen)
	if err != nil {
		return err
	}
	n, err := s.open(c, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, n.db.Close()) }()
	return s.run(c, n, listener, log)
}

// check refuses settings that make no sense together.
func (s *serveCmd) check(c *console) error {
	if err := s.resolve(); err != nil {
		return err
	}
	if (s.TLSCert == "") != (s.TLSKey == "") {
		return usagef("--tls-cert and --tls-key belong together")
	}
	if s.Demo && !s.DemoPublic && !loopback(s.Listen) {
		return usagef("the demo's tokens are for whoever reads demo.json: it listens on a loopback address, unless --demo-public is given")
	}
	if s.AdminListen != "" && !loopback(s.AdminListen) {
		return usagef("--admin-listen takes a loopback address, such as 127.0.0.1:9090")
	}
	if err := s.providerFlags.check(); err != nil {
		return err
	}
	_, err := s.transport(c, nil)
	return err
}

// loopback reports whether only this machine reaches an address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// hold takes the lock of the data folder. On PostgreSQL many nodes may serve at
// once, and the folder holds nothing that they would share.
func (s *serveCmd) hold() (func(), error) {
	if s.postgres() {
		if s.Demo {
			return func() {}, s.folder()
		}
		return func() {}, nil
	}
	if err := s.folder(); err != nil {
		return nil, err
	}
	return lock(s.Data)
}

// run serves until the context ends.
func (s *serveCmd) run(c *console, n *node, listener net.Listener, log *slog.Logger) error {
	var facts *demo.Facts
	if s.Demo {
		var err error
		if facts, err = n.demo(c.ctx); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	p := n.program(s, facts, log)
	site := newSite(log)
	site.add(listener, p.handler, s.TLSCert, s.TLSKey)
	if err := s.administration(n, site); err != nil {
		return errors.Join(err, listener.Close())
	}
	if s.AdminListen != "" {
		side, err := (&net.ListenConfig{}).Listen(c.ctx, "tcp", s.AdminListen)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		site.add(side, p.side(), "", "")
	}
	defer n.finish()
	return site.serve(c.ctx, func(ctx context.Context) error {
		if err := n.db.LoadAll(ctx); err != nil {
			return err
		}
		n.start(ctx)
		p.health.loaded()
		return s.announce(c, p, s.address(listener))
	})
}

// announce says where the server is, and what to try in the demo, whose file is
// there by then.
func (s *serveCmd) announce(c *console, p *program, address string) error {
	first := fmt.Sprintf("Roster %s serves %s\n", Version(), address)
	if p.demo == nil {
		_, err := io.WriteString(c.out, first)
		return err
	}
	file, err := filepath.Abs(filepath.Join(s.Data, demoFile))
	if err != nil {
		return err
	}
	if err := p.saveDemo(address, file); err != nil {
		return err
	}
	_, err = io.WriteString(c.out, first+p.tellDemo(file))
	return err
}

// administration opens the socket by which commands reach this server. On
// PostgreSQL they open the database themselves.
func (s *serveCmd) administration(n *node, site *site) error {
	if s.postgres() {
		return nil
	}
	socket, err := admin.Listen(s.Data)
	if err != nil {
		return err
	}
	site.addServer(socket, n.admin(s.Data).NewHTTP())
	return nil
}

// address is the URL at which this machine reaches the server.
func (s *serveCmd) address(l net.Listener) string {
	scheme := "http"
	if s.TLSCert != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	if ip, perr := netip.ParseAddr(host); err == nil && perr == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// newHTTP makes a server that a slow or hostile client can't hold up.
func newHTTP(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
