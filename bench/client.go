//go:build unix

package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// conn is one keep-alive connection. It writes prepared requests and reads answers
// by their Content-Length, and does as little else as it can: what the client
// costs, the server under test does not get.
type conn struct {
	net.Conn
	buffer []byte
	held   int // bytes in buffer
}

const answerLimit = time.Minute

func dial(address string) (*conn, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, buffer: make([]byte, 64<<10)}, nil
}

// answer is a response as it came. Both parts are good until the next request.
type answer struct {
	status       int
	header, body []byte
}

var (
	headerEnd     = []byte("\r\n\r\n")
	contentLength = []byte("\r\nContent-Length: ")
)

// do sends a request and waits for its answer.
func (c *conn) do(request []byte) (answer, error) {
	if _, err := c.Write(request); err != nil {
		return answer{}, err
	}
	c.held = 0
	end := -1
	for end < 0 {
		if err := c.fill(); err != nil {
			return answer{}, err
		}
		end = bytes.Index(c.buffer[:c.held], headerEnd)
	}
	a := answer{header: c.buffer[:end+2]}
	var err error
	if a.status, err = strconv.Atoi(string(c.buffer[9:12])); err != nil {
		return a, err
	}
	length := 0
	if i := bytes.Index(a.header, contentLength); i >= 0 {
		digits, _, _ := bytes.Cut(a.header[i+len(contentLength):], []byte("\r"))
		if length, err = strconv.Atoi(string(digits)); err != nil {
			return a, err
		}
	} else if a.status != 204 {
		return a, errors.New("an answer without Content-Length")
	}
	start := end + len(headerEnd)
	for c.held < start+length {
		if err := c.fill(); err != nil {
			return a, err
		}
	}
	a.header, a.body = c.buffer[:end+2], c.buffer[start:start+length]
	return a, nil
}

func (c *conn) fill() error {
	if c.held == len(c.buffer) {
		c.buffer = append(c.buffer, make([]byte, len(c.buffer))...)
	}
	n, err := c.Read(c.buffer[c.held:])
	c.held += n
	return err
}

// target is a server under load.
type target struct {
	address string
	conns   []*conn
}

func newTarget(address string, connections int) (*target, error) {
	t := &target{address: address}
	for range connections {
		c, err := dial(address)
		if err != nil {
			return nil, err
		}
		t.conns = append(t.conns, c)
	}
	return t, nil
}

func (t *target) close() {
	for _, c := range t.conns {
		_ = c.Close()
	}
}

// work names the requests of one connection, one after the other.
type work func(connection int) func() []byte

// cycle goes through the same requests again and again, each connection from
// another place.
func cycle(requests [][]byte) work {
	return func(connection int) func() []byte {
		i := connection * len(requests) / 16
		return func() []byte {
			i++
			return requests[i%len(requests)]
		}
	}
}

// run keeps every connection busy for a time, each with one request after the
// other, and returns how many were answered a second. Any answer but 2xx is an error.
func (t *target) run(w work, period time.Duration) (perSecond float64, err error) {
	var wait sync.WaitGroup
	counts, errs := make([]int, len(t.conns)), make([]error, len(t.conns))
	start := time.Now()
	end := start.Add(period)
	for i, c := range t.conns {
		if err := c.SetDeadline(end.Add(answerLimit)); err != nil {
			return 0, err
		}
		wait.Go(func() { counts[i], errs[i] = c.loop(w(i), end) })
	}
	wait.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return float64(total) / time.Since(start).Seconds(), errors.Join(errs...)
}

func (c *conn) loop(next func() []byte, end time.Time) (n int, err error) {
	for time.Now().Before(end) {
		request := next()
		a, err := c.do(request)
		if err != nil {
			return n, err
		}
		if a.status/100 != 2 {
			line, _, _ := bytes.Cut(request, []byte("\r"))
			return n, fmt.Errorf("%s: %d %s", line, a.status, a.body)
		}
		n++
	}
	return n, nil
}

// timeAll keeps every connection busy for a time, and returns how long each answer
// took. Any answer but 2xx is an error.
func (t *target) timeAll(requests [][]byte, period time.Duration) (all []time.Duration, err error) {
	times := make([][]time.Duration, len(t.conns))
	timed := func(connection int) func() []byte {
		next, began := cycle(requests)(connection), time.Time{}
		return func() []byte {
			now := time.Now()
			if !began.IsZero() {
				times[connection] = append(times[connection], now.Sub(began))
			}
			began = now
			return next()
		}
	}
	_, err = t.run(timed, period)
	return slices.Concat(times...), err
}

// caller spells requests for one API with one token.
type caller struct {
	token string
	base  string // of the API; "" for the directory's
}

const directoryBase = "/directory/api/v1"

func (c caller) request(method, path, body string) []byte {
	headers := ""
	if c.token != "" {
		headers = "Authorization: Bearer " + c.token + "\r\n"
	}
	if body != "" {
		headers += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	} else if method == "POST" {
		headers += "Content-Length: 0\r\n"
	}
	return fmt.Appendf(nil, "%s %s%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n%s", method, cmp.Or(c.base, directoryBase), path, headers, body)
}

func (c caller) get(path string) []byte { return c.request("GET", path, "") }
