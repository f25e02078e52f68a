package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/rosterhq/roster/internal/roster"
)

// Provider is somebody who is asked, with a circuit breaker of its own.
type Provider struct {
	name    string
	client  *http.Client
	meter   Meter
	breaker *gobreaker.CircuitBreaker[Response]
	pause   func(ctx context.Context, d time.Duration) error
}

// Request is what a provider is asked.
type Request struct {
	Method, URL string
	Header      map[string]string
	Body        []byte
	Timeout     time.Duration // of each attempt; 0 for 10 seconds
	Idempotent  bool          // whether it may be asked again when nobody knows what became of it
	Limit       int64         // of the answer in bytes; 0 for Limit

	// FaultsAnswer says that 500 is an answer like others, as it is in SOAP, where a body
	// says whose fault it is.
	FaultsAnswer bool
}

// Response is a provider's answer, whatever its status.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// A provider that failed so many times in a row is left alone for a while.
const (
	failuresToOpen = 5
	openFor        = time.Minute
)

// Provider is asked through the client. Its name stands in errors.
func (c *Client) Provider(name string) *Provider {
	return &Provider{name: name, client: c.HTTP(name), meter: c.meter, pause: pause, breaker: c.breaker(name, openFor)}
}

func (c *Client) breaker(name string, openFor time.Duration) *gobreaker.CircuitBreaker[Response] {
	return gobreaker.NewCircuitBreaker[Response](gobreaker.Settings{
		Name: name, Timeout: openFor,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= failuresToOpen },
		// A caller that gives up, or reads no further, says nothing about the provider.
		IsSuccessful: func(err error) bool {
			return err == nil || errors.Is(err, context.Canceled) || errors.Is(err, ErrTooLarge)
		},
		OnStateChange: func(name string, _, to gobreaker.State) {
			if c.log != nil {
				c.log.Warn("a provider's circuit breaker changes", "provider", name, "breaker", to.String())
			}
		},
	})
}

// errFailed is an answer that says that the provider could not, for now.
type errFailed struct {
	status int
	after  time.Duration // what Retry-After asks for
}

func (e *errFailed) Error() string { return "it answers " + strconv.Itoa(e.status) }

// Attempts and the pause before the second one; each further pause is twice as long.
const (
	attempts   = 3
	firstPause = 200 * time.Millisecond
	longPause  = 5 * time.Second // no job waits longer here: it is done again later
)

// Do asks, and returns the answer of any status below 500 but 429, and of 500 where the
// request says that it is one. Unavailable where there is none: jobs that fail so are
// done again later. It wraps ErrTooLarge where that is why.
func (p *Provider) Do(ctx context.Context, r Request) (Response, error) {
	wait := firstPause
	for n := 1; ; n++ {
		answer, err := p.breaker.Execute(func() (Response, error) { return p.once(ctx, &r) })
		if err == nil {
			return answer, nil
		}
		if isSpared(err) {
			p.meter(p.name, Spared, 0)
		}
		after := retryAfter(err)
		if !r.Idempotent || n == attempts || after > longPause || isFinal(err) || ctx.Err() != nil {
			return Response{}, p.gaveUp(err)
		}
		if err := p.pause(ctx, max(after, wait/2+rand.N(wait/2))); err != nil { //nolint:gosec // pauses are no secret
			return Response{}, p.gaveUp(err)
		}
		wait *= 2
	}
}

// gaveUp says so without the address that was asked, in which there may be secrets.
func (p *Provider) gaveUp(err error) error {
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		err = failed.Err
	}
	if errors.Is(err, ErrTooLarge) {
		return &roster.Error{Kind: roster.Unavailable, Msg: p.name + " answers more than is read", Err: ErrTooLarge}
	}
	return roster.Errorf(roster.Unavailable, "", "%s does not answer: %v", p.name, err)
}

// isFinal reports whether asking again would end as it did.
func isFinal(err error) bool {
	return isSpared(err) || errors.Is(err, ErrTooLarge) || errors.Is(err, errPlain) || errors.As(err, new(notPublic))
}

// isSpared reports whether the breaker kept a request back.
func isSpared(err error) bool {
	return errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests)
}

// retryAfter is how long a provider asks to be left alone.
func retryAfter(err error) time.Duration {
	if failed := (*errFailed)(nil); errors.As(err, &failed) {
		return failed.after
	}
	return 0
}

func (p *Provider) once(ctx context.Context, r *Request) (Response, error) {
	timeout := r.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, limitKey{}, r.Limit), timeout)
	defer cancel()
	rq, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return Response{}, fmt.Errorf("a request of %s: %w", p.name, err)
	}
	for name, value := range r.Header {
		rq.Header.Set(name, value)
	}
	answer, err := p.client.Do(rq)
	if err != nil {
		return Response{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return Response{}, err
	}
	fault := r.FaultsAnswer && answer.StatusCode == http.StatusInternalServerError
	if answer.StatusCode >= http.StatusInternalServerError && !fault || answer.StatusCode == http.StatusTooManyRequests {
		return Response{}, &errFailed{answer.StatusCode, askedPause(answer.Header.Get("Retry-After"), time.Now())}
	}
	return Response{answer.StatusCode, answer.Header, body}, nil
}

// askedPause reads a Retry-After, in seconds or a date, as a pause of at most an hour or
// until that date; 0 for none.
func askedPause(text string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), 3600)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
