package outbound

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"1.1.1.1": true, "93.184.216.34": true, "2606:4700::1111": true,
		"127.0.0.1": false, "127.255.0.1": false, "0.0.0.0": false, "0.1.2.3": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "100.127.255.255": false, "192.0.0.8": false, "192.0.2.1": false,
		"198.18.0.1": false, "198.51.100.7": false, "203.0.113.7": false, "224.0.0.1": false, "239.1.1.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:1.1.1.1": false, "::7f00:1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false,
		"fd12::1": false, "ff02::1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::1": false, "2002:7f00:1::": false, "2001::1": false, "2001:db8::1": false,
		"fec0::1": false, "100::1": false, "3fff::1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %v", address, got)
		}
	}
}

// fake is a server of TLS, and the client that trusts and reaches it.
func fake(t *testing.T, serve http.HandlerFunc) (*httptest.Server, *Client) {
	t.Helper()
	s := httptest.NewTLSServer(serve)
	t.Cleanup(s.Close)
	return s, New(Options{Roots: roots(s), AllowEgress: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
}

func roots(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// provider is a Provider that doesn't wait, and tells how long it would have.
func provider(c *Client) (*Provider, *[]time.Duration) {
	var waits []time.Duration
	p := c.Provider("PROVIDER")
	p.pause = func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }
	return p, &waits
}

func unavailable(t *testing.T, err error, want string) {
	t.Helper()
	if !roster.IsKind(err, roster.Unavailable) || !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %v, want one about %q", err, want)
	}
}

func TestWhatIsRefused(t *testing.T) {
	s, open := fake(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/long":
			_, _ = w.Write(make([]byte, Limit+1))
		case "/full":
			_, _ = w.Write(make([]byte, Limit))
		}
	})
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	get := func(c *Client, url string, limit int64) (Response, error) {
		p, _ := provider(c)
		return p.Do(t.Context(), Request{Method: http.MethodGet, URL: url, Limit: limit})
	}
	_, err := get(New(Options{Roots: roots(s)}), s.URL, 0)
	unavailable(t, err, "127.0.0.1 is no public address")
	// A name that resolves to what is not public is as good as the address.
	_, err = get(New(Options{Roots: roots(s)}), strings.Replace(s.URL, "127.0.0.1", "localhost", 1), 0)
	unavailable(t, err, "is no public address")
	_, err = get(open, plain.URL, 0)
	unavailable(t, err, "only https")
	_, err = get(New(Options{AllowEgress: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}), s.URL, 0)
	unavailable(t, err, "certificate")
	if a, err := get(open, s.URL+"/elsewhere", 0); err != nil || a.Status != http.StatusFound {
		t.Errorf("a redirect is %d, %v", a.Status, err)
	}
	if a, err := get(open, s.URL+"/full", 0); err != nil || len(a.Body) != Limit {
		t.Errorf("%d bytes, %v", len(a.Body), err)
	}
	_, err = get(open, s.URL+"/long", 0)
	unavailable(t, err, ErrTooLarge.Error())
	if a, err := get(open, s.URL+"/long", Limit+1); err != nil || len(a.Body) != Limit+1 {
		t.Errorf("%d bytes, %v", len(a.Body), err)
	}
	answer, err := open.HTTP("PROVIDER").Get(s.URL + "/long")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	buffer := make([]byte, Limit+2)
	for err == nil {
		_, err = answer.Body.Read(buffer)
	}
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("a library reads on: %v", err)
	}
}

func TestNoProxy(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	s, c := fake(t, func(http.ResponseWriter, *http.Request) {})
	p, _ := provider(c)
	if _, err := p.Do(t.Context(), Request{Method: http.MethodGet, URL: s.URL}); err != nil {
		t.Error(err)
	}
}

func TestAskedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		statuses   []int
		idempotent bool
		after      string
		asked      int
		status     int // 0: given up
	}{
		"fails once":           {[]int{500, 200}, true, "", 2, 200},
		"too many, then well":  {[]int{429, 503, 201}, true, "1", 3, 201},
		"fails always":         {[]int{502, 502, 502, 502}, true, "", 3, 0},
		"may not be repeated":  {[]int{500, 200}, false, "", 1, 0},
		"asks for an hour":     {[]int{429, 200}, true, "3600", 1, 0},
		"says that it is ours": {[]int{422, 200}, true, "", 1, 422},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			s, client := fake(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", c.after)
				w.WriteHeader(c.statuses[asked.Add(1)-1])
			})
			p, waits := provider(client)
			a, err := p.Do(t.Context(), Request{Method: http.MethodPost, URL: s.URL, Idempotent: c.idempotent, Body: []byte("{}")})
			if int(asked.Load()) != c.asked || a.Status != c.status || (err == nil) != (c.status != 0) {
				t.Errorf("asked %d times: %d, %v", asked.Load(), a.Status, err)
			}
			if err != nil {
				unavailable(t, err, "PROVIDER does not answer: it answers")
			}
			if c.after == "1" && ((*waits)[0] < time.Second || (*waits)[1] < time.Second) {
				t.Errorf("it waits %v", *waits)
			}
		})
	}
}

func TestAskedPause(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "3": 3 * time.Second, "-3": 0, "99999999999": time.Hour, "soon": 0,
		"Mon, 02 Mar 2026 10:00:04 GMT": 4 * time.Second, "Monday, 02-Mar-26 10:01:00 GMT": time.Minute, "Mon, 02 Mar 2026 09:59:00 GMT": 0,
	} {
		if got := askedPause(text, now); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

// Each request is told of by the status of its answer, and so is one without.
func TestMeter(t *testing.T) {
	statuses := []int{200, 503, 404}
	s, _ := fake(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hang-up" {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(statuses[0])
		statuses = statuses[1:]
	})
	var told []string
	c := New(Options{
		Roots: roots(s), AllowEgress: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Meter: func(provider, status string, took time.Duration) {
			if told = append(told, provider+" "+status); took < 0 || took == 0 && status != Spared {
				t.Errorf("%s took %v", status, took)
			}
		},
	})
	p, _ := provider(c)
	for range 2 {
		_, _ = p.Do(t.Context(), Request{Method: http.MethodGet, URL: s.URL, Idempotent: true})
	}
	for range failuresToOpen + 1 {
		_, _ = p.Do(t.Context(), Request{Method: http.MethodPost, URL: s.URL + "/hang-up"})
	}
	want := []string{"PROVIDER 200", "PROVIDER 503", "PROVIDER 404"}
	for range failuresToOpen {
		want = append(want, "PROVIDER none")
	}
	if want = append(want, "PROVIDER spared"); !slices.Equal(told, want) {
		t.Errorf("it tells %v, want %v", told, want)
	}
}

func TestSlow(t *testing.T) {
	release := make(chan struct{})
	s, c := fake(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	p, _ := provider(c)
	_, err := p.Do(t.Context(), Request{Method: http.MethodGet, URL: s.URL, Timeout: 20 * time.Millisecond})
	unavailable(t, err, "deadline")
}

// A provider that is down is left alone, then tried once, and asked again once it is up.
func TestBreaker(t *testing.T) {
	var asked atomic.Int64
	var up atomic.Bool
	s, c := fake(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if !up.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	p, _ := provider(c)
	p.breaker = c.breaker("PROVIDER", time.Hour)
	get := func() error {
		_, err := p.Do(t.Context(), Request{Method: http.MethodGet, URL: s.URL})
		return err
	}
	for range failuresToOpen + 3 {
		if get() == nil {
			t.Fatal("it answers")
		}
	}
	if asked.Load() != failuresToOpen {
		t.Errorf("asked %d times", asked.Load())
	}
	unavailable(t, get(), "circuit breaker is open")

	p.breaker = c.breaker("PROVIDER", time.Nanosecond)
	for range failuresToOpen {
		_ = get()
	}
	up.Store(true)
	for range 3 {
		if err := get(); err != nil {
			t.Errorf("half open: %v", err)
		}
	}
}
