// Package outbound is the one client for HTTP that leaves the server: to providers of
// identity checks, credit ratings and payments. It speaks https alone, follows no
// redirect, knows no proxy, and connects to public addresses only, whatever a name
// resolves to; answers are read up to a limit, beyond which they are refused.
//
// A Provider adds what a provider that fails needs: deadlines, a few retries with
// growing pauses of what may be repeated, and a circuit breaker, so that one that is
// down is not asked by every job.
package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Options are what a Client may be told.
type Options struct {
	// AllowEgress are networks that are reached though they are not public.
	AllowEgress []netip.Prefix
	// Roots are the authorities that certificates are checked against; nil for the
	// system's. For tests.
	Roots *x509.CertPool
	// Log is told when a provider goes down and comes back; nil for nobody.
	Log *slog.Logger
	// Meter is told of each request; nil for nobody.
	Meter Meter
}

// Client connects to what is outside. One serves the whole program.
type Client struct {
	transport http.RoundTripper
	log       *slog.Logger
	meter     Meter
}

const (
	dialTimeout   = 5 * time.Second
	answerTimeout = 30 * time.Second
)

// New makes a Client.
func New(o Options) *Client {
	dialer := &net.Dialer{Timeout: dialTimeout, Control: guard(o.AllowEgress)}
	transport := &http.Transport{
		DialContext:         dialer.DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots},
		TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: answerTimeout, IdleConnTimeout: time.Minute,
		MaxIdleConnsPerHost: 4, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
	}
	if o.Meter == nil {
		o.Meter = func(string, string, time.Duration) {}
	}
	return &Client{httpsOnly{transport}, o.Log, o.Meter}
}

// HTTP is the guarded client to a provider, for libraries that bring their own requests.
// They are bound by all that the package says, but for retries and the breaker.
func (c *Client) HTTP(provider string) *http.Client {
	return &http.Client{
		Transport: metered{c.transport, provider, c.meter}, Timeout: answerTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// errPlain says that a request is not encrypted.
var errPlain = errors.New("only https leaves the server")

// httpsOnly refuses what is not encrypted, and caps answers.
type httpsOnly struct{ next http.RoundTripper }

func (h httpsOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return nil, errPlain
	}
	answer, err := h.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = &capped{answer.Body, limitOf(r.Context())}
	return answer, nil
}

// guard is a dialer's Control: it sees the address that is connected to, after names
// were resolved.
func guard(allowed []netip.Prefix) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if public(at.Addr()) || covered(allowed, at.Addr()) {
			return nil
		}
		return notPublic(at.Addr())
	}
}

// notPublic is an address that is not connected to.
type notPublic netip.Addr

func (a notPublic) Error() string {
	return netip.Addr(a).String() + " is no public address; --allow-egress lets it be reached"
}

// limitKey is the context's key of an answer's limit, in bytes.
type limitKey struct{}

// Limit is how many bytes of an answer are read where nobody says otherwise.
const Limit = 1 << 20

func limitOf(ctx context.Context) int64 {
	if n, ok := ctx.Value(limitKey{}).(int64); ok && n > 0 {
		return n
	}
	return Limit
}
